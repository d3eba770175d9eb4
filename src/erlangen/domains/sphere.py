"""The sphere: signals on grids of latitudes × longitudes, turned exactly up to the degree that the grid holds."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from erlangen.domains._base import Domain
from erlangen.domains._latitudes import SAMPLINGS, Array, colatitudes
from erlangen.domains.fields_on_sphere import FieldTransform, by_kind, scalars_of
from erlangen.domains.spherical_rotation import rotate_each
from erlangen.domains.spherical_transform import SphericalTransform, band_limit, harmonics, rotate, row_weights, up_to
from erlangen.domains.vector_transform import VectorTransform
from erlangen.errors import DomainError, GroupError, InputError
from erlangen.given import instance, whole
from erlangen.groups import Element, Group
from erlangen.representations.channels import act_on_channels
from erlangen.representations.tangent import Tangent, places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from erlangen.representations import Representation

ROUNDING = 1e-9
DEGREES = 16
Pull = tuple[bool, int, int]  # whether rows are flipped; and (k, s): column j comes from k + s j


@dataclass(frozen=True, repr=False)
class Sphere(Domain):
    """S² = {u : |u| = 1}: (g·x)(u) = x(g⁻¹u), g a rotation of space; signals are sums of harmonics up to a band limit.

    Shapes: `[batch, channel, latitude, longitude]`. Row 0 is the northernmost, the polar axis is y; columns are equally
    spaced from longitude 0 eastward, which is the way of a positive turn about y: u = (sin θ sin φ, cos θ, sin θ cos φ)
    with θ = 0 in the north. `sampling` says where n rows lie:

    - "gauss": Gauss–Legendre latitudes, the fewest; they hold degrees up to n − 1 and integrate them up to 2n − 1;
    - "equiangular": θ = (t + ½)π/n, as the rows of a picture lie, without the poles; up to n − 1, integrated likewise;
    - "poles": θ = tπ/(n − 1), the first and the last row at the poles; up to n − 2.

    All need 2L + 1 longitudes for degrees up to L. `band` says up to which degree signals are known, where that is
    less than the grid could hold or layers are to know it: what `er.layers.pool` leaves. Its own grid is the smallest.

    A turn about the polar axis by whole columns, and a mirror that keeps the grid, only move values; every other
    motion goes by way of the coefficients and leaves out what lies beyond the band limit of the grid. Groups of 3 × 3
    matrices move space by them; those of the plane turn about the polar axis, counter-clockwise seen from the north,
    and their mirror diag(1, −1), as `Mirror()`, exchanges east and west.

    Tangent vectors such as winds have two channels, east and north: `vectors(group)`, of which a space may hold many
    beside scalars. They turn against each other as points move, which harmonics of spin ±1 express exactly. At a pole
    each longitude has an east of its own.

    >>> from erlangen.groups import SO, C
    >>> Sphere().natural_symmetry(), Sphere().band_limit((17, 36))
    (SO(3), 16)
    >>> east = Sphere().act(C(4).generators[0], torch.arange(4.0).expand(1, 1, 2, 4))
    >>> east[0, 0, 0].tolist()
    [3.0, 0.0, 1.0, 2.0]

    Driscoll and Healy 1994, doi:10.1006/aama.1994.1008; McEwen and Wiaux 2011, arXiv:1110.6298.
    """

    sampling: str = "gauss"
    band: int | None = None
    columns: int | None = field(default=None, compare=False)  # of the signals at hand, where they are known

    aliases: ClassVar[bool] = True
    places: ClassVar[tuple[str, str]] = ("by whole columns", "by way of the coefficients")

    def __post_init__(self) -> None:
        if self.sampling not in SAMPLINGS:
            raise DomainError(
                f"sampling={self.sampling!r}",
                f"one of {', '.join(map(repr, SAMPLINGS))}",
                'Pictures are "equiangular"; rows from pole to pole, both among them, are "poles".',
            )
        if self.band is not None:
            whole("band", self.band, DomainError, least=0, mend="Leave it out for what the grid holds.")

    @property
    def axes(self) -> int:
        return 2

    @property
    def space(self) -> int:
        return 3

    def size(self, side: int) -> tuple[int, ...]:
        """Latitudes × longitudes: the smallest grid of `band`, even in longitude; else `side` rows and twice as many
        columns."""
        return (side, 2 * side) if self.band is None else self.smallest(self.band)

    @property
    def degrees(self) -> int:
        """Up to which degree linear layers look unless they are told: `band`, else 16."""
        return DEGREES if self.band is None else self.band

    def smallest(self, band: int) -> tuple[int, int]:
        """The smallest grid that holds degrees up to `band`, of an even number of longitudes."""
        return band + 1 + (self.sampling == "poles"), 2 * band + 2

    def band_limit(self, size: tuple[int, ...]) -> int:
        """L, the largest degree up to which a grid of latitudes × longitudes holds every harmonic."""
        return band_limit(self.sampling, *size)

    def colatitudes(self, latitudes: int) -> Array:
        """θ of every row, in radians from the north pole."""
        return colatitudes(self.sampling, latitudes).astype(np.float64)

    def points(self, size: tuple[int, int]) -> Array:
        """The unit vectors (x, y, z) of the grid, `[latitude, longitude, 3]`."""
        theta = self.colatitudes(size[0])[:, None]
        phi = 2 * np.pi * np.arange(size[1]) / size[1]
        parts = np.sin(theta) * np.sin(phi), np.cos(theta) + 0 * phi, np.sin(theta) * np.cos(phi)
        return np.stack(parts, axis=-1)

    # ---- coefficients -------------------------------------------------------------------------------------------
    def transform(self, size: tuple[int, ...], band: int | None = None) -> SphericalTransform:
        """The transform between a grid of this size and coefficients up to `band`, by default the grid's own limit."""
        limit = self.band_limit(size)
        if limit < 0 or (band is not None and band > limit):
            least = " × ".join(map(str, self.smallest(band or 0)))
            raise InputError(
                f"a {self.sampling} grid of {' × '.join(map(str, size))}, which holds degrees up to {limit}",
                f"one that holds them up to {band or 0}: at least {least}",
                "Take a finer grid or a lower band.",
            )
        return SphericalTransform(self.sampling, size[0], size[1], limit if band is None else band)

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
        the grid holds: `[…, latitude, longitude]` → `[…, l, part, m]`. With ρ, of scalars and tangent vectors, values
        `[b, ρ.dim, …]`, and (gradient, curl) stands where (east, north) stood."""
        size = _grid(values)
        made = self.transform(size, self.holds(size, band))
        return made.spectrum(values) if rho is None else FieldTransform.of(made, rho).spectrum(values)

    def holds(self, size: tuple[int, ...], band: int | None = None) -> int:
        """Up to which degree signals are known on a grid, and no further than `band`."""
        return min([self.band_limit(size), *(limit for limit in (self.band, band) if limit is not None)])

    def from_spectrum(self, spectrum: Tensor, size: tuple[int, ...], rho: "Representation | None" = None) -> Tensor:
        """The values on a grid, without the degrees that it does not hold."""
        band = min(self.band_limit(size), spectrum.shape[-1] - 1)
        made = self.transform(size, band)
        return (made if rho is None else FieldTransform.of(made, rho)).values(up_to(spectrum, band))

    def coefficients(self, values: Tensor, band: int | None = None) -> Tensor:
        """c_lm, the mean of x Y_lm over the sphere: `[…, latitude, longitude]` → `[…, (band + 1)²]`."""
        return self.transform(_grid(values), band).forward(values)

    def synthesis(self, coefficients: Tensor, size: tuple[int, int] | None = None) -> Tensor:
        """Σ c_lm Y_lm on a grid, by default the smallest: `[…, (band + 1)²]` → `[…, latitude, longitude]`."""
        band = round(coefficients.shape[-1] ** 0.5) - 1
        return self.transform(size or self.smallest(band), band).inverse(coefficients)

    def project(self, values: Tensor, band: int | None = None) -> Tensor:
        """The same signal without what lies beyond `band`, or beyond the domain's own and what the grid holds."""
        made = self.transform(_grid(values), self.holds(_grid(values)) if band is None else band)
        return made.values(made.spectrum(values))

    def band_limited(self, values: Tensor, rho: "Representation | None" = None) -> Tensor:
        return self.from_spectrum(self.spectrum(values, rho=rho), _grid(values), rho)

    def evaluate(self, values: Tensor, points: Any) -> Tensor:
        """The signal at unit vectors (x, y, z), exact for one of the grid's band; `[…, latitude, longitude]`, `[n, 3]`
        → `[…, n]`."""
        at = np.asarray(points, dtype=np.float64)
        if at.ndim != 2 or at.shape[1] != 3 or not np.allclose(np.linalg.norm(at, axis=1), 1.0, atol=1e-6):
            raise InputError(f"points of shape {at.shape}", "unit vectors [n, 3]", "Divide each by its length.")
        found = self.coefficients(values)
        waves = torch.as_tensor(harmonics(self.band_limit(_grid(values)), at), dtype=found.dtype, device=found.device)
        return found @ waves.T

    def mean(self, values: Tensor, support: Any = None) -> Tensor:
        """The mean over the sphere, by weights that are exact for every degree that the grid holds."""
        weights = row_weights(self.sampling, values.shape[-2])
        return values.mean(-1) @ torch.as_tensor(weights, dtype=values.dtype, device=values.device)

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

    def on(self, size: tuple[int, ...]) -> "Sphere":
        """The same sphere, which says then that it keeps what only moves values on a grid of this size."""
        return replace(self, columns=size[-1])

    def keeps(self, g: Element) -> bool:
        self.check_motion(g.group)
        matrix = self.cartesian(g)
        return self.columns is None or (matrix is not None and _pull(matrix, self.columns) is not None)

    def preserves(self, group: Group) -> bool:
        if self.columns is None or not super().preserves(group):
            return super().preserves(group)
        return group.order is not None and all(map(self.keeps, group.generators))

    def kept(self, group: Group) -> Group:
        """The whole group; where the columns of the grid are known the turns and mirrors that only move values."""
        from erlangen.groups import SO, C, D, O, Trivial

        if self.columns is None or self.preserves(group):
            return group
        if group.order is not None:
            return group.subgroup(*filter(self.keeps, group.elements))
        about_the_axis = {SO: C(self.columns), O: D(self.columns)}
        return about_the_axis.get(type(group), Trivial())

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
        size, matrix = _grid(values), self.cartesian(instance("g", g, Element, GroupError, "Take group.elements."))
        assert matrix is not None, "the group was checked"
        pull = _pull(matrix, size[1])
        if pull is None:
            made = self.transform(size)
            return made.inverse(rotate(made.forward(values), matrix))
        return _pulled(values, pull)

    def move(self, g: Element, values: Tensor, rho: "Representation") -> Tensor:
        if not places(rho):
            return super().move(g, values, rho)
        return by_kind(
            values, rho, lambda x: super(Sphere, self).move(g, x, scalars_of(rho)), lambda v: self._carried(g, v)
        )

    def _carried(self, g: Element, vectors: Tensor) -> Tensor:
        """dg v(g⁻¹u) of `[…, 2, latitude, longitude]`."""
        self.check_group(g.group)
        matrix, size = self.cartesian(g), _grid(vectors)
        assert matrix is not None, "the group was checked"
        pull = _pull(matrix, size[1])
        if pull is None:
            return VectorTransform(self.sampling, *size, self.band_limit(size)).moved(vectors, matrix)
        turned = vectors.new_tensor([float(pull[2]), -1.0 if pull[0] else 1.0])  # of east, of north
        return _pulled(vectors, pull) * turned[:, None, None]

    def act_each(self, gs: "Sequence[Element]", values: Tensor) -> Tensor:
        matrices = self._turns(gs, values)
        if matrices is None:
            return super().act_each(gs, values)
        made = self.transform(_grid(values))
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
        matrices, size = self._turns(gs, vectors), _grid(vectors)
        if matrices is None:
            return torch.cat([self._carried(g, v[None]) for g, v in zip(gs, vectors, strict=True)])
        made = VectorTransform(self.sampling, *size, self.band_limit(size))
        return made.moved(vectors, matrices)

    def _turns(self, gs: "Sequence[Element]", values: Tensor) -> np.ndarray | None:
        """The matrices of elements that all go by way of the coefficients; None where some only move values."""
        found = [self.cartesian(g) for g in gs]
        matrices = [matrix for matrix in found if matrix is not None and _pull(matrix, values.shape[-1]) is None]
        return np.stack(matrices) if len(matrices) == len(found) else None

    # ---- checks -------------------------------------------------------------------------------------------------
    def check_values(self, values: Tensor) -> None:
        if values.dim() != 4:
            raise InputError(
                f"values of shape {tuple(values.shape)}",
                f"[batch, channel, latitude, longitude] on {self!r}",
                "Add the missing axis, for one signal x[None].",
            )
        self.transform(_grid(values), self.band)

    def __repr__(self) -> str:
        given: Sequence[str] = [
            *([] if self.sampling == "gauss" else [repr(self.sampling)]),
            *([] if self.band is None else [f"band={self.band}"]),
        ]
        return f"Sphere({', '.join(given)})"


