"""Nonlinearities: functions drawn at random, of which no more is known than what the real ones are sure to share.

Even and odd ones keep that; the maximum is of any number of arguments in any order; norms and softmax are what they are
made of. What is equal for random functions is equal for the real ones.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from erlangen.auditing.proof.arithmetic import (
    axes_of,
    complement,
    divide,
    mean,
    on_channels,
    residues,
    total,
    variance,
)
from erlangen.auditing.proof.field import Field, Residues
from erlangen.auditing.proof.values import Undecided

HALF = 0.5


def plain(name: str) -> Callable[..., Residues]:
    """f(x), one function for each name and each setting of its options."""

    def call(field: Field, a: Residues, *options: Any, **named: Any) -> Residues:
        return field.function(" ".join(map(str, (name, *options, *sorted(named.items())))), a)

    return call


def through(name: str, value: int = 0) -> Callable[..., Residues]:
    """f(x) with f(0) known, as where zeros lie beyond a border and must stay zeros."""

    def call(field: Field, a: Residues, *options: Any, **named: Any) -> Residues:
        drawn = plain(name)
        at_zero = drawn(field, residues(field, 0.0), *options, **named)
        return field.minus(drawn(field, a, *options, **named), field.minus(at_zero, residues(field, value)))

    return call


def even(name: str, value: int = 0) -> Callable[..., Residues]:
    """f(x) = f(−x): some function of x²."""
    return lambda field, a: through(name, value)(field, field.times(a, a))


def odd(name: str) -> Callable[..., Residues]:
    """f(−x) = −f(x): x times some function of x²."""

    def call(field: Field, a: Residues, *options: Any) -> Residues:
        return field.times(a, field.function(" ".join(map(str, (name, *options))), field.times(a, a)))

    return call


def sigmoid(field: Field, a: Residues) -> Residues:
    """½ + something odd."""
    return field.plus(odd("sigmoid")(field, a), residues(field, HALF))


def clamp(field: Field, a: Residues, low: Any = None, high: Any = None) -> Residues:
    """As relu from below at 0; odd between −c and c."""
    if isinstance(low, Residues | Tensor) or isinstance(high, Residues | Tensor):
        above = a if low is None else larger("max")(field, a, low)
        return above if high is None else larger("min")(field, above, high)
    if low is not None and high is not None and low == -high and low <= high:
        return odd("clamp")(field, a, high)
    if low == 0 and high is None:
        return through("relu")(field, a)
    kept = (low is None or low <= 0) and (high is None or high >= 0)  # then 0 stays 0
    return (through if kept else plain)("clamp")(field, a, low, high)


def power(field: Field, a: Any, exponent: Any) -> Residues:
    """A product where the exponent is a whole number, else some function."""
    if not isinstance(a, Residues) or not isinstance(exponent, int | float):
        raise Undecided("a power whose exponent depends on the inputs")
    if exponent == 0.5:
        return through("sqrt")(field, a)
    if exponent == -0.5:
        return plain("rsqrt")(field, a)
    if exponent != int(exponent) or abs(exponent) > 64:
        return plain("pow")(field, a, exponent)
    if exponent == 0:
        return residues(field, torch.ones(a.shape))
    raised = field.power(a, abs(int(exponent)))
    return raised if exponent > 0 else field.inverse(raised)


def compared(turned: bool, negated: bool) -> Callable[..., Any]:
    """a > b as some function of a − b; the others by it. No number is as large as infinity."""

    def call(field: Field, a: Any, b: Any) -> Any:
        if isinstance(b, float | int) and math.isinf(b):
            _refuse_infinite(field)
            above = (b < 0) != turned
            return torch.full(tuple(a.shape), above != negated)
        first, second = residues(field, a), residues(field, b)
        difference = field.minus(second, first) if turned else field.minus(first, second)
        indicator = field.function("gt", difference)
        return complement(field, indicator) if negated else indicator

    return call


def _refuse_infinite(field: Field) -> None:
    if field.infinite:
        raise Undecided("a comparison with infinity, where there are infinite numbers")


def equal(negated: bool) -> Callable[..., Any]:
    """a = b as some function of (a − b)²; no number equals infinity."""

    def call(field: Field, a: Any, b: Any) -> Any:
        if isinstance(b, float | int) and math.isinf(b):
            _refuse_infinite(field)
            return torch.full(tuple(a.shape), negated)
        difference = field.minus(residues(field, a), residues(field, b))
        indicator = field.function("eq", field.times(difference, difference))
        return complement(field, indicator) if negated else indicator

    return call


def largest(name: str) -> Callable[..., Residues]:
    """The maximum, or minimum, over axes: φ⁻¹(Σ φ(x)), which no order and no nesting changes."""

    def call(field: Field, a: Residues, dims: Any = None, keepdim: bool = False) -> Residues:
        axes = axes_of(a, dims)
        if math.prod(a.shape[d] for d in axes) == 1:
            return total(field, a, axes, keepdim)
        return field.merged(name, a, lambda part: part.sum(axes, keepdim=keepdim))

    return call


def largest_and_where(name: str) -> Callable[..., Any]:
    """The maximum alone, or of two tensors, or along one axis with the places, of which nothing can be said."""

    def call(field: Field, a: Residues, other: Any = None, keepdim: bool = False) -> Any:
        if isinstance(other, Residues | Tensor):
            return larger(name)(field, a, other)
        found = largest(name)(field, a, other, keepdim)
        return found if other is None else (found, None)

    return call


def larger(name: str) -> Callable[..., Residues]:
    """Of two tensors."""

    def call(field: Field, a: Any, b: Any) -> Residues:
        first, second = residues(field, a), residues(field, b)
        first = field.plus(first, field.whole(second, 0))  # in the shape of both
        second = field.plus(second, field.whole(first, 0))
        pairs = [torch.stack(parts) for parts in zip(first.parts, second.parts, strict=True)]
        return largest(name)(field, Residues((pairs[0], pairs[1]), max(first.degree, second.degree)), 0)

    return call


def vector_norm(field: Field, a: Residues, ord: float = 2, dims: Any = None, keepdim: bool = False) -> Residues:
    """√Σ x², Σ |x| or max |x|."""
    if ord == 2:
        return through("sqrt")(field, total(field, field.times(a, a), dims, keepdim))
    if ord == 1:
        return total(field, even("sqrt")(field, a), dims, keepdim)
    if ord == math.inf:
        return largest("max")(field, even("sqrt")(field, a), dims, keepdim)
    raise Undecided(f"a norm of order {ord}")


# ---- what is made of them ---
def softmax(field: Field, a: Residues, dim: int, half_to_float: bool = False) -> Residues:
    """eˣ/Σ eˣ."""
    raised = through("exp", 1)(field, a)
    return divide(field, raised, total(field, raised, dim, keepdim=True))


def log_softmax(field: Field, a: Residues, dim: int, half_to_float: bool = False) -> Residues:
    """x − log Σ eˣ."""
    return field.minus(a, plain("log")(field, total(field, through("exp", 1)(field, a), dim, keepdim=True)))


def standardised(field: Field, a: Residues, axes: tuple[int, ...], eps: float) -> tuple[Residues, Residues, Residues]:
    """(x − μ)/√(v + ε) with μ and v over these axes, then these two."""
    middle, var = mean(field, a, axes, keepdim=True), variance(field, a, axes, 0, keepdim=True)
    root = plain("rsqrt")(field, field.plus(var, residues(field, eps)))
    return field.times(field.minus(a, middle), root), middle, root


def affine(field: Field, a: Residues, weight: Residues | None, bias: Residues | None) -> Residues:
    """γ x + β."""
    scaled_ = a if weight is None else field.times(a, weight)
    return scaled_ if bias is None else field.plus(scaled_, bias)


def layer_norm(field: Field, a: Residues, shape: Any, weight: Any, bias: Any, eps: float) -> Any:
    """Over the last axes."""
    axes = tuple(range(a.dim() - len(shape), a.dim()))
    normal, middle, root = standardised(field, a, axes, eps)
    return affine(field, normal, weight, bias), middle, root


def group_norm(
    field: Field, a: Residues, weight: Any, bias: Any, n: int, c: int, points: int, groups: int, eps: float
) -> Any:
    """Over the points and the channels of a group."""
    grouped = a.moved(lambda part: part.reshape(n, groups, -1))
    normal, middle, root = standardised(field, grouped, (2,), eps)
    back = normal.moved(lambda part: part.reshape(a.shape))
    spread = [None if v is None else on_channels(v, a.dim()) for v in (weight, bias)]
    return affine(field, back, *spread), middle, root


def batch_norm(
    field: Field, a: Residues, weight: Any, bias: Any, mean_: Residues, var: Residues, momentum: float, eps: float
) -> Any:
    """With what was remembered: γ (x − μ)/√(v + ε) + β, as one product and one sum."""
    scale = plain("rsqrt")(field, field.plus(var, residues(field, eps)))
    scale = scale if weight is None else field.times(scale, weight)
    shift = field.negative(field.times(mean_, scale))
    shift = shift if bias is None else field.plus(shift, bias)
    s, t = on_channels(scale, a.dim()), on_channels(shift, a.dim())
    made = field.each(max(a.degree + s.degree, t.degree), lambda x, m, b: x * m + b, a, s, t)
    return made, None, None


def own_norm(field: Field, a: Residues, weight: Any, bias: Any, *options: Any) -> Any:
    """By its own statistics; an instance norm is written so, of one signal whose channels are those of all inputs."""
    if a.shape[0] > 1 or len(options) != 3:
        raise Undecided("statistics of the batch")
    normal, middle, root = standardised(field, a, tuple(range(2, a.dim())), options[-1])
    spread = [None if v is None else on_channels(v, a.dim()) for v in (weight, bias)]
    return affine(field, normal, *spread), middle, root


def any_norm(
    field: Field, a: Residues, weight: Any, bias: Any, mean_: Any, var: Any, training: bool, *further: float
) -> Any:
    """The operation of which the two above are parts."""
    if training and mean_ is None:
        return own_norm(field, a, weight, bias, training, *further)
    if training or mean_ is None:
        raise Undecided("statistics of the batch")
    return batch_norm(field, a, weight, bias, mean_, var, *further)


COMPARISONS = {"gt", "lt", "le", "ge", "eq", "ne"}
_AT_ZERO_ZERO = "relu gelu silu elu leaky_relu mish celu selu hardswish relu6 expm1 log1p sqrt"
_PLAIN = "softplus log log2 log10 rsqrt hardsigmoid log_sigmoid_forward acos lgamma floor ceil"
_ODD = "tanh erf sin tan asin atan sinh asinh atanh sign"

TABLE: dict[str, Callable[..., Any]] = {
    **{name: through(name) for name in _AT_ZERO_ZERO.split()},
    **{name: plain(name) for name in _PLAIN.split()},
    **{name: odd(name) for name in _ODD.split()},
    **{name: through(name, 1) for name in ("exp", "exp2")},
    **{name: even(name, 1) for name in ("cos", "cosh")},
    "abs": even("sqrt"),
    "sigmoid": sigmoid,
    "clamp": clamp,
    "clamp_min": lambda field, a, low: clamp(field, a, low),
    "clamp_max": lambda field, a, high: clamp(field, a, None, high),
    "hardtanh": lambda field, a, low=-1.0, high=1.0: clamp(field, a, low, high),
    "pow": power,
    "gt": compared(turned=False, negated=False),
    "lt": compared(turned=True, negated=False),
    "le": compared(turned=False, negated=True),
    "ge": compared(turned=True, negated=True),
    "eq": equal(negated=False),
    "ne": equal(negated=True),
    "amax": largest("max"),
    "amin": largest("min"),
    "max": largest_and_where("max"),
    "min": largest_and_where("min"),
    "maximum": larger("max"),
    "minimum": larger("min"),
    "linalg_vector_norm": vector_norm,
    "_softmax": softmax,
    "_log_softmax": log_softmax,
    "native_layer_norm": layer_norm,
    "native_group_norm": group_norm,
    "_native_batch_norm_legit_no_training": batch_norm,
    "_native_batch_norm_legit": own_norm,
    "native_batch_norm": any_norm,
}
