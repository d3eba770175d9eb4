"""How a dog moves: angles of its joints in time, by gaits of our own making."""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch

import numpy as np

from erlangen.data.skeleton import Joint, Skeleton
from erlangen.errors import DataError

HIND, FORE = ("hip", "knee", "ankle", "toe"), ("scapula", "shoulder", "elbow", "wrist", "finger")
LIVELY = 0.15  # by what part swings of a seed differ from those of the gait
WANDERS = 0.6  # of the way to the limit of a joint, at most, where it goes as it likes


@dataclass(frozen=True)
class Swing:
    """middle + size · sin 2π(n (t + leg) + lag) of the joints of these names, a pattern as files have it; `leg` is when
    the leg steps, `often` n how many times in a stride."""

    joints: str
    middle: float = 0.0
    size: float = 0.0
    lag: float = 0.0
    often: int = 1


@dataclass(frozen=True)
class Gait:
    """`steps`: when in a stride the left hind, left fore, right hind and right fore leg step; and who swings how."""

    steps: tuple[float, float, float, float]
    swings: tuple[Swing, ...]

    def angles(
        self, skeleton: Skeleton, t: np.ndarray, rng: np.random.Generator | None = None
    ) -> dict[str, np.ndarray]:
        """Of each joint that swings, `[poses]`, in radians; t counts strides. With `rng` swings are a little other."""
        found = {}
        for swing in self.swings:
            more, late = (0.0, 0.0) if rng is None else LIVELY * rng.uniform(-1, 1, 2)
            for joint in skeleton.joints:
                if fnmatch(joint.name, swing.joints):
                    phase = swing.often * (t + self._step(joint)) + swing.lag + late / 2
                    found[joint.name] = swing.middle + (1 + more) * swing.size * np.sin(2 * np.pi * phase)
        return found

    def _step(self, joint: Joint) -> float:
        """When the leg of this joint steps; 0 of what is in no leg."""
        limb, right = joint.name.split("_")[0], "_R" in joint.name
        if limb not in HIND + FORE:
            return 0.0
        return self.steps[2 * right + (limb in FORE)]


def _legs(hind: float, fore: float, bent: float) -> tuple[Swing, ...]:
    """Legs that swing by so many radians at hip and shoulder, and are bent so far while they are in the air."""
    return (
        Swing("hip_*_extend", -0.05, hind),
        Swing("knee_*", -0.5 * bent, 0.5 * bent, 0.3),
        Swing("ankle_*", -0.45 * bent, 0.45 * bent, 0.45),
        Swing("toe_*", 0.15, 0.2, 0.6),
        Swing("scapula_*_extend", 0.0, 0.45 * fore),
        Swing("shoulder_*_extend", 0.0, 0.75 * fore, 0.05),
        Swing("elbow_*", -0.6 * bent, 0.6 * bent, 0.35),
        Swing("wrist_*", -0.5 * bent, 0.5 * bent, 0.3),
        Swing("finger_*", 0.15, 0.2, 0.55),
    )


