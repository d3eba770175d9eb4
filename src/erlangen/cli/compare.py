"""`erlangen compare`: several networks side by side on the same test examples, at every element."""

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from erlangen.cli.options import (
    Domain,
    Html,
    Json,
    Output,
    Symmetry,
    check_writable,
    print_table,
    progress_bar,
    write_json,
)
from erlangen.cli.runs import free, latest, networks
from erlangen.errors import ConfigError

WAYS = ("average:", "canonicalize:")

if TYPE_CHECKING:
    from torch import nn

    from erlangen.task import Task
    from erlangen.train.examples import Examples

    Named = dict[str, tuple[nn.Module, Task | None]]


def command(
    models: Annotated[
        list[str],
        typer.Argument(help="Saved networks, package.module:factory, folders of runs, or a TOML file or built-in run."),
    ],
    data: Annotated[
        str | None, typer.Option(help="A named data set, a folder or an .npz file; left out: the run's.")
    ] = None,
    domain: Domain = None,
    symmetry: Symmetry = None,
    output: Output = None,
    html: Html = None,
    json: Json = None,
) -> None:
    """Accuracy at every element, error of the symmetry, time and parameters of several networks, side by side.

    A run stands for its networks of the first seed, a TOML file or a built-in run for its last run, trained if need be.
    average:MODEL is its mean over the group, canonicalize:MODEL asks it in the pose that a small untrained network
    picks: symmetric both, with the model's own weights. Of a run they take the plain network.

    erlangen compare rotated-digits
    """
    check_writable(html, json)
    from erlangen.train.comparison import compare, question
    from erlangen.train.experiment import read_run

    named, source = _collect(models)
    if data is None and source is None:
        raise ConfigError("networks without data", "--data", "For example --data digits.")
    task = question([task for _, task in named.values()], domain, symmetry, output)
    examples = _examples(data, source, task)
    moved = None if source is None else read_run(source).report.moved
    with progress_bar() as tell:
        networks = {name: symmetrized(name, net, task) for name, (net, _) in named.items()}
        compared = compare(networks, task, examples, moved=moved, tell=tell)
    print_table(f"{examples.name}, {len(examples.test):,} test examples", compared.columns, compared.rows)
    if html is not None:
        typer.echo(f"Page: {compared.to_html(html)}")
    if json is not None:
        write_json(json, compared.to_dict())


def _collect(models: list[str]) -> "tuple[Named, Path | None]":
    """The networks by name, and the first folder of a run among what was given."""
    from erlangen.cli.given import load_model

    named: Named = {}
    source: Path | None = None
    for given in models:
        way, model = _way(given)
        folder = _run_folder(model)
        if folder is None:
            named[way + model.removesuffix(".safetensors").removesuffix("/network")] = load_model(model)
            continue
        source = source or folder
        for path in networks(folder):
            if not way or path.parent.name == "plain":
                named[f"{way}{folder}/{path.parent.name}"] = load_model(str(path))
    return _shortened(named), source


def _way(given: str) -> tuple[str, str]:
    """ "average:" and the rest, where that is how it begins."""
    way = next((way for way in WAYS if given.startswith(way)), "")
    return way, given.removeprefix(way)


def symmetrized(name: str, net: "nn.Module", task: "Task") -> "nn.Module":
    """The network as its name says: itself, or averaged or canonicalized over the task's group."""
    from erlangen import symmetrize

    way, _ = _way(name)
    if not way:
        return net
    if task.domain.packed:
        given, expected = f"{name} on {task.domain!r}", "networks themselves"
        raise ConfigError(given, expected, f"Orders are too many to average over; leave {way} out.")
    made = {"average:": symmetrize.average, "canonicalize:": symmetrize.canonicalize}[way]
    return made(net, task.domain, task.symmetry, output=task.output, input=task.input)


def _shortened(named: "Named") -> "Named":
    """Without the folders that all names begin with."""
    ways = {name: _way(name) for name in named}
    folders = [path.split("/")[:-1] for _, path in ways.values()]
    shared = next(n for n in count(0) if len({tuple(parts[: n + 1]) for parts in folders}) > 1 or n >= len(folders[0]))
    return {way + "/".join(path.split("/")[shared:]): named[name] for name, (way, path) in ways.items()}


def _run_folder(given: str) -> Path | None:
    """The folder of a finished run that this names; a TOML file or a built-in run is trained where none is finished."""
    from erlangen.cli.train import run_and_report
    from erlangen.train import builtin, read_config
    from erlangen.train.experiment import read_run
    from erlangen.train.folder import RESULTS

    path = Path(given)
    if path.is_dir():
        return path
    if path.suffix != ".toml" and given not in builtin():
        return None
    config = read_config(given)
    folder = latest(config.name)
    if not (folder / RESULTS).exists() or read_run(folder) != config:
        folder = free(config.name)
        run_and_report(config, folder)
    return folder


def _examples(data: str | None, source: Path | None, task: "Task") -> "Examples":
    from erlangen.cli.hexagons import data_on
    from erlangen.cli.train import load_data
    from erlangen.data import load
    from erlangen.train.experiment import read_run
    from erlangen.train.folds import fold_of

    if data is None and source is not None:
        config = read_run(source)
        return fold_of(config, load_data(config), config.train.seeds[0])
    own = load(str(data), dim=task.domain.axes, channels=task.source.channels)
    return data_on(task.domain, own, read_run(source).data if source is not None else None)
