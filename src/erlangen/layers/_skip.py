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
    """y = x ⊕ f(x), or x + f(x): a direct sum of equivariant maps is equivariant.

    `inner` is a layer, or a list of them, from the source; it may end on a coarser level, from where it is brought
    back to x's own size, whatever that is. Its target must live on a level of the source's domain.

    Shapes: `[b, c, n…]` → `[b, c + inner.target.channels, n…]`, with `join="add"` `[b, c, n…]`.

    Ronneberger, Fischer, Brox 2015, arXiv:1505.04597; He et al. 2016, arXiv:1512.03385.
    """

    kind = "composite"
    options = ("join",)
    because = Reason(
        prior="scale separation, both ways: the coarse answers what, the fine answers where",
        law="g·(x ⊕ y) = g·x ⊕ g·y",
        reference="Ronneberger, Fischer, Brox 2015, arXiv:1505.04597",
    )

    def __init__(self, inner: Layer | Sequence[Layer], join: str = "concatenate"):
        inner = inner if isinstance(inner, Layer) else Chain(inner if isinstance(inner, Sequence) else [inner])
        source, made = inner.source, inner.target
        if join not in JOINS or (join == "add" and made.rho != source.rho):
            raise SpaceError(
                f"a skip that joins {source.rho} and {made.rho} by {join!r}",
                f"one of {', '.join(JOINS)}, and equal representations where they are added",
                "End the inner layers with a linear one onto source.rho, or concatenate.",
            )
        super().__init__(source, source if join == "add" else Space(source.domain, source.rho + made.rho))
        self.inner, self.join = inner, join
        self.back = None if made.domain == source.domain else _way_back(inner)

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        made, below = self.inner.flow(values, support)
        return _join(values, made, self.back, self.join, below)

    @property
    def harmonic(self) -> bool:
        """Whether it is a map of coefficients on the sphere."""
        return is_harmonic(self.inner) and (self.back is None or isinstance(self.back, SphereUpsample))

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
        around = self.inner.footprint()
        return Footprint((around if self.back is None else around.then(self.back.footprint())).extent)

    def unconstrained_weights(self) -> int:
        return self.inner.unconstrained_weights()

    def export(self) -> nn.Module:
        return ExportedSkip(self.inner.export(), self.back, self.join)


def _way_back(inner: Layer) -> Upsample:
    """From the inner layers' coarser level to their source's."""
    source, made = inner.source, inner.target
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

    def __init__(self, inner: nn.Module, back: Upsample | None, join: str):
        super().__init__()
        self.inner, self.back, self.join = inner, back, join

    def forward(self, values: Tensor) -> Tensor:
        return _join(values, self.inner(values), self.back, self.join)


def _join(values: Tensor, made: Tensor, back: Upsample | None, join: str, below: Any = None) -> Tensor:
    """`below` is what `made` lives on, where that is a part of the signal."""
    if isinstance(back, LatticeUpsample | SphereUpsample):
        made = back.to_size(made, values.shape[2:])
    elif back is not None:
        made = back.flow(made, below)[0]
    return values + made if join == "add" else torch.cat([values, made], dim=1)
