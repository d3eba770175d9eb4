"""The audit where inputs are moved themselves, and nothing is interpolated: sets and graphs, and warps of time."""

from typing import Any

from erlangen.auditing.asked import group_name, rows_of, said_of
from erlangen.auditing.motion import Asked
from erlangen.auditing.naming import model_name
from erlangen.auditing.packed import answers_of, examined, located, proved, rewired
from erlangen.auditing.plan import Options, refuse_between_sites
from erlangen.auditing.replay import call
from erlangen.auditing.report import AuditReport
from erlangen.auditing.time import examined_in_time
from erlangen.domains import Domain, Nest, Product
from erlangen.task import Equivariant, Invariant


def report_on_packed(
    model: Any,
    domain: Any,
    symmetry: Any,
    inputs: Any,
    output: Asked | None,
    options: Options,
    name: str | None,
    warnings: list[str],
) -> AuditReport:
    """The report on sets and graphs."""
    refuse_between_sites(domain, options)
    examiner, answered = examined(model, domain, symmetry, inputs, output, options, warnings)
    answered = proved(domain, examiner, answered)
    layers, causes = located(examiner, answered, warnings)
    bent = rewired(examiner, warnings) if options.stability else None
    sizes = sorted(sample.size for sample in examiner.samples)
    features = examiner.samples[0].features.shape[1]
    shape = [f"{sizes[0]} … {sizes[-1]} points" if sizes[0] < sizes[-1] else f"{sizes[0]} points", features]
    said = _directly(model, domain, symmetry, output, options, shape, examiner.y.dtype)
    return AuditReport(
        model=model_name(model, name),
        output=examiner.output or _answers(domain, examiner),
        **rows_of(answered),
        causes=causes,
        warnings=tuple(warnings),
        layers=layers,
        stability=bent,
        **{**said, "settings": {"inputs": len(examiner.samples), **said["settings"]}},
    )


def report_in_time(
    model: Any,
    domain: Any,
    symmetry: Any,
    inputs: Any,
    output: Asked | None,
    options: Options,
    name: str | None,
    warnings: list[str],
) -> AuditReport:
    """The report on warps of time."""
    examiner, answered = examined_in_time(model, domain, inputs, output, options, warnings)
    said = _directly(model, domain, symmetry, output, options, list(examiner.x.shape[1:]), examiner.y.dtype)
    return AuditReport(
        model=model_name(model, name),
        output=examiner.output,
        **rows_of(answered),
        causes=(),
        warnings=tuple(warnings),
        **{**said, "settings": {"inputs": len(examiner.x), **said["settings"]}},
    )


def _directly(
    model: Any, domain: Domain, symmetry: Any, output: Asked | None, options: Options, shape: list[Any], dtype: Any
) -> dict[str, Any]:
    """What a report says of how was asked, where inputs are moved themselves and nothing is interpolated."""
    settings = {
        "shape": shape,
        "dtype": str(dtype).removeprefix("torch."),
        "scenes": False,
        "kept": None,
        "replay": call(domain, symmetry, output, options, None),
        **said_of(model, options),
    }
    asked = group_name(symmetry)
    return {"domain": domain, "symmetry": asked, "asked": asked, "tolerance": options.tolerance, "settings": settings}


def _answers(domain: Any, examiner: Any) -> Invariant | Equivariant:
    """What the answers of a model on sets and graphs are, by what they have a row for."""
    if isinstance(domain, Product | Nest):
        return answers_of(domain, examiner)
    channels = examiner.y.shape[1]
    return Invariant(channels) if examiner.rows == "whole" else Equivariant(channels, edges=examiner.rows == "edges")
