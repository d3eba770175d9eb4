"""Small graphs drawn at random, with atoms of three kinds at their nodes."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from erlangen.data import GraphPair, GraphStore

LEAST, MOST = 6, 9
KINDS, SHARES = ("C", "N", "O"), (0.45, 0.2, 0.35)
OXYGEN = 2


class Molecule(NamedTuple):
    """The kind at each node, and pairs of nodes that are bound."""

    kinds: list[int]
    bonds: list[tuple[int, int]]

    @property
    def peroxide(self) -> bool:
        """Whether two oxygens are bound to each other."""
        return any(self.kinds[a] == OXYGEN == self.kinds[b] for a, b in self.bonds)

    def in_order(self, order: list[int]) -> "Molecule":
        """The same molecule, node i stored as node order[i]."""
        back = sorted(range(len(order)), key=order.__getitem__)
        return Molecule([self.kinds[i] for i in back], [(order[a], order[b]) for a, b in self.bonds])

    @property
    def graph(self) -> dict[str, Tensor]:
        """As networks take it."""
        ends = torch.tensor(self.bonds).T
        return {"x": torch.eye(len(KINDS))[self.kinds], "edge_index": torch.cat([ends, ends.flip(0)], dim=1)}

    @property
    def adjacency(self) -> np.ndarray:
        """1 where two nodes are bound, `[n, n]`."""
        found = np.zeros((len(self.kinds), len(self.kinds)))
        for a, b in self.bonds:
            found[a, b] = found[b, a] = 1
        return found


def molecule(rng: np.random.Generator) -> Molecule:
    """A tree of 6 to 9 nodes with up to two more bonds, stored in a random order."""
    n = int(rng.integers(LEAST, MOST + 1))
    bonds = [(int(rng.integers(0, i)), i) for i in range(1, n)]
    for _ in range(int(rng.integers(0, 3))):
        a, b = sorted(rng.choice(n, 2, replace=False).tolist())
        bonds += [(a, b)] if (a, b) not in bonds else []
    kinds = rng.choice(len(KINDS), n, p=SHARES).tolist()
    return Molecule(kinds, bonds).in_order(rng.permutation(n).tolist())


def molecules(n: int, rng: np.random.Generator) -> GraphPair:
    """n of them, half with two oxygens bound to each other (1), half without (0)."""
    found: tuple[list[Molecule], list[Molecule]] = ([], [])
    while min(map(len, found)) < n // 2:
        made = molecule(rng)
        if len(found[made.peroxide]) < n // 2:
            found[made.peroxide].append(made)
    return GraphPair(GraphStore([m.graph for m in found[0] + found[1]]), torch.arange(n // 2 * 2) // (n // 2))
