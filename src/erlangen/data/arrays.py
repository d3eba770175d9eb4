"""What an array of a file is to be: numbers, whole numbers, names; anything else is a DataError that says which."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from erlangen.errors import DataError

MOST_CLASSES = 1 << 16


def numbers(name: str, values: np.ndarray, path: Path, least: int = 1) -> Tensor:
    """As float32, what is beyond it as infinity; of at least so many axes.

    >>> numbers("x", np.array([1, 2]), Path("mine.npz")).tolist()
    [1.0, 2.0]
    """
    _check(name, values, path, "fiub", least, "numbers")
    with np.errstate(over="ignore"):
        return torch.from_numpy(values.astype(np.float32))


def whole_numbers(name: str, values: np.ndarray, path: Path, least: int = 1) -> Tensor:
    """As int64, of at least so many axes.

    >>> whole_numbers("nodes", np.array([2, 4], dtype=np.uint8), Path("mine.npz")).tolist()
    [2, 4]
    """
    _check(name, values, path, "iub", least, "whole numbers")
    if values.dtype == np.uint64 and (values > np.iinfo(np.int64).max).any():
        raise DataError(f"{name} with {values.max()} in {path}", "whole numbers below 2⁶³", "Are they counts?")
    return torch.from_numpy(values.astype(np.int64))


def class_names(arrays: Mapping[str, np.ndarray], path: Path) -> tuple[str, ...] | None:
    """The names in a file's array `classes`; None where it has none.

    >>> class_names({"classes": np.array(["a", "b"])}, Path("mine.npz"))
    ('a', 'b')
    """
    if "classes" not in arrays:
        return None
    given = arrays["classes"]
    if given.ndim != 1:
        raise DataError(f"classes of shape {given.shape} in {path}", "names [k]", "List one name a class.")
    return tuple(str(name) for name in given)


def _check(name: str, values: np.ndarray, path: Path, kinds: str, least: int, expected: str) -> None:
    if values.dtype.kind not in kinds or values.ndim < least:
        given = f"{name} of shape {values.shape} and dtype {values.dtype} in {path}"
        axes = f", [n{', …' * (least > 1)}]" if least else ""
        raise DataError(given, f"{expected}{axes}", "Write it again with numpy.savez.")
