"""From a task on clouds of points to a flight: one law of forces, learnt, by which they move for a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from erlangen import layers as L
from erlangen.blueprint.choosing import check_one_of, chosen
from erlangen.blueprint.point_plan import FLIGHT
from erlangen.errors import TaskError
from erlangen.given import number, whole
from erlangen.layers import Layer
from erlangen.signal import Space
from erlangen.task import Positions, Task

WIDTH, STEPS = 32, 8


@dataclass(frozen=True)
class FlightChoices:
    """What a user may choose besides the width, of features, and the depth, the steps: see `er.layers.SEGNO`."""

    layer: str = FLIGHT
    hidden: int = 64
    scale: float = 1.0
    time: float = 1.0
    pool: str = "mean"

    def __post_init__(self) -> None:
        check_one_of("layer", self.layer, (FLIGHT,))
        whole("hidden", self.hidden, TaskError)
        number("scale", self.scale, TaskError, mend="A usual distance, in the unit of the positions.")
        number("time", self.time, TaskError, mend="How much time passes, in the unit of the velocities.")


def layers_in_flight(
    task: Task, width: int | Sequence[int] | None, depth: int | None, scales: int | None, given: dict[str, Any]
) -> tuple[list[Layer], tuple[str, ...]]:
    """The layers of a task on points that fly, and why they were chosen."""
    choices = chosen(FlightChoices, given)
    if isinstance(width, Sequence) or scales not in (None, 1):
        raise TaskError(f"width={width}, scales={scales} on {task.domain!r}", "one width, one scale", "Add depth.")
    channels = whole("width", WIDTH if width is None else width, TaskError)
    steps = whole("depth", STEPS if depth is None else depth, TaskError, least=2)
    at_points = Space(task.domain, task.target.rho)
    made: list[Layer] = [
        L.SEGNO(task.source, at_points, channels, choices.hidden, steps, choices.scale, choices.time),
        *_answer(task, choices, at_points),
    ]
    notes = (
        f"{steps} steps through a time of {choices.time:g}, all with the same weights: one law at all times.",
        "Forces are equal and opposite, so the centre of the cloud flies straight; what else is conserved is learnt.",
        f"{channels} features a point, which change on the way; messages of {choices.hidden} channels.",
    )
    return made, notes


def _answer(task: Task, choices: FlightChoices, at_points: Space) -> list[Layer]:
    """Where each point is then, what each says, or for one answer their mean or sum."""
    if isinstance(task.output, Positions):
        return [L.Displacement(at_points)]
    return [] if task.target == at_points else [L.PackedPool(at_points, choices.pool)]
