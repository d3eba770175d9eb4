"""The linear maps between representations at one point: a fully connected layer that commutes with the group."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.domains import Point
from erlangen.errors import SpaceError
from erlangen.layers._base import Layer, Reason
from erlangen.layers.linear._free import deviation_of, kernel_of, linear_bias
from erlangen.layers.linear._isotypic import ExportedBlocks, Isotypic
from erlangen.layers.linear._plain import Plain
from erlangen.layers.linear._way import Way, choose_way, follow_weights
from erlangen.signal import Space
from erlangen.solve.kernels import solve_at_one_site


class Dense(Layer):
    """y = W x + b with W in Hom_H(ρ_in, ρ_out) and ρ_out(h) b = b; on invariants, an ordinary linear layer.

    With `relaxed` W has a free part besides, orthogonal to Hom_H and a priori so many times as large.

    Shapes: `[b, source.channels]` → `[b, target.channels]`.

    >>> import erlangen as er
    >>> point, G = er.domains.Point(), er.C(4)
    >>> er.layers.Dense(er.Space(point, G.regular), er.Space(point, G.regular), bias=False).free_weights()
    4
    """

    def __init__(
        self,
        source: Space,
        target: Space,
        bias: bool | str = True,
        gain: float = 1.0,
        way: str | None = None,
        offset: float = 0.0,
        relaxed: float | None = None,
    ):
        super().__init__(source, target)
        if source.domain != Point() or target.domain != Point():
            raise SpaceError(
                f"Dense from {source!r} to {target!r}",
                "one point on both sides",
                "Pool over the domain first, or use LatticeConv.",
            )
        self.relaxed, one = deviation_of(relaxed), np.ones(1, dtype=bool)
        begin = {"gain": gain, "offset": offset, "even": True}
        self.kernel = kernel_of(source.rho, target.rho, solve_at_one_site, one, self.relaxed, **begin)
        self.bias = linear_bias(target.rho, self.kernel, bias)
        self.biased = bias if self.relaxed is not None else self.bias is not None
        self.gain, self.offset, self.wanted = gain, offset, way
        plain, *others = self.ways()
        self.way, self.why_way = choose_way(plain, others, way, repr(self))
        self.register_load_state_dict_post_hook(follow_weights)

    def weight(self) -> Tensor:
        """The full matrix, `[out, in]`."""
        return self.kernel().squeeze(-1)

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        return self.way(self, values)

    def ways(self) -> list[Way]:
        """All the ways in which it can be computed, the plain one first."""
        plain = Plain(self.source.channels, self.target.channels)
        return [plain, *(Isotypic.of(self.source, self.target, self.kernel.blocks) if self.relaxed is None else [])]

    def settle(self, values: Tensor) -> Tensor:
        """Nothing comes after the linear map."""
        return values

    def exported_with(self, given: nn.Module) -> nn.Module:
        """The exported linear map as it is."""
        return given

    @property
    def is_linear(self) -> bool:
        return self.bias is None

    def choices(self) -> dict[str, Any]:
        chosen = {"bias": self.biased, "gain": self.gain}
        others = {"way": self.wanted, "offset": self.offset, "relaxed": self.relaxed}
        return chosen | {name: value for name, value in others.items() if value}

    def reason(self) -> Reason:
        return Reason(
            prior="the answer is a linear reading of the features",
            law="W ρ_in(h) = ρ_out(h) W",
            solver=self.kernel.solver,
            reference="Schur 1905",
            way=self.why_way,
        )

    def unconstrained_weights(self) -> int:
        return self.source.channels * self.target.channels + (self.target.channels if self.bias is not None else 0)

    def export(self) -> nn.Module:
        if isinstance(self.way, Isotypic):
            return ExportedBlocks([(self.way, self)])
        linear = nn.Linear(self.source.channels, self.target.channels, bias=self.bias is not None)
        with torch.no_grad():
            weight = self.weight()
            linear = linear.to(weight)
            linear.weight.copy_(weight)
            if self.bias is not None:
                linear.bias.copy_(self.bias())
        return linear
