"""Are data distributed alike in every pose? A conditional randomisation test, exact for every number of samples.

H₀: X and g·X have one distribution for all g in G. Then samples x_i may each be moved by a g_i of their own, drawn
uniformly, and nothing changes: p = (1 + #{t* ≥ t}) / (1 + B) over B such copies.

Source: Chiu & Bloem-Reddy 2023 (arXiv:2307.15834) for the test conditional on the orbits; the choice of kernels, their
maximum, and the one table from which all copies are read are ours.
"""

import math
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from erlangen.auditing.discovery.nodes import Key, Node, key_of
from erlangen.auditing.discovery.place import Place
from erlangen.errors import InputError

SHARES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
PLANTS = 20
POWER = 0.8
_SAME = 1e-6


@dataclass(frozen=True, eq=False)
class Table:
    """k(x_i, g·x_j) for every kernel, g of the group and pair i < j, `[kernels, |G| · pairs]`.

    Since k(g·x, g·y) = k(x, y), the statistic of every copy is a sum of entries: Σ_{i<j} k(x_i, g_i⁻¹ g_j x_j).
    """

    kernels: Tensor
    relative: Tensor  # [|G|, |G|]: the place of g⁻¹ h
    first: Tensor
    second: Tensor

    def statistics(self, poses: Tensor) -> Tensor:
        """Σ_{i<j} k(g_i·x_i, g_j·x_j) of every kernel, `[copies, kernels]`; poses `[copies, n]`."""
        pairs = torch.arange(len(self.first))
        relative, count = self.relative.flatten() * len(pairs), len(self.relative)
        found = []
        for pose in poses:
            at = relative[(count * pose)[self.first] + pose[self.second]] + pairs
            found.append(torch.stack([kernel[at].sum() for kernel in self.kernels]))
        return torch.stack(found)


