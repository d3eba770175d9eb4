"""The names of the classes that labels speak of."""

from collections.abc import Mapping

import numpy as np
from torch import Tensor

from erlangen.data.packed_pair import UNKNOWN
from erlangen.errors import DataError


def named(arrays: Mapping[str, np.ndarray], known: Tensor) -> tuple[str, ...]:
    """The names in a file's array `classes`, else the numbers 0 … max of the labels that are known.

    >>> import torch
    >>> named({}, torch.tensor([0, 2]))
    ('0', '1', '2')
    """
    if "classes" in arrays:
        return tuple(str(name) for name in arrays["classes"])
    if not len(known) or int(known.min()) < 0:
        raise DataError("no known label", f"labels from 0, {UNKNOWN} where one is not known", "Number them from 0.")
    return tuple(map(str, range(int(known.max()) + 1)))
