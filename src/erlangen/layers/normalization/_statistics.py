"""Batch normalisation of functions in few passes over the data: two forward, and a backward in closed form.

`Places` says which channels are one function: sums over its channels and values spread to them are small gathers.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor


class Places(NamedTuple):
    """The channels of each function `[F, D]`, of each channel its function `[c]`, and 1 at those of means, else 0."""

    members: Tensor
    owner: Tensor
    constant: Tensor

    def sums(self, channels: Tensor) -> Tensor:
        """`[c]` → `[F]`."""
        return channels[self.members].sum(dim=1)


def measured(values: Tensor, count: Any, places: Places) -> tuple[Tensor, Tensor]:
    """Mean and variance of each function over `count` points of the values `[b, c, p]`, in float32 at least."""
    wide = torch.promote_types(values.dtype, torch.float32)
    square = torch.linalg.vector_norm(values, dim=2, dtype=wide).square().sum(dim=0)
    total = values.sum(dim=2, dtype=wide).sum(dim=0)  # faster than over both axes at once
    mean = places.sums(total * places.constant) / count
    var = (places.sums(square) / count - mean.square()) / places.members.shape[1]
    return mean, var.clamp(min=0)  # rounding may fall below zero


def rescaled(values: Tensor, mean: Tensor, scale: Tensor, bias: Tensor, places: Places) -> Tensor:
    """(x − μ) scale + β, of each function its own; μ and β of the channels of the means alone."""
    shift = ((bias - mean * scale)[places.owner] * places.constant).unsqueeze(1)
    return torch.addcmul(shift, values, scale[places.owner].unsqueeze(1)).to(values.dtype)


class Standardised(torch.autograd.Function):
    """y, μ, v = `rescaled` by γ/√(v + ε) with what is `measured`; its backward can itself be differentiated.

    With a = γ/√(v + ε): dx = a dy + x · 2 dv/(n D) + dμ/n, the sums over points of x dy and dy giving all the rest.
    """

    generate_vmap_rule = True

    @staticmethod
    def forward(values: Tensor, weight: Tensor, bias: Tensor, count: Any, eps: float, *places: Tensor) -> Any:
        return standardised(values, weight, bias, count, eps, Places(*places))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        values, weight, bias, count, ctx.eps, *places = inputs
        ctx.count = count
        ctx.save_for_backward(values, weight, output[1], output[2], *places)
        ctx.save_for_forward(values, weight, bias, *places)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        values, weight, mean, var, *rest = ctx.saved_tensors
        places, (given, of_mean, of_var) = Places(*rest), gradients
        root = (var + ctx.eps).rsqrt()
        scale, size = weight * root, places.members.shape[1] * ctx.count
        of_bias = places.sums(given.sum(dim=2, dtype=var.dtype).sum(dim=0) * places.constant)
        product = given * values.to(var.dtype)  # in float16 it may overflow where both do not
        of_scale = places.sums(product.sum(dim=2).sum(dim=0)) - of_bias * mean
        of_var = of_var - 0.5 * of_scale * scale * root.square()
        of_mean = of_mean - of_bias * scale - 2 * mean * of_var / places.members.shape[1]
        slope = (2 * of_var / size)[places.owner].unsqueeze(1)
        level = ((of_mean / ctx.count)[places.owner] * places.constant).unsqueeze(1)
        through = torch.addcmul(torch.addcmul(level, values, slope), given, scale[places.owner].unsqueeze(1))
        return through.to(values.dtype), (of_scale * root).to(weight.dtype), of_bias.to(weight.dtype), *(None,) * 5

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> Any:
        values, weight, bias, *places = ctx.saved_tensors
        plain = lambda x, w, b: standardised(x, w, b, ctx.count, ctx.eps, Places(*places))  # noqa: E731
        return torch.func.jvp(plain, (values, weight, bias), tangents[:3])[1]


def standardised(values: Tensor, weight: Tensor, bias: Tensor, count: Any, eps: float, places: Places) -> Any:
    """The same as an ordinary expression, for compilers, which fuse it themselves."""
    mean, var = measured(values, count, places)
    return rescaled(values, mean, weight * (var + eps).rsqrt(), bias, places), mean, var
