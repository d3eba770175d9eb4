"""Does a model keep an element? The audit's error against what rounding and the transform do by themselves.

H₀: err(g) ≤ limit, where err² = mean ‖f(g·x) − g·f(x)‖² / (Var f(g·x) + Var g·f(x)); p is the share of the resamples of
the inputs on which the error is within the limit.
"""

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from erlangen.auditing.discovery.nodes import Node
from erlangen.auditing.discovery.place import Place
from erlangen.auditing.measure import error, resampled, rounding_floor, spread
from erlangen.auditing.motion import Motion, is_dense
from erlangen.auditing.verdict import BROKEN_ABOVE, EXACT_IN_DOUBLE, ROUND_TRIPS, tolerance
from erlangen.auditing.witness import Witness
from erlangen.errors import InputError

ROUNDING_BELOW = 1e-3  # an error below this is asked again in float64, where rounding is another
LADDER = tuple(10 ** (k / 2) for k in range(-12, 1))  # planted breaks, from 1e-6 of the answers' spread to all of it
PLANTS = 5
POWER = 0.8


@dataclass(frozen=True)
class Tried:
    """What was found for one element: the error, up to where it says nothing, and the smallest planted break found."""

    motion: Motion
    error: float
    limit: float
    power: float | None


@dataclass
class Tester:
    """Asks the model about one generator of every cyclic group; keeps what was found.

    A break counts as found where p ≤ `level`; of what is found broken itself no power is measured.
    """

    witness: Witness
    place: Place
    x: Tensor
    y: Tensor
    tolerance: float
    level: float
    draws: int
    seed: int
    found: dict[Node, Tried] = field(default_factory=dict)

    def __call__(self, node: Node) -> float:
        """p of H₀: the model keeps the generator of this cyclic group."""
        assert node.generator is not None
        motion = self.place.motion(node.generator)
        gx = motion.move(self.x)
        a, b = self._sides(motion, gx, self.witness, self.x, self.y)
        limit = self._limit(motion, a, b)
        p = self._p(a, b, limit)
        power = None if p <= self.level else self._power(motion, gx, a, b, limit)
        self.found[node] = Tried(motion, error(a, b), limit, power)
        return p

    def _power(self, motion: Motion, gx: Tensor, a: Tensor, b: Tensor, limit: float) -> float:
        """The smallest ε of the ladder at which four of five planted breaks are found.

        f_ε(x) = f(x) + ε s ⟨w, x⟩ u, w a random reading without any symmetry, of variance 1 over the inputs, u a random
        direction of the answer's channels, and s so that ε = 1 spreads as far as the answers do.
        """
        if gx.shape != self.x.shape or math.isinf(limit):
            return math.inf
        firsts = []
        for which in range(PLANTS):
            added = motion.read(self._plant(gx, which)), motion.answer(self._plant(self.x, which))
            firsts.append(self._first((a, b), added, limit))
        return sorted(firsts)[math.ceil(POWER * PLANTS) - 1]

    def _first(self, sides: tuple[Tensor, Tensor], added: tuple[Tensor, Tensor], limit: float) -> float:
        """The smallest ε of the ladder at which this one is found."""
        low, high = 0, len(LADDER)
        while low < high:
            middle = (low + high) // 2
            a, b = (side + LADDER[middle] * plant for side, plant in zip(sides, added, strict=True))
            low, high = (low, middle) if self._p(a, b, limit) <= self.level else (middle + 1, high)
        return LADDER[low] if low < len(LADDER) else math.inf

    def _p(self, a: Tensor, b: Tensor, limit: float) -> float:
        if not error(a, b) > limit:
            return 1.0
        drawn = resampled(a, b, self.draws, self.seed)
        return (1 + int((~(drawn > limit)).sum())) / (1 + len(drawn))

    def _sides(
        self, motion: Motion, gx: Tensor, witness: Witness, x: Tensor, y: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        a = motion.read(witness(gx, f"x after {motion.label}"))
        b = motion.answer(witness(x) if y is None else y)
        if a.shape != b.shape:
            raise InputError(
                f"answers of shape {tuple(a.shape[1:])} to x after {motion.label}, and {tuple(b.shape[1:])} to x",
                "answers that can be compared",
                "Say with output=er.Equivariant(n) that the answer moves along, or pass square inputs.",
            )
        return a, b

    def _limit(self, motion: Motion, a: Tensor, b: Tensor) -> float:
        """The error that proves nothing: rounding, three round trips of the transform, or what the caller allows."""
        dtype = max((self.x.dtype, a.dtype), key=lambda d: torch.finfo(d).eps)
        floor = rounding_floor(a, b, torch.finfo(dtype).eps)
        if not floor <= BROKEN_ABOVE:
            return math.inf  # the answers vary too little for any error to mean something
        limit = max(self.tolerance, tolerance(dtype), floor, ROUND_TRIPS * self._round_trip(motion))
        measured = error(a, b)
        if motion.exact and dtype != torch.float64 and limit < measured < ROUNDING_BELOW and self._rounds(motion):
            return measured
        return limit

    def _rounds(self, motion: Motion) -> bool:
        """Whether the error is gone in float64."""
        try:
            twin, x = self.witness.twin(), self.x.double()
            return error(*self._sides(motion, motion.move(x), twin, x)) <= EXACT_IN_DOUBLE
        except Exception:  # the model is the user's; one that has no float64 twin keeps its float32 error
            return False

    def _round_trip(self, motion: Motion) -> float:
        if motion.exact:
            return 0.0
        trips = [error(motion.round_trip(self.x, answers=False), self.x)]
        if is_dense(getattr(motion, "output")):  # noqa: B009  # only a Turn interpolates, and it says its output
            trips.append(error(motion.read(motion.round_trip(self.y, answers=True)), motion.read(self.y)))
        return max((trip for trip in trips if not math.isnan(trip)), default=0.0)

    def _plant(self, x: Tensor, which: int) -> Tensor:
        """s ⟨w, x⟩ u, of the shape of the answers."""
        generator = torch.Generator().manual_seed(self.seed + 1 + which)
        w = torch.randn(self.x[0].numel(), generator=generator, dtype=torch.float64)
        u = torch.randn(self.y.shape[1], generator=generator, dtype=torch.float64)
        own = self.x.flatten(1).double() @ w
        size = math.sqrt(spread(self.y) / max(1, self.y[0, 0].numel())) / float(own.std())
        reading = (x.flatten(1).double() @ w)[:, None] * (u / u.norm()) * size
        return reading.reshape(*reading.shape, *(1,) * (self.y.dim() - 2)).expand(self.y.shape).to(self.y.dtype)
