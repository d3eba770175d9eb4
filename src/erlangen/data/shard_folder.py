"""A folder of shards: train, validation and test, each in files x-00000.npy, y-00000.npy, x-00001.npy …"""

from collections.abc import Iterable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from erlangen.data.dataset import PARTS, DataSet, TensorPair, check_finite, check_labels
from erlangen.data.npz import counted_classes
from erlangen.data.shards import Shards
from erlangen.errors import DataError
from erlangen.files import write_whole

ROWS = 4096
CLASSES = "classes.txt"
LAYOUT = "the folders train, validation and test, each with x-00000.npy, y-00000.npy, x-00001.npy …"


def holds_shards(folder: Path) -> bool:
    """Whether a folder is one that `write_shards` wrote.

    >>> holds_shards(Path("no such folder"))
    False
    """
    return any((folder / "train").glob("x-*.npy"))


def from_shards(folder: Path) -> DataSet[TensorPair]:
    """Pairs x [n, channel, *space], y [n] or [n, *space], in shards. The training part stays where it is, and each
    batch is read when it is its turn; validation and test are taken into memory.

    uint8 inputs are scaled to 0 … 1. Names of classes may stand in classes.txt, a line each. What is read is checked:
    a value that is not finite, or a label that no class has, is a DataError when its batch is read.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for part in PARTS:
    ...         _ = write_shards(Path(folder), part, [(np.zeros((6, 1, 8, 8)), np.arange(6) % 2)], rows=4)
    ...     data = from_shards(Path(folder))
    ...     len(data.train), data.train.batch([5, 0])[1].tolist(), data.classes
    (6, [1, 0], ('0', '1'))
    """
    targets = {part: _targets(folder / part) for part in PARTS}
    classes = _named(folder) or _counted(folder, list(targets.values()))
    train, held_out, tested = (
        _pair(folder / part, targets[part], len(classes), whole=part != "train") for part in PARTS
    )
    return DataSet(train, held_out, tested, classes, folder.name, "the user's own", str(folder))


def write_shards(
    folder: str | Path, part: str, batches: Iterable[tuple[np.ndarray, np.ndarray]], rows: int = ROWS
) -> list[Path]:
    """x and y of all batches, one behind the other, in files of so many `rows`: FOLDER/PART/x-00000.npy, y-00000.npy …

    `batches` may be a generator, so that all of them are never in memory together. Returns the files of x.

    >>> import tempfile
    >>> batches = ((np.zeros((5, 1, 8, 8), np.float32), np.arange(5) % 2) for _ in range(3))  # one at a time in memory
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [file.name for file in write_shards(folder, "train", batches, rows=10)]
    ['x-00000.npy', 'x-00001.npy']
    """
    if part not in PARTS:
        raise DataError(f"the part {part!r}", f"one of {', '.join(PARTS)}", "Write each part by itself.")
    written = []
    for number, (x, y) in enumerate(_of_size(batches, rows)):
        written.append(_write(Path(folder) / part / f"x-{number:05}.npy", x))
        _write(Path(folder) / part / f"y-{number:05}.npy", y)
    if not written:
        raise DataError(f"no examples for {part}", "at least one", "Give (x, y) pairs of arrays.")
    return written


def _pair(folder: Path, targets: Tensor, classes: int, whole: bool) -> TensorPair:
    inputs = Shards(_files(folder, "x"), torch.float32, _finite)
    if isinstance(targets, Shards):
        targets = Shards(targets.files, torch.int64, partial(_labels, classes))
        targets = targets[:] if whole else targets
    return TensorPair(inputs[:] if whole else inputs, targets)


def _targets(folder: Path) -> Tensor:
    """Labels of wholes in memory, masks where they are."""
    y = Shards(_files(folder, "y"), torch.int64)
    if y.arrays[0].dtype.kind not in "iub":
        given = f"y of dtype {y.arrays[0].dtype} in {folder}"
        raise DataError(given, "integer labels [n] or masks [n, *space]", "Convert with y.astype(int).")
    return y[:] if y.ndim == 1 else y


def _files(folder: Path, name: str) -> list[Path]:
    found = sorted(folder.glob(f"{name}-*.npy"))
    if not found:
        raise DataError(f"{folder} without {name}-00000.npy", LAYOUT, "Write it with erlangen.data.write_shards.")
    return found


def _finite(values: Tensor, where: str) -> None:
    try:
        check_finite(values)
    except DataError as error:
        raise DataError(f"{error.given}, read from {where}", error.expected, error.mend) from None


def _labels(classes: int, values: Tensor, where: str) -> None:
    check_labels(where, values, classes)


def _counted(folder: Path, targets: list[Tensor]) -> tuple[str, ...]:
    """The names 0, 1, 2 … of labels of wholes; masks are not read through for that."""
    if any(isinstance(y, Shards) for y in targets):
        raise DataError(
            f"masks in {folder} without {CLASSES}", "the names of the classes, a line each", "Write the file."
        )
    return counted_classes(torch.cat(targets))


def _named(folder: Path) -> tuple[str, ...]:
    file = folder / CLASSES
    try:
        return tuple(file.read_text(encoding="utf-8").splitlines()) if file.exists() else ()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file}, which cannot be read ({error})", "the names of the classes", "Write it.") from None


def _of_size(batches: Iterable[tuple[np.ndarray, np.ndarray]], rows: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The same pairs, in batches of so many rows; the last may have fewer."""
    held: tuple[np.ndarray, ...] | None = None
    for pair in batches:
        x, y = (np.asarray(array) for array in pair)
        if len(x) != len(y):
            raise DataError(f"{len(x)} inputs and {len(y)} targets", "as many of both", "Check the batch.")
        held = (x, y) if held is None else tuple(np.concatenate(two) for two in zip(held, (x, y), strict=True))
        while len(held[0]) >= rows:
            yield held[0][:rows], held[1][:rows]
            held = tuple(array[rows:] for array in held)
    if held is not None and len(held[0]):
        yield held[0], held[1]


def _write(path: Path, array: np.ndarray) -> Path:
    buffer = BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return write_whole(path, buffer.getvalue())
