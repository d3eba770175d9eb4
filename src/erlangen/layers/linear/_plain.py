"""The plain way: the kernel is spread out, and torch's own layer computes with it."""

from math import prod

from torch import Tensor
from torch.nn import functional as F

from erlangen.domains import Lattice
from erlangen.layers.linear._way import Way, Weighted, Work

_CONVOLUTIONS = (F.conv1d, F.conv2d, F.conv3d)


class Plain(Way):
    """y = K x + b at one point, by one matrix product."""

    name = "dense"

    def __init__(self, channels_in: int, channels_out: int):
        super().__init__()
        self.channels = channels_in, channels_out

    def work(self) -> Work:
        dense = prod(self.channels)
        return Work(dense, 0, f"one dense product, {dense:,} multiply-adds")

    def forward(self, layer: Weighted, values: Tensor) -> Tensor:
        return F.linear(values, layer.weight(), layer.bias() if layer.bias is not None else None)


class Spatial(Way):
    """(K ⋆ x)(p) = Σ_q K(q − p) x(q) + b, by torch's convolution, with the border that the domain has."""

    name = "dense"

    def __init__(self, domain: Lattice, kernel_size: tuple[int, ...], dilation: int, pairs: int):
        super().__init__()
        self.domain, self.kernel_size, self.dilation = domain, kernel_size, dilation
        self.products = pairs * prod(kernel_size)

    def work(self) -> Work:
        return Work(self.products, 0, f"torch's convolution, {self.products:,} multiply-adds a site")

    def forward(self, layer: Weighted, values: Tensor) -> Tensor:
        return self.convolve(values, layer.weight(), layer.bias() if layer.bias is not None else None)

    def convolve(self, values: Tensor, weight: Tensor, bias: Tensor | None, groups: int = 1) -> Tensor:
        """Torch's convolution, the border as the domain has it."""
        padding = self.reach
        if self.domain.causal or self.domain.boundary == "periodic":
            pads: list[int] = []
            for p, k in zip(reversed(padding), reversed(self.kernel_size), strict=True):
                pads += (self.dilation * (k - 1), 0) if self.domain.causal else (p, p)
            values = F.pad(values, pads, mode="constant" if self.domain.causal else "circular")
            padding = (0,) * len(padding)
        return _CONVOLUTIONS[self.domain.dim - 1](
            values, weight, bias, padding=padding, dilation=self.dilation, groups=groups
        )

    def over(self, layer: Weighted, values: Tensor) -> Tensor | None:
        """The same on `[b, c, before, …sites, after]`, by a kernel one site wide along the axes that are no lattice's.

        None where torch has no convolution of so many axes.
        """
        first, last = values.shape[2] > 1, values.shape[-1] > 1
        if self.domain.dim + first + last > len(_CONVOLUTIONS):
            return None
        weight, x, reach = layer.weight(), values, [(0, 0)] * first
        weight = weight.unsqueeze(2) if first else weight
        x = x if first else x.squeeze(2)
        weight = weight.unsqueeze(-1) if last else weight
        x = x if last else x.squeeze(-1)
        for p, k in zip(self.reach, self.kernel_size, strict=True):
            reach.append((self.dilation * (k - 1), 0) if self.domain.causal else (p, p))
        reach += [(0, 0)] * last
        padding = tuple(left for left, _ in reach)
        if self.domain.causal or self.domain.boundary == "periodic":
            pads = [side for pair in reversed(reach) for side in pair]
            x, padding = F.pad(x, pads, mode="constant" if self.domain.causal else "circular"), (0,) * len(reach)
        bias = layer.bias() if layer.bias is not None else None
        dilation = (1,) * first + (self.dilation,) * self.domain.dim + (1,) * last
        made = _CONVOLUTIONS[len(reach) - 1](x, weight, bias, padding=padding, dilation=dilation)
        made = made if last else made.unsqueeze(-1)
        return made if first else made.unsqueeze(2)

    @property
    def reach(self) -> tuple[int, ...]:
        """How many sites the kernel looks to each side, an axis."""
        return tuple(self.dilation * (k // 2) for k in self.kernel_size)
