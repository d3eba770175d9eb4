"""Subgroups and their cosets."""

import pytest

from erlangen.errors import GroupError
from erlangen.groups import C, D, FullOctahedral, Mirror, Octahedral, S, Trivial


def test_a_subgroup_by_anything_that_names_its_generators():
    group = D(4)
    r, m = group.generators
    assert group.subgroup(r) == group.subgroup(C(4).generators[0]) == group.subgroup([[0, -1], [1, 0]])
    assert group.subgroup(r) != group.subgroup(~r)  # the same elements in another order
    assert group.subgroup(r) != C(4)
    assert group.subgroup().order == 1 and group.subgroup(m).order == 2
    with pytest.raises(GroupError, match="an element of D"):
        group.subgroup(0.1)


def test_elements_move_between_a_group_and_its_subgroups():
    group = D(4)
    r, m = group.generators
    inner = group.subgroup(r).subgroup(r @ r)
    h = inner.generators[0]
    assert inner.parent == group.subgroup(r)
    assert inner.embed(h) == group.subgroup(r).generators[0] ** 2
    assert inner.parent.embed(inner.embed(h)) == r @ r
    assert group.element(h) == r @ r and inner.element(r @ r) == h
    assert not inner.contains(r) and not inner.contains(m)
    assert repr(h) == "r^2 of D(4).subgroup(r).subgroup(r^2)" and str(inner) == "⟨r^2⟩ in ⟨r⟩ in D4"


def test_cosets():
    group = D(4)
    r, m = group.generators
    cosets = group.cosets(group.subgroup(m))
    assert [[str(g) for g in coset] for coset in cosets] == [
        ["e", "m"],
        ["r", "r m"],
        ["r^2", "r^2 m"],
        ["r^3", "r^3 m"],
    ]
    assert group.cosets(C(4)) == group.cosets(group.subgroup(r))
    assert len(FullOctahedral().cosets(Octahedral())) == 2
    assert len(group.cosets(group)) == 1
    assert len(S(4).cosets(S(4).subgroup())) == 24
    with pytest.raises(GroupError, match="an element of D"):
        group.cosets(C(8))
    with pytest.raises(GroupError, match="an element of D"):
        group.cosets(Mirror())
    assert group.cosets(Trivial()) == group.cosets(group.subgroup())


def test_a_group_or_a_list_stands_for_its_elements():
    G = D(4)
    turn = G.generators[0]
    assert G.subgroup(C(4)) == G.subgroup(turn) == G.subgroup([turn])
    assert G.subgroup(C(2)).order == 2
