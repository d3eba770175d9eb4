"""`erlangen sweep`: settings of a run tried by their validation loss, and the best of them as a run's file."""

from pathlib import Path
from typing import Annotated

import typer

from erlangen.cli.options import print_table, progress_bar, say
from erlangen.cli.runs import free, latest


def command(
    job: Annotated[str, typer.Argument(help="A built-in run, e.g. rotated-digits, or a TOML file.")],
    over: Annotated[
        list[str],
        typer.Option(help="KEY=LOW..HIGH, KEY=log:LOW..HIGH or KEY=A,B,C; several times. Keys of network and train."),
    ],
    trials: Annotated[int, typer.Option(help="How many settings are tried.", min=1)] = 20,
    model: Annotated[str, typer.Option(help="Which network of the run.")] = "derived",
    out: Annotated[Path | None, typer.Option(help="The folder for all of it. Left out: a new one in runs/.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on; several commands may, at once.")] = False,
    seeds: Annotated[str | None, typer.Option(help="A trial is the mean over them. Left out: the run's first.")] = None,
    epochs: Annotated[int | None, typer.Option(help="At most so many passes over the training data.")] = None,
) -> None:
    """Try settings by their validation loss; no test example is looked at. Optuna draws them and gives up the hopeless.

    erlangen sweep rotated-digits --over train.learning_rate=log:0.001..0.1 --over network.width=16,32,64
    """
    from erlangen.cli.train import listed, load_data, read
    from erlangen.train import read_space, sweep
    from erlangen.train.swept import BEST

    space = read_space(over)
    config = read(job, {"seeds": listed(seeds), "epochs": epochs})
    if seeds is None:
        config = read(job, {"seeds": [config.train.seeds[0]], "epochs": epochs})
    name = f"{config.name}-sweep"
    folder = out or (latest(name) if resume else free(name))
    with progress_bar() as tell:
        found = sweep(config, load_data(config), space, folder, trials=trials, model=model, resume=resume, tell=tell)
    print_table(f"{found.name}, {model}", found.columns, found.rows)
    say(f"Page: {found.to_html(folder / 'sweep.html')}")
    say(f"To test the best, once: erlangen train {folder / BEST}")
