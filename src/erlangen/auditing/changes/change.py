"""A change: of a copy's modules, or of the torch functions that its forward calls."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from erlangen.auditing.changes.rewriting import Rewriting
from erlangen.auditing.changes.rules import RULES
from erlangen.auditing.witness import Witness


def _nothing(model: nn.Module) -> None:
    """The modules stay as they are."""


@dataclass(frozen=True)
class Change:
    """`make(model)` changes a model's modules in place, `words` its calls of torch functions (see `Rewriting`).

    `what` names what it takes away, `instead` what it puts there.
    """

    name: str
    what: str
    instead: str
    make: Callable[[nn.Module], None] = _nothing
    words: frozenset[str] = frozenset()

    @property
    def of_modules(self) -> bool:
        """Whether a model has to be copied to be changed so."""
        return self.make is not _nothing


@dataclass(frozen=True)
class Survey:
    """The words of what could be changed in a model, and its multiplications for each input, in all windows.

    `dense_work` is what they would be with a window at every site of the input.
    """

    met: frozenset[str] = frozenset()
    work: float = 0.0
    dense_work: float = 0.0


class Otherwise(nn.Module):
    """The model, its torch functions called as `words` say; `seen` is what its last call could have changed."""

    def __init__(self, model: nn.Module, dim: int, words: frozenset[str] = frozenset()):
        super().__init__()
        self.model, self.dim, self.words = model, dim, words
        self.seen = Survey()
        self.memory: dict[int, Any] = {}

    def forward(self, x: Tensor) -> Any:
        with Rewriting(self.dim, x, self.words, RULES, self.memory) as rewriting:
            y = self.model(x)
        self.seen = Survey(frozenset(rewriting.met), rewriting.work, rewriting.dense_work)
        return y


def changed(model: nn.Module, changes: tuple[Change, ...], dim: int) -> nn.Module:
    """The model with the changes made, for signals on `dim` axes: on a deep copy, where they are of its modules."""
    twin = copy.deepcopy(model) if any(change.of_modules for change in changes) else model
    for change in changes:
        change.make(twin)
    words = frozenset[str]().union(*(change.words for change in changes))
    return Otherwise(twin, dim, words) if words else twin


def survey(witness: Witness, x: Tensor, dim: int) -> Survey:
    """What a change of functions could change in the model, by one call that changes nothing."""
    if not isinstance(witness.model, nn.Module):
        return Survey()
    watched = Otherwise(witness.model, dim)
    witness.twin(watched)(x)
    return watched.seen
