"""Sums of layers: a signal heard in several ways at once."""

from collections.abc import Sequence
from functools import reduce
from typing import Any

from torch import Tensor, nn

from erlangen.errors import SpaceError
from erlangen.layers._base import Footprint, Layer, Reason
from erlangen.layers._composite import Composite
from erlangen.signal import Space


class ExportedSum(nn.Module):
    """The sum of exported parts."""

    def __init__(self, parts: Sequence[Layer]):
        super().__init__()
        self.parts = nn.ModuleList([part.export() for part in parts])

    def forward(self, values: Tensor) -> Tensor:
        first, *others = self.parts
        return reduce(lambda total, part: total + part(values), others, first(values))


class Sum(Composite):
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
        super().__init__(layers[0].source, layers[0].target, layers)
        self.why = why

    def flow(self, values: Tensor, support: Any = None) -> tuple[Tensor, Any]:
        first, *others = self.layers
        total, after = first.flow(values, support)
        for part in others:
            total = total + part.flow(values, support)[0]
        return total, after

    def export(self) -> nn.Module:
        return ExportedSum(self.layers)

    @classmethod
    def assembled(cls, source: Space, target: Space, parts: list[Layer], choices: dict[str, Any]) -> "Sum":
        return cls(parts, **choices)

    @property
    def is_linear(self) -> bool:
        return all(part.is_linear for part in self.layers)

    def choices(self) -> dict[str, Any]:
        return {"why": self.why} if self.why else {}

    def reason(self) -> Reason:
        return Reason("what is heard in several ways is added", "g·(x + y) = g·x + g·y", way=self.why)

    def footprint(self) -> Footprint:
        return reduce(Footprint.beside, (part.footprint() for part in self.layers))

    def work(self) -> int:
        """Multiply-adds at a point, by the numbers in its kernels."""
        return sum(part.work() for part in self.layers)
