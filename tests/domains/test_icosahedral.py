"""The sphere at the vertices of a subdivided icosahedron: where they are, what they hold, how they are moved."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import erlangen as er
from erlangen.domains._icosphere import exact_degree, icosphere, level_of, vertex_count, vertex_weights
from erlangen.domains.icosahedral_transform import IcosahedralTransform, IcosahedralVectorTransform
from erlangen.domains.spherical_transform import by_orders, harmonics, rotate
from erlangen.domains.text import domain_from_data, domain_to_data, parse_domain
from erlangen.domains.vector_transform import vector_harmonics
from erlangen.errors import DomainError, InputError
from erlangen.groups import SO, C, D, Icosahedral, Mirror, O
from tests.laws.signals import SEEDS, difference, noise

LEVELS = pytest.mark.parametrize("level", range(4))
SPHERE = er.Sphere("icosahedral")
few = settings(max_examples=10)


# ---- the vertices --------------------------------------------------------------------------------------------------
@LEVELS
def test_vertices_and_faces(level: int):
    """Euler: V − E + F = 2; every edge in two faces; twelve vertices of five neighbours; coarser levels first."""
    vertices, faces = icosphere(level)
    assert len(vertices) == vertex_count(level) and level_of(len(vertices)) == level and len(faces) == 20 * 4**level
    np.testing.assert_allclose(np.linalg.norm(vertices, axis=1), 1, atol=1e-15)
    assert (np.linalg.det(vertices[faces]) > 0).all()
    edges, times = np.unique(
        np.sort(np.concatenate([faces[:, [i, (i + 1) % 3]] for i in range(3)])), axis=0, return_counts=True
    )
    assert (times == 2).all() and len(vertices) - len(edges) + len(faces) == 2
    assert np.bincount(np.bincount(edges.ravel()))[5:].tolist() == [12, len(vertices) - 12][: 1 + (level > 0)]
    assert np.array_equal(vertices[:12], icosphere(0)[0])


@LEVELS
def test_weights_integrate_harmonics_exactly_and_no_further(level: int):
    """By harmonics, which found no weight."""
    vertices, weights, degree = icosphere(level)[0], vertex_weights(level), exact_degree(level)
    sums = weights @ harmonics(degree + 1, vertices)
    assert abs(sums[0] - 1) < 1e-14 and np.abs(sums[1 : (degree + 1) ** 2]).max() < 1e-13
    assert np.abs(sums[(degree + 1) ** 2 :]).max() > 1e-3
    assert 0.8 < weights.min() * len(weights) <= weights.max() * len(weights) < 1.3


def test_how_much_levels_hold():
    assert [exact_degree(level) for level in range(6)] == [5, 9, 15, 27, 51, 101]
    assert [SPHERE.band_limit((vertex_count(level),)) for level in range(6)] == [2, 4, 7, 13, 25, 50]
    for band in range(14):
        (size,) = SPHERE.smallest(band)
        level = level_of(size)
        assert level is not None and SPHERE.band_limit((size,)) >= band
        assert level == 0 or SPHERE.band_limit((vertex_count(level - 1),)) < band
    assert SPHERE.band_limit((100,)) == -1


# ---- coefficients --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("level", "band"), [(0, 2), (1, 3), (2, 7), (4, 25)])
def test_there_and_back(level: int, band: int):
    c = torch.randn(3, (band + 1) ** 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    made = IcosahedralTransform(level, band)
    assert (made.forward(made.inverse(c)) - c).abs().max() < 1e-13
    assert (made.forward(made.inverse(c.float())) - c).abs().max() < 1e-5
    square = made.inverse(c).square().numpy() @ vertex_weights(level)
    np.testing.assert_allclose(square, c.square().sum(1), rtol=1e-12)
    winds, c[:, 0] = IcosahedralVectorTransform(level, band), 0
    both = by_orders(torch.stack([c, c.flip(0)], dim=1))
    assert (winds.spectrum(winds.values(both)) - both).abs().max() < 1e-12
    assert winds.values(both.float()).dtype == torch.float32


@pytest.mark.parametrize("rho", [2 * SO(3).trivial, er.Sphere().vectors(SO(3))], ids=["scalars", "vectors"])
def test_coefficients_are_those_of_grids(rho: er.Space):
    """One signal, sampled twice."""
    grid = er.Sphere("equiangular")
    x = noise(er.Space(er.Sphere("equiangular", 6), rho), (7, 14))
    spectrum = grid.spectrum(x, rho=rho)
    there = SPHERE.from_spectrum(spectrum, (162,), rho)
    assert there.shape == (2, 2, 162)
    assert difference(SPHERE.spectrum(there, 6, rho), spectrum) < 1e-13


def test_vector_harmonics_are_slopes_of_harmonics():
    """∇Y by differences along east and north, at points of no grid and at the poles."""
    points = np.concatenate([np.random.default_rng(0).standard_normal((20, 3)), [[0, 1, 0], [0, -1, 0]]])
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    longitude = np.arctan2(points[:, 0], points[:, 2])
    east = np.stack([np.cos(longitude), 0 * longitude, -np.sin(longitude)], 1)
    found, step = vector_harmonics(5, points), 1e-5
    root = np.sqrt([max(l * (l + 1), 1) for l in range(6) for _ in range(2 * l + 1)])
    for i, way in enumerate((east, np.cross(points, east))):
        ahead, behind = (harmonics(5, np.cos(s) * points + np.sin(s) * way) for s in (step, -step))
        np.testing.assert_allclose(found[:, i] * root, (ahead - behind) / (2 * step), atol=1e-7)


# ---- the action ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("group", [Icosahedral(), SO(3), O(3), SO(2), C(2), D(3), Mirror()], ids=str)
@given(level=st.integers(1, 3), seed=SEEDS)
@few
def test_groups_act_from_the_left_by_their_matrices(group: er.groups.Group, level: int, seed: int):
    """(gh)·x = g·(h·x), (g·x)(u) = x(g⁻¹u) read off the harmonics, the mean stays, of scalars beside vectors."""
    size = (vertex_count(level),)
    space = er.Space(SPHERE, group.trivial + SPHERE.vectors(group))
    x = noise(space, size, seed)
    g, h = group.sample(2, seed)
    moved = space.act(g, x)
    assert difference(space.act(g, space.act(h, x)), space.act(g @ h, x)) < 1e-11
    came_from = SPHERE.points(size) @ SPHERE.cartesian(g)
    assert difference(moved[:, 0], SPHERE.evaluate(x[:, 0], came_from)) < 1e-11
    assert (SPHERE.mean(moved)[:, 0] - SPHERE.mean(x)[:, 0]).abs().max() < 1e-12
    lengths = [SPHERE.mean(v[:, 1:].square()).sum(1) for v in (x, moved)]
    assert torch.allclose(*lengths)


@pytest.mark.parametrize("element", range(3))
def test_isometries_of_the_icosahedron_exchange_vertices(element: int):
    """Values are the very same, and the way by the coefficients agrees; so does that of vectors."""
    matrix = [Icosahedral().sample(2, 3)[1].matrix, np.diag([-1.0, 1, 1]), -np.eye(3)][element]
    g, size = O(3).element(matrix), (162,)
    x = torch.randn(1, 1, 162, dtype=torch.float64)
    moved = SPHERE.act(g, x)
    assert torch.equal(moved.sort().values, x.sort().values) and SPHERE.on(size).keeps(g)
    x = SPHERE.project(x)
    by_coefficients = SPHERE.synthesis(rotate(SPHERE.coefficients(x), matrix), size)
    assert difference(SPHERE.act(g, x), by_coefficients) < 1e-13
    rho = SPHERE.vectors(O(3))
    v = noise(er.Space(SPHERE, rho), size)
    by_coefficients = SPHERE.grid.vectors(size, 7).moved(v, matrix)
    assert difference(er.Space(SPHERE, rho).act(g, v), by_coefficients) < 1e-12


def test_what_is_kept_exactly():
    known = er.Sphere("icosahedral", subdivisions=2)
    assert known.preserves(Icosahedral()) and not known.preserves(SO(3)) and not known.preserves(C(5))
    assert known.kept(SO(3)) == known.kept(O(3)) == Icosahedral() and known.kept(SO(2)) == C(2)
    assert known.kept(O(2)) == D(2) and known.preserves(known.kept(O(2))) and SPHERE.preserves(SO(3))
    assert known.kept(C(4)).order == 2
    tilted = O(3).element(np.array([[1, 0, 0], [0, np.cos(1e-6), -np.sin(1e-6)], [0, np.sin(1e-6), np.cos(1e-6)]]))
    assert not known.keeps(tilted)


def test_a_map_shows_what_is_where():
    height = SPHERE.points((642,))[:, 1]
    drawn = SPHERE.mapped(height)
    theta = er.Sphere("equiangular").colatitudes(len(drawn))
    assert drawn.shape == (39, 78) and np.abs(drawn - np.cos(theta)[:, None]).max() < 0.12
    picture = np.random.default_rng(0).random((5, 9))
    assert er.Sphere().mapped(picture) is picture


# ---- declarations --------------------------------------------------------------------------------------------------
def test_it_is_a_value_and_plain_data():
    for domain in (SPHERE, er.Sphere("icosahedral", 3), er.Sphere("icosahedral", subdivisions=2)):
        assert domain_from_data(domain_to_data(domain), SO(3)) == domain
        assert domain.axes == 1 and domain.space == 3 and domain.natural_symmetry() == SO(3)
    assert parse_domain("Sphere('icosahedral', subdivisions=2)") == er.Sphere("icosahedral", subdivisions=2) != SPHERE
    assert er.Sphere("icosahedral", subdivisions=2).size(9) == (162,) == er.Sphere("icosahedral", 5).size(9)
    assert er.Sphere("icosahedral", subdivisions=1).degrees == 4 and SPHERE.degrees == 16


def test_what_cannot_be_is_refused():
    for wrong in ({"subdivisions": -1}, {"subdivisions": 9}, {"subdivisions": 1, "band": 5}, {"subdivisions": 2.0}):
        with pytest.raises(DomainError):
            er.Sphere("icosahedral", **wrong)
    with pytest.raises(DomainError, match="icosahedral"):
        er.Sphere("gauss", subdivisions=2)
    with pytest.raises(DomainError, match="rows"):
        SPHERE.colatitudes(5)
    known = er.Space(er.Sphere("icosahedral", subdivisions=1), SO(3).trivial)
    known.check(torch.zeros(2, 1, 42))
    for shape in ((1, 1, 12), (1, 1, 6, 7), (1, 42)):
        with pytest.raises(InputError):
            known.check(torch.zeros(shape))
    with pytest.raises(InputError, match="at least 12"):
        er.Space(SPHERE, SO(3).trivial).check(torch.zeros(1, 1, 100))
