"""Steps as a chain, in which what runs side by side is one part: where the signal divides and where it is joined."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from erlangen.errors import TaskError
from erlangen.repairing.steps import MEND, Step, Steps

Part = "Step | Beside"


@dataclass(frozen=True)
class Beside:
    """Branches from one signal, each a chain, joined by `join`: "add" or "concatenate". An empty one is the signal."""

    join: Step
    branches: "tuple[tuple[Step | Beside, ...], ...]"


def tree_of(found: Steps) -> "tuple[Step | Beside, ...]":
    """The chain of a network that divides and joins one inside the other, as residual networks and U-shaped ones do.

    TaskError where branches cross, or a signal is used again after they were joined.
    """
    above = _dominators(found)
    order = {name: i for i, name in enumerate((found.start, *found.steps))}
    seen: list[str] = []

    def chain(first: str, last: str) -> "tuple[Step | Beside, ...]":
        made: list[Step | Beside] = []
        name = last
        while name != first:
            step = found.steps[name]
            seen.append(name)
            if len(step.takes) == 1 and step.kind not in ("add", "concatenate"):
                made.append(step)
                name = step.takes[0]
                continue
            shared = reduce(frozenset.intersection, (above[part] for part in step.takes))
            name = max(shared, key=order.__getitem__)
            made.append(Beside(step, tuple(chain(name, part) for part in step.takes)))
        return tuple(reversed(made))

    made = chain(found.start, found.end)
    again = sorted({name for name in seen if seen.count(name) > 1}, key=order.__getitem__)
    if again:
        given = f"a network in which {again[0]} is used again after its branches were joined"
        raise TaskError(given, "branches that divide and join one inside the other", MEND)
    return made


def steps_in(parts: "Sequence[Step | Beside]") -> list[Step]:
    """All steps, in the order in which a signal meets them, joins after their branches."""
    found: list[Step] = []
    for part in parts:
        if isinstance(part, Beside):
            for branch in part.branches:
                found += steps_in(branch)
            found.append(part.join)
        else:
            found.append(part)
    return found


def _dominators(found: Steps) -> dict[str, frozenset[str]]:
    """Of each node those that every way from the input to it meets, itself among them."""
    above = {found.start: frozenset({found.start})}
    for name, step in found.steps.items():
        unknown = [part for part in step.takes if part not in above]
        if unknown or not step.takes:
            raise TaskError(f"{name}, which takes a constant", "steps that take the input or what was made of it", MEND)
        above[name] = reduce(frozenset.intersection, (above[part] for part in step.takes)) | {name}
    return above
