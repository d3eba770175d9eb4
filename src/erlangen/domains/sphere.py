"""The sphere: signals on grids or vertices, turned exactly up to the degree that their places hold."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from erlangen.domains._base import Domain
from erlangen.domains._icosahedral import Vertices, next_to_each_other
from erlangen.domains._icosphere import LEVELS, vertex_count
from erlangen.domains._latitudes import SAMPLINGS, Array
from erlangen.domains._rows import Rows
from erlangen.domains._sampling import Sampling, ScalarTransform, Size, Transform
from erlangen.domains.fields_on_sphere import FieldTransform, by_kind, scalars_of
from erlangen.domains.spherical_rotation import rotate_each
from erlangen.domains.spherical_transform import harmonics, rotate, up_to
from erlangen.errors import DomainError, GroupError, InputError
from erlangen.given import instance, whole
from erlangen.groups import Element, Group
from erlangen.representations.channels import act_on_channels
from erlangen.representations.tangent import Tangent, places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from erlangen.representations import Representation

DEGREES = 16
ICOSAHEDRAL = "icosahedral"
KNOWN: dict[str, Sampling] = {**{name: Rows(name) for name in SAMPLINGS}, ICOSAHEDRAL: Vertices()}


@dataclass(frozen=True, repr=False)
class Sphere(Domain):
    """S² = {u : |u| = 1}: (g·x)(u) = x(g⁻¹u), g a rotation of space; signals are sums of harmonics up to a band limit.

    Shapes: `[batch, channel, latitude, longitude]`. Row 0 is the northernmost, the polar axis is y; columns are equally
    spaced from longitude 0 eastward, which is the way of a positive turn about y: u = (sin θ sin φ, cos θ, sin θ cos φ)
    with θ = 0 in the north. `sampling` says where n rows lie:

    - "gauss": Gauss–Legendre latitudes, the fewest; they hold degrees up to n − 1 and integrate them up to 2n − 1;
    - "equiangular": θ = (t + ½)π/n, as the rows of a picture lie, without the poles; up to n − 1, integrated likewise;
    - "poles": θ = tπ/(n − 1), the first and the last row at the poles; up to n − 2.

    These need 2L + 1 longitudes for degrees up to L. With "icosahedral" signals are `[batch, channel, vertex]`: the
    faces of an icosahedron are cut in four k times over, which makes 12, 42, 162, 642, 2,562, 10,242 vertices, evenly
    spaced; with their weights they hold degrees up to 2, 4, 7, 13, 25, 50. `subdivisions` says k where it is to be
    known: for local layers.

    `band` says up to which degree signals are known, where that is less than the places could hold or layers are to
    know it: what `er.layers.pool` leaves. Its own grid is the smallest.

    A turn about the polar axis by whole columns, a mirror that keeps the grid, and on vertices the isometries of the
    icosahedron, those of `er.Icosahedral()` among them, only move values; every other motion goes by way of the
    coefficients and leaves out what lies beyond the band limit of the places. Groups of 3 × 3
    matrices move space by them; those of the plane turn about the polar axis, counter-clockwise seen from the north,
    and their mirror diag(1, −1), as `Mirror()`, exchanges east and west.

    Tangent vectors such as winds have two channels, east and north: `vectors(group)`, of which a space may hold many
    beside scalars. They turn against each other as points move, which harmonics of spin ±1 express exactly. At a pole
    each longitude of a grid has an east of its own; a vertex there has that of longitude 0.

    >>> from erlangen.groups import SO, C
    >>> Sphere().natural_symmetry(), Sphere().band_limit((17, 36))
    (SO(3), 16)
    >>> east = Sphere().act(C(4).generators[0], torch.arange(4.0).expand(1, 1, 2, 4))
    >>> east[0, 0, 0].tolist()
    [3.0, 0.0, 1.0, 2.0]
    >>> Sphere("icosahedral").points((42,)).shape, Sphere("icosahedral").band_limit((42,))
    ((42, 3), 4)

    Driscoll and Healy 1994, doi:10.1006/aama.1994.1008; McEwen and Wiaux 2011, arXiv:1110.6298.
    """

    sampling: str = "gauss"
    band: int | None = None
    subdivisions: int | None = None
    last: int | None = field(default=None, compare=False)  # of the signals at hand how long the last axis is, if known

    aliases: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not isinstance(self.sampling, str) or self.sampling not in KNOWN:
            raise DomainError(
                f"sampling={self.sampling!r}",
                f"one of {', '.join(map(repr, KNOWN))}",
                'Pictures are "equiangular"; rows from pole to pole, both among them, are "poles".',
            )
        if self.band is not None:
            whole("band", self.band, DomainError, least=0, mend="Leave it out for what the places hold.")
        if self.subdivisions is not None:
            self._check_subdivisions()

    def _check_subdivisions(self) -> None:
        given = f"subdivisions={self.subdivisions!r} of {self.sampling!r}"
        if self.sampling != ICOSAHEDRAL:
            raise DomainError(given, f'sampling="{ICOSAHEDRAL}"', "Grids of latitudes are of any size.")
        if whole("subdivisions", self.subdivisions, DomainError, least=0, mend="0 is the icosahedron itself.") > LEVELS:
            raise DomainError(given, f"at most {LEVELS}", f"That has {vertex_count(LEVELS):,} vertices.")
        if self.band is not None and self.band > self.band_limit((vertex_count(self.subdivisions or 0),)):
            limit = self.band_limit((vertex_count(self.subdivisions or 0),))
            raise DomainError(f"band={self.band} with {given}", f"at most {limit}", "Take more.")

    @property
    def grid(self) -> Sampling:
        """Where values stand."""
        return KNOWN[self.sampling]

    @property
    def coarsens(self) -> bool:
        return True

    @property
    def axes(self) -> int:
        return self.grid.axes

    @property
    def space(self) -> int:
        return 3

    @property
    def places(self) -> tuple[str, str]:
        return self.grid.exchanges, "by way of the coefficients"

    def size(self, side: int) -> Size:
        """The places of so many `subdivisions`, or the fewest of `band`, even in longitude; else about `side` rows from
        pole to pole, on grids `side` and twice as many columns."""
        if self.subdivisions is not None:
            return (vertex_count(self.subdivisions),)
        return self.grid.side(side) if self.band is None else self.smallest(self.band)

    @property
    def degrees(self) -> int:
        """Up to which degree linear layers look unless they are told: `band`, else 16 or what `subdivisions` hold."""
        if self.band is not None:
            return self.band
        return DEGREES if self.subdivisions is None else min(DEGREES, self.band_limit(self.size(0)))

    def smallest(self, band: int) -> Size:
        """The fewest places that hold degrees up to `band`; on grids an even number of longitudes."""
        return self.grid.smallest(band)

    def band_limit(self, size: Size) -> int:
        """L, the largest degree up to which so many places hold every harmonic."""
        return self.grid.band_limit(size)

    def colatitudes(self, latitudes: int) -> Array:
        """θ of every row of a grid, in radians from the north pole. Raises DomainError where there are no rows."""
        if not isinstance(self.grid, Rows):
            raise DomainError(f"the rows of {self!r}", f"one of {', '.join(SAMPLINGS)}", "Its places are points(size).")
        return self.grid.colatitudes(latitudes)

    def points(self, size: Size) -> Array:
        """The unit vectors (x, y, z) of the places, `[*size, 3]`."""
        return self.grid.points(size)

    # ---- coefficients -------------------------------------------------------------------------------------------
    def transform(self, size: Size, band: int | None = None) -> ScalarTransform:
        """The transform between so many places and coefficients up to `band`, by default all that they hold."""
        return self.grid.scalars(size, self._up_to(size, band))

    def transform_of(self, rho: "Representation | None", size: Size, band: int | None = None) -> Transform:
        """The same for the fields of ρ, scalars where it is None."""
        made = self.transform(size, band)
        return made if rho is None else FieldTransform(made, self.grid.vectors(size, self._up_to(size, band)), rho)

    def _up_to(self, size: Size, band: int | None) -> int:
        limit = self.band_limit(size)
        if limit < 0 or (band is not None and band > limit):
            least = " × ".join(map(str, self.smallest(band or 0)))
            raise InputError(
                f"a {self.sampling} grid of {' × '.join(map(str, size))}, which holds degrees up to {limit}",
                f"one that holds them up to {band or 0}: at least {least}",
                "Take a finer grid or a lower band.",
            )
        return limit if band is None else band

    def vectors(self, group: Group) -> Tangent:
        """The channels (east, north) of tangent vectors, as a group moves them.

        >>> from erlangen.groups import SO
        >>> 3 * SO(3).trivial + Sphere().vectors(SO(3))
        3 × trivial + tangent of SO(3)
        """
        self.check_group(group)
        return Tangent(group)

    def spectrum(self, values: Tensor, band: int | None = None, rho: "Representation | None" = None) -> Tensor:
        """Coefficients as `SphericalTransform.spectrum` has them, up to the least of `band`, the domain's own and what
        the grid holds: `[…, *size]` → `[…, l, part, m]`. With ρ, of scalars and tangent vectors, values
        `[b, ρ.dim, …]`, and (gradient, curl) stands where (east, north) stood."""
        size = self.size_of(values)
        return self.transform_of(rho, size, self.holds(size, band)).spectrum(values)

    def holds(self, size: tuple[int, ...], band: int | None = None) -> int:
        """Up to which degree signals are known on a grid, and no further than `band`."""
        return min([self.band_limit(size), *(limit for limit in (self.band, band) if limit is not None)])

    def from_spectrum(self, spectrum: Tensor, size: tuple[int, ...], rho: "Representation | None" = None) -> Tensor:
        """The values on a grid, without the degrees that it does not hold."""
        band = min(self.band_limit(size), spectrum.shape[-1] - 1)
        return self.transform_of(rho, size, band).values(up_to(spectrum, band))

    def coefficients(self, values: Tensor, band: int | None = None) -> Tensor:
        """c_lm, the mean of x Y_lm over the sphere: `[…, latitude, longitude]` → `[…, (band + 1)²]`."""
        return self.transform(self.size_of(values), band).forward(values)

    def synthesis(self, coefficients: Tensor, size: tuple[int, int] | None = None) -> Tensor:
        """Σ c_lm Y_lm on a grid, by default the smallest: `[…, (band + 1)²]` → `[…, latitude, longitude]`."""
        band = round(coefficients.shape[-1] ** 0.5) - 1
        return self.transform(size or self.smallest(band), band).inverse(coefficients)

    def project(self, values: Tensor, band: int | None = None) -> Tensor:
        """The same signal without what lies beyond `band`, or beyond the domain's own and what the grid holds."""
        made = self.transform(self.size_of(values), self.holds(self.size_of(values)) if band is None else band)
        return made.values(made.spectrum(values))

    def band_limited(self, values: Tensor, rho: "Representation | None" = None) -> Tensor:
        return self.from_spectrum(self.spectrum(values, rho=rho), self.size_of(values), rho)

    def evaluate(self, values: Tensor, points: Any) -> Tensor:
        """The signal at unit vectors (x, y, z), exact for one of the grid's band; `[…, latitude, longitude]`, `[n, 3]`
        → `[…, n]`."""
        at = np.asarray(points, dtype=np.float64)
        if at.ndim != 2 or at.shape[1] != 3 or not np.allclose(np.linalg.norm(at, axis=1), 1.0, atol=1e-6):
            raise InputError(f"points of shape {at.shape}", "unit vectors [n, 3]", "Divide each by its length.")
        found = self.coefficients(values)
        waves = torch.as_tensor(
            harmonics(self.band_limit(self.size_of(values)), at), dtype=found.dtype, device=found.device
        )
        return found @ waves.T

    def mean(self, values: Tensor, support: Any = None) -> Tensor:
        """The mean over the sphere, by weights that are exact for every degree that the places hold."""
        return self.grid.mean(values)

    def mapped(self, values: np.ndarray) -> np.ndarray:
        """`[latitude, longitude]` to be drawn: as it is on grids; of vertices those next to the points of an
        equiangular grid."""
        return np.asarray(values) if self.axes == 2 else np.asarray(values)[next_to_each_other(len(values))[0]]

    # ---- symmetry -----------------------------------------------------------------------------------------------
    def natural_symmetry(self) -> Group:
        from erlangen.groups import SO

        return SO(3)

    def check_group(self, group: Group) -> None:
        instance("group", group, Group, GroupError, "For every rotation: er.SO(3).")
        if any(self.cartesian(g) is None for g in (group.identity, *group.generators)):
            raise DomainError(
                f"{group!r} on {self!r}",
                "a group of isometries of space, or of the plane about the polar axis",
                "For every rotation: er.SO(3); about the polar axis er.SO(2) or er.C(n).",
            )

    def on(self, size: Size) -> "Sphere":
        """The same sphere, which says then that it keeps what only exchanges so many places."""
        return replace(self, last=size[-1])

    def keeps(self, g: Element) -> bool:
        self.check_motion(g.group)
        matrix = self.cartesian(g)
        return self._last is None or (matrix is not None and self.grid.exchange(matrix, self._last) is not None)

    @property
    def _last(self) -> int | None:
        """How long the last axis of signals is, where it is known."""
        return vertex_count(self.subdivisions) if self.last is None and self.subdivisions is not None else self.last

    def preserves(self, group: Group) -> bool:
        if self._last is None or not super().preserves(group):
            return super().preserves(group)
        return group.order is not None and all(map(self.keeps, group.generators))

    def kept(self, group: Group) -> Group:
        """The whole group; where the size of signals is known the motions that only exchange places."""
        if self._last is None or self.preserves(group):
            return group
        if group.order is not None:
            return group.subgroup(*filter(self.keeps, group.elements))
        return self.grid.kept(group, self._last)

    def cartesian(self, g: Element) -> np.ndarray | None:
        """The 3 × 3 matrix on (x, y, z); one of the plane acts on (z, x), so that it turns eastward."""
        if g.group.order == 1:
            return np.eye(3)
        small = np.asarray(g.group.matrix(g), dtype=np.float64)
        if len(small) > 3 or np.abs(small @ small.T - np.eye(len(small))).max() > 1e-6:
            return None
        matrix = np.eye(3)
        axes = ([0], [2, 0], [0, 1, 2])[len(small) - 1]
        matrix[np.ix_(axes, axes)] = small
        return matrix

    def act(self, g: Element, values: Tensor) -> Tensor:
        self.check_group(g.group)
        size, matrix = (
            self.size_of(values),
            self.cartesian(instance("g", g, Element, GroupError, "Take group.elements.")),
        )
        assert matrix is not None, "the group was checked"
        exchange = self.grid.exchange(matrix, size[-1])
        if exchange is None:
            made = self.transform(size)
            return made.inverse(rotate(made.forward(values), matrix))
        return exchange.moved(values)

    def move(self, g: Element, values: Tensor, rho: "Representation") -> Tensor:
        if not places(rho):
            return super().move(g, values, rho)
        return by_kind(
            values, rho, lambda x: super(Sphere, self).move(g, x, scalars_of(rho)), lambda v: self._carried(g, v)
        )

    def _carried(self, g: Element, vectors: Tensor) -> Tensor:
        """dg v(g⁻¹u) of `[…, 2, *size]`."""
        self.check_group(g.group)
        matrix, size = self.cartesian(g), self.size_of(vectors)
        assert matrix is not None, "the group was checked"
        exchange = self.grid.exchange(matrix, size[-1])
        if exchange is None:
            return self.grid.vectors(size, self._up_to(size, None)).moved(vectors, matrix)
        return exchange.carried(vectors)

    def act_each(self, gs: "Sequence[Element]", values: Tensor) -> Tensor:
        matrices = self._turns(gs, values)
        if matrices is None:
            return super().act_each(gs, values)
        made = self.transform(self.size_of(values))
        return made.inverse(rotate_each(made.forward(values), matrices))

    def move_each(self, gs: "Sequence[Element]", values: Tensor, rho: "Representation") -> Tensor:
        """gᵢ·xᵢ of signals `[batch, ρ.dim, …]`: every one of a batch moved by the element at its place."""
        return by_kind(values, rho, lambda x: self._scalars_each(gs, x, rho), lambda v: self._carried_each(gs, v))

    def _scalars_each(self, gs: "Sequence[Element]", values: Tensor, rho: "Representation") -> Tensor:
        moved, scalars = self.act_each(gs, values), scalars_of(rho)
        if scalars.is_trivial:
            return moved
        return torch.cat([act_on_channels(scalars, g, value[None]) for g, value in zip(gs, moved, strict=True)])

    def _carried_each(self, gs: "Sequence[Element]", vectors: Tensor) -> Tensor:
        matrices, size = self._turns(gs, vectors), self.size_of(vectors)
        if matrices is None:
            return torch.cat([self._carried(g, v[None]) for g, v in zip(gs, vectors, strict=True)])
        return self.grid.vectors(size, self._up_to(size, None)).moved(vectors, matrices)

    def _turns(self, gs: "Sequence[Element]", values: Tensor) -> np.ndarray | None:
        """The matrices of elements that all go by way of the coefficients; None where some only move values."""
        found = [self.cartesian(g) for g in gs]
        last = values.shape[-1]
        matrices = [m for m in found if m is not None and self.grid.exchange(m, last) is None]
        return np.stack(matrices) if len(matrices) == len(found) else None

    # ---- checks -------------------------------------------------------------------------------------------------
    def size_of(self, values: Tensor) -> Size:
        """The shape of the places of a tensor."""
        instance("values", values, Tensor, InputError, "Convert with torch.as_tensor(values).")
        if values.dim() < self.axes:
            raise InputError(f"values of shape {tuple(values.shape)}", f"[…, {self.grid.words}]", "Add missing axes.")
        return tuple(values.shape[values.dim() - self.axes :])

    def check_values(self, values: Tensor) -> None:
        if values.dim() != 2 + self.axes:
            raise InputError(
                f"values of shape {tuple(values.shape)}",
                f"[batch, channel, {self.grid.words}] on {self!r}",
                "Add the missing axis, for one signal x[None].",
            )
        size = self.size_of(values)
        if self.subdivisions is not None and size != self.size(0):
            raise InputError(
                f"values at {size[0]} places", f"{self.size(0)[0]} vertices on {self!r}", "See its subdivisions."
            )
        self.transform(size, self.band)

    def __repr__(self) -> str:
        said = {"band": self.band, "subdivisions": self.subdivisions}
        given = [] if self.sampling == "gauss" else [repr(self.sampling)]
        return f"Sphere({', '.join([*given, *(f'{k}={v}' for k, v in said.items() if v is not None)])})"
