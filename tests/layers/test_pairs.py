"""Layers of order two: all the maps that the solver finds, and what each kind of network tells apart."""

from typing import Any

import networkx
import numpy as np
import pytest
import torch
from torch import Tensor

import erlangen as er
from erlangen.domains import Pairs
from erlangen.domains.graph import sorted_edges
from erlangen.domains.packed import whole
from erlangen.domains.pairs import MOST_PAIRS, edge_rows, pairs_of
from erlangen.errors import InputError, SpaceError
from erlangen.groups import S, Trivial
from tests.laws.relabelled import GRAPH

NONE = Trivial().trivial
DECALIN = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0), (4, 6), (6, 7), (7, 8), (8, 9), (9, 5)]
BICYCLOPENTYL = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (4, 5), (5, 6), (6, 7), (7, 8), (8, 9), (9, 5)]


def pairs_among(n: int):
    none = torch.zeros(0, dtype=torch.int64)
    return pairs_of(sorted_edges(none, none, whole(n, torch.zeros(1))))


def by_orbits(n: int, to_nodes: bool = False) -> Tensor:
    """The maps that are constant on the orbits of S_n on pairs of pairs, as the solver finds them, flattened."""
    moves = [np.array(g.key) for g in S(n).generators]
    pairs = [(move[:, None] * n + move).ravel() for move in moves]
    labels = er.pair_orbits(pairs, moves if to_nodes else pairs)
    return torch.stack([torch.as_tensor(labels == k).double().flatten() for k in range(labels.max() + 1)])


@pytest.mark.parametrize(("n", "count"), [(2, 8), (3, 14), (4, 15), (5, 15)])
def test_pair_linear_is_every_map_that_the_solver_finds(n: int, count: int):
    space = er.Space(Pairs(), NONE)
    basis, drawn = by_orbits(n), []
    assert len(basis) == count
    for seed in range(2 * count):
        torch.manual_seed(seed)
        layer = er.layers.PairLinear(space, space).double()
        images = [layer.compute(e[:, None], pairs_among(n)) for e in torch.eye(n * n, dtype=torch.float64)]
        drawn.append(torch.cat(images, dim=1).detach().flatten())
    found = torch.stack(drawn)
    assert torch.linalg.matrix_rank(found) == count
    assert torch.linalg.matrix_rank(torch.cat([found, basis])) == count


def test_pairs_to_graph_is_all_five():
    basis, drawn, n = by_orbits(4, to_nodes=True), [], 4
    for seed in range(10):
        torch.manual_seed(seed)
        layer = er.layers.PairsToGraph(er.Space(Pairs(), NONE), er.Space(GRAPH, NONE)).double()
        torch.nn.init.zeros_(layer.read.bias)
        images = [layer.flow(e[:, None], pairs_among(n))[0] for e in torch.eye(n * n, dtype=torch.float64)]
        drawn.append(torch.cat(images, dim=1).detach().flatten())
    assert torch.linalg.matrix_rank(torch.stack(drawn)) == len(basis) == 5
    assert torch.linalg.matrix_rank(torch.cat([torch.stack(drawn), basis])) == 5


def test_rows_are_pairs():
    batch = torch.tensor([0, 0, 0, 1, 1])
    _, edges = GRAPH.read({"x": torch.ones(5, 1), "edge_index": torch.tensor([[0, 2, 3], [1, 2, 4]]), "batch": batch})
    pairs = pairs_of(edges)
    assert pairs.row.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4]
    assert pairs.column.tolist() == [0, 1, 2, 0, 1, 2, 0, 1, 2, 3, 4, 3, 4]
    assert torch.equal(pairs.row[pairs.turned], pairs.column) and torch.equal(
        pairs.row[pairs.diagonal], torch.arange(5)
    )
    rows = edge_rows(pairs)
    assert torch.equal(pairs.row[rows], edges.source) and torch.equal(pairs.column[rows], edges.target)


def test_the_product_is_that_of_matrices():
    """With P = Q = X and no more: X²/√n."""
    space = er.Space(Pairs(), NONE)
    layer = er.layers.PairProduct(space, space).double()
    layer.left, layer.right = torch.nn.Identity(), torch.nn.Identity()
    torch.nn.init.zeros_(layer.joined.bias)
    with torch.no_grad():
        layer.joined.weight.copy_(torch.tensor([[0.0, 1.0]]))
    x = torch.randn(25, 1, dtype=torch.float64)
    assert torch.allclose(layer.compute(x, pairs_among(5)).reshape(5, 5), x.reshape(5, 5) @ x.reshape(5, 5) / 5**0.5)


