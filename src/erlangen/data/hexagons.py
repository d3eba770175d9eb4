"""Pictures of square pixels as data for the hexagonal lattice."""

from dataclasses import replace

import torch
from torch import Tensor

from erlangen.data.dataset import DataSet, TensorPair
from erlangen.domains import HexGrid, to_hexagons
from erlangen.domains.pixels import inscribed_radius
from erlangen.errors import DataError

AT_ONCE = 512


def on_hexagons(
    data: DataSet[TensorPair], radius: int | None = None, spacing: float | None = None
) -> DataSet[TensorPair]:
    """x ↦ `er.domains.to_hexagons(x)` in every part: the same examples for a task on `er.HexGrid()`.

    Masks move along, each hexagonal pixel of the class that has the most of it; since every one of them needs a label,
    R is then by default the greatest with which all lie within the picture, and a greater one is a DataError. So are
    data that are no pictures.

    >>> from erlangen.data import load
    >>> on_hexagons(load("digits")).size
    (13, 13)
    """
    if len(data.size) != 2 or min(data.size) < 2:
        given = f"{data.name} of size {' × '.join(map(str, data.size))}"
        raise DataError(given, "pictures of 2 × 2 pixels or more", "Hexagonal pixels tile the plane.")
    if data.is_segmentation:
        radius = _radius_of_masks(data, radius, spacing)
    parts = {part: _moved(pair, len(data.classes), radius, spacing) for part, pair in data.parts.items()}
    return replace(data, **parts, name=f"{data.name}, on hexagons")


def inputs_on_hexagons(inputs: Tensor, radius: int | None = None, spacing: float | None = None) -> Tensor:
    """`er.domains.to_hexagons` of many pictures, some hundreds at once.

    >>> inputs_on_hexagons(torch.ones(3, 1, 8, 8)).shape
    torch.Size([3, 1, 13, 13])
    """
    return torch.cat([to_hexagons(batch, radius, spacing) for batch in inputs.split(AT_ONCE)])


def hold_hexagons(inputs: Tensor) -> bool:
    """Whether arrays `[n, c, *space]` are hexagons already: of odd side, and zero in the corners beyond, all of them.

    >>> hold_hexagons(HexGrid().clear(torch.ones(3, 1, 7, 7))), hold_hexagons(torch.ones(3, 1, 7, 7))
    (True, False)
    """
    odd = inputs.ndim == 4 and inputs.shape[-1] == inputs.shape[-2] and inputs.shape[-1] % 2 == 1
    return odd and inputs.shape[-1] > 1 and not inputs[..., HexGrid().mask(inputs) == 0].any()


def _moved(pair: TensorPair, classes: int, radius: int | None, spacing: float | None) -> TensorPair:
    inputs = inputs_on_hexagons(pair.inputs, radius, spacing)
    if pair.targets.ndim == 1:
        return TensorPair(inputs, pair.targets)
    labels = []
    for batch in pair.targets.split(AT_ONCE):
        shares = torch.nn.functional.one_hot(batch, classes).movedim(-1, 1).to(inputs.dtype)
        read = to_hexagons(shares, radius, spacing)
        labels.append(read.round(decimals=3).argmax(1))  # equal shares stay equal: no rounding decides
    return TensorPair(inputs, torch.cat(labels))


def _radius_of_masks(data: DataSet[TensorPair], radius: int | None, spacing: float | None) -> int:
    rows, columns = data.size
    most = inscribed_radius((rows, columns), spacing)
    if most < 1 or (radius is not None and radius > most):
        given = f"hexagons of radius {radius or 1} for masks of {rows} × {columns} pixels"
        raise DataError(given, f"a radius of at most {most}, since every pixel needs a label", "Make them smaller.")
    return most if radius is None else radius
