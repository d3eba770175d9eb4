"""Answers of one tensor, or of several in a tuple or dictionary: how each of them moves, and its place."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from erlangen.errors import InputError
from erlangen.symmetrize.action import Action, read_action


@dataclass(frozen=True)
class Answers:
    """The action of each part by its place, as "['mask']" or "[0]"; one alone, at "", stands for all parts."""

    output: Any
    actions: Mapping[str, Action]

    def __deepcopy__(self, memo: dict[int, Any]) -> "Answers":
        return self

    def parts(self, y: Any, count: int) -> list[tuple[Action, Tensor]]:
        """Each part of `count` answers with its action; an InputError says which does not fit what `output` says."""
        found = leaves(y)
        alone = self.actions.get("")
        if alone is None and {name for name, _ in found} != set(self.actions):
            given = f"answers at {_listed([name for name, _ in found])}"
            mend = "Name an output for each part, in a tuple or dictionary like the model's."
            raise InputError(given, f"answers at {_listed(self.actions)}", mend)
        actions = [alone or self.actions[name] for name, _ in found]
        return [(a, a.check_answer(part, count, name)) for a, (name, part) in zip(actions, found, strict=True)]


def read_answers(domain: Any, symmetry: Any, output: Any, input: Any, model: Any) -> tuple[Action, Answers]:
    """(how inputs move, how the parts of the answer do), refused as `er.Task` refuses each."""
    named = leaves(output) or [("", None)]
    actions = {name: read_action(domain, symmetry, part, input, model) for name, part in named}
    first = next(iter(actions.values()))
    return first, Answers(first.output if list(actions) == [""] else output, actions)


def leaves(tree: Any, place: str = "") -> list[tuple[str, Any]]:
    """What tuples, lists and dictionaries hold, each with its place.

    >>> leaves({"a": 1, "b": (2, 3)})
    [("['a']", 1), ("['b'][0]", 2), ("['b'][1]", 3)]
    """
    if isinstance(tree, Mapping):
        return [leaf for key, part in tree.items() for leaf in leaves(part, f"{place}[{key!r}]")]
    if isinstance(tree, tuple | list):
        return [leaf for i, part in enumerate(tree) for leaf in leaves(part, f"{place}[{i}]")]
    return [(place, tree)]


def rebuilt(tree: Any, values: Iterator[Any]) -> Any:
    """The same tuples, lists and dictionaries about other leaves, taken in the order of `leaves`.

    >>> rebuilt({"a": 1, "b": (2, 3)}, iter("xyz"))
    {'a': 'x', 'b': ('y', 'z')}
    """
    if isinstance(tree, Mapping):
        held: Any = copy.copy(tree)
        for key in tree:
            held[key] = rebuilt(tree[key], values)
        return held
    if isinstance(tree, tuple | list):
        parts = [rebuilt(part, values) for part in tree]
        return type(tree)(*parts) if getattr(tree, "_fields", None) else type(tree)(parts)
    return next(values)


def _listed(names: Sequence[str] | Mapping[str, Any]) -> str:
    return ", ".join(name or "the whole" for name in names) or "no place"