def _grid(values: Tensor) -> tuple[int, int]:
    instance("values", values, Tensor, InputError, "Convert with torch.as_tensor(values).")
    if values.dim() < 2:
        raise InputError(f"values of shape {tuple(values.shape)}", "[…, latitude, longitude]", "Add the missing axes.")
    return values.shape[-2], values.shape[-1]


def _pulled(values: Tensor, pull: Pull) -> Tensor:
    """Values at other places of the grid."""
    flipped, start, step = pull
    came = (start + step * np.arange(values.shape[-1])) % values.shape[-1]
    moved = values.index_select(-1, torch.as_tensor(came, device=values.device))
    return moved.flip(-2) if flipped else moved


def _pull(matrix: np.ndarray, longitudes: int) -> Pull | None:
    """How columns and rows change places, where the motion maps every grid of so many longitudes to itself."""
    if np.abs(matrix[1, [0, 2]]).max() > ROUNDING:  # the cosine on the diagonal would see small tilts too late
        return None
    (zz, zx), (xz, xx) = matrix[np.ix_([2, 0], [2, 0])]
    handed = 1 if zz * xx - zx * xz > 0 else -1  # φ ↦ α + φ or α − φ, and backwards φ − α or α − φ
    steps = np.arctan2(xz, zz) / (2 * np.pi) * longitudes
    whole_steps = round(steps)
    if abs(steps - whole_steps) > ROUNDING * longitudes:
        return None
    return bool(matrix[1, 1] < 0), -handed * whole_steps, handed
