"""What a symmetry forbids, let in at a price: the part of a kernel that is orthogonal to all that the group allows.

V = K + σ r F with K in Hom_H, r the root mean square of K's entries and F = (1 − P) W, P the orthogonal projection onto
Hom_H: K is the nearest symmetric kernel to V, and F all of V that breaks the symmetry. A priori W ~ N(0, 1), so that
entries of the free part are expected to be σ times as large as those of the symmetric one, whatever scale that has.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.errors import InputError
from erlangen.given import flag, number
from erlangen.layers._constants import Constants
from erlangen.layers._fields import in_channel_order, kinds_of
from erlangen.layers.linear._kernel import Bias, Kernel, Solver, bias_of
from erlangen.representations import Representation
from erlangen.solve.kernels import LiftedKernel, Solution, TiedKernel, solve_at_one_site

USUAL = 0.3  # σ, where none is asked for
SMALL = 1e-12  # of a kernel's mean square, so that its root is smooth where the kernel is nought
LARGEST = 2e8  # numbers in the table of a basis


class RelaxedKernel(Kernel):
    """V = K + σ r (1 − P) W, `[out, in, sites]`: a symmetric kernel and, at the price of a prior, all that it is not.

    W starts at nought, so that the kernel starts symmetric. Finzi, Benton, Wilson 2021, arXiv:2112.01388.
    """

    def __init__(
        self,
        rho_in: Representation,
        rho_out: Representation,
        solve: Solver,
        inside: np.ndarray,
        deviation: float,
        **begin: Any,
    ):
        super().__init__(rho_in, rho_out, solve, inside, **begin)
        self.deviation, self.entries = deviation, rho_in.dim * rho_out.dim * int(inside.sum())
        self.free = FreePart(rho_in, rho_out, solve, inside)

    def symmetric(self) -> Tensor:
        """K, the nearest symmetric kernel."""
        return super().forward()

    def forward(self) -> Tensor:
        kernel = self.symmetric()
        free = self.free(kernel)
        return kernel if free is None else kernel + self.deviation * self.size(kernel) * free

    def size(self, kernel: Tensor) -> Tensor:
        """r, the root mean square of the symmetric kernel's entries."""
        return (kernel.square().sum() / self.entries + SMALL).sqrt()

    def share(self) -> float:
        """‖V − K‖²/‖V‖²: which part of the kernel's square norm breaks the symmetry."""
        with torch.no_grad():
            whole, kernel = self().double(), self.symmetric().double()
            return float((whole - kernel).square().sum() / whole.square().sum().clamp(min=1e-300))


class RelaxedBias(Bias):
    """b + σ r √n (1 − P) w, `[ρ.dim]`: an invariant vector, where one is wanted, and a part orthogonal to all of them.

    n is how many entries of the kernel an output is made of, so that r √n is how large it is.
    """

    def __init__(self, rho: Representation, kernel: RelaxedKernel, invariant: bool):
        super().__init__(rho)
        if not invariant:
            self.blocks = nn.ModuleDict()
        self.free = FreePart(rho.group.trivial, rho, solve_at_one_site, np.ones(1, dtype=bool))
        self.beside, self.reach = (
            (kernel,),
            (kernel.entries / rho.dim) ** 0.5,
        )  # in a tuple: the kernel is no part of it

    def forward(self) -> Tensor:
        (kernel,) = self.beside
        bias, symmetric = super().forward(), kernel.symmetric()
        free = self.free(bias[:, None, None])
        assert free is not None, "else there is no such bias"
        return bias + kernel.deviation * self.reach * kernel.size(symmetric) * free.flatten()


FREE = "free"  # a bias that has a free part alone, as in front of a normalisation


def linear_bias(rho: Representation, kernel: Kernel, wanted: bool | str) -> Bias | None:
    """The bias of a layer, invariant; where the layer is relaxed with a free part besides, or alone if it is "free"."""
    if not isinstance(kernel, RelaxedKernel):
        return bias_of(rho, flag("bias", wanted, InputError))
    invariant = wanted != FREE and flag("bias", wanted, InputError)
    made = RelaxedBias(rho, kernel, invariant) if wanted else None
    return made if made is not None and made.free.blocks else bias_of(rho, invariant)


def kernel_of(
    rho_in: Representation,
    rho_out: Representation,
    solve: Solver,
    inside: np.ndarray,
    relaxed: float | None,
    **begin: Any,
) -> Kernel:
    """The kernels that the symmetry allows; with `relaxed` also a free part of that standard deviation."""
    if relaxed is None:
        return Kernel(rho_in, rho_out, solve, inside, **begin)
    return RelaxedKernel(rho_in, rho_out, solve, inside, relaxed, **begin)


def deviation_of(relaxed: Any) -> float | None:
    """The prior's σ as it was given, checked; None where nothing is relaxed."""
    if relaxed is None:
        return None
    mend = "How large the free part is expected to be, in terms of the symmetric one: 0.1; None for none."
    found = number("relaxed", relaxed, InputError, mend=mend)
    if found == 0:
        raise InputError("relaxed=0", "a number above 0", mend)
    return found


