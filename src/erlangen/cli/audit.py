"""`erlangen audit`: does this model keep this symmetry on these inputs?"""

import shlex
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from erlangen.cli.narrow import show
from erlangen.cli.options import (
    BROKEN,
    GOOD,
    Domain,
    Html,
    Input,
    Json,
    Output,
    Symmetry,
    check_writable,
    number_or_text,
    progress_bar,
    write_json,
)
from erlangen.errors import ConfigError

if TYPE_CHECKING:
    from erlangen.auditing import AuditReport
    from erlangen.representations import Representation
    from erlangen.task import Task


MODEL = """A run's folder or saved network; package.module:name of a module or of what makes one; an exported program
(.pt2); an ONNX file; timm:NAME."""


def command(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help=MODEL, show_default=False)],
    inputs: Annotated[str, typer.Option(help="Real inputs: an .npz file with x, a named data set, a folder, NIfTI.")],
    domain: Domain = None,
    symmetry: Symmetry = None,
    input: Input = None,
    output: Output = None,
    count: Annotated[int, typer.Option(help="Use so many of the inputs, evenly spaced.", min=2, metavar="<int>")] = 64,
    tolerance: Annotated[float | None, typer.Option(help="Let an approximate symmetry of this error pass.")] = None,
    select: Annotated[
        str | None,
        typer.Option(help="Of a model that answers with several tensors: the place or name of one."),
    ] = None,
    shifts: Annotated[
        str | None,
        typer.Option(help="Translations to try, by sites: 1,0.5,zeros:2,crop:2, or none; else the model's own steps."),
    ] = None,
    beside: Annotated[
        str | None,
        typer.Option(help="Changes that are no motions, in rows of their own: light, colour, perspective."),
    ] = None,
    search: Annotated[
        int,
        typer.Option(help="Spend so many calls on the worst element of a continuous group.", min=0, metavar="<int>"),
    ] = 0,
    infinitesimal: Annotated[
        bool, typer.Option("--infinitesimal", help="Also measure how fast small motions break it, as they begin.")
    ] = False,
    stability: Annotated[
        bool, typer.Option("--stability", help="Also measure the change under small smooth deformations.")
    ] = False,
    no_proof: Annotated[
        bool, typer.Option("--no-proof", help="Measure alone; no proof for all inputs of what is exact on these.")
    ] = False,
    name: Annotated[str | None, typer.Option(help="What the report calls the model.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the bootstrap and of sampled elements.")] = 0,
    html: Html = None,
    json: Json = None,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML, which every CI reads, to this file.")] = None,
) -> int:
    """Measure, for every element, by how much f(g·x) differs from g·f(x). Exit code 1 where the symmetry is broken.

    erlangen audit runs/demo --inputs digits

    erlangen audit models:resnet --inputs x.npz --domain grid2 --symmetry D4

    erlangen audit models:resnet --inputs x.npz --domain grid2 --symmetry "SO(2)" \\
        --shifts 1,0.5,zeros:2 --search 20 --beside light,perspective

    erlangen audit net.onnx --inputs x.npz --domain grid2 --symmetry D4 \\
        --output "Equivariant(3)" --junit audit.xml
    """
    check_writable(html, json, junit)
    from erlangen.auditing import audit
    from erlangen.auditing.text import WIDTH
    from erlangen.cli.given import load_audited
    from erlangen.cli.motions import parse_beside, parse_shifts

    net, task = load_audited(model)
    asked = _question(task, domain, symmetry, number_or_text(input), output)
    moves = None if shifts is None else parse_shifts(shifts)
    changes = [] if beside is None else parse_beside(beside, asked["domain"], asked["output"])
    x = _inputs(model, task, inputs, asked, count)
    with progress_bar() as tell, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the report says them too
        report = audit(
            net,
            inputs=x,
            seed=seed,
            tolerance=tolerance,
            select=number_or_text(select),
            name=name if name is not None else _name(model),
            shifts=moves,
            beside=changes,
            search=search,
            infinitesimal=infinitesimal,
            stability=stability,
            proof=not no_proof,
            progress=lambda done, total: tell(done / total, f"{done} of {total} motions", False),
            **asked,
        )
    again = shlex.join(["erlangen", *context.obj])
    report = replace(report, settings={**report.settings, "replay": again})
    show(str(report), *_table(report), wrapped=WIDTH, left=3)
    if not report.passed:
        typer.echo(f"\nReplay: {again}")
    if html is not None:
        typer.echo(f"\nPage: {report.to_html(html)}")
    if json is not None:
        write_json(json, report.to_dict())
    if junit is not None:
        report.to_junit(junit)
    return GOOD if report.passed else BROKEN


