"""Derived networks on the sphere: their symmetry as exact as their nonlinearities, and exactly so where these are."""

from pathlib import Path

import pytest
import torch

import erlangen as er
from erlangen.layers import SphereNonlinearity
from tests.laws.signals import difference, noise

ANSWERS = [er.Invariant(3), er.Equivariant(2), er.Equivariant(2, pooled=True)]
DIRECTION = er.Equivariant(er.SO(3).irrep(1), pooled=True)
SPHERES = [er.Sphere(), er.Sphere("equiangular"), er.Sphere("poles", 7)]


def settled(domain: er.Sphere, output: er.Invariant | er.Equivariant, group: er.Group | None = None, **choices: object):
    """A network in float64 and eval whose statistics have seen data."""
    torch.manual_seed(0)
    net = er.derive(er.Task(domain, group, input=2, output=output), width=4, **{"band": 7, **choices}).double()
    with torch.no_grad():
        net(noise(net.source, (9, 18), batch=4))
    return net.eval()


def error(net: er.Blueprint, g: er.groups.Element, size: tuple[int, int]) -> float:
    """The root mean square of f(g·x) − g·f(x), relative to that of how f(x) varies."""
    x = noise(net.source, size, 1, batch=8)
    with torch.no_grad():
        a, b = net(net.source.act(g, x)), net.target.act(g, net(x))
    return float((a - b).square().mean().sqrt() / b.std(0).square().mean().sqrt())


@pytest.mark.parametrize("output", [*ANSWERS, DIRECTION], ids=str)
@pytest.mark.parametrize("domain", SPHERES, ids=str)
def test_its_symmetry_is_approximate_and_the_more_so_the_finer_the_grid(domain: er.Sphere, output: object):
    """Rotations of space to a few percent, less with finer grids; turns by columns of these exactly."""
    turns = er.SO(3).sample(3, 1)
    coarse, fine = (settled(domain, output, oversample=o) for o in (1.0, 3.0))
    errors = [max(error(net, g, (12, 32)) for g in turns) for net in (coarse, fine)]
    assert errors[1] < 0.03 and errors[1] < errors[0] / 2
    about_the_axis = er.SO(3).element([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]])
    assert error(coarse, about_the_axis, (12, 32)) < 1e-10


@pytest.mark.parametrize("group", [er.SO(2), er.C(8), er.O(2), er.Mirror()], ids=str)
def test_motions_that_move_values_only_are_kept_exactly(group: er.Group):
    """Sixteen columns, as many as the finest hidden grid has half of: every whole one, and the mirror."""
    net = settled(er.Sphere(), er.Equivariant(2), group)
    elements = group.elements if group.order else [group.element(2 * torch.pi / 16), *group.generators[2:]]
    assert max(error(net, g, (9, 16)) for g in elements) < 1e-10


def test_a_signal_is_answered_alike_on_every_grid():
    """The answer to a band-limited signal does not rest on how finely it is sampled."""
    net, domain = settled(er.Sphere(), er.Equivariant(1)), er.Sphere()
    c = torch.randn(1, 2, 64, dtype=torch.float64)
    coarse, fine = (domain.coefficients(net(domain.synthesis(c, size)).detach(), 7) for size in ((8, 16), (13, 40)))
    assert difference(coarse, fine) < 1e-10


def test_a_row_of_layers_is_computed_as_its_layers_are():
    """Through coefficients alone, or layer by layer as a hook asks; and as a program of torch's."""
    net = settled(er.Sphere("equiangular"), er.Equivariant(2), residual=True)
    x = noise(net.source, (10, 20))
    together, seen = net(x), []
    watched = [layer for layer in er.layers.leaves(net) if not isinstance(layer, er.layers.SphereUpsample)]
    hooks = [layer.register_forward_hook(lambda *_: seen.append(1)) for layer in watched]
    apart = net(x)
    assert len(seen) == len(hooks) > 20 and difference(together, apart) < 1e-12
    for hook in hooks:
        hook.remove()
    assert torch.equal(net.export_layers()(x), together)
    with pytest.raises(er.SymmetryError, match="torch.export"):
        net.export()
    program = torch.export.export(net, (x,), dynamic_shapes=({0: torch.export.Dim("batch", min=2)},))
    assert torch.allclose(program.module()(x[:2].repeat(2, 1, 1, 1)), net(x[:2].repeat(2, 1, 1, 1)))


