"""How results are spoken of: pictures upright or moved, graphs stored or relabelled, sequences at other speeds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from erlangen.pages import several
from erlangen.train.paced import AS_RECORDED, SPEED
from erlangen.train.relabelled import AS_STORED, RELABELLED
from erlangen.train.turned import TURNED

if TYPE_CHECKING:
    from erlangen.train.tested import Tested


@dataclass(frozen=True)
class Words:
    """How one kind of result is spoken of.

    `still` and `moved`: whether an input is as the data have it; `element`: what it is moved by; `run`: one of many;
    `among` where answers are compared, `moving` what moves, `others` the heading of all but the first, `kept` where
    nothing is interpolated.

    >>> UPRIGHT.at_first, STORED.moved, STORED.runs(3)
    ('Upright', 'relabelled', '3 seeds')
    """

    still: str
    moved: str
    element: str
    elements: str
    run: str = "seed"
    among: str = "at moved inputs"
    moving: str = "moving"
    others: str = "At the other elements"
    kept: str = "on the lattice"

    @property
    def at(self) -> str:
        """At an element, in an order."""
        return "in" if self.element == "order" else "at"

    @property
    def at_first(self) -> str:
        """`still`, at the beginning of a sentence."""
        return self.still.capitalize()

    def runs(self, n: int) -> str:
        """So many seeds or folds."""
        return several(n, self.run)


UPRIGHT = Words("upright", "moved", "element", "elements")
STORED = Words(
    AS_STORED,
    RELABELLED,
    "order",
    "orders",
    among="at relabelled inputs",
    moving="relabelling",
    others="In the other orders",
)
TOGETHER = Words(AS_STORED, "moved", "element", "elements")  # orders, and a group besides
RECORDED = Words(
    AS_RECORDED,
    SPEED,
    "speed",
    "speeds",
    among=SPEED,
    moving="another speed of",
    others="At the other speeds",
    kept="step by step",
)
CLOUDS = Words(
    AS_RECORDED, TURNED, "turn", "turns", among="at turned inputs", moving="turning", others="At other turns"
)
ALL = {kind.still: kind for kind in (UPRIGHT, STORED, RECORDED)}


def words(results: "Tested[Any]") -> Words:
    """The words for these results."""
    kind = words_of(results.elements)
    return replace(kind, run="fold") if results.folds else kind


def words_of(elements: Sequence[str]) -> Words:
    """The words for what was tested at these elements, the first where nothing is moved.

    >>> words_of(["0°", "90°"]).element, words_of(["as stored"]).element, words_of(["as stored", "90°"]).still
    ('element', 'order', 'as stored')
    """
    if len(elements) > 1 and elements[1].startswith(TURNED):
        return CLOUDS
    if elements[0] == AS_STORED and not all(name.startswith(RELABELLED) for name in elements[1:]):
        return TOGETHER
    return ALL.get(elements[0], UPRIGHT)
