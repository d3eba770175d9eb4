"""The weights of a linear layer: free parameters, spread to the kernel K[out, in, site] that the symmetry allows."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.errors import InputError, RepresentationError
from erlangen.given import number
from erlangen.layers._constants import Constants
from erlangen.layers._fields import Kind, Kinds, are_scattered, in_channel_order, kinds_of, places
from erlangen.layers.linear._blocks import (
    KernelBlock,
    TermBlock,
    at_sites,
    block_of,
    block_of_basis,
    deviation,
    even_deviations,
)
from erlangen.layers.linear._units import between, unit_of
from erlangen.representations import Representation
from erlangen.solve import SolverChoice
from erlangen.solve.kernels import BasisKernel, Solution, TiedKernel, invariant_vectors

Solver: TypeAlias = "Callable[[Representation, Representation], Solution]"
Table: TypeAlias = "Sequence[Sequence[Any]]"  # of solutions, [out][in]


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


class Kernel(Constants, BlockedKernel):
    """All K with K(h·v) = ρ_out(h) K(v) ρ_in(h)⁻¹: one block a pair of kinds of field, `[ρ_out.dim, ρ_in.dim, sites]`.

    `solve` gives all of them for two fields; `inside` marks their sites among those of the full box. Where all are sums
    of the same few functions of the site, the blocks are of the coefficients, and one product at the end makes K.
    Initial weights give second moment gain² from inputs of second moment 1, of which `offset` is their squared mean
    where they are permuted: He et al. 2015, arXiv:1502.01852; for bases, Weiler and Cesa 2019, arXiv:1911.08251. With
    `even` all orbits that reach a channel give it equal shares.
    """

    functions: Tensor

    def __init__(
        self,
        rho_in: Representation,
        rho_out: Representation,
        solve: Solver,
        inside: np.ndarray,
        gain: float = 1.0,
        offset: float = 0.0,
        even: bool = False,
    ):
        super().__init__(gain, offset)
        self.kinds_in, self.kinds_out = kinds_of(rho_in), kinds_of(rho_out)
        solutions = [[solve(inner.field, out.field) for inner in self.kinds_in] for out in self.kinds_out]
        self.choices = tuple(solution.choice for row in solutions for solution in row)
        if not any(solution.free for row in solutions for solution in row):
            raise RepresentationError(
                f"a linear layer from {rho_in} to {rho_out}",
                "two representations with an equivariant map between them",
                "Every such map is zero; add fields that share an irrep, for instance regular ones.",
            )
        deviations = [_deviations(row, self.kinds_in, gain, offset, even) for row in solutions]
        functions = _functions(solutions)
        self.sampled, self.columns = functions is not None, len(inside if functions is None else functions)
        if functions is None:
            self._fill(solutions, deviations, partial(block_of, inside=inside))
        else:
            self._fill_coefficients(rho_in, rho_out, solutions, deviations)
        constants = {} if functions is None else {"functions": at_sites(inside, functions, 0.0)}
        scattered = {"order_in": self.kinds_in, "order_out": self.kinds_out}
        self.hold(constants | {name: places(kinds) for name, kinds in scattered.items() if are_scattered(kinds)})

    def _fill(
        self, solutions: Table, deviations: list[list[Any]], make: Callable[[Any, int, int], KernelBlock]
    ) -> None:
        """A block for each pair of kinds; between the others K is zero."""
        for i, out in enumerate(self.kinds_out):
            for j, inner in enumerate(self.kinds_in):
                if solutions[i][j].free:
                    self.blocks[f"{i}_{j}"] = block = make(solutions[i][j], inner.copies, out.copies)
                    block.initialise(deviations[i][j])

    def _fill_coefficients(
        self, rho_in: Representation, rho_out: Representation, solutions: Table, deviations: list[list[Any]]
    ) -> None:
        """One block for all where the fields stand in groups, else as always."""
        one = between(unit_of(rho_in), unit_of(rho_out), solutions, deviations)
        if one is None:
            self._fill(
                solutions, deviations, lambda found, m_in, m_out: block_of_basis(found.coefficients, m_in, m_out)
            )
            return
        self.kinds_in, self.kinds_out = (one.source,), (one.target,)
        self.blocks["0_0"] = block = TermBlock(one.terms, one.source.copies, one.target.copies)
        block.initialise(one.deviations)

    def forward(self) -> Tensor:
        weight = next(self.parameters())
        rows = []
        for i, out in enumerate(self.kinds_out):
            row = [self._block(i, out, j, inner, weight) for j, inner in enumerate(self.kinds_in)]
            rows.append(self._ordered(row, self.kinds_in, 1, "order_in"))
        made = self._ordered(rows, self.kinds_out, 0, "order_out")
        return self._at_sites(made) if self.sampled else made

    def _at_sites(self, coefficients: Tensor) -> Tensor:
        """One product for each channel that goes out: measured twice as fast as one for all."""
        return torch.bmm(coefficients, self.functions.expand(len(coefficients), -1, -1))

    def _ordered(self, parts: list[Tensor], kinds: Kinds, dim: int, name: str) -> Tensor:
        if name not in self._buffers:
            return in_channel_order(parts, kinds, dim)
        return torch.cat(parts, dim).index_select(dim, getattr(self, name))

    def _block(self, i: int, out: Kind, j: int, inner: Kind, weight: Tensor) -> Tensor:
        key = f"{i}_{j}"
        if key in self.blocks:
            return self.blocks[key]()
        return weight.new_zeros(out.channels, inner.channels, self.columns)


def _functions(solutions: Table) -> np.ndarray | None:
    """The functions of the site of which all solutions are made, `[y, site]`; None where some are made of none."""
    found = [solution.functions if isinstance(solution, BasisKernel) else None for row in solutions for solution in row]
    return found[0] if all(functions is found[0] for functions in found) else None


def _deviations(row: Sequence[Solution], kinds: Kinds, gain: float, offset: float, even: bool) -> list[Any]:
    """Each block of a row takes the share of the variance that its input channels have in all that reach the output."""
    total = sum(inner.channels for solution, inner in zip(row, kinds, strict=True) if solution.free)
    made: list[Any] = []
    for solution, inner in zip(row, kinds, strict=True):
        share, mean = inner.channels / max(total, 1), offset if inner.permuted else 0.0
        evenly = even and isinstance(solution, TiedKernel)
        make = even_deviations if evenly else deviation
        made.append(make(solution, inner.copies, gain, share, mean) if solution.free else 0.0)  # type: ignore[arg-type]
    return made


class Bias(nn.Module):
    """All b with ρ(h) b = b, `[ρ.dim]`; starts at zero. Fields that no vector is fixed in have none."""

    def __init__(self, rho: Representation):
        super().__init__()
        self.kinds, one = kinds_of(rho), np.ones(1, dtype=bool)
        self.blocks = nn.ModuleDict()
        for i, kind in enumerate(self.kinds):
            solution = invariant_vectors(kind.field)
            if solution.free:
                self.blocks[str(i)] = block = block_of(solution, 1, kind.copies, one)
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
