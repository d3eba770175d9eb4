"""Channels that move by irreps, read as functions on the group: which belong to one function."""

from math import gcd

import numpy as np

from erlangen.errors import RepresentationError
from erlangen.layers._fields import Kind, kinds_of
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
    constant = [_channels(kind) for kind in kinds_of(rho) if kind.field.is_trivial and kind.copies == functions]
    return _members(rho), constant[0] if constant else np.empty(0, dtype=np.int64)


def are_side_by_side(rho: Representation) -> bool:
    """Whether the channels of each function stand together, one function behind the other."""
    return bool((_members(rho).ravel() == np.arange(rho.dim)).all())


def _members(rho: Representation) -> np.ndarray:
    functions, _ = functions_in(rho)
    return np.concatenate([_channels(kind).reshape(functions, -1) for kind in kinds_of(rho)], axis=1)


def _channels(kind: Kind) -> np.ndarray:
    return np.concatenate([np.arange(start, start + m * kind.dim) for start, m in kind.runs])
