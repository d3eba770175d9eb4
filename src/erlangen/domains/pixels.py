"""From square pixels to hexagonal ones and back: a picture as a smooth function, read at the other lattice's sites."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from erlangen.domains._spline import (
    hexagon_blur,
    hexagon_coefficients,
    hexagon_weights,
    square_blur,
    square_coefficients,
    square_weights,
)
from erlangen.domains.hexagon import HexGrid
from erlangen.errors import InputError
from erlangen.given import bounded, instance, number, whole

EQUAL_AREA = (4 / 3) ** 0.25  # from a hexagonal pixel to the next, in sides of a square pixel of the same area
ROUNDING = 1e-9
MOST_RADIUS = 1 << 14
MOST_SPACING = 1e3
Table = tuple[np.ndarray, np.ndarray, np.ndarray]


def to_hexagons(values: Tensor, radius: int | None = None, spacing: float | None = None) -> Tensor:
    """y(q, r) = x(s·E(q, r)), E the basis of `er.HexGrid`: the picture x read where the hexagonal pixels lie.

    Shapes: `[b, c, n, m]` → `[b, c, 2R + 1, 2R + 1]`, both centred. `spacing` s is the distance of two hexagonal
    pixels in sides of a square one (left out: √(2/√3) = 1.0746, equal areas); R is `radius` (left out: the least with
    which the whole picture fits). Sites beyond the picture hold zeros, as the corners of the array do.

    Bicubic: x is the cubic spline through the pixels, which misses a smooth function by O(h⁴) and a linear one not at
    all; in the outer half of a border pixel it stays as it is. Where the hexagons are the coarser, a low-pass goes
    before. The half turn and the mirrors of both axes, which the two lattices share, are kept to rounding. Values that
    are no such floating tensor, pictures less than 2 pixels high or wide, a spacing that is not positive: InputError.

    >>> import erlangen as er
    >>> y = er.domains.to_hexagons(torch.ones(1, 1, 8, 8))
    >>> y.shape, round(float(y[0, 0, 6, 6]), 6), float(y[0, 0, 0, 0])
    (torch.Size([1, 1, 13, 13]), 1.0, 0.0)

    Unser, Aldroubi, Eden 1993, doi:10.1109/78.193220; Hoogeboom, Peters, Cohen, Welling 2018, arXiv:1803.02108.
    """
    rows, columns = _picture(values)
    step = _spacing(spacing)
    bounded("radius", radius, MOST_RADIUS, InputError)
    reach = covering_radius((rows, columns), step) if radius is None else whole("radius", radius, InputError)
    smooth = square_blur(values, max(0.0, ((step / EQUAL_AREA) ** 2 - 1) / 6))
    coefficients = square_coefficients(smooth)
    return _read(coefficients, _table_of_squares(rows, columns, reach, step), (2 * reach + 1, 2 * reach + 1))


def to_squares(values: Tensor, size: int | Sequence[int], spacing: float | None = None) -> Tensor:
    """x(u) = y(E⁻¹u/s): the way back from `to_hexagons`, at the pixels u of a picture of `size`.

    Shapes: `[b, c, 2R + 1, 2R + 1]` → `[b, c, n, m]`, `size` = (n, m) or n for both; `spacing` as in `to_hexagons`.
    Pixels beyond the hexagon hold zeros.

    y is the quartic box spline through the hexagon's sites: an error of O(h⁴), none for linear functions, a low-pass
    where the squares are the coarser. It has all twelve symmetries of the hexagon. Arrays that
    are no signal on `er.HexGrid`, and sizes below 1: InputError.

    >>> import erlangen as er
    >>> x = torch.arange(9.0).expand(1, 1, 9, 9)                # brighter to the right
    >>> er.domains.to_squares(er.domains.to_hexagons(x, radius=3), 3)[0, 0, 0]
    tensor([3.0000, 4.0000, 5.0000])

    Condat, Van De Ville 2006, doi:10.1109/LSP.2006.871852.
    """
    _floating(values)
    HexGrid().check_values(values)
    rows, columns = _size(size)
    step, side = _spacing(spacing), values.shape[-1]
    inside = HexGrid().clear(values)
    smooth = hexagon_blur(inside, max(0.0, ((EQUAL_AREA / step) ** 2 - 1) / 6 / EQUAL_AREA**2))
    coefficients = hexagon_coefficients(smooth)
    return _read(coefficients, _table_of_hexagons(side // 2, rows, columns, step), (rows, columns))


def covering_radius(size: tuple[int, int], spacing: float | None = None) -> int:
    """The least R of a hexagon in which a whole picture of `size` pixels fits.

    >>> covering_radius((8, 8)), covering_radius((28, 28))
    (6, 21)
    """
    corner = np.array([size[0] / 2, size[1] / 2]) / _spacing(spacing)
    return max(0, int(np.ceil(_steps(np.linalg.solve(HexGrid().basis, corner)) - 0.5 - ROUNDING)))


def inscribed_radius(size: tuple[int, int], spacing: float | None = None) -> int:
    """The greatest R of a hexagon whose sites all lie within a picture of `size` pixels.

    >>> inscribed_radius((8, 8)), inscribed_radius((28, 28))
    (3, 13)
    """
    across = np.array([size[0] / 2, size[1] / 3**0.5]) / _spacing(spacing)
    return int(across.min() + ROUNDING)


def _read(coefficients: Tensor, table: Table, size: tuple[int, int]) -> Tensor:
    """y[p] = Σₖ w[p, k] c[site(p, k)] at the places that the table knows, zeros elsewhere."""
    places, sites, weights = (torch.as_tensor(a, device=coefficients.device) for a in table)
    b, c = coefficients.shape[:2]
    held = coefficients.flatten(2).flatten(0, 1).T
    read = F.embedding_bag(sites, held, per_sample_weights=weights.to(held.dtype), mode="sum")
    empty = read.new_zeros(size[0] * size[1], b * c)
    return empty.index_copy(0, places, read).T.reshape(b, c, *size)


@lru_cache(maxsize=8)
def _table_of_squares(rows: int, columns: int, radius: int, spacing: float) -> Table:
    """For every site of the hexagon that the picture reaches: its place, the 16 coefficients it reads, the weights."""
    side = 2 * radius + 1
    axial = np.argwhere(np.ones((side, side))) - radius
    points = axial @ HexGrid().basis.T * spacing
    reached = (np.abs(points) <= np.array([rows, columns]) / 2 + ROUNDING).all(-1) & (_steps(axial.T) <= radius)
    last = (np.array([rows, columns]) - 1) / 2
    sites, weights = square_weights(points[reached].clip(-last, last) + last)
    return np.flatnonzero(reached), _flat(sites, rows + 2, columns + 2), weights


@lru_cache(maxsize=8)
def _table_of_hexagons(radius: int, rows: int, columns: int, spacing: float) -> Table:
    """For every pixel that the hexagon reaches: its place, the 16 coefficients it reads, the weights."""
    points = np.argwhere(np.ones((rows, columns))) - (np.array([rows, columns]) - 1) / 2
    axial = np.linalg.solve(HexGrid().basis, points.T / spacing).T
    away = _steps(axial.T)
    reached = away <= radius + 0.5 + ROUNDING
    sites, weights = hexagon_weights(axial[reached] * (radius / away[reached].clip(radius))[:, None])
    return np.flatnonzero(reached), _flat(sites + radius, 2 * radius + 3, 2 * radius + 3), weights


def _flat(sites: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """The place of each site in an array with one site more on every side; sites of no weight may lie beyond it."""
    placed = (sites.astype(np.int64) + 1).clip(0, [rows - 1, columns - 1])
    return placed[..., 0] * columns + placed[..., 1]


def _steps(axial: np.ndarray) -> np.ndarray:
    """max(|q|, |r|, |q + r|): on sites, how many steps from the centre."""
    return np.abs(np.stack([axial[0], axial[1], axial[0] + axial[1]])).max(0)


def _picture(values: Tensor) -> tuple[int, int]:
    _floating(values)
    if values.dim() != 4 or min(values.shape[2:]) < 2:
        given = f"values of shape {tuple(values.shape)}"
        raise InputError(
            given, "[batch, channel, row, column], at least 2 × 2 pixels", "For one picture x[None, None]."
        )
    return values.shape[2], values.shape[3]


def _floating(values: Tensor) -> None:
    instance("values", values, Tensor, InputError, "Convert with torch.as_tensor(values).")
    if not values.dtype.is_floating_point or values.is_sparse:
        given = f"values of dtype {values.dtype}{', sparse' * values.is_sparse}"
        raise InputError(given, "a dense tensor of a floating dtype", "Convert with .float() or .to_dense().")


def _size(size: int | Sequence[int]) -> tuple[int, int]:
    sizes = tuple(size) if isinstance(size, Sequence) else (size, size)
    if len(sizes) != 2:
        raise InputError(f"size={size!r}", "one number of pixels, or (rows, columns)", "For example 28.")
    rows, columns = (whole("size", n, InputError, mend="For example 28.") for n in sizes)
    return rows, columns


def _spacing(spacing: float | None) -> float:
    if spacing is None:
        return EQUAL_AREA
    mend = "Leave it out for pixels of equal area."
    return number("spacing", spacing, InputError, least=1e-6, below=MOST_SPACING, mend=mend)
