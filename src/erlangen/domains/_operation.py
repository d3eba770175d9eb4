"""Searches as operations of torch: how many are found depends on what is given, so compilers take them as they are."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import torch
from torch import Tensor

Search = Callable[..., list[Tensor]]


def search(shapes: Callable[..., list[list[Any]]]) -> Callable[[Search], Search]:
    """A search for whole numbers that torch compiles and exports as one operation, and that runs as it is elsewhere.

    `shapes` says, of the same arguments, the shape of each tensor that is found: `unknown()` is a number that is not
    known. What is given is read without gradients. `search` takes tensors and plain numbers, told by its annotations.
    """

    def made_of(function: Search) -> Search:
        def copied(*given: Any) -> list[Tensor]:  # an operation gives nothing that shares memory with what it took
            return [part.clone() for part in function(*given)]

        def imagined(*given: Any) -> list[Tensor]:
            return [given[0].new_empty(shape, dtype=torch.int64) for shape in shapes(*given)]

        schema = torch.library.infer_schema(function, mutates_args=())
        name = f"erlangen::{function.__name__.strip('_')}"
        operation = torch.library.custom_op(name, copied, mutates_args=(), schema=schema)
        operation.register_fake(imagined)

        @wraps(function)
        def run(*given: Any) -> list[Tensor]:
            return (operation if torch.compiler.is_compiling() else function)(*given)

        return run

    return made_of


def unknown() -> Any:
    """How many there will be: known when it runs."""
    return torch.library.get_ctx().new_dynamic_size()
