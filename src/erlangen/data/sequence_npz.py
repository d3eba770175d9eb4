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


def holds_sequences(arrays: Mapping[str, np.ndarray]) -> bool:
    """Whether a file's arrays are those of sequences: it says how many steps each has."""
    return "steps" in arrays


def sequences_from(
    arrays: Mapping[str, np.ndarray], path: Path, validation: float = 0.15, test: float = 0.25, seed: int = 0
) -> DataSet[SequencePair]:
    """x [steps, channel], the steps of all sequences one behind the other, steps [n] how many each has; y from 0.

    y is [n], a label for each, or [steps]. `dt` [steps], how long each step is, and `classes`, their names, if wanted.

    >>> arrays = {"x": np.zeros((24, 2)), "steps": np.full(12, 2), "y": np.arange(12) % 2}
    >>> found = sequences_from(arrays, Path("mine.npz"))
    >>> found.name, len(found.train), len(found.test), found.channels
    ('mine', 6, 4, 2)
    """
    missing = [name for name in ("x", "y") if name not in arrays]
    if missing:
        raise DataError(f"{path} with the keys {', '.join(arrays)}", KEYS, f"Add {' and '.join(missing)}.")
    x, y, steps = arrays["x"], arrays["y"], arrays["steps"]
    numbers = x.ndim == 2 and x.dtype.kind in "fiub" and y.dtype.kind in "iu" and steps.dtype.kind in "iu"
    if not numbers or steps.ndim != 1 or not len(steps) or steps.min() < 1 or steps.sum() != len(x):
        given = f"x of shape {x.shape} and dtype {x.dtype}, y of dtype {y.dtype}, {steps.sum()} steps in {path}"
        raise DataError(given, KEYS, "The steps of all sequences stand one behind the other.")
    ends = np.cumsum(steps)[:-1]
    parts = [torch.from_numpy(part.T.astype(np.float32)) for part in np.split(x, ends)]
    dt = [torch.from_numpy(part) for part in np.split(arrays["dt"], ends)] if "dt" in arrays else None
    pair = SequencePair(SequenceStore(parts, dt), torch.from_numpy(y.astype(np.int64)))
    classes = named(arrays, pair.known)
    return own_set(into_three(pair, validation, test, seed, classes), classes, path, validation, seed, drawn=True)
