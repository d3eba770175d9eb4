"""Which groups a model on the sphere keeps, or data have: about the axis, all turns, mirrors, none."""

import pytest
import torch

import erlangen as er
from erlangen.errors import DomainError
from tests.laws.signals import noise

DOMAIN, SIZE = er.Sphere("equiangular"), (12, 32)
HEIGHT = torch.as_tensor(DOMAIN.points(SIZE)[..., 1])


def signals(count: int = 24, band: int = 5) -> torch.Tensor:
    return DOMAIN.project(noise(er.Space(DOMAIN, er.SO(3).trivial), SIZE, batch=count), band)


def about_the_axis(x: torch.Tensor) -> torch.Tensor:
    """Further north counts more; east and west are alike."""
    return DOMAIN.mean(x * HEIGHT.exp()) ** 2


def everywhere(x: torch.Tensor) -> torch.Tensor:
    return DOMAIN.mean(x**2)


def winding(x: torch.Tensor) -> torch.Tensor:
    """What changes to the east times what is higher in the north: left is not right."""
    east = (x.roll(-1, -1) - x.roll(1, -1)) * x.roll(2, -1) ** 2
    return DOMAIN.mean(east * HEIGHT.exp())


def test_a_model_that_knows_the_axis_keeps_turns_about_it_and_mirrors():
    with pytest.warns(UserWarning, match="is infinite"):
        found = er.discover(about_the_axis, DOMAIN, None, signals())
    assert found.largest == (er.D(24),)
    assert found.row(er.D(8)).verdict == "proved" and found.row(er.C(2, axis=2)).verdict == "broken"
    assert "D(24)  " in str(found) and "proved D(8)" in found.sentence


def test_one_without_place_keeps_all_and_one_that_winds_no_mirror():
    with pytest.warns(UserWarning, match="is infinite"):
        all_of_it = er.discover(everywhere, DOMAIN, er.SO(3), signals())
    with pytest.warns(UserWarning, match="is infinite"):
        turns = er.discover(winding, DOMAIN, er.O(2), signals())
    assert set(all_of_it.largest) == {er.Octahedral(), er.Icosahedral()}
    assert turns.largest == (er.C(24),)
    assert turns.row(er.Mirror()).verdict == "broken"


def test_one_that_looks_at_points_keeps_none():
    found = er.discover(lambda x: x[..., 3, 5] + x[..., 4, 5] ** 2, DOMAIN, [er.C(8), er.Octahedral()], signals())
    assert not found.largest and "all are broken" in found.sentence


def test_answers_that_move_along_and_winds():
    winds = DOMAIN.vectors(er.SO(3))
    x = noise(er.Space(er.Sphere("equiangular", 5), winds), SIZE, batch=24)
    kept = er.discover(lambda v: 2 * v, DOMAIN, [er.Octahedral()], x, er.Equivariant(winds), input=winds, proof=False)
    assert kept.largest == (er.Octahedral(),)
    east = er.discover(lambda v: v[:, :1], DOMAIN, [er.C(8), er.Octahedral()], x, er.Equivariant(1), input=winds)
    assert east.largest == (er.C(8),)


def coefficients(count: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, 1, 25, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_data_alike_in_all_directions_and_data_with_an_axis():
    c = coefficients(60)
    alike = er.discover(DOMAIN.synthesis(c, SIZE), DOMAIN, [er.C(4), er.Octahedral()])
    assert alike.largest == (er.Octahedral(),)
    c[..., 2] += 2  # hotter in the north
    found = er.discover(DOMAIN.synthesis(c, SIZE), DOMAIN, [er.C(4), er.Octahedral()])
    assert found.largest == (er.C(4),)


def test_what_the_grid_does_not_hold_is_left_out_of_data_and_told():
    x = torch.randn(40, 1, 6, 9, generator=torch.Generator().manual_seed(0))
    with pytest.warns(UserWarning, match="power lies beyond degree 4"):
        found = er.discover(x, er.Sphere(), er.C(3))
    assert found.row(er.C(3)) is not None


def test_groups_that_do_not_move_the_sphere_are_refused():
    for given in (er.S(5), er.S(4)):
        with pytest.raises(er.SymmetryError):
            er.discover(everywhere, DOMAIN, given, signals())
    with pytest.raises(DomainError, match="a lattice.*a sphere"):
        er.discover(everywhere, er.Points(3), er.C(4), signals())
