"""From the sphere to one answer: it commutes, is all that does, keeps variance, and finds where something points."""

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.errors import InputError, RepresentationError, SpaceError
from erlangen.layers import SphereToPoint
from erlangen.solve.on_sphere import kinds
from tests.laws.signals import difference, noise
from tests.layers.linear.test_sphere_groups import BAND, moved

POINT = er.domains.Point()
G, AXIS = er.SO(3), er.SO(2) * er.Mirror()


def every(group: er.Group) -> er.Representation:
    """All irreps of a finite group, some of them twice, and the regular representation."""
    first, *rest = group.irreps()
    return sum([*rest, 2 * group.standard, group.regular], first)


ANSWERS = [
    *((G, 2 * G.irrep(1) + G.irrep(3) + G.trivial), (G, G.standard.tensor(G.standard))),
    (er.O(3), er.O(3).irrep(1, -1) + er.O(3).irrep(1, 1) + er.O(3).irrep(2, -1) + er.O(3).sign),
    (er.SO(2), er.SO(2).irrep(1) + er.SO(2).trivial + er.SO(2).standard),
    (er.O(2), er.O(2).irrep(1, 2) + er.O(2).sign),
    *((group, every(group)) for group in (er.C(6), er.D(3), er.Mirror(), er.Octahedral(), er.Icosahedral())),
    *((group, every(group)) for group in (er.FullOctahedral(), er.C(3, axis=0), er.D(2, axis=2))),
    *((er.Trivial(), 3 * er.Trivial().trivial), (AXIS, AXIS.standard)),
]
each = pytest.mark.parametrize(("group", "rho"), ANSWERS, ids=[f"{group!r} {rho}" for group, rho in ANSWERS])


def reading(group: er.Group, rho: er.Representation, seed: int = 0, **choices: object) -> SphereToPoint:
    """From scalars, winds and what changes its sign, of degrees up to four."""
    domain = er.Sphere("equiangular", BAND)
    odd = [group.sign] if isinstance(group, er.O) else []
    source = er.Space(domain, sum([group.trivial, domain.vectors(group), group.trivial, *odd]))
    torch.manual_seed(seed)
    return SphereToPoint(source, er.Space(POINT, rho), **choices)  # type: ignore[arg-type]


@each
def test_it_commutes_with_the_group(group: er.Group, rho: er.Representation):
    layer = reading(group, rho).double()
    for p in () if layer.bias is None else layer.bias.parameters():
        torch.nn.init.normal_(p)
    x = noise(layer.source, (7, 15), batch=8)
    y = layer(x)
    assert y.std(0).min() > 1e-3
    for g in group.sample(4, 0):
        assert difference(layer(layer.source.act(g, x)), layer.target.act(g, y)) < 1e-11


@each
def test_it_is_every_map_that_commutes(group: er.Group, rho: er.Representation):
    """As many weights as characters, or a null space, find maps; and no two of them do the same."""
    layer = reading(group, rho, bias=False).double()
    assert layer.free_weights() == (by_null_space(layer) if group.order is None else by_characters(layer))
    made = []
    for i in range(layer.free_weights()):
        with torch.no_grad():
            layer.weight.copy_(torch.eye(layer.free_weights(), dtype=torch.float64)[i])
            made.append(layer.matrix().flatten())
    kept = torch.stack(made)
    assert torch.linalg.matrix_rank(kept @ kept.T) == layer.free_weights()
    assert layer.unconstrained_weights() == rho.dim * len(moved(layer.source, np.eye(3)))


def by_characters(layer: SphereToPoint) -> int:
    """The mean of χ_in(g) χ_out(g) over a finite group."""
    traces = [
        np.trace(moved(layer.source, layer.domain.cartesian(g))) * layer.target.rho.character(g)
        for g in layer.source.group.elements
    ]
    return round(float(np.mean(traces)))


