"""Molecular dynamics in a bath: frames of a trajectory with their energies and forces, by any labeller."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from erlangen.errors import DataError

Array = np.ndarray
Labeller = Callable[[Array], tuple[float, Array]]  # positions [n, 3] in Å → energy in eV, forces [n, 3] in eV/Å

BOLTZMANN = 8.617333262e-5  # eV/K
ACCELERATION = 9.648533212e-3  # of 1 eV/Å on 1 u, in Å/fs²


class Frames(NamedTuple):
    """Of each frame `position` `[frames, n, 3]` in Å, `energy` `[frames]` in eV, `force` `[frames, n, 3]` in eV/Å."""

    position: Array
    energy: Array
    force: Array


class Bath(NamedTuple):
    """Of which temperature the bath is (K), how strongly it couples (1/fs), and how long a step is (fs)."""

    temperature: float = 500.0
    friction: float = 0.01
    step: float = 0.5


AT_500_KELVIN = Bath()


def trajectory(
    label: Labeller,
    start: Array,
    masses: Array,
    frames: int,
    every: int,
    skipped: int,
    seed: int,
    bath: Bath = AT_500_KELVIN,
) -> Frames:
    """dx = v dt, m dv = F dt − γ m v dt + √(2 γ m k T) dW: a frame every so many steps, after `skipped` ones.

    The splitting BAOAB: half a kick, half a drift, the bath exactly, half a drift, half a kick. Velocities begin as
    they are at this temperature. Shapes: start `[n, 3]` in Å, masses `[n]` in u. DataError where the forces are not
    finite any more.

    >>> spring = lambda x: (float(x[0] @ x[0]) / 2, -x)
    >>> found = trajectory(spring, np.zeros((1, 3)), np.ones(1), frames=400, every=20, skipped=100, seed=0)
    >>> bool(abs((found.position**2).mean() / (BOLTZMANN * 500) - 1) < 0.2)
    True

    Leimkuhler, Matthews 2013, doi:10.1093/amrx/abs010.
    """
    rng, step = np.random.default_rng(seed), bath.step
    thermal = np.sqrt(BOLTZMANN * bath.temperature * ACCELERATION / masses)[:, None]
    kept = np.exp(-bath.friction * step)
    x, v = np.array(start, dtype=np.float64), thermal * rng.standard_normal(start.shape)
    push = step / 2 * ACCELERATION / masses[:, None]
    energy, force = label(x)
    held: list[tuple[Array, float, Array]] = []
    for number in range(1, skipped + frames * every + 1):
        x = x + step / 2 * (v := v + push * force)
        v = kept * v + np.sqrt(1 - kept**2) * thermal * rng.standard_normal(x.shape)
        x = x + step / 2 * v
        energy, force = label(x)
        v = v + push * force
        if number > skipped and (number - skipped) % every == 0:
            held.append((x, energy, force))
    found = Frames(*(np.stack(part) for part in zip(*held, strict=True)))
    if not np.isfinite(found.force).all():
        raise DataError("a trajectory whose forces are not finite", "a shorter step", "Take half of it.")
    return found


def in_own_frame(found: Frames, like: Array) -> Frames:
    """Each frame shifted and turned so that it lies as nearly as may be on `like` `[n, 3]`; its forces turn along.

    What a molecule does as a whole is taken away. Kabsch 1976, doi:10.1107/S0567739476001873.
    """
    middle = found.position - found.position.mean(1, keepdims=True)
    u, _, vt = np.linalg.svd(np.einsum("fni,nj->fij", middle, like - like.mean(0)))
    u[:, :, 2] *= np.linalg.det(u @ vt)[:, None]
    turn = u @ vt
    return Frames(middle @ turn, found.energy, found.force @ turn)
