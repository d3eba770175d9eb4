"""Who is near whom in a cloud of points: all within a radius, also through periodic walls, or the k nearest.

Small clouds are searched pair by pair, large ones by bins as wide as the search reaches: both exact, the second in time
that grows as the number of points. Distances are computed in float64; those within rounding of the limit count as
within, so that turned and moved clouds have the same neighbours. Source: Allen, Tildesley 2017, chapter 5.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from erlangen.domains._segments import lengths, segment_mean, spread, starts
from erlangen.domains.packed import Members
from erlangen.domains.pairs import refuse_too_many
from erlangen.domains.ties import rounding
from erlangen.errors import InputError

SMALL = 256  # up to so many points a cloud is searched pair by pair
BLOCK = 2**21  # so many pairs are looked at together


class Neighbours(NamedTuple):
    """The edges j → i, sorted by target i, then by source j.

    Where there is a cell, `offset` `[E, d]` says by how many cells the image of j that is meant is moved.
    """

    source: Tensor
    target: Tensor
    offset: Tensor | None = None


class _Places(NamedTuple):
    """Points in float64, clouds one behind the other."""

    position: Tensor
    members: Members


def radius_edges(
    position: Tensor, members: Members, radius: float, cell: Tensor | None = None, pbc: Tensor | None = None
) -> Neighbours:
    """All pairs with |x_j + o·A − x_i| ≤ r, of one cloud, without the point itself (o = 0); both ways.

    Shapes: position `[n, d]`, sorted by clouds; `cell` `[b, d, d]`, whose rows are the vectors of each lattice A;
    `pbc` `[b, d]`, along which of them it repeats (all, where left out). Every image within the radius is an edge of
    its own, several of one point and of the point itself too. Raises InputError for cells that are flat.

    >>> from erlangen.domains.packed import whole
    >>> line = torch.tensor([[0.0, 0.0], [1.0, 0.0], [3.0, 0.0]])
    >>> radius_edges(line, whole(3, line), 1.5)[:2]
    (tensor([1, 0]), tensor([0, 1]))
    >>> radius_edges(line[:1], whole(1, line), 1.0, torch.eye(2)[None]).offset.tolist()
    [[-1, 0], [0, -1], [0, 1], [1, 0]]
    """
    points, reach = _places(position, members), radius * (1 + rounding(position.dtype))
    if cell is not None:
        every = torch.ones(cell.shape[:2], dtype=torch.bool, device=cell.device)
        return _through_walls(points, reach, cell.detach().double(), every if pbc is None else pbc)
    reaches = points.position.new_full((len(members.ptr) - 1,), reach)
    found = [(s, t) for t, s, _ in _close(points.position, members.batch, points, reaches)]
    source, target = _joined(found, members.batch)
    return _sorted(source, target, len(members.batch), source != target)


def nearest_edges(position: Tensor, members: Members, k: int) -> Neighbours:
    """From the k nearest others of its cloud to each point, and from all that are tied with the k-th.

    Distances are tied that differ by less than rounding at the scale of the cloud. A cloud of no more than k + 1 points
    is joined throughout. Shapes: position `[n, d]`, sorted by clouds.

    >>> from erlangen.domains.packed import whole
    >>> line = torch.tensor([[0.0], [1.0], [2.0], [4.0]])
    >>> nearest_edges(line, whole(4, line), 1)[:2]
    (tensor([1, 0, 2, 1, 2]), tensor([0, 1, 1, 2, 3]))
    """
    points = _places(position, members)
    near = rounding(position.dtype) * extents(points.position, members)
    source, target = _nearest(points, points, k, near, apart=True)
    return _sorted(source, target, len(members.batch))


def nearest_of(position: Tensor, members: Members, kept: Tensor, among: Members, k: int) -> Neighbours:
    """From the k nearest of the rows `kept`, whose members are `among`, to each point, itself not left out; with ties.

    `source` counts the rows of `kept`.
    """
    points = _places(position, members)
    near = rounding(position.dtype) * extents(points.position, members)
    source, target = _nearest(points, _Places(points.position[kept], among), k, near, apart=False)
    return _sorted(source, target, len(kept))


def every_pair(members: Members) -> Neighbours:
    """From each point of a cloud to each other one. Raises InputError where there are too many to hold."""
    sizes = lengths(members.ptr)
    refuse_too_many(int((sizes * sizes).sum()), "pairs of points")
    found = [(s, t) for t, s in _candidates(*_whole_clouds(members.batch, members))]
    source, target = _joined(found, members.batch)
    return _sorted(source, target, len(members.batch), source != target)


def _places(position: Tensor, members: Members) -> _Places:
    if not bool(position.isfinite().all()):
        raise InputError("positions that are not finite", "numbers", "Look for a NaN in them.")
    return _Places(position.detach().double(), members)


def extents(position: Tensor, members: Members) -> Tensor:
    """How far the farthest point of each cloud lies from its centroid, `[b]`."""
    centred = position - spread(segment_mean(position, members.batch, members.ptr), members.batch)
    return _extreme(centred.norm(dim=1), members, "amax")


# ---- pairs that may be near ----------------------------------------------------------------------------------------
def _close(target: Tensor, cloud: Tensor, sources: _Places, reach: Tensor) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Block by block of targets: (row of target, row of source, squared distance) within the reach `[b]` of a cloud."""
    small = int(lengths(sources.members.ptr).max()) <= SMALL
    if small:
        left, right, order = *_whole_clouds(cloud, sources.members), None
    else:
        left, right, order = _strips(target, cloud, sources, reach)
    limit = (reach * reach)[cloud]
    for row, place in _candidates(left, right):
        source = place if order is None else order[place]
        squared = (sources.position[source] - target[row]).square().sum(1)
        near = squared <= limit[row]
        yield row[near], source[near], squared[near]


