"""`er.audit`: does this model keep this symmetry, on these inputs, and if not, where and why?"""

import platform
from collections.abc import Callable, Iterable, Sequence
from importlib import metadata
from typing import Any

import numpy as np
import torch
from torch import nn

from erlangen.auditing.causes import Cause, Unexplained, find_causes
from erlangen.auditing.examine import Examiner, Finding
from erlangen.auditing.given import check, choose_input, choose_output, judged_group
from erlangen.auditing.infinitesimal import rates
from erlangen.auditing.inputs import as_inputs, warn_if_alike, warn_if_symmetric
from erlangen.auditing.leaves import Leaf, measure_leaves
from erlangen.auditing.motion import Output
from erlangen.auditing.movable import source_of
from erlangen.auditing.naming import model_name
from erlangen.auditing.packed import examined, located, proved, rewired
from erlangen.auditing.plan import Options, Question, questions, refuse_between_sites
from erlangen.auditing.proof import Prover
from erlangen.auditing.replay import call
from erlangen.auditing.report import AuditReport, row, severity
from erlangen.auditing.search import worst_found
from erlangen.auditing.stability import SIZES, measure
from erlangen.auditing.time import examined_in_time
from erlangen.auditing.translations import provable
from erlangen.auditing.unsteady import warn_if_unsteady
from erlangen.auditing.witness import Select, Witness, in_eval, warn
from erlangen.domains import Domain
from erlangen.domains.packed import Packed
from erlangen.errors import InputError
from erlangen.groups import Group, Relabelling, TimeWarp, Translations
from erlangen.representations import Representation
from erlangen.task import Equivariant, Invariant

REFUTED_UP_TO = 1 << 14  # numbers of an input up to which what is broken is also refuted, to name the operation


