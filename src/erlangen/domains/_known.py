"""Functions whose answers compilers may take for constants."""

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def known(function: F) -> F:
    """A function of constants, whose answer a compiled network holds: `torch.compiler.assume_constant_result`.

    That one loads the compiler to set this mark, which takes longer than to load the library.
    """
    marked: Any = function
    marked._dynamo_marked_constant = True
    return function
