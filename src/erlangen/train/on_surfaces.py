"""Runs on surfaces: how these move in space, what answers do then, and the network that looks at where they lie."""

from dataclasses import replace

from erlangen.domains import Mesh
from erlangen.errors import ConfigError
from erlangen.groups import SO, Group, Isometries, O, RigidMotions
from erlangen.representations import Representation
from erlangen.task import Equivariant, Task


def declared(task: Task) -> Isometries | RigidMotions:
    """The symmetry by which surfaces are known, of a task on a mesh.

    >>> from erlangen.task import Invariant
    >>> declared(Task(Mesh(), Isometries(), output=Invariant(2)))
    Isometries(oriented=False)
    """
    domain = task.domain
    assert isinstance(domain, Mesh)
    return Isometries(oriented=isinstance(task.symmetry, SO)) if domain.intrinsic else RigidMotions()


def in_space(task: Task) -> Group:
    """The group by which surfaces are turned: with mirrors where left is not told from right.

    >>> from erlangen.task import Invariant
    >>> in_space(Task(Mesh(), Isometries(oriented=True), output=Invariant(2)))
    SO(3)
    """
    return O(3) if isinstance(task.symmetry, O) and not _ambient(task) else SO(3)


def answers_in_space(task: Task) -> Representation:
    """How answers turn along: as vectors of space, where these are asked for, else not at all."""
    group, channels = in_space(task), task.target.channels
    return channels // 3 * group.standard if _ambient(task) else channels * group.trivial


def extrinsic_task(task: Task) -> Task:
    """The same question asked of surfaces as they lie in space: rigid motions alone leave the answer as it is.

    ConfigError for what is no question of intrinsic surfaces, and where answers are in frames.

    >>> extrinsic_task(Task(Mesh(), Isometries(), output=Equivariant(3))).domain
    Mesh(intrinsic=False)
    """
    domain, output = task.domain, task.output
    if not isinstance(domain, Mesh) or not domain.intrinsic:
        mend = 'Leave "extrinsic" out.'
        raise ConfigError(f'train.models with "extrinsic" on {domain!r}', "er.Mesh(), intrinsic", mend)
    if task.input != domain.natural_input(task.symmetry) or not task.target.rho.is_trivial or _ambient(task):
        given = f'train.models with "extrinsic" for {task.input} and {output!r}'
        raise ConfigError(given, "scalars, of surfaces without features of their own", 'Leave "extrinsic" out.')
    place = replace(domain, intrinsic=False, features=None)
    dense = isinstance(output, Equivariant)
    return Task(place, RigidMotions(), None, Equivariant(task.target.channels, output.pooled) if dense else output)


def _ambient(task: Task) -> bool:
    return isinstance(task.output, Equivariant) and task.output.ambient
