"""Ordered pairs of nodes: where signals of order two live, that layers beyond message passing pass through."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from erlangen.domains._segments import lengths, starts
from erlangen.domains.graph import Edges
from erlangen.domains.packed import Members, Packed, place_in
from erlangen.errors import InputError

MOST_PAIRS = 10**8


class PairIndex(NamedTuple):
    """Which pair each row is: `row` i and `column` j among the nodes, graph by graph; `diagonal` the rows (i, i) in the
    order of the nodes, `turned` the row of (j, i). `nodes` are the members among nodes, `edges` what they came with."""

    members: Members
    row: Tensor
    column: Tensor
    diagonal: Tensor
    turned: Tensor
    nodes: Members
    edges: Edges


@dataclass(frozen=True)
class Pairs(Packed):
    """Ω = all ordered pairs (i, j) of nodes of a graph, moved by relabelling: π·(i, j) = (π(i), π(j)).

    Shapes: values `[pairs, channel]`, n² rows for a graph of n nodes, row by row, graphs one behind the other.

    >>> import erlangen as er
    >>> er.layers.GraphToPairs(er.Task(er.Graph(), input=5, output=er.Invariant(1)).source).target
    X(Pairs(), 6 × trivial of Trivial)

    Maron, Ben-Hamu, Shamir, Lipman 2019, arXiv:1812.09902.
    """

    def read(self, data: Any) -> tuple[Tensor, Any]:
        raise InputError("a signal on pairs of nodes", "a graph", "Start from er.Graph() and er.layers.GraphToPairs.")

    def members(self, values: Tensor, support: Any) -> Members:
        return require_pairs(support).members


def pairs_of(edges: Edges) -> PairIndex:
    """The index of all ordered pairs within each graph. Raises InputError where there are too many to hold."""
    nodes = edges.members
    sizes = lengths(nodes.ptr)
    count = int((sizes * sizes).sum())
    refuse_too_many(count, "pairs of nodes")
    ptr = starts(sizes * sizes)
    batch = torch.repeat_interleave(torch.arange(len(sizes), device=ptr.device), sizes * sizes, output_size=count)
    within = torch.arange(count, device=ptr.device) - ptr[batch]
    n, first = sizes[batch], nodes.ptr[batch]
    i, j = within // n, within % n
    diagonal = ptr[nodes.batch] + place_in(nodes) * (sizes[nodes.batch] + 1)
    return PairIndex(Members(batch, ptr), first + i, first + j, diagonal, ptr[batch] + j * n + i, nodes, edges)


def refuse_too_many(count: int, what: str) -> None:
    """Raise an InputError where so many rows would not be held."""
    if count > MOST_PAIRS:
        size = f"{4 * count / 1e9:.1f} GB a channel"
        raise InputError(f"{count:,} {what} ({size})", f"at most {MOST_PAIRS:,}", "Smaller graphs, or fewer at once.")


def edge_rows(pairs: PairIndex) -> Tensor:
    """The row (source, target) of each edge, in their order by target."""
    nodes, edges = pairs.nodes, pairs.edges
    batch = nodes.batch[edges.source]
    first, size = nodes.ptr[batch], nodes.ptr[batch + 1] - nodes.ptr[batch]
    return pairs.members.ptr[batch] + (edges.source - first) * size + edges.target - first


def require_pairs(support: Any) -> PairIndex:
    """The index of a signal on pairs; refused where it came without."""
    if not isinstance(support, PairIndex):
        raise InputError("a signal on pairs without its graph", "a graph", "Start from er.layers.GraphToPairs.")
    return support
