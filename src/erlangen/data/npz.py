"""The user's own arrays: an .npz file with x and y, or with a split of its own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from erlangen import files
from erlangen.data.arrays import class_names, numbers, whole_numbers
from erlangen.data.dataset import PARTS, DataSet, TensorPair, check_finite
from erlangen.data.graph_npz import graphs_from, holds_graphs
from erlangen.data.sequence_npz import holds_sequences, sequences_from
from erlangen.data.split import into_three, own_set
from erlangen.errors import DataError

MOST_COLOURS = 4  # grey, grey and alpha, red-green-blue, and these with alpha
KEYS = "x, y (split here) or x_train, y_train, x_test, y_test (and x_validation, y_validation)"


def from_npz(
    path: Path,
    dim: int = 2,
    validation: float = 0.15,
    test: float = 0.25,
    seed: int = 0,
    channels: int | None = None,
) -> DataSet[Any]:
    """Arrays x [n, channel, *space] or [n, *space] and y [n] (classes) or [n, *space] (masks) from an .npz file.

    Keys: x, y (split here), or x_train, y_train, x_test, y_test with or without x_validation, y_validation; `classes`
    (names) if wanted. uint8 values are scaled to 0 … 1, all others are kept; labels count from 0. No pickle.
    Sets and graphs are told by the keys nodes or edge_index, see `graphs_from`, sequences of several lengths by steps,
    see `sequences_from`.
    Arrays that look like [n, *space, channel] are refused, unless axis 1 has the `channels` expected.

    >>> import tempfile; from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as d:
    ...     np.savez(Path(d) / "mine.npz", x=np.zeros((12, 8, 8)), y=np.arange(12) % 2)
    ...     mine = from_npz(Path(d) / "mine.npz")
    >>> mine.name, mine.channels, mine.size, mine.classes
    ('mine', 1, (8, 8), ('0', '1'))
    """
    arrays = read_arrays(path)
    if holds_graphs(arrays):
        return graphs_from(arrays, path, validation, test, seed)
    if holds_sequences(arrays):
        return sequences_from(arrays, path, validation, test, seed)
    ready = {part: _pair(arrays, f"_{part}", dim, path, channels) for part in PARTS if f"x_{part}" in arrays}
    drawn = not ready
    if drawn:
        pool = _pair(arrays, "", dim, path, channels)
        classes = _classes(arrays, [pool], path)
        ready = into_three(pool, validation, test, seed, classes)
    if "train" not in ready or "test" not in ready:
        raise DataError(f"{path} with the keys {', '.join(arrays)}", KEYS, "Add the missing arrays.")
    classes = _classes(arrays, list(ready.values()), path)
    return own_set(ready, classes, path, validation, seed, drawn=drawn)


def read_inputs(path: Path, dim: int = 2, channels: int | None = None) -> Tensor:
    """x alone [n, channel, *space] from an .npz file with the key x (or x_test), finite; for audits, which need no y.

    >>> import tempfile; from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as d:
    ...     np.savez(Path(d) / "mine.npz", x=np.zeros((12, 8, 8)))
    ...     read_inputs(Path(d) / "mine.npz").shape
    torch.Size([12, 1, 8, 8])
    """
    arrays = read_arrays(path)
    x = arrays.get("x", arrays.get("x_test"))
    if x is None:
        raise DataError(f"{path} with the keys {', '.join(arrays) or 'none'}", "x", "Add the array x.")
    inputs = _inputs(x, dim, path, channels)
    check_finite(inputs)
    return inputs


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """What an .npz file holds, by name; no pickle. DataError where it cannot be read."""
    try:
        return files.read_arrays(path)
    except FileNotFoundError:
        raise DataError(f"{path}, which does not exist", "an .npz file", "Check the path.") from None
    except Exception as error:  # zipfile, zlib and NumPy each say in their own way that a file is damaged
        given = f"{path}, which cannot be read ({error})"
        raise DataError(given, "an .npz file of plain arrays", "Write it again with numpy.savez.") from None


def _pair(arrays: Mapping[str, np.ndarray], ending: str, dim: int, path: Path, channels: int | None) -> TensorPair:
    missing = [key for key in (f"x{ending}", f"y{ending}") if key not in arrays]
    if missing:
        raise DataError(f"{path} with the keys {', '.join(arrays) or 'none'}", KEYS, f"Add {' and '.join(missing)}.")
    inputs = _inputs(arrays[f"x{ending}"], dim, path, channels)
    return TensorPair(inputs, _targets(arrays[f"y{ending}"], dim, path))


def _inputs(x: np.ndarray, dim: int, path: Path, channels: int | None) -> Tensor:
    if x.ndim == dim + 1:
        x = x[:, None]
    if x.ndim != dim + 2 or x.dtype.kind not in "fiub" or x.size == 0:
        raise DataError(
            f"x of shape {x.shape} and dtype {x.dtype} in {path}",
            f"numbers [n, channel, *space] or [n, *space] with {dim} axes of space",
            "Reorder or add the axes, or name another domain.",
        )
    if x.shape[1] != channels:
        _check_channels_first(x.shape, path)
    return numbers("x", x, path) / (255 if x.dtype == np.uint8 else 1)


def _check_channels_first(shape: tuple[int, ...], path: Path) -> None:
    """Pictures are often stored as [n, row, column, channel]: one to four numbers at each of many more sites."""
    if shape[-1] <= MOST_COLOURS < min(shape[1:-1]):
        axes = ", ".join(map(str, (0, len(shape) - 1, *range(1, len(shape) - 1))))
        given = f"x of shape {shape} in {path}, whose channels seem to come last"
        mend = f"Move the channel axis to the front: x.transpose({axes})."
        raise DataError(given, "channels before space, [n, channel, *space]", mend)


def _targets(y: np.ndarray, dim: int, path: Path) -> Tensor:
    if y.ndim not in (1, dim + 1) or y.dtype.kind not in "iub":
        raise DataError(
            f"y of shape {y.shape} and dtype {y.dtype} in {path}",
            "integer labels [n] or integer masks [n, *space]",
            "Convert with y.astype(int); targets that are real numbers need a training loop of your own.",
        )
    return whole_numbers("y", y, path)


def _classes(arrays: Mapping[str, np.ndarray], pairs: list[TensorPair], path: Path) -> tuple[str, ...]:
    """The names given, else the numbers 0 … max. A gap in unnamed labels is refused: it hints at another coding."""
    given = class_names(arrays, path)
    return counted_classes(torch.cat([pair.targets.flatten() for pair in pairs])) if given is None else given


def counted_classes(targets: Tensor) -> tuple[str, ...]:
    """The names 0 … max of labels without names; a gap is a DataError.

    >>> counted_classes(torch.tensor([1, 0, 2, 1]))
    ('0', '1', '2')
    """
    labels = targets.unique().tolist()
    if labels != list(range(len(labels))):
        raise DataError(
            f"the labels {', '.join(map(str, labels[:12]))}",
            "0, 1, 2 … without gaps, or an array `classes` with their names",
            "Number them with numpy.unique(y, return_inverse=True)[1].",
        )
    return tuple(str(label) for label in labels)
