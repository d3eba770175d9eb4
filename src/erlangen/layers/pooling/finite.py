"""Coarse-graining of finite domains: blocks that the group moves as wholes become points, and back."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from erlangen.domains import Finite
from erlangen.errors import RepresentationError, SpaceError
from erlangen.given import instance
from erlangen.groups import Group
from erlangen.layers._base import Footprint, Layer, Reason, require_space
from erlangen.layers._constants import Constants
from erlangen.layers._fields import require_permutation
from erlangen.signal import Space

METHODS = ("average", "max")


class FinitePool(Constants, Layer):
    """y_B = mean_{j in B} x_j, or the maximum, for blocks B of points that the group moves as wholes.

    g carries block to block, so it carries the means. `blocks` are the orbits of a subgroup, or one number a point;
    left out, the smallest there are (see `er.Finite.blocks`).

    Shapes: `[b, c, n]` → `[b, c, blocks]`. Raises DomainError where there are no such blocks, RepresentationError for
    the maximum of fields that are not permuted.

    >>> import erlangen as er
    >>> ring = er.Finite(er.C(6), [(1, 2, 3, 4, 5, 0)])
    >>> er.layers.pool(er.Space(ring, er.C(6).trivial)).target.domain.points
    3
    """

    kind = "pooling"
    built_from = ("source",)
    because = Reason(
        prior="scale separation: points of one block are described together, at less cost",
        law="g carries every block to a block",
        reference="Bronstein, Bruna, Cohen, Veličković 2021, arXiv:2104.13478",
    )
    order: Tensor

    def __init__(self, source: Space, method: str = "average", blocks: "Group | Sequence[int] | None" = None):
        domain = _finite("FinitePool", source)
        if method not in METHODS:
            raise RepresentationError(f"method={method!r}", f"one of {', '.join(METHODS)}", "Check the spelling.")
        if method == "max":
            require_permutation(source.rho, "the maximum over points", 'Take method="average".')
        parts = domain.blocks(blocks)
        super().__init__(source, Space(domain.coarser(parts.tolist()), source.rho))
        self.method, self.blocks = method, parts.tolist()
        sizes = np.bincount(parts)
        self.sizes = np.unique(sizes).tolist()
        members = {f"blocks_of_{size}": _members(parts, np.flatnonzero(sizes == size)) for size in self.sizes}
        self.hold({**members, "order": np.argsort(np.argsort(sizes, kind="stable"))})

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        pooled = [self._pooled(values, getattr(self, f"blocks_of_{size}")) for size in self.sizes]
        return pooled[0] if len(pooled) == 1 else torch.cat(pooled, -1).index_select(-1, self.order)

    def _pooled(self, values: Tensor, members: Tensor) -> Tensor:
        """Blocks of one size, `[blocks, size]`."""
        apart = values.index_select(-1, members.flatten()).unflatten(-1, members.shape)
        return apart.amax(-1) if self.method == "max" else apart.mean(-1)

    def choices(self) -> dict[str, Any]:
        return {"method": self.method, "blocks": self.blocks}

    def footprint(self) -> Footprint:
        return Footprint(None)


class FiniteUpsample(Constants, Layer):
    """y_j = x_B for the block B of j: the way back from a pool to the points of `like`.

    Shapes: `[b, c, blocks]` → `[b, c, n]`. Raises SpaceError where the points are not in such blocks.

    >>> import erlangen as er
    >>> ring = er.Finite(er.C(6), [(1, 2, 3, 4, 5, 0)])
    >>> fine = er.Space(ring, er.C(6).trivial)
    >>> er.layers.upsample(er.layers.pool(fine).target, fine).target == fine
    True
    """

    kind = "pooling"
    because = Reason(
        prior="an answer at every point is brought back to the points it is asked at",
        law="g carries every block to a block",
        reference="Ronneberger, Fischer, Brox 2015, arXiv:1505.04597",
    )
    labels: Tensor

    def __init__(self, source: Space, like: Space, blocks: "Sequence[int] | None" = None):
        coarse, fine = _finite("FiniteUpsample", source), _finite("FiniteUpsample", like)
        parts = fine.blocks(blocks)
        if fine.coarser(parts.tolist()) != coarse:
            raise SpaceError(
                f"upsampling {source!r} to {like!r}", "the blocks of its points", "Pass the pool's blocks=pool.blocks."
            )
        super().__init__(source, Space(fine, source.rho))
        self.blocks = parts.tolist()
        self.hold({"labels": parts})

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        return values.index_select(-1, self.labels)

    def choices(self) -> dict[str, Any]:
        return {"blocks": self.blocks}

    def footprint(self) -> Footprint:
        return Footprint(None)

    @classmethod
    def remake(cls, source: Space, target: Space, choices: dict[str, Any]) -> "Layer":
        return cls(source, target, **choices)


def _members(parts: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """The points of each of these blocks, which are of one size, `[blocks, size]`."""
    return np.stack([np.flatnonzero(parts == block) for block in blocks])


def _finite(who: str, space: Space) -> Finite:
    mend = "Lattices have LatticePool and LatticeUpsample."
    return instance(f"{who} on a domain", require_space(who, space).domain, Finite, SpaceError, mend)
