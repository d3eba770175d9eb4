"""Between a group and its subgroups, against witnesses that do not use the same code."""

import math
from itertools import product

import numpy as np
import pytest

from erlangen.errors import GroupError, RepresentationError
from erlangen.groups import SO, C, D, FullOctahedral, Group, Icosahedral, Mirror, O, Octahedral, S, Trivial, wreath
from erlangen.representations import Representation, intertwiner_basis, pair_orbits
from tests.laws.catalogue import AXIAL, QUATERNIONS

COMMUTANT = {"real": 1, "complex": 2, "quaternionic": 4}
D8 = D(8)
TURNS = D8.subgroup(D8.generators[0])
QUARTERS = TURNS.subgroup(D8.generators[0] ** 2)  # a subgroup of a subgroup


@pytest.mark.parametrize("group", [Trivial(), C(1), C(5), D(4), S(3), QUATERNIONS, wreath(C(3), 1), C(2) * Trivial()])
@pytest.mark.parametrize("of", ["Trivial()", "the unit"])
def test_from_nothing_the_regular_representation_is_induced(group: Group, of: str):
    nothing = Trivial() if of == "Trivial()" else group.subgroup()
    up = nothing.trivial.induce(group)
    np.testing.assert_array_equal(up.matrices(), group.regular.matrices())
    down = group.regular.restrict(nothing)
    assert np.array_equal(down(nothing.identity), np.eye(len(group.elements)))
    assert len(intertwiner_basis(down, down)) == down.dim**2


def test_the_unit_of_the_trivial_group_is_the_unit_of_every_group():
    for group in (D(4), SO(3), S(50), D8.subgroup(), C(4) * Mirror(), AXIAL):
        assert group.element(Trivial().identity) == group.identity
    assert not D(4).contains(Mirror().identity) and not Trivial().contains(D(4).generators[0])


@pytest.mark.parametrize("group", [D(4), S(50), SO(2), O(2), SO(3), O(3)])
def test_the_whole_group_has_one_coset(group: Group):
    rho = group.quotient(group)
    assert rho.dim == 1 and rho.is_trivial and len(intertwiner_basis(rho, group.trivial)) == 1


@pytest.mark.parametrize(
    ("group", "part"),
    [
        (D8, TURNS),
        (D8, QUARTERS),
        (TURNS, QUARTERS),
        (D8, D8.subgroup()),
        (S(4), S(4).subgroup((1, 0, 2, 3))),
        (QUATERNIONS, QUATERNIONS.subgroup(QUATERNIONS.generators[0])),
        (Octahedral(), C(4, axis=2)),
        (FullOctahedral(), Octahedral()),
        (Icosahedral(), Icosahedral().subgroup(Icosahedral().generators[0])),
        (AXIAL, AXIAL.subgroup(AXIAL.generators[1])),
        (wreath(C(2), 2), wreath(C(2), 2).subgroup(wreath(C(2), 2).generators[0])),
    ],
)
def test_frobenius_reciprocity_by_characters_and_by_maps(group: Group, part: Group):
    for sigma, rho in product(part.irreps(), group.irreps()):
        up, down = sigma.induce(group), rho.restrict(part)
        by_characters = np.mean([sigma.character(h) * rho.character(group.element(h)) for h in part.elements])
        assert len(intertwiner_basis(up, rho)) == len(intertwiner_basis(sigma, down)) == round(by_characters)
        times = dict(up.decompose().parts).get(rho, 0)
        assert times * COMMUTANT[rho.type] == round(by_characters)


@pytest.mark.parametrize(
    ("sigma", "group", "expected"),
    [
        (SO(2).irrep(0), O(2), O(2).trivial + O(2).irrep(1, 0)),
        (SO(2).irrep(3), O(2), 2 * O(2).irrep(1, 3)),
        (SO(3).irrep(2), O(3), O(3).irrep(2, 1) + O(3).irrep(2, -1)),
    ],
)
def test_what_the_turns_induce(sigma: Representation, group: Group, expected: Representation):
    assert sigma.induce(group).decompose().representation == expected


