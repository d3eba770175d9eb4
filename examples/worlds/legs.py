"""Two legs that hang from one hip and swing sideways: the torques that a motion takes. A mirror swaps left and right.

Each leg is two uniform rods, of length and mass 1, with angles from the vertical, positive to the right. A spring
between the hips joins the two. Torques by Lagrange's equations, gravity 9.81.
"""

from typing import NamedTuple

import torch
from torch import Tensor

import erlangen as er

GRAVITY, SPRING = 9.81, 3.0
ANGLES = ("left hip", "left knee", "right hip", "right knee")


class Motions(NamedTuple):
    """Angles, velocities and accelerations of the four joints, `[n, 12]`, and the torques `[n, 4]`."""

    states: Tensor
    torques: Tensor


def mirror() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What the mirror does to the four joints, as a signed permutation: the sides change places, and every sign."""
    return (2, 3, 0, 1), (-1, -1, -1, -1)


def domain() -> er.Finite:
    """The twelve numbers of a motion under the mirror of the body."""
    images, signs = mirror()
    return er.Finite(er.Mirror(), [(tuple(4 * k + i for k in range(3) for i in images), signs * 3)])


def torques() -> er.Representation:
    """How the mirror moves the four torques: as it does the angles."""
    return er.Finite(er.Mirror(), [mirror()]).action


def drawn(n: int, seed: int) -> Motions:
    """Motions at random, and their torques."""
    states = torch.randn(n, 12, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return Motions(states.float(), torques_of(states).float())


def torques_of(states: Tensor) -> Tensor:
    """The torques `[n, 4]` of motions `[n, 12]`, in units of ten."""
    q, v, a = states.chunk(3, dim=1)
    left, right = (_leg(*(part[:, side : side + 2] for part in (q, v, a))) for side in (0, 2))
    pull = SPRING * (q[:, :1] - q[:, 2:3])
    return (torch.cat([left, right], dim=1) + pull * states.new_tensor([1, 0, -1, 0])) / 10


def _leg(q: Tensor, v: Tensor, a: Tensor) -> Tensor:
    """M(q) a + c(q, v) + g(q) of two rods in line, both angles from the vertical."""
    apart = q[:, 0] - q[:, 1]
    couple, twist = 0.5 * apart.cos(), 0.5 * apart.sin()
    hip = 4 / 3 * a[:, 0] + couple * a[:, 1] + twist * v[:, 1] ** 2 + 1.5 * GRAVITY * q[:, 0].sin()
    knee = 1 / 3 * a[:, 1] + couple * a[:, 0] - twist * v[:, 0] ** 2 + 0.5 * GRAVITY * q[:, 1].sin()
    return torch.stack([hip, knee], dim=1)
