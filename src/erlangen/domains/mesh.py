"""Triangle meshes: surfaces that bend. What layers see of them is measured on the surface, unless more is declared."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor

from erlangen.domains._segments import segment_sum, spread
from erlangen.domains.framed import check_frames, in_direction
from erlangen.domains.graph import Edges, add_along, degrees
from erlangen.domains.mesh_formats import as_mesh
from erlangen.domains.mesh_parts import holds, parts_of
from erlangen.domains.packed import Members, Packed, attribute, members_of
from erlangen.domains.signatures import heat_signature, shape_features, wave_signature
from erlangen.domains.surface import Surface, regauged, surface_of
from erlangen.domains.surfaces.operators import COTANGENT, DELAUNAY, TUFTED, Asked, operators
from erlangen.errors import DomainError, GroupError, InputError
from erlangen.given import among, flag, instance, number, whole
from erlangen.groups import SO, C, D, Element, Group, O, Trivial

if TYPE_CHECKING:
    from erlangen.representations import Representation

FEATURES = ("heat", "wave", "shape")
LAPLACIANS = (COTANGENT, DELAUNAY, TUFTED)
SIGNATURE = 16  # channels of a signature
_MEND_TUFTED = (
    "er.domains.repaired_mesh(vertices, faces) makes a surface of triangles, for er.Mesh(); or take er.Points(3)."
)


@dataclass(frozen=True, repr=False)
class Mesh(Packed):
    """Ω = M, a surface of triangles; for every isometry φ : M → M′ f(M′, x ∘ φ⁻¹) = f(M, x) ∘ φ⁻¹.

    Each vertex has a tangent plane with a frame of its own, whose choice means nothing: the group of a space is that of
    turns of the plane, SO(2), or with mirrors O(2), for surfaces of which left is not told from right. A field of
    `SO(2).irrep(k)` is k-fold: k = 1 are tangent vectors in the stored frames.

    Neighbours are those next to a vertex, or all within `radius` on the surface, in units of the square root of its
    area. `eigenfunctions` says how many vibrations are computed, for layers of heat. Their `laplacian` is that of
    "cotangent"s of the triangles as they are, or of "delaunay" ones: the same surface, with edges flipped within it
    until no weight is negative, however thin triangles are; or "tufted", for triangles that make no surface: any number
    may meet at an edge, or touch in a point. There heat still spreads and slopes are compared, in the plane nearest to
    the faces about a vertex where there is no one fan of them; but nothing is carried along, and left is not told from
    right, so that the layer is `er.layers.DiffusionBlock` and the group O(2). Then `face` may be left out, too: of
    points on a surface triangles are found among the nearest of each, in the plane nearest to these. Orders, turns,
    shifts and mirrors of what is no surface change nothing, to rounding; bending nearly nothing.

    `intrinsic` surfaces are known by lengths along them alone, so that bending changes nothing; without,
    `er.RigidMotions()` are the symmetry, and how the surface lies in space may be looked at. Under SO(2) faces are
    counter-clockwise from outside; under O(2) it does not matter which way round each of them runs, and a surface may
    have one side only.

    Shapes: values `[vertices, channel]`, the surfaces of a batch one behind the other. What users hold is anything with
    `pos` `[n, 3]` and `face` `[3, m]` or `[m, 3]`, and perhaps `x` `[n, c]`, `batch` or `ptr`, and a
    `direction` `[n, 3]` that is direction 0 of each frame, as C(n) and D(n) need it; a pair (pos, face); a mesh of
    trimesh or meshio. Left out, x are `features`: the "heat" or "wave" kernel signature, of 16 channels, or
    "shape", which is extrinsic. `level` counts how often it was coarsened. Raises InputError for what is no surface and
    says where.

    >>> import torch
    >>> corner = {"pos": torch.eye(3), "face": torch.tensor([[0], [1], [2]])}
    >>> x, surface = Mesh(eigenfunctions=3).read(corner)
    >>> x.shape, [round(float(a), 3) for a in surface.mass]
    (torch.Size([3, 16]), [0.289, 0.289, 0.289])

    Bronstein, Bruna, Cohen, Veličković 2021, arXiv:2104.13478; Sharp, Attaiki, Crane, Ovsjanikov 2020,
    arXiv:2012.00888.
    """

    eigenfunctions: int = 128
    radius: float | None = None
    intrinsic: bool = True
    features: str | None = None
    laplacian: str = COTANGENT
    level: int = 0
    relations: ClassVar[tuple[str, ...]] = ("itself", "neighbours", "everyone")

    def __post_init__(self) -> None:
        whole("eigenfunctions", self.eigenfunctions, DomainError, least=0, mend="128 is usual; 0 for none.")
        flag("intrinsic", self.intrinsic, DomainError)
        whole("level", self.level, DomainError, least=0, mend="A mesh as it is given is of level 0.")
        if self.radius is not None and number("radius", self.radius, DomainError, mend="Such as 0.1.") <= 0:
            raise DomainError(f"radius={self.radius!r}", "above 0", "In units of the square root of the area.")
        if self.features is not None:
            among("features", self.features, FEATURES, DomainError, "Or leave it out.")
        among("laplacian", self.laplacian, LAPLACIANS, DomainError, "Or leave it out.")
        if self.laplacian == TUFTED and (self.radius is not None or not self.intrinsic):
            what = "intrinsic=False" if self.radius is None else f"radius={self.radius!r}"
            raise DomainError(f'{what} with laplacian="tufted"', "no radius, and intrinsic=True", _MEND_TUFTED)
        if self.natural_features == "shape" and self.intrinsic:
            mend = "Declare intrinsic=False, and er.RigidMotions() as symmetry."
            raise DomainError('features="shape" of intrinsic surfaces', "heat or wave", mend)
        if self.natural_features != "shape" and self.features is not None and not self.eigenfunctions:
            raise DomainError(f"features={self.features!r}", "eigenfunctions to read them off", "128 is usual.")

    def __repr__(self) -> str:
        said = {
            "eigenfunctions": None if self.eigenfunctions == 128 else self.eigenfunctions,
            "radius": self.radius,
            "intrinsic": None if self.intrinsic else False,
            "features": self.features,
            "laplacian": None if self.laplacian == COTANGENT else self.laplacian,
            "level": self.level or None,
        }
        return f"Mesh({', '.join(f'{name}={value!r}' for name, value in said.items() if value is not None)})"

    @property
    def natural_features(self) -> str | None:
        """Which features stand where none are given."""
        if self.features is not None:
            return self.features
        if not self.intrinsic:
            return "shape"
        return "heat" if self.eigenfunctions else None

    @property
    def coarser(self) -> "Mesh":
        """The mesh of the vertices that a pool keeps, whose neighbours are those next to them."""
        return replace(self, radius=None, level=self.level + 1)

    # ---- symmetry ------------------------------------------------------------------------------------------------
    def natural_symmetry(self) -> Group:
        return O(2) if self.intrinsic else SO(2)

    def natural_input(self, group: Group) -> "Representation | None":
        kind = self.natural_features
        if kind is None:
            return None
        return SIGNATURE * group.trivial if kind != "shape" else 3 * group.trivial + self.vectors(group)

    def check_group(self, group: Group) -> None:
        """Raise the DomainError for a group that is not that of frames of the tangent plane."""
        instance("group", group, Group, GroupError, "For frames that may be turned: er.SO(2).")
        if self.laplacian == TUFTED and group != O(2):
            expected = "er.Isometries(), under which no side is the outer one"
            raise DomainError(f"{group!r} on {self!r}", expected, _MEND_TUFTED)
        if not (isinstance(group, C | D) or (isinstance(group, SO | O) and group.n == 2)):
            raise DomainError(
                f"{group!r} on {self!r}",
                "er.SO(2) or er.O(2), turns and mirrors of frames; on surfaces that are flat er.C(n), er.D(n)",
                "For surfaces that bend: er.Isometries(), with oriented=True where left is told from right.",
            )

    def check_transport(self, what: str) -> None:
        """Raise the DomainError for what needs fields carried from vertex to vertex, where none can be."""
        if self.laplacian == TUFTED:
            expected = "what needs no transport, such as er.layers.DiffusionBlock"
            raise DomainError(f"{what} on {self!r}", expected, _MEND_TUFTED)

    def met_by_samples(self, group: Group) -> Group:
        """None of all turns: frames are turned by any angle, so that samples around the circle are as good as they are
        many."""
        return Trivial() if group.order is None else group

    def vectors(self, group: Group) -> "Representation":
        """Tangent vectors, by their components in the stored frames."""
        self.check_group(group)
        return group.standard

    def move_support(self, g: Element, support: Any) -> Any:
        """The same surfaces in frames turned by −α, where a field is ρ(α) x; a mirror turns the surface over."""
        surface = require_surface(support, self)
        matrix = torch.as_tensor(g.group.matrix(g), dtype=surface.offset.dtype, device=surface.offset.device)
        return in_other_frames(surface, matrix)

    # ---- what users hold -----------------------------------------------------------------------------------------
    def read(self, data: Any) -> tuple[Tensor, Surface]:
        data = as_mesh(data)
        position, face, x = parts_of(data, clouds=self.laplacian == TUFTED)
        members = members_of(len(position), attribute(data, "batch"), attribute(data, "ptr"), position)
        direction = attribute(data, "direction")
        if x is not None:
            self._check_features(x, position)
        if members.order is not None:
            place = torch.empty_like(members.order)
            place[members.order] = torch.arange(len(place), device=place.device)
            position, face, x = position[members.order], place[face], None if x is None else x[members.order]
            direction = None if direction is None else direction[members.order]
        surface = self.surface(position, face, members, position.dtype if x is None else x.dtype)
        if direction is not None:
            surface = in_direction(surface, direction)
        return (self._features(surface) if x is None else x), surface

    def surface(self, position: Tensor, face: Tensor, members: Members, dtype: torch.dtype) -> Surface:
        """The surfaces of these vertices and faces, which are computed or found in the cache."""
        if position.requires_grad and torch.is_grad_enabled():
            mend = "Pass pos.detach(); on er.Points(3) answers are differentiated by positions, too."
            raise InputError("pos that needs gradients", "fixed: what is measured on a surface has none", mend)
        first, which = members.ptr.tolist(), members.batch[face[:, 0]]
        if bool((members.batch[face] != which[:, None]).any()):
            raise InputError("faces between two surfaces", "faces within each", "Check batch and face.")
        made = []
        for b, (start, end) in enumerate(pairwise(first)):
            points = position[start:end].detach().double().cpu().numpy()
            corners = (face[which == b] - start).cpu().numpy()
            radius = None if self.radius is None else self.radius * _root_of_area(points, corners)
            with _of_surface(b, len(first) - 1):
                made.append(operators(points, corners, Asked(self.eigenfunctions, radius, self.laplacian)))
        return surface_of(made, position, face, members, dtype)

    def _check_features(self, x: Tensor, position: Tensor) -> None:
        if self.intrinsic and x.is_floating_point() and x.shape[1] >= 3 and holds(x, position):
            raise InputError(
                f"x that holds the positions, on {self!r}",
                "what bending does not change",
                "Leave x out for a signature of the surface, or declare er.RigidMotions().",
            )

    def _features(self, surface: Surface) -> Tensor:
        kind = self.natural_features
        if kind is None:
            raise InputError(f"a mesh without x on {self!r}", "x, or eigenfunctions to read a signature off", "128 do.")
        if kind == "shape" and surface.mirrored is not None:
            raise InputError(
                "the shape of a surface whose faces are not oriented alike",
                "one outside of the surface",
                "er.domains.repaired_mesh(vertices, faces) turns faces over where they can be.",
            )
        made = {"heat": heat_signature, "wave": wave_signature, "shape": shape_features}[kind]
        return made(surface) if kind == "shape" else made(surface, SIGNATURE)

    # ---- signals -------------------------------------------------------------------------------------------------
    def members(self, values: Tensor, support: Any) -> Members:
        return require_surface(support, self).members

    def mean(self, values: Tensor, support: Any = None) -> Tensor:
        """∫ x / ∫ 1 over each surface, `[n, c]` → `[b, c]`."""
        surface = require_surface(support, self)
        members, share = surface.members, surface.mass / spread(surface.unit.square(), surface.members.batch)
        return segment_sum(values * share[:, None].to(values.dtype), members.batch, len(members.ptr) - 1)

    def pool(self, values: Tensor, support: Any, method: str) -> Tensor:
        """The mean by area, or the maximum or sum over vertices, `[n, c]` → `[b, c]`."""
        return self.mean(values, support) if method == "mean" else super().pool(values, support, method)

    def relate(self, relation: str, values: Tensor, support: Any) -> Tensor:
        """The mean over next neighbours, or over the surface by area; the rest as on every packed domain."""
        surface = require_surface(support, self)
        if relation == "everyone":
            return spread(self.mean(values, surface), surface.members.batch)
        if relation != "neighbours":
            return super().relate(relation, values, support)
        beside: Edges = surface.beside
        return add_along(values, beside) / degrees(beside, values).clamp(min=1)[:, None]


def in_other_frames(surface: Surface, matrix: Tensor) -> Surface:
    """The surface in frames moved by an orthogonal matrix `[2, 2]` where components of vectors move by it."""
    count = len(surface.mass)
    if torch.linalg.det(matrix) > 0:
        angle = torch.atan2(matrix[1, 0], matrix[0, 0])
        return regauged(surface, (-angle).expand(count))
    angle = torch.atan2(matrix[1, 0], matrix[0, 0])  # a mirror after a turn by minus that
    over = torch.ones(count, dtype=torch.bool, device=surface.mass.device)
    return regauged(surface, angle.expand(count), over)._replace(mirrored=surface.mirrored)


def require_surface(support: Any, domain: Mesh, group: Group | None = None) -> Surface:
    """The surface of a signal; refused where it came without, or without the sides that turns alone tell apart."""
    if not isinstance(support, Surface):
        raise InputError(
            f"a signal on {domain!r} without a surface", "pos and face", "Call the network on data, or pass both."
        )
    if group is not None:
        check_frames(support, group)
    return support


@contextmanager
def _of_surface(which: int, count: int) -> Iterator[None]:
    """What is refused within says of which surface, where there are several: numbers count from its first vertex."""
    try:
        yield
    except InputError as error:
        if count == 1:
            raise
        raise InputError(f"in surface {which} of {count} {error.given}", error.expected, error.mend) from None


def _root_of_area(points: Any, corners: Any) -> float:
    import numpy as np

    a, b, c = (points[corners[:, i]] for i in range(3))
    return float(np.sqrt(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2))