def _inputs(model: str, task: "Task | None", inputs: str, asked: dict[str, Any], count: int) -> Any:
    """So many of the inputs at most, evenly spaced, on the domain that is asked about."""
    from erlangen.cli.given import load_graphs, load_in_time, load_inputs
    from erlangen.cli.hexagons import inputs_on
    from erlangen.cli.runs import data_of
    from erlangen.domains import Sequence
    from erlangen.train.evaluate import samples

    domain = asked["domain"]
    if domain.packed:
        return samples(load_graphs(inputs, domain), count)
    if isinstance(domain, Sequence):
        return load_in_time(inputs, domain, count)
    x, _ = load_inputs(inputs, domain, _channels(task, asked["input"]))
    x = inputs_on(domain, x, data_of(model) if task is not None and task.domain == domain else None)
    return x[[i * len(x) // count for i in range(count)] if len(x) > count else slice(None)]


def _name(given: str) -> str | None:
    """A file is called by its name, for its own class says nothing."""
    return Path(given).name if Path(given).suffix in (".pt2", ".onnx") else None


def _table(report: "AuditReport") -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """The report's rows with what fits on a narrow terminal, each note below the law it is about."""
    from erlangen.auditing.text import notes
    from erlangen.pages import number, percent

    rows = [
        (
            "\n".join([r.law, *(f"({note})" for note in notes(r))]),
            r.elements,
            r.word,
            number(r.error),
            number(r.worst),
            percent(r.agreement),
        )
        for r in report.verdicts
    ]
    return ("law", "elements", "verdict", "error", "worst", "top-1"), rows


def _channels(task: "Task | None", input: "int | Representation | None") -> int | None:
    """How many channels the inputs are to have, if anything says it."""
    if task is not None:
        return task.source.channels
    return input if input is None or isinstance(input, int) else input.dim


def _own(place: Any) -> Any:
    """The symmetry that a domain has by itself, as DNA the reverse complement; None where that is but the identity.

    Of sets and graphs it is relabelling, whatever their features; of surfaces isometries, or rigid motions.
    """
    from erlangen.domains import Mesh, Points
    from erlangen.domains.packed import Packed
    from erlangen.groups import Group, Isometries, Relabelling, RigidMotions, Trivial

    if isinstance(place, Mesh):
        return Isometries() if place.intrinsic else RigidMotions()
    if isinstance(place, Packed) and not isinstance(place, Points):
        return Relabelling()
    found = None if place is None else place.natural_symmetry()
    moves = isinstance(found, Group) and found != Trivial()
    return found if moves else Relabelling() if place is not None and place.packed else None


def _named(task: "Task | None") -> Any:
    """The symmetry that the model's task names; None where it names nothing beside the relabelling of its points."""
    from erlangen.domains import Mesh
    from erlangen.groups import TimeWarp, Trivial
    from erlangen.train.on_surfaces import declared

    if task is not None and task.warped:
        return TimeWarp()
    if task is not None and isinstance(task.domain, Mesh):
        return declared(task)
    if task is None or (task.domain.packed and task.symmetry == Trivial()):
        return None
    return task.symmetry


def _question(
    task: "Task | None", domain: str | None, symmetry: str | None, input: int | str | None, output: str | None
) -> dict[str, Any]:
    """Domain, symmetry, input and output as the audit takes them: from the options, else from the model's own task."""
    from erlangen.domains import Mesh
    from erlangen.groups import Group, Relabelling, TimeWarp, Trivial, parse_symmetry
    from erlangen.train.reading import located, parse_channels, parse_domain, parse_output

    with located("the command line"):
        place = parse_domain(domain) if domain is not None else task and task.domain
        group = parse_symmetry(symmetry) if symmetry is not None else _named(task) or _own(place)
        if place is None or group is None:
            given = "a model that does not say where its data live and what leaves their meaning unchanged"
            raise ConfigError(given, "--domain and --symmetry", 'For example --domain "Grid(2)" --symmetry "C(4)".')
        acting = group if isinstance(group, Group) else Trivial()
        answer = parse_output(output, acting) if output is not None else None
        moves = parse_channels(input, acting) if isinstance(input, str) else input
    if task is not None and task.symmetry == group:
        answer, moves = answer or task.output, moves or task.input
    if task is not None and (group in (Relabelling(), TimeWarp()) or isinstance(task.domain, Mesh)):
        answer = answer or task.output
    return {"domain": place, "symmetry": group, "output": answer, "input": moves}
