"""Which fields a network on the sphere has inside, and how few degrees tell one answer that moves with the signal."""

from erlangen.domains import Sphere
from erlangen.errors import MissingError
from erlangen.representations import Representation, direct_sum
from erlangen.representations.tangent import Tangent, places
from erlangen.solve.from_degrees import can_tell
from erlangen.task import Task

SHARE = 4  # of the width that are vectors, and that are what changes its sign in mirrors


def is_read_off(task: Task) -> bool:
    """Whether one answer is asked for that moves."""
    return not task.target.domain.axes and not task.target.rho.is_trivial


def hidden_fields(task: Task, width: int, band: int) -> Representation:
    """Scalars; half of them tangent vectors where the task has such, or where one answer takes curls to be told."""
    beside = _beside_scalars(task, band)
    counts = [max(1, width // SHARE) for _ in beside]
    taken = sum(count * field.dim for count, field in zip(counts, beside, strict=True))
    return direct_sum((task.symmetry.trivial, max(1, width - taken)), *zip(beside, counts, strict=True))


def fewest_degrees(task: Task, fields: Representation, least: int, most: int) -> int:
    """How many are left at the coarsest scale: `least`, or as many as one answer that moves takes to be told."""
    if not is_read_off(task):
        return least
    return next((band for band in range(least, most) if _tells(task, fields, band)), most)


def _beside_scalars(task: Task, band: int) -> tuple[Representation, ...]:
    """The least of nothing, vectors, and vectors with what changes its sign in mirrors, that can tell all of it."""
    has_vectors = bool(places(task.input) or places(task.target.rho))
    ways = [*([] if has_vectors else [()]), *_with_vectors(task)]
    if is_read_off(task):
        return next((way for way in ways if _tells(task, sum(way, task.symmetry.trivial), band)), ways[0])
    return ways[0]


def _with_vectors(task: Task) -> list[tuple[Representation, ...]]:
    vectors = Tangent(task.symmetry)
    try:
        return [(vectors,), (vectors, task.symmetry.sign)]
    except MissingError:  # no mirrors, so no such sign
        return [(vectors,)]


def _tells(task: Task, fields: Representation, band: int) -> bool:
    domain = task.domain
    assert isinstance(domain, Sphere)
    return can_tell(domain, fields, task.target.rho, band)
