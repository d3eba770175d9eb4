"""From a task on sets of signals to its layers: those of a member, what members exchange, and those of the set."""

from collections.abc import Sequence
from typing import Any

from erlangen import layers as L
from erlangen.blueprint.packed import layers_on_packed
from erlangen.domains import Nest, Point, Set
from erlangen.errors import TaskError
from erlangen.layers import Layer
from erlangen.signal import Space
from erlangen.task import Equivariant, Invariant, Task

WIDTH = 64
SET = ("set_layer", "set_depth", "set_pool")


def layers_on_nests(
    task: Task, width: Any, depth: int | None, scales: int | None, given: dict[str, Any], derive: Any
) -> tuple[list[Layer], tuple[str, ...]]:
    """The layers of a task on sets of signals, and why they were chosen. `derive` makes those of a member."""
    domain: Any = task.domain
    exchange = given.pop("exchange", True)
    further = {name: given.pop(name) for name in SET if name in given}
    target = task.target.domain
    if isinstance(target, Nest):  # an answer at every point of every member
        member = derive(Task(domain.of, task.symmetry, task.input, task.output), width, depth, scales, **given)
        return _of_members(list(member), exchange), _notes(task, member.notes, exchange)
    if not isinstance(target, Point | Set):
        raise TaskError(
            f"{task.output!r} on {domain!r}", "an answer for the set, a member, or its points", "er.Invariant(n)."
        )
    if not task.target.rho.is_trivial:
        if isinstance(target, Point):
            given_output = f"{task.output!r} on {domain!r}"
            raise TaskError(given_output, "scalars", "Members are moved apart: the whole has no direction.")
        each = Task(domain.of, task.symmetry, task.input, Equivariant(task.target.rho, pooled=True))
        member = derive(each, width, depth, scales, **given)
        return _of_members(list(member), exchange), _notes(task, member.notes, exchange)
    read = Invariant(WIDTH)
    member = derive(Task(domain.of, task.symmetry, task.input, read), width, depth, scales, **given)
    made = _of_members(list(member), exchange)
    scalars = made[-1].target
    answer = Invariant(task.target.channels) if isinstance(target, Point) else Equivariant(task.target.channels)
    made.append(L.nonlinearity(scalars))
    of_set = Task(Set(), task.symmetry, WIDTH, answer)
    choices = {name.removeprefix("set_"): value for name, value in further.items()}
    depth_of_set = choices.pop("depth", 1)
    layers, notes = layers_on_packed(of_set, WIDTH, depth_of_set, None, {"fields": task.symmetry.trivial, **choices})
    return [*made, *layers], (*_notes(task, member.notes, exchange), *notes)


def _of_members(layers: Sequence[Layer], exchange: bool) -> list[Layer]:
    """Each layer for every member by itself; to linear ones, but for the first, what all have in common is added."""
    made: list[Layer] = []
    for i, layer in enumerate(layers):
        own = L.Within(layer)
        shared = exchange and i > 0 and _hears_others(layer, own)
        made.append(L.Sum([own, L.Exchange(own.source, own.target)]) if shared else own)
    return made


def _hears_others(layer: Layer, own: L.Within) -> bool:
    """Whether it is a linear layer between signals on members, with invariants at both ends."""
    alike = layer.kind == "linear" and own.source.domain == own.target.domain and isinstance(own.source.domain, Nest)
    if not alike or isinstance(layer, L.Skip | L.Chain):
        return False
    return all(_has_invariants(space) for space in (layer.source, layer.target))


def _has_invariants(space: Space) -> bool:
    from erlangen.representations import intertwiner_basis

    return any(len(intertwiner_basis(space.group.trivial, field)) for field, _ in space.rho.fields)


def _notes(task: Task, member: Sequence[str], exchange: bool) -> tuple[str, ...]:
    heard = (
        "Every member is heard by itself, moved by an element of its own; linear layers add what no motion of a "
        "member changes, in the mean over the set."
        if exchange
        else "Every member is heard by itself; they meet at the end."
    )
    return (heard, *member)
