"""Convolution on every lattice: (K ⋆ x)(p) = Σ_q K(q − p) x(q), K steered by the point group."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from erlangen.domains import Lattice
from erlangen.errors import DomainError, InputError, SpaceError
from erlangen.given import whole
from erlangen.groups import Group
from erlangen.layers._base import Cleared, Footprint, Layer, Reason
from erlangen.layers.linear._free import deviation_of, kernel_of, linear_bias
from erlangen.layers.linear._isotypic import ExportedBlocks, Isotypic
from erlangen.layers.linear._kernel import Solver
from erlangen.layers.linear._plain import Spatial
from erlangen.layers.linear._spectral import Spectral
from erlangen.layers.linear._way import Way, choose_way, follow_weights
from erlangen.signal import Space
from erlangen.solve.kernels import solve_kernel

_CONVOLUTIONS: tuple[Any, ...] = (nn.Conv1d, nn.Conv2d, nn.Conv3d)


class LatticeConv(Layer):
    """(K ⋆ x)(p) = Σ_{q} K(q − p) x(q), with K(h·v) = ρ_out(h) K(v) ρ_in(h)⁻¹ for all h in the point group.

    Group convolution where the fields are regular, steerable convolution where they are irreps, plain convolution for
    the trivial group; on the line, the square, the cube and the hexagon. Every size stays as it is; `stride=2` halves
    it as the domain does, symmetrically about the centre. On an open line a kernel may be even: n sites are answered at
    the n + `dilation` places about them, in time at the n steps as ever. `gain` and `offset` are for the start of
    training: behind a ReLU √2 and 1/π, what it leaves of the second moment and how much of that is the mean's. With
    `relaxed` there is a free part besides, orthogonal to all these kernels and a priori so many times as large.

    Shapes: `[b, source.channels, n…]` → `[b, target.channels, n…]`.
    Raises DomainError if the group does not map the lattice, or the kernel's sites, to themselves.

    >>> import torch, erlangen as er
    >>> G = er.C(4)
    >>> lift = er.layers.LatticeConv(er.Space(er.Grid(2), G.trivial), er.Space(er.Grid(2), 2 * G.regular))
    >>> lift(torch.randn(1, 1, 7, 9)).shape, lift.free_weights()
    (torch.Size([1, 8, 7, 9]), 20)

    Cohen and Welling 2016, arXiv:1602.07576; Weiler and Cesa 2019, arXiv:1911.08251.
    """

    source: Space

    def __init__(
        self,
        source: Space,
        target: Space,
        kernel_size: int | tuple[int, ...] = 3,
        stride: int = 1,
        dilation: int = 1,
        bias: bool | str = True,
        gain: float = 1.0,
        offset: float = 0.0,
        way: str | None = None,
        relaxed: float | None = None,
    ):
        super().__init__(source, target)
        stride = whole("stride", stride, InputError)
        domain = source.domain
        expected = domain.coarser() if stride == 2 and isinstance(domain, Lattice) else domain
        if not isinstance(domain, Lattice) or target.domain != expected or stride not in (1, 2):
            raise SpaceError(
                f"LatticeConv from {source!r} to {target!r} with stride={stride}",
                "one lattice on both sides, one level coarser behind stride=2, and stride 1 or 2",
                "Build the target with Space(source.domain, rho), or Space(source.domain.coarser(), rho).",
            )
        whole("dilation", dilation, InputError, mend="1 takes neighbouring sites.")
        self.domain = domain
        self.kernel_size = _sizes(kernel_size, domain)
        self.stride, self.dilation, self.gain, self.offset = stride, dilation, gain, offset
        self.inside = domain.inside(self.kernel_size)
        self.relaxed = deviation_of(relaxed)
        self.kernel = self._solved()
        self.bias = linear_bias(target.rho, self.kernel, bias)
        self.biased = bias if self.relaxed is not None else self.bias is not None
        self.wanted = way
        self.way, self.why_way = choose_way(self._plain(), self._other_ways(), way, repr(self))
        self.register_load_state_dict_post_hook(follow_weights)

    def _solved(self) -> Any:
        """The kernels that the symmetry allows, with weights of their own."""
        ends, begin = (self.source.rho, self.target.rho), {"gain": self.gain, "offset": self.offset}
        return kernel_of(*ends, self.solver(), self.inside, self.relaxed, **begin)

    def _plain(self) -> Spatial:
        return Spatial(self.domain, self.kernel_size, self.dilation, self.source.channels * self.target.channels)

    def ways(self) -> list[Way]:
        """All the ways in which it can be computed, the plain one first."""
        return [self._plain(), *self._other_ways()]

    def _other_ways(self) -> list[Way]:
        """The ways there are besides torch's own convolution."""
        pairs = self.source.channels * self.target.channels
        spectral = Spectral.of(self.domain, self.kernel_size, self.dilation, pairs)
        isotypic = Isotypic.of(self.source, self.target, self.kernel.blocks) if self.relaxed is None else []
        return [*isotypic, *spectral]

    def solver(self) -> Solver:
        """What gives all kernels between two fields; refuses a group that it cannot serve."""
        self.domain.check_group(self.source.group)
        action = stencil_action(self.domain, self.source.group, self.kernel_size)
        return partial(solve_kernel, site_action=action, sites=int(self.inside.sum()))

    def weight(self) -> Tensor:
        """The full kernel, `[out, in, *kernel_size]`, as torch's own convolution takes it."""
        full = self.kernel()
        return full.reshape(*full.shape[:2], *self.kernel_size)

    def admit(self, values: Tensor) -> Tensor:
        values = super().admit(values)
        size = tuple(values.shape[2:])
        if self.domain.boundary == "periodic" and any(n < far for n, far in zip(size, self.reach, strict=True)):
            raise InputError(
                f"a ring of {' × '.join(map(str, size))} sites",
                f"at least {' × '.join(str(max(1, far)) for far in self.reach)}",
                "The kernel would wrap around it twice: take a smaller kernel_size or dilation, or more sites.",
            )
        return values

    @property
    def reach(self) -> tuple[int, ...]:
        """How many sites the kernel looks to each side, an axis."""
        return tuple(self.dilation * (k // 2) for k in self.kernel_size)

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        return self.settle(self.way(self, values))

    def over(self, values: Tensor, support: Any = None) -> Tensor | None:
        way: Any = self.way
        plain = isinstance(way, Spatial) and self.stride == 1 and not self.domain.masked
        return way.over(self, values) if plain else None

    def settle(self, values: Tensor) -> Tensor:
        """What comes after the linear map: zeros outside the domain, and the stride."""
        values = self.domain.clear(values)
        return self.domain.halve(values) if self.stride == 2 else values

    # ---- what it says of itself ------------------------------------------------------------------------------------
    @property
    def is_linear(self) -> bool:
        return self.bias is None

    def choices(self) -> dict[str, Any]:
        return {
            "kernel_size": list(self.kernel_size) if len(set(self.kernel_size)) > 1 else self.kernel_size[0],
            "stride": self.stride,
            "dilation": self.dilation,
            "bias": self.biased,
            "gain": self.gain,
            "offset": self.offset,
            **({"way": self.wanted} if self.wanted else {}),
            **({"relaxed": self.relaxed} if self.relaxed is not None else {}),
        }

    def reason(self) -> Reason:
        return Reason(
            prior="symmetry: one filter, moved to every position and turned by every element of the group",
            law="K(h·v) = ρ_out(h) K(v) ρ_in(h)⁻¹",
            solver=self.kernel.solver,
            reference="Cohen and Welling 2016, arXiv:1602.07576",
            way=self.why_way,
        )

    def footprint(self) -> Footprint:
        halving = self.domain.halving_extent if self.stride == 2 else 0
        return Footprint(self.dilation * (max(self.kernel_size) - 1) + halving, float(self.stride))

    def unconstrained_weights(self) -> int:
        weights = self.source.channels * self.target.channels * int(self.inside.sum())
        return weights + (self.target.channels if self.bias is not None else 0)

    def export(self) -> nn.Module:
        return self.exported_with(*self._exported())

    def exported_with(self, *given: nn.Module) -> nn.Module:
        """The exported linear map, and what comes after it."""
        parts = list(given)
        if self.domain.masked:
            parts.append(Cleared(self.domain))
        if self.stride == 2:
            parts.append(Halved(self.domain))
        return parts[0] if len(parts) == 1 else nn.Sequential(*parts)

    def _exported(self) -> list[nn.Module]:
        """The linear map itself, in torch's own layers."""
        if isinstance(self.way, Isotypic):
            return [ExportedBlocks([(self.way, self)])]
        return [self._torch(self.weight(), None if self.bias is None else self.bias())]

    def _torch(self, weight: Tensor, bias: Tensor | None, groups: int = 1) -> nn.Module:
        """Torch's own convolution with these weights and the domain's border."""
        conv = _CONVOLUTIONS[self.domain.dim - 1](
            groups * weight.shape[1],
            weight.shape[0],
            self.kernel_size,
            padding=0 if self.domain.causal else self.reach,
            dilation=self.dilation,
            groups=groups,
            bias=bias is not None,
            padding_mode="circular" if self.domain.boundary == "periodic" else "zeros",
        ).to(weight)
        with torch.no_grad():
            conv.weight.copy_(weight)
            if bias is not None and conv.bias is not None:
                conv.bias.copy_(bias)
        if self.domain.causal and self.kernel_size[0] > 1:
            return nn.Sequential(nn.ConstantPad1d((self.dilation * (self.kernel_size[0] - 1), 0), 0.0), conv)
        return conv


class Halved(nn.Module):
    """The domain's own coarsening, n → ⌈n/2⌉."""

    def __init__(self, domain: Lattice):
        super().__init__()
        self.domain = domain

    def forward(self, values: Tensor) -> Tensor:
        return self.domain.halve(values, traced=True)


def stencil_action(domain: Lattice, group: Group, kernel_size: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """How each generator permutes the kernel's sites; refuses a stencil that the group does not keep."""
    sites = domain.stencil(kernel_size)[domain.inside(kernel_size)]
    position = {tuple(site): i for i, site in enumerate(sites.tolist())}
    action = []
    for g in group.generators:
        moved = [position.get(tuple(site)) for site in (sites @ domain.matrix(g).T).tolist()]
        if None in moved:
            raise DomainError(
                f"a kernel of {kernel_size} sites under {group!r}",
                "sizes that the group maps to themselves",
                "Give axes that the group exchanges the same size.",
            )
        action.append(tuple(i for i in moved if i is not None))
    return tuple(action)


def _sizes(kernel_size: int | tuple[int, ...] | list[int], domain: Lattice) -> tuple[int, ...]:
    sizes = (kernel_size,) * domain.dim if not isinstance(kernel_size, Sequence) else tuple(kernel_size)
    domain.stencil(sizes)
    return sizes
