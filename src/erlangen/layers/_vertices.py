"""Layers at the vertices of a subdivided icosahedron: the number of its subdivisions is a part of their type."""

from erlangen.errors import SpaceError
from erlangen.layers._harmonic import sphere_of
from erlangen.signal import Space

MEND = 'Take er.Sphere("icosahedral", subdivisions=4), which has 2,562 vertices.'


def subdivided(space: Space, who: str) -> int:
    """How often the icosahedron of a space was subdivided; refuses other domains, and where that is not known."""
    domain = sphere_of(space, who, MEND)
    if domain.subdivisions is None:
        raise SpaceError(f"{who} on {space!r}", "an icosahedral sphere of known subdivisions", MEND)
    return domain.subdivisions
