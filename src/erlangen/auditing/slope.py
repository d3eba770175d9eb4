"""A curve of changes against sizes: where it may be read, its exponent, and its constant."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from erlangen.auditing.measure import interval95

SMALL = 0.125  # the sizes over which the slope is read end here,
LINEAR_BELOW = 0.3  # and where the change does: at 1 it can grow no more
FEWEST = 3  # points under a slope
Bounds = tuple[float, float]


@dataclass(frozen=True)
class Slope:
    """change ≈ C·εᵖ: the exponent p by least squares in logarithms, and C = change/ε, its geometric mean.

    `fitted` says which sizes both are read from. NaN where there are too few; the bounds are 95 % over resamples.
    """

    exponent: float
    exponent_bounds: Bounds
    constant: float
    constant_bounds: Bounds
    fitted: tuple[float, ...]


def fit(
    sizes: Sequence[float],
    changes: Sequence[float],
    resolved: Sequence[bool],
    drawn: Tensor,
    small: float = SMALL,
) -> Slope:
    """The slope over the small sizes that are resolved; of one that is changed much at all of these, the smallest.

    Shapes: `drawn` `[draws, sizes]`, the changes of resampled inputs. `small` is where the small sizes end.

    >>> line = fit([0.01, 0.02, 0.04], [0.02, 0.04, 0.08], [True] * 3, torch.empty(0, 3))
    >>> round(line.exponent, 6), round(line.constant, 6)
    (1.0, 2.0)
    """
    readable = [i for i, size in enumerate(sizes) if resolved[i] and size <= small]
    kept = [i for i in readable if changes[i] <= LINEAR_BELOW] or readable[:1]
    if not kept:
        return Slope(math.nan, (math.nan, math.nan), math.nan, (math.nan, math.nan), ())
    size, change = np.array([sizes[i] for i in kept]), np.array([[changes[i] for i in kept]])
    resamples = drawn[:, kept].numpy()
    with np.errstate(divide="ignore", invalid="ignore"):  # a resample without any change has no logarithm
        exponents, constants = zip(*(_both(np.log(size), np.log(c)) for c in (change, resamples)), strict=True)
    return Slope(
        float(exponents[0][0]),
        interval95(torch.as_tensor(exponents[1])),
        float(constants[0][0]),
        interval95(torch.as_tensor(constants[1])),
        tuple(size.tolist()),
    )


def _both(size: np.ndarray, change: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Exponent and constant of every row of logarithms."""
    constant = np.exp((change - size).mean(1))
    if len(size) < FEWEST:
        return np.full(len(change), math.nan), constant
    away = size - size.mean()
    return change @ away / (away @ away), constant
