"""`erlangen derive`: from a task to a network, and why it is as it is."""

import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer

from erlangen.cli.narrow import show
from erlangen.cli.options import Domain, Html, Input, Output, Symmetry, check_writable, number_or_text
from erlangen.errors import ConfigError


def command(
    config: Annotated[
        str | None, typer.Argument(help="A built-in run or a TOML file with \\[task] and \\[network].")
    ] = None,
    domain: Domain = None,
    symmetry: Symmetry = None,
    input: Input = None,
    output: Output = None,
    width: Annotated[int | None, typer.Option(help="Channels at the finest scale, fibres included.")] = None,
    depth: Annotated[int | None, typer.Option(help="Convolutions at each scale.")] = None,
    scales: Annotated[int | None, typer.Option(help="How many scales, one more than halvings.")] = None,
    choice: Annotated[list[str] | None, typer.Option(help="A further choice, e.g. kernel_size=5; repeatable.")] = None,
    save: Annotated[Path | None, typer.Option(help="Save the untrained network to this file.")] = None,
    html: Html = None,
) -> None:
    """Derive the network of a task and explain every choice.

    erlangen derive --domain "Grid(2)" --symmetry "C(4)" \\
        --input 1 --output "Invariant(10)"
    """
    if config is None and (domain is None or output is None):
        mend = 'For example --domain "Grid(2)" --symmetry "C(4)" --input 1 --output "Invariant(10)".'
        raise ConfigError("no task", "--domain and --output, or a TOML file", mend)
    check_writable(save, html)
    from erlangen.blueprint import save as save_blueprint
    from erlangen.train.networks import derived_network, task_of
    from erlangen.train.toml import overlay, read_config

    where = "the command line" if config is None else f"{config} and the command line"
    task = {"domain": domain, "symmetry": symmetry, "input": number_or_text(input), "output": output}
    network = {"width": width, "depth": depth, "scales": scales, **_choices(choice or [])}
    asked = overlay(read_config(config) if config else None, {"task": task, "network": network}, where)
    net = derived_network(task_of(asked.task, where), asked.network)
    explanation = net.explain()
    layers = [
        ("  " * r.depth + r.name, explanation.short(r.target), r.sees, f"{r.free:,}", f"{r.unconstrained:,}")
        for r in explanation.rows
    ]
    total = ("total", "", "", f"{explanation.free:,}", f"{explanation.unconstrained:,}")
    show(str(explanation), ("layer", "gives", "sees", "free", "unconstrained"), [*layers, total], wrapped=110, left=2)
    if save is not None:
        save_blueprint(net, save)
        typer.echo(f"\nSaved to {save}.")
    if html is not None:
        typer.echo(f"\nPage: {explanation.to_html(html)}")


def _choices(given: list[str]) -> dict[str, Any]:
    """kernel_size=5 as TOML reads it; a bare word is a text."""
    choices: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise ConfigError(f"--choice {text}", "a name and a value, e.g. kernel_size=5", "Put = between them.")
        try:
            choices[name.strip()] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            choices[name.strip()] = value.strip()
    return choices
