"""The worst element of a continuous group: from the worst of those drawn on, by a small local search.

max_g √(mean ‖f(g·x) − g·f(x)‖² / (Var f(g·x) + Var g·f(x))): in the plane by golden sections of the angle (Kiefer
1953, doi:10.1090/S0002-9939-1953-0055639-3), in space by random small turns that are kept where they are worse.
"""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from erlangen.auditing.examine import Examiner, Finding
from erlangen.auditing.motion import Turn
from erlangen.auditing.plan import Question
from erlangen.auditing.planes import planes, turned
from erlangen.groups import Group
from erlangen.pages import several

REACH = math.pi / 8  # how far from the start the angle is sought, each way: 16 drawn ones are about that far apart
GOLDEN = (math.sqrt(5) - 1) / 2
SHORTER = 0.7  # a random step that finds nothing worse is followed by shorter ones
Steps = np.ndarray


def worst_found(
    examiner: Examiner, findings: list[Finding], group: object, calls: int, seed: int
) -> tuple[Question, list[Finding]] | None:
    """A row of its own: the element of the largest error that `calls` further calls of the model find.

    The last call is spent on its numbers. It is judged by the same rules as any element. None where the group is
    finite, or where no error is known to start from.
    """
    known = [f for f in findings if isinstance(f.motion, Turn) and not math.isnan(f.numbers.error)]
    if calls == 0 or not known or not isinstance(group, Group) or not planes(group):
        return None
    start = max(known, key=lambda f: f.numbers.error)
    motion = _search(examiner, start, group, calls - 1, seed)
    name = f"worst found by search, {several(calls, 'call')}"
    return Question(str(group), name, (motion,), judged=True), [examiner.examine(motion)]


def _search(examiner: Examiner, start: Finding, group: Group, calls: int, seed: int) -> Turn:
    turn = start.motion
    assert isinstance(turn, Turn)  # worst_found chose it
    found, first = planes(group), group.element(turn.g)

    def near(steps: Steps) -> Turn:
        return replace(turn, g=turned(group, dict(zip(found, steps.tolist(), strict=True))) @ first)

    def error(steps: Steps) -> float:
        measured = examiner.error(near(steps))
        return -1.0 if math.isnan(measured) else measured

    best = _golden(error, calls) if len(found) == 1 else _random(error, len(found), calls, seed, start.numbers.error)
    return near(best[0]) if best[1] > start.numbers.error else turn


def _golden(error: Callable[[Steps], float], calls: int) -> tuple[Steps, float]:
    """The largest error seen while the interval about the start is cut, each time by the golden section."""
    low, high = -REACH, REACH
    seen: dict[float, float] = {}
    inner = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)]
    for _ in range(calls):
        angle = next((a for a in inner if a not in seen), None)
        if angle is None:
            if seen[inner[0]] >= seen[inner[1]]:
                high, inner = inner[1], [inner[1] - GOLDEN * (inner[1] - low), inner[0]]
                angle = inner[0]
            else:
                low, inner = inner[0], [inner[1], inner[0] + GOLDEN * (high - inner[0])]
                angle = inner[1]
        seen[angle] = error(np.array([angle]))
    best = max(seen, key=lambda a: seen[a], default=0.0)
    return np.array([best]), seen.get(best, -1.0)


def _random(
    error: Callable[[Steps], float], planes_known: int, calls: int, seed: int, start: float
) -> tuple[Steps, float]:
    rng = np.random.default_rng(seed)
    at, most, reach = np.zeros(planes_known), start, REACH
    for _ in range(calls):
        step = rng.standard_normal(planes_known)
        tried = at + reach * step / np.linalg.norm(step)
        found = error(tried)
        if found > most:
            at, most = tried, found
        else:
            reach *= SHORTER
    return at, most
