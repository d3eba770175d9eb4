"""Attention of everyone to everyone: a transformer is this on a complete graph."""

from typing import Any

import torch
from torch import Tensor, nn

from erlangen.domains import Graph, Set
from erlangen.domains._segments import lengths
from erlangen.domains.graph import Edges
from erlangen.domains.packed import Members, place_in
from erlangen.domains.walks import walks
from erlangen.errors import SpaceError
from erlangen.given import whole
from erlangen.layers._base import Footprint, Layer, Reason
from erlangen.layers.linear.attention import heads_of, scalars_on
from erlangen.signal import Space


class SetAttention(Layer):
    """y_i = A x_i + Σ_j α_ij V x_j, α_ij = softmax_j(Q x_i · K x_j / √d) over the points of a set: complete graphs.

    With `induced` points the set is read by so many learnt queries, and these by the points: n·m products, not n². On
    graphs it sees every node of the same graph; with `structure` steps the products have Σ_k a_k (M^k)_ij added, M the
    mean over neighbours, and Σ over the edges j → i of a·e_ij, so that it knows who is near whom.

    Shapes: `[points, c]` → `[points, c′]`, c′ a multiple of `heads`.

    >>> import torch, erlangen as er
    >>> space = er.Space(er.Set(), 8 * er.Trivial().trivial)
    >>> er.layers.SetAttention(space, space, heads=2, induced=4)(torch.randn(5, 8)).shape
    torch.Size([5, 8])

    Vaswani et al. 2017, arXiv:1706.03762; Lee et al. 2019, arXiv:1810.00825; Ma et al. 2023, arXiv:2305.17589.
    """

    options = ("heads", "induced", "structure")
    because = Reason(
        prior="which points matter is read off the points: a transformer is this on a complete graph",
        law="f(π·x) = π·f(x)",
        reference="Lee et al. 2019, arXiv:1810.00825",
    )

    def __init__(self, source: Space, target: Space, heads: int = 4, induced: int | None = None, structure: int = 0):
        domain = scalars_on("SetAttention", source, target, Set | Graph)
        super().__init__(source, target)
        self.heads, self.induced, self.structure = heads_of(heads, target.channels), induced, structure
        self.own = nn.Linear(source.channels, target.channels)
        self.query = nn.Linear(source.channels, target.channels, bias=False)
        self.key = nn.Linear(source.channels, target.channels, bias=False)
        self.value = nn.Linear(source.channels, target.channels, bias=False)
        if induced is not None:
            whole("induced", induced, SpaceError, mend="So many learnt points; 16 are usual.")
            self.points = nn.Parameter(torch.randn(induced, target.channels))
            self.again_key = nn.Linear(target.channels, target.channels, bias=False)
            self.again_value = nn.Linear(target.channels, target.channels, bias=False)
        if structure:
            whole("structure", structure, SpaceError, mend="So many steps of a walk; 8 are usual.")
            if not isinstance(domain, Graph) or induced is not None:
                given = f"structure={structure} on {domain!r}, induced={induced}"
                raise SpaceError(given, "a graph, all of whose nodes attend to each other", "Leave it out.")
            self.near = nn.Linear(structure + domain.edge_features, self.heads, bias=False)

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        if support is None:  # one set: nothing to fill
            return self.own(values) + self._seen(values[None], None)[0]
        members: Members = self.source.domain.members(values, support)  # type: ignore[attr-defined]
        filled, mask = padded(values, members)
        allowed = mask[:, None, None, :]
        if self.structure:
            between = self.near(structure_of(support, self.structure, values)).movedim(-1, 1)
            allowed = between.masked_fill(~allowed, -torch.inf)
        return self.own(values) + unpadded(self._seen(filled, allowed), members)

    def _seen(self, filled: Tensor, allowed: Tensor | None) -> Tensor:
        """What each point sees of the others, `[b, longest, c]` → `[b, longest, c′]`."""
        keys, found = self._split(self.key(filled)), self._split(self.value(filled))
        queries = self._split(self.query(filled))
        if self.induced is None:
            seen = _attend(queries, keys, found, allowed)
        else:
            learnt = self._split(self.points.expand(len(filled), -1, -1))
            summary = _joined(_attend(learnt, keys, found, allowed))
            seen = _attend(queries, self._split(self.again_key(summary)), self._split(self.again_value(summary)), None)
        return _joined(seen)

    def _split(self, values: Tensor) -> Tensor:
        """`[b, n, c]` → `[b, heads, n, c / heads]`."""
        return values.unflatten(2, (self.heads, -1)).transpose(1, 2)

    def footprint(self) -> Footprint:
        return Footprint(None)


def padded(values: Tensor, members: Members) -> tuple[Tensor, Tensor]:
    """Signals side by side, `[b, longest, c]`, and where there are points, `[b, longest]`."""
    sizes, place = lengths(members.ptr), place_in(members)
    longest = int(sizes.max())
    filled = values.new_zeros(len(sizes), longest, values.shape[1])
    mask = torch.arange(longest, device=values.device) < sizes[:, None]
    return filled.index_put((members.batch, place), values), mask


def unpadded(filled: Tensor, members: Members) -> Tensor:
    """The way back, `[n, c]`."""
    return filled[members.batch, place_in(members)]


def structure_of(edges: Edges, steps: int, like: Tensor) -> Tensor:
    """(M^k)_ij for k = 1 … steps, and Σ e_ij over the edges j → i, `[b, longest, longest, steps + features]`."""
    known = edges.walks if edges.walks is not None and edges.walks.shape[-1] == steps else walks(edges, steps, like)
    found = padded(known.flatten(1), edges.members)[0].unflatten(2, (-1, steps)).to(like.dtype)
    if edges.features is None:
        return found
    place, shape = place_in(edges.members), (*found.shape[:3], edges.features.shape[1])
    at = (edges.members.batch[edges.target], place[edges.target], place[edges.source])
    joined = like.new_zeros(shape).index_put(at, edges.features.to(like.dtype), accumulate=True)
    return torch.cat([found, joined], dim=-1)


def _attend(queries: Tensor, keys: Tensor, values: Tensor, allowed: Tensor | None) -> Tensor:
    return nn.functional.scaled_dot_product_attention(queries, keys, values, attn_mask=allowed)


def _joined(heads: Tensor) -> Tensor:
    return heads.transpose(1, 2).flatten(2)
