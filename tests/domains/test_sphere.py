"""The sphere: which way is which, how groups move it, band limits, and what is refused."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

import erlangen as er
from erlangen.domains._latitudes import SAMPLINGS
from erlangen.domains.spherical_rotation import rotate_each
from erlangen.domains.spherical_transform import rotate
from erlangen.domains.text import domain_from_data, domain_to_data, parse_domain
from erlangen.errors import DomainError, InputError, SymmetryError
from erlangen.groups import SO, C, D, FullOctahedral, Group, Icosahedral, Mirror, O, Trivial
from tests.laws.signals import SEEDS, difference, noise

few = settings(max_examples=10)
GROUPS = [
    *(SO(3), O(3), SO(2), O(2), C(5), C(8), D(8), Mirror(), Trivial(), Icosahedral(), FullOctahedral()),
    *(C(4, axis=1), C(3, axis=0), SO(2) * Mirror(), SO(3).subgroup(C(4, axis=2).generators[0].matrix)),
]


def signal(domain: er.Sphere, size: tuple[int, int], seed: int = 0) -> Tensor:
    """Noise of the grid's band, two channels."""
    return noise(er.Space(domain, 2 * Trivial().trivial), size, seed)


# --- conventions


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_rows_go_south_and_columns_east(sampling: str):
    """The height y falls along rows; longitude 0 looks along z, and a quarter further east along x."""
    points = er.Sphere(sampling).points((6, 8))
    assert (np.diff(points[..., 1], axis=0) < 0).all()
    np.testing.assert_allclose(points[..., 1], np.repeat(points[:, :1, 1], 8, axis=1), atol=1e-15)
    np.testing.assert_allclose(np.linalg.norm(points, axis=-1), 1, atol=1e-15)
    middle = points[2]
    assert middle[0, 2] > 0.5 and abs(middle[0, 0]) < 1e-15
    assert middle[2, 0] > 0.5 and abs(middle[2, 2]) < 1e-15


def test_a_turn_of_the_plane_is_a_roll_to_the_east():
    x = torch.randn(1, 1, 5, 12)
    turn = C(12).generators[0]
    assert torch.equal(er.Sphere().act(turn, x), x.roll(1, -1))
    assert torch.equal(er.Sphere().act(SO(2).element(np.pi / 2), x), x.roll(3, -1))
    about_y = np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]])  # by a quarter: z goes to x
    assert torch.equal(er.Sphere().act(SO(3).element(about_y), x), x.roll(3, -1))


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_mirrors_move_values_only(sampling: str):
    x, domain = torch.randn(1, 1, 5, 9), er.Sphere(sampling)
    west = x.flip(-1).roll(1, -1)
    assert torch.equal(domain.act(Mirror().generators[0], x), west)
    assert torch.equal(domain.act(O(2).element(np.diag([1.0, -1.0])), x), west)
    assert torch.equal(domain.act(O(3).element(np.diag([1.0, -1.0, 1.0])), x), x.flip(-2))
    assert torch.equal(domain.act(O(3).element(np.diag([-1.0, -1.0, 1.0])), x), west.flip(-2))
    inversion = O(3).element(-np.eye(3))
    assert torch.equal(domain.act(inversion, x[..., :8]), x[..., :8].flip(-2).roll(4, -1))


def test_a_small_tilt_is_no_turn_about_the_axis():
    angle = 1e-6
    tilt = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
    x = signal(er.Sphere(), (9, 18))
    change = er.Sphere().act(SO(3).element(tilt), x) - x
    assert 1e-7 < change.abs().max() < 1e-4


# --- the action


@pytest.mark.parametrize("group", [SO(3), O(3), SO(2), C(4), D(3)], ids=str)
def test_many_signals_are_moved_each_by_its_own_element(group: Group):
    domain, gs = er.Sphere(), group.sample(8, 1)
    x = noise(er.Space(domain, 2 * Trivial().trivial), (7, 13), 0)[:1].repeat(8, 1, 1, 1)
    expected = torch.cat([domain.act(g, one[None]) for g, one in zip(gs, x, strict=True)])
    assert difference(domain.act_each(gs, x), expected) < 1e-12


