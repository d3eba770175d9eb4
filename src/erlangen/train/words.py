"""How results are spoken of: pictures are upright or moved, graphs as stored or relabelled; from seeds or folds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from erlangen.pages import several
from erlangen.train.relabelled import AS_STORED, RELABELLED

if TYPE_CHECKING:
    from erlangen.train.results import Results


@dataclass(frozen=True)
class Words:
    """`still` and `moved`: whether an input is as the data have it; `element`: what it is moved by; `run`: one of many.

    >>> UPRIGHT.at_first, STORED.moved, STORED.runs(3)
    ('Upright', 'relabelled', '3 seeds')
    """

    still: str
    moved: str
    element: str
    elements: str
    run: str = "seed"

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
STORED = Words(AS_STORED, RELABELLED, "order", "orders")


def words(results: "Results") -> Words:
    """The words for these results."""
    kind = words_of(results.elements)
    return replace(kind, run="fold") if results.folds else kind


def words_of(elements: Sequence[str]) -> Words:
    """The words for what was tested at these elements, the first where nothing is moved.

    >>> words_of(["0°", "90°"]).element, words_of(["as stored"]).element
    ('element', 'order')
    """
    return STORED if elements[0] == AS_STORED else UPRIGHT
