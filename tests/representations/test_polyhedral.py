"""The irreps of the cube and of the icosahedron, each against another way to it."""

import math

import numpy as np
import pytest

from erlangen.groups import SO, FullOctahedral, Icosahedral, O, Octahedral
from erlangen.representations.polyhedral import PolyhedralIrrep, polyhedral_irreps
from erlangen.representations.young import young_form

CUBE, FULL, ICOSAHEDRON = Octahedral(), FullOctahedral(), Icosahedral()
PHI = (1 + math.sqrt(5)) / 2


def by_symbol(group: Octahedral | FullOctahedral | Icosahedral) -> dict[str, PolyhedralIrrep]:
    return {rho.symbol: rho for rho in polyhedral_irreps(group) if isinstance(rho, PolyhedralIrrep)}


def test_the_order_of_the_labels():
    assert list(by_symbol(CUBE)) == ["A2", "E", "T1", "T2"]
    assert list(by_symbol(FULL)) == ["A1u", "A2g", "A2u", "Eg", "Eu", "T1g", "T1u", "T2g", "T2u"]
    assert list(by_symbol(ICOSAHEDRON)) == ["T1", "T2", "G", "H"]


@pytest.mark.parametrize("group", [CUBE, FULL, ICOSAHEDRON])
def test_vectors_are_an_irrep(group: Octahedral | FullOctahedral | Icosahedral):
    vectors = by_symbol(group)["T1u" if group == FULL else "T1"]
    assert np.array_equal(vectors.matrices(), group.standard.matrices())


def test_five_harmonics():
    harmonics = SO(3).irrep(2)
    for g in ICOSAHEDRON.elements:
        np.testing.assert_allclose(by_symbol(ICOSAHEDRON)["H"](g), harmonics(g.matrix), atol=1e-14)
    for g in CUBE.elements:
        np.testing.assert_allclose(by_symbol(CUBE)["E"](g), harmonics(g.matrix)[2::2, 2::2], atol=1e-14)
        order = [3, 0, 1]  # yz, xz, xy
        np.testing.assert_allclose(by_symbol(CUBE)["T2"](g), harmonics(g.matrix)[np.ix_(order, order)], atol=1e-14)


def test_the_sign_is_the_parity_on_the_diagonals():
    diagonals = np.array([[1, 1, 1], [1, 1, -1], [1, -1, 1], [-1, 1, 1]])
    for g in CUBE.elements:
        permutation = np.abs(diagonals @ g.matrix @ diagonals.T) == 3
        assert by_symbol(CUBE)["A2"](g).item() == round(np.linalg.det(permutation.astype(float)))


def test_parity_under_inversion():
    inversion = FULL.generators[2]
    for symbol, rho in by_symbol(FULL).items():
        assert np.array_equal(rho(inversion), np.eye(rho.dim) * (1 if symbol.endswith("g") else -1))
    turns = by_symbol(CUBE)
    for g in CUBE.elements:
        for symbol, rho in turns.items():
            for parity in "gu":
                assert np.array_equal(by_symbol(FULL)[symbol + parity](g.matrix), rho(g))
    found = O(3).irrep(2, 1).restrict(FULL).decompose()
    assert [rho.symbol for rho, _ in found.parts if isinstance(rho, PolyhedralIrrep)] == ["Eg", "T2g"]


def test_the_characters_of_a_fifth_of_a_turn():
    fifth = ICOSAHEDRON.generators[0]
    values = {symbol: rho.character(fifth) for symbol, rho in by_symbol(ICOSAHEDRON).items()}
    assert values == pytest.approx({"T1": PHI, "T2": 1 - PHI, "G": -1, "H": 0}, abs=1e-14)


def test_the_conjugate_turns_twice_as_far():
    """√5 → −√5 takes the turn by a fifth to one by two fifths, about another axis."""
    fifth, conjugate = ICOSAHEDRON.generators[0], by_symbol(ICOSAHEDRON)["T2"]
    turned = conjugate(fifth)
    assert np.linalg.det(turned) == pytest.approx(1, abs=1e-14)
    np.testing.assert_allclose(turned @ [0, 1, 1 - PHI], [0, 1, 1 - PHI], atol=1e-15)
    for diagonal in ([1, -1, -1], [-1, -1, 1]):
        half = ICOSAHEDRON.element(np.diag(diagonal))
        assert np.array_equal(conjugate(half), half.matrix)


def test_five_frames_by_hand():
    """The fifth of a turn cycles the five frames; a half turn about an axis of one keeps it and swaps two pairs."""
    rho = by_symbol(ICOSAHEDRON)["G"]
    np.testing.assert_allclose(rho(ICOSAHEDRON.generators[0]), young_form((4, 1), (1, 2, 3, 4, 0)), atol=1e-15)
    half = ICOSAHEDRON.element(np.diag([1.0, -1.0, -1.0]))
    kept = [images for images in [(0, 2, 1, 4, 3), (0, 3, 4, 1, 2), (0, 4, 3, 2, 1)] if same(rho(half), images)]
    assert len(kept) == 1


def same(matrix: np.ndarray, images: tuple[int, ...]) -> bool:
    return np.allclose(matrix, young_form((4, 1), images), rtol=0, atol=1e-14)
