"""From what JSON holds to the frozen data of a run: every field there and of its kind, or a TypeError that names it."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

MOST = 1 << 63
PLAIN = {float, str, bool}


def typed(kind: Any, value: Any, name: str = "") -> Any:
    """The value as this kind: lists serve as tuples, whole numbers as numbers, tables as dataclasses.

    >>> typed(tuple[tuple[str, float], ...], [["a", 1], ["b", 0.5]])
    (('a', 1.0), ('b', 0.5))
    """
    if type(value) is kind and kind in PLAIN:  # first, since most of a file are these
        return value
    if get_origin(kind) in (Union, UnionType):
        options = [option for option in get_args(kind) if option is not type(None)]
        return None if value is None else typed(options[0], value, name)
    if isinstance(kind, type) and is_dataclass(kind) and isinstance(value, Mapping):
        hints = _hints(kind)
        known = [entry.name for entry in fields(kind)]
        if not set(value) <= set(known):
            raise TypeError(f"{name} with {sorted(set(value) - set(known))}")
        return kind(**{key: typed(hints[key], item, key) for key, item in value.items()})
    if hasattr(kind, "_fields") and isinstance(value, list | tuple):
        return kind(*(typed(hint, item, name) for hint, item in _paired(list(_hints(kind).values()), value, name)))
    if get_origin(kind) is tuple and isinstance(value, list | tuple):
        items = get_args(kind)
        hints = [items[0]] * len(value) if items[-1] is Ellipsis else items
        return tuple(typed(hint, item, name) for hint, item in _paired(hints, value, name))
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and isinstance(value, int) and abs(value) >= MOST:
        raise TypeError(f"{name} of more digits than any count has")
    if number and kind is float:
        return float(value)
    if isinstance(kind, type) and isinstance(value, kind) and (number or kind in (bool, str)):
        return value
    raise TypeError(f"{name} that is no {kind}")


def fields_of(kind: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    """What of a table are fields of a dataclass."""
    return {entry.name: data[entry.name] for entry in fields(kind) if entry.name in data}


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _paired(hints: Any, values: Any, name: str) -> Any:
    if len(hints) != len(values):
        raise TypeError(f"{name} of {len(values)} parts")
    return zip(hints, values, strict=True)
