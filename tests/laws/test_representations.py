"""What holds of every representation, of every group."""

import copy
import json
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erlangen.errors import MissingError, RepresentationError
from erlangen.groups import C, D, DirectProduct, FullOctahedral, Group, Icosahedral, Octahedral, S
from erlangen.representations import Representation, direct_sum, intertwiner_basis, null_space_intertwiners
from erlangen.representations.averages import class_characters
from erlangen.representations.found import FoundIrrep, found_irreps
from erlangen.representations.irreps import has_closed_forms
from erlangen.representations.text import representation_from_data, representation_to_data
from tests.laws.catalogue import FINITE_REPRESENTATIONS, GROUPS, LIE_REPRESENTATIONS, REPRESENTATIONS

seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=5)
COMMUTANT = {"real": 1, "complex": 2, "quaternionic": 4}
NAMED = S | Octahedral | FullOctahedral | Icosahedral
CLOSED = [
    *(group for group in GROUPS if isinstance(group.values[0], NAMED)),
    *(group for group in GROUPS if isinstance(group.values[0], DirectProduct) and has_closed_forms(group.values[0])),
    *(S(6), S(4) * C(5), C(4) * C(6) * C(3), Octahedral() * D(3), C(10) * C(12)),
]


def close(actual: np.ndarray, desired: np.ndarray, atol: float = 1e-11) -> None:
    np.testing.assert_allclose(actual, desired, rtol=0, atol=atol)


def blocks(rho: Representation, g: object) -> np.ndarray:
    """ρ(g) put together from its fields, the slow and plain way."""
    matrix, at = np.zeros((rho.dim, rho.dim)), 0
    for part, times in rho.fields:
        for _ in range(times):
            matrix[at : at + part.dim, at : at + part.dim] = part(g)
            at += part.dim
    return matrix


@pytest.mark.parametrize("rho", REPRESENTATIONS)
@given(seed=seeds)
@few
def test_it_multiplies_as_the_group_does(rho: Representation, seed: int):
    g, h = rho.group.sample(2, seed)
    close(rho(g @ h), rho(g) @ rho(h))
    close(rho(~g) @ rho(g), np.eye(rho.dim))
    assert np.array_equal(rho(rho.group.identity), np.eye(rho.dim)) or not rho.is_permutation
    assert rho(g).dtype == np.float64 and rho(g).shape == (rho.dim, rho.dim)
    close(rho.dual(g), rho(~g).T)
    close(rho(g), blocks(rho, g), 0)
    assert abs(rho.character(g) - rho.character(h @ g @ ~h)) < 1e-9


@pytest.mark.parametrize("rho", REPRESENTATIONS)
@given(seed=seeds)
@few
def test_what_it_says_of_itself_is_true(rho: Representation, seed: int):
    (g,) = rho.group.sample(1, seed)
    if rho.is_orthogonal:
        close(rho(g).T @ rho(g), np.eye(rho.dim))
        assert rho.dual == rho and rho.orthogonalized() == rho
    else:
        assert rho.orthogonalized().is_orthogonal and rho.dual.dual == rho
    if rho.is_trivial:
        close(rho(g), np.eye(rho.dim))
    if rho.is_permutation:
        assert np.array_equal(rho(g)[rho.permutation(g), np.arange(rho.dim)], np.ones(rho.dim))
        assert np.abs(rho(g)).sum() == rho.dim
    else:
        with pytest.raises(RepresentationError, match="permutes its channels"):
            [rho.permutation(s) for s in rho.group.generators]


@pytest.mark.parametrize("rho", REPRESENTATIONS)
def test_it_is_a_value(rho: Representation):
    data = representation_to_data(rho)
    again = representation_from_data(json.loads(json.dumps(data)), rho.group)
    for copied in (again, copy.deepcopy(rho), pickle.loads(pickle.dumps(rho))):
        assert copied == rho and hash(copied) == hash(rho) and str(copied) == str(rho)
    assert 1 * rho == rho and rho + rho == 2 * rho and direct_sum(*rho.fields) == rho
    assert rho.dim == sum(part.dim * times for part, times in rho.fields)
    assert str(rho) == repr(rho) and str(rho).endswith(f"of {rho.group}")