def by_null_space(layer: SphereToPoint) -> int:
    """How many W have ρ(g) W = W D(g) for the generators."""
    constraints = []
    for g in layer.source.group.generators:
        before, rho = moved(layer.source, layer.domain.cartesian(g)), layer.target.rho
        constraints.append(np.kron(rho(g), np.eye(len(before))) - np.kron(np.eye(rho.dim), before.T))
    gram = sum(c.T @ c for c in constraints)
    return int((np.linalg.eigvalsh(gram) < 1e-9).sum())


@each
def test_it_keeps_unit_variance(group: er.Group, rho: er.Representation):
    """E[y_i²] = gain² where the mean of x² is 1 and no degree has more of it than another."""
    found = []
    for seed in range(40):
        layer = reading(group, rho, seed, bias=False, gain=2.0)
        even = [1 / (2 * l + 1) for l in range(layer.sees + 1) for _ in range(2 * l + 1)]
        shares = [1 / (BAND + 1 - least) for _, least in kinds(layer.domain, layer.source.rho)]
        power = torch.outer(torch.tensor(shares), torch.tensor(even))
        found.append(layer.matrix().detach().square() @ power.flatten())
    power = torch.stack(found)
    spread = power.mean(1).std() / 40**0.5
    assert abs(float(power.mean()) - 4) < 5 * float(spread) + 0.05
    if group != AXIS:  # there on the mean over channels alone
        assert (power.mean(0) - 4).abs().max() < 6 * float(power.std(0).max()) / 40**0.5


def test_it_weighs_points_by_where_they_are():
    """Off degree 1 one reads √3 mean_u x(u) u, integrated here on another grid."""
    source = er.Space(er.Sphere(), G.trivial)
    layer = SphereToPoint(source, er.Space(POINT, G.irrep(1)), bias=False).double()
    with torch.no_grad():
        layer.weight.fill_(3**0.5)  # maps are orthonormal
    x, fine = noise(source, (9, 18)), (20, 41)
    u = torch.as_tensor(er.Sphere().points(fine))
    at = er.Sphere().evaluate(x, u.reshape(-1, 3).numpy()).unflatten(-1, fine)
    expected = 3**0.5 * er.Sphere().mean(at * u.movedim(-1, 0))
    assert difference(layer(x), expected) < 1e-12


def test_what_a_group_leaves_is_the_mean_under_rotations_and_more_about_the_axis():
    for group, count in ((G, 2), (er.SO(2), 2 * 5), (er.Octahedral(), 2 * 2)):
        source = er.Space(er.Sphere(band=4), 2 * group.trivial)
        layer = er.layers.linear(source, er.Space(POINT, group.trivial), bias=False).double()
        assert isinstance(layer, SphereToPoint) and layer.free_weights() == count
    layer = SphereToPoint(er.Space(er.Sphere(band=4), G.trivial), er.Space(POINT, G.trivial), bias=False).double()
    x = noise(layer.source, (6, 12))
    assert difference(layer(x), layer.weight * er.Sphere().mean(x)) < 1e-12


def test_it_reads_every_grid_alike():
    domain, c = er.Sphere(), torch.randn(2, 1, 36, dtype=torch.float64)
    layer = SphereToPoint(er.Space(domain, G.trivial), er.Space(POINT, G.irrep(2)), bias=False).double()
    a, b = (layer(domain.synthesis(c, size)) for size in ((6, 11), (13, 30)))
    assert difference(a, b) < 1e-12


@pytest.mark.parametrize("group", [G, er.Icosahedral(), er.SO(2)], ids=str)
def test_it_reads_vertices_as_it_reads_grids(group: er.Group):
    """Vertices of an icosahedron hold the same signals: the same weights say the same of them."""
    grid, vertices = (er.Sphere(name, BAND) for name in ("equiangular", "icosahedral"))
    winds = group.trivial + grid.vectors(group)
    on_grid, on_vertices = (
        SphereToPoint(er.Space(domain, winds), er.Space(POINT, group.standard)).double() for domain in (grid, vertices)
    )
    on_vertices.load_state_dict(on_grid.state_dict())
    x = noise(on_vertices.source, (162,))
    spectrum = vertices.spectrum(x, rho=winds)
    assert difference(on_vertices(x), on_grid(grid.from_spectrum(spectrum, (7, 15), winds))) < 1e-11


