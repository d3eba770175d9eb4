"""Channels that move by irreps, read as functions on the group: which belong to one function."""

from math import gcd

import torch
from torch import Tensor

from erlangen.layers._fields import kinds_of
from erlangen.representations import Representation

Parts = tuple[tuple[Representation, int], ...]  # each irrep, with how often one function holds it


def functions_in(rho: Representation) -> tuple[int, Parts]:
    """How many functions on the group the channels of ρ hold, all alike, and which irreps each of them holds.

    >>> from erlangen.groups import SO
    >>> functions_in(4 * SO(2).trivial + 4 * SO(2).irrep(1))
    (4, ((trivial of SO(2), 1), (irrep(1) of SO(2), 1)))
    """
    counts = {kind.field: kind.copies for kind in kinds_of(rho)}
    functions = gcd(*counts.values())
    return functions, tuple((field, copies // functions) for field, copies in counts.items())


def channels_of_functions(rho: Representation) -> tuple[Tensor, Tensor]:
    """The channels of each function, `[functions, D]`, and of their means over the group, `[functions]` or none."""
    functions, _ = functions_in(rho)
    members, constant = [], torch.empty(0, dtype=torch.int64)
    for kind in kinds_of(rho):
        channels = torch.cat([torch.arange(start, start + m * kind.dim) for start, m in kind.runs])
        members.append(channels.reshape(functions, -1))
        if kind.field.is_trivial and kind.copies == functions:
            constant = channels
    return torch.cat(members, dim=1), constant
