"""How far it is along a surface: by the way that heat takes, with two factored systems for any number of sources."""

from collections.abc import Callable
from typing import Any

import numpy as np

from erlangen.domains.surfaces.checks import triangles
from erlangen.domains.surfaces.delaunay import delaunay
from erlangen.domains.surfaces.geometry import Array
from erlangen.domains.surfaces.sides import BothSides
from erlangen.domains.surfaces.triangles import Triangles
from erlangen.errors import InputError
from erlangen.given import flag, number

FAINT = 1e-280  # heat, where it was 1: below it numbers lose their digits
AT_ONCE = 1 << 18  # heat at vertices times sources, so that memory stays small


def geodesic_distances(vertices: Any, faces: Any, sources: Any, each: bool = False, factor: float = 1.0) -> Array:
    """d(p) = the length of the shortest way along the surface to the nearest of some vertices, nearly, `[n]`; or with
    `each` to every one of them by itself, `[sources, n]`.

    The heat method: u = (M + tL)⁻¹ δ flows away from the sources; d is the function whose slope is −∇u/|∇u|, 0 at the
    nearest of them. t is `factor` times the square of the mean length of an edge, or more where heat would not reach
    every vertex in floating numbers. ∞ on parts without a source. On triangles made better within the surface, for
    heat between obtuse ones may be negative.

    Shapes: vertices `[n, 3]`, faces `[m, 3]`, either way round, sources numbers of vertices; lengths in their unit.
    Raises InputError for what is no surface, and for sources that are no vertices.

    >>> square = [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], [[0, 1, 2], [0, 2, 3]]
    >>> geodesic_distances(*square, 0).argmax().item(), geodesic_distances(*square, [0, 2], each=True).shape
    (2, (2, 4))

    Crane, Weischedel, Wardetzky 2013, arXiv:1204.6216; Sharp, Soliman, Crane 2019, doi:10.1145/3306346.3322979.
    """
    if number("factor", factor, InputError, mend="1 is usual.") <= 0:
        raise InputError(f"factor={factor!r}", "above 0", "1 is usual; more is smoother.")
    made = BothSides(*triangles(vertices, faces)).triangles  # so that sides do not count
    chosen = _vertices(sources, made.count)
    if flag("each", each, InputError):
        return _Heat(made, factor).distances(list(chosen[:, None]))
    return _Heat(made, factor).distances([chosen])[0]


def _vertices(given: Any, count: int) -> Array:
    found = np.asarray(given).reshape(-1)
    if not len(found) or found.dtype.kind not in "iu" or found.min() < 0 or found.max() >= count:
        raise InputError(f"sources {given!r}", f"one or more of the vertices 0 … {count - 1}", "Vertices by number.")
    return found


class _Heat:
    """One surface, and its systems as far as they have been factored."""

    def __init__(self, made: Triangles, factor: float):
        from scipy.sparse import diags_array

        self.made, self.part, self.factor = delaunay(made), made.parts, factor
        laplacian, mass = self.made.laplacian, self.made.mass
        little = 1e-10 * float((laplacian.diagonal() / mass).mean())  # a constant is free, and is found below
        self.poisson = _factored(laplacian + little * diags_array(mass))
        self.warm: dict[float, Callable[[Array], Array]] = {}  # by time

    def distances(self, sources: list[Array]) -> Array:
        """To the nearest of each of these lists of vertices, `[lists, n]`."""
        step = max(1, AT_ONCE // self.made.count)
        return np.concatenate([self._some(sources[i : i + step]) for i in range(0, len(sources), step)])

    def _some(self, sources: list[Array]) -> Array:
        start = np.zeros((self.made.count, len(sources)))
        for column, these in enumerate(sources):
            start[these, column] = 1.0
        reached = np.stack([np.isin(self.part, self.part[these]) for these in sources], axis=1)
        found = self.poisson(_divergence(self.made, self._heat(start, reached)))
        least = np.full((self.part.max() + 1, len(sources)), np.inf)
        np.minimum.at(least, self.part, np.where(start > 0, found, np.inf))
        nearest = np.where(reached, least[self.part], 0)
        return np.where(reached, np.maximum(found - nearest, 0), np.inf).T

    def _heat(self, start: Array, reached: Array) -> Array:
        """u = (M + tL)⁻¹ δ; t grows where u is not above nought wherever it is to be."""
        time = self.factor * float(self.made.length.mean()) ** 2
        heat, cold = np.zeros_like(start), np.arange(start.shape[1])
        longest = max(time, float(self.made.length.sum()) ** 2)  # by then it is even everywhere
        while len(cold):
            if time > longest:
                raise InputError(
                    "a surface in triangles so thin that heat on them is lost in rounding",
                    "others",
                    "Cut it into triangles of about equal sides.",
                )
            heat[:, cold] = self._after(time)(start[:, cold])
            cold = cold[np.where(reached, heat, 1)[:, cold].min(0) <= FAINT]
            time *= 4
        return heat

    def _after(self, time: float) -> Callable[[Array], Array]:
        from scipy.sparse import diags_array

        if time not in self.warm:
            unit = self.made.mass.mean()
            self.warm[time] = _factored(diags_array(self.made.mass / unit) + time / unit * self.made.laplacian)
        return self.warm[time]


def _factored(system: Any) -> Callable[[Array], Array]:
    from scipy.sparse.linalg import splu

    options = {"SymmetricMode": True}
    return splu(system.tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options=options).solve


def _divergence(made: Triangles, heat: Array) -> Array:
    """∫∇φ_p·(−∇u/|∇u|), face by face: of the right side of Poisson's equation, `[n, sources]`."""
    from scipy.sparse import csr_array

    opposite = np.roll(heat[made.tail].reshape(-1, 3, heat.shape[1]), -2, axis=1)  # of each side the corner beyond
    largest = np.abs(opposite).max(1, keepdims=True)
    slope = 1j * (opposite / np.where(largest > 0, largest, 1) * made.sides[..., None]).sum(1)
    size = np.abs(slope)
    flow = -np.divide(slope, size, out=np.zeros_like(slope), where=size > 0)
    along = np.real(made.sides[..., None] * flow[:, None].conj()).reshape(-1, heat.shape[1])
    along *= made.weights[:, None]
    sides, one = np.arange(len(made.tail)), np.ones(len(made.tail))
    shape = made.count, len(made.tail)
    return csr_array((one, (made.head, sides)), shape) @ along - csr_array((one, (made.tail, sides)), shape) @ along