def _whole_clouds(cloud: Tensor, members: Members) -> tuple[Tensor, Tensor]:
    """For each target one run of rows: all of its cloud. `[1, n]` where it begins and where it ends."""
    return members.ptr[cloud][None], members.ptr[cloud + 1][None]


def _strips(target: Tensor, cloud: Tensor, sources: _Places, reach: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """For each target the runs `[3^(d−1), n]` of sources, sorted by bins, in its bin and in those that touch it.

    Bins are as wide as the search reaches. Each cloud's box has a rim of empty ones, so that three bins along the last
    axis are one run, and neighbours beyond the box are none. Returns begins, ends and the order by bins.
    """
    position, members = sources
    dim, clouds = position.shape[1], len(reach)
    most = min(2**20, int((2**60 / clouds) ** (1 / dim)) - 4)  # so that the numbers of bins stay whole
    low, high = (_extreme(position, members, way) for way in ("amin", "amax"))
    width = torch.maximum(reach * (1 + 1e-6), (high - low).amax(1) / most)
    width = torch.where(width > 0, width, 1.0)[:, None]
    steps = int(((high - low) / width).floor().max()) + 3

    def bins(points: Tensor, of: Tensor) -> Tensor:
        at = ((points - low[of]) / width[of]).floor().clamp(-1, steps - 2).long() + 1
        number = of
        for axis in range(dim):
            number = number * steps + at[:, axis]
        return number

    number = bins(position, members.batch)
    order = torch.argsort(number, stable=True)
    number, here = number[order], bins(target, cloud)
    around = torch.zeros(1, dtype=torch.int64, device=here.device)
    for axis in range(dim - 1):
        step = steps ** (dim - 1 - axis)
        around = (around[:, None] + torch.tensor([-step, 0, step], device=here.device)).flatten()
    middle = here + around[:, None]
    return torch.searchsorted(number, middle - 1), torch.searchsorted(number, middle + 1, right=True), order


def _candidates(left: Tensor, right: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """All (row, place) with left[s, row] ≤ place < right[s, row] for some s, by row, in blocks of whole rows."""
    count, runs = right - left, len(left)
    ends = count.sum(0).cumsum(0)
    first = 0
    while first < len(ends):
        done = int(ends[first - 1]) if first else 0
        last = max(first + 1, int(torch.searchsorted(ends, done + BLOCK, right=True)))
        sizes, begins = (part[:, first:last].T.reshape(-1) for part in (count, left))
        run = torch.repeat_interleave(torch.arange(len(sizes), device=left.device), sizes)
        within = torch.arange(len(run), device=left.device) - (sizes.cumsum(0) - sizes)[run]
        yield first + run // runs, begins[run] + within
        first = last


# ---- nearest -------------------------------------------------------------------------------------------------------
def _nearest(targets: _Places, sources: _Places, k: int, near: Tensor, apart: bool) -> tuple[Tensor, Tensor]:
    """(source, target) of the k nearest, distances up to `near` `[b]` above the k-th too; without itself if `apart`.

    All within a reach are looked at; who has not found k in it looks twice as far.
    """
    cloud, there = targets.members.batch, lengths(sources.members.ptr) - int(apart)
    reach, found = _first_reach(sources, k), []
    pending = torch.arange(len(cloud), device=cloud.device)
    while len(pending):
        settled = torch.zeros(len(pending), dtype=torch.bool, device=cloud.device)
        for row, source, squared in _close(targets.position[pending], cloud[pending], sources, reach):
            other = source != pending[row] if apart else torch.ones_like(source, dtype=torch.bool)
            row, source, distance = row[other], source[other], squared[other].sqrt()
            count = torch.bincount(row, minlength=len(pending))
            limit, full = _limits(row, distance, count, k)
            limit = limit + near[cloud[pending]]
            done = (full & (limit <= reach[cloud[pending]])) | (count == there[cloud[pending]])
            taken = done[row] & (distance <= torch.where(full, limit, torch.inf)[row])
            found.append((source[taken], pending[row[taken]]))
            settled |= done & (count > 0)
        settled |= there[cloud[pending]] == 0
        pending, reach = pending[~settled], 2 * reach
    return _joined(found, cloud)


def _limits(row: Tensor, distance: Tensor, count: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Of each row the k-th distance, and whether it has so many."""
    order = torch.argsort(distance)
    order = order[torch.argsort(row[order], stable=True)]
    full = count >= k
    limit = torch.zeros(len(count), dtype=distance.dtype, device=distance.device)
    limit[full] = distance[order[starts(count)[:-1][full] + k - 1]]
    return limit, full


def _first_reach(sources: _Places, k: int) -> Tensor:
    """How far to look at first for k neighbours: as if the points filled their box evenly. Small clouds: everywhere."""
    position, members = sources
    sizes = lengths(members.ptr)
    if int(sizes.max()) <= SMALL:
        return torch.full_like(members.ptr[1:], torch.inf, dtype=position.dtype)
    wide = (_extreme(position, members, "amax") - _extreme(position, members, "amin")).amax(1)
    share = ((k + 1) / sizes).clamp(max=1.0) ** (1 / position.shape[1])
    return torch.where(wide > 0, 0.8 * wide * share, torch.inf)  # some 2 k points within it, if they are so


# ---- through periodic walls ----------------------------------------------------------------------------------------
def _through_walls(points: _Places, reach: float, cell: Tensor, pbc: Tensor) -> Neighbours:
    """Every point is moved into its cell and copied to all the cells that may hold a neighbour."""
    position, members = points
    batch = members.batch
    cell = torch.where(pbc[:, :, None], cell, 0.0)
    dual = _dual(cell, pbc)  # x @ dual counts in cells
    fraction = (position[:, None, :] @ dual[batch]).squeeze(1)
    wraps = torch.where(pbc[batch], fraction.floor(), 0.0)
    inside = _Places(position - _in_cells(wraps, cell, batch), members)
    far = reach * (1 + 1e-6) * dual.norm(dim=1)  # how many cells the radius reaches along each vector
    images, shift = _images(fraction - wraps, far, pbc, batch)
    copies = inside.position[images] + _in_cells(shift, cell, batch[images])
    of = batch[images]
    ghosts = _Places(copies, Members(of, starts(torch.bincount(of, minlength=len(cell)))))
    reaches = position.new_full((len(cell),), reach * (1 + 1e-6))
    found = [(g, t) for t, g, _ in _close(inside.position, batch, ghosts, reaches)]
    ghost, target = _joined(found, batch)
    source = images[ghost]
    offset = shift[ghost] - wraps[source] + wraps[target]
    vector = position[source] - position[target] + _in_cells(offset, cell, batch[target])
    kept = vector.square().sum(1) <= reach * reach
    return _sorted(source, target, len(batch), kept & ((source != target) | (offset != 0).any(1)), offset.long())


def _dual(cell: Tensor, pbc: Tensor) -> Tensor:
    """The matrices D `[b, d, d]` with A D = 1 on the vectors along which a cell repeats."""
    dual = torch.linalg.pinv(cell)
    flat = ((cell @ dual - torch.diag_embed(pbc.to(cell.dtype))).abs() > 1e-6).any(2).any(1)
    if bool(flat.any()):
        which = int(flat.nonzero()[0])
        raise InputError(
            f"cell {which}, {cell[which].tolist()}, which is flat",
            "vectors that span a volume, one a row",
            "Set pbc to False along those that do not repeat.",
        )
    return dual


def _images(fraction: Tensor, far: Tensor, pbc: Tensor, batch: Tensor) -> tuple[Tensor, Tensor]:
    """Which row each image is of, and by how many cells `[images, d]` it is moved: those near their cell alone."""
    most = torch.where(pbc, (far + 1).floor(), 0.0)
    sizes = 2 * most + 1
    count = sizes.prod(1)[batch]
    refuse_too_many(int(count.sum()), "images of points within the radius")
    row = torch.repeat_interleave(torch.arange(len(batch), device=batch.device), count.long())
    number = torch.arange(len(row), device=batch.device) - starts(count.long())[:-1][row]
    steps = []
    for axis in range(fraction.shape[1] - 1, -1, -1):
        size = sizes[batch[row], axis].long()
        steps.insert(0, number % size - most[batch[row], axis])
        number = number // size
    shift = torch.stack(steps, dim=1)
    at, limit = fraction[row] + shift, far[batch[row]]
    near = ((at >= -limit) & (at <= 1 + limit) | ~pbc[batch[row]]).all(1)
    return row[near], shift[near]


def _in_cells(steps: Tensor, cell: Tensor, batch: Tensor) -> Tensor:
    """How far so many cells are, `[n, d]`."""
    return (steps[:, None, :] @ cell[batch]).squeeze(1)


# ---- the like ------------------------------------------------------------------------------------------------------
def _joined(found: list[tuple[Tensor, Tensor]], like: Tensor) -> tuple[Tensor, Tensor]:
    if not found:
        return like[:0], like[:0]
    source, target = zip(*found, strict=True)
    return torch.cat(source), torch.cat(target)


def _sorted(
    source: Tensor, target: Tensor, sources: int, kept: Tensor | None = None, offset: Tensor | None = None
) -> Neighbours:
    """Those that are kept, by target, by source, by offset."""
    if kept is not None:
        source, target, offset = source[kept], target[kept], None if offset is None else offset[kept]
    order = torch.arange(len(source), device=source.device)
    for axis in range(0 if offset is None else offset.shape[1])[::-1]:
        assert offset is not None, "there are axes"
        order = order[torch.argsort(offset[order, axis], stable=True)]
    order = order[torch.argsort((target * sources + source)[order], stable=True)]
    return Neighbours(source[order], target[order], None if offset is None else offset[order])


def _extreme(values: Tensor, members: Members, way: str) -> Tensor:
    """The least or greatest row of each cloud, by column."""
    index = members.batch.reshape(-1, *[1] * (values.dim() - 1)).expand_as(values)
    made = values.new_zeros(len(members.ptr) - 1, *values.shape[1:])
    return made.scatter_reduce(0, index, values, way, include_self=False)
