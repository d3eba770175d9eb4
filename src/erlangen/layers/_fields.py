"""Axis 1 of a tensor as what it is: runs of equal fields, each `[batch, copies, fibre, …points]`."""

import torch
from torch import Tensor

from erlangen.errors import RepresentationError
from erlangen.representations import Representation


def split_fields(values: Tensor, rho: Representation) -> list[Tensor]:
    """The runs of ρ in channel order, as views `[batch, m, d, …]`."""
    if len(rho.fields) == 1:
        field, m = rho.fields[0]
        return [values.unflatten(1, (m, field.dim))]
    runs, start = [], 0
    for field, m in rho.fields:
        runs.append(values.narrow(1, start, m * field.dim).unflatten(1, (m, field.dim)))
        start += m * field.dim
    return runs


def join_fields(runs: list[Tensor]) -> Tensor:
    """The way back: `[batch, channel, …]`."""
    flat = [run.flatten(1, 2) for run in runs]
    return flat[0] if len(flat) == 1 else torch.cat(flat, dim=1)


def require_orthogonal(rho: Representation, what: str) -> None:
    """Refuse a representation whose norm the group changes."""
    if not rho.is_orthogonal:
        raise RepresentationError(f"{what} of {rho}", "an orthogonal representation", "Take rho.orthogonalized().")


def require_permutation(rho: Representation, what: str, mend: str) -> None:
    """Refuse a representation that does more than reorder channels."""
    if not rho.is_permutation:
        raise RepresentationError(f"{what} of {rho}", "a permutation representation (trivial, regular, quotient)", mend)