def audit(
    model: Callable[..., Any],
    domain: Domain,
    symmetry: Group | Translations | Relabelling | TimeWarp,
    inputs: Any,
    output: Output | None = None,
    *,
    elements: Iterable[Any] | None = None,
    shifts: Iterable[Any] | None = None,
    bootstrap: int = 1000,
    seed: int = 0,
    max_elements: int = 64,
    stride: int | Sequence[int] | None = None,
    input: int | Representation | None = None,
    tolerance: float | None = None,
    select: Select = None,
    batch_size: int = 64,
    stability: bool = False,
    proof: bool = True,
    infinitesimal: bool = False,
    search: int = 0,
    beside: Iterable[Any] = (),
    progress: Callable[[int, int], None] | None = None,
    name: str | None = None,
) -> AuditReport:
    """f(g·x) = g·f(x)? For each g the error √(mean ‖f(g·x) − g·f(x)‖² / (Var f(g·x) + Var g·f(x))); 1 is unrelated.

    Shapes: `inputs` `[n, channel, …]`, n ≥ 2 and better 16, a tensor or an array; the model answers `[n, …]`. Scenes
    too, as `er.testing.scene(domain).at(32)`: turns between the sites and shifts by fractions of one move the scene,
    which is sampled then, so that no interpolation hides a break (a dense answer is still interpolated). On sets and
    graphs `inputs` is a list of them, each with `x`, `edge_index` and what else there is; the model takes a batch with
    `x`, `edge_index`, `batch`, `ptr`, or these as arguments, and answers a row a graph or a row a point; `symmetry` is
    `er.Relabelling()`, or a group and `input`, how it moves the features. `er.TimeWarp()` on `er.Sequence()` asks
    a model that takes `dt` about steps split and blanks put in, one that has `warped(factor)` about its network for
    slower signals.

    `output` says how the answer moves (left out: as the model's task says, else not at all), `input` how the input's
    channels move (left out: as the task or the domain says, else not at all). `elements` names the elements to try;
    otherwise all of a finite group of up to `max_elements`. Translations are reported in rows of their own: circular
    rolls by 1 and by the total stride, or by `shifts`: numbers of sites, fractions of one by Fourier's formula, or
    `er.auditing.Shift(by, law)` where zeros or other content enter. They are judged if `er.Translations()` is asked.
    `select` picks the answer from a tuple or dictionary. `tolerance` lets an approximate symmetry of that error pass.
    `name` is what the report calls the model. Where the answer moves by a representation of another group than the one
    asked about, their common subgroup is judged, the report says so, and does not pass. `stability=True` measures, too,
    how the answers change under small smooth deformations of the inputs, in 16 more passes over these, and on graphs
    where edges are rewired, in 6; the verdict does not count it. What is exact on these inputs is then proved for all
    of them where that can be done, by a computation in a finite field (`auditing.proof`); what is broken is refuted by
    it, to name the operation, on inputs of up to 16,384 numbers. `proof=False` leaves both out. `infinitesimal=True`
    measures, too, how fast translations, and the turns of a continuous group, break as they begin, in two more passes
    for each generator; the verdict does not count it. `search` is how many more passes are spent on finding the worst
    element of a continuous group, from the worst of those drawn on; it is judged in a row of its own. `beside` names
    changes that are no motions, as those of `er.symmetrize.illumination` and `perspective`, each in a row that the
    verdict does not count.

    The model is audited in eval mode and given back in its own. Raises InputError for inputs or answers that are not
    finite or do not fit, DomainError for a group that does not act on the domain.

    >>> import torch, erlangen as er
    >>> x = torch.randn(16, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    >>> report = er.audit(lambda x: x.amax((2, 3)), er.Grid(2), er.D(4), x)
    >>> report.verdict, report.passed, report.error
    ('proved', True, 0.0)
    """
    check(model, domain, symmetry, name)
    options = Options(
        elements,
        shifts,
        bootstrap,
        seed,
        max_elements,
        stride,
        input,
        tolerance,
        select,
        batch_size,
        stability,
        proof,
        infinitesimal,
        search,
        beside,
    )
    warnings: list[str] = []
    if isinstance(domain, Packed):
        return _of_packed(model, domain, symmetry, inputs, output, options, name, warnings)
    if symmetry == TimeWarp():
        return _of_time(model, domain, symmetry, inputs, output, options, name, warnings)
    with in_eval(model) as was_training:
        if was_training:
            warn(warnings, "The model was in training mode; it was audited in eval mode and put back.")
        source, samples = source_of(inputs, domain)
        examiner = _examiner(model, domain, samples, output, options, warnings)
        rho_in = choose_input(model, domain, symmetry, input, examiner.x.shape[1])
        group = judged_group(domain, symmetry, examiner.output, rho_in, warnings)
        asked = questions(
            examiner.witness, domain, group, examiner.x, examiner.y, examiner.output, rho_in, options, warnings, source
        )
        _warn_of_empty_passes(examiner, asked, warnings)
        if source is not None and (stability or infinitesimal):
            warn(warnings, "Small deformations and infinitesimal motions are those of the samples, not of the scenes.")
        motions, sizes = sum(len(q.motions) for q in asked), len(SIZES) * stability
        tell = progress and (lambda done: progress(done, motions + sizes))
        answered = _proved(examiner, _examine(examiner, asked, tell, warnings), options)
        turned = [f for q, findings in answered if q.law == str(group) for f in findings]
        sought = worst_found(examiner, turned, group, search, seed)
        answered += [] if sought is None else [sought]
        causes, unexplained = _causes(examiner, answered, group, warnings)
        layers = _located(examiner, answered, warnings)
        begun = rates(examiner, group, rho_in, warnings) if infinitesimal else None
        bent = measure(examiner, tell and (lambda done: tell(motions + done)), warnings) if stability else None
    return AuditReport(
        model=model_name(model, name),
        domain=domain,
        symmetry=_group_name(group),
        asked=_group_name(symmetry),
        output=examiner.output,
        **_rows(answered),
        causes=causes,
        unexplained=unexplained,
        warnings=tuple(warnings),
        tolerance=tolerance,
        settings={
            **_settings(examiner, options),
            "scenes": source is not None,
            "kept": _kept(domain, group),
            "replay": _replay(domain, symmetry, output, options, answered, "inputs" if source is None else "scenes"),
        },
        layers=layers,
        stability=bent,
        infinitesimal=begun,
    )


def _examiner(
    model: Any, domain: Domain, inputs: Any, output: Output | None, options: Options, warnings: list[str]
) -> Examiner:
    witness = Witness(model, options.select, options.batch_size, options.seed)
    x = as_inputs(inputs, domain, witness, warnings)
    y = witness(x)
    chosen = choose_output(model, y, domain, output, warnings)
    return Examiner(witness, domain, chosen, x, options.bootstrap, options.seed, y)


def _warn_of_empty_passes(examiner: Examiner, asked: tuple[Question, ...], warnings: list[str]) -> None:
    """Say what would make a pass meaningless: alike, constant or symmetric inputs, or a random model."""
    warn_if_alike(examiner.x, warnings)
    warn_if_symmetric(examiner.x, [m for q in asked if q.judged for m in q.motions if not m.trivial], warnings)
    warn_if_unsteady(examiner, warnings)


