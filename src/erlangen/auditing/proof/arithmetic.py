"""Sums and products in the field: what torch computes of whole numbers in float64, brought back modulo the primes."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from erlangen.auditing.proof.field import MOST_TERMS, Field, Residues
from erlangen.auditing.proof.values import Undecided

Number = Residues | Tensor | float | int | bool
aten = torch.ops.aten


def residues(field: Field, given: Number) -> Residues:
    """A number or a tensor of whole numbers in the field, too."""
    if isinstance(given, Residues):
        return given
    return field.constant(given if isinstance(given, Tensor) else torch.tensor(given, dtype=torch.float64))


def _two(operation: Callable[[Field, Residues, Residues], Residues]) -> Callable[..., Residues]:
    """An operation of two numbers, of which either may be a Python number; torch's `alpha` weighs the second."""

    def call(field: Field, a: Number, b: Number, alpha: float = 1) -> Residues:
        second = residues(field, b)
        return operation(field, residues(field, a), second if alpha == 1 else scaled(field, second, alpha))

    return call


def scaled(field: Field, a: Residues, factor: Number) -> Residues:
    """a times a number."""
    return field.times(a, residues(field, factor))


def divide(field: Field, a: Number, b: Number, rounding_mode: str | None = None) -> Residues:
    """a / b."""
    if rounding_mode is not None:
        raise Undecided(f"division with rounding_mode={rounding_mode!r}")
    return field.times(residues(field, a), field.inverse(residues(field, b)))


def axes_of(a: Residues, dims: Any) -> tuple[int, ...]:
    """Axes as torch names them: None and [] are all."""
    if dims is None or (isinstance(dims, Sequence) and not len(dims)):
        return tuple(range(a.dim()))
    given = (dims,) if isinstance(dims, int) else tuple(dims)
    return tuple(d % max(a.dim(), 1) for d in given)


def total(field: Field, a: Residues, dims: Any = None, keepdim: bool = False) -> Residues:
    """Σ over axes."""
    return field.sum(a, axes_of(a, dims), keepdim) if a.dim() else a


def mean(field: Field, a: Residues, dims: Any = None, keepdim: bool = False) -> Residues:
    """Σ/n over axes."""
    axes = axes_of(a, dims)
    return field.share(total(field, a, axes, keepdim), math.prod(a.shape[d] for d in axes))


def variance(
    field: Field, a: Residues, dims: Any = None, correction: float | None = 1, keepdim: bool = False
) -> Residues:
    """Σ (x − mean)²/(n − correction)."""
    axes, correction = axes_of(a, dims), 1 if correction is None else correction
    centred = field.minus(a, mean(field, a, axes, keepdim=True))
    count = math.prod(a.shape[d] for d in axes)
    return divide(field, total(field, field.times(centred, centred), axes, keepdim), count - correction)


def variance_and_mean(field: Field, a: Residues, dims: Any = None, **options: Any) -> tuple[Residues, Residues]:
    """Both."""
    return variance(field, a, dims, **options), mean(field, a, dims, options.get("keepdim", False))


# ---- products ---
def product(make: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Field, Residues, Residues], Residues]:
    """A matrix product; where more terms meet than float64 adds up exactly, in pieces."""

    def call(field: Field, a: Residues, b: Residues) -> Residues:
        inner = a.shape[-1]
        if inner <= MOST_TERMS:
            return field.each(a.degree + b.degree, make, a, b)
        pieces = [
            call(field, a[..., start : start + MOST_TERMS], b[..., start : start + MOST_TERMS, :])
            for start in range(0, inner, MOST_TERMS)
        ]
        return sum_of(field, pieces)

    return call


def sum_of(field: Field, pieces: Sequence[Residues]) -> Residues:
    """All of them added up."""
    result = pieces[0]
    for piece in pieces[1:]:
        result = field.plus(result, piece)
    return result


matmul = product(torch.matmul)


def add_product(field: Field, bias: Residues, a: Residues, b: Residues, beta: float = 1, alpha: float = 1) -> Residues:
    """β c + α a b."""
    return _two(Field.plus)(field, scaled(field, bias, beta) if beta != 1 else bias, matmul(field, a, b), alpha)


def linear(field: Field, a: Residues, weight: Residues, bias: Residues | None = None) -> Residues:
    """x Wᵀ + b."""
    result = matmul(field, a, weight.moved(lambda part: part.transpose(-1, -2)))
    return result if bias is None else field.plus(result, bias)


def convolution(
    field: Field,
    a: Residues,
    weight: Residues,
    bias: Residues | None,
    stride: Any,
    padding: Any,
    dilation: Any,
    transposed: bool,
    output_padding: Any,
    groups: int,
) -> Residues:
    """Torch's own, in float64; in pieces of the channels where more terms meet than that adds up exactly."""
    inner = weight.shape[0] // groups if transposed else weight.shape[1]
    if inner * math.prod(weight.shape[2:]) > MOST_TERMS:
        if groups > 1 or math.prod(weight.shape[2:]) > MOST_TERMS:
            raise Undecided(f"a convolution of {inner} channels by {tuple(weight.shape[2:])} sites in {groups} groups")
        half, axis = inner // 2, 0 if transposed else 1
        given = stride, padding, dilation, transposed, output_padding, groups
        parts = [
            convolution(
                field,
                a.moved(lambda p, s=s: p[:, s]),
                weight.moved(lambda p, s=s: p.movedim(axis, 0)[s].movedim(0, axis)),
                None,
                *given,
            )
            for s in (slice(None, half), slice(half, None))
        ]
        result = sum_of(field, parts)
    else:
        make = lambda x, w: aten.convolution(  # noqa: E731
            x, w, None, stride, padding, dilation, transposed, output_padding, groups
        )
        result = field.each(a.degree + weight.degree, make, a, weight)
    return result if bias is None else field.plus(result, on_channels(bias, a.dim()))


