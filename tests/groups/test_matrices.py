"""Groups from matrices, and the groups of the cube and the icosahedron."""

import itertools
import math

import numpy as np
import pytest

from erlangen.errors import GroupError
from erlangen.groups import C, D, FullOctahedral, Group, Icosahedral, Octahedral

C4_BY_MATRIX = Group.from_matrices([[[0, -1], [1, 0]]])


def test_the_cube():
    signed = [
        np.diag(signs) @ np.eye(3)[list(order)]
        for order in itertools.permutations(range(3))
        for signs in itertools.product((1, -1), repeat=3)
    ]
    assert FullOctahedral().order == 48 and all(FullOctahedral().contains(matrix) for matrix in signed)
    for matrix in signed:
        assert Octahedral().contains(matrix) == (np.linalg.det(matrix) > 0)
    assert np.array_equal(FullOctahedral().matrices, np.round(FullOctahedral().matrices))
    assert np.array_equal(FullOctahedral().matrices[:24], Octahedral().matrices)
    assert len(Octahedral().conjugacy_classes) == 5 and len(FullOctahedral().conjugacy_classes) == 10


def test_a_huge_cap_costs_nothing():
    quarter = [[0, -1], [1, 0]]
    assert Group.from_matrices([quarter], cap=10**15) == C4_BY_MATRIX
    many = Group.from_matrices([C(900).generators[0].matrix], cap=10**15)
    assert many.order == 900
    with pytest.raises(GroupError, match="more than 20,000"):
        Group.from_matrices([[[1, 1], [0, 1]]], cap=10**15)


def test_the_turns_of_one_axis_are_turns_of_the_cube():
    assert Octahedral().element(C(4, axis=2).generators[0]) == Octahedral().generators[0]
    assert all(FullOctahedral().contains(g) for g in D(4, axis=2).elements)
    assert not Octahedral().contains(D(4, axis=2).generators[1])
    assert not Octahedral().contains(C(6, axis=2).generators[0])


def test_the_icosahedron():
    group = Icosahedral()
    golden = (1 + math.sqrt(5)) / 2
    corners = [np.roll((0, a, b * golden), shift) for shift in range(3) for a in (1, -1) for b in (1, -1)]
    for matrix in group.matrices:
        moved = np.array(corners) @ matrix.T
        assert all(np.abs(moved - corner).max(axis=1).min() < 1e-14 for corner in corners)
        np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), rtol=0, atol=1e-15)
    assert sorted(len(members) for members in group.conjugacy_classes) == [1, 12, 12, 15, 20]
    assert sorted({g.order for g in group.elements}) == [1, 2, 3, 5]
    assert all(group.contains(np.diag(signs)) for signs in ([1, -1, -1], [-1, 1, -1], [-1, -1, 1]))
    assert group.contains([[0, 0, 1], [1, 0, 0], [0, 1, 0]])
    assert {float(entry) for entry in np.abs(group.matrices).ravel()} == {0, 0.5, 1, golden / 2, (golden - 1) / 2}


def test_integer_matrices_need_not_be_orthogonal():
    hexagon = Group.from_matrices([[[0, -1], [1, 1]], [[1, 1], [0, -1]]])
    assert hexagon.order == 12
    assert np.array_equal(hexagon.matrices, np.round(hexagon.matrices))
    assert len(hexagon.conjugacy_classes) == len(D(6).conjugacy_classes)


def test_seven_digits_are_enough():
    """The group is found, and its matrices multiply exactly although the given ones do not."""
    group = Group.from_matrices([[[0.8660254, -0.5], [0.5, 0.8660254]], [[1, 0], [0, -1]]])
    assert group.order == 24
    i, j = np.indices((24, 24))
    products = group.matrices[i] @ group.matrices[j]
    np.testing.assert_allclose(products, group.matrices[group.table], rtol=0, atol=1e-13)


@pytest.mark.parametrize("n", [100, 1000])
def test_many_elements_are_told_apart(n: int):
    r, m = D(n).generators
    assert Group.from_matrices([r.matrix, m.matrix]).order == 2 * n


def test_a_group_in_a_skewed_basis():
    basis = np.random.default_rng(0).normal(size=(3, 3))
    skewed = Group.from_matrices([basis @ g.matrix @ np.linalg.inv(basis) for g in Octahedral().generators])
    assert skewed.order == 24
    np.testing.assert_allclose(skewed.matrices, basis @ Octahedral().matrices @ np.linalg.inv(basis), rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("matrices", "reason"),
    [
        ([], "square"),
        ([[[1, 0, 0], [0, 1, 0]]], "square"),
        ([np.eye(2), np.eye(3)], "square"),
        ([[1, 0]], "square"),
        ([np.zeros((0, 0))], "square"),
        (["ab"], "square"),
        ([[[1, 0], [0, np.nan]]], "finite"),
        ([[[2, 0], [0, 1]]], "determinant"),
        ([[[1, 1], [1, 1]]], "determinant"),
        ([[[1, 1], [0, 1]]], "2,000"),
        ([[[2, 1], [1, 1]]], "2,000"),
        ([[[math.cos(1), -math.sin(1)], [math.sin(1), math.cos(1)]]], "2,000"),
    ],
)
def test_what_generates_no_finite_group_is_refused(matrices: list, reason: str):
    with pytest.raises(GroupError, match=reason):
        Group.from_matrices(matrices)


def test_the_cap_is_the_callers():
    with pytest.raises(GroupError, match="more than 5 elements"):
        Group.from_matrices([C(6).generators[0].matrix], cap=5)
    assert Group.from_matrices([C(6).generators[0].matrix], cap=6).order == 6


def test_elements_are_written_as_motions():
    half, inversion = np.diag([-1, -1, 1]), -np.eye(3)
    written = {
        "rotation by 180° about (0, 0, 1)": half,
        "inversion": inversion,
        "mirror across the plane normal to (0, 0, 1)": half @ inversion,
        "rotation by 120° about (1, 1, 1)": [[0, 0, 1], [1, 0, 0], [0, 1, 0]],
        "inversion and rotation by 90° about (0, 0, 1)": -C(4, axis=2).generators[0].matrix,
    }
    for words, matrix in written.items():
        assert str(FullOctahedral().element(matrix)) == words
    assert len({str(g) for g in Octahedral().elements}) == 24
    assert str(Group.from_matrices([[[0, -1], [1, 1]]]).generators[0]) == "[[0, -1], [1, 1]]"
    assert str(Group.from_matrices([[[0, -1], [1, 0]]]).generators[0]) == "rotation by 90°"
