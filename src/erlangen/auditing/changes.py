"""Counterfactual models: a copy with one thing changed, the weights otherwise the same."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from erlangen.auditing.witness import Witness, hooked
from erlangen.domains import Lattice
from erlangen.groups import Element


@dataclass(frozen=True)
class Change:
    """`make(model)` changes a model in place; `what` names what it takes away, `instead` what it puts there."""

    name: str
    what: str
    instead: str
    make: Callable[[nn.Module], None]


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
            linear = cast(nn.Linear, model.get_submodule(flatten.linear))
            weight = linear.weight.detach().unflatten(1, (-1, flatten.positions))
            linear.weight = nn.Parameter(weight.mean(2, keepdim=True).expand_as(weight).flatten(1).contiguous())

    where = ", ".join(repr(f.linear) for f in flattens)
    what = f"flatten before the linear layer {where}: every position has weights of its own"
    return Change("flatten", what, "those weights averaged over positions, which is global pooling", make)


def close_border(model: nn.Module) -> Change | None:
    """Zero padding made circular, in convolutions and in pools; None if nothing is padded with zeros."""
    if not any(_padded(module) for module in model.modules()):
        return None

    def make(changed: nn.Module) -> None:
        for parent, name, module in list(_children(changed)):
            if _padded(module):
                setattr(parent, name, _circular(module))

    return Change("zero padding", "zero padding: the border is seen", "circular padding, same weights", make)


def average_filters(model: nn.Module, elements: tuple[Element, ...], domain: Lattice) -> Change | None:
    """Every filter replaced by its mean over the group; None where there is no filter or the group cannot turn it."""
    filters = [m for m in model.modules() if _has_filter(m, domain)]
    if not filters or any(len(set(_weight(m).shape[2:])) > 1 for m in filters):
        return None

    def make(changed: nn.Module) -> None:
        for module in changed.modules():
            if _has_filter(module, domain):
                turned = [domain.act(g, _weight(module)) for g in elements]
                module.weight = nn.Parameter(torch.stack(turned).mean(0))

    what = f"the filters of {len(filters)} convolution{'s' * (len(filters) > 1)} change when turned"
    return Change("filters", what, "each filter averaged over the group", make)


def changed(model: nn.Module, changes: tuple[Change, ...]) -> nn.Module:
    """A deep copy with the changes made."""
    twin = copy.deepcopy(model)
    for change in changes:
        change.make(twin)
    return twin


class _CircularPool(nn.Module):
    """A pool without padding of its own, on an input padded circularly."""

    def __init__(self, pool: nn.Module, padding: list[int]):
        super().__init__()
        self.pool, self.padding = pool, padding

    def forward(self, x: Tensor) -> Tensor:
        return self.pool(F.pad(x, self.padding, mode="circular"))


_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
_POOLS = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d, nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)


def _padded(module: nn.Module) -> bool:
    if isinstance(module, _CONVOLUTIONS):
        return module.padding_mode == "zeros" and any(module._reversed_padding_repeated_twice)
    return isinstance(module, _POOLS) and any(_tuple(module.padding, 1))


def _circular(module: nn.Module) -> nn.Module:
    if isinstance(module, _CONVOLUTIONS):
        module.padding_mode = "circular"
        return module
    dim = int(type(module).__name__[-2])
    padding = [p for p in reversed(_tuple(module.padding, dim)) for _ in range(2)]
    module.padding = (0,) * dim  # pyright: ignore[reportArgumentType]  # a plain attribute of every pool
    return _CircularPool(module, padding)


def _has_filter(module: nn.Module, domain: Lattice) -> bool:
    return (
        isinstance(module, _CONVOLUTIONS) and module.weight.dim() == domain.dim + 2 and max(module.weight.shape[2:]) > 1
    )


def _weight(module: nn.Module) -> Tensor:
    return cast(Tensor, module.weight).detach()


def _children(model: nn.Module) -> Iterator[tuple[nn.Module, str, nn.Module]]:
    for parent in model.modules():
        for name, child in parent.named_children():
            yield parent, name, child


def _same(dense: Tensor, flat: Tensor) -> bool:
    return dense.flatten(1).shape == flat.shape and torch.equal(dense.flatten(1), flat)


def _tuple(value: Any, dim: int) -> tuple[int, ...]:
    return (value,) * dim if isinstance(value, int) else tuple(value)
