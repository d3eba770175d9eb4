"""Surfaces: the geometry of triangle meshes, as a signal on them carries it beside its values."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from erlangen.domains._segments import segment_sum, spread
from erlangen.domains.graph import Edges, sorted_edges
from erlangen.domains.packed import Members
from erlangen.domains.surfaces.operators import Operators


class Carried(NamedTuple):
    """Σ_q share_pq g_pq x(q): from `source` q to `target` p, by a `share` and turned by the angle `transport`."""

    target: Tensor
    source: Tensor
    share: Tensor
    transport: Tensor


class Surface(NamedTuple):
    """Vertices `position` `[n, 3]` and faces `[m, 3]`, surfaces one behind the other; `edges` p ← q of neighbours.

    Of each edge `offset` log_p q `[E, 2]` in the frame of p and `transport` g `[E]`, by which what is brought from q to
    p turns; `mass` `[n]` is the area each vertex stands for, `unit` `[b]` the square root of that of a surface;
    `frames` `[n, 2, 3]` directions 0 and ½π in space. `slopes` `[P, 2]` along `beside`, the edges of next neighbours;
    `functions` `[n, k]` and `values` `[b, k]` the lowest vibrations, nought where a surface has fewer. Of a coarser one
    `finer` is what it was made of, `down` how values came from there, and `up` how they go back.
    """

    edges: Edges
    position: Tensor
    face: Tensor
    offset: Tensor
    transport: Tensor
    mass: Tensor
    unit: Tensor
    frames: Tensor
    normals: Tensor
    beside: Edges
    slopes: Tensor
    functions: Tensor
    values: Tensor
    finer: "Surface | None" = None
    down: Carried | None = None
    up: Carried | None = None

    @property
    def members(self) -> Members:
        """Which vertex belongs to which surface."""
        return self.edges.members


def surface_of(made: list[Operators], position: Tensor, face: Tensor, members: Members, dtype: torch.dtype) -> Surface:
    """The surfaces of which these are the operators, one behind the other."""
    first = members.ptr.tolist()

    def joined(parts: list[np.ndarray]) -> Tensor:
        return torch.cat([torch.as_tensor(part).to(dtype) for part in parts]).to(position.device)

    def ends(parts: list[np.ndarray]) -> Tensor:
        moved = [part + start for part, start in zip(parts, first, strict=False)]
        return torch.as_tensor(np.concatenate(moved), device=position.device)

    beside = sorted_edges(ends([m.beside[1] for m in made]), ends([m.beside[0] for m in made]), members)
    if all(np.array_equal(m.beside, (m.target, m.source)) for m in made):
        edges = beside
    else:
        edges = sorted_edges(ends([m.source for m in made]), ends([m.target for m in made]), members)
    count = max(len(m.values) for m in made)
    wide = [_widened(m.functions, count) for m in made]
    values = np.stack([np.pad(m.values, (0, count - len(m.values))) for m in made])
    mass = joined([m.mass for m in made])
    return Surface(
        edges,
        position.to(dtype),
        face,
        joined([m.offset for m in made])[edges.order],
        joined([m.transport for m in made])[edges.order],
        mass,
        segment_sum(mass, members.batch, len(made)).sqrt(),
        joined([m.frames for m in made]),
        joined([m.normals for m in made]),
        beside,
        joined([m.slopes for m in made])[beside.order],
        joined(wide),
        torch.as_tensor(values, device=position.device).to(dtype),
    )


def _widened(functions: np.ndarray, count: int) -> np.ndarray:
    lacking = count - functions.shape[1]
    return np.pad(functions, ((0, 0), (0, lacking))) if lacking else functions


def regauged(surface: Surface, angles: Tensor) -> Surface:
    """The same surface with other frames: those of each vertex turned by an angle, `[n]`, counter-clockwise.

    A field of order k is then ρ(−α) x: what layers answer has to turn along, and nothing else may change.
    """
    a, edges = angles.to(surface.transport), surface.edges
    at_p, at_q = spread(a, edges.target), spread(a, edges.source)
    beside = spread(a, surface.beside.target)
    turned = _turned(surface.frames.mT, -a).mT
    return surface._replace(
        offset=_turned(surface.offset[:, None], -at_p)[:, 0],
        transport=surface.transport + at_q - at_p,
        slopes=_turned(surface.slopes[:, None], -beside)[:, 0],
        frames=turned,
    )


def moved_in_space(surface: Surface, matrix: Tensor, by: Tensor | None = None) -> Surface:
    """x ↦ R x + t of every vertex, R orthogonal, with frames and normals; what is measured on the surface stays."""
    position = surface.position @ matrix.T
    return surface._replace(
        position=position if by is None else position + by,
        frames=surface.frames @ matrix.T,
        normals=surface.normals @ matrix.T,
    )


def _turned(vectors: Tensor, angle: Tensor) -> Tensor:
    """`[n, …, 2]` turned by an angle each."""
    c, s = angle.cos(), angle.sin()
    c, s = (part.reshape(-1, *[1] * (vectors.dim() - 2)) for part in (c, s))
    x, y = vectors.unbind(-1)
    return torch.stack([c * x - s * y, s * x + c * y], dim=-1)