def test_in_stages():
    for sigma in QUARTERS.irreps():
        assert sigma.induce(TURNS).induce(D8).decompose().parts == sigma.induce(D8).decompose().parts
    for rho in (D8.regular, *D8.irreps()):
        np.testing.assert_array_equal(
            rho.restrict(TURNS).restrict(QUARTERS).matrices(), rho.restrict(QUARTERS).matrices()
        )


@pytest.mark.parametrize("group", [Octahedral(), Icosahedral(), C(6, axis=1)])
@pytest.mark.parametrize("degree", range(7))
def test_a_crystal_splits_the_harmonics_as_their_characters_say(group: Group, degree: int):
    """χ_l = sin((2l + 1) θ/2) / sin(θ/2) for a turn by θ: H. Bethe 1929, Annalen der Physik 395."""
    halves = [math.acos(min(1.0, max(-1.0, (np.trace(g.matrix) - 1) / 2))) / 2 for g in group.elements]
    theirs = [math.sin((2 * degree + 1) * x) / math.sin(x) if x > 1e-6 else 2 * degree + 1 for x in halves]
    found = dict(SO(3).irrep(degree).restrict(group).decompose().parts)
    for rho in group.irreps():
        number = np.mean([a * rho.character(g) for a, g in zip(theirs, group.elements, strict=True)])
        assert found.get(rho, 0) * COMMUTANT[rho.type] == round(number)
        assert abs(number - round(number)) < 1e-9


@pytest.mark.parametrize("group", [D(6), S(4), QUATERNIONS, AXIAL])
def test_maps_between_quotients_are_as_many_as_double_cosets(group: Group):
    """Mackey: Hom(G/H, G/K) has one map for each K g H."""
    parts = [group.subgroup(), *(group.subgroup(g) for g in group.generators), group]
    for left, right in product(parts, repeat=2):
        double = {
            frozenset(
                group.index(group.element(k) @ g @ group.element(h)) for k in right.elements for h in left.elements
            )
            for g in group.elements
        }
        labels = pair_orbits(group.quotient(left), group.quotient(right))
        assert int(labels.max()) + 1 == len(double)


@pytest.mark.parametrize("other", [C(3), C(4), Mirror(), QUATERNIONS, Trivial()])
def test_products_with_a_quaternionic_factor(other: Group):
    irreps = (QUATERNIONS * other).irreps()
    assert sum(rho.dim**2 // COMMUTANT[rho.type] for rho in irreps) == 8 * (other.order or 0)
    for rho in irreps:
        assert len(intertwiner_basis(rho, rho)) == COMMUTANT[rho.type]
    assert sum(rho.type == "quaternionic" for rho in irreps) == {
        "C3": 1,  # with the trivial one; with a turn it is complex
        "C4": 2,  # with the two real ones
        "Mirror": 2,
        "Trivial": 1,
    }.get(str(other), 8)  # with Q8: four real ones of the other on either side; H ⊗ H is real


def test_frequencies_of_irreps_are_read_not_measured():
    rho = SO(2).irrep(720) + 2 * SO(2).irrep(400) + SO(2).trivial
    assert dict(rho.decompose().parts) == {SO(2).trivial: 1, SO(2).irrep(400): 2, SO(2).irrep(720): 1}
    assert O(2).irrep(1, 1000).decompose().parts == ((O(2).irrep(1, 1000), 1),)
    with pytest.raises(RepresentationError, match="frequencies up to 359"):
        SO(2).irrep(400).tensor(SO(2).irrep(320)).decompose()  # would look like 0 and 80


def test_no_mean_without_a_list():
    with pytest.raises(GroupError, match="infinite"):
        (SO(2) * AXIAL).standard.orthogonalized()
