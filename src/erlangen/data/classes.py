"""The names of the classes that labels speak of."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from torch import Tensor

from erlangen.data.arrays import MOST_CLASSES, class_names
from erlangen.data.packed_pair import UNKNOWN
from erlangen.errors import DataError


def named(arrays: Mapping[str, np.ndarray], known: Tensor, path: Path) -> tuple[str, ...]:
    """The names in a file's array `classes`, else the numbers 0 … max of the labels that are known.

    >>> import torch
    >>> named({}, torch.tensor([0, 2]), Path("mine.npz"))
    ('0', '1', '2')
    """
    given = class_names(arrays, path)
    if given is not None:
        return given
    if not len(known) or int(known.min()) < 0:
        raise DataError("no known label", f"labels from 0, {UNKNOWN} where one is not known", "Number them from 0.")
    most = int(known.max())
    if most >= MOST_CLASSES:
        raise DataError(f"the label {most} in {path}", f"labels below {MOST_CLASSES}", "Number them from 0, no gaps.")
    return tuple(map(str, range(most + 1)))