GAITS = {
    "rest": Gait((0.0, 0.0, 0.0, 0.0), (Swing("*"),)),
    "walk": Gait(
        (0.0, 0.25, 0.5, 0.75),
        (
            *_legs(0.35, 0.35, 0.45),
            Swing("L_*_bend", 0.0, 0.05),
            Swing("C_*_extend", 0.02, 0.03, 0.1, 2),
            Swing("Ca_*_bend", 0.0, 0.08),
        ),
    ),
    "trot": Gait(
        (0.0, 0.5, 0.5, 0.0),
        (
            *_legs(0.5, 0.45, 0.7),
            Swing("L_*_extend", 0.0, 0.03, 0.0, 2),
            Swing("C_*_extend", -0.05, 0.02, 0.2, 2),
            Swing("Ca_*_extend", 0.06, 0.05, 0.0, 2),
        ),
    ),
    "gallop": Gait(
        (0.0, 0.45, 0.1, 0.55),
        (
            *_legs(0.56, 0.45, 0.68),
            Swing("L_*_extend", 0.04, 0.15, 0.1),
            Swing("C_*_extend", 0.04, 0.06, 0.3),
            Swing("Ca_*_extend", 0.05, 0.05, 0.5),
        ),
    ),
    "sit": Gait(
        (0.0, 0.0, 0.0, 0.0),
        (
            Swing("hip_*_extend", -0.6, 0.04),
            Swing("knee_*", -0.9, 0.04),
            Swing("ankle_*", -0.55, 0.04),
            Swing("hip_*_abduct", 0.15),
            Swing("L_*_extend", -0.09, 0.02),
            Swing("shoulder_*_extend", 0.34, 0.03),
            Swing("elbow_*", -0.05, 0.03),
            Swing("C_*_extend", 0.08, 0.05),
            Swing("C_*_bend", 0.0, 0.11),
            Swing("Ca_*_bend", 0.0, 0.15, 0.0, 3),
            Swing("mandible", 0.1, 0.1),
        ),
    ),
    "bow": Gait(
        (0.0, 0.0, 0.0, 0.0),
        (
            Swing("hip_*_extend", -0.5, 0.04),
            Swing("knee_*", -0.1, 0.05),
            Swing("L_*_extend", 0.04, 0.02),
            Swing("scapula_*_extend", -0.26, 0.04),
            Swing("shoulder_*_extend", -0.41, 0.06),
            Swing("elbow_*", -0.38, 0.22),
            Swing("C_*_extend", -0.11, 0.04),
            Swing("Ca_*_extend", 0.08, 0.04),
            Swing("Ca_*_bend", 0.0, 0.15, 0.0, 2),
        ),
    ),
    "shake": Gait(
        (0.0, 0.0, 0.0, 0.0),
        (
            Swing("hip_*_extend", -0.25, 0.04),
            Swing("knee_*", -0.4, 0.06),
            Swing("ankle_*", -0.25, 0.04),
            Swing("hip_L_abduct", 0.08, -0.3, 0.3),  # the back turns over hind legs that stay where they are
            Swing("hip_R_abduct", 0.08, 0.3, 0.3),
            Swing("scapula_*_abduct", 0.06),
            Swing("shoulder_*_extend", 0.12, 0.03),
            Swing("elbow_*", -0.3, 0.05),
            Swing("wrist_*", -0.18, 0.03),
            Swing("C_*_twist", 0.0, 0.2),  # from the head on backwards
            Swing("C_*_extend", 0.06),
            Swing("L_*_twist", 0.0, 0.14, 0.3),
            Swing("Ca_*_bend", 0.0, 0.12, 0.5),
        ),
    ),
    "scratch": Gait(
        (0.0, 0.0, 0.0, 0.0),
        (
            Swing("hip_*_extend", -0.6, 0.04),
            Swing("knee_*", -0.9, 0.04),
            Swing("ankle_*", -0.55, 0.04),
            Swing("hip_R_abduct", 0.2),
            Swing("hip_L_extend", -1.2, 0.1, 0.0, 3),
            Swing("hip_L_abduct", 0.4, 0.06, 0.25, 3),
            Swing("knee_L", -0.9, 0.25, 0.1, 3),
            Swing("ankle_L", -0.5, 0.3, 0.2, 3),
            Swing("toe_L", 0.3, 0.15, 0.3, 3),
            Swing("L_*_extend", -0.1),
            Swing("L_*_bend", -0.1, 0.02),
            Swing("shoulder_*_extend", 0.34, 0.03),
            Swing("elbow_*", -0.05, 0.03),
            Swing("C_*_bend", 0.16, 0.02, 0.0, 3),
            Swing("C_*_twist", -0.1),
            Swing("Ca_*_bend", 0.06, 0.04),
        ),
    ),
    "stalk": Gait(
        (0.0, 0.25, 0.5, 0.75),
        (
            Swing("hip_*_extend", -0.65, 0.28),
            Swing("knee_*", -0.95, 0.25, 0.3),
            Swing("ankle_*", -0.65, 0.25, 0.45),
            Swing("toe_*", 0.3, 0.15, 0.6),
            Swing("scapula_*_extend", -0.1, 0.12),
            Swing("shoulder_*_extend", 0.35, 0.2, 0.05),
            Swing("elbow_*", -0.75, 0.22, 0.35),
            Swing("wrist_*", -0.5, 0.25, 0.3),
            Swing("finger_*", 0.3, 0.2, 0.55),
            Swing("L_*_bend", 0.0, 0.06),
            Swing("C_*_extend", 0.2, 0.02, 0.0, 2),
            Swing("atlas", 0.25),
            Swing("Ca_*_extend", -0.05),
        ),
    ),
}
WANDER = "wander"  # each joint by itself, as it likes, within a part of its limits
PITCH = {"sit": -0.36, "bow": 0.34, "scratch": -0.36}  # radians by which the whole leans, forwards counted


def angles_of(skeleton: Skeleton, gait: str, t: np.ndarray, seed: int | None = None) -> dict[str, np.ndarray]:
    """Angles of joints at times t `[poses]`, in strides, in radians.

    `gait` is one of those of `GAITS`, done a little otherwise for each `seed`; or "wander", where every joint goes its
    own slow way within three fifths of its limits, another one for each seed. Raises DataError for another gait.
    """
    make: Callable[..., dict[str, np.ndarray]] = _wandering if gait == WANDER else _gait(gait).angles
    rng = None if seed is None else np.random.default_rng([seed, *map(ord, gait)])
    return make(skeleton, np.asarray(t, dtype=np.float64), rng)


def gaits() -> tuple[str, ...]:
    """All there are.

    >>> gaits()
    ('rest', 'walk', 'trot', 'gallop', 'sit', 'bow', 'shake', 'scratch', 'stalk', 'wander')
    """
    return (*GAITS, WANDER)


def _gait(name: str) -> Gait:
    if name not in GAITS:
        raise DataError(f"the gait {name!r}", f"one of {', '.join(gaits())}", "Check the spelling.")
    return GAITS[name]


def _wandering(skeleton: Skeleton, t: np.ndarray, rng: np.random.Generator | None) -> dict[str, np.ndarray]:
    rng = rng or np.random.default_rng(0)
    found = {}
    for joint in skeleton.joints:
        often, lag, part = rng.integers(1, 4), rng.uniform(), WANDERS * rng.uniform(0.3, 1)
        way = np.sin(2 * np.pi * (often * t + lag))
        found[joint.name] = part * np.where(way < 0, -joint.low, joint.high) * way
    return found
