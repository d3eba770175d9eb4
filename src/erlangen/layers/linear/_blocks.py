"""How free weights become a kernel: one block for the fields of two kinds, one way for each form of solution."""

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.layers._constants import Constants
from erlangen.solve.kernels import LiftedKernel, Solution, TiedKernel
from erlangen.solve.steerable import WHOLE
from erlangen.solve.terms import TermKernel, single_terms


class KernelBlock(Constants):
    """The kernel from m_in copies of one field to m_out copies of another, `[m_out·d_out, m_in·d_in, sites]`.

    A subclass names its constants and writes `forward`.
    """

    def __init__(self, free: int, fibres: tuple[int, ...], m_in: int, m_out: int, constants: dict[str, np.ndarray]):
        super().__init__()
        self.free, self.fibres, self.copies = free, fibres, (m_out, m_in)
        self.weight = nn.Parameter(torch.empty(m_out, m_in, free))
        self.hold(constants)

    @property
    def channels(self) -> tuple[int, int]:
        """How many go out, and how many come in."""
        (m_out, m_in), (d_out, d_in) = self.copies, self.fibres
        return m_out * d_out, m_in * d_in

    def initialise(self, deviation: float | np.ndarray) -> None:
        """Independent normal weights of this standard deviation, one for all of them or one for each."""
        nn.init.normal_(self.weight)
        with torch.no_grad():
            self.weight.mul_(torch.as_tensor(deviation).to(self.weight))


class TiedBlock(KernelBlock):
    """K = w[labels], a gather."""

    labels: Tensor

    def __init__(self, solution: TiedKernel, m_in: int, m_out: int, inside: np.ndarray):
        labels = at_sites(inside, solution.labels, solution.free)
        super().__init__(solution.free, labels.shape[:2], m_in, m_out, {"labels": labels.reshape(len(labels), -1)})
        self.solution, self.padded = solution, not inside.all()

    def forward(self) -> Tensor:
        weight = self.weight
        if self.padded:  # flat, so that the gradient has the strides of the weight, as training over processes asks
            weight = nn.functional.pad(weight.flatten(0, 1), (0, 1)).unflatten(0, self.copies)
        return _gathered(weight, self.labels).reshape(*self.channels, -1)


class TermBlock(KernelBlock):
    """K = a ⊙ w[labels], a gather and one product an entry."""

    labels: Tensor
    factors: Tensor

    def __init__(self, terms: TermKernel, m_in: int, m_out: int):
        d_out, d_in, _ = terms.labels.shape
        constants = {"labels": terms.labels.reshape(d_out, -1), "factors": terms.factors.reshape(d_out, 1, -1)}
        super().__init__(terms.free, (d_out, d_in), m_in, m_out, constants)

    def forward(self) -> Tensor:
        return (_gathered(self.weight, self.labels) * self.factors).reshape(*self.channels, -1)


class BasisBlock(KernelBlock):
    """K = Σ_b w_b B_b, a product."""

    basis: Tensor

    def __init__(self, basis: np.ndarray, m_in: int, m_out: int):
        free, *fibres, sites = basis.shape
        super().__init__(free, tuple(fibres), m_in, m_out, {"basis": basis.reshape(free, np.prod([*fibres, sites]))})

    def forward(self) -> Tensor:
        (m_out, m_in), (d_out, d_in) = self.copies, self.fibres
        full = self.weight.reshape(m_out * m_in, self.free) @ self.basis
        full = full.reshape(m_out, m_in, d_out, d_in, -1).transpose(1, 2)
        return full.reshape(*self.channels, -1)


