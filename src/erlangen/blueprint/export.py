"""A derived network as an ordinary torch module."""

import statistics
import time
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from erlangen.domains import Sphere
from erlangen.domains.packed import Packed
from erlangen.errors import DomainError, InputError
from erlangen.layers import Layer, leaves
from erlangen.layers.linear._way import Way

if TYPE_CHECKING:
    from erlangen.blueprint._blueprint import Blueprint

ROUNDS = 7  # that each form is timed, in turn with the others


class _Door(nn.Module):
    """Clears the places of the array that the domain does not have, then the layers."""

    def __init__(self, net: "Blueprint"):
        super().__init__()
        self.domain = net.source.domain
        self.layers = net.export_layers()

    def forward(self, values: Tensor) -> Tensor:
        return self.layers(self.domain.clear(values))


class _Watched(Way):
    """A way that remembers the shape of what it was given."""

    name = "watched"

    def __init__(self, way: Way):
        super().__init__()
        self.way, self.shape = way, torch.Size()

    def forward(self, layer: Any, values: Tensor) -> Tensor:
        self.shape = values.shape
        return self.way(layer, values)


def export(net: "Blueprint", like: Tensor | None = None) -> nn.Module:
    """Conv, BatchNorm, Linear and tensor operations, in eval mode: kernels spread out, the symmetry implicit.

    The graph is traced symbolically, so that the module holds no code of this library and can be compiled, exported to
    ONNX or read by tools that know only torch. One module serves every batch and every size above `minimum_size`.
    Raises DomainError on sets and graphs, whose networks take more than one tensor, and on spheres.
    """
    if isinstance(net.source.domain, Packed):
        raise DomainError(
            f"the export of a network on {net.source.domain!r}",
            "a network of one tensor, on a lattice or a finite domain",
            "Keep it with er.save, and call it on data.",
        )
    if isinstance(net.source.domain, Sphere):
        raise DomainError(
            f"the export of a network on {net.source.domain!r}, whose tables belong to one grid",
            "a network of one tensor, on a lattice or a finite domain",
            "For one grid: torch.export.export(net, (x,)); or keep it with er.save.",
        )
    copy = deepcopy(net).eval()  # so that the two share no weights and the net stays in its own mode
    if like is not None:
        _take_the_faster(copy, like)
    graph = torch.fx.symbolic_trace(_Door(copy).eval())
    return torch.fx.GraphModule(graph, graph.graph, class_name="Exported").eval()


def _take_the_faster(net: "Blueprint", like: Tensor) -> None:
    """Of the layers that can be written as one dense product or in blocks, the form that is faster at these shapes."""
    if not isinstance(like, Tensor):
        raise InputError(f"like={type(like).__name__}", "a tensor that the network takes", "Pass one batch.")
    written = [layer for layer in leaves(net) if len(_forms(layer)) > 1]
    for layer in written:
        layer.way = _Watched(layer.way)  # type: ignore[assignment]
    with torch.no_grad():
        net(like)
        for layer in written:
            _settle(layer, like.new_empty(layer.way.shape).normal_())  # type: ignore[union-attr]


def _forms(layer: Layer) -> list[Way]:
    """The ways that are written differently into an exported network; a spectral layer is written as a spatial one."""
    return [way for way in getattr(layer, "ways", list)() if way.name in ("dense", "isotypic")]


def _settle(layer: Any, values: Tensor) -> None:
    modules, seconds = [], {}
    for way in _forms(layer):
        way.follow(values)
        layer.way = way
        modules.append((way, layer.export().eval()))
    for _ in range(ROUNDS):
        for way, module in modules:
            start = time.perf_counter()
            module(values)
            seconds.setdefault(way, []).append(time.perf_counter() - start)
    layer.way = min(seconds, key=lambda way: statistics.median(seconds[way]))
