"""Angular parts of steerable kernels: functions Y on space with Y(A_h v) = Y(h) Y(v), sampled at a stencil's sites.

In the plane the circular harmonics (cos lφ, sin lφ), φ from the first axis towards the second; in space the spherical
harmonics; under groups that keep an axis of space, circular harmonics around it, even or odd along it.
"""

from dataclasses import dataclass

import numpy as np

from erlangen.domains import Lattice, Points
from erlangen.groups import Element, Group
from erlangen.representations import Representation
from erlangen.representations.base import Matrix
from erlangen.representations.harmonics import spherical_harmonics, wigner_d


@dataclass(frozen=True, repr=False)
class Harmonic(Representation):
    """The representation Y_l by which a group that moves the space of `lattice` moves the harmonics of one `degree`.

    `axis` is the axis of space that the group keeps, None where it keeps none; `odd` says that the harmonic changes
    sign along it.
    """

    lattice: "Lattice | Points"
    degree: int
    axis: int | None = None
    odd: bool = False

    @property
    def dim(self) -> int:
        return 2 * self.degree + 1 if self.lattice.dim == 3 and self.axis is None else min(self.degree, 1) + 1

    @property
    def name(self) -> str:
        return f"Y_{self.degree}{' odd' if self.odd else ''}"

    def _matrix(self, g: Element) -> Matrix:
        moves = _motion(self.lattice, g)
        if self.lattice.dim == 3 and self.axis is None:
            return wigner_d(self.degree, moves)
        if self.axis is None:
            return _circular_motion(self.degree, moves)
        plane = np.delete(np.delete(moves, self.axis, 0), self.axis, 1)
        return _circular_motion(self.degree, plane) * (moves[self.axis, self.axis] if self.odd else 1.0)

    def at(self, points: Matrix) -> Matrix:
        """Y_l of the directions of points of space, `[n, d]` → `[n, dim]`; at the origin it may be anything."""
        if self.axis is not None:
            along = np.sign(points[:, self.axis]) if self.odd else 1.0
            return (_circular(self.degree, np.delete(points, self.axis, 1)).T * along).T
        if self.lattice.dim == 2:
            return _circular(self.degree, points)
        length = np.linalg.norm(points, axis=1, keepdims=True)
        return spherical_harmonics(self.degree, points / np.where(length > 0, length, 1.0))


def kept_axis(lattice: Lattice, group: Group) -> int | None:
    """The axis of space that every element keeps, but for its direction; None where there is none, or no space."""
    if lattice.dim < 3:
        return None
    moves = [np.abs(_motion(lattice, g)) for g in group.generators]
    kept = [axis for axis in range(3) if all(abs(m[axis, axis] - 1) < 1e-9 for m in moves)]
    return kept[0] if kept else None


def _motion(lattice: "Lattice | Points", g: Element) -> Matrix:
    matrix = lattice.cartesian(g)
    assert matrix is not None, "the layer has checked that the group moves this space"
    return matrix


def _circular(degree: int, points: Matrix) -> Matrix:
    """(cos lφ, sin lφ) of points `[n, 2]`."""
    if degree == 0:
        return np.ones((len(points), 1))
    phase = degree * np.arctan2(points[:, 1], points[:, 0])
    return np.stack([np.cos(phase), np.sin(phase)], axis=1)


def _circular_motion(degree: int, matrix: Matrix) -> Matrix:
    """The turn by lθ for the turn by θ; behind diag(1, −1)."""
    if degree == 0:
        return np.ones((1, 1))
    z = (matrix[0, 0] + 1j * matrix[1, 0]) ** degree
    mirrored = np.sign(matrix[0, 0] * matrix[1, 1] - matrix[0, 1] * matrix[1, 0])
    return np.array([[z.real, -mirrored * z.imag], [z.imag, mirrored * z.real]])
