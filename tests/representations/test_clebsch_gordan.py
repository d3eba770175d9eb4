"""Clebsch–Gordan: they couple what they say, orthonormally, and are e3nn's."""

from itertools import product

import numpy as np
import pytest

from erlangen.errors import RepresentationError
from erlangen.groups import O
from erlangen.representations import clebsch_gordan, wigner_d

LOW = [(a, b, c) for a, b in product(range(5), repeat=2) for c in range(abs(a - b), a + b + 1)]
HIGH = [(12, 12, 12), (12, 9, 20), (15, 3, 14), (1, 20, 21), (6, 6, 5)]


def turned(l1: int, l2: int, l3: int, rotation: np.ndarray) -> np.ndarray:
    """C with all three of its axes turned."""
    values = np.tensordot(wigner_d(l1, rotation), clebsch_gordan(l1, l2, l3), axes=(1, 0))
    values = np.tensordot(values, wigner_d(l2, rotation), axes=(1, 1))
    return np.tensordot(values, wigner_d(l3, rotation), axes=(1, 1))


@pytest.mark.parametrize("degrees", [*LOW, *HIGH])
def test_every_rotation_keeps_them(degrees: tuple[int, int, int]):
    """And a reflection up to the sign of the degrees' sum."""
    for g in O(3).sample(4, 0):
        handedness = round(np.linalg.det(g.matrix))
        sign = handedness ** (sum(degrees) % 2)
        np.testing.assert_allclose(turned(*degrees, g.matrix), sign * clebsch_gordan(*degrees), atol=1e-12)


@pytest.mark.parametrize(("l1", "l2"), [*product(range(7), repeat=2), (12, 12), (20, 13)])
def test_together_they_are_an_orthogonal_change_of_basis(l1: int, l2: int):
    """Of D_l1 ⊗ D_l2 into D_l3, l3 = |l1 − l2| … l1 + l2."""
    columns = [
        clebsch_gordan(l1, l2, l3).reshape(-1, 2 * l3 + 1) * np.sqrt(2 * l3 + 1)
        for l3 in range(abs(l1 - l2), l1 + l2 + 1)
    ]
    change = np.concatenate(columns, axis=1)
    np.testing.assert_allclose(change.T @ change, np.eye(len(change)), atol=1e-14)


def test_the_same_as_e3nn():
    """Signs included: all triples up to degree 6, and every third beyond, up to 11, where e3nn stops."""
    o3, torch = pytest.importorskip("e3nn.o3"), pytest.importorskip("torch")
    triples = [(a, b, c) for a, b in product(range(12), repeat=2) for c in range(abs(a - b), min(a + b, 11) + 1)]
    for i, degrees in enumerate(triples):
        if max(degrees) <= 6 or i % 3 == 0:
            theirs = o3.wigner_3j(*degrees, dtype=torch.float64).numpy()
            np.testing.assert_allclose(clebsch_gordan(*degrees), theirs, atol=1e-14, err_msg=str(degrees))


def test_by_hand():
    """The product by a scalar, the inner product and the cross product."""
    np.testing.assert_allclose(clebsch_gordan(0, 2, 2)[0] * np.sqrt(5), np.eye(5), atol=1e-15)
    np.testing.assert_allclose(clebsch_gordan(1, 1, 0)[..., 0] * np.sqrt(3), np.eye(3), atol=1e-15)
    u, v = np.random.default_rng(0).normal(size=(2, 3))
    crossed = np.einsum("i,j,ijk->k", u, v, clebsch_gordan(1, 1, 1)) * np.sqrt(6)
    np.testing.assert_allclose(crossed, np.cross(u, v), atol=1e-14)


def test_they_are_kept_and_cannot_be_spoilt():
    assert clebsch_gordan(2, 3, 4) is clebsch_gordan(np.int64(2), 3, 4)
    with pytest.raises(ValueError, match="read-only"):
        clebsch_gordan(2, 3, 4)[0, 0, 0] = 1


@pytest.mark.parametrize("degrees", [(1, 1, 3), (2, 0, 1), (-1, 1, 1), (1.0, 1, 1), ("1", 1, 1), (0, 0, 1)])
def test_what_does_not_couple_is_refused(degrees: tuple[int, int, int]):
    with pytest.raises(RepresentationError, match="expected"):
        clebsch_gordan(*degrees)
