"""Translations: which shifts are tried, and which of their breaks a network declares itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from erlangen.auditing.motion import Motion, Output, PadLeft, Roll
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
) -> tuple[ShiftClass, ...]:
    """Circular rolls by 1 and by the total stride along every axis, or those named; in time, zeros before the start."""
    sizes = tuple(x.shape[2:])
    total = total_stride(witness, x, domain.dim) if stride is None else _per_axis(stride, domain.dim, "stride")
    law = getattr(witness.model, "translation_law", None)
    boundary = getattr(law, "boundary", None)
    found = []
    for name, vectors in _named(shifts, total, sizes):
        expected = "" if boundary is None else _expected(boundary, vectors, total, sizes)
        if domain.causal:
            steps = [abs(vector[0]) for vector in vectors]
            found.append(
                ShiftClass(
                    f"{name.replace('roll', 'shift')} in time", tuple(PadLeft(s, output) for s in steps), expected
                )
            )
        else:
            motions = tuple(Roll(vector, domain, output, sizes) for vector in vectors)
            found.append(ShiftClass(f"circular {name}", motions, expected))
    return tuple(found)


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


def _named(
    shifts: Iterable[Any] | None, total: tuple[int, ...], sizes: tuple[int, ...]
) -> list[tuple[str, list[tuple[int, ...]]]]:
    """(name, vectors) of every row; a roll by whole turns of an axis is no motion and is left out."""
    dim = len(sizes)
    if shifts is not None:
        rows = [(_name(s), _vectors(s, dim)) for s in shifts]
    else:
        rows = [("roll by 1", _vectors(1, dim))]
        if max(total) > 1:
            size = str(total[0]) if len(set(total)) == 1 else str(total)
            rows.append(
                (f"roll by {size}, the total stride", [v for v in _diagonal(total) if any(abs(s) > 1 for s in v)])
            )
    kept = [(name, [v for v in vectors if any(s % n for s, n in zip(v, sizes, strict=True))]) for name, vectors in rows]
    return [(name, vectors) for name, vectors in kept if vectors]


def _name(shift: Any) -> str:
    return f"roll by {shift}"


def _vectors(shift: Any, dim: int) -> list[tuple[int, ...]]:
    if isinstance(shift, int) and not isinstance(shift, bool):
        return _diagonal((shift,) * dim)
    whole = tuple(shift) if isinstance(shift, list | tuple) else ()
    if len(whole) != dim or not all(isinstance(s, int) for s in whole):
        raise InputError(
            f"the shift {shift!r}", f"a whole number of sites, or {dim} of them", "For example shifts=[1, 4]."
        )
    return [whole]


def _diagonal(steps: tuple[int, ...]) -> list[tuple[int, ...]]:
    return [tuple(s if i == axis else 0 for i in range(len(steps))) for axis, s in enumerate(steps)]


def _per_axis(step: Any, dim: int, what: str) -> tuple[int, ...]:
    given = (step,) * dim if isinstance(step, int) else tuple(step)
    if len(given) == 1:
        given = given * dim
    if len(given) != dim or any(not isinstance(s, int) or s < 1 for s in given):
        raise InputError(f"{what}={step!r}", f"a positive whole number, or {dim} of them", "Count input sites.")
    return given


def _expected(boundary: str, vectors: list[tuple[int, ...]], total: tuple[int, ...], sizes: tuple[int, ...]) -> str:
    """What a derived network's own law says of a break: DESIGN §5."""
    moved = [(s, t, n) for v in vectors for s, t, n in zip(v, total, sizes, strict=True) if s]
    reasons = ["border"] if boundary == "open" else []
    if any(s % t for s, t, _ in moved) or (boundary == "periodic" and any(n % t for _, t, n in moved)):
        reasons.append("stride")
    return " and ".join(reasons)
