"""Graphs, or sets, with their labels: one for each, or one at every point of them."""

from dataclasses import dataclass

import torch
from torch import Tensor

from erlangen.data.graphs import GraphBatch, GraphStore
from erlangen.data.strata import stratified
from erlangen.errors import DataError

UNKNOWN = -100  # the label that neither training nor testing asks for, as torch's cross-entropy has it


@dataclass(frozen=True)
class GraphPair:
    """Pairs (Gᵢ, yᵢ): a store of n graphs; targets [n], a label a graph, or [points], one at every point, int64.

    Of labels at points −100 means that it is not known, or not asked for here. A value that is not finite, or another
    number of targets, is a DataError.

    >>> store = GraphStore([{"x": torch.zeros(2, 1)}, {"x": torch.zeros(3, 1)}])
    >>> pair = GraphPair(store, torch.tensor([1, 0]))
    >>> len(pair), pair.dense, pair.take([1]).targets.tolist()
    (2, False, [0])
    >>> GraphPair(store, torch.tensor([0, -100, 1, 1, 0])).asked
    4
    """

    inputs: GraphStore
    targets: Tensor

    def __post_init__(self) -> None:
        n, points = len(self.inputs), len(self.inputs.x)
        if self.targets.ndim != 1 or len(self.targets) not in (n, points) or self.targets.is_floating_point():
            raise DataError(
                f"targets of shape {tuple(self.targets.shape)} and dtype {self.targets.dtype}",
                f"{n} labels, one a graph, or {points}, one at every point, whole numbers",
                "Check that both come from the same file.",
            )
        for name in ("x", "edge_attr", "edge_weight"):
            _check_finite(name, getattr(self.inputs, name))

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def dense(self) -> bool:
        """Whether there is a label at every point rather than one for the whole."""
        return len(self.targets) != len(self.inputs)

    @property
    def asked(self) -> int:
        """How many labels are known: of graphs, or of points."""
        return int((self.targets != UNKNOWN).sum())

    def take(self, indices: "Tensor | list[int]") -> "GraphPair":
        """The pairs at these indices, in this order."""
        return GraphPair(self.inputs.take(indices), self.targets[self._rows(indices)])

    def batch(self, indices: "Tensor | list[int]") -> tuple[GraphBatch, Tensor]:
        """The same as a network takes them: one behind the other, with their targets."""
        return self.inputs.batch(indices), self.targets[self._rows(indices)]

    def joined(self, *others: "GraphPair") -> "GraphPair":
        """These pairs, then the others."""
        stores = [other.inputs for other in others]
        return GraphPair(self.inputs.joined(*stores), torch.cat([self.targets, *(o.targets for o in others)]))

    def _rows(self, indices: "Tensor | list[int]") -> Tensor:
        return self.inputs.rows(indices) if self.dense else torch.as_tensor(indices, dtype=torch.int64)

    # ---- what a data set of such pairs asks ------------------------------------------------------------------------
    @property
    def channels(self) -> int:
        """How many numbers stand at each point."""
        return self.inputs.x.shape[1]

    @property
    def edge_features(self) -> int:
        """How many numbers stand at each edge."""
        attr = self.inputs.edge_attr
        return 0 if attr is None else attr.reshape(len(attr), -1).shape[1]

    @property
    def known(self) -> Tensor:
        """The labels, without those that are not known."""
        return self.targets[self.targets != UNKNOWN]

    def check_like(self, part: str, other: "GraphPair") -> None:
        """Refuse parts of unlike graphs: as many numbers at each point, and at each edge, as those of `other`."""
        mine, theirs = ((p.channels, p.edge_features, p.inputs.edge_index is not None, p.dense) for p in (self, other))
        if mine != theirs:
            given = f"{part} graphs with {self.channels} numbers a point and {self.edge_features} an edge"
            expected = f"{other.channels} and {other.edge_features}, as in the training part, and labels alike"
            raise DataError(given, expected, "Read all parts in the same way.")


def hide(labels: Tensor, fractions: tuple[float, float], seed: int, names: tuple[str, ...] = ()) -> list[Tensor]:
    """The labels in three parts, each as long as all of them: what is of another part has the label −100.

    Of each class the fractions go to validation and test, the rest to training; what is not known stays so.

    >>> train, validation, test = hide(torch.arange(2).repeat(10), (0.2, 0.5), seed=0)
    >>> [int((part >= 0).sum()) for part in (train, validation, test)]
    [6, 4, 10]
    """
    found = []
    known = torch.flatten(torch.nonzero(labels != UNKNOWN))
    for places in stratified(labels[known].numpy(), fractions, seed, names):
        part = torch.full_like(labels, UNKNOWN)
        part[known[places]] = labels[known[places]]
        found.append(part)
    return found


def _check_finite(name: str, values: Tensor | None) -> None:
    if values is not None and not bool(torch.isfinite(values).all()):
        row = int((~torch.isfinite(values)).reshape(len(values), -1).any(1).nonzero()[0])
        raise DataError(f"{name} that is not finite, first in row {row}", "finite numbers", "Remove or fill these.")
