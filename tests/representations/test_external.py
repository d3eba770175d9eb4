"""External products: homomorphisms, Kronecker products of their parts, texts there and back, and what is refused."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import erlangen as er
from erlangen.errors import RepresentationError
from erlangen.representations.external import external, join_elements, parts_of, split_element
from erlangen.representations.text import representation_from_data, representation_to_data

C4, D3, FLIP, TURNS = er.C(4), er.D(3), er.Mirror(), er.O(3)
PARTS: dict[str, tuple[Any, ...]] = {
    "regular, sign": (C4.regular, FLIP.sign),
    "regular, regular": (C4.regular, D3.regular),
    "irrep, standard": (C4.irrep(1), D3.standard),
    "vector, regular": (TURNS.irrep(1, -1), C4.regular),
    "vector, vector": (TURNS.irrep(1, -1), TURNS.irrep(1, -1)),
    "three": (D3.standard, FLIP.sign, C4.regular),
    "nothing between": (C4.regular, er.Trivial().trivial, FLIP.regular),
    "sums": (C4.regular + C4.trivial, FLIP.sign + 2 * FLIP.trivial),
}


def kron(parts: tuple[Any, ...], ends: list[Any]) -> np.ndarray:
    made = np.eye(1)
    for part, end in zip(parts, ends, strict=True):
        made = np.kron(made, part(end))
    return made


@pytest.mark.parametrize("name", PARTS)
@given(seed=st.integers(0, 2**16))
@settings(max_examples=8)
def test_homomorphism_and_kronecker_product(name: str, seed: int):
    parts = PARTS[name]
    rho = external(*parts)
    groups = [part.group for part in parts]
    g, h = rho.group.sample(2, rng=seed)
    np.testing.assert_allclose(rho(g @ h), rho(g) @ rho(h), atol=1e-12)
    np.testing.assert_allclose(rho(rho.group.identity), np.eye(rho.dim), atol=1e-12)
    assert rho.dim == np.prod([part.dim for part in parts])
    for k in (g, h):
        ends = split_element(k, groups)
        assert join_elements(ends) == k
        if name != "sums":
            np.testing.assert_allclose(rho(k), kron(parts, ends), atol=1e-12)
        assert np.trace(rho(k)) == pytest.approx(np.prod([np.trace(p(e)) for p, e in zip(parts, ends, strict=True)]))


@given(seed=st.integers(0, 2**16))
@settings(max_examples=10)
def test_permutations_have_images_and_signs_have_none(seed: int):
    rho = external(C4.regular, D3.regular)
    (g,) = rho.group.sample(1, rng=seed)
    images = rho._images(g)
    assert rho.is_permutation and images is not None
    matrix = np.zeros((rho.dim, rho.dim))
    matrix[images, np.arange(rho.dim)] = 1
    np.testing.assert_array_equal(matrix, rho(g))
    assert not external(C4.regular, FLIP.sign).is_permutation


def test_the_method_of_representations_is_the_function():
    assert C4.regular.external(FLIP.sign) == external(C4.regular, FLIP.sign)


@pytest.mark.parametrize("name", PARTS)
def test_texts_there_and_back(name: str):
    rho = external(*PARTS[name])
    again = representation_from_data(representation_to_data(rho), rho.group)
    assert again == rho and again.name == rho.name
    (g,) = rho.group.sample(1, rng=1)
    np.testing.assert_array_equal(again(g), rho(g))


@pytest.mark.parametrize("name", [name for name in PARTS if name != "sums"])
def test_parts_are_found_again(name: str):
    parts = PARTS[name]
    assert parts_of(external(*parts), [part.group for part in parts]) == parts


def test_trivial_parts():
    G = C4 * FLIP
    assert external(C4.trivial, FLIP.trivial) == G.trivial
    assert parts_of(G.trivial, [C4, FLIP]) == (C4.trivial, FLIP.trivial)
    assert external(C4.regular, 3 * er.Trivial().trivial) == 3 * C4.regular


def test_what_is_no_product_is_refused():
    with pytest.raises(RepresentationError, match="at least one"):
        external()
    with pytest.raises(RepresentationError, match="external"):
        parts_of((C4 * FLIP).regular, [C4, FLIP])
    with pytest.raises(RepresentationError, match="external"):
        parts_of(external(C4.regular, FLIP.sign), [FLIP, C4])
    with pytest.raises(RepresentationError):
        external(C4.regular, 3)  # type: ignore[arg-type]
