"""Coarser graphs: nodes are gathered into clusters, which are joined where their members are; and the way back."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from erlangen.domains._segments import segment_max, segment_sum, starts, way_between, weighted_sum
from erlangen.domains.graph import Clusters, Edges, add_along, sorted_edges
from erlangen.domains.packed import Members


def gather_into(edges: Edges, node: Tensor, cluster: Tensor, members: Members, weight: Tensor) -> Edges:
    """The graph of clusters: W_ab = Σ_{u in a, v in b} S_ua Â_uv S_vb, Â = A + 1, S_ua the share of u in a; no loops.

    Node u = node[e] belongs to cluster[e] by weight[e]; shares are weights divided by the cluster's sum. Clusters that
    overlap, or that an edge joins, are joined. Shapes: `[memberships]` each; `members` says of which graph each is.
    """
    clusters = clusters_of(edges, node, cluster, members, weight)
    source, target, joined = _joined(edges, clusters, len(members.batch))
    return _coarse(source, target, members, joined, clusters)


def gather_softly(edges: Edges, weight: Tensor) -> Edges:
    """The graph of m clusters to which every node belongs, u to k by weight[u, k]: W_kl = Σ_uv S_uk A_uv w_vl.

    Shapes: `[nodes, m]`; all pairs of different clusters are joined, and gradients reach the weights.
    """
    count, m = weight.shape
    graphs = edges.members.batch
    sizes = graphs.new_full((len(edges.members.ptr) - 1,), m)
    members = Members(torch.arange(len(sizes), device=graphs.device).repeat_interleave(m), starts(sizes))
    node = torch.arange(count, device=graphs.device).repeat_interleave(m)
    cluster = (graphs[:, None] * m + torch.arange(m, device=graphs.device)).flatten()
    clusters = clusters_of(edges, node, cluster, members, weight.flatten())
    share = weight / segment_sum(weight, graphs, len(sizes))[graphs]
    along = add_along(share, edges)  # Σ_u S_uk A_uv of each node v
    joined = segment_sum(along[:, :, None] * weight[:, None, :], graphs, len(sizes))
    off = ~torch.eye(m, dtype=torch.bool, device=graphs.device)
    first = members.ptr[:-1, None]
    source, target = ((first + pair).flatten() for pair in off.nonzero().unbind(1))
    return _coarse(source, target, members, joined[:, off].flatten(), clusters)


def clusters_of(edges: Edges, node: Tensor, cluster: Tensor, members: Members, weight: Tensor) -> Clusters:
    """Node node[e] in cluster[e] by the share weight[e] / Σ weight of that cluster. Shapes: `[memberships]` each."""
    count = len(members.batch)
    way, order = way_between(node, cluster, len(edges.members.batch), count)
    weight = weight[order]
    return Clusters(edges, way, (weight / segment_sum(weight, way.at, count)[way.at])[:, None])


def cluster_means(values: Tensor, coarse: Edges) -> Tensor:
    """y_c = Σ_u S_uc x_u, `[nodes, c]` → `[clusters, c]`."""
    clusters = made_by(coarse)
    return weighted_sum(values, clusters.share.to(values.dtype), clusters.way)


def cluster_maxima(values: Tensor, coarse: Edges) -> Tensor:
    """y_c = max_{u in c} x_u, `[nodes, c]` → `[clusters, c]`."""
    way = made_by(coarse).way
    return segment_max(values.index_select(0, way.rows), way.at, way.ptr.shape[0] - 1)


def spread_back(values: Tensor, coarse: Edges) -> tuple[Tensor, Edges]:
    """x_u = Σ_c S_uc y_c / Σ_c S_uc over the clusters that hold u, 0 where none does; and the finer graph's edges."""
    clusters = made_by(coarse)
    way, share = clusters.way, clusters.share.to(values.dtype)
    total = segment_sum(share, way.rows, len(way.back_ptr) - 1)
    back, turned = way.reversed(share / total[way.rows].clamp(min=1e-12))
    return weighted_sum(values, turned, back), clusters.fine


def made_by(coarse: Edges) -> Clusters:
    """How a coarser graph was made."""
    assert coarse.clusters is not None, "only a pool makes a coarser graph"
    return coarse.clusters


def within(members: Members, kept: Tensor) -> Members:
    """The members that are left where some rows are dropped, of every signal at least one kept."""
    batch = members.batch[kept]
    return Members(batch, starts(torch.bincount(batch, minlength=len(members.ptr) - 1)))


def partition(edges: Edges, rank: Tensor) -> tuple[Tensor, Members]:
    """Disjoint clusters of a node and those of its neighbours that are still free, nodes of the highest rank first.

    Returns the cluster of each node, and of which graph each cluster is. Where ranks are equal the first stored comes
    first: on a graph whose relabellings move every partition no rule can choose one.
    """
    batch = edges.members.batch
    order = np.lexsort((-rank.cpu().numpy(), batch.cpu().numpy()))
    neighbours = _neighbours(edges)
    cluster, centres = [-1] * len(batch), []
    for node in order.tolist():
        if cluster[node] < 0:
            for member in (node, *neighbours[node]):
                cluster[member] = len(centres) if cluster[member] < 0 else cluster[member]
            centres.append(node)
    of = batch[torch.tensor(centres, device=batch.device)]
    ptr = starts(torch.bincount(of, minlength=len(edges.members.ptr) - 1))
    return torch.tensor(cluster, device=batch.device), Members(of, ptr)


def _neighbours(edges: Edges) -> list[list[int]]:
    """Those that a node sends to or hears from."""
    found: list[list[int]] = [[] for _ in range(len(edges.members.batch))]
    for source, target in zip(edges.source.tolist(), edges.target.tolist(), strict=True):
        found[source].append(target)
        found[target].append(source)
    return found


def _coarse(source: Tensor, target: Tensor, members: Members, weight: Tensor, clusters: Clusters) -> Edges:
    made = sorted_edges(source, target, members)
    return made._replace(weight=weight[made.order], clusters=clusters)


def _joined(edges: Edges, clusters: Clusters, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """Sᵀ Â S without its diagonal, as sources, targets and weights."""
    from scipy import sparse

    nodes, share = len(edges.members.batch), clusters.share[:, 0].detach()
    along = share.new_ones(len(edges.source)) if edges.weight is None else edges.weight.detach().abs()
    closed = _matrix(along, edges.source, edges.target, (nodes, nodes)) + sparse.identity(nodes, format="csr")
    belongs = _matrix(share, clusters.way.rows, clusters.way.at, (nodes, count))
    found = (belongs.T @ closed @ belongs).tocoo()
    off = (found.row != found.col) & (found.data > 0)
    source, target = (torch.as_tensor(part[off].astype(np.int64)).to(share.device) for part in (found.row, found.col))
    return source, target, torch.as_tensor(found.data[off]).to(share)


def _matrix(values: Tensor, rows: Tensor, columns: Tensor, shape: tuple[int, int]) -> Any:
    from scipy import sparse

    return sparse.csr_matrix((values.cpu().double().numpy(), (rows.cpu().numpy(), columns.cpu().numpy())), shape=shape)
