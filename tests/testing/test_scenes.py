"""Scenes: what is moved and then sampled is what is sampled and then moved, where both are possible."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import erlangen as er
from erlangen import testing
from erlangen.auditing import discover
from erlangen.auditing.measure import error
from erlangen.domains import Grid, HexGrid, Lattice
from erlangen.errors import DomainError, InputError
from erlangen.groups import SO, C, D, FullOctahedral, Group, Mirror, O
from erlangen.task import Equivariant

PLACES = [
    (Grid(1), 20, Mirror()),
    (Grid(2), (12, 17), D(2)),
    (Grid(2), 21, D(4)),
    (Grid(2, spacing=(1.0, 2.0)), 16, D(2)),
    (Grid(3), 7, FullOctahedral()),
    (HexGrid(), 15, D(6)),
]


@pytest.mark.parametrize(("domain", "size", "group"), PLACES, ids=str)
def test_moved_and_sampled_is_sampled_and_moved(domain: Lattice, size, group: Group):
    s = testing.scene(domain, n=3, channels=2, seed=1)
    x = s(size, dtype=torch.float64)
    assert x.shape[:2] == (3, 2) and float(x.std()) > 0.05
    for g in group.elements:
        assert float((s.moved(g)(size, dtype=torch.float64) - domain.act(g, x)).abs().max()) < 1e-12


def test_a_quarter_turn_is_rot90():
    s = testing.scene(Grid(2))
    assert torch.allclose(s.moved(SO(2).element(np.pi / 2))(32), torch.rot90(s(32), 1, (2, 3)), atol=1e-6)


def test_motions_compose():
    s, (g, h) = testing.scene(Grid(2), n=2), SO(2).sample(2, rng=0)
    assert torch.allclose(s.moved(h).moved(g)(16), s.moved(g @ h)(16), atol=1e-6)
    there = s.shifted((0.3, -0.1)).scaled(1.5).moved(g)
    back = there.moved(~g).scaled(1 / 1.5).shifted((-0.3, 0.1))
    assert torch.allclose(back(16), s(16), atol=1e-6)


def test_a_shift_by_whole_pixels_is_a_roll_inside():
    for domain, size in ((Grid(2), 16), (Grid(2, spacing=(1.0, 2.0)), 16), (HexGrid(), 21)):
        s = testing.scene(domain, n=2)
        moved = s.shifted(s.step(size) * domain.basis @ np.array([3, -2]))(size)
        inside = (slice(None), slice(None), slice(5, -5), slice(5, -5))
        at = torch.arange(size) - size // 2
        far = (at[:, None] + at).abs() > size // 2 - 5  # beyond the hexagon
        difference = (moved - domain.roll(s(size), (3, -2))).masked_fill(far & (domain == HexGrid()), 0.0)
        assert float(difference[inside].abs().max()) < 1e-6, domain


def test_twice_as_large_at_twice_the_size_is_finer():
    """A scene has one picture at every size: pixels in between, and the same values where sites agree."""
    s = testing.scene(Grid(2), n=2)
    assert torch.allclose(s(11), s(33)[..., 1::3, 1::3], atol=1e-6)
    assert torch.allclose(s.scaled(3.0)(11), s(33)[..., 11:22, 11:22], atol=1e-6)


def test_area_is_the_mean_over_pixels():
    s = testing.scene(Grid(2), n=2, discs=0, boxes=0, round_blobs=True)
    moved = s.moved(SO(2).element(0.4)).scaled(0.7).shifted((0.1, 0.2))
    fine = F.avg_pool2d(moved(16 * 16, dtype=torch.float64), 16)
    off = float((moved(16, area=True, dtype=torch.float64) - fine).abs().max())
    assert off < 1e-3 < 20 * off < float((moved(16, dtype=torch.float64) - fine).abs().max())
    with pytest.raises(InputError, match="round blobs"):
        testing.scene(Grid(2))(16, area=True)
    with pytest.raises(InputError, match="round blobs"):
        testing.scene(HexGrid(), discs=0, boxes=0, round_blobs=True)(15, area=True)


def isotropic(x: torch.Tensor) -> torch.Tensor:
    """Of a function in the plane, an SO(2)-invariant: powers of it, blurred by a Gaussian, and of its gradient."""
    u = torch.arange(-4.0, 5.0)
    blur = torch.exp(-(u[:, None] ** 2 + u**2) / 6)[None, None]
    smooth = F.conv2d(x, blur / blur.sum())
    return torch.stack([smooth.square().mean((1, 2, 3)), smooth.pow(3).mean((1, 2, 3)), x.pow(2).mean((1, 2, 3))], 1)


@pytest.mark.parametrize("angle", [0.3, 0.7, 1.2])
def test_sampling_keeps_the_prior_better_than_interpolation(angle: float):
    s, g = testing.scene(Grid(2)), SO(2).element(angle)
    x = s(32)
    interpolated = error(isotropic(Grid(2).warp(g, x)), isotropic(x))
    assert testing.scene_error(isotropic, s, g, 32).error < interpolated / 2
    assert testing.scene_error(isotropic, s, g, 64).error < 0.01


def test_discovery_between_the_pixels():
    """A model that keeps all turns stands within a tolerance, and one that keeps C(4) alone does not."""
    x = testing.scene(Grid(2)).at(32)
    with pytest.warns(UserWarning, match="infinite"):
        found = discover(isotropic, Grid(2), O(2), x, tolerance=0.02)
    assert found.largest == (D(24),) and found.row(D(24)).power < 0.5
    square = lambda x: (x * x.roll(4, 2)).mean((2, 3)) + (x * x.roll(4, 3)).mean((2, 3))  # noqa: E731
    with pytest.warns(UserWarning, match="infinite"):
        found = discover(square, Grid(2), SO(2), testing.scene(Grid(2), blobs=0, discs=0, boxes=1).at(32))
    assert found.largest == (C(4),) and found.row(C(8)).error > 0.001


def test_the_error_of_a_shift_and_of_a_scale():
    s = testing.scene(Grid(2))
    assert testing.scene_error(isotropic, s, s.shifted((0.03, 0.01)), 32).error < 0.05
    assert testing.scene_error(isotropic, s, s.scaled(2.0), 32).error > 0.5


def test_answers_that_move_along():
    s, g = testing.scene(Grid(2)), SO(2).element(0.5)
    at = (torch.arange(32) - 15.5) / 16

    def moment(x):
        return torch.stack([(x * at[:, None]).mean((1, 2, 3)), (x * at).mean((1, 2, 3))], 1)

    vector = Equivariant(SO(2).standard, pooled=True)
    assert testing.scene_error(moment, s, g, 32, vector).error < 0.01
    assert testing.scene_error(moment, s, g, 32).error > 0.1
    assert testing.scene_error(lambda x: x.square(), s, C(4).generators[0], 32, Equivariant(1)).error < 1e-5
    with pytest.raises(InputError, match="dense answers"):
        testing.scene_error(lambda x: x, s, g, 32, Equivariant(1))
    with pytest.raises(InputError, match="without an element"):
        testing.scene_error(moment, s, s.scaled(2.0), 32, vector)


def test_what_no_scene_can_be_is_refused():
    with pytest.raises(DomainError, match="sampled functions"):
        testing.scene(er.Dna())
    with pytest.raises(InputError, match="empty scene"):
        testing.scene(Grid(2), blobs=0, discs=0, boxes=0)
    s = testing.scene(Grid(2))
    for call in (lambda: s((3, 4, 5)), lambda: s(0), lambda: s.shifted((1,)), lambda: s.scaled(-1), lambda: s.moved(3)):
        with pytest.raises(InputError):
            call()
    with pytest.raises(DomainError, match="2-dimensional"):
        s.moved(er.SO(3).sample(1, rng=0)[0])
    with pytest.raises(InputError, match="odd side"):
        testing.scene(HexGrid())(16)
