"""Which rule each torch function goes to, by its name."""

from erlangen.auditing.changes import positions, slices, statistics, transposed, upsampling, windows
from erlangen.auditing.changes.rewriting import Rule

RULES: dict[str, Rule] = {
    **{f"conv{d}d": windows.convolution for d in (1, 2, 3)},
    **{f"max_pool{d}d": windows.maximum for d in (1, 2, 3)},
    **{f"avg_pool{d}d": windows.average for d in (1, 2, 3)},
    **{f"adaptive_{kind}_pool{d}d": windows.adaptive for kind in ("avg", "max") for d in (1, 2, 3)},
    "pad": windows.pad,
    **{name: positions.added for name in ("add", "add_", "__add__", "__iadd__", "__radd__")},
    **{name: positions.scaled for name in ("mul", "mul_", "multiply", "__mul__", "__imul__", "__rmul__")},
    **{name: positions.scaled for name in ("div", "div_", "divide", "true_divide", "__truediv__")},
    **{name: positions.joined for name in ("cat", "concat", "concatenate")},
    "__getitem__": slices.sliced,
    "layer_norm": positions.normed,
    "batch_norm": statistics.of_batch,
    "instance_norm": statistics.of_instance,
    "group_norm": statistics.of_group,
    "interpolate": upsampling.interpolated,
    "grid_sample": upsampling.sampled,
    **{f"conv_transpose{d}d": transposed.transposed for d in (1, 2, 3)},
}
