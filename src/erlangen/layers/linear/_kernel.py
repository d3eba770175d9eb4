"""The weights of a linear layer: free parameters, spread to the kernel K[out, in, site] that the symmetry allows."""

from collections.abc import Callable, Iterable
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.errors import RepresentationError
from erlangen.layers._base import constant
from erlangen.representations import Representation
from erlangen.solve.kernels import BasisKernel, Permutations, TiedKernel, invariant_vectors, solve_kernel


class KernelBlock(nn.Module):
    """The kernel from m_in copies of one field to m_out copies of another, `[m_out·d_out, m_in·d_in, sites]`.

    Tied: K = w[labels], a gather. Basis: K = Σ_b w_b B_b, a product. Constants are rebuilt from float64 when the module
    changes dtype or device, so that `.float().double()` loses nothing and `.to_empty()` leaves nothing out.
    """

    def __init__(self, solution: TiedKernel | BasisKernel, m_in: int, m_out: int, inside: np.ndarray):
        super().__init__()
        self.solution, self.shape = solution, self._shape(solution, m_in, m_out, len(inside))
        self.weight = nn.Parameter(torch.empty(m_out, m_in, solution.free))
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
            full = self.weight.reshape(m_out * m_in, self.solution.free) @ self.constant
            full = full.reshape(m_out, m_in, d_out, d_in, sites).transpose(1, 2)
        return full.reshape(m_out * d_out, m_in * d_in, sites)

    def _gathered(self) -> Tensor:
        m_out, d_out, m_in, _, _ = self.shape
        weight = self.weight.reshape(m_out * m_in, self.solution.free)
        weight = nn.functional.pad(weight, (0, 1)) if self.padded else weight
        weight = weight.reshape(m_out, 1, m_in, -1).expand(-1, d_out, -1, -1)
        return weight.gather(3, self.constant.reshape(1, d_out, 1, -1).expand(m_out, -1, m_in, -1))

    def initialise(self, gain: float, share: float, sites: int) -> None:
        """Independent normal weights such that white input gives this block's `share` of the variance gain²."""
        _, d_out, m_in, d_in, _ = self.shape
        tied = isinstance(self.solution, TiedKernel)
        per_weight = d_in * sites if tied else self.solution.free / d_out
        nn.init.normal_(self.weight, std=gain * (share / (m_in * per_weight)) ** 0.5)

    def _apply(self, fn: Callable[..., Any], recurse: bool = True) -> "KernelBlock":
        super()._apply(fn, recurse)
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


class Kernel(nn.Module):
    """All K with K(h·v) = ρ_out(h) K(v) ρ_in(h)⁻¹: one block a pair of field types, `[ρ_out.dim, ρ_in.dim, sites]`.

    `site_action` moves the sites inside the kernel; `inside` marks these among the sites of the full box.
    Initial weights give unit variance (times gain²) from white input: He et al. 2015, arXiv:1502.01852; for bases,
    Weiler and Cesa 2019, arXiv:1911.08251.
    """

    def __init__(
        self,
        rho_in: Representation,
        rho_out: Representation,
        site_action: Permutations,
        inside: np.ndarray,
        gain: float = 1.0,
    ):
        super().__init__()
        self.solvers: tuple[str, ...] = ()
        self.rows, sites = nn.ModuleList(), int(inside.sum())
        for field_out, m_out in rho_out.fields:
            solved = [(solve_kernel(field_in, field_out, site_action, sites), m_in) for field_in, m_in in rho_in.fields]
            row = [KernelBlock(solution, m_in, m_out, inside) for solution, m_in in solved]
            self.rows.append(nn.ModuleList(row))
            self.solvers += tuple(solution.solver for solution, _ in solved)
            _initialise(row, gain, int(inside.sum()))
        if not any(p.numel() for p in self.parameters()):
            raise RepresentationError(
                f"a linear layer from {rho_in} to {rho_out}",
                "two representations with an equivariant map between them",
                "Every such map is zero; add fields that share an irrep, for instance regular ones.",
            )

    def forward(self) -> Tensor:
        rows = [_joined([block() for block in cast(Iterable[KernelBlock], row)], dim=1) for row in self.rows]
        return _joined(rows, dim=0)


def _joined(parts: list[Tensor], dim: int) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=dim)


def _initialise(row: list[KernelBlock], gain: float, sites: int) -> None:
    """Each block of a row takes the share of the variance that its input channels have in all that reach the output."""
    alive = [block for block in row if block.weight.numel()]
    total = sum(block.shape[2] * block.shape[3] for block in alive)
    for block in alive:
        block.initialise(gain, block.shape[2] * block.shape[3] / total, sites)


class Bias(nn.Module):
    """All b with ρ(h) b = b, `[ρ.dim]`; starts at zero."""

    def __init__(self, rho: Representation):
        super().__init__()
        one = np.ones(1, dtype=bool)
        blocks = [KernelBlock(invariant_vectors(field), 1, m, one) for field, m in rho.fields]
        for block in blocks:
            block.weight.data.zero_()
        self.blocks = nn.ModuleList(blocks)

    def forward(self) -> Tensor:
        return torch.cat([block().flatten() for block in self.blocks])