def on_channels(vector: Residues, axes: int) -> Residues:
    """`[c]` to stand on axis 1 of so many."""
    return vector.moved(lambda part: part.reshape(-1, *(1,) * (axes - 2)))


def along(field: Field, a: Residues, axis: int, weights: Tensor, denominators: Tensor) -> Residues:
    """An axis multiplied by the matrix `weights[m, n] / denominators[m]` of whole numbers."""
    matrix, shares = field.constant(weights), field.inverse(field.constant(denominators))
    at_end = a.moved(lambda part: part.movedim(axis, -1))
    summed = matmul(field, at_end, matrix.moved(lambda part: part.T))
    return field.times(summed, shares).moved(lambda part: part.movedim(-1, axis))


# ---- indicators: a comparison is some function of what is compared, and choosing is arithmetic ---------
def where(field: Field, condition: Any, a: Number, b: Number) -> Residues:
    """c a + (1 − c) b; a choice where c is known."""
    first, second = residues(field, a), residues(field, b)
    if isinstance(condition, Residues):
        return field.plus(second, field.times(condition, field.minus(first, second)))
    picked = tuple(torch.where(condition, p, q) for p, q in zip(first.parts, second.parts, strict=True))
    return Residues((picked[0], picked[1]), max(first.degree, second.degree))


def complement(field: Field, condition: Residues) -> Residues:
    """1 − c."""
    return field.minus(residues(field, 1), condition)


def either(field: Field, a: Number, b: Number) -> Residues:
    """a or b: 1 − (1 − a)(1 − b)."""
    return complement(field, field.times(*(complement(field, residues(field, c)) for c in (a, b))))


def multiplied(field: Field, a: Residues, dims: Any = None, keepdim: bool = False) -> Residues:
    """Π over axes, half by half."""
    axes = axes_of(a, dims)
    rest = [d for d in range(a.dim()) if d not in axes]
    shape = [a.shape[d] for d in rest]
    flat = a.moved(lambda part: part.permute(*rest, *axes).reshape(*shape, -1))
    while (n := flat.shape[-1]) > 1:
        odd = flat.moved(lambda part: F.pad(part, (0, 1), value=1.0)) if n % 2 else flat
        flat = field.times(*(odd.moved(lambda part, i=i: part[..., i::2]) for i in range(2)))
    kept = [1 if d in axes else size for d, size in enumerate(a.shape)] if keepdim else shape
    return flat.moved(lambda part: part.reshape(kept))


def some(field: Field, a: Residues, dims: Any = None, keepdim: bool = False) -> Residues:
    """Whether any is true: 1 − Π (1 − c)."""
    return complement(field, multiplied(field, complement(field, a), dims, keepdim))


def scattered(make: Callable[..., Tensor]) -> Callable[..., Residues]:
    """Numbers added at places."""

    def call(field: Field, a: Residues, dim: int, index: Tensor, source: Residues, alpha: float = 1) -> Residues:
        if alpha != 1:
            raise Undecided(f"adding at places with alpha={alpha}")
        degree = max(a.degree, source.degree)
        return field.each(degree, lambda x, s: make(x, dim, index, s), a, source)

    return call


def put(field: Field, a: Residues, places: Any, given: Residues, accumulate: bool = False) -> Residues:
    """Numbers put at places, or added there."""
    degree = max(a.degree, given.degree)
    return field.each(degree, lambda x, s: aten.index_put(x, places, s, accumulate), a, given)


TABLE: dict[str, Callable[..., Any]] = {
    "add": _two(Field.plus),
    "sub": _two(Field.minus),
    "rsub": lambda field, a, b, alpha=1: _two(Field.minus)(field, b, a, alpha),
    "mul": _two(Field.times),
    "div": divide,
    "true_divide": divide,
    "reciprocal": lambda field, a: field.inverse(a),
    "neg": lambda field, a: field.negative(a),
    "square": lambda field, a: field.times(a, a),
    "addcmul": lambda field, c, a, b, value=1: field.plus(c, scaled(field, field.times(a, b), value)),
    "addcdiv": lambda field, c, a, b, value=1: field.plus(c, scaled(field, divide(field, a, b), value)),
    "lerp": lambda field, a, b, weight: field.plus(a, scaled(field, field.minus(b, a), weight)),
    "sum": total,
    "mean": mean,
    "var": variance,
    "var_mean": variance_and_mean,
    "prod": multiplied,
    "any": some,
    "all": multiplied,
    "cumsum": lambda field, a, dim: field.each(a.degree, lambda part: part.cumsum(dim), a),
    "mm": matmul,
    "bmm": matmul,
    "matmul": matmul,
    "mv": lambda field, a, b: matmul(field, a, b),
    "dot": lambda field, a, b: total(field, field.times(a, b)),
    "addmm": add_product,
    "baddbmm": add_product,
    "linear": linear,
    "convolution": convolution,
    "where": where,
    "masked_fill": lambda field, a, condition, value: where(field, condition, value, a),
    "logical_not": complement,
    "bitwise_not": complement,
    "logical_and": _two(Field.times),
    "bitwise_and": _two(Field.times),
    "logical_or": either,
    "bitwise_or": either,
    "index_put": put,
    "index_add": scattered(Tensor.index_add),
    "scatter_add": scattered(Tensor.scatter_add),
}
