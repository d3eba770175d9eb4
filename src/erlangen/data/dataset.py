"""A data set is three disjoint lists of pairs (x, y), the names of its classes, and where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

import numpy as np
import torch
from torch import Tensor

from erlangen.data.graph_pair import GraphPair
from erlangen.data.quantity import Quantity
from erlangen.data.sequence_pair import SequencePair
from erlangen.data.shards import Shards
from erlangen.data.strata import in_folds, stratified
from erlangen.errors import DataError

PARTS: tuple[str, ...] = ("train", "validation", "test")
P = TypeVar("P", "TensorPair", GraphPair, SequencePair)


@dataclass(frozen=True)
class TensorPair:
    """Pairs (xᵢ, yᵢ): inputs [n, channel, *space] float32; targets [n] (classes) or [n, *space] (masks), int64; or real
    values, [n, k] or [n, k, *space].

    A value that is not finite, or fewer targets than inputs, is a DataError.

    >>> pair = TensorPair(torch.zeros(2, 1, 8, 8), torch.tensor([3, 5]))
    >>> len(pair), pair.take([1]).targets.tolist()
    (2, [5])
    """

    inputs: Tensor
    targets: Tensor

    def __post_init__(self) -> None:
        _check_tensors(self.inputs, self.targets)
        _check_counts(self.inputs, self.targets)
        if not isinstance(self.inputs, Shards):  # which check what they read
            check_finite(self.inputs)
        if self.valued:
            check_finite(self.targets)

    def __len__(self) -> int:
        return len(self.inputs)

    def take(self, indices: Tensor | list[int]) -> "TensorPair":
        """The pairs at these indices, in this order."""
        return TensorPair(*self.batch(indices))

    def batch(self, indices: Tensor | list[int]) -> tuple[Tensor, Tensor]:
        """The same as a network takes them."""
        chosen = torch.as_tensor(indices, dtype=torch.int64)
        return self.inputs[chosen], self.targets[chosen]

    def joined(self, *others: "TensorPair") -> "TensorPair":
        """These pairs, then the others."""
        pairs = (self, *others)
        return TensorPair(torch.cat([pair.inputs for pair in pairs]), torch.cat([pair.targets for pair in pairs]))

    @property
    def valued(self) -> bool:
        """Whether the targets are real values rather than classes."""
        return self.targets.is_floating_point()

    @property
    def dense(self) -> bool:
        """Whether there is a label, or a value, at every point rather than one for the whole."""
        return self.targets.ndim > 1 + self.valued

    @property
    def asked(self) -> int:
        """How many examples have a label, a mask or values: all of them."""
        return len(self)

    @property
    def strata(self) -> np.ndarray:
        """Of each example the class by which it is put in parts; one for all where each has no class of its own."""
        alike = self.dense or self.valued
        return np.zeros(len(self), dtype=np.int64) if alike else self.targets.numpy()

    @property
    def channels(self) -> int:
        """How many numbers stand at each point."""
        return int(self.inputs.shape[1])

    @property
    def known(self) -> Tensor:
        """All labels; none of masks in shards, which check what they read."""
        return (self.targets[:0] if isinstance(self.targets, Shards) else self.targets).flatten()

    def check_like(self, part: str, other: "TensorPair") -> None:
        """Refuse inputs of another size than those of `other`, and masks that are not of that size."""
        _check_same_size(part, self.inputs, other.inputs)
        _check_masks(part, self)


@dataclass(frozen=True)
class DataSet(Generic[P]):
    """train ∪ validation ∪ test, disjoint: fit on the first, choose on the second, report on the third.

    All inputs share channels and size; a label is an index into `classes`. Test targets are never used for choosing.
    Where real values are asked for, there are no classes, and `quantity` says what they measure, in which unit;
    `references` are answers to the test part that need no network, such as that all stays as it is.
    `spacing`, where it is known, is what the domain of a task is to say: er.Grid(3, spacing=data.spacing). Of graphs
    (`GraphPair`) the parts may be the same graph, with labels at disjoint points. `drawn` says that the parts were
    drawn at random from one list, so that they may be drawn otherwise, too.

    >>> from erlangen.data import load
    >>> digits = load("digits")
    >>> digits.channels, digits.size, len(digits.classes), digits.is_segmentation
    (1, (8, 8), 10, False)
    """

    train: P
    validation: P
    test: P
    classes: tuple[str, ...]
    name: str
    licence: str
    source: str
    citation: str = ""
    units: str = ""
    spacing: tuple[float, ...] | None = None  # of the points, along each axis, where the data say it
    drawn: bool = False
    quantity: Quantity | None = None  # what real-valued targets measure; None where they are classes
    references: Mapping[str, Tensor] = field(
        default_factory=dict, hash=False
    )  # what is answered without a network, by name

    def __post_init__(self) -> None:
        for part, pair in self.parts.items():
            pair.check_like(part, self.train)
            if self.quantity is None:
                check_labels(part, pair.known, len(self.classes))
        if self.quantity is not None:
            _check_values(self.train, self.quantity, self.classes)
        _check_references(self.test, self.references)
        if self.spacing is not None and len(self.spacing) != len(self.size):
            given = f"spacing={self.spacing} beside inputs of size {self.size}"
            raise DataError(given, "one length an axis of space", "Say it for every axis, or leave it out.")

    @property
    def parts(self) -> dict[str, P]:
        """The three parts by name, in the order train, validation, test."""
        return dict(zip(PARTS, (self.train, self.validation, self.test), strict=True))

    def fold(self, number: int, folds: int, validation: float, seed: int) -> "DataSet[P]":
        """All examples parted anew for cross-validation: the fold `number` mod `folds` is tested on, of the rest the
        part `validation` of all is held out, the others are learnt from.

        Stratified by class, the same folds for equal seeds. DataError where the test part was not drawn from one list.

        >>> from erlangen.data import load
        >>> parts = load("digits").fold(3, 10, 0.1, seed=0).parts.values()
        >>> [len(part) for part in parts]
        [1438, 179, 180]
        """
        if not self.drawn:
            given, expected = f"{folds} folds of {self.name}", "data without a test part of their own"
            raise DataError(given, expected, "Leave data.folds out.")
        pool: P = self.train.joined(self.validation, self.test)
        labels = pool.strata
        dealt = in_folds(labels, folds, seed, self.classes)
        tested = dealt.pop(number % folds)
        rest = np.sort(np.concatenate(dealt))
        learnt, held_out = stratified(labels[rest], [validation * len(pool) / len(rest)], seed, self.classes)
        train, kept, test = (pool.take(places.tolist()) for places in (rest[learnt], rest[held_out], np.array(tested)))
        return replace(self, train=train, validation=kept, test=test)

    @property
    def channels(self) -> int:
        """How many numbers stand at each point."""
        return self.train.channels

    @property
    def size(self) -> tuple[int, ...]:
        """How many points along each axis of space; nothing of sets and graphs, which have no axes."""
        return tuple(self.train.inputs.shape[2:]) if isinstance(self.train, TensorPair) else ()

    @property
    def is_segmentation(self) -> bool:
        """Whether there is a label at every point rather than one for the whole."""
        return self.train.dense

    def counts(self) -> dict[str, list[int]]:
        """How often each label occurs in each part: points are counted where they have labels, signals otherwise.

        Of real values nothing is counted.
        """
        if self.quantity is not None:
            return {part: [] for part in self.parts}
        k = len(self.classes)
        return {part: torch.bincount(pair.known, minlength=k).tolist() for part, pair in self.parts.items()}


def _check_tensors(inputs: object, targets: object) -> None:
    for what, given in (("inputs", inputs), ("targets", targets)):
        if not isinstance(given, Tensor):
            mend = f"Convert with torch.as_tensor({what})."
            raise DataError(f"{what} of type {type(given).__name__}", "a torch.Tensor", mend)
        if given.ndim < 1 or given.is_sparse or given.is_meta:
            kind = "sparse" if given.is_sparse else "meta" if given.is_meta else "without axes"
            raise DataError(f"{what}, a tensor that is {kind}", "a dense tensor with values", f"Pass {what} [n, …].")


def _check_counts(inputs: Tensor, targets: Tensor) -> None:
    if inputs.ndim < 3 or not inputs.is_floating_point():
        raise DataError(
            f"inputs of shape {tuple(inputs.shape)} and dtype {inputs.dtype}",
            "floating-point inputs [n, channel, *space]",
            "Add the channel axis and convert with .float().",
        )
    if len(inputs) == 0 or len(inputs) != len(targets):
        raise DataError(
            f"{len(inputs)} inputs and {len(targets)} targets",
            "as many targets as inputs, at least one",
            "Check that both arrays come from the same examples.",
        )


def check_finite(inputs: Tensor) -> None:
    """Refuse inputs with NaN or infinity: DataError says which, where, and how many.

    >>> check_finite(torch.zeros(2, 1, 4, 4))
    """
    finite = torch.isfinite(inputs)
    if not finite.all():
        index = tuple(int(i) for i in (~finite).nonzero()[0])
        raise DataError(
            f"{inputs[index].item()} at index {index} of the inputs ({int((~finite).sum())} values are not finite)",
            "finite numbers",
            "Remove or fill these values before loading the data.",
        )


def _check_same_size(part: str, inputs: Tensor, reference: Tensor) -> None:
    if inputs.shape[1:] != reference.shape[1:]:
        given = f"{part} inputs of shape {tuple(inputs.shape[1:])} beside train inputs {tuple(reference.shape[1:])}"
        raise DataError(given, "one shape [channel, *space] throughout", "Crop, pad or resize to one size first.")


def _check_masks(part: str, pair: TensorPair) -> None:
    space, there = tuple(pair.inputs.shape[2:]), tuple(pair.targets.shape[1 + pair.valued :])
    if pair.dense and there != space:
        what, each = ("values", "values") if pair.valued else ("masks", "a label")
        given = f"{part} {what} of shape {tuple(pair.targets.shape[1:])} beside inputs of {space}"
        raise DataError(given, f"{each} at every site of the input", "Crop or resize both to one size.")


def check_labels(part: str, targets: Tensor, classes: int) -> None:
    """Refuse labels that no class has: DataError names the part, or the place, they are in.

    >>> check_labels("test", torch.tensor([0, 1]), 2)
    """
    if targets.is_floating_point():
        raise DataError(
            f"{part} targets of dtype {targets.dtype}",
            "integer class labels or integer masks",
            "Of real values say what they measure: DataSet(…, quantity=Quantity(name, unit)).",
        )
    outside = (targets < 0) | (targets >= classes)
    if outside.any():
        raise DataError(
            f"the label {int(targets[outside][0])} in the {part} targets",
            f"labels 0 … {classes - 1} for {classes} classes",
            "Number the labels from 0 without gaps, e.g. numpy.unique(y, return_inverse=True)[1].",
        )


def _check_values(pair: P, quantity: Quantity, classes: tuple[str, ...]) -> None:
    if isinstance(pair, SequencePair):
        given = f"the values {quantity.name} of sequences"
        mend = "Elsewhere train on values with a loop of your own."
        raise DataError(given, "signals of one size, sets, graphs or points", mend)
    if classes or not pair.valued or pair.targets.ndim < 2:
        given = f"targets of shape {tuple(pair.targets.shape)} and dtype {pair.targets.dtype} in classes {classes}"
        expected = f"floating targets [n, k, …] of {quantity.name} and no classes"
        raise DataError(given, expected, "Leave quantity out where there are classes.")


def _check_references(test: P, references: Mapping[str, Tensor]) -> None:
    for name, answers in references.items():
        if answers.shape != test.targets.shape or not test.targets.is_floating_point():
            given = f"the reference {name!r} of shape {tuple(answers.shape)}"
            expected = f"values as the test part has them, {tuple(test.targets.shape)}"
            raise DataError(given, expected, "It is what would be answered to each test example.")
