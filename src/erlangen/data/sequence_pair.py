"""Sequences of several lengths with their labels: one for each, or one at every step."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from torch import Tensor

from erlangen.data.packed_pair import UNKNOWN, PackedPair
from erlangen.data.sequences import SequenceBatch, SequenceStore
from erlangen.errors import DataError

if TYPE_CHECKING:
    from erlangen.data.dataset import DataSet


@dataclass(frozen=True)
class SequencePair(PackedPair):
    """Pairs (xᵢ, yᵢ): a store of n sequences; targets [n], a label for each, or [steps], one at every step, int64.

    −100 says of a step that its label is not known; so it says after the end of a sequence in `batch`.

    >>> import torch
    >>> pair = SequencePair(SequenceStore([torch.zeros(1, 2), torch.zeros(1, 3)]), torch.arange(5))
    >>> pair.dense, pair.batch([0, 1])[1].tolist()
    (True, [[0, 1, -100], [2, 3, 4]])
    """

    inputs: SequenceStore
    finite: ClassVar[tuple[str, ...]] = ("x", "dt")
    whole: ClassVar[str] = "sequence"
    point: ClassVar[str] = "step"

    def batch(self, indices: "Tensor | list[int]") -> tuple[SequenceBatch, Tensor]:
        """The same as a network takes them, filled up on the right, with their targets [b] or [b, T]."""
        found, targets = super().batch(indices)
        if not self.dense:
            return found, targets
        return found, found.filled(targets, UNKNOWN)

    def check_like(self, part: str, other: "SequencePair") -> None:
        """Refuse parts of another kind than `other`: of as many channels, with or without the lengths of steps."""
        mine, theirs = ((p.channels, p.inputs.dt is not None, p.dense) for p in (self, other))
        if mine != theirs:
            given = f"{part} sequences of {self.channels} channels{' with dt' * mine[1]}"
            expected = f"{other.channels} channels{' with dt' * theirs[1]}, as in the training part, and labels alike"
            raise DataError(given, expected, "Read all parts in the same way.")


def in_time(data: "DataSet[Any]") -> "DataSet[Any]":
    """The same examples as sequences: signals `[n, c, T]`, all of one length, become a store.

    >>> import torch
    >>> from erlangen.data import DataSet, TensorPair
    >>> pair = TensorPair(torch.zeros(2, 1, 5), torch.tensor([0, 1]))
    >>> in_time(DataSet(pair, pair, pair, ("a", "b"), "mine", "CC0", "here")).train.inputs.sizes.tolist()
    [5, 5]
    """
    parts = {
        part: SequencePair(SequenceStore(list(pair.inputs)), pair.targets.flatten())
        for part, pair in data.parts.items()
    }
    return replace(data, **parts)
