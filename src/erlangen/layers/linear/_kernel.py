"""The weights of a linear layer: free parameters, spread to the kernel K[out, in, site] that the symmetry allows."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.errors import InputError, RepresentationError
from erlangen.given import number
from erlangen.layers._base import constant
from erlangen.layers._fields import Kind, in_channel_order, kinds_of
from erlangen.representations import Representation
from erlangen.solve import SolverChoice
from erlangen.solve.kernels import BasisKernel, Permutations, TiedKernel, invariant_vectors, solve_kernel


class KernelBlock(nn.Module):
    """The kernel from m_in copies of one field to m_out copies of another, `[m_out·d_out, m_in·d_in, sites]`.

    Tied: K = w[labels], a gather. Basis: K = Σ_b w_b B_b, a product. Constants are rebuilt from float64 when the module
    changes dtype or device, so that `.float().double()` loses nothing and `.to_empty()` leaves nothing out.
    """

    def __init__(self, solution: TiedKernel | BasisKernel, m_in: int, m_out: int, inside: np.ndarray):
        super().__init__()
        self.solution, self.shape = solution, self._shape(solution, m_in, m_out, len(inside))
        self.free = solution.free
        self.weight = nn.Parameter(torch.empty(m_out, m_in, self.free))
        if isinstance(solution, TiedKernel):
            self.padded = not inside.all()
            spread = np.full((*solution.labels.shape[:2], len(inside)), solution.free)
            spread[..., inside] = solution.labels
            self._constant: np.ndarray = spread.reshape(len(spread), -1)
        else:
            basis = np.zeros((*solution.basis.shape[:3], len(inside)))
            basis[..., inside] = solution.basis
            self._constant = basis.reshape(solution.free, int(np.prod(basis.shape[1:])))
        self.register_buffer("constant", torch.as_tensor(self._constant, dtype=self._dtype()), persistent=False)

    def forward(self) -> Tensor:
        m_out, d_out, m_in, d_in, sites = self.shape
        if isinstance(self.solution, TiedKernel):
            full = self._gathered()  # in the order [out, in, site] at once: measured faster than to reorder behind
        else:
            full = self.weight.reshape(m_out * m_in, self.free) @ self.constant
            full = full.reshape(m_out, m_in, d_out, d_in, sites).transpose(1, 2)
        return full.reshape(m_out * d_out, m_in * d_in, sites)

    def _gathered(self) -> Tensor:
        m_out, d_out, m_in, _, _ = self.shape
        weight = self.weight.reshape(m_out * m_in, self.free)
        weight = nn.functional.pad(weight, (0, 1)) if self.padded else weight
        weight = weight.reshape(m_out, 1, m_in, -1).expand(-1, d_out, -1, -1)
        return weight.gather(3, self.constant.reshape(1, d_out, 1, -1).expand(m_out, -1, m_in, -1))

    def initialise(self, gain: float, share: float, offset: float) -> None:
        """Independent normal weights such that input of second moment 1 gives this block's `share` of gain²."""
        moment = self.shape[2] * second_moment(self.solution, offset)
        nn.init.normal_(self.weight, std=gain * (share / moment) ** 0.5)

    def _apply(self, fn: Callable[..., Any], recurse: bool = True) -> "KernelBlock":
        before = self.constant
        super()._apply(fn, recurse)
        if self.constant is not before:  # `share_memory()` keeps the tensor, and so must this
            self.constant = constant(self._constant, self.constant)
        return self

    def _load_from_state_dict(self, *arguments: Any, **named: Any) -> None:
        super()._load_from_state_dict(*arguments, **named)  # with assign=True the weight may come to another device
        self.constant = torch.as_tensor(self._constant, dtype=self.constant.dtype, device=self.weight.device)

    def _dtype(self) -> torch.dtype:
        return torch.int64 if isinstance(self.solution, TiedKernel) else torch.get_default_dtype()

    @staticmethod
    def _shape(solution: TiedKernel | BasisKernel, m_in: int, m_out: int, sites: int) -> tuple[int, int, int, int, int]:
        tied = isinstance(solution, TiedKernel)
        d_out, d_in = solution.labels.shape[:2] if tied else solution.basis.shape[1:3]
        return m_out, d_out, m_in, d_in, sites


def second_moment(solution: TiedKernel | BasisKernel, offset: float) -> float:
    """E|Σ_b w_b B_b x|² a channel for white w, and x independent but for a mean: E[x²] = 1, E[x x′] = `offset`.

    Σ_b ((1 − offset) |B_b|² + offset |B_b 1|²) / d_out: weights that are tied add up what their inputs have in common.
    """
    if isinstance(solution, BasisKernel):
        sums = solution.basis.sum(axis=(2, 3))
        return float((1 - offset) * len(sums) + offset * (sums**2).sum()) / solution.basis.shape[1]
    rows = solution.labels.reshape(len(solution.labels), -1)
    counts = np.stack([np.bincount(row, minlength=solution.free) for row in rows])
    return float((1 - offset) * rows.shape[1] + offset * (counts**2).sum() / len(rows))