@dataclass
class Samples:
    """Tests one group after another on the same samples `[n, …]`; keeps the smallest planted share that was found.

    A break counts as found where p ≤ `level`; of what is found broken itself no power is measured.
    """

    place: Place
    x: Tensor
    level: float
    draws: int
    seed: int
    found: dict[Node, float] = field(default_factory=dict)
    _products: dict[Key, Tensor] = field(default_factory=dict)
    _readings: dict[Key, Tensor] = field(default_factory=dict)

    def __call__(self, node: Node) -> float:
        """p of H₀ for the whole of this group."""
        table = self._table(node)
        null = table.statistics(self._poses(node, self.draws, self.seed))
        p = p_value(null, table.statistics(torch.zeros(1, len(self.x), dtype=torch.int64))[0])
        if p > self.level:
            self.found[node] = self._power(node, table, null)
        return p

    def _power(self, node: Node, table: Table, null: Tensor) -> float:
        """The smallest share of samples in one pose that is found in 16 of 20 planted data sets.

        Planted: every sample in a random pose, but of that share the pose in which a random reading ⟨w, g·x⟩ is
        largest. Those data are as ours in everything but their poses.
        """
        upright = torch.stack([self._reading(key, node) for key in node.motions]).argmax(0).T
        at_random = self._poses(node, PLANTS, self.seed + 3)
        chance = torch.rand(PLANTS, len(self.x), generator=torch.Generator().manual_seed(self.seed + 2))
        low, high = 0, len(SHARES)
        while low < high:
            middle = (low + high) // 2
            planted = table.statistics(torch.where(chance < SHARES[middle], upright, at_random))
            seen = sum(p_value(null, statistic) <= self.level for statistic in planted) >= POWER * PLANTS
            low, high = (low, middle) if seen else (middle + 1, high)
        return SHARES[low] if low < len(SHARES) else math.inf

    def _poses(self, node: Node, copies: int, seed: int) -> Tensor:
        generator = torch.Generator().manual_seed(seed)
        return torch.randint(node.order, (copies, len(self.x)), generator=generator)

    def _table(self, node: Node) -> Table:
        """Kernels of what is centred by the mean over all poses, which no re-randomisation changes."""
        products = torch.stack([self._product(key, node) for key in node.motions])
        towards_mean = products.mean((0, 2))
        inner = products - towards_mean[:, None] - towards_mean + towards_mean.mean()
        squares = inner[0].diagonal()
        first, second = torch.triu_indices(len(self.x), len(self.x), 1)
        pairs = inner[:, first, second]
        distances = (squares[first] + squares[second] - 2 * pairs).clamp(min=0)
        scale = distances.median().clamp(min=torch.finfo(torch.float64).tiny)
        kernels = [pairs, pairs.square(), -distances.sqrt(), *(torch.exp(-distances / (s * scale)) for s in (2, 0.5))]
        return Table(torch.stack(kernels).flatten(1), _relative(node), first, second)

    def _moved(self, key: Key, node: Node) -> Tensor:
        moved = self.place.motion(node.motions[key]).move(self.x)
        if moved.shape != self.x.shape:
            raise InputError(
                f"samples of shape {tuple(self.x.shape[1:])}, which {node.group.label} gives another shape",
                "samples that keep their shape",
                "Cut them to squares or cubes.",
            )
        return self.place.vectors(moved)

    def _product(self, key: Key, node: Node) -> Tensor:
        """⟨x_i, g·x_j⟩ for all pairs, once for every g, whatever groups it is in."""
        if key not in self._products:
            flat, moved = self.place.vectors(self.x), self._moved(key, node)
            lengths = flat.square().sum(1)
            if float((moved.square().sum(1) - lengths).abs().max()) > _SAME * max(float(lengths.max()), 1e-300):
                raise InputError(
                    f"an action of {node.group.label} that changes lengths",
                    "orthogonal matrices, which the kernels' distances need",
                    "Change coordinates so that the group keeps lengths.",
                )
            self._products[key] = flat @ moved.T
        return self._products[key]

    def _reading(self, key: Key, node: Node) -> Tensor:
        """⟨w, g·x⟩ of every sample for each planted data set's own w, `[n, PLANTS]`."""
        if key not in self._readings:
            generator = torch.Generator().manual_seed(self.seed + 1)
            moved = self._moved(key, node)
            w = torch.randn(moved.shape[1], PLANTS, generator=generator, dtype=torch.float64)
            self._readings[key] = moved @ w
        return self._readings[key]


def p_value(null: Tensor, statistic: Tensor) -> float:
    """(1 + #{t* ≥ t}) / (1 + B), t the largest of the kernels' statistics, each in units of its own spread.

    Mean and spread are taken over the copies and the data together, which keeps them exchangeable. Sums of the same
    numbers in another order differ by rounding, which counts as equal.

    Shapes: null `[B, kernels]`, statistic `[kernels]`.

    >>> p_value(torch.arange(19.0)[:, None], torch.tensor([30.0]))
    0.05
    """
    together = torch.cat([statistic[None], null])
    centre, wide = together.mean(0), together.std(0)
    moving = wide > 1e-12 * together.abs().amax(0)
    if not bool(moving.any()):
        return 1.0
    largest = ((together - centre) / wide)[:, moving].amax(1)
    return (1 + int((largest[1:] >= largest[0] - 1e-9).sum())) / len(together)


def _relative(node: Node) -> Tensor:
    """The place of g⁻¹ h among the motions, by their matrices."""
    keys = list(node.motions)
    size = math.isqrt(len(keys[0]))
    matrices = [np.reshape(key, (size, size)) for key in keys]
    places = {key: i for i, key in enumerate(keys)}
    rows = [[places[_nearest(np.linalg.solve(g, h), places)] for h in matrices] for g in matrices]
    return torch.tensor(rows)


def _nearest(matrix: np.ndarray, places: dict[Key, int]) -> Key:
    """The key of a matrix that was computed from rounded ones."""
    key = key_of(matrix)
    return key if key in places else min(places, key=lambda k: float(np.abs(np.array(k) - matrix.ravel()).max()))
