"""Signals of several sizes with their labels or values: one for each, or one at every point of them."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import torch
from torch import Tensor

from erlangen.errors import DataError

UNKNOWN = -100  # the label that neither training nor testing asks for, as torch's cross-entropy has it


@dataclass(frozen=True)
class PackedPair:
    """Pairs (xᵢ, yᵢ) in a store of n signals, the points of one behind those of the other in `inputs.x`.

    targets [n], a label for each, or [points], one at every point; of these −100 is one that is not known. Or floating
    numbers, [n, k] or [points, k]: k values for each, and rows with NaN are not known. Where inputs on a product of
    domains have axes besides, `[points, channel, …]`, targets may have them, or some of them, too. In sets of signals
    there may also be one for each member.
    """

    inputs: Any
    targets: Tensor
    finite: ClassVar[tuple[str, ...]] = ("x",)  # what of the inputs is to be finite
    whole: ClassVar[str] = "signal"
    point: ClassVar[str] = "point"

    def __post_init__(self) -> None:
        if not isinstance(self.targets, Tensor) or not (hasattr(self.inputs, "take") and hasattr(self.inputs, "x")):
            given = f"inputs of type {type(self.inputs).__name__}, targets of type {type(self.targets).__name__}"
            raise DataError(given, "a store of signals, and a tensor", "Such as GraphStore(graphs), torch.tensor(y).")
        n, points = len(self.inputs), len(self.inputs.x)
        further, members = self.targets.shape[1 + self.valued :], _members(self.inputs)
        known = (n, points, n if members is None else members)
        if self.targets.ndim < 1 + self.valued or len(self.targets) not in known or not self._has(further):
            raise DataError(
                f"targets of shape {tuple(self.targets.shape)} and dtype {self.targets.dtype}",
                f"{n} labels, one a {self.whole}, {'' if members is None else f'{members}, one a member, '}or "
                f"{points}, one at every {self.point}, whole numbers; or as many rows of floating numbers"
                f"{self._besides}",
                "Check that both come from the same file; one value each is a column, [n, 1].",
            )
        if self.valued and not len(self.known):
            raise DataError("targets of which no row is finite", "numbers", "NaN means that a value is not known.")
        for name in self.finite:
            _check_finite(name, getattr(self.inputs, name))

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def valued(self) -> bool:
        """Whether the targets are real values rather than classes."""
        return self.targets.is_floating_point()

    @property
    def dense(self) -> bool:
        """Whether there is a label, or a value, at every point rather than one for the whole."""
        return len(self.targets) != len(self.inputs) or self.targets.ndim > 1 + self.valued

    @property
    def asked(self) -> int:
        """How many labels are known: of wholes, or of points."""
        return len(self.known)

    @property
    def strata(self) -> np.ndarray:
        """Of each signal the class by which it is put in parts; one for all where each has no class of its own."""
        alike = self.dense or self.valued
        return np.zeros(len(self), dtype=np.int64) if alike else self.targets.numpy()

    @property
    def channels(self) -> int:
        """How many numbers stand at each point."""
        return self.inputs.x.shape[1]

    @property
    def known(self) -> Tensor:
        """The labels, or rows of values, without those that are not known."""
        return self.targets[known(self.targets)]

    def take(self, indices: "Tensor | list[int]") -> Self:
        """The pairs at these indices, in this order."""
        return type(self)(self.inputs.take(indices), self.targets[self._rows(indices)])

    def batch(self, indices: "Tensor | list[int]") -> tuple[Any, Tensor]:
        """The same as a network takes them, with their targets."""
        return self.inputs.batch(indices), self.targets[self._rows(indices)]

    def joined(self, *others: Self) -> Self:
        """These pairs, then the others."""
        stores = [other.inputs for other in others]
        return type(self)(self.inputs.joined(*stores), torch.cat([self.targets, *(o.targets for o in others)]))

    def _rows(self, indices: "Tensor | list[int]") -> Tensor:
        if len(self.targets) == len(self.inputs):
            return torch.as_tensor(indices, dtype=torch.int64)
        of_members = len(self.targets) == _members(self.inputs)
        return self.inputs.member_rows(indices) if of_members else self.inputs.rows(indices)

    def _has(self, axes: torch.Size) -> bool:
        """Whether these are axes of the inputs, in their order: of products some may be pooled over."""
        left = iter(self.inputs.x.shape[2:])
        return all(n in left for n in axes)

    @property
    def _besides(self) -> str:
        axes = tuple(self.inputs.x.shape[2:])
        return f", with axes of these besides: {axes}" if axes else ""


def known(targets: Tensor) -> Tensor:
    """Which labels are not −100, or which rows of values are finite.

    >>> known(torch.tensor([0, -100])).tolist(), known(torch.tensor([[1.0, 2.0], [0.0, torch.nan]])).tolist()
    ([True, False], [True, False])
    """
    return targets.isfinite().flatten(1).all(1) if targets.is_floating_point() else targets != UNKNOWN


def _members(inputs: Any) -> int | None:
    """How many members sets of signals have in all; None of others."""
    return len(inputs.members) if hasattr(inputs, "member_rows") else None


def _check_finite(name: str, values: Tensor | None) -> None:
    if values is not None and not bool(torch.isfinite(values).all()):
        row = int((~torch.isfinite(values)).reshape(len(values), -1).any(1).nonzero()[0])
        raise DataError(f"{name} that is not finite, first in row {row}", "finite numbers", "Remove or fill these.")