@pytest.mark.parametrize("output", [*ANSWERS, DIRECTION], ids=str)
def test_it_saves_loads_and_is_built_again(output: object, tmp_path: Path):
    net = settled(er.Sphere(), output)
    er.save(net, tmp_path / "net.er")
    x = noise(net.source, (9, 18))
    assert torch.equal(er.load(tmp_path / "net.er").eval()(x), net(x))
    assert er.build(net.recipe).recipe == net.recipe


def test_its_explanation_says_what_it_cannot_see_and_how_nearly():
    net = settled(er.Sphere(), er.Invariant(3))
    said = net.explain()
    assert said.promise == "f(g·x) = f(x) exactly for g in C(32), approximately for the rest of SO(3)"
    assert "which way up" in said.blind and net.minimum_size == 15
    assert net.smallest_input == (8, 15) and "Smallest      8 × 15 sites" in str(said)
    assert "2.4 %" in str(said) and "7, 3" in str(said)
    about = settled(er.Sphere(), er.Equivariant(1), er.O(2)).explain()
    assert "longitude" in about.blind and "east is to the right" in about.blind
    assert settled(er.Sphere(), er.Invariant(3), er.C(8)).explain().promise == "f(g·x) = f(x) for all g in C(8)"
    assert "handedness" in settled(er.Sphere(), er.Invariant(3), er.O(3)).explain().blind


def test_the_figures_of_aliasing_are_those_that_are_measured():
    """What the explanation says of ReLU on white signals of band 8: 26, 2.4 and 0.4 percent."""
    space = er.Space(er.Sphere(band=8), er.SO(3).trivial)
    x = noise(space, (9, 18), batch=16)
    for oversample, said in ((1.0, 0.26), (2.0, 0.024), (4.0, 0.004)):
        layer = SphereNonlinearity(space, "relu", oversample)
        found = []
        for g in er.SO(3).sample(6, 0):
            a, b = layer(space.act(g, x)), space.act(g, layer(x))
            found.append(
                space.domain.mean((a - b).square()).mean().sqrt() / space.domain.mean(b.square()).mean().sqrt()
            )
        assert float(torch.stack(found).mean()) == pytest.approx(said, rel=0.25)


@pytest.mark.parametrize("group", [er.SO(3), er.O(3), er.SO(2), er.C(8)], ids=str)
def test_winds_are_forecast_and_classified(group: er.Group):
    """From scalars and winds to scalars and winds, and to classes: as nearly symmetric, whole columns exactly."""
    domain = er.Sphere("equiangular")
    winds = domain.vectors(group)
    rho = 2 * group.trivial + winds
    for output in (er.Equivariant(winds + group.trivial), er.Invariant(3)):
        torch.manual_seed(0)
        net = er.derive(er.Task(domain, group, rho, output), width=12, band=7).double()
        x = noise(er.Space(er.Sphere("equiangular", 7), rho), (16, 32), batch=16)
        net(x)
        report = er.audit(net.eval(), domain, group, x, proof=False, tolerance=0.02, max_elements=3, bootstrap=100)
        assert report.passed and report.verdicts[0].verdict == "exact"
        assert er.build(net.recipe).recipe == net.recipe
        assert "tangent" in str(net.explain())
    named = er.derive(er.Task(domain, group, rho, er.Equivariant(1)), width=12, band=7, fields=group.trivial + winds)
    assert "4 × trivial + 4 × tangent" in named.notes[0]
    normed = er.derive(er.Task(domain, group, rho, er.Equivariant(1)), width=12, band=7, nonlinearity="norm", reach=7)
    assert normed(x.float()).shape == (16, 1, 16, 32)


WINDS = {group: group.trivial + er.Sphere().vectors(group) for group in (er.SO(2), er.O(3), er.Icosahedral())}