def _examine(
    examiner: Examiner,
    asked: tuple[Question, ...],
    progress: Callable[[int], None] | None,
    warnings: list[str],
) -> list[tuple[Question, list[Finding]]]:
    done = 0
    answered: list[tuple[Question, list[Finding]]] = []
    for question in asked:
        try:
            findings = []
            for motion in question.motions:
                findings.append(examiner.examine(motion))
                done += 1
                if progress is not None:
                    progress(done)
            answered.append((question, findings))
        except InputError as reason:
            if question.judged:
                raise
            warn(warnings, f"The {question.law} was left out: {reason}")
    return answered


def _proved(
    examiner: Examiner, answered: list[tuple[Question, list[Finding]]], options: Options
) -> list[tuple[Question, list[Finding]]]:
    """Each finding with what a proof makes of it: of motions that only reorder values, and change their signs."""
    if not options.proof:
        return answered
    witness, shape = examiner.witness, tuple(examiner.x.shape[1:])
    like = torch.zeros(1, dtype=examiner.x.dtype, device=witness.device)
    small = examiner.x[0].numel() <= REFUTED_UP_TO
    prover = Prover(witness.model, witness.part, like, options.seed)
    found = []
    for question, findings in answered:
        asked = [provable(f.motion) and (small or f.verdict == "exact") for f in findings]
        motions = [f.motion for f, wanted in zip(findings, asked, strict=True) if wanted]
        proofs = iter(prover.prove(motions, shape) if motions else [])
        found.append((question, [f.with_proof(next(proofs)) if w else f for f, w in zip(findings, asked, strict=True)]))
    return found


def _causes(
    examiner: Examiner, answered: list[tuple[Question, list[Finding]]], symmetry: Any, warnings: list[str]
) -> tuple[tuple[Cause, ...], tuple[Unexplained, ...]]:
    """The causes found, and the judged breaks for which none was."""
    judged = {q.law for q, findings in answered if q.judged and max(findings, key=severity).verdict == "broken"}
    pairs = [(q, max(findings, key=severity)) for q, findings in answered]
    turned = [(q.law, f) for q, f in pairs if q.law == str(symmetry) and f.motion.exact]
    suspects = [max(turned, key=lambda pair: severity(pair[1]))] if turned else []
    suspects += [(q.law, f) for q, f in pairs if q.law != str(symmetry)]
    try:
        causes, unexplained = find_causes(examiner, suspects, symmetry if isinstance(symmetry, Group) else None)
        return causes, tuple(u for u in unexplained if u.law in judged)
    except Exception as reason:  # causes are an extra: a model that cannot be copied or watched still has its verdict
        warn(warnings, f"Causes could not be sought: {type(reason).__name__}: {reason}")
        return (), ()


def _located(
    examiner: Examiner, answered: list[tuple[Question, list[Finding]]], warnings: list[str]
) -> tuple[Leaf, ...]:
    """The errors of all leaves at the worst exact motion of what is broken; none where nothing is."""
    broken = [
        finding
        for question, findings in answered
        for finding in findings
        if question.judged and provable(finding.motion) and finding.verdict in ("broken", "approximate")
    ]
    if not broken:
        return ()
    try:
        return measure_leaves(examiner.witness, max(broken, key=severity).motion, examiner.x, examiner.domain.axes)
    except Exception as reason:  # an extra, as causes are: a model that cannot be copied or watched has its verdict
        warn(warnings, f"Its layers could not be measured: {type(reason).__name__}: {reason}")
        return ()


def _group_name(symmetry: Any) -> str:
    return symmetry.label if isinstance(symmetry, Group) else repr(symmetry)


def _of_packed(
    model: Any,
    domain: Packed,
    symmetry: Any,
    inputs: Any,
    output: Output | None,
    options: Options,
    name: str | None,
    warnings: list[str],
) -> AuditReport:
    """The report on sets and graphs."""
    refuse_between_sites(domain, options)
    with in_eval(model) as was_training:
        if was_training:
            warn(warnings, "The model was in training mode; it was audited in eval mode and put back.")
        examiner, answered = examined(model, domain, symmetry, inputs, output, options, warnings)
        answered = proved(domain, examiner, answered)
        layers, causes = located(examiner, answered, warnings)
        bent = rewired(examiner, warnings) if options.stability else None
    sizes = sorted(sample.size for sample in examiner.samples)
    features = examiner.samples[0].points["x"].shape[1]
    shape = [f"{sizes[0]} … {sizes[-1]} points" if sizes[0] < sizes[-1] else f"{sizes[0]} points", features]
    said = _directly(model, domain, symmetry, output, options, shape, examiner.y.dtype)
    return AuditReport(
        model=model_name(model, name),
        output=examiner.output or _answers(examiner),
        **_rows(answered),
        causes=causes,
        warnings=tuple(warnings),
        layers=layers,
        stability=bent,
        **{**said, "settings": {"inputs": len(examiner.samples), **said["settings"]}},
    )


