"""Composition: layers one after another, each taking the space that the one before gives."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from torch import Tensor, nn

from erlangen.errors import SpaceError
from erlangen.given import instance
from erlangen.layers._base import Footprint, Layer, Reason
from erlangen.layers._composite import Composite
from erlangen.layers._harmonic import Size, carried, is_harmonic
from erlangen.layers._rows import export, flow, rows

_MEND = "Take er.layers.nonlinearity(space) for a torch function, and a layer of its own for each place."


class Chain(Layer):
    """f_n ∘ … ∘ f_1: equivariant because each of its layers is.

    >>> import erlangen as er
    >>> space = er.Space(er.Grid(2), er.C(4).regular)
    >>> er.layers.Chain([er.layers.LatticeConv(space, space), er.layers.Pointwise(space)]).target == space
    True
    """

    kind = "composite"
    because = Reason("layers compose", "(f ∘ f′)(g·x) = g·(f ∘ f′)(x)")

    def __init__(self, layers: Layer | Sequence[Layer]):
        if isinstance(layers, Layer):
            layers = [layers]
        layers = list(instance("layers", layers, Iterable, SpaceError, _MEND))
        if not layers:
            raise SpaceError("no layers", "at least one", "A chain of none has no space to map from.")
        for i, layer in enumerate(layers):
            if not isinstance(layer, Layer) or layer in layers[:i]:
                given = "again" if isinstance(layer, Layer) else "that knows no space"
                raise SpaceError(
                    f"layer {i}, a {type(layer).__name__} {given}",
                    "a list of layers of this library, each once",
                    _MEND,
                )
        for i, (before, after) in enumerate(pairwise(layers)):
            if before.target != after.source:
                raise SpaceError(
                    f"layer {i + 1}, {type(after).__name__} from {after.source!r}",
                    f"{before.target!r}, what layer {i} ({type(before).__name__}) gives",
                    "Build each layer from the target of the one before.",
                )
        super().__init__(layers[0].source, layers[-1].target)
        self.layers = nn.ModuleList(layers)

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)  # type: ignore[arg-type]

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, index: int) -> Layer:
        return list(self)[index]

    def flow(self, values: Tensor, support: Any = None) -> tuple[Tensor, Any]:
        for row in rows(self):
            values, support = flow(row, values, support)
        return values, support

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        return self.flow(values, support)[0]

    @property
    def harmonic(self) -> bool:
        """Whether it is a row of maps of coefficients on the sphere."""
        return all(is_harmonic(layer) for layer in self)

    def carry(self, spectrum: Tensor, size: Size) -> tuple[Tensor, Size]:
        """Coefficients of f(x), and their grid, from those of x."""
        return carried(self, spectrum, size)

    def footprint(self) -> Footprint:
        total = Footprint()
        for layer in self:
            total = total.then(layer.footprint())
        return total

    def unconstrained_weights(self) -> int:
        return sum(layer.unconstrained_weights() for layer in self)

    def export(self) -> nn.Module:
        return self.export_layers()

    def export_layers(self) -> nn.Sequential:
        """Each layer exported, those that share a transform as one."""
        return nn.Sequential(*(export(row) for row in rows(self)))


def leaves(layer: Layer) -> Iterator[Layer]:
    """The layers that are not made of others, in the order in which a signal meets them.

    >>> import erlangen as er
    >>> net = er.derive(er.Task(er.Grid(2), er.C(4), input=1, output=er.Invariant(2)), scales=1, depth=1)
    >>> [type(layer).__name__ for layer in er.layers.leaves(net)]
    ['LatticeConv', 'FieldBatchNorm', 'Pointwise', 'FibrePool', 'DomainPool', 'Dense']
    """
    if isinstance(layer, Chain):
        for part in layer:
            yield from leaves(part)
    elif isinstance(inner := getattr(layer, "inner", None), Layer):
        yield from leaves(inner)
        if isinstance(beside := getattr(layer, "shortcut", None), Layer):
            yield from leaves(beside)
        if isinstance(back := getattr(layer, "back", None), Layer):
            yield back
    elif isinstance(layer, Composite):
        for part in layer.layers:
            yield from leaves(part)
    else:
        yield layer
