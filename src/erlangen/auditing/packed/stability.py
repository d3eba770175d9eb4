"""Stability of graph models: how far the answers move when a part of the edges is rewired, against how much.

change = √(mean ‖f(x, A′) − f(x, A)‖² / (Var f(x, A′) + Var f(x, A))) against ε = ‖A′ − A‖ / ‖A‖. Gama, Bruna, Ribeiro
2020, arXiv:1905.04497: filters whose response varies little over frequencies change by at most C·ε.
"""

import math

import torch
from torch import Tensor

from erlangen.auditing.measure import resampled
from erlangen.auditing.packed.examine import PackedExaminer
from erlangen.auditing.packed.rewire import Rewiring, distance
from erlangen.auditing.packed.signals import ENDS, Sample
from erlangen.auditing.slope import fit
from erlangen.auditing.stability import Bent, Stability
from erlangen.auditing.stability_words import REWIRED
from erlangen.auditing.witness import warn

SHARES = tuple(2.0**-k for k in range(6, 0, -1))  # of the edges
SMALL = 0.55  # a little above the ε where an eighth of equal edges is rewired


def rewired(examiner: PackedExaminer, warnings: list[str]) -> Stability | None:
    """The curve and its slope, in a pass over the inputs for each size; None where no edge can be moved.

    What is drawn for a graph is the same at every size: its first edges, more of them. Sizes at which no more is
    rewired than at the one before are left out.
    """
    generator = torch.Generator().manual_seed(examiner.options.seed)
    drawn = [Rewiring(sample, generator) for sample in examiner.samples]
    curve: list[Bent] = []
    resamples: list[Tensor] = []
    for share in SHARES:
        moved = [one.at(share) for one in drawn]
        size = _size(examiner.samples, moved)
        if size <= max((bent.size for bent in curve), default=0.0):
            continue
        bent, again = _bend(examiner, moved, size)
        curve.append(bent)
        resamples.append(again)
    if not curve:
        warn(warnings, "Stability to rewired edges was left out: there is no edge that could go elsewhere.")
        return None
    sizes, changes = [b.size for b in curve], [b.change for b in curve]
    slope = fit(sizes, changes, [b.resolved for b in curve], torch.stack(resamples, dim=1), SMALL)
    return Stability(tuple(curve), slope, examiner.rows != "whole", "of the edges", (), REWIRED)


def _bend(examiner: PackedExaminer, moved: list[Sample], size: float) -> tuple[Bent, Tensor]:
    """One size: its point of the curve, and the changes of resampled inputs."""
    y, options = examiner.y, examiner.options
    asked = examiner.ask(moved, f"x with edges rewired, ε = {size:.2g}")
    numbers = examiner.compare(asked, y)
    bent = Bent(
        size=size,
        reach=_share(examiner.samples, moved),
        change=numbers.error,
        low=numbers.low,
        high=numbers.high,
        median=numbers.median,
        worst=numbers.worst,
        floor=numbers.floor,
        inputs=math.nan,
    )
    return bent, resampled(asked, y, options.bootstrap, options.seed)


def _share(samples: list[Sample], moved: list[Sample]) -> float:
    """How many of all edges have another end."""
    ends = [torch.cat([sample.edges[ENDS] for sample in some], dim=1) for some in (samples, moved)]
    return float((ends[0] != ends[1]).any(0).double().mean())


def _size(samples: list[Sample], moved: list[Sample]) -> float:
    """‖A′ − A‖ / ‖A‖ of all graphs together."""
    parts = [distance(a, b) for a, b in zip(samples, moved, strict=True)]
    apart, whole = (sum(part[i] for part in parts) for i in (0, 1))
    return math.sqrt(apart / whole) if whole else 0.0
