"""Flatten before a linear layer, and global pooling instead."""

from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from erlangen.auditing.changes.change import Change
from erlangen.auditing.witness import Witness, hooked


@dataclass(frozen=True)
class Flatten:
    """A Linear, `linear`, that reads a dense tensor `[n, channel, …]` of so many `positions`, flattened.

    `features` counts the dense tensors up to that one in the order in which the model makes them; 0 is its input.
    """

    linear: str
    features: int
    positions: int


class DenseTensors(TorchFunctionMode):
    """Keeps a copy of every tensor `[n, channel, …]` that a torch function makes inside: ReLU may write in place."""

    def __init__(self, dim: int, only: int | None = None):
        super().__init__()
        self.dim, self.only, self.made = dim, only, 0
        self.kept: list[tuple[int, Tensor]] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        y = func(*args, **(kwargs or {}))
        if isinstance(y, Tensor) and y.dim() == self.dim + 2 and y.shape[2:].numel() > 1 and y.dtype.is_floating_point:
            self.made += 1
            if self.only is None or self.made == self.only:
                self.kept.append((self.made, y.detach().to("cpu", copy=True)))
        return y


def find_flattens(witness: Witness, x: Tensor, dim: int) -> tuple[Flatten, ...]:
    """Every Linear whose input is, value by value, an earlier dense tensor with its points flattened into channels."""
    model = cast(nn.Module, witness.model)
    names = {module: name for name, module in model.named_modules()}
    found: list[Flatten] = []
    few = x[: min(2, witness.batch_size)]  # in one call; sliced here: inside, the watch would count the slice

    def note(module: nn.Module, given: tuple[Any, ...], y: Any) -> None:
        if isinstance(module, nn.Linear) and given and isinstance(given[0], Tensor) and given[0].dim() == 2:
            flat = given[0].detach().to("cpu")
            source = next((d for d in [(0, few), *reversed(watch.kept)] if _same(d[1], flat)), None)
            if source is not None:
                found.append(Flatten(names[module], source[0], source[1].shape[2:].numel()))

    with hooked(model, note), DenseTensors(dim) as watch:
        witness(few)
    return tuple(found)


def average_positions(flattens: tuple[Flatten, ...]) -> Change:
    """The Linear after a flatten given one weight a channel: the mean over positions, which is global pooling."""

    def make(model: nn.Module) -> None:
        for flatten in flattens:
            parent, _, name = flatten.linear.rpartition(".")
            linear = cast(nn.Linear, model.get_submodule(flatten.linear))
            setattr(model.get_submodule(parent), name, _Pooled(linear, flatten.positions))

    where = ", ".join(repr(f.linear) for f in flattens)
    what = f"flatten before the linear layer {where}: every position has weights of its own"
    return Change("flatten", what, "those weights averaged over positions, which is global pooling", make)


class _Pooled(nn.Module):
    """A Linear on `[n, channels · positions]` by the sum of its weights over positions: as many as there may be."""

    def __init__(self, linear: nn.Linear, positions: int):
        super().__init__()
        weight = linear.weight.detach().unflatten(1, (-1, positions))
        self.weight, self.bias = nn.Parameter(weight.sum(2)), linear.bias

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x.unflatten(1, (self.weight.shape[1], -1)).mean(2), self.weight, self.bias)


def _same(dense: Tensor, flat: Tensor) -> bool:
    return dense.flatten(1).shape == flat.shape and torch.equal(dense.flatten(1), flat)
