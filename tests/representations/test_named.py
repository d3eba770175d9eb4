"""What the named representations are, to the last entry, and how they read."""

import numpy as np
import pytest

from erlangen.errors import GroupError, RepresentationError
from erlangen.groups import SO, C, D, Group, Icosahedral, Mirror, O, Octahedral, S, Trivial, wreath
from erlangen.representations import Irrep, Representation, from_matrices
from erlangen.representations.base import images_of
from tests.laws.catalogue import QUATERNIONS, RUBIK

C4, D4 = C(4), D(4)


@pytest.mark.parametrize(
    ("rho", "text"),
    [
        (C4.trivial, "trivial of C4"),
        (16 * C4.regular + 4 * C4.irrep(1), "16 × regular + 4 × irrep(1) of C4"),
        (C4.regular + C4.regular, "2 × regular of C4"),
        (2 * (C4.trivial + C4.regular), "2 × (trivial + regular) of C4"),
        (D4.irrep(1, 2), "irrep(1, 2) of D4"),
        (O(3).irrep(1, -1), "irrep(1, -1) of O(3)"),
        (S(5).standard.tensor(S(5).standard), "standard ⊗ standard of S5"),
        (S(4).irrep(2), "irrep(2) of S4"),
        (D4.quotient(C4), "quotient(C4) of D4"),
        (O(2).irrep(1, 3).restrict(SO(2)), "restrict(irrep(1, 3) of O(2)) of SO(2)"),
        (C4.irrep(1).induce(D4), "induce(irrep(1) of C4) of D4"),
    ],
)
def test_names(rho: Representation, text: str):
    assert str(rho) == repr(rho) == text


def test_runs_of_equal_summands_merge():
    rho = C4.regular + 3 * C4.regular + C4.trivial + 2 * C4.regular
    assert rho.fields == ((C4.regular, 4), (C4.trivial, 1), (C4.regular, 2))
    assert (C4.trivial + C4.regular) + C4.regular == C4.trivial + 2 * C4.regular
    assert C4.regular * 3 == 3 * C4.regular and 1 * C4.regular == C4.regular
    assert {3 * C4.regular: 1}[C4.regular + C4.regular + C4.regular] == 1


def test_equal_only_on_the_same_group():
    assert C(4).regular == C(4).regular != C(5).regular
    assert C(2).trivial != Mirror().trivial and C(4).regular != C(4, axis=2).regular
    assert C4.irrep(1) != C4.irrep(2) and O(3).irrep(1, 1) != O(3).irrep(1, -1)
    assert D4.irrep(0, 0) == D4.trivial and S(4).irrep(0) == S(4).trivial and O(3).irrep(0, 1) == O(3).trivial


def test_regular_moves_e_g_to_e_hg():
    for h in D4.elements:
        images = D4.regular.permutation(h)
        assert [D4.elements[i] for i in images] == [h @ g for g in D4.elements]


def test_quotient_moves_cosets():
    part = D4.subgroup(D4.generators[1])
    cosets = D4.cosets(part)
    for h in D4.elements:
        for i, image in enumerate(D4.quotient(part).permutation(h)):
            assert h @ cosets[i][0] in cosets[image]
    assert D4.trivial.restrict(part).induce(D4) == D4.quotient(part)


def test_the_mirror_swaps_the_halves_of_o_n():
    for n in (2, 3):
        rho, mirror = O(n).quotient(SO(n)), np.diag([1.0] * (n - 1) + [-1.0])
        assert rho.dim == 2 and rho(mirror).tolist() == [[0, 1], [1, 0]]
        assert rho(np.eye(n)).tolist() == [[1, 0], [0, 1]]


def test_standard_is_the_defining_matrix():
    assert C4.standard(C4.generators[0]).tolist() == [[0, -1], [1, 0]]
    assert S(3).standard((1, 2, 0)).tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]
    assert S(3).standard.is_permutation and not Octahedral().standard.is_permutation
    assert Mirror().standard(Mirror().generators[0]).tolist() == [[-1]] and Trivial().standard.is_trivial


def test_sign_is_the_parity():
    assert S(4).sign((1, 0, 2, 3)).tolist() == [[-1]] and S(4).sign((1, 0, 3, 2)).tolist() == [[1]]
    assert RUBIK.sign.dim == 1
    assert S(50).sign(range(50)).tolist() == [[1]]


def test_induction_by_hand():
    rho, t = C4.irrep(1).induce(D4), D4.generators[1]
    assert np.array_equal(rho(t)[:2, :2], np.zeros((2, 2)))
    close = rho(D4.generators[0])
    assert np.array_equal(close[:2, :2], C4.irrep(1)(C4.generators[0]))
    assert np.allclose(close[2:, 2:], C4.irrep(1)(~C4.generators[0]))


