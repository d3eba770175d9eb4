"""Every subgroup once, by how its elements move space, under the name it is known by."""

import pytest

from erlangen.auditing.discovery.nodes import finite, nodes_of, subgroups
from erlangen.auditing.discovery.place import OnSites, OnVectors
from erlangen.domains import Grid, HexGrid
from erlangen.errors import DomainError, GroupError
from erlangen.groups import SO, C, D, FullOctahedral, Group, Icosahedral, Mirror, O, Octahedral, S, Translations
from erlangen.task import Invariant

PLANE = OnSites(Grid(2), None, Invariant(1))


@pytest.mark.parametrize(
    ("group", "count"),
    [(C(24), 8), (D(4), 10), (D(6), 16), (S(4), 30), (Octahedral(), 30), (Icosahedral(), 59), (FullOctahedral(), 98)],
)
def test_as_many_subgroups_as_the_books_say(group: Group, count: int):
    found = subgroups(group)
    assert len(set(found)) == len(found) == count
    assert all(group.order % len(members) == 0 for members in found)


def test_subgroups_have_their_names():
    found = [repr(node.group) for node in nodes_of([D(4)], PLANE)]
    mirrors = [f"D(4).subgroup({g})" for g in ("r m", "r^2 m", "r^3 m")]
    assert found == ["C(2)", "Mirror()", *mirrors, "C(4)", "D(2)", "D(4).subgroup(r^2, r m)", "D(4)"]


def test_what_two_candidates_share_is_one_node():
    alone, both = nodes_of([D(4)], PLANE), nodes_of([D(4), C(4), Mirror(), C(8)], PLANE)
    assert len(alone) == 9
    assert [node.order for node in both if node not in alone][-1] == 8
    assert len(both) == 10  # C(8) alone is new
    square = next(node for node in both if node.group == D(4))
    assert sum(square.contains(node) for node in both) == 9


def test_cyclic_groups_know_a_generator():
    nodes = nodes_of([D(6)], OnSites(HexGrid(), None, Invariant(1)))
    for node in nodes:
        if node.generator is not None:
            assert node.generator.order == node.order
    assert sum(node.generator is not None for node in nodes) == 3 + 6  # C2, C3, C6 and the mirrors


def test_continuous_groups_stand_for_finite_ones():
    assert finite([O(2)]) == [(D(24), O(2))]
    assert finite([SO(3)]) == [(Octahedral(), SO(3)), (Icosahedral(), SO(3))]


def test_what_cannot_be_listed_is_refused():
    with pytest.raises(GroupError, match="at most 200"):
        finite([S(6)])
    with pytest.raises(GroupError, match="a group with elements"):
        finite([Translations()])
    with pytest.raises(DomainError, match="does not move 2 dimensions"):
        nodes_of([Octahedral()], PLANE)
    with pytest.raises(DomainError, match="does not move 3 dimensions"):
        nodes_of([C(4)], OnVectors(3, Invariant(1)))
    with pytest.raises(GroupError, match="more than 1,000 subgroups"):
        subgroups(Mirror() * Mirror() * Mirror() * Mirror() * Mirror() * Mirror() * Mirror())
