"""Naming causes by counterfactuals: change one thing on a copy, measure again, and name it only if the number moves."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from erlangen.auditing.changes import (
    Change,
    DenseTensors,
    Flatten,
    average_filters,
    average_positions,
    changed,
    close_border,
    find_flattens,
)
from erlangen.auditing.examine import Examiner, Finding
from erlangen.auditing.measure import Numbers, error
from erlangen.auditing.motion import Motion, Roll, Turn
from erlangen.domains import Lattice
from erlangen.groups import Element, Group
from erlangen.pages import number

INPUTS = 32
LARGEST_GROUP = 64
DECISIVE = 3.0
RESIDUE = 0.02  # a cause is fully named when what is left is this small


@dataclass(frozen=True)
class Cause:
    """A reason for a break, shown by a counterfactual: with `instead` in its place, `before` falls to `after`."""

    name: str
    law: str
    element: str
    what: str
    instead: str
    before: float
    after: float
    evidence: str = ""

    def __str__(self) -> str:
        fall = f"error {number(self.before)} → {number(self.after)} ({self.law}, {self.element})"
        return f"{self.what}. With {self.instead}: {fall}. {self.evidence}".strip()


def find_causes(examiner: Examiner, suspects: Sequence[tuple[str, Finding]], group: Group | None) -> tuple[Cause, ...]:
    """The causes of the breaks in `suspects`, (law, worst finding); none where no change is decisive."""
    model = examiner.witness.model
    open_ones = [
        (law, finding) for law, finding in suspects if finding.verdict in ("broken", "approximate", "not resolved")
    ]
    if not isinstance(model, nn.Module) or not open_ones:
        return ()
    few = examiner.x[:INPUTS]
    small = Examiner(examiner.witness, examiner.domain, examiner.output, few, min(examiner.draws, 200), examiner.seed)
    flattens = find_flattens(examiner.witness, few, examiner.domain.dim)
    found: list[Cause] = []
    for law, finding in open_ones:
        found += _of_one(
            small, law, finding.motion, _candidates(model, small.domain, flattens, finding.motion, group), flattens
        )
    return tuple(found)


def _candidates(
    model: nn.Module, domain: Lattice, flattens: tuple[Flatten, ...], motion: Motion, group: Group | None
) -> list[Change]:
    turns = isinstance(motion, Turn) and motion.exact
    elements = _elements(domain, group) if turns and group is not None else ()
    candidates = [average_positions(flattens) if flattens else None, close_border(model)]
    if elements:
        candidates.append(average_filters(model, elements, domain))
    return [candidate for candidate in candidates if candidate is not None]


def _elements(domain: Lattice, group: Group) -> tuple[Element, ...]:
    kept = group if domain.preserves(group) else domain.largest_subgroup(group)
    return kept.elements if kept.order is not None and kept.order <= LARGEST_GROUP else ()


def _of_one(
    examiner: Examiner, law: str, motion: Motion, candidates: list[Change], flattens: tuple[Flatten, ...]
) -> list[Cause]:
    """The smallest set of changes that is decisive: one alone, else all together without those that add nothing."""
    if not candidates:
        return []
    before = examiner.examine(motion).numbers
    measured = [(change, _after(examiner, motion, (change,))) for change in candidates]
    alone = [((change,), after) for change, after in measured if after is not None and _decisive(before, after)]
    chosen = alone or _together(examiner, motion, before, tuple(candidates))
    return [_cause(examiner, law, motion, changes, before, after, flattens) for changes, after in chosen]


def _together(
    examiner: Examiner, motion: Motion, before: Numbers, changes: tuple[Change, ...]
) -> list[tuple[tuple[Change, ...], Numbers]]:
    after = _after(examiner, motion, changes) if len(changes) > 1 else None
    if after is None or not _decisive(before, after):
        return []
    for change in changes:
        rest = tuple(c for c in changes if c is not change)
        without = _after(examiner, motion, rest) if len(changes) > 2 and rest else None
        if without is not None and _decisive(before, without) and without.error <= max(RESIDUE, DECISIVE * after.error):
            return _together(examiner, motion, before, rest) or [(rest, without)]
    return [(changes, after)]


def _after(examiner: Examiner, motion: Motion, changes: tuple[Change, ...]) -> Numbers | None:
    model = examiner.witness.model
    try:
        twin = examiner.witness.twin(changed(model, changes))  # pyright: ignore[reportArgumentType]  # find_causes asked
        numbers = (
            Examiner(twin, examiner.domain, examiner.output, examiner.x, examiner.draws, examiner.seed)
            .examine(motion)
            .numbers
        )
    except Exception:  # a copy that cannot be made or run is no evidence
        return None
    return None if math.isnan(numbers.error) or numbers.floor > 0.1 else numbers


def _decisive(before: Numbers, after: Numbers) -> bool:
    return after.error * DECISIVE <= before.error and after.high < before.low


def _cause(
    examiner: Examiner,
    law: str,
    motion: Motion,
    changes: tuple[Change, ...],
    before: Numbers,
    after: Numbers,
    flattens: tuple[Flatten, ...],
) -> Cause:
    named = any(change.name == "flatten" for change in changes)
    return Cause(
        name=" and ".join(change.name for change in changes),
        law=law,
        element=motion.label,
        what="; ".join(change.what for change in changes),
        instead=", and ".join(change.instead for change in changes),
        before=before.error,
        after=after.error,
        evidence=_features(examiner, motion, flattens[0]) if named else "",
    )


def _features(examiner: Examiner, motion: Motion, flatten: Flatten) -> str:
    """How well the features before the flatten move along, as channels that stay in place."""
    if flatten.features == 0:
        return "The flatten reads the input itself."
    some = examiner.x[: examiner.witness.batch_size]  # what the model sees at once: the watch keeps one call
    if len(some) < 2:
        return ""
    kept = []
    for x in (some, motion.move(some)):
        with DenseTensors(examiner.domain.dim, only=flatten.features) as watch:
            examiner.witness(x)
        kept.append(watch.kept[0][1])
    along = _along(motion, kept[0])
    if along is None or along.shape != kept[1].shape:
        return ""
    return f"Before the flatten the features move along with an error of {number(error(kept[1], along))}."


def _along(motion: Motion, features: Tensor) -> Tensor | None:
    if isinstance(motion, Turn):
        return motion.domain.act(motion.g, features)
    if isinstance(motion, Roll):
        sizes = features.shape[-motion.domain.dim :]
        shares = [s * m / n for s, m, n in zip(motion.shifts, sizes, motion.sizes, strict=True)]
        whole = all(share == int(share) for share in shares)
        return motion.domain.roll(features, tuple(int(share) for share in shares)) if whole else None
    return None
