"""The closed forms, to the last convention; and the found ones on larger groups."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erlangen.groups import SO, C, D, Group, O, S
from erlangen.representations import Representation, spherical_harmonics, wigner_d
from tests.laws.catalogue import QUATERNIONS

angles = st.floats(-10, 10)
few = settings(max_examples=10)


def turn(angle: float) -> np.ndarray:
    return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


@given(angle=angles, k=st.integers(1, 9), mirrored=st.booleans())
@few
def test_the_plane(angle: float, k: int, mirrored: bool):
    np.testing.assert_allclose(SO(2).irrep(k)(angle), turn(k * angle), atol=1e-12)
    flip = np.diag([1.0, -1.0]) if mirrored else np.eye(2)
    g = O(2).element(turn(angle) @ flip)
    np.testing.assert_allclose(O(2).irrep(1, k)(g), turn(k * angle) @ flip, atol=1e-12)
    assert O(2).irrep(1, 0)(g).item() == (-1 if mirrored else 1)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 8, 12])
def test_finite_ones_are_restrictions(n: int):
    for k in range(1, (n + 1) // 2):
        for g in C(n).elements:
            np.testing.assert_allclose(C(n).irrep(k)(g), SO(2).irrep(k)(SO(2).element(g)), atol=1e-12)
        for g in D(n).elements:
            np.testing.assert_allclose(D(n).irrep(1, k)(g), O(2).irrep(1, k)(O(2).element(g)), atol=1e-12)


def test_the_alternating_ones():
    r, m = D(6).generators
    for j, at_mirror in ((0, 1), (1, -1)):
        rho = D(6).irrep(j, 3)
        assert (rho(r).item(), rho(m).item(), rho(r @ m).item()) == (-1, at_mirror, -at_mirror)
    assert C(6).irrep(3)(C(6).generators[0]).item() == -1


def test_quarter_turns_are_exact():
    assert C(4).irrep(1)(C(4).generators[0]).tolist() == [[0, -1], [1, 0]]
    assert np.array_equal(C(8).irrep(2)(C(8).generators[0]), C(4).irrep(1)(C(4).generators[0]))


def test_lists_of_irreps():
    def labels(rhos: tuple[Representation, ...]) -> list[str]:
        return [rho.name for rho in rhos]

    assert labels(C(5).irreps()) == ["trivial", "irrep(1)", "irrep(2)"]
    assert labels(C(5).irreps(1)) == ["trivial", "irrep(1)"]
    assert labels(D(2).irreps()) == ["trivial", "irrep(1, 0)", "irrep(0, 1)", "irrep(1, 1)"]
    assert labels(O(2).irreps(1)) == ["trivial", "irrep(1, 0)", "irrep(1, 1)"]
    assert labels(SO(3).irreps(2)) == ["trivial", "irrep(1)", "irrep(2)"]
    assert labels(O(3).irreps(1)) == ["trivial", "irrep(0, -1)", "irrep(1, 1)", "irrep(1, -1)"]
    assert [rho.dim for rho in S(5).irreps()] == [1, 1, 4, 4, 5, 5, 6]


def test_vectors_turn_as_vectors():
    for g in SO(3).sample(5, 0):
        assert np.array_equal(SO(3).irrep(1)(g), g.matrix)
    for g in O(3).sample(5, 0):
        assert np.array_equal(O(3).irrep(1, -1)(g), g.matrix)
        assert O(3).irrep(0, -1)(g).item() == pytest.approx(np.linalg.det(g.matrix))


@pytest.mark.parametrize("degree", [0, 1, 2, 3, 5, 8, 12])
def test_harmonics_turn_by_wigner(degree: int):
    rng = np.random.default_rng(degree)
    points = rng.normal(size=(20, 3))
    for g in O(3).sample(5, degree):
        moved = spherical_harmonics(degree, points @ g.matrix.T)
        matrix = wigner_d(degree, g.matrix)
        scale = np.abs(moved).max()
        np.testing.assert_allclose(moved, spherical_harmonics(degree, points) @ matrix.T, rtol=0, atol=1e-12 * scale)
        np.testing.assert_allclose(matrix @ matrix.T, np.eye(2 * degree + 1), atol=1e-12)
        natural = O(3).irrep(degree, (-1) ** degree)
        np.testing.assert_allclose(natural(g), matrix, atol=1e-13)
    unit = points / np.linalg.norm(points, axis=1, keepdims=True)
    np.testing.assert_allclose((spherical_harmonics(degree, unit) ** 2).sum(1), 2 * degree + 1, rtol=1e-12)


@pytest.mark.parametrize("degree", range(9))
def test_characters_of_turns(degree: int):
    for angle in (0.3, 1.9, 3.0):
        g = SO(3).element(
            np.array([[math.cos(angle), 0, math.sin(angle)], [0, 1, 0], [-math.sin(angle), 0, math.cos(angle)]])
        )
        expected = math.sin((degree + 0.5) * angle) / math.sin(angle / 2)
        assert SO(3).irrep(degree).character(g) == pytest.approx(expected, abs=1e-12)


def test_harmonics_of_degree_two_by_hand():
    x, y, z = point = np.array([0.3, -0.7, 0.2])
    root = math.sqrt(15)
    by_hand = [
        root * x * z,
        root * x * y,
        math.sqrt(5) / 2 * (2 * y * y - x * x - z * z),
        root * y * z,
        root / 2 * (z * z - x * x),
    ]
    np.testing.assert_allclose(spherical_harmonics(2, point[None])[0], by_hand, atol=1e-14)


def test_the_same_as_e3nn():
    o3 = pytest.importorskip("e3nn.o3", exc_type=ImportError)
    torch = pytest.importorskip("torch")
    points = np.random.default_rng(0).normal(size=(20, 3))
    for degree in range(9):
        theirs = o3.spherical_harmonics(degree, torch.tensor(points), normalize=False, normalization="component")
        np.testing.assert_allclose(spherical_harmonics(degree, points), theirs.numpy(), rtol=1e-12)


# The projective line over the field of seven: x → x + 1 and x → −1/x, with infinity as 7.
PSL27 = Group.from_permutations([(1, 2, 3, 4, 5, 6, 0, 7), (7, 6, 3, 2, 5, 4, 1, 0)])


@pytest.mark.parametrize("group", [S(6), C(5) * (C(4) * D(6)), PSL27, QUATERNIONS * C(5)])
def test_larger_groups(group: Group):
    irreps = group.irreps()
    kinds = {"real": 1, "complex": 2, "quaternionic": 4}
    assert sum(rho.dim**2 / kinds[rho.type] for rho in irreps) == group.order
    g, h = group.sample(2, 0)
    for rho in (irreps[1], irreps[-1]):
        np.testing.assert_allclose(rho(g @ h), rho(g) @ rho(h), atol=1e-12)


def test_irreps_are_in_order():
    for group in (S(5), S(6), C(4) * D(4), C(12) * C(10), QUATERNIONS * S(3), PSL27):
        characters = [
            (rho.dim, *(-round(rho.character(members[0]), 6) for members in group.conjugacy_classes))
            for rho in group.irreps()
        ]
        assert characters == sorted(characters)


def test_a_simple_group_has_a_complex_irrep():
    kinds = [(rho.dim, rho.type) for rho in PSL27.irreps()]
    assert kinds == [(1, "real"), (6, "real"), (6, "complex"), (7, "real"), (8, "real")]
