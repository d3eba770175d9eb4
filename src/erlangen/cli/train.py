"""`erlangen train`: the main job or one's own, from a name or a TOML file to a table and a report."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from erlangen.cli.options import progress_bar, say
from erlangen.cli.runs import free, latest
from erlangen.cli.together import check_place, start, to_be_started
from erlangen.errors import ConfigError

if TYPE_CHECKING:
    from erlangen.data import DataSet
    from erlangen.train import Config
    from erlangen.train.said import AnyResults


def command(
    job: Annotated[str | None, typer.Argument(help="A built-in run, e.g. rotated-digits, or a TOML file.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder for weights, numbers and report.html. Left out: a new one in runs/.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue where the last run of this job stopped.")] = False,
    seeds: Annotated[str | None, typer.Option(help="One run for each, e.g. 0,1,2.")] = None,
    epochs: Annotated[int | None, typer.Option(help="At most so many passes over the training data.")] = None,
    devices: Annotated[
        int | None, typer.Option(help="Processes on this machine that train together, a GPU each.")
    ] = None,
    nodes: Annotated[int | None, typer.Option(help="Machines; torchrun or srun starts the command.")] = None,
    defaults: Annotated[bool, typer.Option("--defaults", help="Show every key of a TOML file, and stop.")] = False,
) -> None:
    """Train the derived network and its plain twins, test them at every element, and write a report.

    erlangen train rotated-digits
    """
    from erlangen.train import builtin
    from erlangen.train import defaults as all_defaults

    if defaults:
        typer.echo(all_defaults(), nl=False)
        return
    if job is None:
        names = ", ".join(builtin())
        raise ConfigError(
            "nothing to train", f"a built-in run ({names}) or a TOML file", "erlangen train rotated-digits"
        )
    config = read(job, {"seeds": listed(seeds), "epochs": epochs, "devices": devices, "nodes": nodes})
    check_place(config.train, out)
    folder = out or (latest(config.name) if resume else free(config.name))
    if not to_be_started(config.train):
        run_and_report(config, folder, resume)
        return
    _checked(config)
    told = {"--out": folder, "--seeds": seeds, "--epochs": epochs, "--devices": devices}
    options = [str(word) for name, value in told.items() if value is not None for word in (name, value)]
    if code := start(config.train.devices, ["train", job, *options, *["--resume"] * resume]):
        raise typer.Exit(code)


def run_and_report(config: "Config", folder: Path, resume: bool = False) -> "AnyResults":
    """Train with a progress bar, write the report, and print the table, what follows from it, and where it all is."""
    from erlangen.train import finished, run, write_report
    from erlangen.train.folder import REPORT
    from erlangen.train.processes import is_first

    results = finished(config, folder) if resume else None
    if results is not None and is_first():
        show(results)
        typer.echo(f"\nAlready finished. Report: {folder / REPORT}")
        return results
    data = load_data(config)
    if not is_first():
        return run(config, data, folder, resume=resume)
    try:
        with progress_bar() as tell:
            results = run(config, data, folder, resume=resume, tell=tell)
            report = write_report(config, data, results, folder, tell=tell)
    except KeyboardInterrupt:
        typer.echo(f"Stopped. To go on: the same command with --resume --out {folder}", err=True)
        raise
    show(results)
    if config.report.hope:
        say(f"Hoped for before the run: {config.report.hope}")
    typer.echo(f"\nReport: {report}")
    return results


def load_data(config: "Config") -> "DataSet[Any]":
    """The data that a configuration names."""
    from erlangen.cli.hexagons import data_on
    from erlangen.data import TensorPair, in_time, load
    from erlangen.train.networks import task_of

    asked = config.data
    task = task_of(config.task)
    parts = {"validation": asked.validation, "test": asked.test, "seed": asked.split_seed, "limit": asked.limit}
    if asked.folds is not None:
        if asked.limit is not None:
            raise ConfigError("data.limit beside data.folds", "one of them", "Leave one out.")
        parts = {}  # all of it is parted anew, whatever the parts were
    data = load(asked.source, dim=task.domain.axes, channels=task.source.channels, target=asked.target, **parts)
    if task.warped and isinstance(data.train, TensorPair):
        return in_time(data)
    return data_on(task.domain, data, asked)


def show(results: "AnyResults") -> None:
    """The table of a run and what follows from its numbers."""
    from erlangen.cli.options import print_table, say
    from erlangen.train import findings
    from erlangen.train.report import table

    print_table(results.name, *table(results))
    for finding in findings(results):
        say(finding, "· ")


def read(job: str, asked: "dict[str, Any]") -> "Config":
    """The configuration, with what the command line says of its [train]."""
    from erlangen.train.toml import overlay, read_config

    config = read_config(job)
    if all(value is None for value in asked.values()):
        return config
    return overlay(config, {"train": asked}, f"{job} and the command line")


def _checked(config: "Config") -> None:
    """Refuse, before several processes do, what does not fit."""
    from erlangen.train.experiment import check
    from erlangen.train.folds import fold_of
    from erlangen.train.networks import task_of

    check(config, task_of(config.task), fold_of(config, load_data(config), config.train.seeds[0]))


def listed(seeds: str | None) -> list[int] | None:
    """The numbers of --seeds.

    >>> listed("0,1 2")
    [0, 1, 2]
    """
    try:
        return None if seeds is None else [int(seed) for seed in seeds.replace(",", " ").split()]
    except ValueError:
        raise ConfigError(
            f"--seeds {seeds}", "whole numbers set apart by commas", "For example --seeds 0,1,2."
        ) from None
