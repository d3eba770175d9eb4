"""Graphs, sets, clouds or meshes with their labels or values: one for each, or one at every point of them."""

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from erlangen.data.graph_sets import SetStore
from erlangen.data.graphs import GraphStore
from erlangen.data.packed_pair import UNKNOWN as UNKNOWN
from erlangen.data.packed_pair import PackedPair
from erlangen.data.strata import stratified
from erlangen.errors import DataError


@dataclass(frozen=True)
class GraphPair(PackedPair):
    """Pairs (Gᵢ, yᵢ): a store of n graphs; targets [n], a label a graph, or [points], one at every point, int64;
    or real values, [n, k] or [points, k].

    Of labels at points −100 means that it is not known, or not asked for here. A value that is not finite, or another
    number of targets, is a DataError.

    >>> store = GraphStore([{"x": torch.zeros(2, 1)}, {"x": torch.zeros(3, 1)}])
    >>> pair = GraphPair(store, torch.tensor([1, 0]))
    >>> len(pair), pair.dense, pair.take([1]).targets.tolist()
    (2, False, [0])
    >>> GraphPair(store, torch.tensor([0, -100, 1, 1, 0])).asked
    4
    """

    inputs: "GraphStore | SetStore"
    finite: ClassVar[tuple[str, ...]] = ("x", "edge_attr", "edge_weight", "pos")
    whole: ClassVar[str] = "graph"
    point: ClassVar[str] = "point"

    @property
    def edge_features(self) -> int:
        """How many numbers stand at each edge."""
        attr = self.inputs.edge_attr
        return 0 if attr is None else attr.reshape(len(attr), -1).shape[1]

    @property
    def space(self) -> int:
        """Of clouds and meshes the dimension of the space they are in, else 0."""
        return 0 if self.inputs.pos is None else self.inputs.pos.shape[1]

    def check_like(self, part: str, other: "GraphPair") -> None:
        """Refuse parts of unlike graphs: as many numbers at each point, and at each edge, as those of `other`."""
        mine, theirs = (pair._form() for pair in (self, other))
        if mine != theirs:
            given = f"{part} graphs with {self._numbers} a point and {self.edge_features} an edge"
            expected = f"{other._numbers} and {other.edge_features}, as in the training part, and labels alike"
            raise DataError(given, expected, "Read all parts in the same way.")

    @property
    def _numbers(self) -> str:
        return " × ".join(map(str, self.inputs.x.shape[1:])) + " numbers"

    def _form(self) -> tuple[Any, ...]:
        asked = (self.dense, self.targets.shape[1:], self.valued, self.inputs.x.shape[2:])
        joined = (self.inputs.edge_index is not None, self.inputs.face is not None, isinstance(self.inputs, SetStore))
        return (self.channels, self.edge_features, *joined, self.space, *asked)


def hide(labels: Tensor, fractions: tuple[float, float], seed: int, names: tuple[str, ...] = ()) -> list[Tensor]:
    """The labels in three parts, each as long as all of them: what is of another part has the label −100.

    Of each class the fractions go to validation and test, the rest to training; what is not known stays so. Of labels
    `[points, …]`, several a point, whole points go, whatever their classes.

    >>> train, validation, test = hide(torch.arange(2).repeat(10), (0.2, 0.5), seed=0)
    >>> [int((part >= 0).sum()) for part in (train, validation, test)]
    [6, 4, 10]
    """
    found = []
    known = torch.flatten(torch.nonzero((labels != UNKNOWN).reshape(len(labels), -1).any(1)))
    several = labels.ndim > 1
    strata = torch.zeros_like(known) if several else labels[known]
    for places in stratified(strata.numpy(), fractions, seed, () if several else names):
        part = torch.full_like(labels, UNKNOWN)
        part[known[places]] = labels[known[places]]
        found.append(part)
    return found
