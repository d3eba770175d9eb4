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
    """Σ_q share_pq g_pq x(q): from `source` q to `target` p, by a `share` and turned by the angle `transport`, after a
    mirror where `mirrored`, which is None where none is."""

    target: Tensor
    source: Tensor
    share: Tensor
    transport: Tensor
    mirrored: Tensor | None = None


class Surface(NamedTuple):
    """Vertices `position` `[n, 3]` and faces `[m, 3]`, surfaces one behind the other; `edges` p ← q of neighbours.

    Of each edge `offset` log_p q `[E, 2]` in the frame of p and `transport` g `[E]`, by which what is brought from q to
    p turns, after a mirror where `mirrored` `[E]`; that is None where faces are oriented alike. `mass` `[n]` is the
    area each vertex stands for, `unit` `[b]` the square root of that of a surface; `frames` `[n, 2, 3]` directions 0
    and ½π in space. `slopes` `[P, 2]` along `beside`, the edges of next neighbours; `functions` `[n, k]` and `values`
    `[b, k]` the lowest vibrations, nought where a surface has fewer. Of a coarser one `finer` is what it was made of,
    `down` how values came from there, and `up` how they go back.
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
    mirrored: Tensor | None = None

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
        mirrored=mirrors([m.mirrored for m in made], edges),
    )


def mirrors(parts: list[np.ndarray], edges: Edges) -> Tensor | None:
    """Which of the edges, in their order, mirror what they bring; None where none does."""
    if not any(part.any() for part in parts):
        return None
    return torch.as_tensor(np.concatenate(parts), device=edges.target.device)[edges.order]


def _widened(functions: np.ndarray, count: int) -> np.ndarray:
    lacking = count - functions.shape[1]
    return np.pad(functions, ((0, 0), (0, lacking))) if lacking else functions


def next_edges(surface: Surface) -> Tensor:
    """Which of the edges are those of `beside`, in its order, where neighbourhoods are larger."""
    count = len(surface.mass)
    key, wanted = (e.target * count + e.source for e in (surface.edges, surface.beside))
    order = torch.argsort(key)
    return order[torch.searchsorted(key[order], wanted).clamp(max=len(order) - 1)]


def regauged(surface: Surface, angles: Tensor, mirrored: Tensor | None = None) -> Surface:
    """The same surface with other frames: those of each vertex turned by an angle, `[n]`, counter-clockwise, and then,
    where `mirrored`, direction ½π changed for −½π.

    A field of order k is then ρ(h) x, h a turn by −α and that mirror: what layers answer has to turn along, and nothing
    else may change.

    >>> import erlangen as er
    >>> _, surface = er.Mesh(eigenfunctions=3).read({"pos": torch.eye(3), "face": torch.tensor([[0], [1], [2]])})
    >>> turned = regauged(surface, torch.full((3,), torch.pi))
    >>> torch.allclose(turned.frames, -surface.frames, atol=1e-6), torch.equal(turned.position, surface.position)
    (True, True)
    """
    a, edges, before = angles.to(surface.transport), surface.edges, surface.mirrored
    over = torch.zeros_like(a, dtype=torch.bool) if mirrored is None else mirrored
    at_p, at_q, over_p, over_q = (spread(part, end) for part in (a, over) for end in (edges.target, edges.source))
    transport = surface.transport + (at_q if before is None else torch.where(before, -at_q, at_q)) - at_p
    beside = surface.beside.target
    in_space = surface.frames.mT.flatten(0, 1), a.repeat_interleave(3), over.repeat_interleave(3)
    changed = None if mirrored is None else over_p ^ over_q
    return surface._replace(
        offset=_in_frame(surface.offset, at_p, over_p),
        transport=torch.where(over_p, -transport, transport),
        slopes=_in_frame(surface.slopes, spread(a, beside), spread(over, beside)),
        frames=_in_frame(*in_space).view(-1, 3, 2).mT,
        mirrored=before if changed is None else changed if before is None else changed ^ before,
    )


def moved_in_space(surface: Surface, matrix: Tensor, by: Tensor | None = None) -> Surface:
    """x ↦ R x + t of every vertex, R orthogonal, with frames and normals; what is measured on the surface stays.

    >>> import erlangen as er
    >>> _, surface = er.Mesh(eigenfunctions=3).read({"pos": torch.eye(3), "face": torch.tensor([[0], [1], [2]])})
    >>> moved_in_space(surface, torch.eye(3), torch.tensor([0.0, 0.0, 5.0])).position[2].tolist()
    [0.0, 0.0, 6.0]
    """
    position = surface.position @ matrix.T
    return surface._replace(
        position=position if by is None else position + by,
        frames=surface.frames @ matrix.T,
        normals=surface.normals @ matrix.T,
    )


def _in_frame(vectors: Tensor, angle: Tensor, mirrored: Tensor) -> Tensor:
    """`[n, 2]` in frames turned by an angle each, and then perhaps mirrored."""
    c, s = angle.cos(), torch.where(mirrored, -1.0, 1.0).to(angle)
    x, y = vectors.unbind(1)
    return torch.stack([c * x + angle.sin() * y, s * (c * y - angle.sin() * x)], dim=1)
