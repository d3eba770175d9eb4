"""Translations: which shifts are tried, and which of their breaks a network declares itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor, nn

from erlangen.auditing.motion import Motion, Output, PadLeft, Roll
from erlangen.auditing.movable import Carried, Movable
from erlangen.auditing.translations import Drift, Shift
from erlangen.auditing.witness import Witness, hooked
from erlangen.domains import Lattice
from erlangen.errors import InputError


@dataclass(frozen=True)
class ShiftClass:
    """Shifts reported in one row: the law in words, the motions, and what is expected to break it, if anything is."""

    law: str
    motions: tuple[Motion, ...]
    expected: str


def shift_classes(
    witness: Witness,
    domain: Lattice,
    output: Output,
    x: Tensor,
    shifts: Iterable[Any] | None,
    stride: int | Sequence[int] | None,
    source: Movable | None = None,
) -> tuple[ShiftClass, ...]:
    """Circular rolls by 1 and by the total stride along every axis, or those named; in time, zeros before the start.

    Of what is named a `Shift` says its law; a number, or one an axis, is circular, or in time zeros before the start.
    What the inputs are samples of, their `source`, moves by fractions of a site itself; whole sites move as ever.
    """
    sizes = tuple(x.shape[2:])
    total = total_stride(witness, x, domain.dim) if stride is None else _per_axis(stride, domain.dim, "stride")
    law = getattr(witness.model, "translation_law", None)
    boundary = getattr(law, "boundary", None)
    found = []
    for row in _rows(shifts, total, sizes):
        expected = (
            "" if boundary is None or getattr(law, "zero_is_fixed", False) else _expected(boundary, row, total, sizes)
        )
        if domain.causal and not row.named and row.shift.whole:
            name = f"shift by {row.name.partition(' by ')[2]} in time"
            found.append(ShiftClass(name, tuple(_whole(v, domain, output, sizes) for v in row.vectors), expected))
        else:
            motions = tuple(row.shift.motion(vector, domain, output, sizes) for vector in row.vectors)
            found.append(_carried(ShiftClass(row.name, motions, expected), source))
    return tuple(found)


def whole_shifts(
    domain: Lattice, output: Output, sizes: tuple[int, ...], answers: tuple[int, ...], law: Any
) -> list[tuple[str, tuple[Motion, ...], str]]:
    """Name, motions and expected breaks of shifts by 1, and by the stride of this translation law, along a lattice.

    `answers` is the shape of answers with a value at each site, empty for others: what is not whole there is left out.
    """
    found = []
    total = (getattr(law, "stride", 1),) * domain.dim
    for row in _rows(None, total, sizes):
        vectors = [v for v in row.vectors if all(s * m % n == 0 for s, m, n in zip(v, answers, sizes, strict=False))]
        if not vectors:
            continue
        expected = "" if law is None or law.zero_is_fixed else _expected(law.boundary, row, total, sizes)
        name = f"shift by {row.name.partition(' by ')[2]} in time" if domain.causal else row.name
        found.append((name, tuple(_whole(v, domain, output, sizes) for v in vectors), expected))
    return found


def _whole(vector: tuple[float, ...], domain: Lattice, output: Output, sizes: tuple[int, ...]) -> Motion:
    """Zeros before the start in time, else a roll."""
    if domain.causal:
        return PadLeft(abs(int(vector[0])), output)
    return Roll(tuple(int(s) for s in vector), domain, output, sizes)


def _carried(found: ShiftClass, source: Movable | None) -> ShiftClass:
    """The same, of the things that the inputs are samples of, where it is by a fraction of a site."""
    drifts = [m for m in found.motions if isinstance(m, Drift)]
    if source is None or not drifts:
        return found
    law = found.law.replace("circular shift", "shift").replace("by Fourier", "before sampling")
    moved = tuple(Carried(m.shifts, m.domain, m.output, m.sizes, source) for m in drifts)
    return replace(found, law=law, motions=moved)


def total_stride(witness: Witness, x: Tensor, dim: int) -> tuple[int, ...]:
    """How many input sites a step at the coarsest scale is, along each axis: as declared, else from strided layers.

    Strided layers that look at grids of one size are branches of one step and count once; a pool to a single point is
    no step.
    """
    declared = getattr(getattr(witness.model, "translation_law", None), "stride", None)
    if declared is not None:
        return _per_axis(declared, dim, "stride")
    seen: dict[tuple[int, ...], tuple[int, ...]] = {}

    def note(module: nn.Module, given: tuple[Any, ...], y: Any) -> None:
        step = getattr(module, "stride", None)
        if step is None or not given or not isinstance(y, Tensor) or not isinstance(given[0], Tensor):
            return
        before, after = tuple(given[0].shape[2:]), tuple(y.shape[2:])
        if len(before) == dim and len(after) == dim and max(after) > 1 and before > after:
            seen[before] = _per_axis(step, dim, "stride")

    with hooked(witness.model, note):
        witness(x[:2])
    product = [1] * dim
    for step in seen.values():
        product = [a * b for a, b in zip(product, step, strict=True)]
    return tuple(product)


@dataclass(frozen=True)
class _Row:
    """A row to be; `named` says that a Shift was given, and with it the law."""

    name: str
    shift: Shift
    vectors: list[tuple[float, ...]]
    named: bool = False


def _rows(shifts: Iterable[Any] | None, total: tuple[int, ...], sizes: tuple[int, ...]) -> list[_Row]:
    """A circular shift by whole turns of an axis is no motion and is left out."""
    if shifts is not None:
        rows = [_given(given, len(sizes)) for given in shifts]
    else:
        rows = [_given(1, len(sizes))]
        if max(total) > 1:
            size = str(total[0]) if len(set(total)) == 1 else str(total)
            vectors = [v for v in _diagonal(total) if any(abs(s) > 1 for s in v)]
            rows.append(_Row(f"circular roll by {size}, the total stride", Shift(total), vectors))
    kept = [
        replace(row, vectors=[v for v in row.vectors if row.shift.law != "circular" or _moves(v, sizes)])
        for row in rows
    ]
    return [row for row in kept if row.vectors]


def _moves(vector: tuple[float, ...], sizes: tuple[int, ...]) -> bool:
    return any(s % n for s, n in zip(vector, sizes, strict=True))


def _given(given: Any, dim: int) -> _Row:
    named = isinstance(given, Shift)
    shift = given if named else Shift(tuple(given) if isinstance(given, list) else given)
    return _Row(shift.name, shift, shift.vectors(dim), named)


def _diagonal(steps: tuple[int, ...]) -> list[tuple[float, ...]]:
    return [tuple(s if i == axis else 0 for i in range(len(steps))) for axis, s in enumerate(steps)]


def _per_axis(step: Any, dim: int, what: str) -> tuple[int, ...]:
    given = (step,) * dim if isinstance(step, int) else tuple(step)
    if len(given) == 1:
        given = given * dim
    if len(given) != dim or any(not isinstance(s, int) or s < 1 for s in given):
        raise InputError(f"{what}={step!r}", f"a positive whole number, or {dim} of them", "Count input sites.")
    return given


def _expected(boundary: str, row: _Row, total: tuple[int, ...], sizes: tuple[int, ...]) -> str:
    """What a derived network's own law says of a break: DESIGN §5."""
    moved = [(s, t, n) for v in row.vectors for s, t, n in zip(v, total, sizes, strict=True) if s]
    reasons = ["border"] if boundary == "open" or row.shift.law != "circular" else []
    if any(s % t for s, t, _ in moved) or (boundary == "periodic" and any(n % t for _, t, n in moved)):
        reasons.append("stride" if row.shift.whole else "sampling")
    return " and ".join(reasons)
