"""Layers on surfaces whose frames are known but for a few turns: flat ones, folded or rolled."""

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.domains import Mesh
from erlangen.domains.surface import regauged
from erlangen.errors import DomainError, InputError
from erlangen.layers import MeshConv, MeshPool, MeshUpsample
from tests.laws.signals import difference
from tests.meshes import data, potato, sheet, shuffled

GROUPS = [er.C(1), er.C(2), er.C(4), er.C(6), er.D(1), er.D(4)]
FINITE = pytest.mark.parametrize("group", GROUPS, ids=str)
SHAPES = {"flat": sheet, "folded": lambda: sheet(bends=True), "rolled": lambda: rolled()}


def rolled(rows: int = 7, columns: int = 11):
    """A strip closed to a tube."""
    points, faces = sheet(rows, columns + 1)
    around = 2 * np.pi * np.arange(columns) / columns
    i, j = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    points = np.stack([np.cos(around[j]).ravel(), 0.5 * i.ravel(), np.sin(around[j]).ravel()], axis=1)
    at = lambda p: p // (columns + 1) * columns + p % (columns + 1) % columns  # noqa: E731
    return points, at(faces)


def framed(mesh, channels: int = 0) -> dict[str, torch.Tensor]:
    """With directions along the rows of the sheet: the axis of a tube, the fold of a fold."""
    made = data(mesh, channels)
    return {**made, "direction": torch.tensor([[0.0, 1.0, 0.0]], dtype=torch.float64).expand(len(made["pos"]), 3)}


def moved(rho: er.representations.Representation, elements: list, values: torch.Tensor) -> torch.Tensor:
    """ρ(h⁻¹) x, each vertex by its own element."""
    turns = torch.stack([torch.as_tensor(rho(h)).to(values).T for h in elements])
    return torch.einsum("nij,nj->ni", turns, values)


def in_frames_of(surface, group, elements: list):
    """Frames moved by elements of the group, each vertex by its own."""
    matrices = np.stack([group.matrix(h) for h in elements])
    over = torch.as_tensor(np.linalg.det(matrices) < 0)
    return regauged(
        surface, torch.as_tensor(np.arctan2(matrices[:, 1, 0], matrices[:, 0, 0])), over if over.any() else None
    )


@FINITE
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("radius", [None, 0.4])
def test_frames_may_be_moved_by_the_group_at_every_vertex(group, shape: str, radius: float | None):
    domain, rho = Mesh(eigenfunctions=0, radius=radius), 2 * group.regular + 2 * group.trivial
    torch.manual_seed(0)
    layer = MeshConv(er.Space(domain, rho), er.Space(domain, rho)).double()
    x, surface = domain.read(framed(SHAPES[shape](), rho.dim))
    rng = np.random.default_rng(0)
    elements = [group.elements[k] for k in rng.integers(0, group.order, len(x))]
    with torch.no_grad():
        y = layer.compute(x, surface)
        other = layer.compute(moved(rho, elements, x), in_frames_of(surface, group, elements))
    assert difference(other, moved(rho, elements, y)) < 1e-11
    assert y.std(0).min() > 1e-3


@FINITE
def test_white_signals_stay_white(group):
    domain, rho = Mesh(eigenfunctions=0), 8 * group.regular
    torch.manual_seed(0)
    layer = MeshConv(er.Space(domain, rho), er.Space(domain, rho)).double()
    x, surface = domain.read(framed(sheet(13, 17), rho.dim))
    assert 0.6 < float(layer.compute(x, surface).var().detach()) < 1.5


def test_kernels_are_as_many_as_turns_allow():
    """Of regular fields all functions on the circle up to that frequency for each pair of an element and its like."""
    group, domain = er.C(4), Mesh(eigenfunctions=0)
    space = er.Space(domain, group.regular)
    for turns in (0, 1, 4):
        layer = MeshConv(space, space, rings=3, turns=turns, bias=False)
        assert layer.free_weights() == 3 * 4 * (2 * turns + 1) + 4
    with pytest.raises(InputError, match="under all turns"):
        MeshConv(er.Space(domain, er.SO(2).trivial), er.Space(domain, er.SO(2).trivial), turns=2)


