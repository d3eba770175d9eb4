"""How free weights become a kernel: one block for the fields of two kinds, one way for each form of solution."""

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.layers._constants import Constants
from erlangen.solve.kernels import BasisKernel, LiftedKernel, Solution, TiedKernel


class KernelBlock(Constants):
    """The kernel from m_in copies of one field to m_out copies of another, `[m_out·d_out, m_in·d_in, sites]`.

    A subclass names its constants and writes `forward`.
    """

    def __init__(self, solution: Solution, m_in: int, m_out: int, constants: dict[str, np.ndarray]):
        super().__init__()
        self.solution, self.copies, self.free = solution, (m_out, m_in), solution.free
        self.weight = nn.Parameter(torch.empty(m_out, m_in, self.free))
        self.hold(constants)

    def initialise(self, gain: float, share: float, offset: float) -> None:
        """Independent normal weights such that input of second moment 1 gives this block's `share` of gain²."""
        moment = self.copies[1] * second_moment(self.solution, offset)
        nn.init.normal_(self.weight, std=gain * (share / moment) ** 0.5)


class TiedBlock(KernelBlock):
    """K = w[labels], a gather; in the order [out, in, site] at once, measured faster than to reorder behind."""

    labels: Tensor
    solution: TiedKernel

    def __init__(self, solution: TiedKernel, m_in: int, m_out: int, inside: np.ndarray):
        self.padded = not inside.all()
        spread = np.full((*solution.labels.shape[:2], len(inside)), solution.free)
        spread[..., inside] = solution.labels
        super().__init__(solution, m_in, m_out, {"labels": spread.reshape(len(spread), -1)})
        self.fibres = solution.labels.shape[:2]

    def forward(self) -> Tensor:
        (m_out, m_in), (d_out, d_in) = self.copies, self.fibres
        weight = self.weight.reshape(m_out * m_in, self.free)
        weight = nn.functional.pad(weight, (0, 1)) if self.padded else weight
        weight = weight.reshape(m_out, 1, m_in, -1).expand(-1, d_out, -1, -1)
        full = weight.gather(3, self.labels.reshape(1, d_out, 1, -1).expand(m_out, -1, m_in, -1))
        return full.reshape(m_out * d_out, m_in * d_in, -1)


class BasisBlock(KernelBlock):
    """K = Σ_b w_b B_b, a product."""

    basis: Tensor

    def __init__(self, solution: BasisKernel, m_in: int, m_out: int, inside: np.ndarray):
        basis = np.zeros((*solution.basis.shape[:3], len(inside)))
        basis[..., inside] = solution.basis
        super().__init__(solution, m_in, m_out, {"basis": basis.reshape(solution.free, int(np.prod(basis.shape[1:])))})
        self.fibres = solution.basis.shape[1:3]

    def forward(self) -> Tensor:
        (m_out, m_in), (d_out, d_in) = self.copies, self.fibres
        full = self.weight.reshape(m_out * m_in, self.free) @ self.basis
        full = full.reshape(m_out, m_in, d_out, d_in, -1).transpose(1, 2)
        return full.reshape(m_out * d_out, m_in * d_in, -1)


class LiftedBlock(KernelBlock):
    """K[h, i] = Σ_b w[rows[h, i], b] filters[h, b]: a gather, then one product for each row h."""

    rows: Tensor
    filters: Tensor

    def __init__(self, solution: LiftedKernel, m_in: int, m_out: int, inside: np.ndarray):
        filters = np.zeros((*solution.filters.shape[:2], len(inside)))
        filters[..., inside] = solution.filters
        super().__init__(solution, m_in, m_out, {"rows": solution.rows.reshape(-1), "filters": filters})
        self.fibres = solution.rows.shape

    def forward(self) -> Tensor:
        (m_out, m_in), (d_out, d_in) = self.copies, self.fibres
        weight = self.weight.reshape(m_out, m_in, d_in, -1).index_select(2, self.rows)
        weight = weight.reshape(m_out, m_in, d_out, d_in, -1).permute(2, 0, 1, 3, 4)
        full = weight.reshape(d_out, m_out * m_in * d_in, -1) @ self.filters
        return full.reshape(d_out, m_out, m_in * d_in, -1).transpose(0, 1).reshape(m_out * d_out, m_in * d_in, -1)


_BLOCKS: dict[type, type] = {TiedKernel: TiedBlock, BasisKernel: BasisBlock, LiftedKernel: LiftedBlock}


def block_of(solution: Solution, m_in: int, m_out: int, inside: np.ndarray) -> KernelBlock:
    """The block of a solution; `inside` marks its sites among those of the full box."""
    return _BLOCKS[type(solution)](solution, m_in, m_out, inside)


def second_moment(solution: Solution, offset: float) -> float:
    """E|Σ_b w_b B_b x|² a channel for white w, and x independent but for a mean: E[x²] = 1, E[x x′] = `offset`.

    Σ_b ((1 − offset) |B_b|² + offset |B_b 1|²) / d_out: weights that are tied add up what their inputs have in common.
    """
    if isinstance(solution, TiedKernel):
        rows = solution.labels.reshape(len(solution.labels), -1)
        counts = np.stack([np.bincount(row, minlength=solution.free) for row in rows])
        return float((1 - offset) * rows.shape[1] + offset * (counts**2).sum() / len(rows))
    if isinstance(solution, LiftedKernel):
        d_out, squares = len(solution.rows), solution.rows.shape[1] * (solution.filters.sum(axis=2) ** 2).sum()
    else:
        d_out, squares = solution.basis.shape[1], (solution.basis.sum(axis=(2, 3)) ** 2).sum()
    return float((1 - offset) * solution.free + offset * squares) / d_out
