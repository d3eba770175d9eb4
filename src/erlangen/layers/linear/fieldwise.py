"""Convolution within each field: the spatial half of a separable layer, one kernel a field, nothing across fields."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor, nn

from erlangen.domains import Lattice
from erlangen.layers._base import Reason, require_space
from erlangen.layers._fields import Kinds, in_channel_order, kinds_of, split_fields
from erlangen.layers.linear._blocks import block_of, deviation
from erlangen.layers.linear._kernel import BlockedKernel, Solver
from erlangen.layers.linear._plain import Spatial
from erlangen.layers.linear._way import Way, Weighted
from erlangen.layers.linear.lattice import LatticeConv
from erlangen.layers.linear.steerable import steered
from erlangen.representations import Representation
from erlangen.signal import Space


class FieldwiseConv(LatticeConv):
    """y_i = K_i ⋆ x_i for every field i by itself, with K_i(h·v) = ρ_i(h) K_i(v) ρ_i(h)⁻¹.

    A depth-wise convolution whose unit is the field: the channels of one fibre mix, as the group demands, and those of
    different fields do not. A 1 × 1 convolution behind it mixes the fields. Torch computes it in groups, one a field.

    Shapes: `[b, c, n…]` → the same, with `stride=2` on the halved grid. Raises as LatticeConv does.

    >>> import erlangen as er
    >>> er.layers.FieldwiseConv(er.Space(er.Grid(2), 16 * er.C(4).regular), kernel_size=5, bias=False).free_weights()
    1600

    Liu, Mao, Wu, Feichtenhofer, Darrell, Xie 2022, arXiv:2201.03545; Lengyel and van Gemert 2021, arXiv:2110.13059.
    """

    built_from = ("source",)

    def __init__(
        self,
        source: Space,
        kernel_size: int | tuple[int, ...] = 5,
        stride: int = 1,
        dilation: int = 1,
        bias: bool = True,
        gain: float = 1.0,
        offset: float = 0.0,
        way: str | None = None,
    ):
        domain = require_space(type(self).__name__, source).domain
        target = Space(domain.coarser(), source.rho) if stride == 2 and isinstance(domain, Lattice) else source
        super().__init__(source, target, kernel_size, stride, dilation, bias, gain, offset, way)

    def solver(self) -> Solver:
        exact = self.domain.preserves(self.source.group)
        return super().solver() if exact else steered(self.domain, self.source.group, self.kernel_size)

    def _solved(self) -> BlockedKernel:
        return FieldwiseKernel(self.source.rho, self.solver(), self.inside, self.gain, self.offset)

    def _plain(self) -> Spatial:
        return WithinFields(self.domain, self.kernel_size, self.dilation, self._pairs())

    def _other_ways(self) -> list[Way]:
        return []

    def weight(self) -> Tensor:
        """The full kernel `[c, c, *kernel_size]`, zero between the fields."""
        rows = []
        for kind, part in zip(self.kernel.kinds, self.kernel(), strict=True):
            whole = part.new_zeros(kind.copies, kind.dim, self.source.channels, self.inside.size)
            for i, first in enumerate(kind.starts):
                whole[i, :, first : first + kind.dim] = part.unflatten(0, (kind.copies, kind.dim))[i]
            rows.append(whole.flatten(0, 1))
        return in_channel_order(rows, self.kernel.kinds, 0).unflatten(-1, self.kernel_size)

    def _pairs(self) -> int:
        return sum(kind.copies * kind.dim**2 for kind in kinds_of(self.source.rho))

    def reason(self) -> Reason:
        return Reason(
            prior="separation: where a pattern lies is found within each field, what it means across fields",
            law="K_i(h·v) = ρ_i(h) K_i(v) ρ_i(h)⁻¹, one kernel a field",
            solver=self.kernel.solver,
            reference="Liu et al. 2022, arXiv:2201.03545",
            way=self.why_way,
        )

    def unconstrained_weights(self) -> int:
        return self._pairs() * int(self.inside.sum()) + (self.source.channels if self.bias is not None else 0)

    def _exported(self) -> list[nn.Module]:
        bias, made = None if self.bias is None else self.bias(), []
        for kind, part in zip(self.kernel.kinds, self.kernel(), strict=True):
            places = [channel for first in kind.starts for channel in range(first, first + kind.dim)]
            own = None if bias is None else bias[places]
            made.append(self._torch(part.unflatten(-1, self.kernel_size), own, kind.copies))
        return [made[0] if len(made) == 1 else Parted(self.kernel.kinds, made)]


class FieldwiseKernel(BlockedKernel):
    """All K_i in Hom_H(ρ_i, ρ_i) on the stencil: a list of one `[copies · d, d, sites]` a kind of field."""

    def __init__(self, rho: Representation, solve: Solver, inside: np.ndarray, gain: float, offset: float):
        super().__init__(gain, offset)
        self.kinds = kinds_of(rho)
        for i, kind in enumerate(self.kinds):
            solution = solve(kind.field, kind.field)
            self.choices += (solution.choice,)
            self.blocks[str(i)] = block = block_of(solution, 1, kind.copies, inside)
            block.initialise(deviation(solution, 1, gain, 1.0, offset if kind.permuted else 0.0))

    def forward(self) -> list[Tensor]:
        return [block() for block in self.blocks.values()]


class WithinFields(Spatial):
    """Torch's convolution in groups, one a field; one call a kind of field."""

    def forward(self, layer: Weighted, values: Tensor) -> Tensor:
        kinds, parts = layer.kernel.kinds, []
        weights = [part.unflatten(-1, self.kernel_size) for part in layer.kernel()]
        if len(kinds) == 1:
            return self.convolve(values, weights[0], layer.bias() if layer.bias is not None else None, kinds[0].copies)
        for kind, run, weight in zip(kinds, split_fields(values, kinds), weights, strict=True):
            parts.append(self.convolve(run.flatten(1, 2), weight, None, kind.copies))
        made = in_channel_order(parts, kinds, 1)
        return made if layer.bias is None else made + layer.bias().reshape(-1, *[1] * self.domain.dim)


class Parted(nn.Module):
    """Each kind of field through its own convolution."""

    def __init__(self, kinds: Kinds, parts: Sequence[nn.Module]):
        super().__init__()
        self.kinds, self.parts = kinds, nn.ModuleList(parts)

    def forward(self, values: Tensor) -> Tensor:
        runs = split_fields(values, self.kinds)
        made = [part(run.flatten(1, 2)) for part, run in zip(self.parts, runs, strict=True)]
        return in_channel_order(made, self.kinds, 1)
