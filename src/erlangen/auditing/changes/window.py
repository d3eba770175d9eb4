"""A convolution or a pool as a function of windows, and a signal continued round its circle."""

import math
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from erlangen.auditing.changes.rewriting import Sites, Unchangeable

Ends = tuple[int, int]


@dataclass(frozen=True)
class Window:
    """A function of windows: `kernel` values, `dilation` apart, every `stride` values, past the ends by `padding`."""

    kind: str
    call: dict[str, Any]
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[Ends, ...]
    dilation: tuple[int, ...]

    @property
    def work(self) -> int:
        """How many multiplications one window is, of all channels."""
        channels = self.call["weight"].shape[:2].numel() if self.kind == "convolution" else self.call["input"].shape[1]
        return channels * math.prod(self.kernel)

    @property
    def bordered(self) -> bool:
        """Whether it goes past the ends: by less than nothing it leaves values out there."""
        return max(max(ends) for ends in self.padding) > 0

    def made(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """How many windows there are."""
        parts = zip(sizes, self.kernel, self.stride, self.padding, self.dilation, strict=True)
        return tuple((n + sum(p) - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in parts)

    def reaching(self, sizes: tuple[int, ...]) -> "Window":
        """With one more window past the end where values are left over (`ceil_mode`): it starts before the end."""
        more = []
        for n, k, s, (a, b), d in zip(sizes, self.kernel, self.stride, self.padding, self.dilation, strict=True):
            span = d * (k - 1) + 1
            made = -(-(n + a + b - span) // s) + 1
            made -= (made - 1) * s >= n + a
            more.append((a, max(b, (made - 1) * s + span - n - a)))
        return replace(self, padding=tuple(more))

    def __call__(self, x: Tensor) -> Tensor:
        """The function itself, of x padded by hand: no pool pads by more than half a window."""
        flat = [end for ends in reversed(self.padding) for end in ends]
        if self.kind == "maximum":
            x = F.pad(x, flat, value=-torch.inf) if any(flat) else x
            return _function("max_pool", x)(x, self.kernel, self.stride, 0, self.dilation)
        if self.kind == "convolution":
            x = F.pad(x, flat) if any(flat) else x
            weight, bias, groups = self.call["weight"], self.call.get("bias"), self.call.get("groups", 1)
            return _function("conv", x)(x, weight, bias, self.stride, 0, self.dilation, groups)
        counted = self._sums(F.pad(torch.ones_like(x[:1]), flat))
        if self.call.get("count_include_pad", True):
            counted = torch.full_like(counted, float(math.prod(self.kernel)))
        divisor = self.call.get("divisor_override")
        return self._sums(F.pad(x, flat)) / (counted if divisor is None else divisor)

    def _sums(self, x: Tensor) -> Tensor:
        ones = torch.ones(x.shape[1], 1, *self.kernel, dtype=x.dtype, device=x.device)
        return _function("conv", x)(x, ones, None, self.stride, 0, self.dilation, x.shape[1])


def continued(x: Tensor, sites: Sites, ends: tuple[Ends, ...]) -> Tensor:
    """x with more values at both ends of each axis: those one turn of the circle away."""
    for axis, ((before, after), period) in enumerate(zip(ends, sites.period, strict=True), start=2):
        size = x.shape[axis]
        if max(before, after) > period or size < period:
            raise Unchangeable("a border wider than the circle")
        parts = [x.narrow(axis, period - before, before), x, x.narrow(axis, size - period, after)]
        x = torch.cat(parts, axis) if before or after else x
    return x


def each(value: Any, dim: int) -> tuple[int, ...]:
    """One number for each axis."""
    given = (value,) * dim if isinstance(value, int) else tuple(value)
    return given * dim if len(given) == 1 else given


def _function(name: str, x: Tensor) -> Any:
    return getattr(F, f"{name}{x.dim() - 2}d")
