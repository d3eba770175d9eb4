"""Signals on finite domains as vectors at one point, where every linear map between them is one matrix."""

from erlangen.domains import Finite, Point
from erlangen.signal import Space


def as_vectors(space: Space) -> Space:
    """Signals `[channel, n]` on a finite domain as vectors `[channel · n]` at one point: ρ ⊗ the action on points."""
    if not isinstance(space.domain, Finite):
        return space
    return Space(Point(), space.rho.tensor(space.domain.functions(space.group)))
