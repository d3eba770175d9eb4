"""Neighbouring sites along an axis, read by slices: what halving, smoothing and enlarging are made of.

One expression in the size n and no branch on its parity, so that what is traced once is right for every size.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

SMALL = 128  # sites an axis up to which a product with a matrix is faster than slices, whose cost grows more slowly


def each_channel(values: Tensor, kernel: Tensor) -> Tensor:
    """The correlation of every channel of a plane by one kernel, at the places where it fits."""
    channels = values.shape[1]
    return F.conv2d(values, kernel.expand(channels, 1, -1, -1), groups=channels)


def pairs(values: Tensor, axis: int, traced: bool) -> tuple[Tensor, Tensor]:
    """The sites 2i and 2i + 1 − n % 2 of an axis, i < ⌈n/2⌉: every second one, and the same turned round.

    By two slices, which is fastest; traced, by one and its mirror image, since exporters cannot tell that slices with
    different ends are equally long.
    """
    n, behind = values.shape[axis], (slice(None),) * (-1 - axis)
    if traced:
        second = (..., slice(1 - n % 2, None, 2), *behind)
        return values.flip(axis)[second].flip(axis), values[second]
    first = values[(..., slice(0, n - 1 + n % 2, 2), *behind)]
    return first, values[(..., slice(1 - n % 2, n, 2), *behind)]


def smoothed(x: Tensor, axis: int, ring: bool) -> Tensor:
    """[1 2 1]/4 along an axis, the border repeated, or the ring closed."""
    n = x.shape[axis]
    first, last = x.narrow(axis, 0, 1), x.narrow(axis, n - 1, 1)
    wide = torch.cat([last, x, first] if ring else [first, x, last], dim=axis)
    return (wide.narrow(axis, 0, n) + wide.narrow(axis, 2, n)) * 0.25 + x * 0.5


@lru_cache(maxsize=256)
def decimation(n: int, ring: bool) -> np.ndarray:
    """The matrix `[⌈n/2⌉, n]` that smooths a line of n sites and then halves it.

    >>> decimation(4, ring=False)
    array([[0.5  , 0.375, 0.125, 0.   ],
           [0.   , 0.125, 0.375, 0.5  ]])
    """
    wide = np.pad(np.eye(n), ((1, 1), (0, 0)), mode="wrap" if ring else "edge")
    smooth = (wide[:-2] + wide[2:]) * 0.25 + wide[1:-1] * 0.5
    return (smooth[0 : n - 1 + n % 2 : 2] + smooth[1 - n % 2 : n : 2]) * 0.5


def along_axes(values: Tensor, matrices: Sequence[Tensor]) -> Tensor:
    """The last axes of a tensor, each multiplied by its matrix `[m, n]`."""
    values = values @ matrices[-1].T
    for behind, matrix in enumerate(reversed(matrices[:-1]), start=1):
        shape = values.shape
        flat = torch.matmul(matrix, values.flatten(-behind))
        values = flat.reshape(*shape[: -behind - 1], len(matrix), *shape[-behind:])
    return values


def between(x: Tensor, axis: int, odd: int, ring: bool) -> Tensor:
    """Two sites in each of the m + 1 gaps around m sites: at ¼ and ¾ of the gap for even n, at ½ and 1 for odd n."""
    m = x.shape[axis]
    first, last = x.narrow(axis, 0, 1), x.narrow(axis, m - 1, 1)
    wide = torch.cat([last, x, first] if ring else [first, x, last], dim=axis)
    left = wide.narrow(axis, 0, m + 1)
    step = wide.narrow(axis, 1, m + 1) - left
    sites = [left + step * ((1 + odd) / 4), left + step * ((3 + odd) / 4)]
    return torch.stack(sites, dim=axis + 1).flatten(axis, axis + 1)
