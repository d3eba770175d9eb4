"""Graphs that are hard to tell apart, and graphs whose triangles and cycles are counted: generated, nothing fetched."""

from functools import cache
from typing import NamedTuple

import networkx
import numpy as np
import torch
from torch import Tensor

from erlangen.data import GraphStore

SKIPS = (2, 3, 4, 5, 6, 9, 11, 12, 13, 16)  # of a ring of 41: no two of these rings are the same but for names
LATIN = ("01234 12340 23401 34012 40123", "01234 10342 23401 34120 42013")


class Counted(NamedTuple):
    """Graphs, and of each how many triangles, cycles of four and cycles of five it has, `[graphs, 3]`."""

    store: GraphStore
    counts: Tensor


def skip_links() -> list[networkx.Graph]:
    """Ten rings of 41 nodes with links to the next node and to one further on. Murphy et al. 2019, arXiv:1903.02541."""
    return [networkx.circulant_graph(41, [1, skip]) for skip in SKIPS]


def decalins() -> tuple[networkx.Graph, networkx.Graph]:
    """Two molecules of ten carbon atoms: two rings of six that share a bond, two rings of five that a bond joins."""
    decalin = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0), (4, 6), (6, 7), (7, 8), (8, 9), (9, 5)]
    bicyclopentyl = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (4, 5), (5, 6), (6, 7), (7, 8), (8, 9), (9, 5)]
    return networkx.Graph(decalin), networkx.Graph(bicyclopentyl)


def rings() -> tuple[networkx.Graph, networkx.Graph]:
    """A ring of six nodes, and two rings of three."""
    three = networkx.cycle_graph(3)
    return networkx.cycle_graph(6), networkx.disjoint_union(three, three)


def rooks() -> tuple[networkx.Graph, networkx.Graph]:
    """The moves of a rook on a board of 4 × 4, and Shrikhande's graph: strongly regular, (16, 6, 2, 2)."""
    cells = [(a, b) for a in range(4) for b in range(4)]
    steps = ((0, 1), (1, 0), (1, 1))
    shrikhande = [((a, b), ((a + i) % 4, (b + j) % 4)) for a, b in cells for i, j in steps]
    return networkx.line_graph(networkx.complete_bipartite_graph(4, 4)), networkx.Graph(shrikhande)


def latin_squares() -> tuple[networkx.Graph, networkx.Graph]:
    """Cells of a Latin square, joined in a row, in a column and by their symbol: strongly regular, (25, 12, 5, 6)."""
    made = [_latin(square.split()) for square in LATIN]
    return made[0], made[1]


def _latin(rows: list[str]) -> networkx.Graph:
    cells = [(a, b, symbol) for a, row in enumerate(rows) for b, symbol in enumerate(row)]
    alike = [
        (one, two)
        for i, one in enumerate(cells)
        for two in cells[:i]
        if any(x == y for x, y in zip(one, two, strict=True))
    ]
    return networkx.Graph(alike)


@cache
def drawn(count: int, seed: int, regular: bool) -> Counted:
    """So many random graphs of 16 nodes: each of four neighbours, or each pair joined with probability 0.3."""
    numbers = np.random.default_rng(seed).integers(2**31, size=count)
    graphs = [
        networkx.random_regular_graph(4, 16, seed=int(n))
        if regular
        else networkx.gnp_random_graph(16, 0.3, seed=int(n))
        for n in numbers
    ]
    counts = np.array([cycles(networkx.to_numpy_array(graph)) for graph in graphs])
    return Counted(GraphStore(graphs), torch.as_tensor(counts, dtype=torch.float32))


def cycles(adjacency: np.ndarray) -> tuple[int, int, int]:
    """How many cycles of three, four and five nodes: closed walks, less those that turn back on themselves.

    >>> cycles(1 - np.eye(5))
    (10, 15, 12)

    Harary and Manvel 1971.
    """
    a, degree = adjacency, adjacency.sum(1)
    square = a @ a
    cube = square @ a
    common = square - np.diag(np.diag(square))
    three = np.trace(cube) / 6
    four = (common * (common - 1)).sum() / 8
    five = (np.trace(square @ cube) - 5 * np.trace(cube) - 5 * ((degree - 2) * np.diag(cube)).sum()) / 10
    return round(three), round(four), round(five)
