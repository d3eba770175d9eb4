"""What a sphere has to know of the places of its values: which degrees they hold, and how motions exchange them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Protocol

from torch import Tensor

from erlangen.domains._latitudes import Array
from erlangen.groups import Group

Size = tuple[int, ...]


class Transform(Protocol):
    """Between values at the places and coefficients `[…, l, part, m]`."""

    def spectrum(self, values: Tensor, /) -> Tensor: ...
    def values(self, spectrum: Tensor, /) -> Tensor: ...


class ScalarTransform(Transform, Protocol):
    """That of scalars; to and from coefficients `[…, (band + 1)²]`, too."""

    def forward(self, values: Tensor, /) -> Tensor: ...
    def inverse(self, coefficients: Tensor, /) -> Tensor: ...


class VectorsTransform(Transform, Protocol):
    """That of tangent vectors (east, north), to (gradient, curl)."""

    def moved(self, values: Tensor, rotations: Array, /) -> Tensor: ...


class Exchange(Protocol):
    """A motion of the sphere that only exchanges places: of scalars, and of tangent vectors `[…, 2, *size]`."""

    def moved(self, values: Tensor, /) -> Tensor: ...
    def carried(self, vectors: Tensor, /) -> Tensor: ...


class Sampling(ABC):
    """The places of the values of signals on the sphere, `[batch, channel, *size]`."""

    axes: int  # that the places take
    words: str  # what these axes are called
    exchanges: str  # in words, what motions do that exchange places

    @abstractmethod
    def side(self, side: int) -> Size:
        """The size of an example with about `side` places from pole to pole."""

    @abstractmethod
    def band_limit(self, size: Size) -> int:
        """The largest degree up to which so many places tell all harmonics apart; −1 where there is none."""

    @abstractmethod
    def smallest(self, band: int) -> Size:
        """The fewest places that hold degrees up to `band`."""

    @abstractmethod
    def least(self, band: int) -> Size:
        """The fewest along each axis, where they need not go together well."""

    @abstractmethod
    def finer(self, band: int, times: float, columns: int) -> Size:
        """Places `times` as fine as the fewest for `band`; around the axis a multiple of `columns`."""

    @abstractmethod
    def points(self, size: Size) -> Array:
        """The unit vectors (x, y, z) of the places, `[*size, 3]`."""

    @abstractmethod
    def weights(self, size: Size) -> Array:
        """The share of the sphere that each place stands for, `[*size]`: they sum to 1, and are exact for what the
        places hold."""

    @abstractmethod
    def scalars(self, size: Size, band: int) -> ScalarTransform:
        """The transform of scalars."""

    @abstractmethod
    def vectors(self, size: Size, band: int) -> VectorsTransform:
        """The transform of tangent vectors."""

    @abstractmethod
    def exchange(self, matrix: Array, last: int) -> Exchange | None:
        """How a motion exchanges the places of signals whose last axis is so long; None where it does more."""

    @abstractmethod
    def kept(self, group: Group, last: int) -> Group:
        """A large subgroup of an infinite group that only exchanges places of signals whose last axis is so long."""

    @abstractmethod
    def shared(self, lasts: Sequence[int]) -> int:
        """Of signals on several samplings such a length that what exchanges its places does so on all of them."""

    @abstractmethod
    def mean(self, values: Tensor) -> Tensor:
        """The mean over the sphere, by these weights, which a compiled network holds: `[…, *size]` → `[…]`."""
