"""Walks and spectra of graphs beside dense matrices, exponentials and networkx; no choice of eigenvectors counts."""

import networkx
import numpy as np
import pytest
import torch
from scipy.linalg import expm

import erlangen as er
from erlangen.domains import Graph
from erlangen.domains.spectrum import heat, kernels, laplacian_spectrum
from erlangen.domains.walks import returns, walks
from erlangen.errors import InputError

GRAPHS = {
    "club": networkx.karate_club_graph(),
    "ring": networkx.cycle_graph(7),
    "parts": networkx.disjoint_union(networkx.star_graph(4), networkx.empty_graph(2)),
    "atlas": networkx.graph_atlas(700),
}


def edges_of(graph: networkx.Graph):
    plain = networkx.Graph(graph.edges)
    plain.add_nodes_from(graph.nodes)
    return Graph().read(plain)[1], networkx.to_numpy_array(plain, nodelist=list(plain.nodes))


@pytest.mark.parametrize("name", GRAPHS)
def test_walks_are_powers_of_the_mean_over_neighbours(name: str):
    edges, dense = edges_of(GRAPHS[name])
    mean = dense / np.maximum(dense.sum(1, keepdims=True), 1)
    like = torch.zeros(1, dtype=torch.float64)
    found = walks(edges, 5, like).numpy()
    for k in range(5):
        assert np.allclose(found[..., k], np.linalg.matrix_power(mean, k + 1), atol=1e-14)
    assert np.allclose(returns(edges, 5, like).numpy(), found.diagonal().transpose(1, 0), atol=1e-14)


def test_directed_and_weighted_walks():
    """M_ij is what i takes from j: along the edge j → i, by its weight."""
    data = {
        "x": torch.ones(3, 1),
        "edge_index": torch.tensor([[0, 1, 2], [1, 1, 0]]),
        "edge_weight": torch.tensor([1.0, 3.0, 2.0]),
    }
    edges = Graph().read(data)[1]
    one = walks(edges, 1, torch.zeros(1, dtype=torch.float64))[..., 0]
    assert one.tolist() == [[0.0, 0.0, 1.0], [0.25, 0.75, 0.0], [0.0, 0.0, 0.0]]


def test_a_large_graph_is_taken_in_parts(monkeypatch: pytest.MonkeyPatch):
    edges, _ = edges_of(GRAPHS["club"])
    like = torch.zeros(1, dtype=torch.float64)
    whole = returns(edges, 4, like)
    monkeypatch.setattr("erlangen.domains.walks.CHUNK", 5)
    assert torch.equal(returns(edges, 4, like), whole)


def test_what_would_not_be_held_is_refused():
    count = 10_001
    data = {"x": torch.ones(count, 1), "edge_index": torch.zeros(2, 0, dtype=torch.int64)}
    edges = Graph().read(data)[1]
    with pytest.raises(InputError, match="100,020,001 pairs"):
        walks(edges, 2, torch.zeros(1))
    with pytest.raises(InputError, match="100,020,001 pairs"):
        laplacian_spectrum(edges)


@pytest.mark.parametrize("name", GRAPHS)
def test_heat_is_the_diagonal_of_the_exponential(name: str):
    edges, dense = edges_of(GRAPHS[name])
    graph = networkx.from_numpy_array(dense)
    laplacian = networkx.normalized_laplacian_matrix(graph).toarray()
    times = torch.tensor([0.5, 1.0, 4.0])
    found = heat(edges, times, torch.zeros(1, dtype=torch.float64)).numpy()
    for k, t in enumerate(times.tolist()):
        assert np.allclose(found[:, k], expm(-t * laplacian).diagonal(), atol=1e-12)


def test_graphs_side_by_side_have_the_spectra_they_have_alone():
    store = er.data.GraphStore([GRAPHS["ring"], networkx.star_graph(2), networkx.empty_graph(1)])
    edges = Graph().read(store.batch([0, 1, 2]))[1]
    spectrum = laplacian_spectrum(edges)
    assert spectrum.inside.sum(1).tolist() == [7, 3, 1] == spectrum.rows.sum(1).tolist()
    for i, graph in enumerate((GRAPHS["ring"], networkx.star_graph(2), networkx.empty_graph(1))):
        alone = networkx.normalized_laplacian_spectrum(graph)
        assert np.allclose(spectrum.values[i, spectrum.inside[i]].numpy(), np.sort(alone), atol=1e-12)


def test_neither_signs_nor_the_basis_of_an_eigenspace_count():
    """The ring has eigenvalues twice: its eigenvectors turned within an eigenspace, and turned round, give the same."""
    edges, _ = edges_of(GRAPHS["ring"])
    spectrum = laplacian_spectrum(edges)
    values, vectors = spectrum.values[0], spectrum.vectors[0].clone()
    assert (values[1:3] - values[1]).abs().max() < 1e-12
    turn = torch.tensor([[0.6, -0.8], [0.8, 0.6]], dtype=torch.float64)
    vectors[:, 1:3] = vectors[:, 1:3] @ turn
    vectors[:, 0] *= -1
    weights = torch.stack([torch.ones_like(values), (-values).exp(), values.sin()], dim=-1)[None]
    before, after = (kernels(s, weights) for s in (spectrum, spectrum._replace(vectors=vectors[None])))
    assert torch.allclose(before, after, atol=1e-12)
    assert torch.allclose(before[0, ..., 0], torch.eye(7, dtype=torch.float64), atol=1e-12)
