"""Coarser clouds: points stay that are as far from each other as they can be; the others belong to the nearest."""

from math import ceil
from typing import Any, NamedTuple

import torch
from torch import Tensor

from erlangen.domains._operation import search, unknown
from erlangen.domains._segments import (
    Way,
    lengths,
    segment_max,
    segment_mean,
    segment_sum,
    spread,
    starts,
    way_between,
    weighted_sum,
)
from erlangen.domains.cloud import Cloud, cloud_of
from erlangen.domains.coarser import within
from erlangen.domains.graph import Clusters, Edges, ways
from erlangen.domains.neighbours import extents, nearest_of
from erlangen.domains.packed import Members
from erlangen.domains.points import Points, share_of
from erlangen.domains.ties import rounding
from erlangen.errors import InputError
from erlangen.given import whole


class Sample(NamedTuple):
    """Which points stay: rows `kept` `[m]`, rising, and their `members`."""

    kept: Tensor
    members: Members


def farthest(position: Tensor, members: Members, share: float) -> Sample:
    """The next point is argmax_i min_{j chosen} |x_i − x_j|, from the one farthest from the centroid on.

    A share of each cloud is chosen, ⌈s·n⌉ points, and all that are tied with the last of them: distances that differ by
    less than rounding at the scale of the cloud are equal, so the choice does not depend on how the cloud is stored or
    turned. Points that coincide with chosen ones are not needed, and may leave fewer. Shapes: position `[n, d]`.

    >>> from erlangen.domains.packed import whole
    >>> line = torch.tensor([[0.0], [1.0], [2.0], [3.0], [7.0]])
    >>> farthest(line, whole(5, line), 0.6).kept.tolist()
    [0, 3, 4]

    Eldar, Lindenbaum, Porat, Zeevi 1997, "The farthest point strategy for progressive image sampling".
    """
    kept, batch, ptr = _farthest(position.detach(), *members[:2], share_of(share, InputError))
    return Sample(kept, Members(batch, ptr))


def surplus(sample: Sample, members: Members, share: float) -> Tensor:
    """How many more points of each cloud stay than were asked for, `[b]`, since what is tied stays together."""
    return (lengths(sample.members.ptr) - _wanted(lengths(members.ptr), share)).clamp(min=0)


def _wanted(sizes: Tensor, share: float) -> Tensor:
    return torch.tensor([max(1, ceil(share * n - 1e-9)) for n in sizes.tolist()], device=sizes.device)


def coarsened(cloud: Cloud, domain: Points, share: float, nearest: int = 1) -> Cloud:
    """The cloud of a share of the points on a coarser domain, joined as that says: `kept` of the `finer` one.

    Each fine point belongs to its `nearest` points that stay, and to those tied with the last of them, in equal parts:
    `coarser.cluster_means`, `cluster_maxima` and `spread_back` read this off `edges`. Raises InputError for a periodic
    cloud, which has no centroid.
    """
    if cloud.cell is not None:
        raise InputError("a periodic cloud to be coarsened", "one without a cell", "Use a single scale: scales=1.")
    k = whole("nearest", nearest, InputError)
    sample = farthest(cloud.position, cloud.members, share)
    position = cloud.position.index_select(0, sample.kept)
    belongs, share_of_each = _shared(_way_from(sample.kept, sample.members, cloud, k), position.dtype)
    edges = _edges(domain, position, sample.members)._replace(clusters=Clusters(cloud.edges, belongs, share_of_each))
    z = None if cloud.z is None else cloud.z.index_select(0, sample.kept)
    return cloud_of(edges, position, z=z)._replace(kept=sample.kept, finer=cloud)


def interpolated(values: Tensor, coarse: Cloud, nearest: int = 3) -> tuple[Tensor, Cloud]:
    """x_u = Σ_c w_uc y_c / Σ_c w_uc, w = 1/(|x_u − x_c|² + ε): between the nearest points that stayed; the way back.

    Those tied with the last of the nearest count too; ε is a millionth of their mean square distance, so that values
    stay where points did. Shapes: `[kept, c]` → `[n, c]`, and the finer cloud. Shepard 1968; Qi, Yi, Su, Guibas 2017,
    arXiv:1706.02413.
    """
    fine, kept = coarse.finer, coarse.kept
    assert fine is not None and kept is not None, "only a pool makes a coarser cloud"
    way = _way_from(kept, coarse.members, fine, nearest)
    apart = spread(fine.position, way.at) - spread(coarse.position, way.rows)
    squared = apart.square().sum(1)
    usual = spread(segment_mean(squared, way.at, way.ptr), way.at)
    weight = 1 / (squared + 1e-6 * torch.where(usual > 0, usual, 1.0))
    share = weight / spread(segment_sum(weight, way.at, fine.position.shape[0]), way.at)
    return weighted_sum(values, share[:, None].to(values.dtype), way), fine


