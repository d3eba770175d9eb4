"""What an ordinary network does, step by step, read off its graph: linear maps, functions, pools, and joins."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional as F

from erlangen.errors import TaskError
from erlangen.layers.nonlinearity.pointwise import FUNCTIONS

CONVOLUTIONS: tuple[Any, ...] = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
NORMS: tuple[Any, ...] = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
MEANS: tuple[Any, ...] = (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d)
LARGEST: tuple[Any, ...] = (nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d)
MEAN_POOLS: tuple[Any, ...] = (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)
MAX_POOLS: tuple[Any, ...] = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)
NOTHING: tuple[Any, ...] = (nn.Identity, nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)
MEND = "Average or canonicalize it (er.symmetrize), or derive a network (er.derive)."


@dataclass(frozen=True)
class Step:
    """One node: what it is, what it takes, and what `says` of it. `kind` is one of

    "convolution" (weight `[out, in, *kernel]`, bias, stride, dilation, same: whether sizes stay but for the stride),
    "dense" (weight, bias), "norm" (module), "function" (name), "pool" (method, halvings), "whole" (method, over so
    many axes of places, None for all), "flatten", "up" (halvings, linear), "add", "concatenate", "same" (what changes
    nothing).
    """

    name: str
    kind: str
    takes: tuple[str, ...]
    says: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Any:
        return self.says[key]


@dataclass(frozen=True)
class Steps:
    """All of them in order, by name; the first takes the input, whose name is `start`, the last gives the answer."""

    start: str
    steps: Mapping[str, Step]
    graph: fx.GraphModule

    @property
    def end(self) -> str:
        """The name of the answer."""
        return tuple(self.steps)[-1]


def steps_of(model: nn.Module) -> Steps:
    """The steps of a network of convolutions, linear layers, batch norms, functions, pools, sums and concatenations.

    TaskError for what cannot be traced, and for the first step that is none of these: it is named.
    """
    try:
        alone = type(model).__module__.startswith("torch.nn.modules") and not list(model.children())
        traced = fx.symbolic_trace(nn.Sequential(model) if alone else model)  # or it would be traced into
    except Exception as refused:  # whatever a model does that a tracer cannot follow
        said = f"a {type(model).__name__} that cannot be traced: {str(refused).partition('.')[0]}"
        raise TaskError(said, "one that torch.fx reads", MEND) from None
    starts = [node for node in traced.graph.nodes if node.op == "placeholder"]
    if len(starts) != 1:
        raise TaskError(f"a {type(model).__name__} of {len(starts)} inputs", "one of a single tensor", MEND)
    (answer,) = next(node for node in traced.graph.nodes if node.op == "output").args
    if not isinstance(answer, fx.Node) or answer is starts[0]:
        raise TaskError(f"a {type(model).__name__} that answers with {answer}", "one tensor, made of its input", MEND)
    found: dict[str, Step] = {}
    open_ones = [answer]
    while open_ones:
        node = open_ones.pop()
        if node.name not in found and node is not starts[0]:
            step = _read(traced, node)
            if step is None:
                raise TaskError(f"{_named(traced, node)} in a {type(model).__name__}", _KNOWN, MEND)
            found[node.name] = step
            open_ones += [part for part in node.all_input_nodes if part.name in step.takes]
    ordered = {node.name: found[node.name] for node in traced.graph.nodes if node.name in found}
    return Steps(starts[0].name, ordered, traced)


_KNOWN = "convolutions, linear layers, batch norms, pointwise functions, pools, sums, concatenations"


def _named(traced: fx.GraphModule, node: fx.Node) -> str:
    if node.op == "call_module":
        return f"{node.target}, a {type(traced.get_submodule(str(node.target))).__name__},"
    return f"the {'method' if node.op == 'call_method' else 'function'} {getattr(node.target, '__name__', node.target)}"


# ---- one node ------------------------------------------------------------------------------------------------------
def _read(traced: fx.GraphModule, node: fx.Node) -> Step | None:
    if node.op == "get_attr":
        return None
    said = _of_module(traced.get_submodule(str(node.target))) if node.op == "call_module" else _of_function(node)
    if said is None:
        return None
    joins = said[0] in ("add", "concatenate")
    takes = node.all_input_nodes if joins else node.all_input_nodes[:1]  # a size is no signal
    return Step(node.name, said[0], tuple(part.name for part in takes), said[1])


Said = tuple[str, dict[str, Any]] | None


def _of_module(module: nn.Module) -> Said:
    if isinstance(module, CONVOLUTIONS):
        return _convolution(module)
    if isinstance(module, nn.Linear):
        return "dense", {"weight": module.weight.detach(), "bias": _detached(module.bias)}
    if isinstance(module, NORMS):
        return ("norm", {"module": module}) if module.running_mean is not None else None
    if isinstance(module, MEANS + LARGEST):
        sizes = module.output_size if isinstance(module.output_size, tuple) else (module.output_size,)
        method = "mean" if isinstance(module, MEANS) else "max"
        return ("whole", {"method": method, "axes": None}) if all(size == 1 for size in sizes) else None
    if isinstance(module, MEAN_POOLS + MAX_POOLS):
        return _pool("average" if isinstance(module, MEAN_POOLS) else "max", vars(module))
    if isinstance(module, nn.Upsample):
        return _up(module.scale_factor, module.mode, module.align_corners)
    if isinstance(module, nn.Flatten):
        return ("flatten", {}) if (module.start_dim, module.end_dim) == (1, -1) else None
    if isinstance(module, NOTHING):
        return "same", {}
    return _named_function(module)


def _named_function(module: nn.Module) -> Said:
    name = next((name for name, kind in FUNCTIONS.items() if type(module) is kind), None)
    if name is None or repr(module).replace("inplace=True", "") != repr(FUNCTIONS[name]()).replace("inplace=True", ""):
        return None
    return "function", {"name": name}


def _convolution(module: Any) -> Said:
    """Its kernel without groups; odd along every axis, steps of one or two alike."""
    strides, dilations, sizes = set(module.stride), set(module.dilation), module.kernel_size
    if len(strides) > 1 or len(dilations) > 1 or strides - {1, 2} or any(size % 2 == 0 for size in sizes):
        return None
    weight, groups = module.weight.detach(), module.groups
    if groups > 1:
        out, inner = weight.shape[0] // groups, weight.shape[1]
        full = weight.new_zeros(weight.shape[0], inner * groups, *sizes)
        for k in range(groups):
            full[k * out : (k + 1) * out, k * inner : (k + 1) * inner] = weight[k * out : (k + 1) * out]
        weight = full
    around = tuple(d * (size // 2) for size, d in zip(sizes, module.dilation, strict=True))
    padding = around if module.padding == "same" else (0,) * len(sizes) if module.padding == "valid" else module.padding
    if any(far > near for far, near in zip(padding, around, strict=True)):
        return None
    return "convolution", {
        "weight": weight,
        "bias": _detached(module.bias),
        "stride": module.stride[0],
        "dilation": module.dilation[0],
        "same": tuple(padding) == around,
        "border": module.padding_mode if any(around) else "",
    }


def _pool(method: str, says: Mapping[str, Any]) -> Said:
    """A halving, or several: windows of 2ᵏ that do not overlap; of three sites in steps of two it is taken for one."""
    size, stride, padding, dilation = (_alike(says.get(name, usual)) for name, usual in _WINDOW.items())
    if (size, stride, dilation) == (3, 2, 1) and padding in (0, 1):
        return "pool", {"method": method, "halvings": 1, "same": False}
    if size is None or size < 2 or size & (size - 1) or (stride, padding, dilation) != (size, 0, 1):
        return None
    return "pool", {"method": method, "halvings": size.bit_length() - 1, "same": not says.get("ceil_mode", False)}


_WINDOW = {"kernel_size": None, "stride": None, "padding": 0, "dilation": 1}


def _alike(given: Any) -> int | None:
    """The one number of all axes; None where they have several."""
    numbers = set(given) if isinstance(given, tuple | list) else {given}
    return numbers.pop() if len(numbers) == 1 else None


def _up(factor: Any, mode: str = "nearest", align_corners: bool | None = None) -> Said:
    """Doublings by linear interpolation, symmetric about the centre; that of the nearest site is taken for it."""
    number = float(_alike(factor) or 0)
    halvings = int(number).bit_length() - 1
    if number != 2.0**halvings or halvings < 1 or mode not in _MODES or align_corners:
        return None
    return "up", {"halvings": halvings, "linear": mode != "nearest"}


_MODES = ("nearest", "linear", "bilinear", "trilinear")


def _detached(bias: Tensor | None) -> Tensor | None:
    return None if bias is None else bias.detach()


_ADD: tuple[Any, ...] = (torch.add, "add", "add_", "__add__", "__iadd__")
_FUNCTIONS: dict[Callable[..., Any] | str, str] = {
    **{F.relu: "relu", torch.relu: "relu", torch.relu_: "relu", "relu": "relu", "relu_": "relu"},
    **{F.gelu: "gelu", F.silu: "silu", F.elu: "elu", F.leaky_relu: "leaky_relu", F.softplus: "softplus"},
    **{torch.tanh: "tanh", F.tanh: "tanh", "tanh": "tanh"},
    **{torch.sigmoid: "sigmoid", F.sigmoid: "sigmoid", "sigmoid": "sigmoid"},
}


_POOLS: dict[str, tuple[Any, ...]] = {
    "max": (F.max_pool1d, F.max_pool2d, F.max_pool3d),
    "average": (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d),
}


def _of_function(node: fx.Node) -> Said:
    """The same of functions and methods."""
    import operator

    call, args, how = node.target, node.args[1:], dict(node.kwargs)
    if call in _FUNCTIONS:
        how.pop("inplace", None)
        return ("function", {"name": _FUNCTIONS[call]}) if not args and not how else None
    if call in (*_ADD, operator.add, operator.iadd) and len(node.all_input_nodes) == 2 and len(args) == 1 and not how:
        return "add", {}
    if call in (torch.cat, torch.concat) and (*args, *how.values()) == (1,):
        return "concatenate", {}
    if call in (F.dropout, F.dropout2d, F.dropout3d, "contiguous", "clone"):
        return "same", {}
    if call in (torch.flatten, "flatten"):
        ends = dict(zip(("start_dim", "end_dim"), args, strict=False)) | how
        return ("flatten", {}) if (ends.get("start_dim"), ends.get("end_dim", -1)) == (1, -1) else None
    if call in ("view", "reshape", torch.reshape):
        sizes = args[0] if len(args) == 1 and isinstance(args[0], tuple | list) else args
        rows = len(sizes) == 2 and (isinstance(sizes[0], fx.Node) or sizes[0] == -1)  # of each example one
        return ("flatten", {}) if rows else None
    for method, pools in _POOLS.items():
        if call in pools:
            return _pool(method, _pool_arguments(args, how))
    if call in (F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d):
        size = (*args, *how.values())[0]
        return ("whole", {"method": "mean", "axes": None}) if size in (1, (1, 1), (1, 1, 1)) else None
    if call in ("mean", torch.mean, "amax", torch.amax):
        return _over_places(str(getattr(call, "__name__", call)), (*args, *how.values()))
    if call is F.interpolate:
        said: dict[str, Any] = dict(zip(("size", "scale_factor", "mode", "align_corners"), args, strict=False)) | how
        return _up(
            **{name: said[name] for name in ("mode", "align_corners") if name in said}, factor=said.get("scale_factor")
        )
    return None


def _pool_arguments(args: tuple[Any, ...], how: dict[str, Any]) -> dict[str, Any]:
    names = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
    said = dict(zip(names, args, strict=False)) | how
    return {**said, "stride": said.get("stride") or said["kernel_size"]}


def _over_places(name: str, given: tuple[Any, ...]) -> Said:
    """A mean or a maximum over all axes of places."""
    axes = given[0] if given else None
    axes = tuple(axes) if isinstance(axes, tuple | list) else (axes,)
    at_end = set(axes) in ({2}, {-1}, {2, 3}, {-2, -1}, {2, 3, 4}, {-3, -2, -1})
    return ("whole", {"method": "mean" if name == "mean" else "max", "axes": len(axes)}) if at_end else None