class FreePart(Constants):
    """F = (1 − P) W, `[out, in, sites]`, nought outside the kernel's sites; one block a pair of kinds of field."""

    def __init__(self, rho_in: Representation, rho_out: Representation, solve: Solver, inside: np.ndarray):
        super().__init__()
        self.kinds_in, self.kinds_out = kinds_of(rho_in), kinds_of(rho_out)
        self.sites, self.blocks = int(inside.sum()), nn.ModuleDict()
        self.hold({} if inside.all() else {"places": np.flatnonzero(inside)})
        for i, out in enumerate(self.kinds_out):
            for j, inner in enumerate(self.kinds_in):
                shape = (out.dim, inner.dim, self.sites)
                solution = solve(inner.field, out.field)
                if solution.free < np.prod(shape):
                    self.blocks[f"{i}_{j}"] = _away_from(solution, shape, out.copies, inner.copies)

    def prior(self) -> Tensor:
        """−log p(F) = ‖F‖²/2, but for a constant."""
        blocks: Any = self.blocks.values()
        parts = [block.away().square().sum() / 2 for block in blocks]
        return torch.stack(parts).sum() if parts else torch.zeros(())

    @property
    def idle(self) -> int:
        """How many of its numbers make no difference, since P takes them away."""
        blocks: Any = self.blocks.values()
        return sum(block.weight[..., 0].numel() * block.allowed for block in blocks)

    def forward(self, like: Tensor) -> Tensor | None:
        if not self.blocks:
            return None
        rows = []
        for i, out in enumerate(self.kinds_out):
            row = [
                self._block(f"{i}_{j}", (out.channels, inner.channels), like) for j, inner in enumerate(self.kinds_in)
            ]
            rows.append(in_channel_order(row, self.kinds_in, 1))
        made = in_channel_order(rows, self.kinds_out, 0)
        places = self._buffers.get("places")
        return made if places is None else torch.zeros_like(like).index_copy(2, places, made)

    def _block(self, key: str, channels: tuple[int, int], like: Tensor) -> Tensor:
        if key not in self.blocks:
            return like.new_zeros(*channels, self.sites)
        block: Any = self.blocks[key]
        return block()


class Away(Constants):
    """(1 − P) W between copies of two fields, `[m_out·d_out, m_in·d_in, sites]`; where no map is allowed, W itself."""

    def __init__(self, shape: tuple[int, ...], m_out: int, m_in: int, allowed: int, constants: dict[str, np.ndarray]):
        super().__init__()
        self.shape, self.allowed = shape, allowed
        self.weight = nn.Parameter(torch.zeros(m_out, m_in, int(np.prod(shape))))
        self.hold(constants)

    def projected(self, weight: Tensor) -> Tensor | None:
        """P W, of rows `[pairs, d_out·d_in·sites]`."""
        return None

    def away(self) -> Tensor:
        """(1 − P) W, one row a pair of fields."""
        flat = self.weight.flatten(0, 1)
        allowed = self.projected(flat)
        return flat if allowed is None else flat - allowed

    def forward(self) -> Tensor:
        made = self.away().reshape(*self.weight.shape[:2], *self.shape).transpose(1, 2)
        return made.flatten(2, 3).flatten(0, 1)


class AwayFromOrbits(Away):
    """P W is the mean over each orbit of entries."""

    labels: Tensor
    sizes: Tensor

    def projected(self, weight: Tensor) -> Tensor:
        sums = weight.new_zeros(len(weight), len(self.sizes)).index_add(1, self.labels, weight)
        return (sums / self.sizes).index_select(1, self.labels)


class AwayFromBasis(Away):
    """P W = QᵀQ W with the rows of Q orthonormal."""

    basis: Tensor

    def projected(self, weight: Tensor) -> Tensor:
        return (weight @ self.basis.T) @ self.basis


def _away_from(solution: Solution, shape: tuple[int, ...], m_out: int, m_in: int) -> Away:
    if not solution.free:
        return Away(shape, m_out, m_in, 0, {})
    if isinstance(solution, TiedKernel):
        labels = solution.labels.reshape(-1)
        sizes = np.bincount(labels, minlength=solution.free).astype(float)
        return AwayFromOrbits(shape, m_out, m_in, solution.free, {"labels": labels.astype(np.int64), "sizes": sizes})
    if solution.free * np.prod(shape) > LARGEST:
        given = f"a free part between fields of {shape[1]} and {shape[0]} channels at {shape[2]} sites"
        raise InputError(given, "a table of its basis that fits into memory", "Take smaller fields or kernels.")
    basis = _orthonormal(_spread(solution))
    return AwayFromBasis(shape, m_out, m_in, len(basis), {"basis": basis})


def _spread(solution: Solution) -> np.ndarray:
    """All B_b as rows, `[b, out · in · site]`."""
    if not isinstance(solution, LiftedKernel):
        assert not isinstance(solution, TiedKernel), "its orbits are known"
        return solution.basis.reshape(solution.free, -1)
    d_out, d_in = solution.rows.shape
    _, each, sites = solution.filters.shape
    rows = np.zeros((d_in, each, d_out, d_in, sites))
    for h in range(d_out):
        for i in range(d_in):
            rows[solution.rows[h, i], :, h, i] = solution.filters[h]
    return rows.reshape(d_in * each, -1)


def _orthonormal(rows: np.ndarray) -> np.ndarray:
    """An orthonormal basis of what the rows span."""
    _, sizes, found = np.linalg.svd(rows, full_matrices=False)
    return found[sizes > 1e-9 * sizes.max()]
