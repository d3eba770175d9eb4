"""Training step of derived separable networks over plain ones: the same architecture, depth-wise, and full blocks.

"plain" is the same separable architecture in torch's own layers, channel for channel, with one group a field where the
derived network has one; "depthwise" has one group a channel, as ConvNeXt; "full" is the twin of the network of plain
3 × 3 blocks, as in training_step.py.
"""

import torch
from measure import interleaved, keep, ratio, steady_memory
from plain import Mean, twin
from torch import Tensor, nn
from training_step import step

import erlangen as er

CASES = {
    "2-D C4, 256 and 512 channels": (er.Grid(2), er.C(4), [256, 512], (8, 1, 28, 28)),
    "2-D D4, 128 and 256 channels": (er.Grid(2), er.D(4), [128, 256], (16, 1, 28, 28)),
    "2-D D4, 256 and 512 channels": (er.Grid(2), er.D(4), [256, 512], (8, 1, 28, 28)),
    "3-D octahedral, 192 and 384 channels": (er.Grid(3), er.Octahedral(), [192, 384], (2, 1, 12, 12, 12)),
}


class Residual(nn.Module):
    """x + f(x)."""

    def __init__(self, inner: nn.Module):
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        return x + self.inner(x)


def separable_twin(layer: er.layers.Layer, depthwise: bool) -> nn.Module:
    """Torch's own layers in the same order, channel for channel."""
    dim = 3 if isinstance(layer.source.domain, er.Grid) and layer.source.domain.dim == 3 else 2
    conv, norm, pool = (
        (nn.Conv3d, nn.BatchNorm3d, nn.AvgPool3d) if dim == 3 else (nn.Conv2d, nn.BatchNorm2d, nn.AvgPool2d)
    )
    match layer:
        case er.layers.Chain():
            return nn.Sequential(*(separable_twin(part, depthwise) for part in layer))
        case er.layers.Skip():
            return Residual(separable_twin(layer.inner, depthwise))
        case er.layers.LatticeConv():
            c, k = layer.source.channels, layer.kernel_size
            fields = c if depthwise else sum(m for _, m in layer.source.rho.fields)
            groups = fields if isinstance(layer, er.layers.FieldwiseConv) else 1
            padding, bias = tuple(s // 2 for s in k), layer.bias is not None
            return conv(c, layer.target.channels, k, padding=padding, bias=bias, groups=groups)
        case er.layers.FieldBatchNorm():
            return norm(layer.source.channels)
        case er.layers.Pointwise():
            return layer.export()
        case er.layers.LatticePool():
            return pool(2)
        case er.layers.FibrePool():
            return nn.Identity()
        case er.layers.DomainPool():
            return Mean()
    return nn.LazyLinear(layer.target.channels)


def measure(domain: er.Grid, group: er.Group, width: list[int], shape: tuple[int, ...]) -> dict:
    """One case: our step against the three."""
    torch.manual_seed(0)
    task = er.Task(domain, group, input=1, output=er.Invariant(10))
    size = 5 if domain.dim == 2 else 3
    net = er.derive(task, width=width, block="separable", kernel_size=size)
    others = {
        "plain": separable_twin(net, depthwise=False),
        "depthwise": separable_twin(net, depthwise=True),
        "full": twin(er.derive(task, width=width)),
    }
    x, y = torch.randn(*shape), torch.randint(10, (shape[0],))
    sides = {"ours": net, **others}
    seconds = interleaved({n: lambda m=m: step(m, x, y) for n, m in sides.items()}, rounds=15)
    found = {f"{name}_ratio": ratio(seconds, "ours", name)["ratio"] for name in ("depthwise", "full")}
    ways = [layer.way.name for layer in er.layers.leaves(net) if isinstance(layer, er.layers.LatticeConv)]
    blocks = f"{ways.count('isotypic')} of {len(ways)}"
    return {**ratio(seconds, "ours", "plain"), **found, "convolutions_in_blocks": blocks, "target": 0.8}


def main() -> None:
    steady_memory()
    keep("separable", {name: measure(*case) for name, case in CASES.items()})


if __name__ == "__main__":
    main()
