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
SMALLEST_SIDE = 96


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
    finite = values[np.isfinite(values)]
    low = float(finite.min(initial=np.inf)) if low is None and finite.size else (low or 0.0)
    high = float(finite.max(initial=-np.inf)) if high is None and finite.size else (high or 0.0)
    unit = np.clip((values - low) / (high - low), 0, 1) if high > low else np.full(values.shape, 0.5)
    missing = np.isnan(values if values.ndim == 2 else values.sum(-1))
    opacity = np.where(missing, 0, 255).astype(np.uint8)
    pixels = np.concatenate([_coloured(np.nan_to_num(unit), colours), opacity[..., None]], axis=-1)
    factor = max(1, -(-smallest // max(pixels.shape[:2])))
    return "data:image/png;base64," + base64.b64encode(_png(pixels.repeat(factor, 0).repeat(factor, 1))).decode()


def _coloured(unit: NDArray[np.float64], colours: str) -> NDArray[np.uint8]:
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
