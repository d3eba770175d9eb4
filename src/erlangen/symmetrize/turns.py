"""Elements of a continuous group that are drawn near the identity: turns by up to an angle."""

import math
from typing import Any

import torch

from erlangen.errors import GroupError, InputError
from erlangen.given import number
from erlangen.groups import SO, Element, Group, O

CONTINUOUS = (SO(2), O(2), SO(3), O(3))


def read_most(group: Group, most: Any) -> float | None:
    """The largest angle, in radians, from above 0 to π; None for all of the group."""
    if most is None:
        return None
    mend = "In radians: most=math.pi / 12 is 15° each way."
    angle = number("most", most, InputError, below=math.nextafter(math.pi, 4), mend=mend)
    if angle == 0:
        raise InputError(f"most={most!r}", "an angle above 0", mend)
    if group not in CONTINUOUS:
        given, expected = f"most={most!r} for {group!r}", f"one of {', '.join(map(repr, CONTINUOUS))}"
        raise GroupError(given, expected, "A finite group has no small turns: leave most out.")
    return angle


def near_identity(group: Group, most: float, count: int, generator: torch.Generator | None) -> list[Element]:
    """R(a), a uniform from −most to most; in space about an axis uniform on the sphere.

    Of O(2) and O(3) as often with the mirror, or the inversion, before it as without.
    """
    dim = group.dimension or 2
    angles = most * (2 * torch.rand(count, generator=generator, dtype=torch.float64) - 1)
    axes = torch.randn(count, dim, generator=generator, dtype=torch.float64)
    reflects = torch.randint(2, (count,), generator=generator).bool() & (group in (O(2), O(3)))
    skew = torch.zeros(count, dim, dim, dtype=torch.float64)
    if dim == 2:
        skew[:, 1, 0], skew[:, 0, 1] = angles, -angles
    else:
        a = angles[:, None] * axes / axes.norm(dim=1, keepdim=True)
        skew[:, 2, 1], skew[:, 0, 2], skew[:, 1, 0] = a.T
        skew = skew - skew.mT
    turns = torch.linalg.matrix_exp(skew)
    turned_round = turns * torch.tensor([1.0, -1.0], dtype=torch.float64) if dim == 2 else -turns
    matrices = torch.where(reflects[:, None, None], turned_round, turns)
    return [group.element(matrix.numpy()) for matrix in matrices]
