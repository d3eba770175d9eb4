"""The fields that stand between input and answer: those that were asked for, or chosen, and why."""

from typing import NamedTuple

import numpy as np

from erlangen.domains import Lattice
from erlangen.errors import RepresentationError, TaskError
from erlangen.groups import SO, C, Element, Group, O, Subgroup
from erlangen.representations import Representation, direct_sum
from erlangen.representations.base import Irrep
from erlangen.representations.subgroups import core_free_cyclic
from erlangen.task import Task

USUAL_FREQUENCY = {1: 3, 2: 3, 3: 2}  # by dimension: of functions on a continuous group, where the answer needs no more
WIDTH = 32  # channels at the finest scale, at least, where none are asked for
FEWEST = 4  # regular fields: each is one filter turned every way, and fewer see too little of a signal


class Hidden(NamedTuple):
    """The fibre that is repeated, and what there is to say about it."""

    fibre: Representation
    why: str = ""


def hidden_fields(
    task: Task,
    wanted: str | Representation | None,
    width: int | None,
    max_frequency: int | None,
    nonlinearity: str | None,
) -> Hidden:
    """The representation asked for; else regular fields or, in space, smaller ones where few of them would fit.

    A regular field of a large group takes many channels for one filter. In space the groups are large.
    """
    group = task.symmetry
    if max_frequency is not None and (group.order is not None or isinstance(wanted, Representation)):
        raise TaskError(
            f"max_frequency={max_frequency} for fields={wanted!r} of {group!r}",
            "functions on a continuous group, which are cut off somewhere",
            "Leave it out, or pass fields=G.band_limited_regular(m).",
        )
    if isinstance(wanted, Representation):
        if wanted.group != group:
            raise TaskError(f"fields of {wanted.group!r}", f"a representation of {group!r}", "Restrict it first.")
        return Hidden(wanted)
    if wanted not in (None, "regular"):
        raise TaskError(f"fields={wanted!r}", '"regular" or a representation', "For irreps pass G.irrep(…) + ….")
    regular = group.regular if group.order is not None else group.band_limited_regular(max_frequency or 0)
    fitting = round((width or WIDTH) / regular.dim)
    if wanted is None and task.domain.axes == 3 and fitting < FEWEST:
        smaller = _on_directions(task, nonlinearity) if group.order is not None else _once_each(regular)
        if smaller is not None:
            return Hidden(smaller, _why_smaller(smaller, regular, task, max_frequency, nonlinearity))
    return Hidden(regular, _why_regular(regular, task, max_frequency, nonlinearity))


def default_frequency(task: Task) -> int:
    """The usual one, or the highest in the answer, which is read from fields that hold its irreps."""
    rho, frequency = task.target.rho, USUAL_FREQUENCY[task.domain.axes]
    try:
        irreps = all(isinstance(field, Irrep) for field, _ in rho.fields)
        parts = {part for part, _ in (rho.fields if irreps else rho.decompose().parts)}
    except RepresentationError:  # of some products no decomposition is known; what does not fit is then refused later
        return frequency
    while not parts <= set(task.symmetry.irreps(frequency)):
        frequency += 1
    return frequency


def _once_each(regular: Representation) -> Representation | None:
    """Every irrep once: of SO(3), the functions on the sphere up to the same degree."""
    once = direct_sum(*((irrep, 1) for irrep, _ in regular.fields))
    return once if once.dim < regular.dim else None


def _on_directions(task: Task, nonlinearity: str | None) -> Representation | None:
    """The functions on G/H, where H are the turns about one axis: what looks along it; and scalars, if any are asked.

    None where there is no such H, or where the answer needs an irrep that these do not hold.
    """
    turns = _turns_about_an_axis(task) if nonlinearity in (None, "pointwise") else None
    if turns is None:
        return None
    directions = task.symmetry.quotient(turns)
    held = {irrep for irrep, _ in directions.decompose().parts}
    needed = {irrep for irrep, _ in task.target.rho.decompose().parts}
    scalars = 2 * task.symmetry.trivial
    if not needed <= held:
        return None
    return scalars + directions if task.symmetry.trivial in needed else directions  # no vector is made of scalars


def _turns_about_an_axis(task: Task) -> Group | None:
    """The largest cyclic group of rotations that holds no normal subgroup, so that G/H tells all elements apart."""
    group = task.symmetry
    if all(a @ b == b @ a for a in group.generators for b in group.generators):
        return None  # of an abelian group every subgroup is normal
    turns = core_free_cyclic(group, lambda g: _is_rotation(task, g))
    return None if turns is None else _named(turns)


def _is_rotation(task: Task, g: Element) -> bool:
    moved = task.domain.cartesian(g) if isinstance(task.domain, Lattice) else None
    return moved is not None and bool(np.linalg.det(moved) > 0)


def _named(turns: Subgroup) -> Group:
    """A conjugate of the group of turns that has a name, as the turns about a coordinate axis have; else itself."""
    group, (turn,) = turns.parent, turns.generating
    members = next(members for members in group.conjugacy_classes if turn in members)
    for axis in (2, 1, 0):
        named = C(turns.order, axis=axis)
        if all(group.contains(g) and group.element(g) in members for g in named.generators):
            return named
    return turns


# ---- why -----------------------------------------------------------------------------------------------------------
def _why_regular(regular: Representation, task: Task, max_frequency: int | None, nonlinearity: str | None) -> str:
    if regular.dim == 1:
        return ""
    if regular.group.order is not None:
        return "Regular fields: they hold every irrep, so nothing is lost, and any pointwise function keeps them."
    fields = f"Fields are functions on the group, up to {_frequency(task, max_frequency)}, stored by their irreps"
    return f"{fields}{_how_sampled(nonlinearity)}"


def _frequency(task: Task, max_frequency: int | None) -> str:
    """How high, and whether for the answer's sake."""
    usual, chosen = USUAL_FREQUENCY[task.domain.axes], max_frequency or 0
    needed = f" (not {usual}, since the answer needs it)" if usual < chosen == default_frequency(task) else ""
    return f"frequency {chosen}{needed}"


def _why_smaller(
    smaller: Representation, regular: Representation, task: Task, max_frequency: int | None, nonlinearity: str | None
) -> str:
    kind = "Regular fields" if regular.group.order else "Functions on the whole group"
    few = f"{kind} take {regular.dim} channels each; fewer than {FEWEST} would fit, each one filter turned every way."
    if regular.group.order is None:
        once = f"So fields hold each irrep once, up to {_frequency(task, max_frequency)}{_like(regular.group)}"
        return f"{few} {once}{_how_sampled(nonlinearity)}"
    *scalars, (directions, _) = smaller.fields
    beside = "".join(f"{count} scalars and " for _, count in scalars)
    directed = f"what looks along one of {directions.dim} directions, which are permuted"
    return f"{few} So there {'are' if beside else 'is'} {beside}{directed}: any pointwise function keeps them."


def _like(group: Group) -> str:
    """What it is that holds each irrep of the group once."""
    if group == SO(3):
        return ", as functions on the sphere do"
    both = ", of each degree both parities, as a function and a pseudo-function on the sphere do together"
    return both if group == O(3) else ""


def _how_sampled(nonlinearity: str | None) -> str:
    if nonlinearity != "fourier":
        return f"; the nonlinearity, {nonlinearity}, takes each irrep by itself."
    return ": for a nonlinearity they are sampled on the group, where any function is pointwise, and cut back."
