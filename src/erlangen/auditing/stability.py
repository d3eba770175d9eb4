"""Stability to deformations: how far the answers move when their inputs are bent a little, against how much.

x_τ(u) = x(u − τ(u)); the change is √(mean ‖f(x_τ) − f(x)‖² / (Var f(x_τ) + Var f(x))), 1 is unrelated; where the
answer moves along, f(x_τ) is compared with f(x) bent by the same τ. Mallat 2012, arXiv:1101.2286: an answer is stable
if the change is at most C·sup |∇τ|.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from erlangen.auditing.examine import Examiner
from erlangen.auditing.given import lattice
from erlangen.auditing.measure import compare, error, resampled
from erlangen.auditing.motion import is_dense, masked
from erlangen.auditing.slope import Slope, fit
from erlangen.auditing.stability_words import DEFORMED, Words
from erlangen.auditing.verdict import ROUND_TRIPS
from erlangen.auditing.witness import warn
from erlangen.domains.deformations import Deformations
from erlangen.errors import DomainError, InputError

SIZES = tuple(2.0**-k for k in range(8, 0, -1))
FINE, COARSE = 5, 3  # the spline that deforms, and the one whose difference from it is the floor


@dataclass(frozen=True)
class Bent:
    """The answers to deformed inputs at one size ε = sup |∇τ|, and how far they are from where they should be.

    `reach` is the median over inputs of sup |τ|, in the lattice's unit; `inputs` the change of the inputs themselves,
    which is that of a model that answers with its input and should stay put; `floor` what the answers change by where
    the same deformation is interpolated by cubic instead of quintic splines, or what rounding may do, if that is more.
    """

    size: float
    reach: float
    change: float
    low: float
    high: float
    median: float
    worst: float
    floor: float
    inputs: float

    @property
    def resolved(self) -> bool:
        """Whether the change is beyond what interpolation and rounding do: more than 3 × the floor."""
        return self.change > ROUND_TRIPS * self.floor


@dataclass(frozen=True)
class Stability:
    """change ≈ `constant` · ε for small deformations of size ε = sup |∇τ|, and ε to which power it really goes.

    `curve` holds what was measured at each size. `exponent`, `constant` and their 95 % bounds over inputs are read from
    the sizes `fitted`: those up to ⅛ that are above 3 × the floor and change the answers by at most 0.3; NaN if none.
    `pictures` is one input, and the same deformed at the larger sizes. On graphs ε = ‖A′ − A‖ / ‖A‖ of rewired edges,
    read up to 0.55, `reach` is the share of the edges, and there are no pictures: `words` tell one from the other.

    >>> import torch, erlangen as er
    >>> pictures = er.testing.scene(er.Grid(2), n=16)(16)
    >>> report = er.audit(lambda x: x.mean((2, 3)), er.Grid(2), er.C(4), pictures, stability=True, proof=False)
    >>> len(report.stability.sizes), report.stability.constant > 0
    (8, True)
    """

    curve: tuple[Bent, ...]
    slope: Slope
    dense: bool
    unit: str
    pictures: tuple[tuple[float, Tensor], ...] = field(repr=False, compare=False)
    words: Words = field(default=DEFORMED, repr=False, compare=False)

    @property
    def sizes(self) -> tuple[float, ...]:
        """ε = sup |∇τ| of every point of the curve."""
        return tuple(b.size for b in self.curve)

    @property
    def changes(self) -> tuple[float, ...]:
        """√(mean ‖f(x_τ) − f(x)‖² / (Var f(x_τ) + Var f(x))) at every size."""
        return tuple(b.change for b in self.curve)

    @property
    def spread(self) -> tuple[tuple[float, float], ...]:
        """The 95 % interval of every change, over inputs and the deformations drawn for them."""
        return tuple((b.low, b.high) for b in self.curve)

    @property
    def floor(self) -> tuple[float, ...]:
        """What interpolation and rounding do by themselves, at every size."""
        return tuple(b.floor for b in self.curve)

    @property
    def exponent(self) -> float:
        """p of change ∝ εᵖ over the small sizes: 1, but 2 where the first order vanishes."""
        return self.slope.exponent

    @property
    def constant(self) -> float:
        """C of change ≈ C·ε over the small sizes: the smaller, the more stable."""
        return self.slope.constant

    def to_dict(self) -> dict[str, Any]:
        """The numbers as JSON can hold them."""
        names = [name for name in Bent.__dataclass_fields__ if name != "size"]
        curve = [
            {"size": b.size, **{n: _known(getattr(b, n)) for n in names}, "resolved": b.resolved} for b in self.curve
        ]
        s = self.slope
        return {
            "exponent": _known(s.exponent),
            "exponent_bounds": [_known(v) for v in s.exponent_bounds],
            "constant": _known(s.constant),
            "constant_bounds": [_known(v) for v in s.constant_bounds],
            "fitted": list(s.fitted),
            "curve": curve,
        }

    def __str__(self) -> str:
        from erlangen.auditing.stability_text import paragraph

        return paragraph(self)


def measure(examiner: Examiner, progress: Callable[[int], None] | None, warnings: list[str]) -> Stability | None:
    """The curve and its slope; None, with a warning that says why, where the domain knows no deformations.

    Asks the model twice for every size: about inputs deformed by quintic and by cubic splines. One field is drawn for
    each input, and it is the same at every size but for its scale.
    """
    x, y, domain = examiner.x, examiner.y, lattice(examiner.domain, "stability")
    try:
        fields = domain.deformations(tuple(x.shape[2:]), len(x), examiner.seed)
    except (DomainError, InputError) as reason:
        warn(warnings, f"Stability to deformations was left out: {reason}")
        return None
    dense = is_dense(examiner.output)
    if dense and tuple(y.shape[2:]) != tuple(x.shape[2:]) and min(y.shape[2:]) < 2:
        warn(warnings, "Stability to deformations was left out: the answers have too few points to be deformed.")
        return None
    reach = float(np.median(fields.reach()))
    curve, drawn, pictures = [], [], [(0.0, x[0].clone())]
    for i, size in enumerate(SIZES):
        bent, resamples, moved = _bend(examiner, fields, size, reach)
        curve.append(bent)
        drawn.append(resamples)
        pictures += [(size, moved[0].clone())] if size >= SIZES[-3] else []
        if progress is not None:
            progress(i + 1)
    unit = "sites" if domain.spacing is None else "units of its spacing"
    changes = [b.change for b in curve]
    slope = fit(SIZES, changes, [b.resolved for b in curve], torch.stack(drawn, dim=1))
    return Stability(tuple(curve), slope, dense, unit, tuple(pictures))


def _bend(examiner: Examiner, fields: Deformations, size: float, reach: float) -> tuple[Bent, Tensor, Tensor]:
    """One size: its point of the curve, the changes of resampled inputs, and the deformed inputs."""
    x = examiner.x
    moved, asked, wanted = _sides(examiner, fields, size, FINE)
    _, coarse, unbent = _sides(examiner, fields, size, COARSE)
    mask = examiner.domain.mask(wanted) if is_dense(examiner.output) else None
    eps = torch.finfo(examiner.dtype).eps
    numbers = compare(asked, wanted, examiner.draws, examiner.seed, False, mask, eps)
    floor = max(numbers.floor, *(_or_zero(error(a, b)) for a, b in ((coarse, asked), (unbent, wanted))))
    bent = Bent(
        size=size,
        reach=size * reach,
        change=numbers.error,
        low=numbers.low,
        high=numbers.high,
        median=numbers.median,
        worst=numbers.worst,
        floor=floor,
        inputs=error(moved, x),
    )
    return bent, resampled(asked, wanted, examiner.draws, examiner.seed), moved


def _sides(examiner: Examiner, fields: Deformations, size: float, order: int) -> tuple[Tensor, Tensor, Tensor]:
    """x_τ, f(x_τ), and what that should be: f(x), bent along where the answer is one at each point."""
    domain, x, y = lattice(examiner.domain, "stability"), examiner.x, examiner.y
    moved = domain.deform(x, size * fields.on(tuple(x.shape[2:])), order)
    answer = examiner.witness(moved, f"x deformed by a size of {size:g}")
    if answer.shape != y.shape:
        raise InputError(
            f"answers of shape {tuple(answer.shape)} after {tuple(y.shape)}",
            "answers of one shape",
            "Let it not depend on values.",
        )
    wanted = domain.deform(y, size * fields.on(tuple(y.shape[2:])), order) if is_dense(examiner.output) else y
    return moved, masked(domain, examiner.output, answer), masked(domain, examiner.output, wanted)


def _or_zero(value: float) -> float:
    return 0.0 if math.isnan(value) else value


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
