"""What holds of every group."""

import copy
import itertools
import json
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erlangen.errors import GroupError
from erlangen.groups import Group, group_from_data, group_to_data
from tests.laws.catalogue import GROUPS, LARGE_GROUPS, LIE_GROUPS

EVERY_GROUP = [*GROUPS, *LARGE_GROUPS, *LIE_GROUPS]
seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=10)


def one(group: Group, seed: int):
    return group.sample(1, seed)[0]


@pytest.mark.parametrize("group", EVERY_GROUP)
@given(seed=seeds)
@few
def test_axioms(group: Group, seed: int):
    g, h, k = group.sample(3, seed)
    e = group.identity
    assert (g @ h) @ k == g @ (h @ k)
    assert e @ g == g == g @ e
    assert g @ ~g == e == ~g @ g
    assert ~(g @ h) == ~h @ ~g
    assert g @ h in (g @ h, e) and hash(g @ h) == hash(~(~h @ ~g))


@pytest.mark.parametrize("group", EVERY_GROUP)
@given(seed=seeds)
@few
def test_matrices_multiply(group: Group, seed: int):
    g, h = group.sample(2, seed)
    np.testing.assert_allclose((g @ h).matrix, g.matrix @ h.matrix, rtol=0, atol=1e-12)
    np.testing.assert_allclose((~g).matrix @ g.matrix, np.eye(group.dimension), rtol=0, atol=1e-12)
    assert np.array_equal(group.identity.matrix, np.eye(group.dimension))
    assert g.matrix.dtype == np.float64 and not (np.signbit(g.matrix) & (g.matrix == 0)).any()


@pytest.mark.parametrize("group", EVERY_GROUP)
@given(seed=seeds, letters=st.lists(st.integers(0, 30), max_size=40))
@few
def test_long_words_stay_exact(group: Group, seed: int, letters: list[int]):
    alphabet = (*group.generators, one(group, seed))
    element, matrix = group.identity, np.eye(group.dimension)
    for letter in letters:
        element = element @ alphabet[letter % len(alphabet)]
        matrix = matrix @ alphabet[letter % len(alphabet)].matrix
    np.testing.assert_allclose(element.matrix, matrix, rtol=0, atol=1e-12)


@pytest.mark.parametrize("group", EVERY_GROUP)
@given(seed=seeds, exponent=st.integers(-9, 9))
@few
def test_powers(group: Group, seed: int, exponent: int):
    g = one(group, seed)
    power = group.identity
    for _ in range(abs(exponent)):
        power = power @ (g if exponent > 0 else ~g)
    assert g**exponent == power


@pytest.mark.parametrize("group", EVERY_GROUP)
@given(seed=seeds)
@few
def test_an_element_is_read_back(group: Group, seed: int):
    """The defining matrices tell the elements apart, and are in the group."""
    g = one(group, seed)
    assert group.contains(g) and group.element(g) == g
    assert group.element(g.matrix) == g
    assert group.element(g.matrix.astype(np.float32)).group is group
    assert not group.contains(2 * g.matrix)
    assert not group.contains(np.eye(group.dimension + 1))


@pytest.mark.parametrize("group", EVERY_GROUP)
@given(seed=seeds)
@few
def test_sampling_has_seeds(group: Group, seed: int):
    first, again = group.sample(4, seed), group.sample(4, np.random.default_rng(seed))
    assert [g.key for g in first] == [g.key for g in again]
    assert all(g.group is group for g in first)
    assert group.sample(0, seed) == []


@pytest.mark.parametrize("group", EVERY_GROUP)
def test_lives_as_a_value(group: Group):
    g = one(group, 0)
    for twin in (copy.copy(group), copy.deepcopy(group), pickle.loads(pickle.dumps(group))):
        assert twin == group and hash(twin) == hash(group) and repr(twin) == repr(group)
    for twin in (copy.deepcopy(g), pickle.loads(pickle.dumps(g))):
        assert twin == g and hash(twin) == hash(g) and twin @ g == g @ g
    assert group != "C(4)" and g != "r"
    assert len(pickle.dumps(group)) < 20_000  # tables are not carried along


@pytest.mark.parametrize("group", EVERY_GROUP)
def test_text_comes_back(group: Group):
    data = json.loads(json.dumps(group_to_data(group)))
    assert group_from_data(data) == group