@FINITE
def test_networks_are_derived_and_do_not_know_the_order(group):
    """Two scales there and back; other frames of the group change nothing."""
    task = er.Task(Mesh(eigenfunctions=0), group, input=3, output=er.Equivariant(2))
    torch.manual_seed(0)
    net = er.derive(task, width=2 * group.order, depth=1, scales=2).double().eval()
    mesh = sheet(9, 11, bends=True)
    given = framed(mesh, 3)
    with torch.no_grad():
        y = net(given)
        other, images = shuffled(mesh)
        again = framed(other, 3)
        again["x"][images] = given["x"]
        assert difference(net(again)[images], y) < 1e-10
    assert y.std(0).min() > 1e-4
    assert f"known but for {group.label}" in str(net.explain())


def test_quarter_turns_of_the_direction_change_nothing_and_others_do():
    task = er.Task(Mesh(eigenfunctions=0), er.C(4), input=1, output=er.Invariant(2))
    torch.manual_seed(0)
    net = er.derive(task, width=8, depth=2).double().eval()
    given = framed(sheet(), 1)

    def answer(angle: float) -> torch.Tensor:
        way = torch.tensor([[np.sin(angle), np.cos(angle), 0.0]]).expand(len(given["pos"]), 3)
        with torch.no_grad():
            return net({**given, "direction": way})

    assert difference(answer(np.pi / 2), answer(0)) < 1e-11
    assert difference(answer(0.5), answer(0)) > 1e-3


def test_audits_turn_directions_along():
    """Bodies turned in space, and stored in another order."""
    domain = Mesh(eigenfunctions=0)
    torch.manual_seed(0)
    net = er.derive(er.Task(domain, er.C(4), input=1, output=er.Invariant(2)), width=8, depth=1).eval()
    bodies = [framed(sheet(5, 7)) for _ in range(16)]
    noise = torch.Generator().manual_seed(0)
    for body in bodies:
        body["pos"] = body["pos"] * (1 + torch.rand(3, generator=noise, dtype=torch.float64))
        body["x"] = torch.randn(35, 1, generator=noise, dtype=torch.float64)
    with pytest.warns(UserWarning, match="float64"):
        report = er.audit(net, domain, er.Isometries(oriented=True), bodies)
    assert report.verdict == "exact"


@FINITE
def test_fields_go_to_coarser_surfaces_and_back(group):
    domain, rho = Mesh(eigenfunctions=0), group.regular
    pool = MeshPool(er.Space(domain, rho)).double()
    back = MeshUpsample(pool.target, er.Space(domain, rho)).double()
    x, surface = domain.read(framed(sheet(9, 11), rho.dim))
    elements = [group.elements[k] for k in np.random.default_rng(0).integers(0, group.order, len(x))]
    there = back.flow(*pool.flow(x, surface))[0]
    again = back.flow(*pool.flow(moved(rho, elements, x), in_frames_of(surface, group, elements)))[0]
    assert difference(again, moved(rho, elements, there)) < 1e-11


# ---- what is refused -----------------------------------------------------------------------------------------------
def test_surfaces_without_such_frames_are_refused_in_words():
    space = er.Space(Mesh(eigenfunctions=0), er.C(4).regular)
    net = er.Blueprint([MeshConv(space, space)]).double()
    with pytest.raises(InputError, match="multiples of 90° alone"):
        net(data(sheet(), 4))  # without directions frames are those of any edge
    bent = data(potato(), 4)
    with pytest.raises(InputError, match="flat, folded or rolled"):
        net({**bent, "direction": torch.ones_like(bent["pos"]) * torch.tensor([1.0, 0.2, 0.1], dtype=torch.float64)})


def test_directions_that_are_none_are_refused():
    given, domain = framed(sheet()), Mesh(eigenfunctions=0, features=None)
    x = torch.ones(len(given["pos"]), 1, dtype=torch.float64)
    with pytest.raises(InputError, match="at a right angle to the surface, at vertex 0"):
        domain.read({**given, "x": x, "direction": given["direction"].roll(1, 1)})
    with pytest.raises(InputError, match="vertices, 3"):
        domain.read({**given, "x": x, "direction": given["direction"][:, :2]})
    for group in (er.SO(3), er.S(3), er.Trivial()):
        with pytest.raises(DomainError, match="er.SO"):
            domain.check_group(group)
