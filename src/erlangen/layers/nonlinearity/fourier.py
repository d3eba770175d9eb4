"""The Fourier nonlinearity: channels that move by irreps, read as functions on the group, where any φ is pointwise."""

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from erlangen.errors import RepresentationError
from erlangen.given import whole
from erlangen.layers._base import ON_A_FINER_GRID, Layer, Reason, refuse_aliasing, require_space
from erlangen.layers._constants import Constants
from erlangen.layers._fields import join_fields, kinds_of, require_orthogonal, split_fields
from erlangen.layers._functions import are_side_by_side, functions_in
from erlangen.layers.nonlinearity._samples import Samples, samples_for
from erlangen.layers.nonlinearity.pointwise import function_named
from erlangen.signal import Space

CACHED = 2**18  # samples at once, a megabyte of float32: what a core's own cache holds


class FourierNonlinearity(Constants, Layer):
    """y = c A⁺ φ(A x): the functions f = A x on the group, at the samples g_n; φ; and back to the irreps there were.

    A g·f moves its samples as h g_n = g_m does, so the layer is exact for the elements that map the set of samples to
    itself: all of a finite group, and of a continuous one those that the lattice keeps. What φ adds beyond the irreps
    is cut off, as an anti-aliasing filter does; more samples bring the rest of the group closer. The constant c makes
    the second moment of white input 1.

    Shapes: `[b, c, …]` → the same. `samples` counts elements of the group, by default at least two a channel.
    Raises RepresentationError for a set that the lattice's own turns do not map to itself.

    >>> import erlangen as er
    >>> fields = er.SO(2).band_limited_regular(3)
    >>> er.layers.FourierNonlinearity(er.Space(er.Grid(2), 4 * fields)).samples
    16

    Weiler and Cesa 2019, arXiv:1911.08251; Cohen, Weiler, Kicanaoglu, Welling 2019, arXiv:1902.04615.
    """

    kind = "nonlinearity"
    built_from = ("source",)
    options = ("function", "samples")
    there: Tensor
    back: Tensor

    def __init__(self, source: Space, function: str = "relu", samples: int | None = None):
        require_orthogonal(require_space("FourierNonlinearity", source).rho, "a Fourier nonlinearity")
        super().__init__(source, source)
        refuse_aliasing("FourierNonlinearity", source, ON_A_FINER_GRID)
        self.function, self.phi = function, function_named(function)
        self.kinds = kinds_of(source.rho)
        self.functions, parts = functions_in(source.rho)
        self.side_by_side = are_side_by_side(source.rho)
        self.kept = source.domain.met_by_samples(source.group)
        if samples is not None:
            whole("samples", samples, RepresentationError)
        made = samples_for(parts, self.kept, samples)
        self.samples = made.elements
        self.hold({"there": made.there, "back": made.back * unit_gain(made, function)})

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        if self.side_by_side:
            made = self._through(values.unflatten(1, (self.functions, self.there.shape[1])))
            return self.source.domain.clear(made.flatten(1, 2))
        runs = split_fields(values, self.kinds)
        sizes = [kind.channels // self.functions for kind in self.kinds]
        grouped = [run.flatten(1, 2).unflatten(1, (self.functions, n)) for run, n in zip(runs, sizes, strict=True)]
        made = self._through(torch.cat(grouped, dim=2))
        starts = [sum(sizes[:i]) for i in range(len(sizes))]
        parts = [
            made.narrow(2, start, n).flatten(1, 2).unflatten(1, (kind.copies, kind.dim))
            for start, n, kind in zip(starts, sizes, self.kinds, strict=True)
        ]
        return self.source.domain.clear(join_fields(parts, self.kinds))

    def _through(self, functions: Tensor) -> Tensor:
        """c A⁺ φ(A x) of functions `[b, F, D, …]`, some at a time, so that their samples stay in the cache."""
        flat = functions.flatten(3) if self.source.domain.axes else functions.unsqueeze(3)
        traced = torch.compiler.is_compiling() or torch.jit.is_tracing()  # pyright: ignore[reportPrivateImportUsage]
        if traced or not isinstance(functions, Tensor):  # what is written down once must be right for every size
            return self._sampled(flat).reshape(functions.shape)
        flat = flat.flatten(0, 1)
        at_once = max(1, CACHED // (len(self.there) * flat.shape[2]))
        return torch.cat([self._sampled(some) for some in flat.split(at_once)]).reshape(functions.shape)

    def _sampled(self, functions: Tensor) -> Tensor:
        return torch.matmul(self.back, self.phi(torch.matmul(self.there, functions)))

    def reason(self) -> Reason:
        exact = "every element" if self.source.group.order else repr(self.kept)
        if self.source.group.order is None and self.kept.order == 1:
            exact = "no turn but by whole samples; the error of others falls with the square of their number"
        return Reason(
            prior="without nonlinearities all linear layers would collapse to one",
            law=f"φ(f)(h⁻¹g) = φ(f(h⁻¹g)), exact for {exact}",
            solver=f"functions of {self.there.shape[1]} coefficients, sampled at {len(self.there)} and cut back",
            reference="Weiler and Cesa 2019, arXiv:1911.08251",
        )


@lru_cache(maxsize=64)
def unit_gain(samples: Samples, function: str) -> float:
    """c with E|c A⁺ φ(A x)|² = 1 a channel for white x: φ in Hermite polynomials, E[φ(a) φ(b)] = Σ_k c_k² E[a b]^k."""
    covariance = samples.there @ samples.there.T
    spread = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(spread, spread)
    nodes, weights = np.polynomial.hermite_e.hermegauss(200)
    weights = weights / weights.sum()
    with torch.no_grad():
        heights = function_named(function)(torch.as_tensor(np.outer(nodes, spread))).numpy()
    hermite = np.polynomial.hermite_e.hermevander(nodes, 40)
    lengths = np.sqrt(np.cumprod([1.0, *range(1, 41)]))
    coefficients = (weights[:, None] * hermite / lengths).T @ heights
    products = np.sum([np.outer(c, c) * correlation**k for k, c in enumerate(coefficients)], axis=0)
    np.fill_diagonal(products, (weights[:, None] * heights**2).sum(axis=0))
    return float(np.trace(samples.back @ products @ samples.back.T) / len(samples.back)) ** -0.5
