"""Skips: a signal joined with what inner layers make of it, brought back to its own size."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.domains import Graph, Lattice, Mesh, Points, Sphere
from erlangen.domains.spherical_transform import up_to
from erlangen.errors import SpaceError
from erlangen.layers._base import Footprint, Layer, Reason
from erlangen.layers._chain import Chain, leaves
from erlangen.layers._harmonic import Size, is_harmonic
from erlangen.layers.pooling.finite import FinitePool, FiniteUpsample
from erlangen.layers.pooling.graph import GraphUpsample
from erlangen.layers.pooling.lattice import LatticeUpsample
from erlangen.layers.pooling.mesh import MeshUpsample
from erlangen.layers.pooling.points import PointUpsample
from erlangen.layers.pooling.sphere import SphereUpsample
from erlangen.layers.pooling.vertices import VertexUpsample
from erlangen.signal import Space

Upsample = (
    LatticeUpsample | FiniteUpsample | GraphUpsample | PointUpsample | SphereUpsample | VertexUpsample | MeshUpsample
)
JOINS = ("concatenate", "add")


class Skip(Layer):
    """y = x ⊕ f(x), or x + f(x): a direct sum of equivariant maps is equivariant. With a shortcut s s(x) ⊕ f(x).

    `inner` is a layer, or a list of them, from the source; it may end on a coarser level, from where it is brought
    back to x's own size, whatever that is. Its target must live on a level of the source's domain. `shortcut`, a layer
    or a list of them, takes the place of x, where channels or the level change on the way.

    Shapes: `[b, c, n…]` → `[b, c + inner.target.channels, n…]`, with `join="add"` `[b, c, n…]`; c and n as the shortcut
    leaves them.

    >>> import erlangen as er
    >>> space = er.Space(er.Grid(2), er.C(4).regular)
    >>> joined, added = (er.layers.Skip(er.layers.linear(space, space), join) for join in ("concatenate", "add"))
    >>> joined.target.channels, added.target.channels
    (8, 4)

    Ronneberger, Fischer, Brox 2015, arXiv:1505.04597; He et al. 2016, arXiv:1512.03385.
    """

    kind = "composite"
    options = ("join",)
    because = Reason(
        prior="scale separation, both ways: the coarse answers what, the fine answers where",
        law="g·(x ⊕ y) = g·x ⊕ g·y",
        reference="Ronneberger, Fischer, Brox 2015, arXiv:1505.04597",
    )

    def __init__(
        self, inner: Layer | Sequence[Layer], join: str = "concatenate", shortcut: Layer | Sequence[Layer] | None = None
    ):
        inner = _chained(inner)
        beside = None if shortcut is None else _chained(shortcut)
        kept, made = inner.source if beside is None else beside.target, inner.target
        if not isinstance(join, str) or join not in JOINS or (join == "add" and made.rho != kept.rho):
            raise SpaceError(
                f"a skip that joins {kept.rho} and {made.rho} by {join!r}",
                f"one of {', '.join(JOINS)}, and equal representations where they are added",
                f"End the inner layers with a linear one onto {kept.rho}, or concatenate.",
            )
        if beside is not None and beside.source != inner.source:
            raise SpaceError(f"a shortcut from {beside.source!r}", f"{inner.source!r}", "Both take the same signal.")
        super().__init__(inner.source, kept if join == "add" else Space(kept.domain, kept.rho + made.rho))
        self.inner, self.join, self.shortcut = inner, join, beside
        self.back = None if made.domain == kept.domain else _way_back(inner, kept)

    def flow(self, values: Tensor, support: Any = None) -> tuple[Tensor, Any]:
        made, below = self.inner.flow(values, support)
        kept, support = (values, support) if self.shortcut is None else self.shortcut.flow(values, support)
        return _join(kept, made, self.back, self.join, below), support

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        return self.flow(values, support)[0]

    @property
    def harmonic(self) -> bool:
        """Whether it is a map of coefficients on the sphere."""
        alone = self.shortcut is None and (self.back is None or isinstance(self.back, SphereUpsample))
        return alone and is_harmonic(self.inner)

    def carry(self, spectrum: Tensor, size: Size) -> tuple[Tensor, Size]:
        """Coefficients of x ⊕ f(x), on the grid of x."""
        inner: Any = self.inner
        made = up_to(inner.carry(spectrum, size)[0], spectrum.shape[-1] - 1)
        return (spectrum + made if self.join == "add" else torch.cat([spectrum, made], dim=1)), size

    def reason(self) -> Reason:
        if self.back is not None or self.join != "add":
            return self.because
        return Reason(
            prior="a layer learns what is to be added to what is known already",
            law="g·(x + y) = g·x + g·y",
            reference="He et al. 2015, arXiv:1512.03385",
        )

    def footprint(self) -> Footprint:
        around = self.inner.footprint() if self.back is None else self.inner.footprint().then(self.back.footprint())
        if self.shortcut is None:
            return Footprint(around.extent)
        return self.shortcut.footprint().beside(around)

    def unconstrained_weights(self) -> int:
        beside = 0 if self.shortcut is None else self.shortcut.unconstrained_weights()
        return self.inner.unconstrained_weights() + beside

    def export(self) -> nn.Module:
        beside = None if self.shortcut is None else self.shortcut.export()
        return ExportedSkip(self.inner.export(), self.back, self.join, beside)


def _chained(given: Layer | Sequence[Layer]) -> Layer:
    return given if isinstance(given, Layer) else Chain(given if isinstance(given, Sequence) else [given])


def _way_back(inner: Layer, source: Space) -> Upsample:
    """From the inner layers' coarser level to that of what they are joined with."""
    made = inner.target
    if isinstance(source.domain, Lattice | Graph):
        return (LatticeUpsample if isinstance(source.domain, Lattice) else GraphUpsample)(made, source)
    if isinstance(source.domain, Points | Mesh):
        return (PointUpsample if isinstance(source.domain, Points) else MeshUpsample)(made, source)
    if isinstance(source.domain, Sphere):
        known = isinstance(made.domain, Sphere) and made.domain.subdivisions is not None
        return (VertexUpsample if known else SphereUpsample)(made, source)
    pools = [layer for layer in leaves(inner) if isinstance(layer, FinitePool)]
    if not pools:
        raise SpaceError(f"a skip from {source!r} to {made!r}", "one domain", "Bring the inner signal back first.")
    parts = np.array(pools[0].blocks)
    for pool in pools[1:]:
        parts = np.array(pool.blocks)[parts]
    return FiniteUpsample(made, source, parts.tolist())


class ExportedSkip(nn.Module):
    """The same join around an exported inner module."""

    def __init__(self, inner: nn.Module, back: Upsample | None, join: str, shortcut: nn.Module | None = None):
        super().__init__()
        self.inner, self.back, self.join, self.shortcut = inner, back, join, shortcut

    def forward(self, values: Tensor) -> Tensor:
        kept = values if self.shortcut is None else self.shortcut(values)
        return _join(kept, self.inner(values), self.back, self.join)


def _join(values: Tensor, made: Tensor, back: Upsample | None, join: str, below: Any = None) -> Tensor:
    """`below` is what `made` lives on, where that is a part of the signal."""
    if isinstance(back, LatticeUpsample | SphereUpsample):
        made = back.to_size(made, values.shape[2:])
    elif back is not None:
        made = back.flow(made, below)[0]
    return values + made if join == "add" else torch.cat([values, made], dim=1)