# ---- what is told apart --------------------------------------------------------------------------------------------
def skipped(n: int, step: int) -> networkx.Graph:
    """The ring of n nodes with links to the next and to the one `step` on."""
    return networkx.circulant_graph(n, [1, step])


def shrikhande() -> networkx.Graph:
    steps = ((0, 1), (1, 0), (1, 1))
    cells = [(a, b) for a in range(4) for b in range(4)]
    edges = [((a, b), ((a + i) % 4, (b + j) % 4)) for a, b in cells for i, j in steps]
    return networkx.Graph(edges)


def apart(layer: str, one: networkx.Graph, two: networkx.Graph, **choices: Any) -> float:
    """How differently a network with random weights, of a given kind, answers to two graphs."""
    torch.manual_seed(0)
    task = er.Task(GRAPH, input=1, output=er.Invariant(8))
    net = er.derive(task, layer=layer, width=16, normalize=False, function="tanh", **choices).double().eval()
    with torch.no_grad():
        a, b = (net(_double(graph)) for graph in (one, two))
    return float((a - b).abs().max() / a.abs().max())


def _double(graph: networkx.Graph) -> dict[str, Tensor]:
    x, edges = GRAPH.read(graph)
    return {"x": x.double(), "edge_index": torch.stack([edges.source, edges.target])}


DECALINS = (networkx.Graph(DECALIN), networkx.Graph(BICYCLOPENTYL))
RINGS = (networkx.cycle_graph(6), networkx.disjoint_union(networkx.cycle_graph(3), networkx.cycle_graph(3)))
SKIPS = (skipped(41, 2), skipped(41, 3))
ROOKS = (networkx.line_graph(networkx.complete_bipartite_graph(4, 4)), shrikhande())


@pytest.mark.parametrize("graphs", [DECALINS, RINGS, SKIPS, ROOKS], ids=["decalin", "rings", "skip links", "rook"])
@pytest.mark.parametrize("layer", ["convolution", "attention", "messages", "pairs"])
def test_messages_and_the_fifteen_maps_see_no_more_than_weisfeiler_and_leman(layer: str, graphs: tuple):
    assert not networkx.is_isomorphic(*graphs)
    assert apart(layer, *graphs) < 1e-10


@pytest.mark.parametrize("graphs", [DECALINS, RINGS, SKIPS], ids=["decalin", "rings", "skip links"])
def test_products_of_matrices_see_more(graphs: tuple):
    assert apart("products", *graphs) > 1e-6


FURTHER = {
    "walks": ("convolution", {"positions": "walk"}),
    "heat": ("convolution", {"positions": "heat"}),
    "spectrum": ("convolution", {"positions": "laplacian"}),
    "transformer": ("transformer", {}),
    "overlapping clusters": ("messages", {"scales": 2}),
}


@pytest.mark.parametrize("graphs", [DECALINS, RINGS, SKIPS], ids=["decalin", "rings", "skip links"])
@pytest.mark.parametrize("kind", FURTHER)
def test_walks_spectra_and_overlaps_of_clusters_see_more_than_messages(kind: str, graphs: tuple):
    layer, choices = FURTHER[kind]
    assert apart(layer, *graphs, **choices) > 1e-6


@pytest.mark.parametrize("graphs", [DECALINS, RINGS, SKIPS], ids=["decalin", "rings", "skip links"])
def test_soft_clusters_and_attention_by_itself_see_no_more(graphs: tuple):
    assert apart("messages", *graphs, scales=2, coarsen="soft") < 1e-10
    assert apart("transformer", *graphs, structure=0) < 1e-10
    assert apart("transformer", *graphs, positions="none") < 1e-10  # walks weigh what is the same at every node


def test_and_not_everything():
    """Strongly regular graphs of equal parameters have the same numbers of all short walks."""
    assert apart("products", *ROOKS) < 1e-10
    for layer, choices in FURTHER.values():
        assert apart(layer, *ROOKS, **choices) < 1e-10


# ---- refusals ------------------------------------------------------------------------------------------------------
def test_what_is_not_on_pairs_is_refused():
    space = er.Space(Pairs(), NONE)
    with pytest.raises(SpaceError, match="from Pairs to Graph"):
        er.layers.PairsToGraph(space, space)
    with pytest.raises(SpaceError, match="joined by"):
        er.layers.PairPool(space, "median")
    with pytest.raises(InputError, match="GraphToPairs"):
        er.layers.PairLinear(space, space)(torch.zeros(4, 1))
    with pytest.raises(InputError, match=r"GB a channel"):
        pairs_among(int(MOST_PAIRS**0.5) + 1)
