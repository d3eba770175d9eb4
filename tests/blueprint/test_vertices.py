"""Derived networks of local kernels on the sphere: by coefficients on grids, by sums over neighbours at vertices."""

import warnings

import pytest
import torch

import erlangen as er
from erlangen.layers import SphereConv, SphereLocalConv, VertexConv, VertexPool, leaves
from tests.laws.signals import difference, noise

SPHERE = er.Sphere("icosahedral", subdivisions=3)
G = er.SO(3)
WINDS = 2 * G.trivial + SPHERE.vectors(G)
OUTPUTS = {
    "whole": er.Invariant(3),
    "at every point": er.Equivariant(2),
    "vectors": er.Equivariant(SPHERE.vectors(G)),
    "a direction": er.Equivariant(G.irrep(1), pooled=True),
}


def settled(output: object, rho: object = 2, domain: er.Sphere = SPHERE, **choices: object) -> er.Blueprint:
    torch.manual_seed(0)
    net = er.derive(er.Task(domain, G, rho, output), width=8, layer="local", **{"depth": 1, **choices}).double()
    with torch.no_grad():
        net(noise(net.source, domain.size(12), batch=4))
    return net.eval()


@pytest.mark.parametrize("rho", [2, WINDS], ids=["scalars", "winds"])
@pytest.mark.parametrize("output", OUTPUTS)
def test_isometries_of_the_icosahedron_are_kept_exactly_and_others_nearly(output: str, rho: object) -> None:
    net = settled(OUTPUTS[output], rho)
    assert {VertexConv, VertexPool} <= {type(layer) for layer in leaves(net)}
    x = noise(er.Space(er.Sphere("icosahedral", 5), net.source.rho), (642,), 1, batch=8)
    with torch.no_grad():
        y = net(x)
        for g in er.Icosahedral().sample(3, 1):
            g = G.element(g.matrix)
            assert difference(net(net.source.act(g, x)), net.target.act(g, y)) < 1e-12
        turned = difference(net(net.source.act(G.sample(2, 1)[1], x)), net.target.act(G.sample(2, 1)[1], y))
    assert 1e-6 < turned < 0.35 and difference(y[:1], y[1:2]) > 0.01
    assert er.build(net.recipe).recipe == net.recipe


def test_the_audit_proves_it_and_the_explanation_says_so() -> None:
    net = settled(er.Invariant(3)).float()
    x = noise(er.Space(er.Sphere("icosahedral", 5), net.source.rho), (642,), batch=16, dtype=torch.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = er.audit(net, SPHERE, er.Icosahedral(), x)
    assert report.verdict in ("proved", "exact") and report.error < 1e-5
    said = str(net.explain())
    assert "exactly for g in Icosahedral()" in said and "642, 162, 42" in said and "12 vertices" not in said


def test_on_grids_the_same_kernels_are_exact_for_every_rotation() -> None:
    net = settled(er.Equivariant(1), domain=er.Sphere("equiangular"), band=7, rings=3)
    convolutions = [layer for layer in leaves(net) if isinstance(layer, SphereLocalConv)]
    assert convolutions and all(layer.rings == 3 for layer in convolutions)
    assert not any(isinstance(layer, SphereConv) for layer in leaves(net))
    plain = er.derive(er.Task(er.Sphere("equiangular"), G, 2, er.Equivariant(1)), width=8, depth=1, band=7)
    assert net.free_weights() < 0.7 * plain.free_weights()
    assert "does not depend on the resolution" in str(net.explain())


def test_it_learns_on_vertices_what_a_rotation_does_not_change() -> None:
    """One spot or two on a noisy sphere: learnt from such as lie by the north pole, told all over."""
    draw = torch.Generator().manual_seed(0)
    points = torch.as_tensor(SPHERE.points((642,)), dtype=torch.float32)
    two = torch.nn.functional.normalize(torch.tensor([[0.5, 1.0, 0.0], [-0.5, 1.0, 0.0]]), dim=-1)

    def spots(n: int, everywhere: bool) -> tuple[torch.Tensor, torch.Tensor]:
        label, angle = torch.randint(2, (n,), generator=draw), 2 * torch.pi * torch.rand(n, generator=draw)
        c, s, o = angle.cos(), angle.sin(), 0 * angle
        turn = torch.stack([c, o, s, o, o + 1, o, -s, o, c], dim=1).reshape(n, 3, 3)
        if everywhere:
            turn = torch.linalg.qr(torch.randn(n, 3, 3, generator=draw)).Q
        x = (20 * (two @ turn.mT @ points.T - 1)).exp()
        x[:, 1] = x[:, 1] * label[:, None]
        return x.sum(1, keepdim=True) + 0.05 * torch.randn(n, 1, 642, generator=draw), label

    net = settled(er.Invariant(2), 1, scales=2, normalize=False).float().train()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(40):
        x, label = spots(32, everywhere=False)
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(x), label).backward()
        optimizer.step()
    x, label = spots(200, everywhere=True)
    assert (net.eval()(x).argmax(1) == label).float().mean() > 0.95


@pytest.mark.parametrize(
    ("domain", "choices", "said"),
    [
        (SPHERE, {"band": 5}, "no band"),
        (SPHERE, {"oversample": 2.0}, "no oversample"),
        (SPHERE, {"reach": 1}, "no reach"),
        (SPHERE, {"scales": 5}, "at most 4"),
        (SPHERE, {"rings": 0}, "rings"),
        (er.Sphere(), {"reach": 1}, "no reach"),
        (er.Sphere(), {"layer": "spectral", "rings": 2}, "no rings"),
        (er.Sphere(), {"layer": "chebyshev"}, "spectral, local"),
    ],
)
def test_choices_that_cannot_be_are_refused(domain: er.Sphere, choices: dict, said: str) -> None:
    with pytest.raises(er.SymmetryError, match=said):
        er.derive(er.Task(domain, G, 1, er.Invariant(2)), **{"layer": "local", **choices})
