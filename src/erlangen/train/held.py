"""What inputs hold, whatever they are: signals on a lattice in one tensor, or graphs or sequences in one store."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from erlangen.train.examples import Examples
from erlangen.train.examples import Inputs as Inputs

BATCH, POINTS = 512, 1 << 20  # examples at once, and points of all of them together


def taken(inputs: Inputs, indices: Sequence[int]) -> Any:
    """The examples at these indices, as a network takes them.

    >>> taken(torch.arange(6.0).reshape(3, 2), [2]).tolist()
    [[4.0, 5.0]]
    """
    return inputs[list(indices)] if isinstance(inputs, Tensor) else inputs.batch(indices)


def some(inputs: Inputs, indices: Sequence[int]) -> Inputs:
    """Fewer of the same kind: the examples at these indices.

    >>> some(torch.arange(6.0).reshape(3, 2), [2]).tolist()
    [[4.0, 5.0]]
    """
    return inputs[list(indices)] if isinstance(inputs, Tensor) else inputs.take(indices)


def first(inputs: Inputs, most: int) -> Any:
    """The first examples, so many at most, as a network takes them.

    >>> first(torch.zeros(3, 1, 8, 8), 64).shape
    torch.Size([3, 1, 8, 8])
    """
    return taken(inputs, range(min(most, len(inputs))))


def batches(inputs: Inputs) -> Iterator[Any]:
    """All of them in order, as many together as go through a network where nothing is learnt."""
    if isinstance(inputs, Tensor):
        yield from inputs.split(at_once(inputs))
        return
    for some in torch.arange(len(inputs)).split(at_once(inputs)):
        yield inputs.batch(some)


def at_once(inputs: Inputs) -> int:
    """How many examples go through a network together where nothing is learnt: 512, fewer where they are large.

    >>> at_once(torch.empty(9, 1, 28, 28)), at_once(torch.empty(9, 1, 64, 64, 64))
    (512, 4)
    """
    points = inputs[0, 0].numel() if isinstance(inputs, Tensor) else largest(inputs) * inputs.x[:1, :1].numel()
    return max(1, min(BATCH, POINTS // max(1, points)))


def largest(*several: Inputs) -> int:
    """The most points that one of these sets or graphs has; 0 of signals on a lattice.

    >>> from erlangen.data import GraphStore
    >>> largest(GraphStore([torch.zeros(4, 1), torch.zeros(7, 1)]), torch.zeros(3, 1, 8))
    7
    """
    return max((int(inputs.sizes.max()) for inputs in several if not isinstance(inputs, Tensor)), default=0)


def most_points(examples: Examples) -> "int | tuple[int, int]":
    """The most points that one of the sets or graphs has; 0 on a lattice. Of sets of graphs the most points that one of
    the graphs has, and the most graphs that are in a set."""
    parts = [part.inputs for part in (examples.train, examples.validation, examples.test)]
    if not hasattr(parts[0], "member_rows"):
        return largest(*parts)
    stores: list[Any] = parts
    return largest(*(store.members for store in stores)), max(int(store.counts.max()) for store in stores)


def is_sequences(inputs: Any) -> bool:
    """Whether they are sequences, of several lengths perhaps: a store or a batch of them.

    >>> from erlangen.data import SequenceStore
    >>> is_sequences(SequenceStore([torch.zeros(1, 4)])), is_sequences(torch.zeros(1, 1, 4))
    (True, False)
    """
    return hasattr(inputs, "paced")


def answered(scores: Tensor, batch: Any) -> Tensor:
    """The answers in the order of the labels: of sequences at every step, those of the steps that there are."""
    return batch.steps(scores) if is_sequences(batch) and scores.dim() > 2 else scores


def example(inputs: Inputs, index: int) -> Tensor:
    """The values of one signal, `[channel, *space]`; of several points or members `[channel, *space, points]`."""
    if isinstance(inputs, Tensor):
        return inputs[index]
    x = inputs.batch([index]).x
    return x[0] if is_sequences(inputs) else x.movedim(0, -1)


def tensors(batch: Any) -> list[Tensor]:
    """The tensors that a batch is made of."""
    held = [batch] if isinstance(batch, Tensor) else vars(batch).values()
    return [value for value in held if isinstance(value, Tensor)]
