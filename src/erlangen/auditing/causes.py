"""Naming causes by counterfactuals: change one thing on a copy, measure again, and name it only if the number moves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from erlangen.auditing.changes import (
    BLUR,
    BY_FUNCTION,
    CROPPED,
    DENSE,
    INTERPOLATION,
    MIRRORED,
    PHASE,
    REFLECTED,
    SIGNAL,
    ZERO_PADDING,
    Change,
    DenseTensors,
    Flatten,
    Survey,
    average_filters,
    average_positions,
    find_flattens,
    survey,
)
from erlangen.auditing.counterfactuals import Counterfactuals
from erlangen.auditing.examine import Examiner, Finding
from erlangen.auditing.measure import Numbers, error
from erlangen.auditing.motion import Motion, PadLeft, Roll, Turn, is_dense
from erlangen.domains import Domain, Lattice
from erlangen.groups import Element, Group
from erlangen.pages import number

INPUTS, FEWEST = 32, 8
QUICK = 1e9  # multiplications that are cheap on any machine
WORK = 4  # dense evaluation may cost so many plain passes over INPUTS inputs
LARGEST_GROUP = 64


@dataclass(frozen=True)
class Cause:
    """A reason for a break, shown by a counterfactual: with `instead` in its place, `before` falls to `after`.

    >>> import torch, erlangen as er
    >>> pictures = torch.randn(16, 1, 6, 6, generator=torch.Generator().manual_seed(0))
    >>> strided = torch.nn.Conv2d(1, 1, 1, stride=2).eval()
    >>> report = er.audit(strided, er.Grid(2), er.C(4), pictures, er.Equivariant(1), shifts=[], proof=False)
    >>> [(cause.name, cause.after < 1e-5 < cause.before) for cause in report.causes]
    [('stride', True)]
    """

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


@dataclass(frozen=True)
class Unexplained:
    """A break that no change made much smaller: its law, the motion tried, and what was `tried` instead."""

    law: str
    element: str
    tried: tuple[str, ...]

    def __str__(self) -> str:
        tried = f"tried, alone and together: {'; '.join(self.tried)}" if self.tried else "nothing that could be changed"
        return f"{self.law}, {self.element} ({tried})"


def find_causes(
    examiner: Examiner, suspects: Sequence[tuple[str, Finding]], group: Group | None
) -> tuple[tuple[Cause, ...], tuple[Unexplained, ...]]:
    """The causes of the breaks in `suspects`, (law, worst finding), and those of them where no change is decisive."""
    model = examiner.witness.model
    open_ones = [
        (law, finding) for law, finding in suspects if finding.verdict in ("broken", "approximate", "not resolved")
    ]
    if not isinstance(model, nn.Module) or not examiner.domain.axes:  # at one point no change has a place
        return (), tuple(Unexplained(law, finding.motion.label, ()) for law, finding in open_ones)
    if not open_ones:
        return (), ()
    few = examiner.x[:INPUTS]
    seen = survey(examiner.witness, few[:2], examiner.domain.axes)
    count = _affordable(seen, len(few))
    few = few[: count or INPUTS]
    small = replace(examiner, x=few, y=torch.empty(0), draws=min(examiner.draws, 200))
    tried = Counterfactuals(small, model)
    flattens = find_flattens(examiner.witness, few, examiner.domain.axes)
    pooled = [average_positions(flattens)] if flattens else []
    found: list[Cause] = []
    unexplained: list[Unexplained] = []
    for law, finding in open_ones:
        motion = finding.motion
        candidates = _candidates(tried, small.domain, pooled, seen, motion, group, count > 0)
        causes = [
            _cause(small, law, motion, changes, before, after, flattens)
            for changes, before, after in tried.explain(motion, candidates)
        ]
        found += causes
        if not causes:
            unexplained.append(Unexplained(law, motion.label, tuple(change.instead for change in candidates)))
    return tuple(found), tuple(unexplained)


def _candidates(
    tried: Counterfactuals,
    domain: Domain,
    pooled: list[Change],
    seen: Survey,
    motion: Motion,
    group: Group | None,
    dense: bool,
) -> list[Change]:
    """What could break this motion in this model; whether strides may be taken out, says `dense`."""
    found, met = list(pooled), seen.met
    if not isinstance(motion, PadLeft):  # before the start there is a border, by law
        found += [ZERO_PADDING] * ("zeros" in met) + [REFLECTED] * ("reflection" in met)
    if isinstance(motion, Roll):
        found += [CROPPED] * ("complete" in met)
        found += [INTERPOLATION] * ("interpolated" in met)
    named = met - {"upsampling"} if isinstance(motion, Roll) else met  # one side or the other: all one to a shift
    found += [change for word, change in BY_FUNCTION.items() if word in named]
    if not isinstance(motion, Turn | Roll):  # these keep what a signal holds, and so its statistics
        found += [SIGNAL] * ("signal" in met)
    turns = isinstance(motion, Turn) and motion.exact
    elements = _elements(domain, group) if turns and group is not None else ()
    filters = average_filters(tried.model, elements, domain) if elements and isinstance(domain, Lattice) else None
    found += [] if filters is None else [filters]
    if "dense" in met:
        found.insert(len(pooled), _stride(tried, found, motion, dense))
    return found


def _stride(tried: Counterfactuals, others: list[Change], motion: Motion, dense: bool) -> Change:
    """Every site sampled, or where that does not run or takes too long, what costs little, or a blur before strides."""
    round_ = isinstance(motion, Roll)
    ways = [replace(DENSE, words=DENSE.words | {"wrap"}) if round_ else DENSE] * dense
    ways += [MIRRORED] * (isinstance(motion, Turn) and motion.exact)
    ways += [PHASE] * (round_ and not is_dense(tried.examiner.output))
    blur = replace(BLUR, words=BLUR.words | {"wrap"}) if round_ else BLUR
    return next((way for way in ways if tried.runs((way,)) or tried.runs((*others, way))), blur)


def _affordable(seen: Survey, count: int) -> int:
    """How many inputs a dense evaluation may be asked about: all of `count`, FEWEST, or none."""
    most = max(QUICK, WORK * count * seen.work)
    return next((n for n in (count, min(FEWEST, count)) if n * seen.dense_work <= most), 0)


def _elements(domain: Domain, group: Group) -> tuple[Element, ...]:
    kept = domain.kept(group)
    return kept.elements if kept.order is not None and kept.order <= LARGEST_GROUP else ()


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
        with DenseTensors(examiner.domain.axes, only=flatten.features) as watch:
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
        sizes = features.shape[-motion.domain.axes :]
        shares = [s * m / n for s, m, n in zip(motion.shifts, sizes, motion.sizes, strict=True)]
        whole = all(share == int(share) for share in shares)
        return motion.domain.roll(features, tuple(int(share) for share in shares)) if whole else None
    return None
