"""Local pooling on lattices, and the way back: the coarse-graining that scale separation asks for."""

from typing import Any

from torch import Tensor, nn

from erlangen.domains import Lattice
from erlangen.errors import SpaceError
from erlangen.given import whole
from erlangen.layers._base import Footprint, Layer, Reason, require_space
from erlangen.layers._fields import require_permutation
from erlangen.signal import Space

KINDS = ("average", "max", "antialiased")


class LatticePool(Layer):
    """n → ⌈n/2⌉, `halvings` times: y = (x[::2] + x[1 − n % 2::2])/2 an axis, the larger of the two, or smoothed before.

    The sampling grid stays symmetric about the centre for every size, so no symmetry of the lattice is lost.

    Shapes: `[b, c, n…]` → `[b, c, ⌈n/2⌉…]`; hexagons R → ⌊R/2⌋ by the mean of seven sites.
    Raises RepresentationError for the maximum of fields that are not permuted.

    >>> import torch, erlangen as er
    >>> pool = er.layers.LatticePool(er.Space(er.Grid(1), er.Mirror().trivial))
    >>> pool(torch.arange(5.0).reshape(1, 1, 5)), pool(torch.arange(4.0).reshape(1, 1, 4))
    (tensor([[[0., 2., 4.]]]), tensor([[[0.5000, 2.5000]]]))
    """

    kind = "pooling"
    built_from = ("source",)
    options = ("method", "halvings")
    because = Reason(
        prior="scale separation: what matters is understood from small patches upwards",
        law="the coarse grid is symmetric about the centre, for every size",
        reference="Bronstein, Bruna, Cohen, Veličković 2021, arXiv:2104.13478",
    )

    def __init__(self, source: Space, method: str = "average", halvings: int = 1):
        domain = require_space("LatticePool", source).domain
        if not isinstance(domain, Lattice) or method not in KINDS:
            raise SpaceError(
                f"LatticePool({source!r}, {method!r})",
                f"a lattice, and one of {', '.join(KINDS)}",
                "A whole domain is pooled by er.layers.invariant(space).",
            )
        halvings = whole("halvings", halvings, SpaceError)
        if method == "max":
            require_permutation(source.rho, "max pooling", "Use average pooling, which is linear.")
        coarse = domain
        for _ in range(halvings):
            coarse = coarse.coarser()
        super().__init__(source, Space(coarse, source.rho))
        self.method, self.halvings, self.domain = method, halvings, domain

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        return self.pooled(values)

    def pooled(self, values: Tensor, traced: bool = False) -> Tensor:
        """The pooled values; `traced`, in the way that is written into exported networks."""
        for _ in range(self.halvings):
            if self.method == "antialiased":
                values = self.domain.decimate(values, traced)
            else:
                values = self.domain.halve(values, self.method, traced)
        return values

    def export(self) -> nn.Module:
        return ExportedPool(self)

    @property
    def is_linear(self) -> bool:
        return self.method != "max"

    def footprint(self) -> Footprint:
        smoothing = 2 if self.method == "antialiased" else 0
        step = Footprint(smoothing + self.domain.halving_extent, 2.0)
        total = Footprint()
        for _ in range(self.halvings):
            total = total.then(step)
        return total


class ExportedPool(nn.Module):
    """The same pooling for exported networks."""

    def __init__(self, pool: LatticePool):
        super().__init__()
        self.pool = pool

    def forward(self, values: Tensor) -> Tensor:
        return self.pool.pooled(values, traced=True)


class LatticeUpsample(Layer):
    """The (multi)linear interpolation back to a finer grid, symmetric about the centre.

    Shapes: `[b, c, n…]` → `[b, c, size…]`; `size` is the skip's own where a skip asks, else 2n (hexagons 2n − 1).

    >>> import torch, erlangen as er
    >>> fine = er.Space(er.Grid(2), er.C(4).trivial)
    >>> up = er.layers.LatticeUpsample(er.layers.LatticePool(fine).target, fine)
    >>> up(torch.ones(1, 1, 3, 4)).shape
    torch.Size([1, 1, 6, 8])
    """

    kind = "pooling"
    because = Reason(
        prior="an answer at every point is brought back to the points it is asked at",
        law="interpolation symmetric about the centre",
        reference="Ronneberger, Fischer, Brox 2015, arXiv:1505.04597",
    )

    def __init__(self, source: Space, like: Space):
        fine = require_space("LatticeUpsample", like).domain
        require_space("LatticeUpsample", source)
        steps = fine.halvings_to(source.domain) if isinstance(fine, Lattice) else None
        if not isinstance(fine, Lattice) or steps is None:
            raise SpaceError(
                f"upsampling {source!r} to {like!r}", "a finer level of one lattice", "Pool on the way down."
            )
        super().__init__(source, Space(fine, source.rho))
        self.domain, self.steps = fine, steps

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        size = tuple(values.shape[i] for i in range(-self.domain.dim, 0))
        for _ in range(self.steps):
            size = self.domain.doubled_size(size)
        return self.to_size(values, size)

    def to_size(self, values: Tensor, size: tuple[int, ...]) -> Tensor:
        """The same to a given size, that of the tensor to be joined."""
        sizes = [size]
        for _ in range(self.steps - 1):
            sizes.append(self.domain.halved_size(sizes[-1]))
        for step in reversed(sizes):
            values = self.domain.enlarge(values, step) if self.steps else values
        return values

    def footprint(self) -> Footprint:
        return Footprint(2 * self.domain.enlarging_extent * (1 - 0.5**self.steps), 0.5**self.steps)
