"""Tuples of tensors beside the values of a signal: programs of torch.export that take them are saved and loaded."""

from typing import TypeVar

import torch
from torch.utils import _pytree

Kind = TypeVar("Kind", bound=type)


def stored(kind: Kind) -> Kind:
    """Tell torch the name of a NamedTuple by which programs hold it, and that files may hold it."""
    _pytree._register_namedtuple(kind, serialized_type_name=f"erlangen.{kind.__name__}")
    torch.serialization.add_safe_globals([kind])
    return kind
