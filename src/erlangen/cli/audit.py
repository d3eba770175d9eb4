"""`erlangen audit`: does this model keep this symmetry on these inputs?"""

import warnings
from typing import TYPE_CHECKING, Annotated, Any

import typer

from erlangen.cli.options import (
    BROKEN,
    GOOD,
    Domain,
    Html,
    Input,
    Json,
    Output,
    Symmetry,
    channels,
    check_writable,
    progress_bar,
    write_json,
)
from erlangen.errors import ConfigError

if TYPE_CHECKING:
    from erlangen.task import Task


def command(
    model: Annotated[str, typer.Argument(help="A saved network, or package.module:factory of any torch model.")],
    inputs: Annotated[str, typer.Option(help="Real inputs: an .npz file with x, a named data set, a folder.")],
    domain: Domain = None,
    symmetry: Symmetry = None,
    input: Input = None,
    output: Output = None,
    count: Annotated[int, typer.Option(help="Use so many of the inputs.", min=2)] = 64,
    tolerance: Annotated[float | None, typer.Option(help="Let an approximate symmetry of this error pass.")] = None,
    seed: Annotated[int, typer.Option(help="Of the bootstrap and of sampled elements.")] = 0,
    html: Html = None,
    json: Json = None,
) -> int:
    """Measure, for every element, by how much f(g·x) differs from g·f(x). Exit code 1 where the symmetry is broken.

    erlangen audit mine.models:resnet --domain "Grid(2)" --symmetry "D(4)" --inputs pictures.npz --html audit.html
    """
    check_writable(html, json)
    from erlangen.auditing import audit
    from erlangen.cli.given import load_inputs, load_model

    net, task = load_model(model)
    asked = _question(task, domain, symmetry, channels(input), output)
    x = load_inputs(inputs, asked["domain"].axes, count)
    with progress_bar() as tell, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the report says them too
        report = audit(
            net,
            inputs=x,
            seed=seed,
            tolerance=tolerance,
            progress=lambda done, total: tell(done / total, f"{done} of {total} motions", False),
            **asked,
        )
    typer.echo(str(report))
    if html is not None:
        typer.echo(f"\nPage: {report.to_html(html)}")
    if json is not None:
        write_json(json, report.to_dict())
    return GOOD if report.passed else BROKEN


def _question(
    task: "Task | None", domain: str | None, symmetry: str | None, input: int | str | None, output: str | None
) -> dict[str, Any]:
    """Domain, symmetry, input and output as the audit takes them: from the options, else from the model's own task."""
    from erlangen.groups import Group, Trivial, parse_symmetry
    from erlangen.train.reading import located, parse_channels, parse_domain, parse_output

    with located("the command line"):
        place = parse_domain(domain) if domain is not None else task and task.domain
        group = parse_symmetry(symmetry) if symmetry is not None else task and task.symmetry
        if place is None or group is None:
            given = "a model that does not say where its data live and what leaves their meaning unchanged"
            raise ConfigError(given, "--domain and --symmetry", 'For example --domain "Grid(2)" --symmetry "C(4)".')
        acting = group if isinstance(group, Group) else Trivial()
        answer = parse_output(output, acting) if output is not None else None
        moves = parse_channels(input, acting) if isinstance(input, str) else input
    if task is not None and task.symmetry == group:
        answer, moves = answer or task.output, moves or task.input
    return {"domain": place, "symmetry": group, "output": answer, "input": moves}
