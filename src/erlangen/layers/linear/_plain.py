"""The plain way: the kernel is spread out, and torch's own layer computes with it."""

from math import prod

from torch import Tensor
from torch.nn import functional as F

from erlangen.domains import Lattice
from erlangen.layers.linear._way import Way, Weighted, Work


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
        convolve = (F.conv1d, F.conv2d, F.conv3d)[self.domain.dim - 1]
        return convolve(values, weight, bias, padding=padding, dilation=self.dilation, groups=groups)

    @property
    def reach(self) -> tuple[int, ...]:
        """How many sites the kernel looks to each side, an axis."""
        return tuple(self.dilation * (k // 2) for k in self.kernel_size)