class BlockedKernel(nn.Module):
    """Blocks of weights, and which ways found the maps that they weigh."""

    def __init__(self, gain: float, offset: float):
        super().__init__()
        number("gain", gain, InputError, mend="Behind a ReLU it is √2.")
        number("offset", offset, InputError, below=1.0, mend="Behind a ReLU it is 1/π.")
        self.choices: tuple[SolverChoice, ...] = ()
        self.blocks = nn.ModuleDict()

    @property
    def solver(self) -> str:
        """Which ways found the maps, and why."""
        return "; ".join(dict.fromkeys(str(choice) for choice in self.choices))


class Kernel(BlockedKernel):
    """All K with K(h·v) = ρ_out(h) K(v) ρ_in(h)⁻¹: one block a pair of kinds of field, `[ρ_out.dim, ρ_in.dim, sites]`.

    `site_action` moves the sites inside the kernel; `inside` marks these among the sites of the full box.
    Initial weights give second moment gain² from inputs of second moment 1, of which `offset` is their squared mean
    where they are permuted: He et al. 2015, arXiv:1502.01852; for bases, Weiler and Cesa 2019, arXiv:1911.08251.
    """

    def __init__(
        self,
        rho_in: Representation,
        rho_out: Representation,
        site_action: Permutations,
        inside: np.ndarray,
        gain: float = 1.0,
        offset: float = 0.0,
    ):
        super().__init__(gain, offset)
        self.kinds_in, self.kinds_out, self.sites = kinds_of(rho_in), kinds_of(rho_out), len(inside)
        for i, out in enumerate(self.kinds_out):
            row: list[tuple[KernelBlock, Kind]] = []
            for j, inner in enumerate(self.kinds_in):
                solution = solve_kernel(inner.field, out.field, site_action, int(inside.sum()))
                self.choices += (solution.choice,)
                if solution.free:  # between the other kinds K is zero
                    self.blocks[f"{i}_{j}"] = block = KernelBlock(solution, inner.copies, out.copies, inside)
                    row.append((block, inner))
            _initialise(row, gain, offset)
        if not self.blocks:
            raise RepresentationError(
                f"a linear layer from {rho_in} to {rho_out}",
                "two representations with an equivariant map between them",
                "Every such map is zero; add fields that share an irrep, for instance regular ones.",
            )

    def forward(self) -> Tensor:
        weight = next(self.parameters())
        rows = []
        for i, out in enumerate(self.kinds_out):
            row = [self._block(i, out, j, inner, weight) for j, inner in enumerate(self.kinds_in)]
            rows.append(in_channel_order(row, self.kinds_in, 1))
        return in_channel_order(rows, self.kinds_out, 0)

    def _block(self, i: int, out: Kind, j: int, inner: Kind, weight: Tensor) -> Tensor:
        key = f"{i}_{j}"
        if key in self.blocks:
            return self.blocks[key]()
        return weight.new_zeros(out.channels, inner.channels, self.sites)


def _initialise(row: list[tuple[KernelBlock, Kind]], gain: float, offset: float) -> None:
    """Each block of a row takes the share of the variance that its input channels have in all that reach the output."""
    total = sum(inner.channels for _, inner in row)
    for block, inner in row:
        block.initialise(gain, inner.channels / total, offset if inner.permuted else 0.0)


class Bias(nn.Module):
    """All b with ρ(h) b = b, `[ρ.dim]`; starts at zero. Fields that no vector is fixed in have none."""

    def __init__(self, rho: Representation):
        super().__init__()
        self.kinds, one = kinds_of(rho), np.ones(1, dtype=bool)
        self.blocks = nn.ModuleDict()
        for i, kind in enumerate(self.kinds):
            solution = invariant_vectors(kind.field)
            if solution.free:
                self.blocks[str(i)] = block = KernelBlock(solution, 1, kind.copies, one)
                nn.init.zeros_(block.weight)

    def forward(self) -> Tensor:
        weight = next(self.parameters())
        parts = [
            self.blocks[str(i)]().flatten() if str(i) in self.blocks else weight.new_zeros(kind.channels)
            for i, kind in enumerate(self.kinds)
        ]
        return in_channel_order(parts, self.kinds, 0)


def bias_of(rho: Representation, wanted: bool) -> Bias | None:
    """The bias, if one is wanted and the symmetry leaves room for any."""
    bias = Bias(rho) if wanted else None
    return bias if bias is not None and bias.blocks else None
