"""What every module of a model is given and answers, by place and by name, and which call is inside which."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, fields, is_dataclass, replace
from types import SimpleNamespace
from typing import Any

from torch import Tensor, nn

from erlangen.auditing.leaves import called, leaves_of


@dataclass
class Call:
    """One call of a module: `inside` is the number of the call that it is a part of, −1 of the model's own."""

    module: nn.Module
    name: str
    given: tuple[tuple[Any, ...], dict[str, Any]]
    inside: int
    leaf: bool
    answer: Any = field(default=None)


def recorded(model: nn.Module, ask: Callable[[], Any]) -> list[Call]:
    """All calls of leaves, and of the modules around them, while `ask` asks the model; tensors are copied."""
    leaves = set(leaves_of(model))
    calls: list[Call] = []
    open_ones: list[int] = []

    def before(module: nn.Module, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        inside = open_ones[-1] if open_ones else -1
        calls.append(Call(module, names[module], copied((args, named)), inside, module in leaves))
        open_ones.append(len(calls) - 1)

    def after(module: nn.Module, args: tuple[Any, ...], named: dict[str, Any], answer: Any) -> None:
        calls[open_ones.pop()].answer = copied(answer)

    names = {module: called(name) for name, module in model.named_modules() if leaves & set(module.modules())}
    with ExitStack() as hooks:
        for module in names:
            for hook in (
                module.register_forward_pre_hook(before, with_kwargs=True),
                module.register_forward_hook(after, with_kwargs=True),
            ):
                hooks.callback(hook.remove)
        ask()
    return calls


def tensors(value: Any) -> list[Tensor]:
    """The tensors in what a module is given or answers.

    >>> import torch
    >>> [len(t) for t in tensors((torch.ones(2), {"index": torch.ones(3), "size": 4}))]
    [2, 3]
    """
    found: list[Tensor] = []
    _walked(value, lambda tensor: (found.append(tensor), tensor)[1])
    return found


def with_tensors(value: Any, new: Iterator[Tensor]) -> Any:
    """The same with others in their place, in the order of `tensors`."""
    return _walked(value, lambda _: next(new))


def copied(value: Any) -> Any:
    """The same with copies of all tensors."""
    return _walked(value, lambda tensor: tensor.detach().clone())


def _walked(value: Any, new: Callable[[Tensor], Tensor]) -> Any:
    if isinstance(value, Tensor):
        return new(value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_walked(one, new) for one in value))
    if isinstance(value, tuple | list):
        return type(value)(_walked(one, new) for one in value)
    if isinstance(value, dict):
        return {name: _walked(one, new) for name, one in value.items()}
    if isinstance(value, SimpleNamespace):
        return SimpleNamespace(**_walked(vars(value), new))
    if is_dataclass(value) and not isinstance(value, type):
        held = {f.name: getattr(value, f.name) for f in fields(value) if f.init}
        held = {name: one for name, one in held.items() if isinstance(one, Tensor | tuple)}
        return replace(value, **_walked(held, new)) if held else value
    return value
