"""Coarse-graining of surfaces: vertices stay that are apart from each other, fields are carried to them, and back."""

from typing import Any

import torch
from torch import Tensor

from erlangen.domains import Mesh
from erlangen.domains.coarser_surface import coarsened
from erlangen.domains.mesh import require_surface
from erlangen.domains.surface import Carried
from erlangen.errors import InputError, SpaceError
from erlangen.given import instance
from erlangen.layers._base import Footprint, Layer, Reason, require_space
from erlangen.layers._bases import Bases
from erlangen.signal import Space
from erlangen.solve.in_tangent_planes import fields_of


class _Carrying(Layer):
    """y_p = Σ_q w_pq ρ(g_pq) x_q, Σ_q w_pq = 1."""

    kind = "pooling"

    def _carry(self, values: Tensor, along: Carried, count: int) -> Tensor:
        fields = self.bases.there(values)
        rows = fields.index_select(0, along.source) * along.share[:, None].to(values.dtype)
        if along.mirrored is not None:
            odd = torch.tensor(self.odd, device=rows.device)
            rows = torch.where(along.mirrored[:, None] & odd, -rows, rows)
        turned = rows.clone()
        for order, channels in self.turning:
            a = order * along.transport
            c, s = (part[:, None].to(values.dtype) for part in (a.cos(), a.sin()))
            at = [torch.tensor(part, device=values.device) for part in channels]
            first, last = rows.index_select(1, at[0]), rows.index_select(1, at[-1])
            turned = turned.index_copy(1, at[0], c * first - s * last if len(at) == 2 else c * first)
            turned = turned.index_copy(1, at[1], s * first + c * last) if len(at) == 2 else turned
        carried = values.new_zeros(count, values.shape[1]).index_add(0, along.target, turned)
        return self.bases.back(carried)

    def _know(self, source: Space) -> None:
        """The orders of the fields that turn, and where their numbers stand; and which numbers mirrors change."""
        fields, basis = fields_of(source.rho)
        self.bases, self.odd = Bases(basis, basis), [False] * source.channels
        for kind, at in fields.items():
            for channel in at[:, kind.odd].ravel().tolist():
                self.odd[channel] = True
        self.turning = [(kind.order, at.T.tolist()) for kind, at in fields.items() if kind.order]

    def footprint(self) -> Footprint:
        return Footprint(None)


class MeshPool(_Carrying):
    """y_p = Σ_q m_q ρ(g_pq) x_q / Σ_q m_q over the vertices q that belong to p, which stays; m their areas.

    About a quarter of the vertices stay, so far apart as can be on the surface, and each other one belongs to the
    nearest. They are chosen by what is measured on the surface, whatever its pose and the order it is stored in; what
    is tied stays together. Fields are carried the way that leads there.

    Shapes: `[vertices, c]` and a surface → `[kept, c]` and theirs.

    >>> import torch, erlangen as er
    >>> pool = er.layers.MeshPool(er.Space(er.Mesh(eigenfunctions=0), er.O(2).trivial))
    >>> pool.target
    X(Mesh(eigenfunctions=0, level=1), trivial of O(2))

    de Haan, Weiler, Cohen, Welling 2020, arXiv:2003.05425; Wiersma, Eisemann, Hildebrandt 2020, arXiv:2004.11911.
    """

    built_from = ("source",)
    because = Reason(
        prior="scale separation: what matters is understood from coarse features upwards",
        law="lengths along the surface say which vertices stay and whom the others belong to; transport carries fields",
        reference="Wiersma, Eisemann, Hildebrandt 2020, arXiv:2004.11911",
    )

    def __init__(self, source: Space):
        domain = instance("MeshPool on", require_space("MeshPool", source).domain, Mesh, SpaceError, "Take er.Mesh().")
        domain.check_transport("MeshPool")
        super().__init__(source, Space(domain.coarser, source.rho))
        self.domain = domain
        self._know(source)

    def flow(self, values: Tensor, support: Any = None) -> tuple[Tensor, Any]:
        coarse = coarsened(require_surface(support, self.domain, self.source.group))
        assert coarse.down is not None
        return self._carry(values, coarse.down, len(coarse.mass)), coarse


class MeshUpsample(_Carrying):
    """x_q = Σ_p w_qp ρ(g_qp) y_p, w the inverse square of the distance to those that stayed nearby; the way back.

    Shapes: `[kept, c]` → `[vertices, c]`, to the level of `like`.

    >>> import torch, erlangen as er
    >>> fine = er.Space(er.Mesh(eigenfunctions=0), er.O(2).trivial)
    >>> er.layers.MeshUpsample(er.layers.MeshPool(fine).target, fine).target == fine
    True
    """

    because = Reason(
        prior="an answer at every point is brought back to the points it is asked at",
        law="weights are read off distances along the surface; transport carries fields",
        reference="Qi, Yi, Su, Guibas 2017, arXiv:1706.02413",
    )

    def __init__(self, source: Space, like: Space):
        coarse, fine = require_space("MeshUpsample", source).domain, require_space("MeshUpsample", like).domain
        if (
            not isinstance(coarse, Mesh)
            or not isinstance(fine, Mesh)
            or coarse not in _coarser_than(fine, coarse.level)
        ):
            raise SpaceError(f"upsampling {source!r} to {like!r}", "a mesh and a finer one", "Pool it first.")
        super().__init__(source, Space(fine, source.rho))
        self.domain, self.levels = coarse, coarse.level - fine.level
        self._know(source)

    def flow(self, values: Tensor, support: Any = None) -> tuple[Tensor, Any]:
        surface = require_surface(support, self.domain, self.source.group)
        for _ in range(self.levels):
            if surface.finer is None or surface.up is None:
                raise InputError("a surface that was not made coarser", "one behind a MeshPool", "Pool it first.")
            values = self._carry(values, surface.up, len(surface.finer.mass))
            surface = surface.finer
        return values, surface


def _coarser_than(fine: Mesh, most: int) -> list[Mesh]:
    """The meshes that pools make of this one, down to a level."""
    found = [fine]
    while found[-1].level < most:
        found.append(found[-1].coarser)
    return found[1:]
