"""Pointwise functions: they commute with every reordering of channels, hence with permutation representations."""

from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from erlangen.errors import RepresentationError
from erlangen.layers._base import ON_A_FINER_GRID, Layer, Reason, refuse_aliasing
from erlangen.layers._fields import require_permutation
from erlangen.representations import Representation
from erlangen.signal import Space

FUNCTIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "elu": nn.ELU,
    "leaky_relu": nn.LeakyReLU,
    "softplus": nn.Softplus,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}


def function_named(name: str) -> nn.Module:
    """The torch module of a pointwise function, by its lower-case name."""
    if not isinstance(name, str) or name not in FUNCTIONS:
        raise RepresentationError(
            f"function={name!r}", f"one of {', '.join(FUNCTIONS)}", "Names are torch's, in lower case."
        )
    return FUNCTIONS[name]()


class Pointwise(Layer):
    """y_i = φ(x_i): since ρ(h) only reorders the channels, φ(ρ(h) x) = ρ(h) φ(x).

    Shapes: `[b, c, …]` → the same. `function` is relu, gelu, silu, elu, leaky_relu, softplus, tanh or sigmoid.
    Raises RepresentationError for fields that are not permuted.

    >>> import erlangen as er
    >>> space = er.Space(er.Grid(2), er.C(4).regular)
    >>> er.layers.Pointwise(space, "gelu")(space) == space
    True
    """

    kind = "nonlinearity"
    built_from = ("source",)
    options = ("function",)
    because = Reason(
        prior="without nonlinearities all linear layers would collapse to one",
        law="φ(ρ(h) x) = ρ(h) φ(x), as ρ(h) only reorders channels",
        reference="Cohen and Welling 2016, arXiv:1602.07576",
    )

    def __init__(self, source: Space, function: str = "relu"):
        super().__init__(source, source)
        refuse_aliasing("Pointwise", source, ON_A_FINER_GRID)
        require_permutation(source.rho, f"a pointwise {function}", "For irreps use a norm or a gate nonlinearity.")
        self.function, self.phi = function, function_named(function)
        self.clears = source.domain.masked and float(self.phi(torch.zeros(1, device="cpu"))) != 0.0

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        values = self.phi(values)
        return self.source.domain.clear(values) if self.clears else values

    def export(self) -> nn.Module:
        return super().export() if self.clears else function_named(self.function)


def gain_of(function: str) -> float:
    """1/√E[φ(z)²] for z ~ N(0, 1): what a linear layer behind φ multiplies its weights by; √2 for ReLU.

    >>> round(gain_of("relu") ** 2, 6)
    2.0

    He et al. 2015, arXiv:1502.01852.
    """
    return _moments(function)[1] ** -0.5


def offset_of(function: str) -> float:
    """E[φ(z)]²/E[φ(z)²] for z ~ N(0, 1): how much of the second moment behind φ is the mean's; 1/π for ReLU.

    >>> round(offset_of("relu") * 3.14159265, 6), offset_of("tanh") < 1e-12
    (1.0, True)
    """
    mean, square = _moments(function)
    return mean**2 / square


@lru_cache(maxsize=64)
def _moments(function: str) -> tuple[float, float]:
    """E[φ(z)] and E[φ(z)²] for z ~ N(0, 1)."""
    z = torch.linspace(-10, 10, 200001, dtype=torch.float64, device="cpu")
    density = torch.exp(-z.square() / 2)
    with torch.no_grad():
        phi = function_named(function)(z)
    return float((density * phi).sum() / density.sum()), float((density * phi.square()).sum() / density.sum())


def gain_beside(rho: Representation, function: str) -> float:
    """What φ of permuted fields is multiplied by beside fields of second moment 1; alone it stays as torch has it."""
    return 1.0 if rho.is_permutation else gain_of(function)
