"""The audit on lattices, finite domains and spheres: motions asked, what is exact proved, what is broken located."""

from collections.abc import Callable
from typing import Any

import torch

from erlangen.auditing.asked import Answered, group_name, rows_of, said_of
from erlangen.auditing.causes import Cause, Unexplained, find_causes
from erlangen.auditing.examine import Examiner
from erlangen.auditing.given import choose_input, choose_output, judged_group
from erlangen.auditing.infinitesimal import rates
from erlangen.auditing.inputs import as_inputs, warn_if_alike, warn_if_symmetric
from erlangen.auditing.leaves import Leaf, measure_leaves
from erlangen.auditing.motion import Asked
from erlangen.auditing.movable import source_of
from erlangen.auditing.naming import LONGEST_LIST, model_name
from erlangen.auditing.plan import Options, Question, questions
from erlangen.auditing.proof import Prover
from erlangen.auditing.replay import call
from erlangen.auditing.report import AuditReport, severity
from erlangen.auditing.search import worst_found
from erlangen.auditing.stability import SIZES, measure
from erlangen.auditing.translations import provable
from erlangen.auditing.unsteady import warn_if_unsteady
from erlangen.auditing.witness import Witness, warn
from erlangen.domains import Domain
from erlangen.errors import InputError
from erlangen.groups import Group, Translations

REFUTED_UP_TO = 1 << 14  # numbers of an input up to which what is broken is also refuted, to name the operation


def report_on_sites(
    model: Any,
    domain: Domain,
    symmetry: Any,
    inputs: Any,
    output: Asked | None,
    options: Options,
    name: str | None,
    warnings: list[str],
    progress: Callable[[int, int], None] | None,
) -> AuditReport:
    """The report on points that a group moves."""
    source, samples = source_of(inputs, domain)
    examiner = _examiner(model, domain, samples, output, options, warnings)
    domain = examiner.domain
    rho_in = choose_input(model, domain, symmetry, options.input, examiner.x.shape[1])
    group = judged_group(domain, symmetry, examiner.output, rho_in, warnings)
    asked = questions(
        examiner.witness, domain, group, examiner.x, examiner.y, examiner.output, rho_in, options, warnings, source
    )
    _warn_of_empty_passes(examiner, asked, warnings)
    if source is not None and (options.stability or options.infinitesimal):
        warn(warnings, "Small deformations and infinitesimal motions are those of the samples, not of the scenes.")
    motions, sizes = sum(len(q.motions) for q in asked), len(SIZES) * options.stability
    tell = progress and (lambda done: progress(done, motions + sizes))
    answered = _proved(examiner, _examine(examiner, asked, tell, warnings), options)
    turned = [f for q, findings in answered if q.law == str(group) for f in findings]
    sought = worst_found(examiner, turned, group, options.search, options.seed)
    answered += [] if sought is None else [sought]
    causes, unexplained = _causes(examiner, answered, group, warnings)
    layers = _located(examiner, answered, warnings)
    begun = rates(examiner, group, rho_in, warnings) if options.infinitesimal else None
    bent = measure(examiner, tell and (lambda done: tell(motions + done)), warnings) if options.stability else None
    return AuditReport(
        model=model_name(model, name),
        domain=domain,
        symmetry=group_name(group),
        asked=group_name(symmetry),
        output=examiner.output,
        **rows_of(answered),
        causes=causes,
        unexplained=unexplained,
        warnings=tuple(warnings),
        tolerance=options.tolerance,
        settings={
            **_settings(examiner, options),
            "scenes": source is not None,
            "kept": _kept(domain, group),
            "replay": _replay(domain, symmetry, output, options, answered, "inputs" if source is None else "scenes"),
        },
        layers=layers,
        stability=bent,
        infinitesimal=begun,
        group=group if isinstance(group, Group) else None,
        input=rho_in,
    )


def _examiner(
    model: Any, domain: Domain, inputs: Any, output: Asked | None, options: Options, warnings: list[str]
) -> Examiner:
    witness = Witness(model, options.select, options.batch_size, options.seed)
    x = as_inputs(inputs, domain, witness, warnings)
    y = witness(x)
    chosen = choose_output(model, y, domain, output, warnings)
    return Examiner(witness, domain.on(tuple(x.shape[2:])), chosen, x, options.bootstrap, options.seed, y)


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
) -> Answered:
    done = 0
    answered: Answered = []
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


def _proved(examiner: Examiner, answered: Answered, options: Options) -> Answered:
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
    examiner: Examiner, answered: Answered, symmetry: Any, warnings: list[str]
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


def _located(examiner: Examiner, answered: Answered, warnings: list[str]) -> tuple[Leaf, ...]:
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


def _settings(examiner: Examiner, options: Options) -> dict[str, Any]:
    x = examiner.x
    return {
        "inputs": len(x),
        "shape": list(x.shape[1:]),
        "dtype": str(x.dtype).removeprefix("torch."),
        **said_of(examiner.witness.model, options),
    }


def _replay(
    domain: Domain,
    symmetry: Any,
    output: Asked | None,
    options: Options,
    answered: Answered,
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
    if kept.order == 1:
        return None
    return kept.label if len(kept.label) <= LONGEST_LIST else f"{kept.order} of the {group.order} elements"
