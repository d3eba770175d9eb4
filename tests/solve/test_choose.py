"""The chooser says which way it takes, and every way gives the same space of maps."""

import numpy as np
import pytest
import torch

from erlangen.errors import RepresentationError
from erlangen.groups import SO, C, D, O, Octahedral, S
from erlangen.representations import Representation, null_space_intertwiners
from erlangen.solve import choose_solver, intertwiners
from tests.laws.catalogue import QUATERNIONS

C4, D4 = C(4), D(4)


@pytest.mark.parametrize(
    ("rho_in", "rho_out", "name", "number"),
    [
        (S(5).standard, S(5).standard, "orbits", 2),
        (S(5).standard.tensor(S(5).standard), S(5).standard, "orbits", 5),
        (2 * C4.regular, C4.regular + C4.trivial, "orbits", 10),
        (C4.irrep(1), C4.irrep(1), "closed form", 2),
        (C4.irrep(1), C4.irrep(2), "closed form", 0),
        (2 * SO(2).irrep(1) + SO(2).trivial, SO(2).irrep(1) + 3 * SO(2).trivial, "closed form", 7),
        (O(3).irrep(2, 1), O(3).irrep(2, -1), "closed form", 0),
        (C4.regular, C4.irrep(1), "closed form", 2),
        (D4.irrep(1, 1), 2 * D4.regular, "closed form", 4),
        (SO(3).standard, SO(3).irrep(1), "null space", 1),
        (D4.sign, D4.irrep(1, 0), "closed form", 1),
        (S(4).irrep(4), S(4).standard, "null space", 0),
        (S(4).irrep(4) + S(4).trivial, S(4).regular, "closed form", 4),
        (D4.quotient(C4), D4.irrep(1, 0), "null space", 1),
        (QUATERNIONS.irrep(4), QUATERNIONS.irrep(4), "closed form", 4),
        (C(3).irrep(1), C(3).irrep(1), "closed form", 2),
        (Octahedral().standard.tensor(Octahedral().standard), Octahedral().standard, "null space", 1),
    ],
)
def test_names_and_numbers(rho_in: Representation, rho_out: Representation, name: str, number: int):
    choice = choose_solver(rho_in, rho_out)
    assert choice.name == name and str(choice).startswith(f"{name}: ") and choice.reason
    maps = intertwiners(rho_in, rho_out)
    assert maps.dtype == torch.float64 and maps.shape == (number, rho_out.dim, rho_in.dim)
    for g in rho_in.group.sample(3, 0):
        np.testing.assert_allclose(rho_out(g) @ maps.numpy(), maps.numpy() @ rho_in(g), atol=1e-10)
    plain = torch.from_numpy(null_space_intertwiners(rho_in, rho_out))
    span, other = maps.flatten(1), plain.flatten(1)
    torch.testing.assert_close(span @ span.T, torch.eye(number, dtype=torch.float64))
    torch.testing.assert_close(span.T @ span, other.T @ other, rtol=0, atol=1e-9)


def test_large_systems_are_averaged():
    rho = S(5).standard.tensor(S(5).standard)
    sigma = S(5).standard.tensor(S(5).irrep(6))
    maps = null_space_intertwiners(rho, sigma)
    assert maps.shape[1:] == (30, 25)
    for g in S(5).generators:
        np.testing.assert_allclose(sigma(g) @ maps, maps @ rho(g), atol=1e-10)
    np.testing.assert_allclose(np.einsum("aij,bij->ab", maps, maps), np.eye(len(maps)), atol=1e-10)


def test_mixtures_are_solved_pair_by_pair():
    choice = choose_solver(S(4).standard + S(4).irrep(2), S(4).standard)
    assert "1 by orbits" in choice.reason and "1 by null space" in choice.reason


def test_refusals():
    with pytest.raises(RepresentationError, match="one group"):
        intertwiners(C(4).regular, C(8).regular)
    with pytest.raises(RepresentationError, match="one group"):
        choose_solver(C(4).regular, C(8).regular)
    with pytest.raises(RepresentationError, match="pair_orbits"):
        intertwiners(40 * C(36).regular, 40 * C(36).regular)
    many = SO(3).irrep(8).tensor(SO(3).irrep(2))
    with pytest.raises(RepresentationError, match="sums of irreps"):
        intertwiners(many, many)
