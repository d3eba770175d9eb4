"""The plain twin of a derived network: torch's own layers, the same channels, sizes and order, no symmetry."""

from torch import Tensor, nn

import erlangen as er
from erlangen.layers import leaves
from erlangen.layers.nonlinearity.pointwise import function_named


class Mean(nn.Module):
    """The mean over the points."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean(dim=tuple(range(2, x.dim())))


def twin(net: er.Blueprint) -> nn.Sequential:
    """A chain of Conv, BatchNorm, the same function, AvgPool and Linear, channel for channel."""
    dim = net.source.domain.axes
    conv = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[dim - 1]
    norm = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)[dim - 1]
    pool = (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)[dim - 1]
    layers: list[nn.Module] = []
    channels = net.source.channels
    for layer in leaves(net):
        match layer:
            case er.layers.LatticeConv():
                channels = layer.target.channels
                k = layer.kernel_size
                layers.append(
                    conv(
                        layer.source.channels,
                        channels,
                        k,
                        padding=tuple(s // 2 for s in k),
                        bias=layer.bias is not None,
                    )
                )
            case er.layers.FieldBatchNorm() | er.layers.FunctionBatchNorm():
                layers.append(norm(channels))
            case er.layers.Pointwise():
                layers.append(layer.export())
            case er.layers.FourierNonlinearity():
                layers.append(function_named(layer.function))
            case er.layers.LatticePool():
                layers.append(pool(2))
            case er.layers.DomainPool():
                layers.append(Mean())
            case er.layers.Dense():
                layers.append(nn.Linear(channels, layer.target.channels))
    return nn.Sequential(*layers)
