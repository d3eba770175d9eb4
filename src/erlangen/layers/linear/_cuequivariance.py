"""Products along edges by cuequivariance, which has kernels for GPUs: one segmented polynomial of our coefficients.

Gathering, product and sum over edges are one kernel there, with gradients of every order; elsewhere it computes by
operations of torch. Values are as they are ours, components before channels, so that nothing is turned or moved.
"""

import importlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from erlangen.domains import Points
from erlangen.domains.graph import Edges
from erlangen.errors import InputError
from erlangen.solve.angular import places_of
from erlangen.solve.edge_products import CUEQUIVARIANCE, Product

PACKAGE, KERNELS = "cuequivariance_torch", "cuequivariance_ops_torch"


@dataclass(frozen=True)
class Terms:
    """y_b += w_a B (x_i ⊗ Y_l) of every product B from field i, a its place in `weighed`, b that in `summed`."""

    products: tuple[Product, ...]
    weighed: tuple[int, ...]
    summed: tuple[int, ...]
    domain: Points

    @cached_property
    def highest(self) -> int:
        """The degree of the harmonics."""
        return max(product.degree for product in self.products)

    @cached_property
    def coefficients(self) -> int:
        """How many are not zero: so many multiply-adds of a channel of an edge, or a few times that."""
        return sum(int(np.count_nonzero(product.map)) for product in self.products)

    def polynomial(self, channels: int) -> Any:
        """As cuequivariance has it: buffers of w, x and Y, each of segments, and one path of coefficients a product."""
        cue = importlib.import_module("cuequivariance")
        heard = {p.source: (p.map.shape[1], channels) for p in self.products}
        reached = {b: (p.map.shape[0], channels) for p, b in zip(self.products, self.summed, strict=True)}
        places = [places_of(self.domain, degree) for degree in range(1 + self.highest)]
        made = cue.SegmentedTensorProduct.from_subscripts("u,iu,j,ku+ijk")
        made.add_segments(0, [(channels,)] * (1 + max(self.weighed)))
        made.add_segments(1, [heard[i] for i in sorted(heard)])
        made.add_segments(2, [(place.stop - place.start,) for place in places])
        made.add_segments(3, [reached[b] for b in sorted(reached)])
        for p, a, b in zip(self.products, self.weighed, self.summed, strict=True):
            made.add_path(a, p.source, p.degree, b, c=p.map.transpose(1, 2, 0))
        *given, sums = made.operands
        return cue.SegmentedPolynomial(given, [sums], [(cue.Operation((0, 1, 2, 3)), made)])


def sums_of(terms: Terms, numbers: Tensor, x: Tensor, harmonics: Tensor, edges: Edges) -> Tensor:
    """The sums at every point: w `[E, a·C]`, x `[n, Σ d_in, C]`, Y `[E, Σ dim Y_l]` → `[n, Σ d_b, C]`."""
    made = _on(terms, x.shape[2], x.device)
    (y,) = made([numbers, x.flatten(1), harmonics], {1: edges.source}, {0: x[:, :1, 0]}, {0: edges.target})
    return y.unflatten(1, (-1, x.shape[2]))


@lru_cache(maxsize=64)
def _on(terms: Terms, channels: int, device: torch.device) -> Any:
    """What computes it there. No part of a layer, whose state and dtype are the same in every way."""
    method = "uniform_1d" if has_kernels(device) else "naive"
    made = importlib.import_module(PACKAGE).SegmentedPolynomial(terms.polynomial(channels), method=method)
    return made.to(device)


@lru_cache
def has_kernels(device: torch.device) -> bool:
    """Whether this is a GPU, and the package and its kernels are installed."""
    try:
        return device.type == "cuda" and all(importlib.import_module(name) for name in (PACKAGE, KERNELS))
    except (ImportError, OSError):  # the latter where a library of CUDA is missing
        return False


def require_cuequivariance() -> None:
    """InputError where the package is missing."""
    try:
        importlib.import_module(PACKAGE)
    except ImportError:
        raise InputError(
            f"way={CUEQUIVARIANCE!r} in a Python without {PACKAGE}",
            "the package installed",
            'pip install "erlangen[cuequivariance]", and for a GPU cuequivariance-ops-torch-cu12 or -cu13, as its CUDA '
            "is; or leave way out.",
        ) from None