@pytest.mark.parametrize("angle", [0.0, 1e-9, 1e-5, np.pi - 1e-7, np.pi])
def test_many_are_turned_as_well_where_angles_are_not_told_apart(angle: float):
    """About the axis, and from pole to pole, only the sum or the difference of two Euler angles is known."""
    cos, sin = np.cos(angle), np.sin(angle)
    tilt = np.array([[1.0, 0, 0], [0, cos, -sin], [0, sin, cos]])
    about = np.array([[np.cos(0.7), 0, np.sin(0.7)], [0, 1, 0], [-np.sin(0.7), 0, np.cos(0.7)]])
    rotations = np.stack([about @ tilt, tilt @ about, -about @ tilt @ about])
    coefficients = torch.randn(3, 81, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    expected = torch.stack([rotate(c, R) for c, R in zip(coefficients, rotations, strict=True)])
    assert difference(rotate_each(coefficients, rotations), expected) < 1e-13


@pytest.mark.parametrize("group", GROUPS, ids=str)
@given(sampling=st.sampled_from(SAMPLINGS), rows=st.integers(3, 9), columns=st.integers(5, 16), seed=SEEDS)
@few
def test_groups_act_from_the_left_by_their_matrices(group: Group, sampling: str, rows: int, columns: int, seed: int):
    """(gh)·x = g·(h·x), (g·x)(u) = x(g⁻¹u) read off the harmonics, and the mean stays."""
    domain = er.Sphere(sampling)
    domain.check_group(group)
    x = signal(domain, (rows, columns), seed)
    g, h = group.sample(2, seed)
    moved = domain.act(g, x)
    assert difference(domain.act(g, domain.act(h, x)), domain.act(g @ h, x)) < 1e-11
    assert difference(domain.act(~g, moved), x) < 1e-11
    came_from = domain.points((rows, columns)).reshape(-1, 3) @ domain.cartesian(g)
    assert difference(moved, domain.evaluate(x, came_from).reshape(x.shape)) < 1e-11
    assert (domain.mean(moved) - domain.mean(x)).abs().max() < 1e-12
    assert torch.allclose(domain.coefficients(moved).norm(dim=-1), domain.coefficients(x).norm(dim=-1))


def test_turns_and_rolls_are_the_same_motion():
    """The way by the coefficients and the way by places agree, where a turn about the axis has both."""
    domain, x = er.Sphere(), signal(er.Sphere(), (7, 14))
    by_places = domain.act(C(14).generators[0], x)
    half = SO(2).element(np.pi / 14)  # half a column, which has one way alone
    assert difference(domain.act(half, domain.act(half, x)), by_places) < 1e-12


def test_rotation_in_single_precision():
    domain = er.Sphere()
    x = signal(domain, (33, 66))
    for g in SO(3).sample(3, 0):
        assert difference(domain.act(g, x.float()).double(), domain.act(g, x)) < 5e-6


def test_it_is_moved_as_signals_and_tasks_are():
    task = er.Task(er.Sphere(), input=1, output=er.Invariant(10))
    assert task.symmetry == SO(3) and task.source == er.Space(er.Sphere(), SO(3).trivial)
    vectors = er.Space(er.Sphere(), SO(3).irrep(1))
    field = torch.as_tensor(er.Sphere().points((5, 10))).movedim(-1, 0)[None]  # u ↦ u, which no turn changes
    g = SO(3).sample(1, 0)[0]
    assert difference(er.Signal(field, vectors).act(g).values, field) < 1e-12


# --- coefficients and the band


def test_projecting_leaves_the_degrees_asked_for():
    domain, x = er.Sphere("equiangular"), torch.randn(1, 1, 8, 16, dtype=torch.float64)
    cut = domain.project(x, 3)
    assert difference(domain.project(cut, 3), cut) < 1e-12
    c = domain.coefficients(cut)
    assert c.shape[-1] == 64
    assert c[..., 16:].abs().max() < 1e-12 and c[..., :16].abs().min() > 0
    assert difference(domain.synthesis(c[..., :16], (8, 16)), cut) < 1e-12
    assert domain.synthesis(c[..., :16]).shape == (1, 1, 4, 8)


def test_means_weigh_rows_by_their_area():
    """1 on the northern half: ½, though for the poles' sake a plain mean would say otherwise where rows are uneven."""
    height = torch.as_tensor(er.Sphere("poles").points((9, 16))[..., 1])
    assert float(er.Sphere("poles").mean(height.square()[None, None])) == pytest.approx(1 / 3, abs=1e-14)
    assert abs(float(height.square().mean()) - 1 / 3) > 0.05


def test_a_sphere_is_a_value_and_plain_data():
    for domain in (er.Sphere(), er.Sphere("poles"), er.Sphere(band=7), er.Sphere("equiangular", 0)):
        assert domain_from_data(domain_to_data(domain), SO(3)) == domain == parse_domain(repr(domain))
        assert hash(domain) == hash(parse_domain(repr(domain)))
        held = 8 - (domain.sampling == "poles") if domain.band is None else domain.band
        assert domain.band_limit(domain.size(9)) == held
    assert er.Sphere() != er.Sphere(band=16) and er.Sphere().degrees == er.Sphere(band=16).degrees


# --- refusals


@pytest.mark.parametrize("group", [C(4) * C(4), er.S(5), er.Group.from_matrices([[[0, -1], [1, 1]]])], ids=str)
def test_what_does_not_move_space_is_refused(group: Group):
    assert not er.Sphere().preserves(group)
    with pytest.raises(DomainError, match="polar axis"):
        er.Task(er.Sphere(), group, 1, er.Invariant(2))
    with pytest.raises(DomainError):
        er.Sphere().act(group.generators[0], torch.zeros(1, 1, 4, 8))


@pytest.mark.parametrize("given", [{"sampling": "healpix"}, {"sampling": None}, {"band": -1}, {"band": 2.5}])
def test_spheres_that_cannot_be(given: dict):
    with pytest.raises(DomainError):
        er.Sphere(**given)


def test_values_that_are_no_signal_are_refused():
    space = er.Space(er.Sphere(band=4), SO(3).trivial)
    space.check(torch.zeros(1, 1, 5, 9))
    for shape in ((1, 1, 4, 9), (1, 1, 5, 8), (1, 5, 9), (1, 1, 1, 5, 9), (1, 1, 0, 9)):
        with pytest.raises(InputError):
            space.check(torch.zeros(shape))
    with pytest.raises(InputError, match="at least 5 × 10"):
        space.check(torch.zeros(1, 1, 4, 9))
    for points in (np.zeros((3, 3)), np.ones(3), [[1.0, 0.0]]):
        with pytest.raises(InputError, match="unit vectors"):
            er.Sphere().evaluate(torch.zeros(4, 8), points)
    with pytest.raises(SymmetryError):
        er.Sphere().act(SO(3).identity, torch.zeros(3))
    with pytest.raises(SymmetryError):
        er.Sphere().coefficients(torch.zeros(4, 8), band=4)
