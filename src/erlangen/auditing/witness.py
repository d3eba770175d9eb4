"""Asking the model: in eval mode, in batches, on copies of the inputs, every answer checked; it is left as it was."""

import copy
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from erlangen.auditing.naming import article
from erlangen.chance import fixed_seed
from erlangen.errors import InputError, SymmetryError
from erlangen.pages import several
from erlangen.signal import Signal

Select = Callable[[Any], Any] | int | str | None


class Witness:
    """y = f(x), without gradients, on clones: a model that writes into its input spoils nothing.

    Shapes: x `[n, c, …]` → y `[n, …]`, floating and finite; else an InputError says what the model gave.
    """

    def __init__(self, model: Callable[..., Any], select: Select = None, batch_size: int = 64, seed: int = 0):
        self.model, self.select, self.batch_size, self.seed = model, select, batch_size, seed
        example = first_floating(model)
        self.dtype = example.dtype if example is not None else None
        self.device = example.device if example is not None else torch.device("cpu")

    def __call__(self, x: Tensor, where: str = "x", again: bool = False) -> Tensor:
        """f(x) on the CPU; `where` names the input in an error; `again` asks with other random numbers."""
        with torch.no_grad(), fixed_seed(self.seed + again):
            parts = [self._batch(part.to(self.device, copy=True), where) for part in x.split(self.batch_size)]
        return _finite(torch.cat(parts), where)

    def twin(self, model: Callable[..., Any] | None = None) -> "Witness":
        """The same questions to another model, by default to a copy in float64."""
        if model is None:
            model = copy.deepcopy(self.model)
            if isinstance(model, nn.Module):
                model = model.double()
        return Witness(model, self.select, self.batch_size, self.seed)

    def _batch(self, x: Tensor, where: str) -> Tensor:
        n, shape = len(x), tuple(x.shape)
        try:
            given = self.model(x)
        except SymmetryError:
            raise
        except Exception as error:  # the model is the user's: whatever it raises is what has to be told
            raise InputError(
                f"{where} of shape {shape}, on which the model raised {type(error).__name__}: {_first_line(error)}",
                "inputs the model can take",
                "Check the channels and the size; a turned picture that is not square changes its shape.",
            ) from error
        return _checked(_selected(given, self.select), n)

    def pick(self, given: Any) -> Any:
        """The part of what the model gave that is audited."""
        return _selected(given, self.select)

    def part(self, given: Any) -> Any:
        """The audited tensor of what the model gave, as `__call__` reads it, and nothing checked."""
        y = _selected(given, self.select)
        return real_rows(y.values if isinstance(y, Signal) else y)


@contextmanager
def in_eval(model: Any) -> Iterator[bool]:
    """The model in eval mode inside, and every module back in its own mode outside. Yields whether any was training."""
    modules = list(model.modules()) if isinstance(model, nn.Module) else []
    modes = [module.training for module in modules]
    try:
        for module in modules:
            module.training = False
        yield any(modes)
    finally:
        for module, mode in zip(modules, modes, strict=True):
            module.training = mode


@contextmanager
def hooked(
    model: Any,
    note: Callable[[nn.Module, tuple[Any, ...], Any], None],
    before: Callable[[nn.Module, tuple[Any, ...]], None] | None = None,
    leaves: Iterable[nn.Module] | None = None,
) -> Iterator[None]:
    """`note(module, inputs, output)` after every call of a leaf of the model, inside; the hooks are gone outside.

    `before(module, inputs)` comes ahead of it; `leaves` are the modules that count, else those without others inside.
    """
    if leaves is None:
        leaves = [m for m in model.modules() if not list(m.children())] if isinstance(model, nn.Module) else []
    found = list(dict.fromkeys(leaves))
    hooks = [leaf.register_forward_hook(note) for leaf in found]
    hooks += [leaf.register_forward_pre_hook(before) for leaf in found] if before is not None else []
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def warn(found: list[str], text: str) -> None:
    """Keep a warning for the report, and give it to Python too."""
    found.append(text)
    warnings.warn(text, UserWarning, stacklevel=_frames_of_ours())


def _frames_of_ours() -> int:
    """How many calls of this library lie above: the warning is of the line that called it."""
    frame, depth = sys._getframe(1), 1
    while frame is not None and str(frame.f_globals.get("__name__", "")).split(".")[0] == "erlangen":
        frame, depth = frame.f_back, depth + 1
    return depth


def first_floating(model: Any) -> Tensor | None:
    """The first floating parameter or buffer: it says the model's dtype and device."""
    if not isinstance(model, nn.Module):
        return None
    tensors = [*model.parameters(), *model.buffers()]
    return next((t for t in tensors if t.dtype.is_floating_point), None)


def _selected(given: Any, select: Select) -> Any:
    if callable(select):
        return select(given)
    if select is not None:
        try:
            return given[select]
        except (KeyError, IndexError, TypeError) as error:
            raise InputError(
                f"select={select!r} for {_kind(given)}", "a key or index of the output", _keys(given)
            ) from error
    return given


def _checked(y: Any, n: int) -> Tensor:
    if isinstance(y, Signal):
        y = y.values
    if not isinstance(y, Tensor):
        raise InputError(
            f"a model that answers with {_kind(y)}",
            "one tensor",
            "Let it return its answer." if y is None else f"Say which part to audit with select=…: {_keys(y)}",
        )
    y = y.detach().to("cpu", copy=True)
    y = torch.view_as_real(y) if y.is_complex() else y
    if not y.dtype.is_floating_point:
        raise InputError(
            f"answers of dtype {y.dtype}", "scores or values, floating", "Return scores: classes alone carry no error."
        )
    if y.dim() == 0 or len(y) != n:
        raise InputError(
            f"answers of shape {tuple(y.shape)} for {several(n, 'input')}",
            f"[{n}, …], one answer an input",
            "Keep the batch axis first.",
        )
    return real_rows(y)


def real_rows(y: Tensor) -> Tensor:
    """The answers as real numbers with a channel axis."""
    y = torch.view_as_real(y) if y.is_complex() else y
    return y[:, None] if y.dim() == 1 else y


def _finite(y: Tensor, where: str) -> Tensor:
    bad = (~y.isfinite().reshape(len(y), -1).all(1)).nonzero()[:, 0].tolist()
    if not bad:
        return y
    raise InputError(
        f"answers that are not finite for {len(bad)} of {several(len(y), 'input')}{where.removeprefix('x')}, "
        f"the first at index {bad[0]}",
        "finite answers",
        "Look for a NaN or an overflow.",
    )


def _kind(given: Any) -> str:
    if given is None:
        return "nothing"
    kind = type(given).__name__
    said = f"{article(kind).lower()} {kind}"
    return f"{said} of {len(given)}" if isinstance(given, tuple | list | Mapping) else said


def _keys(given: Any) -> str:
    if isinstance(given, Mapping):
        return "the keys are " + ", ".join(repr(key) for key in given) + "."
    if isinstance(given, tuple | list):
        return f"indices 0 to {len(given) - 1}." if given else "it is empty."
    return "a function of the output, select=lambda output: …."


def _first_line(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return (text[0] if text else "no message")[:200]
