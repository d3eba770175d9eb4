"""The walk done: a row for every group, of a model or of data."""

import math
from collections.abc import Sequence
from typing import Any

import torch

from erlangen.auditing.discovery.given import (
    Choices,
    held,
    kept_exactly,
    place_of_data,
    place_of_model,
    samples_of,
    thinned,
)
from erlangen.auditing.discovery.models import Tester
from erlangen.auditing.discovery.nodes import Node, nodes_of
from erlangen.auditing.discovery.place import OnVectors, Place
from erlangen.auditing.discovery.result import Discovery, GroupRow, Verdict
from erlangen.auditing.discovery.samples import Samples
from erlangen.auditing.discovery.walk import rejected, walk
from erlangen.auditing.naming import model_name
from erlangen.auditing.proof import Proof, Prover
from erlangen.auditing.witness import Witness, warn
from erlangen.domains import Lattice, Sphere
from erlangen.errors import InputError
from erlangen.groups import Group
from erlangen.pages import several
from erlangen.task import Invariant

LEAST_COPIES = 199  # of the data; m / α where that is more, so that m tests can reject at all
UNSEEN = "a break would not be seen on these inputs"
LEAST_DRAWS = 1000  # resamples of the inputs of a model; 2 m / α where that is more


def of_model(
    witness: Witness,
    domain: Lattice | Sphere | None,
    groups: Sequence[Group],
    inputs: Any,
    choices: Choices,
    told: list[str],
) -> Discovery:
    """Every cyclic group by one generator; any other group is what its cyclic subgroups are together."""
    place, groups, x, y = place_of_model(witness, domain, groups, inputs, choices, told)
    nodes = _some(nodes_of(groups, place))
    cyclic = [node for node in nodes if node.generator is not None]
    level, draws = choices.alpha / len(cyclic), max(LEAST_DRAWS, math.ceil(2 * len(cyclic) / choices.alpha))
    tester = Tester(witness, place, x, y, choices.tolerance or 0.0, level, draws, choices.seed)
    adjusted = walk(cyclic, tester, choices.alpha)
    broken = rejected(adjusted, choices.alpha)
    if any(math.isinf(tried.limit) for tried in tester.found.values()):
        warn(told, "The answers vary too little over these inputs for any break to show.")
    standing = [node for node in adjusted if _broken_by(node, broken) is None]
    proofs = _proofs(tester, standing) if choices.proof else {}
    rows = []
    for node in nodes:
        parts = [part for part in adjusted if node.contains(part)]
        errors = [tester.found[part].error for part in parts]
        error = max((e for e in errors if not math.isnan(e)), default=None)
        p = min((adjusted[part] for part in parts), default=None)
        if cause := _broken_by(node, broken):
            rows.append(GroupRow(node.group, node.order, "broken", error, p, None, _within(node, cause)))
        else:
            power = max(math.inf if (found := tester.found[part].power) is None else found for part in parts)
            verdict, note = _proved([proofs[part] for part in parts if part in proofs], len(parts))
            note = note or UNSEEN * (verdict != "proved" and math.isinf(power))
            rows.append(GroupRow(node.group, node.order, verdict, error, p, power, note))
    return Discovery(
        subject=model_name(witness.model, choices.name),
        kind="model",
        domain=domain,
        groups=tuple(rows),
        largest=_largest(nodes, broken),
        inputs=len(x),
        tests=len(cyclic),
        alpha=choices.alpha,
        tolerance=choices.tolerance,
        seed=choices.seed,
        warnings=tuple(told),
    )


def of_data(
    data: Any, domain: Lattice | Sphere | None, groups: Sequence[Group], choices: Choices, told: list[str]
) -> Discovery:
    """Every group by randomising the poses of the samples within it."""
    x = samples_of(data, domain)
    place: Place = OnVectors(x.shape[1], Invariant(1))
    if domain is not None:
        groups = kept_exactly(domain, groups, told)
        place = place_of_data(x, domain, groups, choices.input)
        x = held(x, place, told)
    nodes = _some(nodes_of(groups, place))
    level, draws = choices.alpha / len(nodes), max(LEAST_COPIES, math.ceil(len(nodes) / choices.alpha))
    x = thinned(x, len(nodes) * draws, choices.seed, told)
    samples = Samples(place, x, level, draws, choices.seed)
    adjusted = walk(nodes, samples, choices.alpha)
    broken = rejected(adjusted, choices.alpha)
    rows = []
    for node in nodes:
        if cause := _broken_by(node, broken):
            rows.append(
                GroupRow(node.group, node.order, "broken", None, adjusted.get(node), None, _within(node, cause))
            )
        else:
            power = samples.found.get(node, math.inf)
            note = UNSEEN * math.isinf(power)
            rows.append(GroupRow(node.group, node.order, "not rejected", None, adjusted[node], power, note))
    return Discovery(
        subject=choices.name or f"{several(len(x), 'sample')} of shape {tuple(x.shape[1:])}",
        kind="data",
        domain=domain,
        groups=tuple(rows),
        largest=_largest(nodes, broken),
        inputs=len(x),
        tests=len(nodes),
        alpha=choices.alpha,
        tolerance=None,
        seed=choices.seed,
        warnings=tuple(told),
    )


def _proofs(tester: Tester, nodes: Sequence[Node]) -> dict[Node, Proof]:
    """What the field says of the generators that only reorder values and change signs."""
    exact = [node for node in nodes if tester.found[node].motion.exact]
    if not exact:
        return {}
    witness, x = tester.witness, tester.x
    prover = Prover(witness.model, witness.part, torch.zeros(1, dtype=x.dtype, device=witness.device), tester.seed)
    found = prover.prove([tester.found[node].motion for node in exact], tuple(x.shape[1:]))
    return dict(zip(exact, found, strict=True))


def _proved(proofs: Sequence[Proof], parts: int) -> tuple[Verdict, str]:
    """Proved where every cyclic subgroup is; else why not."""
    if len(proofs) == parts and all(proof.verdict == "proved" for proof in proofs):
        return "proved", ""
    refuted = next((proof for proof in proofs if proof.verdict == "refuted"), None)
    if refuted is not None:
        where = f" at {refuted.where}" if refuted.where else ""
        return "not rejected", f"no identity{where}: a break too small for these inputs, or of rounding"
    why = next((proof.why for proof in proofs if proof.why), "")
    return "not rejected", f"not proved: {why}" if why else ""


def _broken_by(node: Node, broken: Sequence[Node]) -> Node | None:
    """The group itself where it was rejected, else a rejected one that it contains."""
    return node if node in broken else next((other for other in broken if node.contains(other)), None)


def _within(node: Node, cause: Node) -> str:
    return "" if cause is node else f"contains {cause.group}, which is broken"


def _largest(nodes: Sequence[Node], broken: Sequence[Node]) -> tuple[Group, ...]:
    """The groups that stand and that no other that stands contains."""
    standing = [node for node in nodes if _broken_by(node, broken) is None]
    return tuple(
        node.group for node in standing if not any(other is not node and other.contains(node) for other in standing)
    )


def _some(nodes: list[Node]) -> list[Node]:
    if not nodes:
        raise InputError("candidates that move nothing", "a group of at least two motions", "For example [er.D(4)].")
    return nodes
