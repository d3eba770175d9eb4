"""The digits that two chapters learn from: upright ones, met at every quarter turn."""

from torch import Tensor, nn

from erlangen.data import DataSet, load
from erlangen.domains import Grid
from erlangen.groups import C
from erlangen.task import Invariant, Task
from erlangen.tour.chapter import Tell
from erlangen.tour.learning import Effort, compared, right

SQUARE, TURNS = Grid(2), C(4)
TASK = Task(SQUARE, TURNS, 1, Invariant(10))
ANGLES = ("upright", "90°", "180°", "270°")


def upright_digits(effort: Effort) -> DataSet:
    """Real handwritten digits, 8 × 8, from the wheel of scikit-learn."""
    return load("digits", limit=effort.of(1078, 64))


def networks(effort: Effort, tell: Tell) -> dict[str, nn.Module]:
    """Derived, plain and augmented, trained once for all chapters."""
    data = upright_digits(effort)
    return effort.once("digits", lambda: compared(TASK, data, {"width": 16}, tell, epochs=effort.of(18), batch=64))


def at_each_turn(net: nn.Module, x: Tensor, y: Tensor) -> list[float]:
    """The share that is right, upright and at each quarter turn."""
    return [right(net, SQUARE.act(g, x), y) for g in TURNS.elements]
