"""What an answer that looks at one number alone would score: of DNA the share of G and C."""

from collections.abc import Sequence
from statistics import mean
from typing import NamedTuple

import torch
from torch import Tensor

from erlangen.domains import Dna
from erlangen.task import Task
from erlangen.train.answers import has_dense_answer
from erlangen.train.examples import Examples


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
    """Of DNA with one label for the whole: logistic regression on the share g of G and C, and g². None elsewhere.

    Fitted on the training part, judged on the test part. Whatever a network scores, so much of it takes no motif.
    """
    if not isinstance(task.domain, Dna) or has_dense_answer(task) or not isinstance(examples.train.inputs, Tensor):
        return None
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    fitted = make_pipeline(StandardScaler(), LogisticRegression())
    fitted.fit(_of_gc(examples.train.inputs), examples.train.targets.numpy())
    return Shortcut("GC content", float(fitted.score(_of_gc(examples.test.inputs), examples.test.targets.numpy())))


def _of_gc(x: Tensor):
    """g and g² of each, `[n, 2]`; letters are shares, and zeros beyond the ends are none."""
    share = x[:, 1:3].sum(dim=(1, 2)) / x.sum(dim=(1, 2)).clamp(min=1)
    return torch.stack([share, share**2], dim=1).double().numpy()
