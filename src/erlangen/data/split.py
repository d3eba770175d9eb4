"""Disjoint parts of one list of examples, with every class in the same proportion in each."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from erlangen.data.dataset import PARTS, DataSet, P
from erlangen.data.quantity import Quantity
from erlangen.data.strata import stratified


def split(pair: P, fractions: Sequence[float], seed: int, names: Sequence[str] = ()) -> tuple[P, ...]:
    """n_part(c) = round(fraction · n(c)) for each class c: the rest first, then a part for each fraction, disjoint.

    Masks and values are split at random. Equal seeds give equal parts. A class too small to appear in every part is a
    DataError.

    >>> import torch
    >>> from erlangen.data import TensorPair
    >>> labels = torch.arange(2).repeat(10)
    >>> train, validation, test = split(TensorPair(torch.zeros(20, 1, 4, 4), labels), [0.2, 0.3], seed=0)
    >>> len(train), len(validation), len(test), test.targets.sum().item()
    (10, 4, 6, 3)
    """
    labels = pair.strata
    return tuple(pair.take(part) for part in stratified(labels, fractions, seed, ("",) if _alike(pair) else names))


def into_three(pair: P, validation: float, test: float, seed: int, names: Sequence[str] = ()) -> dict[str, P]:
    """train = all − validation − test: the three parts by name.

    >>> import torch
    >>> from erlangen.data import TensorPair
    >>> parts = into_three(TensorPair(torch.zeros(20, 1, 4, 4), torch.arange(20) % 2), 0.2, 0.3, seed=0)
    >>> {name: len(part) for name, part in parts.items()}
    {'train': 10, 'validation': 4, 'test': 6}
    """
    return dict(zip(PARTS, split(pair, [validation, test], seed, names), strict=True))


def own_set(
    parts: dict[str, P],
    classes: tuple[str, ...],
    path: Path,
    validation: float,
    seed: int,
    spacing: tuple[float, ...] | None = None,
    drawn: bool = False,
    quantity: Quantity | None = None,
) -> DataSet[P]:
    """The data set of a user's file or folder; a validation part that is missing comes off the training part."""
    train, held_out = parts["train"], parts.get("validation")
    if held_out is None:
        train, held_out = split(train, [validation], seed, classes)
    licence, source = "the user's own", str(path)
    return DataSet(
        train,
        held_out,
        parts["test"],
        classes,
        path.stem,
        licence,
        source,
        spacing=spacing,
        drawn=drawn,
        quantity=quantity,
    )


def few(pair: P, n: int, seed: int) -> P:
    """n of the pairs at random, the classes as evenly as they allow.

    >>> import torch
    >>> from erlangen.data import TensorPair
    >>> few(TensorPair(torch.zeros(9, 1, 4, 4), torch.tensor([0, 0, 0, 0, 0, 0, 0, 1, 1])), 4, seed=0).targets.tolist()
    [0, 0, 1, 1]
    """
    order = np.random.default_rng(seed).permutation(len(pair))
    if not _alike(pair):
        order = order[np.argsort(_rank_in_class(pair.strata[order]), kind="stable")]
    return pair.take(sorted(order[:n].tolist()))


def _alike(pair: P) -> bool:
    """Whether examples have no classes of their own."""
    return pair.dense or pair.targets.is_floating_point()


def _rank_in_class(labels: np.ndarray) -> np.ndarray:
    """How many of its own class stand before each: 0 0 1 0 2 … ."""
    grouped = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[grouped], labels)
    place = np.empty(len(labels), dtype=np.int64)
    place[grouped] = np.arange(len(labels))
    return place - starts
