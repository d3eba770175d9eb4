"""Tangent vectors of a surface as vectors of the space it lies in."""

from typing import Any

import torch
from torch import Tensor

from erlangen.domains import Mesh
from erlangen.domains.mesh import require_surface
from erlangen.errors import SpaceError
from erlangen.given import instance
from erlangen.layers._base import Layer, Reason, require_space
from erlangen.signal import Space
from erlangen.solve.in_tangent_planes import Kind, kinds_of


class AmbientVectors(Layer):
    """y = v_1 e_1 + v_2 e_2, e_1 and e_2 the frame of each vertex in space: no choice of frames is left in it.

    Rigid motions turn it along; bending does, too, with the surface.

    Shapes: `[vertices, 2n]` → `[vertices, 3n]`, x, y and z of each vector. Raises SpaceError for other fields.

    >>> import torch, erlangen as er
    >>> layer = er.layers.AmbientVectors(er.Space(er.Mesh(eigenfunctions=0), er.SO(2).irrep(1)))
    >>> corner = {"pos": torch.eye(3), "face": torch.tensor([[0], [1], [2]])}
    >>> er.Blueprint([layer])({"x": torch.ones(3, 2), **corner}).sum(1).abs().max() < 1e-6  # within its plane
    tensor(True)
    """

    kind = "linear"
    built_from = ("source",)
    because = Reason(
        prior="an answer in space is asked for, and frames are a matter of choice",
        law="v ↦ ρ(−α) v and e ↦ e ρ(α) leave Σ v_i e_i as it is",
        reference="Weiler, Forré, Verlinde, Welling 2021, arXiv:2106.06020",
    )

    def __init__(self, source: Space):
        domain = instance("AmbientVectors on", require_space("it", source).domain, Mesh, SpaceError, "Take er.Mesh().")
        fields = kinds_of(source.rho)
        if set(fields) != {Kind(1, False)}:
            raise SpaceError(f"AmbientVectors of {source!r}", "tangent vectors alone", "Such as 2 * G.irrep(1).")
        super().__init__(source, Space(domain, 3 * (source.channels // 2) * source.group.trivial))
        self.domain = domain

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        surface = require_surface(support, self.domain, self.source.group)
        return torch.einsum("nci,nix->ncx", values.unflatten(1, (-1, 2)), surface.frames.to(values.dtype)).flatten(1)
