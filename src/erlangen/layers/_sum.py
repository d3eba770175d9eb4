"""Sums of layers: a signal heard in several ways at once."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from erlangen.errors import SpaceError
from erlangen.layers._base import Footprint, Layer, Reason
from erlangen.signal import Space


class Sum(Layer):
    """y = Σ_i f_i(x): a sum of equivariant maps between the same spaces is equivariant.

    Shapes: those of its parts, which keep the places of the signal.

    >>> import erlangen as er
    >>> space = er.Space(er.Grid(2) * er.Grid(1), er.Trivial().trivial)
    >>> along = [er.layers.Along.of(space, i, lambda part, _: er.layers.linear(part, part)) for i in range(2)]
    >>> er.layers.Sum(along).free_weights()
    14
    """

    def __init__(self, parts: Sequence[Layer], why: str = ""):
        layers = list(parts)
        if not layers or any((part.source, part.target) != (layers[0].source, layers[0].target) for part in layers):
            raise SpaceError(f"a sum of {layers!r}", "layers of one source and one target", "Map them alike first.")
        super().__init__(layers[0].source, layers[0].target)
        self.parts, self.why = nn.ModuleList(layers), why

    def flow(self, values: Tensor, support: Any = None) -> tuple[Tensor, Any]:
        total, after = self.parts[0].flow(values, support)  # type: ignore[operator]
        for part in list(self.parts)[1:]:
            total = total + part.flow(values, support)[0]  # type: ignore[operator]
        return total, after

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        return self.flow(values, support)[0]

    @classmethod
    def assembled(cls, source: Space, target: Space, parts: list[Layer], choices: dict[str, Any]) -> "Sum":
        """The way back from a recipe."""
        return cls(parts, **choices)

    def choices(self) -> dict[str, Any]:
        return {"why": self.why} if self.why else {}

    def reason(self) -> Reason:
        return Reason("what is heard in several ways is added", "g·(x + y) = g·x + g·y", way=self.why)

    def footprint(self) -> Footprint:
        feet: list[Footprint] = [part.footprint() for part in self.parts]  # type: ignore[operator]
        extents = [foot.extent for foot in feet if foot.extent is not None]
        return Footprint(max(extents) if len(extents) == len(feet) else None, feet[0].factor)

    def unconstrained_weights(self) -> int:
        return sum(part.unconstrained_weights() for part in self.parts)  # type: ignore[operator]

    def work(self) -> int:
        """Multiply-adds at a point, by the numbers in its kernels."""
        return sum(part.work() for part in self.parts)  # type: ignore[operator]
