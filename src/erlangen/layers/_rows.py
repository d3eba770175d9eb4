"""Layers in a row that share a transform: there once, one product a layer, back once.

On the sphere it is that to coefficients. On lattices, where no nonlinearity stands between two 1 × 1 maps of regular
fields, F Fᵀ = 1 between them need not be computed.
"""

from collections.abc import Iterable
from typing import Any

from torch import Tensor, nn

from erlangen.layers._base import Layer
from erlangen.layers._harmonic import along, is_harmonic
from erlangen.layers.linear._isotypic import ExportedBlocks
from erlangen.layers.linear._way import Way

Row = tuple[Layer, ...]


def rows(layers: Iterable[Layer]) -> tuple[Row, ...]:
    """The layers in order, those that share a transform together."""
    found: list[list[Layer]] = []
    for layer in layers:
        if found and _share(found[-1][-1], layer):
            found[-1].append(layer)
        else:
            found.append([layer])
    return tuple(map(tuple, found))


def flow(row: Row, values: Tensor, support: Any) -> tuple[Tensor, Any]:
    """The values and the support behind a row."""
    if any(_is_watched(layer) for layer in row):  # who watches is shown every layer
        for layer in row:
            values, support = _watched(layer, values, support)
        return values, support
    if len(row) == 1:
        return row[0].flow(values, support)
    if is_harmonic(row[0]):
        return along(row, values), support
    ways: list[tuple[Way, Any]] = [(_way(layer), layer) for layer in row]
    last: Any = row[-1]
    return last.settle(ways[0][0].through(ways, values)), support


def _watched(layer: Layer, values: Tensor, support: Any) -> tuple[Tensor, Any]:
    """By the door, as torch's hooks ask; signals on a support are not watched."""
    return (layer(values), support) if support is None else layer.flow(values, support)


def export(row: Row) -> nn.Module:
    """The module of torch's own operations for a row."""
    if len(row) == 1:
        return row[0].export()
    if is_harmonic(row[0]):
        return ExportedRow(row)
    ways: list[tuple[Way, Any]] = [(_way(layer), layer) for layer in row]
    last: Any = row[-1]
    return last.exported_with(ExportedBlocks(ways))


class ExportedRow(nn.Module):
    """Harmonic layers in a row, and no spaces at the door."""

    def __init__(self, row: Row):
        super().__init__()
        self.run = nn.ModuleList(row)

    def forward(self, values: Tensor) -> Tensor:
        return along(tuple(self.run), values)  # pyright: ignore[reportArgumentType]


def _is_watched(layer: Layer) -> bool:
    """Whether someone looks at it, or at a layer within it that would be joined with others."""
    inside = layer.modules() if is_harmonic(layer) else (layer,)
    return any(part._forward_hooks or part._forward_pre_hooks for part in inside)


def _share(first: Layer, second: Layer) -> bool:
    if is_harmonic(first) and is_harmonic(second):
        return True
    one, two = getattr(first, "way", None), getattr(second, "way", None)
    between = getattr(first, "stride", 1) == 1  # a stride stands between the two
    return isinstance(one, Way) and isinstance(two, Way) and between and one.shares(two)


def _way(layer: Any) -> Way:
    return layer.way
