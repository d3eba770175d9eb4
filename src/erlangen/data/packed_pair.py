"""Signals of several sizes with their labels: one for each, or one at every point of them."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import torch
from torch import Tensor

from erlangen.errors import DataError

UNKNOWN = -100  # the label that neither training nor testing asks for, as torch's cross-entropy has it


@dataclass(frozen=True)
class PackedPair:
    """Pairs (xᵢ, yᵢ) in a store of n signals, the points of one behind those of the other in `inputs.x`.

    targets [n], a label for each, or [points], one at every point; of these −100 is one that is not known.
    """

    inputs: Any
    targets: Tensor
    finite: ClassVar[tuple[str, ...]] = ("x",)  # what of the inputs is to be finite
    whole: ClassVar[str] = "signal"
    point: ClassVar[str] = "point"

    def __post_init__(self) -> None:
        n, points = len(self.inputs), len(self.inputs.x)
        if self.targets.ndim != 1 or len(self.targets) not in (n, points) or self.targets.is_floating_point():
            raise DataError(
                f"targets of shape {tuple(self.targets.shape)} and dtype {self.targets.dtype}",
                f"{n} labels, one a {self.whole}, or {points}, one at every {self.point}, whole numbers",
                "Check that both come from the same file.",
            )
        for name in self.finite:
            _check_finite(name, getattr(self.inputs, name))

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def dense(self) -> bool:
        """Whether there is a label at every point rather than one for the whole."""
        return len(self.targets) != len(self.inputs)

    @property
    def asked(self) -> int:
        """How many labels are known: of wholes, or of points."""
        return int((self.targets != UNKNOWN).sum())

    @property
    def channels(self) -> int:
        """How many numbers stand at each point."""
        return self.inputs.x.shape[1]

    @property
    def known(self) -> Tensor:
        """The labels, without those that are not known."""
        return self.targets[self.targets != UNKNOWN]

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
        return self.inputs.rows(indices) if self.dense else torch.as_tensor(indices, dtype=torch.int64)


def _check_finite(name: str, values: Tensor | None) -> None:
    if values is not None and not bool(torch.isfinite(values).all()):
        row = int((~torch.isfinite(values)).reshape(len(values), -1).any(1).nonzero()[0])
        raise DataError(f"{name} that is not finite, first in row {row}", "finite numbers", "Remove or fill these.")