def _way_from(kept: Tensor, members: Members, cloud: Cloud, nearest: int) -> Way:
    """From the nearest of the rows `kept` to all points of a cloud."""
    given = cloud.position.detach(), *cloud.members[:2], kept, *members[:2]
    return Way(*_nearest(*given, nearest))


def _shared(way: Way, dtype: torch.dtype) -> tuple[Way, Tensor]:
    """Each point in equal parts to those from which the way leads to it: the way back, and shares of these."""
    parts = lengths(way.ptr).to(dtype)
    back, weight = way.reversed(1 / spread(parts, way.at))
    return back, (weight / spread(segment_sum(weight, back.at, back.ptr.shape[0] - 1), back.at))[:, None]


def _edges(domain: Points, position: Tensor, members: Members) -> Edges:
    """What `domain.join` says, as one operation."""
    *way, order = _joined(position.detach(), *members[:2], domain.radius, domain.neighbours)
    made = Way(*way)
    return Edges(members, made.rows, made.at, made.ptr, made.back, made.back_ptr, made.turned, order)


# ---- what depends on distances, as operations ----------------------------------------------------------------------
def _sizes(count: Any, places: Any) -> list[list[Any]]:
    """The shapes of a way from `count` rows to `places`, and of an order of its pairs."""
    pairs = unknown()
    return [[pairs], [places + 1], [pairs], [pairs], [count + 1], [pairs], [pairs]]


@search(lambda position, batch, ptr, share: [[m := unknown()], [m], [ptr.shape[0]]])
def _farthest(position: Tensor, batch: Tensor, ptr: Tensor, share: float) -> list[Tensor]:
    """Which rows stay, and their batch and ptr."""
    members, place, sizes = Members(batch, ptr), position.double(), lengths(ptr)
    wanted = _wanted(sizes, share)
    near = rounding(position.dtype) * extents(place, members)
    centred = place - spread(segment_mean(place, batch, ptr), batch)
    distance, chosen = centred.norm(dim=1), torch.zeros_like(batch, dtype=torch.bool)
    open_, first = torch.ones_like(wanted, dtype=torch.bool), True
    while bool(open_.any()):
        far = segment_max(distance, batch, len(sizes))
        open_ = open_ & (first | (far > near))  # what is left lies where chosen points do
        new = (~chosen & open_[batch] & (distance >= (far - near)[batch])).nonzero()[:, 0]
        chosen[new] = True
        if first:
            distance, first = torch.full_like(distance, torch.inf), False
        distance = torch.minimum(distance, _to_nearest(place, members, new))
        open_ = open_ & (torch.bincount(batch[chosen], minlength=len(sizes)) < wanted)
    kept = chosen.nonzero()[:, 0]
    return [kept, *within(members, kept)[:2]]


@search(lambda position, *others: _sizes(position.shape[0], position.shape[0]))
def _joined(position: Tensor, batch: Tensor, ptr: Tensor, radius: float | None, neighbours: int | None) -> list[Tensor]:
    """The way along edges between neighbours, and the order that sorted them."""
    edges = Points(position.shape[1], radius, neighbours).join(position, Members(batch, ptr))
    return [*ways(edges), edges.order]


@search(lambda position, batch, ptr, kept, *others: _sizes(kept.shape[0], position.shape[0])[:-1])
def _nearest(
    position: Tensor, batch: Tensor, ptr: Tensor, kept: Tensor, kept_batch: Tensor, kept_ptr: Tensor, nearest: int
) -> list[Tensor]:
    """The way from the nearest of the rows `kept` to all."""
    found = nearest_of(position, Members(batch, ptr), kept, Members(kept_batch, kept_ptr), nearest)
    return [*way_between(found.source, found.target, len(kept), len(position))[0]]


def _to_nearest(place: Tensor, members: Members, new: Tensor) -> Tensor:
    """The distance of each point to the nearest of the rows `new` of its cloud, ∞ where there are none, `[n]`."""
    cloud = members.batch[new]
    sizes = lengths(members.ptr)[cloud]
    of = torch.repeat_interleave(torch.arange(len(new), device=new.device), sizes)
    row = members.ptr[cloud][of] + torch.arange(len(of), device=new.device) - starts(sizes)[:-1][of]
    between = (place[row] - place[new[of]]).norm(dim=1)
    return torch.full_like(place[:, 0], torch.inf).scatter_reduce(0, row, between, "amin")
