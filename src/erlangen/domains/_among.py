"""Some of the signals of a batch, in any order and as often as wanted: what goes with them, not their values."""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from erlangen.domains._segments import Way, lengths, starts
from erlangen.domains.clock import Clock
from erlangen.domains.cloud import Cloud
from erlangen.domains.graph import Clusters, Edges, ways
from erlangen.domains.packed import Members
from erlangen.errors import DomainError


class Taken(NamedTuple):
    """New row i was row `rows[i]` and belongs to new segment `which[i]`; segments begin at `ptr`, `by` further on."""

    rows: Tensor
    ptr: Tensor
    which: Tensor
    by: Tensor


def taken(ptr: Tensor, index: Tensor) -> Taken:
    """The rows of the segments `index`, one behind the other.

    >>> taken(torch.tensor([0, 2, 5]), torch.tensor([1, 0, 1])).rows.tolist()
    [2, 3, 4, 0, 1, 2, 3, 4]
    """
    sizes = lengths(ptr)[index]
    new = starts(sizes)
    which = torch.repeat_interleave(torch.arange(len(index), device=ptr.device), sizes)
    by = new[:-1] - ptr[index]
    return Taken(torch.arange(len(which), device=ptr.device) - by[which], new, which, by)


def members_among(members: Members, index: Tensor) -> Members:
    """The rows of these signals."""
    nodes = taken(members.ptr, index)
    return Members(nodes.which, nodes.ptr)


def edges_among(edges: Edges, index: Tensor) -> Edges:
    """The edges of these graphs, and of the finer ones that they were made from."""
    ptr = edges.members.ptr
    nodes = taken(ptr, index)
    way, lines = _way_among(ways(edges), nodes, nodes, ptr, index)
    weight, features = (None if x is None else x[lines.rows] for x in (edges.weight, edges.features))
    clusters = None if edges.clusters is None else _clusters_among(edges.clusters, ptr, nodes, index)
    order = torch.arange(len(lines.rows), device=index.device)
    return Edges(
        Members(nodes.which, nodes.ptr),
        *(way.rows, way.at, way.ptr, way.back, way.back_ptr, way.turned),
        *(order, weight, features, None, clusters),
    )


def cloud_among(cloud: Cloud, index: Tensor) -> Cloud:
    """These clouds: their positions, edges and cells."""
    ptr = cloud.members.ptr
    nodes, lines = taken(ptr, index), taken(cloud.into[ptr], index)
    finer = None if cloud.finer is None else cloud_among(cloud.finer, index)
    kept = cloud.kept
    if kept is not None and cloud.finer is not None:
        kept = kept[nodes.rows] + taken(cloud.finer.members.ptr, index).by[nodes.which]
    at_points = [None if x is None else x[nodes.rows] for x in (cloud.position, cloud.z)]
    at_edges = [None if x is None else x[lines.rows] for x in (cloud.vector, cloud.length, cloud.offset)]
    cell, pbc = (None if x is None else x[index] for x in (cloud.cell, cloud.pbc))
    edges = edges_among(cloud.edges, index)
    return Cloud(edges, at_points[0], *at_edges, cell, pbc, at_points[1], kept, finer)  # type: ignore[arg-type]


def clock_among(clock: Clock, index: Tensor) -> Clock:
    """What is known of the time of these sequences."""
    return Clock(*(None if x is None else x[index] for x in clock))


def among(support: Any, index: Tensor) -> Any:
    """What goes with the signals `index` of a batch beside their values; nothing where nothing does."""
    if support is None:
        return None
    for kind, choose in _CHOOSE.items():
        if isinstance(support, kind):
            return choose(support, index)
    raise DomainError(
        f"a {type(support).__name__} that goes with signals in a product of domains",
        f"one of {', '.join(kind.__name__ for kind in _CHOOSE)}",
        "Products have factors that are lattices, spheres, sets, graphs or points.",
    )


_CHOOSE = {Members: members_among, Edges: edges_among, Cloud: cloud_among, Clock: clock_among}


def _clusters_among(clusters: Clusters, ptr: Tensor, nodes: Taken, index: Tensor) -> Clusters:
    before = clusters.fine.members.ptr
    way, lines = _way_among(clusters.way, taken(before, index), nodes, ptr, index)
    return Clusters(edges_among(clusters.fine, index), way, clusters.share[lines.rows])


def _way_among(way: Way, come_from: Taken, go_to: Taken, ptr_to: Tensor, index: Tensor) -> tuple[Way, Taken]:
    """The way within these signals, from rows `come_from` to places `go_to`; and which pairs it takes."""
    lines = taken(way.ptr[ptr_to], index)
    here, there, pairs = (x.by[lines.which] for x in (come_from, go_to, lines))
    made = Way(
        way.rows[lines.rows] + here,
        starts(lengths(way.ptr)[go_to.rows]),
        way.at[lines.rows] + there,
        way.back[lines.rows] + there,
        starts(lengths(way.back_ptr)[come_from.rows]),
        way.turned[lines.rows] + pairs,
    )
    return made, lines
