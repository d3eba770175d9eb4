"""Layers that map the coefficients of signals on the sphere: in a row they go there once, and come back once."""

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

from erlangen.domains import Sphere
from erlangen.domains.spherical_transform import up_to
from erlangen.errors import SpaceError
from erlangen.given import instance
from erlangen.layers._base import Footprint, Layer, require_space
from erlangen.signal import Space

Size = tuple[int, ...]


class Harmonic(Layer):
    """A layer that is a map of coefficients `[b, c, l, part, m]`; a subclass writes `through`.

    Between two of them values on a grid need not be computed: a chain takes a row of them from the first's values to
    the last's by one transform and one back. Whatever has `harmonic` and `carry` may stand in such a row.
    """

    harmonic = True

    def through(self, spectrum: Tensor) -> Tensor:
        """The coefficients of f(x), from those of x."""
        raise SpaceError(f"{type(self).__name__} without a through", "a map of coefficients", "Write its through.")

    def size_after(self, size: Size) -> Size:
        """The grid on which its values are given, from that of its input."""
        return size

    def carry(self, spectrum: Tensor, size: Size) -> tuple[Tensor, Size]:
        """Coefficients of f(x), and their grid, from those of x."""
        return self.through(spectrum), self.size_after(size)

    @property
    def sees(self) -> int | None:
        """The highest degree that it looks at; None for all."""
        return None

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        return along([self], values)

    def footprint(self) -> Footprint:
        return Footprint(None)


def is_harmonic(layer: Layer) -> bool:
    """Whether it may stand in a row of maps of coefficients."""
    return getattr(layer, "harmonic", False)


def along(row: Sequence[Layer], values: Tensor) -> Tensor:
    """The values behind a row of harmonic layers."""
    first, last = sphere_of(row[0].source), sphere_of(row[-1].target)
    size = first.size_of(values)
    spectrum, size = carried(row, first.spectrum(values, _sees(row[0]), row[0].source.rho), size)
    return last.from_spectrum(spectrum, size, row[-1].target.rho)


def carried(row: Iterable[Any], spectrum: Tensor, size: Size) -> tuple[Tensor, Size]:
    """What comes out behind a row, layer by layer; each sees the degrees that its grid holds."""
    for i, layer in enumerate(row):
        if i:
            spectrum = up_to(spectrum, sphere_of(layer.source).holds(size, _sees(layer)))
        spectrum, size = layer.carry(spectrum, size)
    return spectrum, size


def _sees(layer: Layer) -> int | None:
    return getattr(layer, "sees", None)


def plus_constant(spectrum: Tensor, constant: Tensor) -> Tensor:
    """The signal and a constant for each channel, `[c]`: degree 0 alone."""
    beyond = spectrum.shape[-1] - 1
    return spectrum + torch.nn.functional.pad(constant[:, None, None, None], (0, beyond, 0, 1, 0, beyond))


def sphere_of(space: Space, who: str = "a layer", mend: str = "Take er.Sphere().") -> Sphere:
    """The sphere that a space is on; refuses other domains."""
    return instance(f"{who} on", require_space(who, space).domain, Sphere, SpaceError, mend)
