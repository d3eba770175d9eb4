"""Data as a domain has them: pictures resampled to hexagons, and said so."""

from typing import TYPE_CHECKING, Any

from erlangen.errors import ConfigError

if TYPE_CHECKING:
    from torch import Tensor

    from erlangen.data import DataSet
    from erlangen.domains import Domain
    from erlangen.train import DataSection


def data_on(domain: "Domain", data: "DataSet[Any]", asked: "DataSection | None") -> "DataSet[Any]":
    """The data as the domain has them: on hexagons, pictures of square pixels become hexagonal ones."""
    from torch import Tensor

    from erlangen.data import hold_hexagons, on_hexagons

    radius, spacing = _asked(domain, asked)
    if not all(isinstance(pair.inputs, Tensor) for pair in data.parts.values()):
        return data
    if not _are_squares(domain, all(hold_hexagons(pair.inputs) for pair in data.parts.values()), radius, spacing):
        return data
    moved = on_hexagons(data, radius, spacing)
    _say(data.size, moved.size)
    return moved


def inputs_on(domain: "Domain", inputs: "Tensor", asked: "DataSection | None") -> "Tensor":
    """The same for inputs alone, `asked` what the network's run said of its data."""
    from erlangen.data import hold_hexagons, inputs_on_hexagons

    radius, spacing = _asked(domain, asked)
    if inputs.ndim != 4 or not _are_squares(domain, hold_hexagons(inputs), radius, spacing):
        return inputs
    moved = inputs_on_hexagons(inputs, radius, spacing)
    _say(tuple(inputs.shape[2:]), tuple(moved.shape[2:]))
    return moved


def _asked(domain: "Domain", asked: "DataSection | None") -> tuple[int | None, float | None]:
    from erlangen.domains import HexGrid

    if asked is None:
        return None, None
    if not isinstance(domain, HexGrid) and (asked.radius, asked.spacing) != (None, None):
        given = f"data.radius or data.spacing on {domain!r}"
        raise ConfigError(given, "these on HexGrid() alone", 'Leave them out, or set task.domain = "HexGrid()".')
    return asked.radius, asked.spacing


def _are_squares(domain: "Domain", hexagonal: bool, radius: int | None, spacing: float | None) -> bool:
    """Whether there is something to resample: who says how fine the hexagons are to be has squares."""
    from erlangen.domains import HexGrid

    return isinstance(domain, HexGrid) and not (hexagonal and (radius, spacing) == (None, None))


def _say(before: tuple[int, ...], after: tuple[int, ...]) -> None:
    from erlangen.cli.options import say

    radius, (rows, columns) = after[0] // 2, before
    sites = 1 + 3 * radius * (radius + 1)
    say(f"Pictures of {rows} × {columns} square pixels, resampled to {sites} hexagonal ones, radius {radius}.")
