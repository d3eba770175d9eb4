"""Linear maps between signals whose points are told apart by their relations alone: one matrix for each relation."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from torch import Tensor, nn

from erlangen.domains.packed import Packed
from erlangen.errors import InputError, SpaceError
from erlangen.given import flag, listed
from erlangen.layers._base import Footprint, Layer, Reason
from erlangen.layers.linear._kernel import Kernel, bias_of
from erlangen.signal import Space
from erlangen.solve.kernels import solve_at_one_site

MANY = 64  # points of other domains, from where it is faster to mix channels where they stand than side by side


class Relational(Layer):
    """y_i = Σ_r K_r mean_{j : i r j} x_j + b, K_r in Hom_H(ρ_in, ρ_out): a permutation of the points carries relations.

    A subclass names what relations there are by its domain. Means, not sums, so that weights fit every size.
    """

    options = ("relations",)
    usual: ClassVar[tuple[str, ...]] = ("itself", "everyone")

    def __init__(
        self,
        source: Space,
        target: Space,
        relations: Sequence[str] | None = None,
        bias: bool = True,
        gain: float = 1.0,
        offset: float = 0.0,
    ):
        super().__init__(source, target)
        self.domain, known = self._between(source, target)
        told = None if relations is None else listed("relations", relations, InputError, ", ".join(known), "Each once.")
        self.relations = told or tuple(self.usual)
        if any(name not in known for name in self.relations) or len(set(self.relations)) < len(self.relations):
            raise InputError(f"relations={relations!r}", f"some of {', '.join(known)}", "Each once.")
        share = gain / len(self.relations) ** 0.5
        self.kernels = nn.ModuleDict({name: self._kernel(share, offset) for name in self.relations})
        self.bias = bias_of(target.rho, flag("bias", bias, InputError))
        self.gain, self.offset = gain, offset

    def _between(self, source: Space, target: Space) -> tuple[Packed, tuple[str, ...]]:
        """The domain that values come from, and what relations its points have to those that they go to."""
        domain = source.domain
        if not isinstance(domain, Packed) or target.domain != domain:
            raise SpaceError(
                f"{type(self).__name__} from {source!r} to {target!r}", "one packed domain on both sides", _MEND
            )
        return domain, domain.relations

    def _related(self, relation: str, values: Tensor, support: Any) -> Tensor:
        """For each point that values go to, the mean of those that it has this relation to."""
        return self.domain.relate(relation, values, support)

    def _kernel(self, gain: float, offset: float) -> Kernel:
        here = np.ones(1, dtype=bool)
        return Kernel(self.source.rho, self.target.rho, solve_at_one_site, here, gain, offset, even=True)

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        total = None
        for name in self.relations:
            part = self._of(name, values, self.kernels[name]().squeeze(-1), support)
            total = part if total is None else total + part
        assert total is not None, "there is a relation at least"
        return total if self.bias is None else total + self.bias()

    def over(self, values: Tensor, support: Any = None) -> Tensor | None:
        """K mixes channels where they stand; a relation takes all that stands in a row for channels."""
        x, (count, _, *points) = values.flatten(2), values.shape
        if x.shape[2] < MANY:
            return None
        total = None
        for name in self.relations:
            mixed = nn.functional.conv1d(x, self.kernels[name]())
            part = self._related(name, mixed.flatten(1), support).reshape(count, -1, x.shape[2])
            total = part if total is None else total + part
        assert total is not None, "there is a relation at least"
        total = total if self.bias is None else total + self.bias()[:, None]
        return total.reshape(count, -1, *points)

    def _of(self, relation: str, values: Tensor, matrix: Tensor, support: Any) -> Tensor:
        """K mean x = mean K x: along the relation go as few channels as there are on either side."""
        if matrix.shape[0] < matrix.shape[1]:
            return self._related(relation, nn.functional.linear(values, matrix), support)
        return nn.functional.linear(self._related(relation, values, support), matrix)

    @property
    def is_linear(self) -> bool:
        return self.bias is None

    def choices(self) -> dict[str, Any]:
        return {
            "relations": list(self.relations),
            "bias": self.bias is not None,
            "gain": self.gain,
            "offset": self.offset,
        }

    def reason(self) -> Reason:
        solver = next(iter(self.kernels.values())).solver  # type: ignore[union-attr]
        told = f"points are told apart by {len(self.relations)} relations alone: {', '.join(self.relations)}"
        return Reason(told, self.law, f"{self.solved()}; channels by {solver}", self.source_of)

    law: ClassVar[str] = "f(π·x) = π·f(x) for every permutation π of the points"
    source_of: ClassVar[str] = ""

    def solved(self) -> str:
        """How the relations were found."""
        return "one matrix a relation"

    def footprint(self) -> Footprint:
        return Footprint(None)

    def unconstrained_weights(self) -> int:
        return self.free_weights()


_MEND = "Pool to one point with er.layers.invariant, or take er.layers.linear."