def test_orthogonalizing_the_hexagonal_lattice():
    lattice = Group.from_matrices([[[0, -1], [1, 1]]])
    straight = lattice.standard.orthogonalized()
    change = (lattice.standard + lattice.trivial).orthogonalized()
    assert change.fields == ((straight, 1), (lattice.trivial, 1))
    turned = straight(lattice.generators[0])
    assert np.isclose(turned[0, 0], 0.5) and np.isclose(abs(turned[1, 0]), np.sqrt(3) / 2)


def test_a_quaternionic_irrep():
    irreps = QUATERNIONS.irreps()
    assert [(rho.dim, rho.type) for rho in irreps] == [(1, "real")] * 4 + [(4, "quaternionic")]
    assert isinstance(irreps[4], Irrep)


def test_found_irreps_prefer_a_familiar_basis():
    for named, numbers in ((Octahedral(), {3, 4}), (Icosahedral(), {1, 2})):
        group = Group.from_matrices([g.matrix for g in named.generators])
        assert any(np.allclose(group.irrep(i).matrices(), group.standard.matrices(), atol=1e-12) for i in numbers)


def test_given_matrices():
    flip = from_matrices(C(2), [[[0, 1], [1, 0]]])
    assert flip.is_permutation and flip.permutation(C(2).generators[0]).tolist() == [1, 0]
    with pytest.raises(RepresentationError, match="multiply as the group does"):
        from_matrices(C(3), [[[0, 1], [1, 0]]])
    for wrong in ([], [[[1, 2]]], [[[np.nan]]], "ab", [[[1.0]], [[1.0]]], [[[1, 2], [3]]]):
        with pytest.raises(RepresentationError, match="square matrices"):
            from_matrices(C(3), wrong)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: C4.regular + C(8).regular, "one group"),
        (lambda: C4.regular.tensor(C(8).regular), "one group"),
        (lambda: 0 * C4.regular, "at least one copy"),
        (lambda: -1 * C4.regular, "at least one copy"),
        (lambda: C4.irrep(1).permutation(C4.generators[0]), "permutes its channels"),
        (lambda: C4.irrep(3), "0 ≤ k ≤ 2"),
        (lambda: C4.irrep(), "frequency"),
        (lambda: C4.irrep(0, 1), "frequency"),
        (lambda: C4.irrep(0.5), "whole numbers"),  # pyright: ignore[reportArgumentType]
        (lambda: D4.irrep(0, 1), "Write irrep\\(1, 1\\)"),
        (lambda: D4.irrep(2, 1), "mirror parity"),
        (lambda: O(2).irrep(0, 3), "Write irrep\\(1, 3\\)"),
        (lambda: SO(2).irrep(-1), "frequency"),
        (lambda: SO(3).irrep(-1), "degree"),
        (lambda: SO(3).irrep(1, 1), "degree"),
        (lambda: O(3).irrep(1), "parity"),
        (lambda: O(3).irrep(1, 0), "parity"),
        (lambda: S(4).irrep(5), "from 0 to 4"),
        (lambda: SO(3).irreps(), "infinitely many"),
        (lambda: SO(3).irreps(-1), "from 0 up"),
        (lambda: S(4).irreps(2), "numbered"),
        (lambda: C4.quotient(C(3)), "a group whose elements lie in C4"),
        (lambda: SO(2).quotient(C4), "finitely many cosets"),
        (lambda: SO(3).irrep(1).induce(O(2)), "lie in O\\(2\\)"),
        (lambda: C4.irrep(1).restrict(D4), "lie in C4"),
        (lambda: (600 * C(30).regular).matrices(), "at most 50,000,000"),
    ],
)
def test_refusals(make, message: str):
    with pytest.raises(RepresentationError, match=message):
        make()


@pytest.mark.parametrize("make", [lambda: SO(2).regular, lambda: S(20).regular, lambda: S(20).irreps()])
def test_what_needs_a_list_is_refused_without_one(make):
    with pytest.raises(GroupError):
        make()


def test_only_irreps_have_a_type():
    assert not hasattr(C4.regular, "type") and hasattr(C4.irrep(1), "type")


def test_sums_begin_at_nothing():
    assert sum([C4.regular, C4.irrep(1), C4.irrep(1)]) == C4.regular + 2 * C4.irrep(1)


@pytest.mark.parametrize("group", [S(300), wreath(C(3), 2), S(300).subgroup((1, 0, *range(2, 300)))])
def test_permutations_are_not_read_off_matrices(group: Group, monkeypatch: pytest.MonkeyPatch):
    rho, g = group.standard, group.generators[0]
    expected = images_of(group.matrix(g))
    monkeypatch.setattr(type(rho), "_matrix", lambda *_: pytest.fail("a matrix was made"))
    assert rho.dim == group.dimension and rho.is_permutation
    assert rho.permutation(g).tolist() == expected.tolist()  # pyright: ignore[reportOptionalMemberAccess]
