"""Disjoint parts of one list of examples, with every class in the same proportion in each."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from torch import Tensor

from erlangen.data.dataset import PARTS, DataSet, TensorPair
from erlangen.errors import DataError


def split(pair: TensorPair, fractions: Sequence[float], seed: int, names: Sequence[str] = ()) -> tuple[TensorPair, ...]:
    """n_part(c) = round(fraction · n(c)) for each class c: the rest first, then a part for each fraction, disjoint.

    Masks are split at random. Equal seeds give equal parts. A class too small to appear in every part is a DataError.

    >>> import torch
    >>> labels = torch.arange(2).repeat(10)
    >>> train, validation, test = split(TensorPair(torch.zeros(20, 1, 4, 4), labels), [0.2, 0.3], seed=0)
    >>> len(train), len(validation), len(test), test.targets.sum().item()
    (10, 4, 6, 3)
    """
    _check_fractions(fractions)
    rng = np.random.default_rng(seed)
    chosen: list[list[int]] = [[] for _ in range(len(fractions) + 1)]
    for name, members in _groups(pair.targets, names).items():
        borders = np.cumsum(_sizes(len(members), fractions, name))[:-1]
        for part, share in zip(chosen, np.split(rng.permutation(members), borders), strict=True):
            part.extend(share.tolist())
    return tuple(pair.take(sorted(part)) for part in chosen)


def into_three(
    pair: TensorPair, validation: float, test: float, seed: int, names: Sequence[str] = ()
) -> dict[str, TensorPair]:
    """train = all − validation − test: the three parts by name.

    >>> import torch
    >>> parts = into_three(TensorPair(torch.zeros(20, 1, 4, 4), torch.arange(20) % 2), 0.2, 0.3, seed=0)
    >>> {name: len(part) for name, part in parts.items()}
    {'train': 10, 'validation': 4, 'test': 6}
    """
    return dict(zip(PARTS, split(pair, [validation, test], seed, names), strict=True))


def own_set(
    parts: dict[str, TensorPair],
    classes: tuple[str, ...],
    path: Path,
    validation: float,
    seed: int,
    spacing: tuple[float, ...] | None = None,
) -> DataSet:
    """The data set of a user's file or folder; a validation part that is missing comes off the training part."""
    train, held_out = parts["train"], parts.get("validation")
    if held_out is None:
        train, held_out = split(train, [validation], seed, classes)
    return DataSet(train, held_out, parts["test"], classes, path.stem, "the user's own", str(path), spacing=spacing)


def few(pair: TensorPair, n: int, seed: int) -> TensorPair:
    """n of the pairs at random, the classes as evenly as they allow.

    >>> import torch
    >>> few(TensorPair(torch.zeros(9, 1, 4, 4), torch.tensor([0, 0, 0, 0, 0, 0, 0, 1, 1])), 4, seed=0).targets.tolist()
    [0, 0, 1, 1]
    """
    order = np.random.default_rng(seed).permutation(len(pair))
    if pair.targets.ndim == 1:
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


def _groups(targets: Tensor, names: Sequence[str]) -> dict[str, np.ndarray]:
    if targets.ndim > 1:
        return {"the data": np.arange(len(targets))}
    labels = targets.numpy()
    return {_name(int(label), names): np.flatnonzero(labels == label) for label in np.unique(labels)}


def _name(label: int, names: Sequence[str]) -> str:
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
