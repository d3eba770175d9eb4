"""Places of labels in disjoint parts, with every class in the same proportion in each."""

from collections.abc import Sequence

import numpy as np

from erlangen.errors import DataError


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
