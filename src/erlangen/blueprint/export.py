"""A derived network as an ordinary torch module."""

from copy import deepcopy
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from erlangen.blueprint._blueprint import Blueprint


class _Door(nn.Module):
    """Clears the places of the array that the domain does not have, then the layers."""

    def __init__(self, net: "Blueprint"):
        super().__init__()
        self.domain = net.source.domain
        self.layers = nn.Sequential(*(layer.export() for layer in net))

    def forward(self, values: Tensor) -> Tensor:
        return self.layers(self.domain.clear(values))


def export(net: "Blueprint") -> nn.Module:
    """Conv, BatchNorm, Linear and tensor operations, in eval mode: kernels spread out, the symmetry implicit.

    The graph is traced symbolically, so that the module holds no code of this library and can be compiled, exported to
    ONNX or read by tools that know only torch. One module serves every batch and every size above `minimum_size`.
    """
    plain = _Door(deepcopy(net)).eval()  # a copy, so that the two share no weights and the net stays in its own mode
    graph = torch.fx.symbolic_trace(plain)
    return torch.fx.GraphModule(graph, graph.graph, class_name="Exported").eval()
