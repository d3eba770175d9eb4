"""What every module of a model is given and answers, by place and by name, and which call is inside which."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, fields, is_dataclass, replace
from types import SimpleNamespace
from typing import Any

from torch import Tensor, nn

from erlangen.auditing.leaves import called, leaves_of


@dataclass
class Call:
    """One call of a module: `inside` is the number of the call that it is a part of, −1 of the model's own.

    Layers that know their spaces are followed through `flow`, values and support: the edges, which are no feature.
    """

    module: nn.Module
    name: str
    given: tuple[tuple[Any, ...], dict[str, Any]]
    inside: int
    leaf: bool
    answer: Any = None
    support: tuple[Any, ...] | None = None

    def again(self, given: tuple[tuple[Any, ...], dict[str, Any]], support: tuple[Any, ...] | None) -> Any:
        """The module asked about other tensors, with a support where it takes one."""
        args, named = given
        return self.module(*args, **named) if support is None else self.module.flow(*args, *support)[0]  # type: ignore[operator]


class _Recorder:
    """Keeps the calls while it is hooked to a model; tensors are copied."""

    def __init__(self, model: nn.Module):
        self.leaves = set(leaves_of(model))
        inside = {name: module for name, module in model.named_modules() if self.leaves & set(module.modules())}
        self.names = {module: called(name) for name, module in inside.items()}
        self.calls: list[Call] = []
        self._open: list[int] = []

    def before(self, module: nn.Module, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        inside = self._open[-1] if self._open else -1
        self._open.append(len(self.calls))
        self.calls.append(Call(module, self.names[module], copied((args, named)), inside, module in self.leaves))

    def after(self, module: nn.Module, args: tuple[Any, ...], named: dict[str, Any], answer: Any) -> None:
        self.calls[self._open.pop()].answer = copied(answer)

    def hook(self, hooks: ExitStack) -> None:
        """Listens to every leaf, and to the modules around them, until the hooks are closed."""
        for module in self.names:
            if all(hasattr(module, name) for name in ("flow", "source", "target")):
                hooks.callback(delattr, module, "flow")
                module.flow = self._followed(module)  # type: ignore[assignment]
                continue
            hooks.callback(module.register_forward_pre_hook(self.before, with_kwargs=True).remove)
            hooks.callback(module.register_forward_hook(self.after, with_kwargs=True).remove)

    def _followed(self, module: nn.Module) -> Callable[..., Any]:
        flow: Any = module.flow

        def followed(values: Tensor, *support: Any) -> Any:
            self.before(module, (values,), {})
            self.calls[-1].support = support
            found = flow(values, *support)
            self.after(module, (values,), {}, found[0])
            return found

        return followed


def recorded(model: nn.Module, ask: Callable[[], Any]) -> list[Call]:
    """All calls of leaves, and of the modules around them, while `ask` asks the model."""
    recorder = _Recorder(model)
    with ExitStack() as hooks:
        recorder.hook(hooks)
        ask()
    return recorder.calls


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
