"""What an answer that looks at one number alone would score: of DNA the share of G and C."""

from collections.abc import Sequence
from statistics import mean
from typing import Any, NamedTuple

import torch
from torch import Tensor

from erlangen.domains import Dna
from erlangen.domains.nucleotides import gc_share
from erlangen.task import Task
from erlangen.train.answers import has_dense_answer
from erlangen.train.examples import Examples

FITTED = 1 << 16  # of the examples, so many at most are fitted to: there may be more than memory holds
AROUND = 101  # letters, of which the share is taken where each letter has a label


class Shortcut(NamedTuple):
    """What is looked at, and the share of test examples that it alone answers rightly."""

    name: str
    accuracy: float


def mean_shortcut(task: Task, parts: Sequence[Examples]) -> Shortcut | None:
    """The same over folds: the mean of what it scores on each; None where there is no such number.

    >>> from erlangen.domains import Grid
    >>> from erlangen.task import Invariant
    >>> mean_shortcut(Task(Grid(2), None, 1, Invariant(2)), [])
    """
    found = [short for part in {id(p): p for p in parts}.values() if (short := shortcut(task, part)) is not None]
    return Shortcut(found[0].name, mean(short.accuracy for short in found)) if found else None


def shortcut(task: Task, examples: Examples) -> Shortcut | None:
    """Of letters of DNA: logistic regression on the share g of G and C, and g²; at every letter of the 101 around it.

    Fitted on the training part, judged on the test part. Whatever a network scores, so much of it takes no motif. None
    elsewhere.
    """
    letters = isinstance(task.domain, Dna) and task.input == task.domain.natural_input(task.symmetry)
    if not letters or not isinstance(examples.train.inputs, Tensor):
        return None
    inputs, targets = examples.train.inputs[:FITTED], examples.train.targets[:FITTED]
    if len(targets.unique()) < 2:
        return None
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    fitted = make_pipeline(StandardScaler(), LogisticRegression())
    at_letters = has_dense_answer(task)
    fitted.fit(*(_flat(part) for part in (_of_gc(inputs, at_letters), targets)))
    right = fitted.score(*(_flat(part) for part in (_of_gc(examples.test.inputs, at_letters), examples.test.targets)))
    return Shortcut("GC content", float(right))


def _of_gc(x: Tensor, at_letters: bool) -> Tensor:
    """g and g² of each, `[n, 2]` or `[n, length, 2]`; 0 where there are no letters."""
    share = gc_share(x, AROUND if at_letters else None).nan_to_num()
    return torch.stack([share, share**2], dim=-1)


def _flat(values: Tensor) -> Any:
    """All letters one behind the other, as scikit-learn takes them."""
    return values.flatten(0, -2).double().numpy() if values.is_floating_point() else values.flatten().numpy()