def test_it_exports_compiles_and_runs_under_autocast():
    layer = reading(G, G.irrep(1) + G.trivial)
    x = noise(layer.source, (6, 12), dtype=torch.float32)
    with torch.no_grad():
        y = layer(x)
        assert torch.equal(torch.export.export(layer, (x,)).module()(x), y) and torch.equal(layer.export()(x), y)
        assert torch.allclose(torch.func.vmap(layer)(x[None])[0], y, atol=1e-6)
        torch._dynamo.reset()
        assert torch.allclose(torch.compile(layer, backend="eager", fullgraph=True)(x), y, atol=1e-6)
        with torch.autocast("cpu", torch.bfloat16):
            assert difference(layer(x).float(), y) < 0.05


def test_it_says_which_degrees_it_reads():
    assert "degrees 1, 3" in reading(G, G.irrep(1) + G.irrep(3)).reason().solver
    assert "by numbers" in reading(er.Octahedral(), er.Octahedral().standard).reason().solver


SCALARS = er.Space(er.Sphere(), er.O(3).trivial)


def to(rho: er.Representation) -> er.Space:
    return er.Space(POINT, rho)


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (lambda: SphereToPoint(SCALARS, to(er.O(3).irrep(1, 1))), RepresentationError, "vectors"),
        (lambda: SphereToPoint(SCALARS, to(er.O(3).irrep(4, 1)), band=3), RepresentationError, "higher band"),
        (lambda: SphereToPoint(SCALARS, to(er.Sphere().vectors(er.O(3)))), RepresentationError, "G.standard"),
        (lambda: SphereToPoint(SCALARS, SCALARS), SpaceError, "one point"),
        (lambda: SphereToPoint(to(G.trivial), to(G.trivial)), SpaceError, "a sphere"),
        (lambda: SphereToPoint(SCALARS, to(G.irrep(1))), SpaceError, "one group"),
        (lambda: SphereToPoint(SCALARS, to(er.O(3).trivial), band=-1), InputError, "0 or more"),
        (lambda: SphereToPoint(SCALARS, to(er.O(3).irrep(4, 1)))(torch.zeros(1, 1, 4, 8)), InputError, "5 × 10"),
    ],
)
def test_what_does_not_fit_is_refused(make: object, error: type[Exception], said: str):
    with pytest.raises(error, match=said):
        make()  # type: ignore[operator]


def test_it_learns_where_a_dipole_points():
    """A map that is hotter on one side by the square root of what it shows, under noise: the error falls far below
    that of no answer, and turned maps have turned answers."""
    domain, size = er.Sphere("equiangular"), (12, 24)

    def maps(n: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
        generator = torch.Generator().manual_seed(seed)
        towards = torch.nn.functional.normalize(torch.randn(n, 3, generator=generator), dim=1)
        along = torch.einsum("nk,ijk->nij", towards, torch.as_tensor(domain.points(size), dtype=torch.float32))
        return (along.exp() + torch.randn(n, *size, generator=generator))[:, None], towards

    torch.manual_seed(0)
    net = er.derive(er.Task(domain, G, 1, er.Equivariant(G.irrep(1), pooled=True)), width=8, band=3, depth=1, scales=1)
    optimizer = torch.optim.Adam(net.parameters(), 0.02)
    x, towards = maps(64, 0)
    for _ in range(60):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(net(x), towards).backward()
        optimizer.step()
    x, towards = maps(128, 1)
    with torch.no_grad():
        found = net.eval()(x)
        assert torch.nn.functional.mse_loss(found, towards) < 0.15 * towards.square().mean()
        g = G.sample(1, 0)[0]
        turned = net(net.source.act(g, domain.project(x, 3)))
        assert difference(turned, net.target.act(g, net(domain.project(x, 3)))) < 0.02
