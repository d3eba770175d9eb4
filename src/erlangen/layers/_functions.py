"""Channels that move by irreps, read as functions on the group: which belong to one function."""

from math import gcd

import numpy as np

from erlangen.errors import RepresentationError
from erlangen.layers._fields import kinds_of
from erlangen.representations import Representation
from erlangen.representations.base import COMMUTANT, Irrep

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


def channels_of_functions(rho: Representation) -> tuple[np.ndarray, np.ndarray]:
    """The channels of each function, `[functions, D]`, and of their means over the group, `[functions]` or none.

    Raises RepresentationError where the channels hold no such functions: fields that are not irreps, or an irrep more
    often than the regular representation does.
    """
    functions, parts = functions_in(rho)
    for field, times in parts:
        if not isinstance(field, Irrep) or times > field.dim // COMMUTANT[field.type]:
            raise RepresentationError(
                f"functions on the group in {rho}",
                "irreps, each no more often than the regular representation holds it",
                "Take m × G.band_limited_regular(l), or one statistic a field.",
            )
    members, constant = [], np.empty(0, dtype=np.int64)
    for kind in kinds_of(rho):
        channels = np.concatenate([np.arange(start, start + m * kind.dim) for start, m in kind.runs])
        members.append(channels.reshape(functions, -1))
        if kind.field.is_trivial and kind.copies == functions:
            constant = channels
    return np.concatenate(members, axis=1), constant
