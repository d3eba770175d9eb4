"""Samplings of the sphere by circles of latitude: grids of latitudes × longitudes."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, gcd

import numpy as np
import torch
from torch import Tensor

from erlangen.domains._latitudes import Array, colatitudes
from erlangen.domains._sampling import Sampling, Size
from erlangen.domains.spherical_transform import SphericalTransform, band_limit, row_weights, shares
from erlangen.domains.vector_transform import VectorTransform
from erlangen.groups import Group

ROUNDING = 1e-9


@dataclass(frozen=True)
class Rows(Sampling):
    """Row 0 northernmost, columns equally spaced from longitude 0 eastward; `name` says at which latitudes."""

    name: str
    axes = 2
    words = "latitude, longitude"
    exchanges = "by whole columns"

    def side(self, side: int) -> Size:
        return side, 2 * side

    def band_limit(self, size: Size) -> int:
        return band_limit(self.name, size[0], size[1])

    def smallest(self, band: int) -> Size:
        return self._rows(band), 2 * band + 2

    def least(self, band: int) -> Size:
        return self._rows(band), 2 * band + 1

    def _rows(self, band: int) -> int:
        return band + 1 + (self.name == "poles")

    def finer(self, band: int, times: float, columns: int) -> Size:
        rows, around = self.smallest(band)
        return ceil(times * rows), -(-ceil(times * around) // columns) * columns

    def colatitudes(self, latitudes: int) -> Array:
        """θ of every row, in radians from the north pole."""
        return colatitudes(self.name, latitudes).astype(np.float64)

    def points(self, size: Size) -> Array:
        theta = self.colatitudes(size[0])[:, None]
        phi = 2 * np.pi * np.arange(size[1]) / size[1]
        parts = np.sin(theta) * np.sin(phi), np.cos(theta) + 0 * phi, np.sin(theta) * np.cos(phi)
        return np.stack(parts, axis=-1)

    def weights(self, size: Size) -> Array:
        return np.repeat(row_weights(self.name, size[0])[:, None] / size[1], size[1], axis=1)

    def mean(self, values: Tensor) -> Tensor:
        return values.mean(-1) @ shares(self.name, values.shape[-2]).to(values)

    def scalars(self, size: Size, band: int) -> SphericalTransform:
        return SphericalTransform(self.name, size[0], size[1], band)

    def vectors(self, size: Size, band: int) -> VectorTransform:
        return VectorTransform(self.name, size[0], size[1], band)

    def exchange(self, matrix: Array, last: int) -> "Pull | None":
        """How columns and rows change places, where the motion maps every grid of so many longitudes to itself."""
        if np.abs(matrix[1, [0, 2]]).max() > ROUNDING:  # the cosine on the diagonal would see small tilts too late
            return None
        (zz, zx), (xz, xx) = matrix[np.ix_([2, 0], [2, 0])]
        handed = 1 if zz * xx - zx * xz > 0 else -1  # φ ↦ α + φ or α − φ, and backwards φ − α or α − φ
        steps = np.arctan2(xz, zz) / (2 * np.pi) * last
        whole_steps = round(steps)
        if abs(steps - whole_steps) > ROUNDING * last:
            return None
        return Pull(bool(matrix[1, 1] < 0), -handed * whole_steps, handed)

    def kept(self, group: Group, last: int) -> Group:
        from erlangen.groups import SO, C, D, O, Trivial

        about_the_axis = {SO: C(last), O: D(last)}
        return about_the_axis.get(type(group), Trivial())

    def shared(self, lasts: Sequence[int]) -> int:
        return gcd(*lasts)


@dataclass(frozen=True)
class Pull:
    """Column j comes from start + step · j, rows upside down where `flipped`."""

    flipped: bool
    start: int
    step: int

    def moved(self, values: Tensor) -> Tensor:
        """Values at other places of the grid."""
        came = (self.start + self.step * np.arange(values.shape[-1])) % values.shape[-1]
        moved = values.index_select(-1, torch.as_tensor(came, device=values.device))
        return moved.flip(-2) if self.flipped else moved

    def carried(self, vectors: Tensor) -> Tensor:
        """(east, north) at other places, with the signs of a mirror."""
        turned = vectors.new_tensor([float(self.step), -1.0 if self.flipped else 1.0])
        return self.moved(vectors) * turned[:, None, None]
