"""From a task on sequences to recurrent layers: states that every step changes in the same way."""

from collections.abc import Sequence as Several
from dataclasses import dataclass, replace
from typing import Any

from erlangen import layers as L
from erlangen.blueprint.choosing import check_one_of, chosen
from erlangen.domains import Sequence
from erlangen.errors import TaskError
from erlangen.given import flag, number, whole
from erlangen.layers import Layer
from erlangen.layers.invariant.time import METHODS
from erlangen.signal import Space
from erlangen.task import Task

WIDTH, DEPTH = 64, 2
CLOCKED = ("gated", "state-space")
RECURRENT = (*CLOCKED, "lstm", "gru", "rnn")


@dataclass(frozen=True)
class RecurrentChoices:
    """What a user may choose for recurrent layers besides width and depth."""

    layer: str | None = None
    slowest: float | None = None
    gate: str = "rate"
    states: int = 8
    selective: bool = True
    pool: str = "last"
    residual: bool = True

    def __post_init__(self) -> None:
        for name in ("selective", "residual"):
            flag(name, getattr(self, name), TaskError)
        check_one_of("pool", self.pool, METHODS)


def is_recurrent(task: Task, given: dict[str, Any]) -> bool:
    """Whether recurrent layers are asked for: by the warping of time, or by what only they have."""
    own = {"layer", "slowest", "gate", "states", "selective"} & set(given)
    return task.warped or (isinstance(task.domain, Sequence) and bool(own))


def recurrent_layers(
    task: Task, width: int | Several[int] | None, depth: int | None, scales: int | None, given: dict[str, Any]
) -> tuple[list[Layer], tuple[str, ...]]:
    """The layers of a task on sequences, and why they were chosen."""
    choices = chosen(RecurrentChoices, given)
    choices = replace(choices, layer=choices.layer or CLOCKED[0])
    check_one_of("layer", choices.layer, CLOCKED if task.warped else RECURRENT, f" for {task!r}")
    if choices.slowest is not None:
        least = 1.0 if choices.layer in CLOCKED else 2.0
        number("slowest", choices.slowest, TaskError, least=least, mend="Steps: about what depends on each other.")
    if scales not in (None, 1) or isinstance(width, Several):
        raise TaskError(f"scales={scales}, width={width} of recurrent layers", "one scale, one width", "Add depth.")
    hidden = Space(task.domain, whole("width", WIDTH if width is None else width, TaskError) * task.symmetry.trivial)
    made: list[Layer] = []
    for i in range(whole("depth", DEPTH if depth is None else depth, TaskError)):
        layer = _layer(choices, task.source if i == 0 else hidden, hidden)
        made.append(L.skip([layer], join="add") if choices.residual and layer.source == hidden else layer)
    if not task.target.domain.axes:
        made.append(L.TimePool(hidden, choices.pool))
        return [*made, L.linear(made[-1].target, task.target)], _notes(task, choices, hidden, len(made) - 1)
    return [*made, L.linear(hidden, task.target, kernel_size=1)], _notes(task, choices, hidden, len(made))


def _layer(choices: RecurrentChoices, source: Space, target: Space) -> Layer:
    if choices.layer == "gated":
        return L.GatedRecurrence(source, target, choices.gate, choices.slowest)
    if choices.layer == "state-space":
        return L.StateSpace(source, target, choices.states, choices.selective, choices.slowest)
    return L.Recurrent(source, target, choices.layer or "", choices.slowest)


_WHY = {
    "gated": "A gate that is told how long each step is: any split of a step into shorter ones leads to one state.",
    "state-space": "A linear system in continuous time, solved exactly for the length of each step.",
    "lstm": "Torch's LSTM, its candidate without a bias. Its gates let it learn another scale of time, not keep it.",
    "gru": "Torch's GRU, its candidate without a bias. Its gates let it learn another scale of time, not keep it.",
    "rnn": "A plain RNN without biases: without a gate, the same network at another speed is no network of its kind.",
}


def _notes(task: Task, choices: RecurrentChoices, hidden: Space, depth: int) -> tuple[str, ...]:
    notes = [f"Width: {hidden.channels} channels a step.", _WHY[choices.layer or ""]]
    notes.append(f"{depth} layer{'s' if depth > 1 else ''}{', each added to its input' * choices.residual}.")
    notes.append(
        "Shifts: zeros before a sequence leave the zero state as it is"
        + (
            ", and the mean over its time counts them."
            if choices.pool == "mean" and not task.target.domain.axes
            else ", so answers come later and unchanged."
        )
    )
    if choices.layer in CLOCKED:
        notes.append(
            "Warps of time: exact to rounding with dt= and, where there is more than one layer, holds=; without dt, "
            "net.warped(c) is the network for signals that run c times slower."
        )
    if choices.slowest is not None:
        notes.append(f"Chrono: to begin with the channels remember up to {choices.slowest:g} steps, uniformly.")
    where = "at every step" if task.target.domain.axes else f"of the whole: the {choices.pool} state"
    return (*notes, f"An answer {where}.")