def _of_time(
    model: Any,
    domain: Any,
    symmetry: Any,
    inputs: Any,
    output: Output | None,
    options: Options,
    name: str | None,
    warnings: list[str],
) -> AuditReport:
    """The report on warps of time."""
    with in_eval(model) as was_training:
        if was_training:
            warn(warnings, "The model was in training mode; it was audited in eval mode and put back.")
        examiner, answered = examined_in_time(model, domain, inputs, output, options, warnings)
    said = _directly(model, domain, symmetry, output, options, list(examiner.x.shape[1:]), examiner.y.dtype)
    return AuditReport(
        model=model_name(model, name),
        output=examiner.output,
        **_rows(answered),
        causes=(),
        warnings=tuple(warnings),
        **{**said, "settings": {"inputs": len(examiner.x), **said["settings"]}},
    )


def _directly(
    model: Any, domain: Domain, symmetry: Any, output: Output | None, options: Options, shape: list[Any], dtype: Any
) -> dict[str, Any]:
    """What a report says of how was asked, where inputs are moved themselves and nothing is interpolated."""
    settings = {
        "shape": shape,
        "dtype": str(dtype).removeprefix("torch."),
        "scenes": False,
        "kept": None,
        "replay": call(domain, symmetry, output, options, None),
        **_said(model, options),
    }
    asked = _group_name(symmetry)
    return {"domain": domain, "symmetry": asked, "asked": asked, "tolerance": options.tolerance, "settings": settings}


def _answers(examiner: Any) -> Invariant | Equivariant:
    """What the answers of a model on sets and graphs are, by what they have a row for."""
    channels = examiner.y.shape[1]
    return Invariant(channels) if examiner.rows == "whole" else Equivariant(channels, edges=examiner.rows == "edges")


def _rows(answered: list[tuple[Question, list[Finding]]]) -> dict[str, Any]:
    """One row a question, and one for each of its motions."""
    return {
        "verdicts": tuple(row(q.law, q.elements, found, q.judged, q.expected) for q, found in answered),
        "elements": tuple(
            row(q.law, f.motion.label, [f], q.judged, q.expected) for q, found in answered for f in found
        ),
    }


def _settings(examiner: Examiner, options: Options) -> dict[str, Any]:
    x = examiner.x
    return {
        "inputs": len(x),
        "shape": list(x.shape[1:]),
        "dtype": str(x.dtype).removeprefix("torch."),
        **_said(examiner.witness.model, options),
    }


def _said(model: Any, options: Options) -> dict[str, Any]:
    """What was asked of which model, and with what."""
    law = getattr(model, "translation_law", None)
    return {
        "parameters": sum(p.numel() for p in model.parameters()) if isinstance(model, nn.Module) else None,
        "seed": options.seed,
        "bootstrap": options.bootstrap,
        "max_elements": options.max_elements,
        "search": options.search,
        "batch_size": options.batch_size,
        "translation_law": None if law is None else str(law),
        "versions": {
            "erlangen": _version(),
            "torch": str(torch.__version__),
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
    }


def _replay(
    domain: Domain,
    symmetry: Any,
    output: Output | None,
    options: Options,
    answered: list[tuple[Question, list[Finding]]],
    inputs: str,
) -> str:
    """The call that shows the worst case again: of its element alone where that is not exact."""
    worst = max((f for q, findings in answered if q.judged for f in findings), key=severity)
    broken = worst.verdict not in ("proved", "exact")
    return call(domain, symmetry, output, options, worst.motion if broken else None, inputs)


def _kept(domain: Domain, group: Group | Translations) -> str | None:
    """What the lattice keeps of a group that it does not keep whole; None where that is all or the identity."""
    if isinstance(group, Translations) or domain.preserves(group):
        return None
    kept = domain.kept(group)
    return None if kept.order == 1 else kept.label


def _version() -> str:
    try:
        return metadata.version("erlangen")
    except metadata.PackageNotFoundError:  # run from a source tree that was never installed
        return "not installed"
