"""Translations by whole sites, each example by its own: sites move by index, and no value is rounded."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from erlangen.domains import Domain, Lattice
from erlangen.errors import DomainError, InputError
from erlangen.given import whole


def read_reach(domain: Domain, shifts: Any) -> tuple[int, ...]:
    """How far each axis may be shifted, each way, of a number or one an axis; empty where nothing moves."""
    each = tuple(shifts) if isinstance(shifts, Sequence) and not isinstance(shifts, str) else (shifts,) * domain.axes
    mend = "In sites, each way: shifts=4."
    reach = tuple(whole("shifts", s, InputError, 0, mend) for s in each)
    if len(reach) != domain.axes:
        raise InputError(f"shifts={shifts!r}", f"a number of sites, or {domain.axes} of them", "Give one an axis.")
    if any(reach) and not isinstance(domain, Lattice):
        raise DomainError(f"shifts of {domain!r}", "a lattice, such as er.Grid(2)", "Leave shifts out.")
    return reach if any(reach) else ()


def drawn_shifts(reach: tuple[int, ...], count: int, generator: torch.Generator | None) -> Tensor:
    """Whole shifts, independent and uniform from −reach to reach, `[count, d]`."""
    return torch.stack([torch.randint(-most, most + 1, (count,), generator=generator) for most in reach], dim=1)


def shifted(domain: Lattice, values: Tensor, shifts: Tensor, fill: float = 0) -> Tensor:
    """x_i(u − s_i): around a periodic lattice; on an open one what leaves is lost, and `fill` enters.

    Shapes: values `[n, …, n₁ … n_d]` of any dtype, shifts `[n, d]`. Places that only the array has become `fill`.

    >>> from erlangen.domains import Grid
    >>> x, s = torch.tensor([[[1.0, 2.0, 3.0]]]), torch.tensor([[1]])
    >>> shifted(Grid(1), x, s).tolist(), shifted(Grid(1, "periodic"), x, s).tolist()
    ([[[0.0, 1.0, 2.0]]], [[[3.0, 1.0, 2.0]]])
    """
    for axis in range(domain.dim):
        at = values.dim() - domain.dim + axis
        size = values.shape[at]
        source = torch.arange(size) - shifts[:, axis, None]
        shape = [len(values), *(size if a == at else 1 for a in range(1, values.dim()))]
        places = source.to(values.device).reshape(shape)
        values = values.gather(at, (places % size).expand_as(values))
        if domain.boundary == "open":
            values = values.masked_fill((places < 0) | (places >= size), fill)
    mask = domain.mask(values)
    return values if mask is None else values.masked_fill(mask == 0, fill)


def shifted_labels(domain: Lattice, labels: Tensor, shifts: Tensor, points: Tensor | None, unknown: int) -> Tensor:
    """The same of class maps `[n, …points]`: `unknown` is what comes from beyond the border, or beyond the domain."""
    enters = domain.boundary == "open" and bool(shifts.any())
    if enters and (labels.dtype == torch.bool or torch.iinfo(labels.dtype).min > unknown):
        given, expected = f"class labels of dtype {labels.dtype}", f"whole numbers, {unknown} among them"
        raise InputError(given, expected, "Convert with .long(), or name another label by unknown=….")
    held = labels if points is None else labels.masked_fill(~points, unknown)
    return shifted(domain, held, shifts, unknown)
