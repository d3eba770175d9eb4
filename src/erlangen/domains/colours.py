"""The colours of Weisfeiler and Leman: what message passing of any depth can tell of a node."""

import torch
from torch import Tensor

from erlangen.domains.graph import Edges


def colours(edges: Edges, given: Tensor | None = None) -> Tensor:
    """c_i ← the rank of (c_i, {c_j : j → i}, {c_k : i → k}) among all nodes, until no colour splits; `[nodes]`, from 0.

    Ranks are by value, so no order of storage enters: nodes that a relabelling may carry to each other have one colour,
    in the same graph and in another of the batch. `given` are whole numbers to start from. Weights are not read.

    >>> import torch
    >>> from erlangen.domains import Graph
    >>> path = torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]])
    >>> colours(Graph().read((torch.ones(3, 1), path))[1]).tolist()
    [0, 1, 0]

    Weisfeiler and Leman 1968.
    """
    ends = list(zip(edges.source.tolist(), edges.target.tolist(), strict=True))
    found = [0] * len(edges.members.batch) if given is None else given.tolist()
    count = 0
    while len(set(found)) > count:
        count = len(set(found))
        found = _split(found, ends)
    return torch.tensor(found, device=edges.source.device)


def _split(before: list[int], ends: list[tuple[int, int]]) -> list[int]:
    """One round."""
    heard: list[list[int]] = [[] for _ in before]
    told: list[list[int]] = [[] for _ in before]
    for source, target in ends:
        heard[target].append(before[source])
        told[source].append(before[target])
    seen = [(own, *sorted(h), -1, *sorted(t)) for own, h, t in zip(before, heard, told, strict=True)]
    rank = {sight: number for number, sight in enumerate(sorted(set(seen)))}
    return [rank[sight] for sight in seen]