@pytest.mark.parametrize(
    ("group", "sampling", "size", "output"),
    [
        *((group, "equiangular", (6, 12), er.Equivariant(WINDS[group])) for group in (er.SO(2), er.O(3))),
        (er.O(3), "equiangular", (6, 12), er.Invariant(3)),
        (er.SO(2), "equiangular", (6, 12), er.Equivariant(er.SO(2).irrep(1), pooled=True)),
        (er.Icosahedral(), "icosahedral", (162,), er.Invariant(3)),
    ],
    ids=str,
)
def test_it_compiles_as_one_graph_runs_under_autocast_and_takes_nothing(
    group: er.Group, sampling: str, size: tuple[int, ...], output: er.Invariant | er.Equivariant
):
    """For one grid, dynamic=False; a transform has no half precision and is left out of autocast."""
    torch.manual_seed(0)
    task = er.Task(er.Sphere(sampling), group, WINDS[group], output)
    net = er.derive(task, width=8, band=3, depth=1, scales=1).eval()
    x = noise(net.source, size, dtype=torch.float32)
    torch._dynamo.reset()
    with torch.no_grad():
        y = net(x)
        assert torch.allclose(torch.compile(net, backend="eager", fullgraph=True, dynamic=False)(x), y, atol=1e-6)
        assert net(x[:0]).shape == (0, *y.shape[1:])
        with torch.autocast("cpu", torch.bfloat16):
            assert difference(net(x).float(), y) < 0.05


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"band": 9}, "at most 7"),
        ({"scales": 5}, "at most"),
        ({"width": [4, 8], "scales": 3}, "one width a scale"),
        ({"kernel_size": 3}, "one of layer"),
        ({"oversample": 0.5}, "1 or more"),
        ({"residual": "yes"}, "True or False"),
        ({"nonlinearity": "fourier"}, "pointwise"),
        ({"fields": er.SO(2).trivial}, "a representation of SO"),
        ({"reach": -1}, "0 or more"),
    ],
)
def test_choices_that_cannot_be_are_refused(choices: dict, said: str):
    with pytest.raises(er.SymmetryError, match=said):
        er.derive(er.Task(er.Sphere(band=7), input=1, output=er.Invariant(2)), **choices)


def test_a_grid_too_coarse_is_refused():
    net = settled(er.Sphere(), er.Invariant(2))
    with pytest.raises(er.SymmetryError, match="8 × 15 sites.*lower band"):
        net(torch.zeros(1, 2, 7, 14, dtype=torch.float64))
    assert er.derive(er.Task(er.Sphere(), input=1, output=er.Invariant(2)), scales=2).minimum_size == 31


O3, WHOLE = er.O(3), er.FullOctahedral().regular


@pytest.mark.parametrize(
    ("rho", "bands", "inside"),
    [
        *((er.SO(3).irrep(1), [7, 3], "4 × trivial"), (er.SO(3).irrep(5), [7], "4 × trivial")),
        *((O3.irrep(1, -1), [7, 3], "4 × trivial"), (O3.irrep(1, 1), [7, 3], "2 × trivial + tangent")),
        *((O3.sign, [7, 3], "trivial + tangent + sign"), (er.O(2).sign, [7, 3], "2 × trivial + tangent")),
        *((er.SO(2).irrep(2), [7, 3], "4 × trivial"), (er.C(6).regular, [7, 3], "4 × trivial")),
        *((er.Octahedral().standard, [7, 3], "4 × trivial"), (WHOLE, [7], "2 × trivial + tangent")),
        (er.Icosahedral().standard, [7, 3], "4 × trivial"),
    ],
    ids=str,
)
def test_one_answer_that_moves_is_read_off_the_degrees_that_tell_it(rho: er.Representation, bands: list, inside: str):
    """No further down than these; with curls, and what changes its sign in mirrors, where scalars tell nothing."""
    net = settled(er.Sphere(), er.Equivariant(rho, pooled=True), rho.group)
    pools = [layer.target.domain.band for layer in er.layers.leaves(net) if isinstance(layer, er.layers.SpherePool)]
    assert pools == bands and net.notes[0].split(": ")[1].startswith(inside)
    x = noise(net.source, (12, 32), 1, batch=8)
    assert net(x).std(0).min() > 1e-3
    assert max(error(net, g, (12, 32)) for g in rho.group.sample(2, 1)) < 0.02
    assert "read off" in str(net.explain()) and er.build(net.recipe).recipe == net.recipe


def test_an_answer_that_no_degree_tells_is_refused():
    for rho, said in ((er.SO(3).irrep(9), "higher band"), (er.Sphere().vectors(er.SO(3)), "G.standard")):
        with pytest.raises(er.SymmetryError, match=said):
            er.derive(er.Task(er.Sphere(), input=1, output=er.Equivariant(rho, pooled=True)), band=7)


def test_an_answer_of_scalars_is_a_mean_over_the_sphere():
    net = settled(er.Sphere(), er.Equivariant(2, pooled=True))
    assert any(isinstance(layer, er.layers.DomainPool) for layer in er.layers.leaves(net))