@pytest.mark.parametrize("rho", FINITE_REPRESENTATIONS)
def test_all_matrices_are_in_the_order_of_the_elements(rho: Representation):
    elements = rho.group.elements
    some = range(0, len(elements), max(1, len(elements) // 7))
    matrices = rho.matrices()
    for i in some:
        close(matrices[i], rho(elements[i]), 0)


@pytest.mark.parametrize("rho", [*FINITE_REPRESENTATIONS, *LIE_REPRESENTATIONS])
def test_it_is_a_sum_of_irreps(rho: Representation):
    found = rho.decompose()
    straight = found.representation
    assert straight.dim == rho.dim
    assert all(part in rho.group.irreps(*limit(rho)) for part, _ in found.parts)
    for g in (*rho.group.generators, *rho.group.sample(2, 0)):
        close(found.basis @ straight(g), rho(g) @ found.basis, 1e-10)
    close(np.linalg.inv(found.basis) @ found.basis, np.eye(rho.dim), 1e-10)
    if rho.is_orthogonal:
        close(found.basis.T @ found.basis, np.eye(rho.dim), 1e-10)


def limit(rho: Representation) -> tuple[int, ...]:
    return () if rho.group.order is not None else (6,)


@pytest.mark.parametrize("rho", REPRESENTATIONS)
def test_maps_commute_and_are_orthonormal(rho: Representation):
    for sigma, tau in ((rho.group.standard, rho), (rho, rho.group.standard)):
        maps = intertwiner_basis(sigma, tau)
        assert maps.shape[1:] == (tau.dim, sigma.dim)
        close(np.einsum("aij,bij->ab", maps, maps), np.eye(len(maps)), 1e-10)
        for g in (*rho.group.generators, *rho.group.sample(2, 0)):
            close(tau(g) @ maps, maps @ sigma(g), 1e-10)


@pytest.mark.parametrize("rho", LIE_REPRESENTATIONS)
def test_maps_are_as_many_as_the_irreps_say(rho: Representation):
    ours, theirs = rho.decompose(), rho.group.standard.decompose()
    times = dict(theirs.parts)
    expected = sum(m * times.get(part, 0) * COMMUTANT[part.type] for part, m in ours.parts)
    assert len(intertwiner_basis(rho, rho.group.standard)) == expected
    assert len(null_space_intertwiners(rho, rho.group.standard)) == expected


@pytest.mark.parametrize("rho", FINITE_REPRESENTATIONS)
def test_maps_are_as_many_as_the_characters_say(rho: Representation):
    group = rho.group
    products = [rho.character(members[0]) * group.standard.character(members[0]) for members in group.conjugacy_classes]
    sizes = [len(members) for members in group.conjugacy_classes]
    mean = np.dot(products, sizes) / len(group.elements)
    assert abs(mean - round(mean)) < 1e-9
    assert len(intertwiner_basis(rho, group.standard)) == round(mean)
    if rho.dim * group.standard.dim <= 100:
        assert len(null_space_intertwiners(rho, group.standard)) == round(mean)


@pytest.mark.parametrize("group", GROUPS)
def test_irreps_are_complete_and_their_characters_orthogonal(group: Group):
    irreps = group.irreps()
    kinds = [COMMUTANT[rho.type] for rho in irreps]
    dims = [rho.dim for rho in irreps]
    assert sum(dim**2 / kind for dim, kind in zip(dims, kinds, strict=True)) == group.order
    assert irreps[0] == group.trivial and (dims == sorted(dims) or isinstance(group, C | D))
    sizes = np.array([len(members) for members in group.conjugacy_classes])
    table = np.array([[rho.character(members[0]) for members in group.conjugacy_classes] for rho in irreps])
    close(table * sizes @ table.T / len(group.elements), np.diag(kinds), 1e-9)
    index = {group.index(g): i for i, members in enumerate(group.conjugacy_classes) for g in members}
    squares = [index[group.index(g @ g)] for g in group.elements]
    indicators = table[:, squares].mean(axis=1)
    close(indicators, np.array([{1: 1, 2: 0, 4: -2}[kind] for kind in kinds]), 1e-9)
    for rho in irreps:
        assert rho.is_orthogonal and len(null_space_intertwiners(rho, rho)) == COMMUTANT[rho.type]


@pytest.mark.parametrize("group", CLOSED)
def test_closed_forms_are_what_is_found(group: Group):
    irreps, found = group.irreps(), found_irreps(group)
    assert [(rho.name, rho.dim, rho.type) for rho in irreps] == [(rho.name, rho.dim, rho.type) for rho in found]
    for rho, numerical in zip(irreps, found, strict=True):
        assert not isinstance(rho, FoundIrrep)
        close(class_characters(rho), class_characters(numerical), 1e-12)
        matrices = rho.matrices()
        close(rho.generator_matrices[:, None] @ matrices, matrices[group.enumeration.left], 1e-12)
        close(matrices @ matrices.swapaxes(1, 2), np.broadcast_to(np.eye(rho.dim), matrices.shape), 1e-12)


@pytest.mark.parametrize("group", [group for group in GROUPS if group.values[0].order <= 48])
def test_the_regular_representation_holds_every_irrep(group: Group):
    parts = dict(group.regular.decompose().parts)
    assert parts == {rho: rho.dim // COMMUTANT[rho.type] for rho in group.irreps()}


@pytest.mark.parametrize("group", [group for group in GROUPS if len(group.values[0].generators) > 1])
def test_frobenius_reciprocity(group: Group):
    part = group.subgroup(group.generators[-1])
    for sigma in part.irreps()[:3]:
        for rho in (group.standard, group.irreps()[-1]):
            up = intertwiner_basis(sigma.induce(group), rho)
            down = intertwiner_basis(sigma, rho.restrict(part))
            assert len(up) == len(down)


@pytest.mark.parametrize("group", GROUPS)
def test_the_sign_is_the_determinant(group: Group):
    determinants = np.linalg.det(group.matrices).round()
    if (determinants == 1).all():
        with pytest.raises(MissingError):
            _ = group.sign
        assert not hasattr(group, "sign")
    else:
        assert np.array_equal(group.sign.matrices()[:, 0, 0], determinants)


@pytest.mark.parametrize("rho", FINITE_REPRESENTATIONS)
def test_tensor_products_are_kronecker_products(rho: Representation):
    (g,) = rho.group.sample(1, 0)
    close(rho.tensor(rho.group.standard)(g), np.kron(rho(g), rho.group.standard(g)))
