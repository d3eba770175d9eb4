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

if TYPE_CHECKING:
    from torch import nn

    from erlangen.data import DataSet
    from erlangen.task import Task

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
        compared = compare({name: net for name, (net, _) in named.items()}, task, examples, moved=moved, tell=tell)
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
        folder = _run_folder(given)
        if folder is None:
            named[given.removesuffix(".safetensors").removesuffix("/network")] = load_model(given)
            continue
        source = source or folder
        for path in networks(folder):
            named[f"{folder}/{path.parent.name}"] = load_model(str(path))
    return _shortened(named), source


def _shortened(named: "Named") -> "Named":
    """Without the folders that all names begin with."""
    folders = [name.split("/")[:-1] for name in named]
    shared = next(n for n in count(0) if len({tuple(parts[: n + 1]) for parts in folders}) > 1 or n >= len(folders[0]))
    return {"/".join(name.split("/")[shared:]): model for name, model in named.items()}


def _run_folder(given: str) -> Path | None:
    """The folder of a finished run that this names; a TOML file or a built-in run is trained where none is finished."""
    from erlangen.cli.train import run_and_report
    from erlangen.train import builtin, read_config
    from erlangen.train.experiment import RESULTS, read_run

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


def _examples(data: str | None, source: Path | None, task: "Task") -> "DataSet":
    from erlangen.cli.hexagons import data_on
    from erlangen.cli.train import load_data
    from erlangen.data import load
    from erlangen.train.experiment import read_run

    if data is None and source is not None:
        return load_data(read_run(source))
    own = load(str(data), dim=task.domain.axes, channels=task.source.channels)
    return data_on(task.domain, own, read_run(source).data if source is not None else None)
