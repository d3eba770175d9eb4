"""Random walks on a graph: where a walker that began at a node is after some steps."""

from collections.abc import Iterator

import torch
from torch import Tensor

from erlangen.domains._segments import lengths
from erlangen.domains.graph import Edges, add_along, degrees
from erlangen.domains.packed import place_in
from erlangen.domains.pairs import refuse_too_many

CHUNK = 256  # columns of a power of the walk that are held at a time where the diagonal alone is asked for


def walks(edges: Edges, steps: int, like: Tensor) -> Tensor:
    """(M^k)_ij for k = 1 … steps, M_ij = w_ij / Σ_j |w_ij|: what the k-th mean over neighbours takes from j to i.

    Shapes: `[nodes, longest, steps]` in the dtype of `like`, column j the j-th node of the same graph.

    >>> import torch
    >>> from erlangen.domains import Graph
    >>> x, edges = Graph().read((torch.ones(2, 1), torch.tensor([[0, 1], [1, 0]])))
    >>> walks(edges, 2, x)[0].tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    refuse_too_many(int((lengths(edges.members.ptr) ** 2).sum()), "pairs of nodes")
    longest = int(lengths(edges.members.ptr).max())
    return torch.stack(list(_powers(edges, steps, like, 0, longest)), dim=-1)


def returns(edges: Edges, steps: int, like: Tensor) -> Tensor:
    """(M^k)_ii for k = 1 … steps: the share that comes back, `[nodes, steps]`. Dwivedi et al. 2021, arXiv:2110.07875.

    >>> import torch
    >>> from erlangen.domains import Graph
    >>> x, edges = Graph().read((torch.ones(2, 1), torch.tensor([[0, 1], [1, 0]])))
    >>> returns(edges, 2, x).tolist()
    [[0.0, 1.0], [0.0, 1.0]]
    """
    place, longest = place_in(edges.members), int(lengths(edges.members.ptr).max())
    found = like.new_zeros(len(place), steps)
    for first in range(0, longest, CHUNK):
        rows = ((place >= first) & (place < first + CHUNK)).nonzero()[:, 0]
        columns = place[rows] - first
        powers = _powers(edges, steps, like, first, min(longest, first + CHUNK))
        found[rows] = torch.stack([power[rows, columns] for power in powers], dim=1)
    return found


def _powers(edges: Edges, steps: int, like: Tensor, first: int, last: int) -> Iterator[Tensor]:
    """Columns `first` … `last` of M, M², …, each `[nodes, last − first]`."""
    place = place_in(edges.members)
    power = (place[:, None] == torch.arange(first, last, device=place.device)).to(like.dtype)
    count = degrees(edges, like).clamp(min=1e-12)[:, None]
    for _ in range(steps):
        power = add_along(power, edges) / count
        yield power
