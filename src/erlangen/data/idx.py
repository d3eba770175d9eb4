"""The IDX format of the MNIST family: a big-endian header, then unsigned bytes."""

import gzip
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from erlangen.errors import DataError

UNSIGNED_BYTES = 8


def read_idx(path: Path) -> np.ndarray:
    """bytes 0 0 | 8 | d | d sizes (big-endian uint32) | values (uint8), gzipped where the name ends in .gz.

    A file that is no such thing, or is cut short, is a DataError.

    >>> import tempfile; from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as d:
    ...     file = Path(d) / "two"; _ = file.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 9])); read_idx(file).tolist()
    [7, 9]
    """
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        start = 4 + 4 * content[3]
        shape = np.frombuffer(content[4:start], ">u4").astype(int)
        if content[:2] != b"\0\0" or content[2] != UNSIGNED_BYTES or len(content) != start + shape.prod():
            raise ValueError
        return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
    except (OSError, EOFError, IndexError, ValueError, zlib.error) as error:
        raise DataError(f"{path}", "a whole IDX file of unsigned bytes", "Fetch the data again.") from error


def images_and_labels(folder: Path, part: str, suffix: str = "") -> tuple[Tensor, Tensor]:
    """Images [n, 1, row, column] on the scale 0 … 1 and labels [n] of the part "train" or "t10k" in `folder`."""
    images = read_idx(folder / f"{part}-images-idx3-ubyte{suffix}")
    labels = read_idx(folder / f"{part}-labels-idx1-ubyte{suffix}")
    return torch.from_numpy(images.astype(np.float32) / 255)[:, None], torch.from_numpy(labels.astype(np.int64))
