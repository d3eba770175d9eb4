"""Choices by name: what a user may say to `er.derive`, each checked in one voice."""

from collections.abc import Hashable, Sequence
from dataclasses import fields
from difflib import get_close_matches
from typing import Any, TypeVar

from erlangen.errors import TaskError

T = TypeVar("T")


def chosen(kind: type[T], given: dict[str, Any], defaults: dict[str, Any] | None = None) -> T:
    """The dataclass of choices with those given; TaskError for a name that is none of its fields."""
    known = [f.name for f in fields(kind)]  # type: ignore[arg-type]
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, 1)
            raise TaskError(
                f"the choice {name}={given[name]!r}",
                f"one of {', '.join(known)}",
                f"Did you mean {near[0]}?" if near else "Width, depth and scales are arguments of their own.",
            )
    return kind(**{**(defaults or {}), **given})


def check_one_of(name: str, value: Any, known: Sequence[Any], beside: str = "") -> None:
    """Raise a TaskError unless the value is one of those known."""
    if not isinstance(value, Hashable) or value not in known:
        raise TaskError(f"{name}={value!r}{beside}", f"one of {', '.join(map(str, known))}", "Check the spelling.")
