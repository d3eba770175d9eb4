"""Coarser graphs beside dense products of matrices; ranks with ties; colours beside networkx."""

import networkx
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import erlangen as er
from erlangen.domains import Graph
from erlangen.domains.coarser import cluster_maxima, cluster_means, gather_into, gather_softly, partition, spread_back
from erlangen.domains.colours import colours
from erlangen.domains.packed import members_of
from erlangen.domains.ties import better
from tests.laws.relabelled import drawn, relabelled
from tests.laws.signals import SEEDS

SPACE = er.Space(Graph(), 3 * er.Trivial().trivial)


def a_batch(seed: int = 0):
    data = drawn(SPACE, seed, weights=True)
    return Graph().read(data)


def dense(edges) -> torch.Tensor:
    """A[u, v]: the edge from u to v."""
    n = len(edges.members.batch)
    made = torch.zeros(n, n, dtype=torch.float64)
    return made.index_put((edges.source, edges.target), edges.weight, accumulate=True)


def test_clusters_that_overlap_are_joined_as_the_product_of_matrices_says():
    x, edges = a_batch()
    n = len(x)
    weight = torch.rand(2 * n, dtype=torch.float64)
    node = torch.arange(n).repeat(2)
    cluster = torch.cat([edges.members.batch * 2, edges.members.batch * 2 + 1])
    members = members_of(6, torch.arange(3).repeat_interleave(2), None, x)
    coarse = gather_into(edges, node, cluster, members, weight)
    belongs = torch.zeros(n, 6, dtype=torch.float64).index_put((node, cluster), weight, accumulate=True)
    share = belongs / belongs.sum(0)
    wanted = (share.T @ (dense(edges) + torch.eye(n)) @ share).fill_diagonal_(0)
    assert torch.allclose(dense(coarse), wanted, atol=1e-12)
    assert torch.allclose(cluster_means(x, coarse), share.T @ x, atol=1e-12)
    back, fine = spread_back(share.T @ x, coarse)
    assert torch.allclose(back, (share / share.sum(1, keepdim=True)) @ share.T @ x, atol=1e-12) and fine is edges
    top = cluster_maxima(x, coarse)
    assert torch.equal(top[0], x[edges.members.batch == 0].max(0).values)


def test_soft_clusters_carry_gradients_to_their_edges():
    x, edges = a_batch(1)
    score = torch.randn(len(x), 4, dtype=torch.float64, requires_grad=True)
    belongs = score.softmax(1)
    coarse = gather_softly(edges, belongs)
    share = torch.zeros(len(x), 12, dtype=torch.float64)
    columns = edges.members.batch[:, None] * 4 + torch.arange(4)
    weights = share.scatter(1, columns, belongs.detach())
    share = weights / weights.sum(0)
    wanted = (share.T @ dense(edges) @ weights).fill_diagonal_(0)
    assert torch.allclose(dense(coarse._replace(weight=coarse.weight.detach())), wanted, atol=1e-12)
    (grad,) = torch.autograd.grad(coarse.weight.square().sum(), score)
    assert grad.abs().max() > 0 and grad.isfinite().all()


def test_a_node_of_no_cluster_gets_nought():
    x, edges = a_batch(2)
    members = members_of(3, torch.arange(3), None, x)
    heads = edges.members.ptr[:-1]
    coarse = gather_into(edges, heads, torch.arange(3), members, torch.ones(3, dtype=torch.float64))
    back, _ = spread_back(x[heads], coarse)
    others = torch.ones(len(x), dtype=torch.bool).index_fill(0, heads, False)
    assert torch.equal(back[heads], x[heads]) and not back[others].any()


# ---- ties ----------------------------------------------------------------------------------------------------------
@given(seed=SEEDS, dtype=st.sampled_from([torch.float32, torch.float64]))
def test_ranks_are_those_of_exact_scores_whatever_was_rounded(seed: int, dtype: torch.dtype):
    generator = torch.Generator().manual_seed(seed)
    exact = torch.randint(5, (20,), generator=generator)
    noise = torch.randn(20, generator=generator, dtype=dtype) * torch.finfo(dtype).eps
    batch = torch.arange(20) // 7
    members = members_of(20, batch, None, exact)
    wanted = [int(((exact > exact[i]) & (batch == batch[i])).sum()) for i in range(20)]
    assert better(exact.to(dtype) + noise, members, torch.ones(20, dtype=dtype)).tolist() == wanted


def test_scores_apart_are_ranked_apart():
    scores = torch.tensor([1.0, 1.01, 0.5])
    assert better(scores, members_of(3, None, None, scores), scores).tolist() == [1, 0, 2]


# ---- colours -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("number", range(0, 1253, 97))
def test_colours_are_those_of_networkx(number: int):
    graph = networkx.graph_atlas(number) if number else networkx.path_graph(5)
    if not graph.number_of_nodes():
        return
    found = colours(Graph().read(graph)[1]).tolist()
    networkx.set_node_attributes(graph, "alike", "start")
    theirs = networkx.weisfeiler_lehman_subgraph_hashes(graph, node_attr="start", iterations=8)
    last = [theirs[node][-1] for node in graph.nodes]
    assert len(set(found)) == len(set(last)) == len(set(zip(found, last, strict=True)))


@given(seed=SEEDS)
def test_colours_do_not_depend_on_the_order_of_storage(seed: int):
    data = drawn(SPACE, seed)
    moved, _ = relabelled(data, seed)
    x, edges = Graph().read(data)
    y, again = Graph().read(moved)
    there = dict(zip(map(tuple, y.tolist()), colours(again).tolist(), strict=True))
    assert [there[tuple(row)] for row in x.tolist()] == colours(edges).tolist()


def test_a_partition_puts_every_node_into_one_cluster_of_neighbours():
    graph = networkx.karate_club_graph()
    edges = Graph().read(graph)[1]
    cluster, members = partition(edges, colours(edges))
    assert members.batch.tolist() == [0] * len(members.batch)
    assert set(cluster.tolist()) == set(range(len(members.batch)))
    for k in range(len(members.batch)):
        nodes = (cluster == k).nonzero()[:, 0].tolist()
        assert any(all(a == b or graph.has_edge(a, b) for b in nodes) for a in nodes)
    assert np.bincount(cluster.numpy()).max() > 1
