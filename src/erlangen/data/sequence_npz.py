"""The user's own sequences of several lengths: an .npz file of their steps, one behind the other."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from erlangen.data.classes import named
from erlangen.data.dataset import DataSet
from erlangen.data.sequence_pair import SequencePair
from erlangen.data.sequences import SequenceStore
from erlangen.data.split import into_three, own_set
from erlangen.errors import DataError

KEYS = "x [steps, channel], steps [n] (how many each sequence has) and y [n] or [steps]"
KNOWN = {"x", "steps", "y", "dt", "holds", "classes"}


def holds_sequences(arrays: Mapping[str, np.ndarray]) -> bool:
    """Whether a file's arrays are those of sequences: it says how many steps each has."""
    return "steps" in arrays


def sequences_from(
    arrays: Mapping[str, np.ndarray], path: Path, validation: float = 0.15, test: float = 0.25, seed: int = 0
) -> DataSet[SequencePair]:
    """x [steps, channel], the steps of all sequences one behind the other, steps [n] how many each has; y from 0.

    y is [n], a label for each, or [steps]. `dt` [steps], how long each step is, `holds` [steps], which of them hold one
    value, and `classes`, names, if wanted. Another key is a DataError, so that none is lost unheard.

    >>> arrays = {"x": np.zeros((24, 2)), "steps": np.full(12, 2), "y": np.arange(12) % 2}
    >>> found = sequences_from(arrays, Path("mine.npz"))
    >>> found.name, len(found.train), len(found.test), found.channels
    ('mine', 6, 4, 2)
    """
    store = store_from(arrays, path)
    y = arrays.get("y")
    if y is None or y.dtype.kind not in "iu":
        given = f"{path} {'without y' if y is None else f'with y of dtype {y.dtype}'}"
        raise DataError(given, "y [n] or [steps], whole numbers from 0", "Add the labels.")
    pair = SequencePair(store, torch.from_numpy(y.astype(np.int64)))
    classes = named(arrays, pair.known)
    return own_set(into_three(pair, validation, test, seed, classes), classes, path, validation, seed, drawn=True)


def read_sequences(path: Path) -> SequenceStore:
    """The sequences of such a file alone, for which no labels are needed.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "mine.npz"
    ...     np.savez(path, x=np.zeros((5, 2)), steps=[2, 3])
    ...     len(read_sequences(path))
    2
    """
    from erlangen.data.npz import read_arrays

    return store_from(read_arrays(path), path)


def store_from(arrays: Mapping[str, np.ndarray], path: Path) -> SequenceStore:
    """The sequences of such arrays; DataError says which of them does not fit."""
    unknown = sorted(set(arrays) - KNOWN)
    if unknown or "x" not in arrays or "steps" not in arrays:
        given = f"{path} with the {f'unknown keys {unknown}' if unknown else f'keys {sorted(arrays)}'}"
        raise DataError(given, f"{KEYS}, and perhaps dt, holds [steps] and classes", "Of time stamps: dt.")
    x, steps = arrays["x"], arrays["steps"]
    if x.ndim != 2 or x.dtype.kind not in "fiub":
        given = f"x of shape {x.shape} and dtype {x.dtype} in {path}"
        raise DataError(given, "numbers [steps, channel]", "The steps of all sequences stand one behind the other.")
    if steps.ndim != 1 or steps.dtype.kind not in "iu" or not len(steps) or steps.min() < 1 or steps.sum() != len(x):
        given = f"steps of shape {steps.shape} and dtype {steps.dtype}, {steps.sum()} in all for {len(x)} in {path}"
        raise DataError(given, "how many steps each sequence has, all of x", "The steps of all sequences stand in x.")
    ends = np.cumsum(steps)[:-1]

    def parted(name: str) -> list[torch.Tensor] | None:
        return [torch.from_numpy(part) for part in np.split(arrays[name], ends)] if name in arrays else None

    parts = [torch.from_numpy(part.T.astype(np.float32)) for part in np.split(x, ends)]
    return SequenceStore(parts, parted("dt"), parted("holds"))
