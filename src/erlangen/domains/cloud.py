"""Clouds: where points are and which of them are neighbours, as a signal on points carries it beside its values."""

from typing import NamedTuple

import torch
from torch import Tensor

from erlangen.domains._segments import spread
from erlangen.domains._stored import stored
from erlangen.domains.graph import Edges, from_sources, from_targets, sorted_edges
from erlangen.domains.packed import Members
from erlangen.errors import InputError


@stored
class Cloud(NamedTuple):
    """Points `position` `[n, d]`, clouds one behind the other, and the `edges` j → i of neighbours, sorted by target.

    `vector` x_j + o·A − x_i and `length` of each edge, `[E, d]` and `[E]`, are differentiable in the positions and in
    the cell; `offset` o `[E, d]` are the cells in between, `cell` A `[b, d, d]` and `pbc` `[b, d]` those of a periodic
    cloud. `z` `[n]` are numbers of elements where they were given. Of a coarser cloud, `kept` says which points of the
    `finer` one stayed, and `edges.clusters` to which of them each belongs.

    >>> import torch, erlangen as er
    >>> _, cloud = er.Points(3, radius=1.5).read({"pos": torch.eye(3), "x": torch.ones(3, 1)})
    >>> cloud.position.shape, cloud.vector.shape, round(cloud.length[0].item(), 4)
    (torch.Size([3, 3]), torch.Size([6, 3]), 1.4142)
    """

    edges: Edges
    position: Tensor
    vector: Tensor
    length: Tensor
    offset: Tensor | None = None
    cell: Tensor | None = None
    pbc: Tensor | None = None
    z: Tensor | None = None
    kept: Tensor | None = None
    finer: "Cloud | None" = None

    @property
    def members(self) -> Members:
        """Which point belongs to which cloud."""
        return self.edges.members

    @property
    def source(self) -> Tensor:
        """j of each edge j → i, `[E]`."""
        return self.edges.source

    @property
    def target(self) -> Tensor:
        """i of each edge j → i, `[E]`, rising."""
        return self.edges.target

    @property
    def into(self) -> Tensor:
        """Where the edges of each target begin, and where the last ones end, `[n + 1]`."""
        return self.edges.into


def cloud_of(
    edges: Edges,
    position: Tensor,
    offset: Tensor | None = None,
    cell: Tensor | None = None,
    pbc: Tensor | None = None,
    z: Tensor | None = None,
    dtype: torch.dtype | None = None,
) -> Cloud:
    """The cloud of these positions: vectors are taken in their dtype, and then kept as `dtype`, as all else is."""
    vector = from_sources(position, edges) - from_targets(position, edges)
    if offset is not None and cell is not None:
        vector = vector + (offset.to(cell.dtype)[:, None, :] @ spread(cell, edges.members.batch[edges.target]))[:, 0]
    dtype = position.dtype if dtype is None else dtype
    position, vector = position.to(dtype), vector.to(dtype)
    edges = edges if edges.features is None else edges._replace(features=edges.features.to(dtype))
    return Cloud(edges, position, vector, length_of(vector), offset, None if cell is None else cell.to(dtype), pbc, z)


def length_of(vector: Tensor) -> Tensor:
    """|v| of each row, whose gradient at v = 0 is 0.

    >>> v = torch.tensor([[3.0, 4.0], [0.0, 0.0]], requires_grad=True)
    >>> torch.autograd.grad(length_of(v).sum(), v)[0].tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    squared = vector.square().sum(1)
    apart = squared > 0
    return torch.where(apart, torch.where(apart, squared, 1.0).sqrt(), 0.0)


def turned(cloud: Cloud, matrix: Tensor) -> Cloud:
    """x ↦ R x for every point, with the same edges, for an orthogonal matrix `[d, d]`; the cells turn along."""
    cell = None if cloud.cell is None else cloud.cell @ matrix.T
    finer = None if cloud.finer is None else turned(cloud.finer, matrix)
    return _again(cloud, cloud.position @ matrix.T, cell, finer)


def shifted(cloud: Cloud, by: Tensor) -> Cloud:
    """x ↦ x + t for every point, with the same edges; t `[d]` for all clouds, or `[b, d]` for each its own."""
    moved = cloud.position + (by if by.dim() == 1 else spread(by, cloud.members.batch))
    return _again(cloud, moved, cloud.cell, None if cloud.finer is None else shifted(cloud.finer, by))


def relabelled(cloud: Cloud, images: Tensor) -> Cloud:
    """The same cloud stored in another order: x′[images] = x, the points of each cloud among themselves.

    What a coarser cloud knows of its finer one is left out. Raises InputError where a point would change its cloud.
    """
    members = cloud.members
    if len(images) != len(members.batch) or bool((members.batch[images] != members.batch).any()):
        raise InputError(
            "an order that mixes clouds", "the points of each among themselves", "Relabel before reading for more."
        )
    edges = sorted_edges(images[cloud.source], images[cloud.target], members)
    told = cloud.edges.features
    edges = edges._replace(features=None if told is None else told[edges.order])
    offset = None if cloud.offset is None else cloud.offset[edges.order]
    position = torch.empty_like(cloud.position).index_copy(0, images, cloud.position)
    z = None if cloud.z is None else torch.empty_like(cloud.z).index_copy(0, images, cloud.z)
    return cloud_of(edges, position, offset, cloud.cell, cloud.pbc, z)


def _again(cloud: Cloud, position: Tensor, cell: Tensor | None, finer: Cloud | None) -> Cloud:
    made = cloud_of(cloud.edges, position, cloud.offset, cell, cloud.pbc, cloud.z)
    return made._replace(kept=cloud.kept, finer=finer)