def test_equal_only_to_itself():
    for (i, first), (j, second) in itertools.product(enumerate(EVERY_GROUP), repeat=2):
        assert (first.values[0] == second.values[0]) == (i == j)


@pytest.mark.parametrize("group", GROUPS)
def test_the_list_is_the_group(group: Group):
    elements = group.elements
    assert len(elements) == group.order == len(set(elements))
    assert elements[0] == group.identity
    assert [group.index(g) for g in elements] == list(range(len(elements)))
    assert all(generator in elements for generator in group.generators)


@pytest.mark.parametrize("group", GROUPS)
@given(data=st.data())
@few
def test_the_table_is_the_product(group: Group, data: st.DataObject):
    places = st.integers(0, len(group.elements) - 1)
    i, j = data.draw(places), data.draw(places)
    assert group.elements[group.table[i, j]] == group.elements[i] @ group.elements[j]
    assert group.elements[group.inverses[i]] == ~group.elements[i]


@pytest.mark.parametrize("group", GROUPS)
def test_the_table_is_a_latin_square(group: Group):
    everything = np.arange(len(group.elements))
    assert (np.sort(group.table, axis=0) == everything[:, None]).all()
    assert (np.sort(group.table, axis=1) == everything).all()
    assert (group.table[everything, group.inverses] == 0).all()
    assert not group.table.flags.writeable


@pytest.mark.parametrize("group", GROUPS)
def test_conjugacy_classes_partition(group: Group):
    classes = group.conjugacy_classes
    assert sorted(group.index(g) for members in classes for g in members) == list(range(len(group.elements)))
    assert classes[0] == (group.identity,)
    for members in classes:
        assert len(group.elements) % len(members) == 0
        assert {s @ members[0] @ ~s for s in group.generators} <= set(members)
        assert len({g.order for g in members}) == 1


@pytest.mark.parametrize("group", GROUPS)
@given(seed=seeds, count=st.integers(0, 2))
@few
def test_cosets_partition(group: Group, seed: int, count: int):
    subgroup = group.subgroup(*group.sample(count, seed))
    cosets = group.cosets(subgroup)
    assert sorted(group.index(g) for coset in cosets for g in coset) == list(range(len(group.elements)))
    assert cosets[0] == tuple(subgroup.embed(h) for h in subgroup.elements)
    for coset in cosets:
        assert all(subgroup.contains(~coset[0] @ g) for g in coset)


@pytest.mark.parametrize("group", GROUPS)
@given(seed=seeds)
@few
def test_subgroups_are_groups(group: Group, seed: int):
    generators = group.sample(2, seed)
    subgroup = group.subgroup(*generators)
    h, k = subgroup.sample(2, seed)
    assert len(group.elements) % len(subgroup.elements) == 0
    assert subgroup.embed(h @ k) == subgroup.embed(h) @ subgroup.embed(k)
    assert group.element(h) == subgroup.embed(h) and subgroup.element(subgroup.embed(h)) == h
    assert str(h) == str(subgroup.embed(h)) and h != subgroup.embed(h)
    inside = [g for g in group.elements if subgroup.contains(g)]
    assert len(inside) == len(subgroup.elements)


@pytest.mark.parametrize("group", GROUPS)
@given(seed=seeds)
@few
def test_orders_of_elements_divide(group: Group, seed: int):
    g = one(group, seed)
    assert len(group.elements) % g.order == 0
    assert g**g.order == group.identity
    assert all(g**k != group.identity for k in range(1, g.order))


@pytest.mark.parametrize("group", [*LARGE_GROUPS, *LIE_GROUPS])
def test_what_cannot_be_listed_says_so(group: Group):
    for listed in ("elements", "table", "inverses", "conjugacy_classes"):
        with pytest.raises(GroupError, match="elements|infinite"):
            getattr(group, listed)
    assert (group.order is None) == (group in [param.values[0] for param in LIE_GROUPS])


@pytest.mark.parametrize("group", EVERY_GROUP)
def test_groups_do_not_mix(group: Group):
    stranger = Group.from_permutations([(1, 0, 3, 2), (2, 3, 0, 1)]).generators[0]
    assert group.identity != stranger
    with pytest.raises(GroupError, match="two elements of one group"):
        group.identity @ stranger
    with pytest.raises(GroupError, match="g.matrix"):
        group.identity @ np.eye(2)
    with pytest.raises(GroupError, match="a group with elements"):
        group * 3
