"""Means over all examples of an epoch, whatever the batches, over all processes, and kept by a checkpoint within it."""

from typing import Any

import torch
from torch import Tensor
from torchmetrics import Metric


class Mean(Metric):
    """Σ n·m / Σ n of means m over n examples each. A NaN is a NaN: of a training that diverges this is to be known.

    >>> mean = Mean()
    >>> mean.update(torch.tensor(1.0), torch.tensor(1))
    >>> mean.update(torch.tensor(4.0), torch.tensor(2))
    >>> mean.compute().item()
    3.0
    """

    total: Tensor
    examples: Tensor

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.add_state("total", torch.tensor(0.0), dist_reduce_fx="sum", persistent=True)
        self.add_state("examples", torch.tensor(0.0), dist_reduce_fx="sum", persistent=True)

    def update(self, mean: Tensor, examples: Tensor) -> None:
        """Take in the mean of so many more; of none it is NaN, and counts for nothing."""
        if not examples:
            return
        self.total += examples * mean
        self.examples += examples

    def compute(self) -> Tensor:
        """The mean of all so far."""
        return self.total / self.examples
