"""Norm nonlinearities: they turn a field's length, which an orthogonal representation does not change."""

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.layers._base import ON_A_FINER_GRID, Layer, Reason, refuse_aliasing
from erlangen.layers._fields import join_fields, kinds_of, require_orthogonal, root_mean_square, split_fields
from erlangen.layers.nonlinearity.pointwise import function_named, gain_beside
from erlangen.signal import Space


class NormNonlinearity(Layer):
    """y = x · c σ(a |x| + b) for each field, |x| its root mean square; permutation fields get a pointwise function.

    |ρ(h) x| = |x| makes it exact for every orthogonal representation. a and b are learned, one pair a field, and start
    at 1 and 0; the constant c makes the second moment of white input 1.

    Shapes: `[b, c, …]` → the same.

    >>> import erlangen as er
    >>> space = er.Space(er.Grid(2), 2 * er.C(4).irrep(1))
    >>> er.layers.NormNonlinearity(space).free_weights()
    4

    Worrall et al. 2017, arXiv:1612.04642.
    """

    kind = "nonlinearity"
    built_from = ("source",)
    options = ("function",)
    because = Reason(
        prior="without nonlinearities all linear layers would collapse to one",
        law="|ρ(h) x| = |x|",
        reference="Worrall et al. 2017, arXiv:1612.04642",
    )

    def __init__(self, source: Space, function: str = "relu"):
        super().__init__(source, source)
        refuse_aliasing("NormNonlinearity", source, ON_A_FINER_GRID)
        require_orthogonal(source.rho, "a norm nonlinearity")
        self.function, self.phi = function, function_named(function)
        self.scale, self.shift = nn.ParameterDict(), nn.ParameterDict()
        self.kinds = kinds_of(source.rho)
        self.gains = [unit_gain(kind.dim) for kind in self.kinds]
        self.beside = gain_beside(source.rho, function)
        for i, kind in enumerate(self.kinds):
            if not kind.permuted:
                self.scale[str(i)] = nn.Parameter(torch.ones(kind.copies))
                self.shift[str(i)] = nn.Parameter(torch.zeros(kind.copies))

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        runs = []
        for i, run in enumerate(split_fields(values, self.kinds)):
            runs.append(self.beside * self.phi(run) if self.kinds[i].permuted else self._gated(run, i))
        return self.source.domain.clear(join_fields(runs, self.kinds))

    def _gated(self, run: Tensor, i: int) -> Tensor:
        shape = (-1, 1) + (1,) * self.source.domain.axes
        length = root_mean_square(run).unsqueeze(2)
        scale, shift = self.scale[str(i)].reshape(shape), self.shift[str(i)].reshape(shape)
        return run * (self.gains[i] * torch.sigmoid(scale * length + shift))


@lru_cache(maxsize=64)
def unit_gain(dim: int) -> float:
    """c with E[(c x σ(|x|))²] = 1 for white x in R^dim, |x| its root mean square: an integral over χ."""
    r = np.linspace(1e-6, 12 + dim**0.5, 20001)
    log_density = (dim - 1) * np.log(r) - r**2 / 2
    density = np.exp(log_density - log_density.max())
    moment = (density * r**2 / dim / (1 + np.exp(-r / dim**0.5)) ** 2).sum() / density.sum()
    return float(moment**-0.5)