class LiftedBlock(KernelBlock):
    """K[h, i] = Σ_b w[rows[h, i], b] filters[h, b]: a gather, then one product for each channel that goes out."""

    rows: Tensor
    filters: Tensor

    def __init__(self, solution: LiftedKernel, m_in: int, m_out: int, inside: np.ndarray):
        d_out, d_in = solution.rows.shape
        self.wanting = -solution.filters.shape[1] % WHOLE
        filters = np.pad(at_sites(inside, solution.filters, 0.0), ((0, 0), (0, self.wanting), (0, 0)))
        rows = (solution.rows[:, None, :] + d_in * np.arange(m_in)[:, None]).reshape(-1)
        super().__init__(solution.free, (d_out, d_in), m_in, m_out, {"rows": rows, "filters": filters})

    def forward(self) -> Tensor:
        (m_out, m_in), (d_out, d_in) = self.copies, self.fibres
        weight = nn.functional.pad(self.weight.reshape(m_out, m_in * d_in, -1), (0, self.wanting))
        weight = weight.index_select(1, self.rows).reshape(m_out * d_out, m_in * d_in, -1)
        return torch.bmm(weight, self.filters.expand(m_out, -1, -1, -1).flatten(0, 1))


def block_of(solution: Solution, m_in: int, m_out: int, inside: np.ndarray) -> KernelBlock:
    """The block of a solution; `inside` marks its sites among those of the full box."""
    if isinstance(solution, TiedKernel):
        return TiedBlock(solution, m_in, m_out, inside)
    if isinstance(solution, LiftedKernel):
        return LiftedBlock(solution, m_in, m_out, inside)
    return block_of_basis(at_sites(inside, solution.basis, 0.0), m_in, m_out)


def block_of_basis(basis: np.ndarray, m_in: int, m_out: int) -> KernelBlock:
    """The block of a basis `[b, out, in, site]`, or of its coefficients in some functions of the site."""
    terms = single_terms(basis)
    return BasisBlock(basis, m_in, m_out) if terms is None else TermBlock(terms, m_in, m_out)


def at_sites(inside: np.ndarray, values: np.ndarray, elsewhere: float) -> np.ndarray:
    """Values at the sites of the full box, the last axis, from those inside."""
    full = np.full((*values.shape[:-1], len(inside)), elsewhere, dtype=values.dtype)
    full[..., inside] = values
    return full


def _gathered(weight: Tensor, labels: Tensor) -> Tensor:
    """w[labels], `[m_out, m_in, free]` and `[d_out, d_in·sites]` → `[m_out, d_out, m_in, d_in·sites]`.

    In the order [out, in, site] at once, measured faster than to reorder behind.
    """
    m_out, m_in, _ = weight.shape
    fibres = weight.unsqueeze(1).expand(-1, len(labels), -1, -1)
    return fibres.gather(3, labels.unsqueeze(1).expand(m_out, -1, m_in, -1))


def deviation(solution: Solution, copies: int, gain: float, share: float, offset: float) -> float:
    """Of independent normal weights such that input of second moment 1 in so many copies of its field gives the kernel
    its `share` of gain²."""
    return gain * (share / (copies * second_moment(solution, offset))) ** 0.5


def even_deviations(solution: TiedKernel, copies: int, gain: float, share: float, offset: float) -> np.ndarray:
    """The same of tied weights, one for each, so that all orbits that reach an output give it equal shares.

    Orbits of pairs are very unequal where a group mixes all points: one entry in a row for "itself", all the rest for
    "the others", which would drown it.
    """
    rows = solution.labels.reshape(len(solution.labels), -1)
    counts = np.stack([np.bincount(row, minlength=solution.free) for row in rows])
    first = (counts > 0).argmax(axis=0)  # a row that each orbit reaches; all such rows are alike
    moments = (1 - offset) * counts[first, range(solution.free)] + offset * counts[first, range(solution.free)] ** 2
    orbits = (counts > 0).sum(axis=1)[first]
    return gain * np.sqrt(share / (copies * orbits * moments))


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
        d_out, sums = solution.coefficients.shape[1], solution.coefficients.sum(axis=2)
        squares = ((sums if solution.functions is None else sums @ solution.functions).sum(axis=2) ** 2).sum()
    return float((1 - offset) * solution.free + offset * squares) / d_out
