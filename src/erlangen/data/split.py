"""Disjoint parts of one list of examples, with every class in the same proportion in each."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from erlangen.data.dataset import PARTS, DataSet, P
from erlangen.errors import DataError


def split(pair: P, fractions: Sequence[float], seed: int, names: Sequence[str] = ()) -> tuple[P, ...]:
    """n_part(c) = round(fraction · n(c)) for each class c: the rest first, then a part for each fraction, disjoint.

    Masks are split at random. Equal seeds give equal parts. A class too small to appear in every part is a DataError.

    >>> import torch
    >>> from erlangen.data import TensorPair
    >>> labels = torch.arange(2).repeat(10)
    >>> train, validation, test = split(TensorPair(torch.zeros(20, 1, 4, 4), labels), [0.2, 0.3], seed=0)
    >>> len(train), len(validation), len(test), test.targets.sum().item()
    (10, 4, 6, 3)
    """
    labels = np.zeros(len(pair), dtype=np.int64) if pair.dense else pair.targets.numpy()
    return tuple(pair.take(part) for part in stratified(labels, fractions, seed, ("",) if pair.dense else names))


def stratified(labels: np.ndarray, fractions: Sequence[float], seed: int, names: Sequence[str] = ()) -> list[list[int]]:
    """The places of the labels that `split` puts in each part, in rising order.

    >>> stratified(np.arange(8) % 2, [0.25], seed=0)[1]
    [1, 6]
    """
    _check_fractions(fractions)
    rng = np.random.default_rng(seed)
    chosen: list[list[int]] = [[] for _ in range(len(fractions) + 1)]
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        borders = np.cumsum(_sizes(len(members), fractions, _name(int(label), names)))[:-1]
        for part, share in zip(chosen, np.split(rng.permutation(members), borders), strict=True):
            part.extend(share.tolist())
    return [sorted(part) for part in chosen]


def in_folds(labels: np.ndarray, folds: int, seed: int, names: Sequence[str] = ()) -> list[list[int]]:
    """The places of the labels in so many disjoint folds, each class spread over them as evenly as it goes.

    The members of each class are dealt out one by one, each class going on where the one before ended, so that folds
    differ in size by one at most. A class of fewer members than there are folds is a DataError.

    >>> [len(fold) for fold in in_folds(np.arange(10) % 2, 4, seed=0)]
    [3, 3, 2, 2]
    """
    rng = np.random.default_rng(seed)
    dealt: list[int] = []
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        if len(members) < folds:
            given = f"{folds} folds of {len(members)} examples of {_name(int(label), names)}"
            raise DataError(given, "an example of each class in every fold", "Take fewer folds.")
        dealt += members.tolist()
    return [sorted(dealt[fold::folds]) for fold in range(folds)]


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
) -> DataSet[P]:
    """The data set of a user's file or folder; a validation part that is missing comes off the training part."""
    train, held_out = parts["train"], parts.get("validation")
    if held_out is None:
        train, held_out = split(train, [validation], seed, classes)
    licence, source = "the user's own", str(path)
    return DataSet(train, held_out, parts["test"], classes, path.stem, licence, source, spacing=spacing, drawn=drawn)


def few(pair: P, n: int, seed: int) -> P:
    """n of the pairs at random, the classes as evenly as they allow.

    >>> import torch
    >>> from erlangen.data import TensorPair
    >>> few(TensorPair(torch.zeros(9, 1, 4, 4), torch.tensor([0, 0, 0, 0, 0, 0, 0, 1, 1])), 4, seed=0).targets.tolist()
    [0, 0, 1, 1]
    """
    order = np.random.default_rng(seed).permutation(len(pair))
    if not pair.dense:
        order = order[np.argsort(_rank_in_class(pair.targets.numpy()[order]), kind="stable")]
    return pair.take(sorted(order[:n].tolist()))


def _rank_in_class(labels: np.ndarray) -> np.ndarray:
    """How many of its own class stand before each: 0 0 1 0 2 … ."""
    grouped = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[grouped], labels)
    place = np.empty(len(labels), dtype=np.int64)
    place[grouped] = np.arange(len(labels))
    return place - starts


def _check_fractions(fractions: Sequence[float]) -> None:
    if min(fractions) <= 0 or sum(fractions) >= 1:
        raise DataError(
            f"the fractions {', '.join(f'{f:g}' for f in fractions)} for validation and test",
            "positive numbers with a sum below 1",
            "Leave something to train on, e.g. validation = 0.15 and test = 0.25.",
        )


def _name(label: int, names: Sequence[str]) -> str:
    if tuple(names) == ("",):
        return "the data"
    return f"the class {names[label]!r}" if 0 <= label < len(names) else f"the class {label}"


def _sizes(n: int, fractions: Sequence[float], name: str) -> list[int]:
    parts = [max(1, round(fraction * n)) for fraction in fractions]
    if sum(parts) >= n:
        raise DataError(
            f"{n} example{'s' * (n > 1)} of {name}",
            f"at least {len(fractions) + 1}, one for each part",
            "Add examples, leave the class out, or bring a split of your own.",
        )
    return [n - sum(parts), *parts]
