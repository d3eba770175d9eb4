"""Kernels of finite radius on the sphere: two ways to one function, exact where they say so, local, of few weights."""

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.errors import InputError, SpaceError
from erlangen.layers import SphereConv, SphereLocalConv, VertexConv
from tests.laws.signals import difference, noise

SO3, O3 = er.SO(3), er.O(3)
RHO = {
    "SO(3)": 2 * SO3.trivial + 2 * er.Sphere().vectors(SO3),
    "O(3)": 2 * O3.trivial + er.Sphere().vectors(O3) + 2 * O3.sign,
}
FIELDS = pytest.mark.parametrize("fields", RHO)


def pair(fields: str, subdivisions: int) -> tuple[VertexConv, SphereLocalConv]:
    """The two layers, with the same weights."""
    rho, domain = RHO[fields], er.Sphere("icosahedral", subdivisions=subdivisions)
    torch.manual_seed(0)
    at_vertices = VertexConv(*[er.Space(domain, rho)] * 2).double()
    band = domain.band_limit(domain.size(0))
    spectral = SphereLocalConv(*[er.Space(er.Sphere("icosahedral", band), rho)] * 2, radius=at_vertices.reach).double()
    spectral.load_state_dict(at_vertices.state_dict())
    return at_vertices, spectral


@FIELDS
def test_sums_over_neighbours_are_what_multiplying_coefficients_is(fields: str):
    """Of smooth signals, and the more so the finer the vertices: the two ways share no formula but the rings."""
    errors = []
    for subdivisions in (2, 3, 4):
        at_vertices, spectral = pair(fields, subdivisions)
        x = noise(er.Space(er.Sphere("icosahedral", 3), RHO[fields]), at_vertices.source.domain.size(0))
        with torch.no_grad():
            errors.append(difference(at_vertices(x), spectral(x)))
    assert errors[0] < 0.03 and errors[1] < 0.004 and errors[2] < 0.001


@FIELDS
def test_other_rotations_are_kept_nearly(fields: str):
    """What the note of a derived network says: 4 % of white signals, less of smoother ones."""
    layer, _ = pair(fields, 4)
    space, g = layer.source, layer.source.group.sample(4, 0)[3]
    for band, most in ((25, 0.07), (12, 0.03), (3, 0.001)):
        x = noise(er.Space(er.Sphere("icosahedral", band), space.rho), (2562,))
        with torch.no_grad():
            assert difference(layer(space.act(g, x)), space.act(g, layer(x))) < most


def test_it_looks_no_further_than_its_radius():
    space = er.Space(er.Sphere("icosahedral", subdivisions=3), SO3.trivial)
    layer = VertexConv(space, space, rings=1, radius=0.4, bias=False)
    x = torch.zeros(1, 1, 642)
    x[..., 100] = 1.0
    points = torch.as_tensor(space.domain.points((642,)))
    away = torch.acos((points @ points[100]).clamp(-1, 1))
    heard = layer(x)[0, 0].detach() != 0
    assert not heard[away >= 0.4].any() and heard[away < 0.35].sum() > 6


@pytest.mark.parametrize(("group", "count"), [(SO3, 2), (O3, 1)])
def test_as_many_weights_as_kernels(group: er.groups.Group, count: int):
    """Between vectors 4 a ring, half of them with mirrors, and at the point itself 2, or 1; scalars see no side."""
    domain = er.Sphere(band=4)
    vectors, scalars = er.Space(domain, domain.vectors(group)), er.Space(domain, group.trivial)
    for rings in (1, 3):
        assert SphereLocalConv(vectors, vectors, rings).free_weights() == count * (2 * rings + 1)
        assert SphereLocalConv(scalars, vectors, rings).free_weights() == count * rings
        assert SphereLocalConv(vectors, scalars, rings, bias=False).free_weights() == count * rings
        assert SphereLocalConv(scalars, scalars, rings).free_weights() == rings + 2


@FIELDS
def test_unit_variance_at_the_start(fields: str):
    """Of white signals of the band, in the mean over initialisations, and gain² of it."""
    domain = er.Sphere(band=6)
    space = er.Space(domain, RHO[fields])
    power = []
    for seed in range(40):
        torch.manual_seed(seed)
        layer = SphereLocalConv(space, space, gain=2.0)
        x = noise(space, (8, 16), seed, dtype=torch.float32)
        x = x / domain.mean(x.square()).mean(0).sqrt()[:, None, None]
        power.append(domain.mean(layer(x).detach().square()).mean(0))
    assert torch.stack(power).mean(0) == pytest.approx(torch.full((space.channels,), 4.0), rel=0.35)


def test_it_is_some_of_what_all_convolutions_are():
    """Between scalars under every rotation: one number a degree, which `SphereConv` has free."""
    space = er.Space(er.Sphere(band=6), SO3.trivial)
    local, general = SphereLocalConv(space, space).double(), SphereConv(space, space, bias=False).double()
    numbers = local._by_degree()[:, 0, 0].detach()
    with torch.no_grad():
        general.weight.copy_(numbers)
    x = noise(space, (7, 14))
    assert difference(local(x), general(x)) < 1e-12 and (numbers.diff().abs() > 0).all()


def test_it_has_gradients_and_is_compiled_whole():
    layer = pair("SO(3)", 2)[0].float()
    x = torch.randn(2, 6, 162, requires_grad=True)
    compiled = torch.compile(layer, fullgraph=True, backend="eager")
    assert torch.allclose(compiled(x), layer(x), atol=1e-5)
    small = VertexConv(*[er.Space(er.Sphere("icosahedral", subdivisions=0), RHO["SO(3)"])] * 2, rings=1).double()
    assert torch.autograd.gradcheck(small, (torch.randn(1, 6, 12, dtype=torch.float64, requires_grad=True),))
    with torch.autocast("cpu", torch.bfloat16):
        assert layer(x).isfinite().all()


def test_what_does_not_fit_is_refused():
    known, unknown = (er.Space(er.Sphere("icosahedral", subdivisions=k), SO3.trivial) for k in (2, None))
    for source, target in ((unknown, unknown), (known, unknown), (er.Space(er.Grid(2), SO3.trivial), known)):
        with pytest.raises(SpaceError):
            VertexConv(source, target)
    for wrong in ({"rings": 0}, {"radius": 0.0}, {"radius": 2.0}, {"radius": np.nan}, {"gain": "2"}):
        for layer in (VertexConv, SphereLocalConv):
            with pytest.raises(InputError):
                layer(known, known, **wrong)
    with pytest.raises(SpaceError):
        SphereLocalConv(unknown, er.Space(er.Sphere(), SO3.trivial))
    with pytest.raises(er.errors.SymmetryError, match="tangent"):
        VertexConv(er.Space(known.domain, SO3.irrep(1)), known)
