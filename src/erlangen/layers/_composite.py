"""Layers that are made of others, each of which knows its own spaces: lifted to a product, or added."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from erlangen.layers._base import Layer
from erlangen.signal import Space


class Composite(Layer):
    """A layer that computes with its `parts`; a recipe writes them down, and `assembled` is the way back.

    >>> import erlangen as er
    >>> space = er.Space(er.Set(er.Grid(1)), 2 * er.Mirror().regular)
    >>> within = er.layers.nonlinearity(space)  # of every member of a set by itself
    >>> isinstance(within, er.layers.Composite), [type(part).__name__ for part in within.layers]
    (True, ['Pointwise'])
    """

    def __init__(self, source: Space, target: Space, parts: Sequence[Layer]):
        super().__init__(source, target)
        self.parts = nn.ModuleList(parts)

    @property
    def layers(self) -> list[Any]:
        """Its parts, as layers."""
        return list(self.parts)

    @classmethod
    @abstractmethod
    def assembled(cls, source: Space, target: Space, parts: list[Layer], choices: dict[str, Any]) -> "Composite":
        """The layer of these parts and choices."""

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        return self.flow(values, support)[0]

    def unconstrained_weights(self) -> int:
        return sum(part.unconstrained_weights() for part in self.layers)
