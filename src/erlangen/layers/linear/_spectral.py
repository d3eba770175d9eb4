"""The spectral way: on a ring the shifts commute, Fourier diagonalises them all, and convolution is multiplication.

F(K ⋆ x)(f) = conj(K̂(f)) x̂(f): one product of channels a frequency, whatever the size of the kernel. The conjugate is
there because a network's convolution reads x(p + v), which is correlation.
"""

from math import prod

import torch
from torch import Tensor

from erlangen.domains import Lattice
from erlangen.layers.linear._plain import Spatial
from erlangen.layers.linear._way import Weighted, Work

# By dimension, at how many kernel sites it takes as long as the spatial way (benchmarks/spectral.py): forward, since a
# network answers more often than it learns. A training step gains earlier on the line, from some 50 sites.
BREAK_EVEN = {1: 90, 2: 100, 3: 145}


class Spectral(Spatial):
    """y = F⁻¹(conj(K̂) F x) + b by the fast Fourier transform; exact for every size, also where the kernel wraps.

    Shapes: `[b, c, n…]` → `[b, c′, n…]`. K̂ is taken of the layer's own kernel, laid around the ring, at each forward.
    Half precision is transformed in single, and answered in half.
    """

    name = "spectral"

    def __init__(self, domain: Lattice, kernel_size: tuple[int, ...], dilation: int, pairs: int):
        super().__init__(domain, kernel_size, dilation, pairs)
        self.offsets = (dilation * domain.stencil(kernel_size)).T.tolist()
        self.dim, self.pairs, self.sites = domain.dim, pairs, prod(kernel_size)

    @classmethod
    def of(cls, domain: Lattice, kernel_size: tuple[int, ...], dilation: int, pairs: int) -> "list[Spectral]":
        """The way by Fourier, where the domain is a ring along every axis."""
        ring = domain.boundary == "periodic" and not domain.masked and not domain.causal
        return [cls(domain, kernel_size, dilation, pairs)] if ring else []

    def work(self) -> Work:
        even = BREAK_EVEN[self.dim]
        words = f"one product a frequency, whatever the kernel's size; here {self.sites:,} sites"
        return Work(self.pairs * even, 0, f"{words}, where about {even:,} were measured to take as long either way")

    def forward(self, layer: Weighted, values: Tensor) -> Tensor:
        if values.shape[0] == 0:  # torch transforms no empty batch
            return super().forward(layer, values)
        size, given, axes = values.shape[2:], values.dtype, tuple(range(2, 2 + self.dim))
        kernel = layer.weight()
        values = values.to(torch.promote_types(values.dtype, torch.float32))
        kernel = self._around(kernel.flatten(2).to(values.dtype), tuple(size))
        spectrum = torch.fft.rfftn(values, dim=axes).flatten(2)
        filters = torch.fft.rfftn(kernel, dim=axes).flatten(2)
        product = torch.matmul(spectrum.permute(2, 0, 1), filters.conj().permute(2, 1, 0)).permute(1, 2, 0)
        half = [*size[:-1], size[-1] // 2 + 1]
        made = torch.fft.irfftn(product.unflatten(2, half), s=tuple(size), dim=axes)
        made = made if layer.bias is None else made + layer.bias().reshape(-1, *[1] * self.dim)
        return made.to(given)

    def _around(self, kernel: Tensor, size: tuple[int, ...]) -> Tensor:
        """The kernel's sites laid on the ring, those that meet added up: `[…, sites]` → `[…, n…]`."""
        place = torch.zeros(self.sites, dtype=torch.int64, device=kernel.device)
        for offsets, n in zip(self.offsets, size, strict=True):
            place = place * n + torch.tensor(offsets, device=kernel.device) % n
        laid = kernel.new_zeros(*kernel.shape[:2], prod(size)).index_add(2, place, kernel)
        return laid.unflatten(2, size)
