"""The small turns of a continuous group: in which planes of two axes, and what they do in their first moment."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import torch

from erlangen.errors import GroupError
from erlangen.groups import Element, Group

STEP = 1e-3  # of the four-point rule by which matrices are differentiated: its error is 1e-13


def planes(group: Group) -> tuple[tuple[int, int], ...]:
    """The planes of two axes in which every turn belongs to the group; none for a finite one.

    >>> from erlangen.groups import D, O, SO
    >>> planes(O(2)), planes(SO(3)), planes(D(4))
    (((0, 1),), ((0, 1), (0, 2), (1, 2)), ())
    """
    if group.order is not None:
        return ()
    return tuple(plane for plane in combinations(range(group.dimension), 2) if _knows(group, plane))


def turned(group: Group, angles: dict[tuple[int, int], float]) -> Element:
    """exp of the sum of skew matrices, of each plane by its angle: an element of the group."""
    skew = torch.zeros(group.dimension, group.dimension, dtype=torch.float64)
    for (a, b), angle in angles.items():
        skew[b, a], skew[a, b] = angle, -angle
    return group.element(torch.linalg.matrix_exp(skew).numpy())


def _knows(group: Group, plane: tuple[int, int]) -> bool:
    try:
        turned(group, {plane: 0.1})
    except GroupError:
        return False
    return True


def derivative(of: Callable[[float], np.ndarray]) -> np.ndarray:
    """d/dt at 0 by the four-point rule: (8(f(h) − f(−h)) − (f(2h) − f(−2h)))/12h."""
    near, far = (of(k * STEP) - of(-k * STEP) for k in (1, 2))
    return (8 * near - far) / (12 * STEP)
