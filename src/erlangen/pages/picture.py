"""Arrays as PNG pictures inside the page."""

import base64
import struct
import zlib

import numpy as np
from numpy.typing import ArrayLike, NDArray

SCALES: dict[str, tuple[tuple[int, int, int], ...]] = {
    "gray": ((0, 0, 0), (255, 255, 255)),
    "heat": ((250, 248, 243), (247, 206, 148), (226, 112, 76), (150, 36, 62), (52, 14, 44)),
    "signed": ((20, 62, 122), (86, 140, 200), (247, 246, 242), (226, 130, 92), (150, 36, 42)),
}
# The series colours of the page by daylight: a picture cannot follow light and dark.
CLASSES = ((39, 79, 141), (196, 98, 45), (28, 112, 72), (208, 160, 48), (91, 74, 145), (132, 140, 156))
SMALLEST_SIDE = 96
CELL = 12  # picture pixels from a site to the next, where sites are drawn as cells


def picture(
    array: ArrayLike,
    low: float | None = None,
    high: float | None = None,
    colours: str = "gray",
    smallest: int = SMALLEST_SIDE,
) -> str:
    """A data URI of a PNG: values from `low` to `high` (default: the extremes) as grays, heat or signed colours.

    `array` is [row, column], or [row, column, 3] for colour; NaN is no value, and transparent. Pixels are
    enlarged by whole factors until the longer side has `smallest` pixels, so that they stay square and sharp.

    >>> picture([[0.0, 1.0], [1.0, 0.0]])[:22]
    'data:image/png;base64,'
    """
    values = np.asarray(array, dtype=np.float64)
    missing = np.isnan(values if values.ndim == 2 else values.sum(-1))
    return _uri(coloured(values, low, high, colours), missing, smallest)


def shot(signals: ArrayLike, colours: str = "gray") -> str:
    """The first channel of the first signal, [signal, channel, row, column], as a picture; "signed" has zero as paper.

    >>> shot(np.zeros((2, 1, 4, 4)))[:22]
    'data:image/png;base64,'
    """
    values = np.asarray(signals, dtype=np.float64)[0, 0]
    bound = float(np.nanmax(np.abs(values))) if colours == "signed" else None
    return picture(values, None if bound is None else -bound, bound, colours)


def coloured(values: NDArray[np.float64], low: float | None, high: float | None, colours: str) -> NDArray[np.uint8]:
    """Values as the colours [row, column, 3] of `picture`.

    >>> coloured(np.array([[0.0, 1.0]]), None, None, "gray").tolist()
    [[[0, 0, 0], [255, 255, 255]]]
    """
    finite = values[np.isfinite(values)]
    low = float(finite.min(initial=np.inf)) if low is None and finite.size else (low or 0.0)
    high = float(finite.max(initial=-np.inf)) if high is None and finite.size else (high or 0.0)
    unit = np.clip((values - low) / (high - low), 0, 1) if high > low else np.full(values.shape, 0.5)
    return _between(np.nan_to_num(unit), colours)


def classes(labels: ArrayLike, smallest: int = SMALLEST_SIDE) -> str:
    """A data URI of a PNG: labels [row, column], each class c in the colour `CLASSES[c % 6]`; NaN is transparent.

    >>> classes([[0, 1], [1, 2]])[:22]
    'data:image/png;base64,'
    """
    values = np.asarray(labels, dtype=np.float64)
    missing = np.isnan(values)
    palette = np.asarray(CLASSES, dtype=np.uint8)
    return _uri(palette[np.where(missing, 0, values).astype(int) % len(palette)], missing, smallest)


def cells(values: ArrayLike, basis: ArrayLike) -> NDArray[np.float64]:
    """Sites (q, r) drawn where they lie, at E (q, r) with E = `basis`: each pixel has the value of its nearest site.

    Shapes: `values` [side, side], the centre in the middle; a picture of pixels, NaN where no site is nearest. With
    (1, 0) and (½, √3/2) for the columns of E the cells are hexagons.

    >>> slanted = cells(np.ones((3, 3)), [[1.0, 0.5], [0.0, 0.75**0.5]])
    >>> bool(np.isnan(slanted[0, 0])), float(slanted[slanted.shape[0] // 2, slanted.shape[1] // 2])
    (True, 1.0)
    """
    held, steps = np.asarray(values, dtype=np.float64), np.asarray(basis, dtype=np.float64)
    side = held.shape[-1]
    reach = (side - 1) / 2
    at = np.linspace(-reach - 0.5, reach + 0.5, CELL * side)
    space = np.stack(np.meshgrid(at, at, indexing="ij"), -1)
    guess = np.floor(space @ np.linalg.inv(steps).T)
    corners = guess[..., None, :] + np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    distance = ((corners @ steps.T - space[..., None, :]) ** 2).sum(-1)
    nearest = np.take_along_axis(corners, distance.argmin(-1)[..., None, None], -2)[..., 0, :]
    site = nearest.astype(int) + int(reach)
    inside = ((site >= 0) & (site < side)).all(-1)
    clipped = site.clip(0, side - 1)
    return np.where(inside, held[clipped[..., 0], clipped[..., 1]], np.nan)


def _uri(colours: NDArray[np.uint8], missing: NDArray[np.bool_], smallest: int) -> str:
    opacity = np.where(missing, 0, 255).astype(np.uint8)
    pixels = np.concatenate([colours, opacity[..., None]], axis=-1)
    factor = max(1, -(-smallest // max(pixels.shape[:2])))
    return "data:image/png;base64," + base64.b64encode(_png(pixels.repeat(factor, 0).repeat(factor, 1))).decode()


def _between(unit: NDArray[np.float64], colours: str) -> NDArray[np.uint8]:
    if unit.ndim == 3:
        return np.rint(unit * 255).astype(np.uint8)
    anchors = np.asarray(SCALES[colours], dtype=np.float64)
    positions = np.linspace(0, 1, len(anchors))
    return np.stack([np.rint(np.interp(unit, positions, anchors[:, c])) for c in range(3)], -1).astype(np.uint8)


def _png(pixels: NDArray[np.uint8]) -> bytes:
    # Eight lines of the PNG standard save an import of a quarter of a second.
    height, width = pixels.shape[:2]
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, width * 4)], axis=1)

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows.tobytes(), 9))
        + chunk(b"IEND", b"")
    )
