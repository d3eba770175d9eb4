"""Irreps of direct products, as tensor products and as turns."""

import numpy as np
import pytest

from erlangen.errors import GroupError
from erlangen.groups import SO, C, D, Group, Mirror, Octahedral, S, Trivial, wreath
from erlangen.representations import intertwiner_basis, null_space_intertwiners
from erlangen.representations.found import FoundIrrep
from erlangen.representations.irreps import has_closed_forms
from erlangen.representations.outer import OuterIrrep
from tests.laws.catalogue import QUATERNIONS


def outer(group: Group) -> list[OuterIrrep]:
    return [rho for rho in group.irreps() if isinstance(rho, OuterIrrep)]


def test_real_parts_are_tensored():
    group = D(3) * S(3)
    for rho in outer(group):
        left, right = rho.parts
        for g in group.elements:
            a, b = group.parts(g)
            assert np.array_equal(rho(g), np.kron(left(a), right(b)))


def test_turns_multiply():
    group = C(3) * Mirror() * C(5)
    r, s = 2 * np.pi / 3, 2 * np.pi / 5
    wanted = (C(3).irrep(1), Mirror().sign, C(5).irrep(2))
    (rho,) = (rho for rho in outer(group) if rho.parts == wanted and rho.signs == (1, 1, -1))
    g = group.element((C(3).generators[0], Mirror().generators[0], C(5).generators[0]))
    np.testing.assert_allclose(rho(g), -SO(2).irrep(1)(r - 2 * s), atol=1e-15)


def test_as_many_as_there_are_frequencies():
    """(k, l) and (−k, −l) are one irrep of C(m) × C(n)."""
    assert len((C(3) * C(5)).irreps()) == (15 + 1) // 2
    assert len((C(4) * C(6)).irreps()) == (24 + 4) // 2
    kinds = [(rho.dim, rho.type) for rho in (C(3) * D(3)).irreps()]
    assert kinds == [(1, "real"), (1, "real"), (2, "real"), (2, "complex"), (2, "complex"), (4, "complex")]


def test_what_commutes_with_a_turn():
    rho = (C(5) * S(3)).irreps()[-1]
    assert (rho.dim, rho.type) == (4, "complex")
    ours, theirs = intertwiner_basis(rho, rho).reshape(2, -1), null_space_intertwiners(rho, rho).reshape(2, -1)
    np.testing.assert_allclose(ours @ ours.T, np.eye(2), atol=1e-15)
    np.testing.assert_allclose(ours.T @ ours, theirs.T @ theirs, atol=1e-12)


def test_which_groups_have_closed_forms():
    for group in (C(4), D(3, axis=2), SO(3), Trivial(), Mirror(), S(4), Octahedral() * (C(3) * S(3))):
        assert has_closed_forms(group)
    for group in (wreath(C(2), 3), QUATERNIONS, S(3).subgroup((1, 2, 0)), C(3) * QUATERNIONS):
        assert not has_closed_forms(group)
        assert any(isinstance(rho, FoundIrrep) for rho in group.irreps())


@pytest.mark.parametrize("group", [S(9) * D(4), SO(2) * Mirror(), SO(3) * S(4)])
def test_too_many_to_list(group: Group):
    with pytest.raises(GroupError):
        group.irreps()
