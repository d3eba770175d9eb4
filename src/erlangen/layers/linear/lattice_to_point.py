"""From a signal on a lattice of one size to one answer that moves with it, which knows where everything lies."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from erlangen.domains import Lattice, Point
from erlangen.errors import DomainError, InputError, SpaceError
from erlangen.given import flag, whole
from erlangen.groups import Group
from erlangen.layers._base import Footprint, Layer, Reason, require_space
from erlangen.layers.linear._kernel import Kernel, bias_of
from erlangen.signal import Space
from erlangen.solve.kernels import solve_kernel


class LatticeToPoint(Layer):
    """y = Σ_u K(u) x(u) + b with K(h·u) = ρ_out(h) K(u) ρ_in(h)⁻¹: all linear maps from a grid of one size to a point.

    What a linear layer behind a flatten is, as far as the symmetry allows it. It keeps where things are, so that no
    translation is kept: where these are to be, pool over the domain first. `size` is the number of sites along each
    axis, one number where they are alike.

    Shapes: `[b, source.channels, *size]` → `[b, target.channels]`.
    Raises DomainError for sizes that the group does not map to themselves.

    >>> import torch, erlangen as er
    >>> space, answer = er.Space(er.Grid(2), er.C(4).trivial), er.Space(er.domains.Point(), er.C(4).regular)
    >>> layer = er.layers.LatticeToPoint(space, answer, size=4)
    >>> layer(torch.randn(2, 1, 4, 4)).shape, layer.free_weights()
    (torch.Size([2, 4]), 17)

    Bronstein, Bruna, Cohen, Veličković 2021, arXiv:2104.13478.
    """

    def __init__(
        self,
        source: Space,
        target: Space,
        size: int | Sequence[int],
        bias: bool = True,
        gain: float = 1.0,
        offset: float = 0.0,
    ):
        domain = require_space("LatticeToPoint", source).domain
        if not isinstance(domain, Lattice) or target.domain != Point():
            given = f"LatticeToPoint from {source!r} to {target!r}"
            raise SpaceError(given, "a lattice, and one point", "Behind a pool over the domain it is er.layers.Dense.")
        super().__init__(source, target)
        domain.check_group(source.group)
        sizes = (size,) * domain.dim if isinstance(size, int) else tuple(size)
        if len(sizes) != domain.dim:
            raise InputError(f"size={size!r}", f"{domain.dim} numbers of sites", "One for each axis.")
        self.sizes = tuple(whole("size", n, InputError) for n in sizes)
        self.domain, self.gain, self.offset = domain, gain, offset
        self.inside = domain.clear(torch.ones(1, 1, *self.sizes)).flatten().numpy() > 0
        solve = partial(solve_kernel, site_action=self._action(source.group), sites=int(self.inside.sum()))
        self.kernel = Kernel(source.rho, target.rho, solve, self.inside, gain, offset)
        self.bias = bias_of(target.rho, flag("bias", bias, InputError))

    def _action(self, group: Group) -> tuple[tuple[int, ...], ...]:
        """How each generator permutes the sites."""
        number = np.cumsum(self.inside) - 1
        places = torch.arange(len(self.inside)).reshape(1, 1, *self.sizes)
        action = []
        for g in group.generators:
            there = self.domain.act(g, places)
            if there.shape != places.shape:
                given = f"{' × '.join(map(str, self.sizes))} sites under {group!r}"
                raise DomainError(given, "a size that the group maps to itself", "Give exchanged axes the same size.")
            image = np.empty(len(self.inside), dtype=int)
            image[there.flatten().numpy()] = np.arange(len(self.inside))
            action.append(tuple(number[image[self.inside]].tolist()))
        return tuple(action)

    def weight(self) -> Tensor:
        """The full weight, `[out, in, *size]`."""
        return self.kernel().unflatten(2, self.sizes)

    def admit(self, values: Tensor) -> Tensor:
        values = super().admit(values)
        if tuple(values.shape[2:]) != self.sizes:
            told = (" × ".join(map(str, size)) for size in (values.shape[2:], self.sizes))
            raise InputError(f"a signal of {next(told)} sites", next(told), "It knows each place: resize, or pool.")
        return values

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        return F.linear(values.flatten(1), self.kernel().flatten(1), None if self.bias is None else self.bias())

    def choices(self) -> dict[str, Any]:
        alike = len(set(self.sizes)) == 1
        chosen = {"size": self.sizes[0] if alike else list(self.sizes), "bias": self.bias is not None}
        return chosen | {name: v for name, v in (("gain", self.gain), ("offset", self.offset)) if v != (name == "gain")}

    def reason(self) -> Reason:
        return Reason(
            prior="what is asked depends on where things are, and not on which way round the whole is",
            law="K(h·u) = ρ_out(h) K(u) ρ_in(h)⁻¹",
            solver=self.kernel.solver,
            reference="Bronstein, Bruna, Cohen, Veličković 2021, arXiv:2104.13478",
        )

    def footprint(self) -> Footprint:
        return Footprint(None)

    def unconstrained_weights(self) -> int:
        weights = self.source.channels * self.target.channels * int(self.inside.sum())
        return weights + (self.target.channels if self.bias is not None else 0)

    def export(self) -> nn.Module:
        weight = self.weight().detach().flatten(1)
        linear = nn.Linear(weight.shape[1], weight.shape[0], bias=self.bias is not None).to(weight)
        with torch.no_grad():
            linear.weight.copy_(weight)
            if self.bias is not None:
                linear.bias.copy_(self.bias())
        return nn.Sequential(nn.Flatten(), linear)
