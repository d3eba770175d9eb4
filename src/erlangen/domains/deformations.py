"""Small smooth deformations: random displacement fields τ, drawn on a lattice, read at any of its resolutions."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from erlangen.errors import InputError
from erlangen.given import whole

if TYPE_CHECKING:
    from erlangen.domains.lattice import Lattice

CUTOFF = 3  # half waves from border to border, in the mean square over the axes
SMALLEST = 3  # sites an axis: with fewer all are border
_STEP = 1e-4


@dataclass(frozen=True, eq=False)
class Deformations:
    """τ(u) = Σ_k a_k φ_k(u), a_k normal with variance 1/|k|², scaled to sup |∇τ| = 1: multiply by the size ε wanted.

    On an open lattice φ_k = Π sin(k_j π s_j), s from 0 at the first site to 1 at the last, so that the border stays
    where it is (on hexagons times a cosine that is 0 on the third pair of sides); on a periodic one the plane waves
    that fit, without the constant, which is a translation. Wave numbers up to 3 half waves, |k| ≤ 3.

    |∇τ| is the spectral norm in Cartesian coordinates: below 1 the map u ↦ u − τ(u) has an inverse, and the bounds of
    Mallat 2012 (arXiv:1101.2286) and Bietti and Mairal 2019 (arXiv:1706.03078) are stated for |∇τ| ≤ ½. The law of the
    a_k is that of Petrini, Favero, Geiger and Wyart 2021, arXiv:2105.02468.

    Shapes: `weights` `[count, d, modes]`; `on(size)` `[count, d, n₁ … n_d]`, in steps along the axes of an array of
    that size.

    >>> from erlangen.domains import Grid
    >>> tau = Grid(2).deformations((9, 12), 5).on((9, 12))
    >>> tau.shape, bool(abs(tau[..., 0, :]).max() < 1e-12)
    ((5, 2, 9, 12), True)
    """

    lattice: "Lattice"
    size: tuple[int, ...]
    weights: np.ndarray

    def on(self, size: tuple[int, ...]) -> np.ndarray:
        """τ at the sites of an array of this size, in its own steps: the same deformation of a coarser signal."""
        steps = self._steps(size)
        displaced = self._along_axes([r * _centred(n) for r, n in zip(steps, size, strict=True)])
        return displaced / np.reshape(steps, (-1,) + (1,) * len(size))

    def reach(self) -> np.ndarray:
        """sup |τ| of each field `[count]`, in the unit of the lattice's spacing."""
        tau = self._cartesian([_centred(n) for n in self.size])
        return np.sqrt((tau**2).sum(1)).reshape(len(tau), -1).max(1)

    def slope(self) -> np.ndarray:
        """sup |∇τ| of each field `[count]`, over the sites that the lattice has."""
        at = [_centred(n) for n in self.size]
        columns = [self._derivative(at, axis) for axis in range(self.lattice.dim)]
        by_axes = np.moveaxis(np.stack(columns, axis=-1), 1, -2)  # [count, …, d of τ, d of the axes]
        norms = np.linalg.norm(by_axes @ np.linalg.inv(self.lattice.basis), ord=2, axis=(-2, -1))
        return norms.reshape(len(norms), -1).max(1)

    def _derivative(self, at: list[np.ndarray], axis: int) -> np.ndarray:
        ahead, behind = ([c + s * (a == axis) for a, c in enumerate(at)] for s in (_STEP, -_STEP))
        return (self._cartesian(ahead) - self._cartesian(behind)) / (2 * _STEP)

    def _along_axes(self, at: list[np.ndarray]) -> np.ndarray:
        return np.einsum("ij,nj...->ni...", np.linalg.inv(self.lattice.basis), self._cartesian(at))

    def _cartesian(self, at: list[np.ndarray]) -> np.ndarray:
        """τ where the axes' centred coordinates, in steps of the input, are these."""
        periodic, letters = self.lattice.boundary == "periodic", "abc"[: len(at)]
        tables = [_waves(c, n, periodic) for c, n in zip(at, self.size, strict=True)]
        chosen = _modes(len(at), periodic)
        picked = [table[[mode[axis] for mode in chosen]] for axis, table in enumerate(tables)]
        spelled = ",".join(f"m{letter}" for letter in letters)
        tau = np.einsum(f"ndm,{spelled}->nd{letters}", self.weights, *picked, optimize=True)
        return tau * self.lattice.fade(np.meshgrid(*at, indexing="ij"), self.size)

    def _steps(self, size: tuple[int, ...]) -> list[float]:
        """How many steps of the input a step of the array is: 2 a halving, else as the sizes say."""
        halved = self.size
        for halvings in range(max(self.size).bit_length()):
            if halved == size:
                return [2.0**halvings] * len(size)
            halved = self.lattice.halved_size(halved)
        return [n / m for n, m in zip(self.size, size, strict=True)]


def draw(lattice: "Lattice", size: tuple[int, ...], count: int, seed: int) -> Deformations:
    """`count` fields on signals of this size, each with sup |∇τ| = 1."""
    if len(size) != lattice.dim or min(size) < SMALLEST:
        raise InputError(
            f"deformations of signals of size {size} on {lattice!r}",
            f"{lattice.dim} sizes of at least {SMALLEST} sites",
            "The border stays in place, and on fewer sites all is border.",
        )
    count = whole("count", count, InputError)
    modes = _modes(lattice.dim, lattice.boundary == "periodic")
    sigma = 1 / np.sqrt([_wave_number(mode, lattice.boundary == "periodic") for mode in modes])
    drawn = np.random.default_rng(seed).standard_normal((count, lattice.dim, len(modes))) * sigma
    scale = Deformations(lattice, size, drawn).slope()
    return Deformations(lattice, size, drawn / scale[:, None, None])


def _centred(n: int) -> np.ndarray:
    return np.arange(n) - (n - 1) / 2


def _waves(centred: np.ndarray, n: int, periodic: bool) -> np.ndarray:
    """The functions of one axis, a row each: periodic 1, cos, sin of 2πs; else sin of πs, 2πs, 3πs."""
    if periodic:
        turn = 2 * np.pi * centred / n
        return np.stack([np.ones_like(turn), np.cos(turn), np.sin(turn)])
    along = np.pi * (centred / (n - 1) + 0.5)
    return np.stack([np.sin(k * along) for k in range(1, CUTOFF + 1)])


@lru_cache(maxsize=8)
def _modes(dim: int, periodic: bool) -> tuple[tuple[int, ...], ...]:
    """Which row of `_waves` each product takes of each axis."""
    every = product(range(3), repeat=dim)
    return tuple(mode for mode in every if 0 < _wave_number(mode, periodic) <= max(CUTOFF**2, dim))


def _wave_number(mode: tuple[int, ...], periodic: bool) -> int:
    """|k|², in half waves from end to end."""
    return sum((2 * (row > 0) if periodic else row + 1) ** 2 for row in mode)
