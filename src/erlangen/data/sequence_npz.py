"""The user's own sequences of several lengths: an .npz file of their steps, one behind the other."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from erlangen.data.arrays import numbers, whole_numbers
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
    pair = SequencePair(store, whole_numbers("y", y, path))
    classes = named(arrays, pair.known, path)
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
    steps = whole_numbers("steps", steps, path).numpy()
    if steps.ndim != 1 or not len(steps) or not _adds_up(steps, len(x)):
        given = f"steps of shape {steps.shape}, {steps.sum()} in all for {len(x)} in {path}"
        raise DataError(given, "how many steps each sequence has, all of x", "The steps of all sequences stand in x.")
    sizes = steps.tolist()
    dt, holds = (
        list(read(name, arrays[name], path).split_with_sizes(sizes)) if _fits(name, arrays, len(x), path) else None
        for name, read in (("dt", numbers), ("holds", whole_numbers))
    )
    return SequenceStore([part.T for part in numbers("x", x, path).split_with_sizes(sizes)], dt, holds)


def _adds_up(steps: np.ndarray, count: int) -> bool:
    return bool(((steps > 0) & (steps <= count)).all()) and int(steps.sum()) == count


def _fits(name: str, arrays: Mapping[str, np.ndarray], steps: int, path: Path) -> bool:
    """Whether this is said of the steps; DataError where it is said of others."""
    if name in arrays and arrays[name].shape != (steps,):
        raise DataError(f"{name} of shape {arrays[name].shape} in {path}", f"[{steps}], one a step", "Or leave it out.")
    return name in arrays
