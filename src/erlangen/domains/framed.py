"""Which frames a surface has: any, those seen from one side, or such as are carried along it but for a few turns."""

from math import pi

import torch
from torch import Tensor

from erlangen.domains.surface import Surface, next_edges, regauged
from erlangen.errors import InputError
from erlangen.groups import SO, C, Group, O

CARRIED = 1e-3  # radians by which a frame that is carried along an edge may miss the one there
WITHIN = 1e-3  # beside its length: how much of a direction lies in the tangent plane at least


def in_direction(surface: Surface, direction: Tensor) -> Surface:
    """The surface in frames whose direction 0 is that of vectors in space, `[n, 3]`, as far as they lie in it.

    Raises InputError for others, and where one is at a right angle to the surface.
    """
    if direction.shape != surface.position.shape or not direction.is_floating_point():
        given = f"direction {tuple(direction.shape)} of {direction.dtype} for {len(surface.mass)} vertices"
        raise InputError(given, "floating numbers [vertices, 3]", "One vector in space a vertex.")
    flat, size = _along(surface, direction.to(surface.position)), direction.to(surface.position).norm(dim=1)
    across = ~(flat.norm(dim=1) > WITHIN * size)
    if bool(across.any()):
        where = int(across.nonzero()[0])
        raise InputError(
            f"a direction at a right angle to the surface, at vertex {where}", "one along it", "Look at its normals."
        )
    return regauged(surface, torch.atan2(flat[:, 1], flat[:, 0]))


def _along(surface: Surface, direction: Tensor) -> Tensor:
    """Vectors in space in the frames that there are, `[n, 2]`: the mean of what the faces about a vertex say.

    Of each it is what lies in its plane, which is then unfolded into that of the vertex, so that no fold changes it.
    Where faces make no surface it is what lies in the plane of the vertex.
    """
    if not len(surface.transport):
        return torch.einsum("nix,nx->ni", surface.frames, direction)
    place, count = next_edges(surface), len(surface.mass)
    offset = surface.offset[place]
    key = surface.beside.target * count + surface.beside.source
    order = torch.argsort(key)
    total = offset.new_zeros(count, 2)
    for k in range(3):
        p, a, b = (surface.face.roll(-k, 1)[:, i] for i in range(3))
        to_a, to_b = (offset[order[torch.searchsorted(key[order], p * count + q)]] for q in (a, b))
        side, other = surface.position[a] - surface.position[p], surface.position[b] - surface.position[p]
        normal = torch.linalg.cross(side, other)
        side, normal = (v / v.norm(dim=1, keepdim=True) for v in (side, normal))
        seen = (to_a[:, 0] * to_b[:, 1] - to_a[:, 1] * to_b[:, 0]).sign()  # from which side the face is seen
        x = (direction[p] * side).sum(1)
        y = seen * (direction[p] * torch.linalg.cross(normal, side)).sum(1)
        c, s = (to_a / to_a.norm(dim=1, keepdim=True)).unbind(1)
        total = total.index_add(0, p, torch.stack([c * x - s * y, s * x + c * y], dim=1))
    faces = torch.bincount(surface.face.flatten(), minlength=count).to(total)
    return total / faces.clamp(min=1)[:, None]


def check_frames(surface: Surface, group: Group) -> None:
    """Raise the InputError for frames that are not carried along the surface up to elements of a group of the plane."""
    if surface.mirrored is not None and isinstance(group, SO | C):
        raise InputError(
            f"fields of {group} on a surface whose faces are not oriented alike",
            "one outside of the surface",
            "er.domains.repaired_mesh(vertices, faces) turns faces over; one with one side only needs er.Isometries().",
        )
    if isinstance(group, SO | O) or torch.compiler.is_compiling() or not len(surface.transport):
        return
    turns = group.n  # type: ignore[attr-defined]
    off = (surface.transport * turns / (2 * pi)).frac().abs() * 2 * pi / turns
    off = torch.minimum(off, 2 * pi / turns - off)
    if bool(off.max() > CARRIED):
        edge = int(off.argmax())
        p, q = int(surface.edges.target[edge]), int(surface.edges.source[edge])
        raise InputError(
            f"frames that are off by {float(off.max()) * 180 / pi:.3g}° after the way from vertex {q} to {p}",
            f"turns by multiples of {360 / turns:g}° alone, as {group} has them",
            "Give `direction` [vertices, 3], carried along a surface that is flat, folded or rolled; else er.SO(2).",
        )
