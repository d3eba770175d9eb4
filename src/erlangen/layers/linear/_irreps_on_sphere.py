"""The linear maps between signals on the sphere, irrep by irrep: rows of coordinates, a matrix for each, rows again."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from erlangen.domains import Sphere
from erlangen.representations import Representation
from erlangen.solve.on_sphere import Adapted, Copies, adapted, kinds

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Rows:
    """All copies of one irrep in all channels: of each its channel and degree, `[row]`, its coordinates `[row, dim]`
    among all those of all channels, and signs."""

    channels: Array
    degrees: Array
    places: Array
    signs: Array
    copies: Copies

    @property
    def dim(self) -> int:
        """That of the irrep."""
        return self.places.shape[1]


@dataclass(frozen=True, eq=False)
class Layout:
    """The coefficients of the signals of one space, up to a band, as rows by irrep."""

    domain: Sphere
    rho: Representation
    band: int

    @cached_property
    def kinds(self) -> tuple[tuple[bool, int], ...]:
        """Of each channel whether mirrors change its sign, and its least degree."""
        return kinds(self.domain, self.rho)

    def _adapted(self, kind: tuple[bool, int]) -> Adapted:
        return adapted(self.domain, self.rho.group, *kind, self.band)

    @property
    def way(self) -> str:
        """How the irreps were found."""
        return self._adapted(self.kinds[0]).way

    @property
    def keeps_degrees(self) -> bool:
        """Whether each irrep is one degree, so that a channel has at most one copy of it."""
        return self.way in ("degrees", "some")

    @property
    def coordinates(self) -> int:
        """How many there are in each channel, those below its least degree included."""
        return (self.band + 1) ** 2

    @property
    def numbers(self) -> int:
        """How many numbers a signal has."""
        return sum(self.coordinates - least for _, least in self.kinds)

    @cached_property
    def rows(self) -> dict[Hashable, Rows]:
        """The rows of each irrep, channel by channel."""
        found: dict[Hashable, list[tuple[int, Copies]]] = {}
        for channel, kind in enumerate(self.kinds):
            for irrep, copies in self._adapted(kind).copies.items():
                found.setdefault(irrep, []).append((channel, copies))
        return {irrep: self._of(parts) for irrep, parts in found.items()}

    def _of(self, parts: list[tuple[int, Copies]]) -> Rows:
        return Rows(
            np.concatenate([np.full(len(copies.degrees), channel) for channel, copies in parts]),
            np.concatenate([copies.degrees for _, copies in parts]),
            np.concatenate([copies.places + channel * self.coordinates for channel, copies in parts]),
            np.concatenate([copies.signs for _, copies in parts]),
            parts[0][1],
        )

    def changes(self) -> tuple[Array, Array] | None:
        """The changes to coordinates, `[kind, coordinate, coefficient]`, and each channel's kind; None if not any."""
        known = list(dict.fromkeys(self.kinds))
        found = [change for kind in known if (change := self._adapted(kind).change) is not None]
        return (np.stack(found), np.array([known.index(kind) for kind in self.kinds])) if found else None

    def places(self) -> tuple[Array, Array]:
        """Where each coordinate of each row stands among all, row by row and irrep by irrep; and the signs."""
        rows = self.rows.values()
        where = np.concatenate([part.places.ravel() for part in rows])
        return where, np.concatenate([part.signs.ravel() for part in rows])


def deviations(source: Rows, target: Rows, reach: int | None) -> Array:
    """The standard deviation of each weight, `[k, target row, source row]`; 0 beyond `reach`.

    To each channel goes from each row power in shares that fall with the distance of the degrees: all that there is in
    a channel on average, whatever the degrees it is in.
    """
    apart = np.abs(target.degrees[:, None] - source.degrees[None, :])
    share = 1.0 / (1 + apart**2) * (1 if reach is None else apart <= reach)
    same = (target.channels[:, None] == target.channels[None, :]).astype(float)
    total = same @ share
    k = len(source.copies.commutant)
    count = len(np.unique(source.channels)) * k
    var = np.divide(share, total * count, out=np.zeros_like(share), where=total > 0)
    return np.broadcast_to(np.sqrt(var), (k, *var.shape))
