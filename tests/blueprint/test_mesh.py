"""Derived networks on surfaces: exact for bending, frames and orders, for what they can and cannot tell."""

import pytest
import torch

import erlangen as er
from erlangen.domains import Mesh
from erlangen.domains.surface import moved_in_space, regauged
from erlangen.errors import InputError, TaskError
from erlangen.layers import AmbientVectors, DiffusionBlock, MeshConv, leaves
from tests.laws.signals import difference
from tests.meshes import MESHES, data, potato, sheet, shuffled

INTRINSIC, EXTRINSIC = Mesh(eigenfunctions=12), Mesh(eigenfunctions=12, intrinsic=False)
SYMMETRIES = {
    "bending": (INTRINSIC, er.Isometries()),
    "bending, left and right": (INTRINSIC, er.Isometries(oriented=True)),
    "rigid motions": (EXTRINSIC, er.RigidMotions()),
}
MANY = pytest.mark.parametrize("symmetry", SYMMETRIES)
LAYERS = pytest.mark.parametrize("layer", ["diffusion", "gauge"])


def settled(symmetry: str, output: object, layer: str | None = None, **choices: object) -> er.Blueprint:
    """In float64 and eval, with statistics of some surfaces."""
    torch.manual_seed(0)
    domain, declared = SYMMETRIES[symmetry]
    task = er.Task(domain, declared, output=output)
    net = er.derive(task, layer=layer, **{"width": 12, "depth": 2, **choices}).double()
    for shape in MESHES.values():
        net(data(shape()))
    return net.eval()


def vector(symmetry: str) -> er.representations.Representation:
    group = er.Task(*SYMMETRIES[symmetry], output=er.Invariant(1)).symmetry
    return group.standard


@MANY
@LAYERS
def test_orders_and_rigid_motions_change_nothing(symmetry: str, layer: str) -> None:
    net = settled(symmetry, er.Equivariant(4), layer)
    mesh = potato()
    y = net(data(mesh))
    other, images = shuffled(mesh)
    assert difference(net(data(other))[images], y) < 1e-8
    turn = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))).Q
    turn = turn * torch.linalg.det(turn)
    moved = {**data(mesh), "pos": data(mesh)["pos"] @ turn.T + 5}
    assert difference(net(moved), y) < 1e-8 and y.std(0).min() > 1e-3
    whole = settled(symmetry, er.Invariant(3), layer)
    assert (
        difference(whole(moved), whole(data(mesh)))
        < 1e-8
        < 1e-3
        < difference(whole(data(potato(1))), whole(data(mesh)))
    )


@LAYERS
def test_bending_is_seen_by_those_that_look_at_space_alone(layer: str) -> None:
    flat, folded = data(sheet()), data(sheet(bends=True))
    for symmetry in SYMMETRIES:
        net = settled(symmetry, er.Equivariant(4), layer)
        change = difference(net(folded), net(flat))
        assert change > 0.01 if symmetry == "rigid motions" else change < 1e-8


@LAYERS
def test_mirrors_are_seen_where_left_is_told_from_right(layer: str) -> None:
    points, faces = potato()
    mirrored = data((points * [-1, 1, 1], faces[:, ::-1].copy()))
    blind, handed = (settled(name, er.Equivariant(4), layer) for name in list(SYMMETRIES)[:2])
    assert difference(blind(mirrored), blind(data(potato()))) < 1e-8
    assert difference(handed(mirrored), handed(data(potato()))) > 1e-3


@MANY
def test_vectors_turn_with_frames_and_in_space_with_the_surface(symmetry: str) -> None:
    rho, (domain, _) = vector(symmetry), SYMMETRIES[symmetry]
    net, ambient = settled(symmetry, er.Equivariant(rho)), settled(symmetry, er.Equivariant(rho, ambient=True))
    assert {MeshConv} <= {type(part) for part in leaves(net)} and isinstance(list(leaves(ambient))[-1], AmbientVectors)
    x, surface = domain.read(data(potato()))
    angles = 6 * torch.rand(len(x), dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    c, s = angles.cos(), angles.sin()

    def in_frames(v: torch.Tensor) -> torch.Tensor:
        return torch.stack([c * v[:, 0] + s * v[:, 1], c * v[:, 1] - s * v[:, 0]], dim=1)

    other = regauged(surface, angles)
    told = x if symmetry != "rigid motions" else torch.cat([x[:, :3], in_frames(x[:, 3:])], dim=1)
    assert difference(net.flow(told, other)[0], in_frames(net.flow(x, surface)[0])) < 1e-10
    y = ambient.flow(x, surface)[0]
    assert difference(ambient.flow(told, other)[0], y) < 1e-10
    turn = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))).Q
    assert difference(ambient.flow(x, moved_in_space(surface, turn))[0], y @ turn.T) < 1e-10
    assert (y * surface.normals).sum(1).abs().max() < 1e-10 < 1e-3 < y.abs().max()


def test_layers_are_chosen_by_what_is_asked() -> None:
    kinds = lambda net: {type(part) for part in leaves(net)}  # noqa: E731
    assert DiffusionBlock in kinds(settled("bending", er.Invariant(2)))
    assert DiffusionBlock in kinds(settled("rigid motions", er.Equivariant(2)))
    assert MeshConv in kinds(settled("bending", er.Equivariant(2), rings=1))
    bare = er.derive(er.Task(Mesh(eigenfunctions=0), input=3, output=er.Equivariant(2)), width=8)
    assert MeshConv in kinds(bare) and DiffusionBlock not in kinds(bare)
    blind, handed = (settled(name, er.Equivariant(2)) for name in list(SYMMETRIES)[:2])
    assert "Isometries(oriented=False)" in str(blind.explain()) and "cannot tell apart" in " ".join(blind.notes)
    said = " ".join(handed.notes)
    assert "left is told from right" in said and "cannot tell apart" not in said


@MANY
@pytest.mark.parametrize("layer", [None, "gauge"])
def test_its_recipe_makes_it_again(symmetry: str, layer: str | None, tmp_path) -> None:
    net = settled(symmetry, er.Equivariant(vector(symmetry), ambient=True) if layer else er.Invariant(2), layer)
    er.save(net, tmp_path / "net.erlangen")
    again = er.load(tmp_path / "net.erlangen").double().eval()
    assert difference(again(data(potato())), net(data(potato()))) < 1e-6 and again.recipe == net.recipe


def test_it_learns_which_end_of_a_bent_strip_is_which() -> None:
    """One end is wider: told on a flat strip, asked on a folded one, and on another triangulation of it."""
    surfaces = []
    for bends in (False, True):
        points, faces = sheet(9, 15, bends)
        points[:, 1] *= 1 + (torch.arange(len(points)) % 15).numpy() / 14
        surfaces.append({"pos": torch.as_tensor(points).float(), "face": torch.as_tensor(faces.T.copy())})
    target = (torch.arange(135) % 15 > 7).long()
    torch.manual_seed(0)
    net = er.derive(er.Task(Mesh(eigenfunctions=24), output=er.Equivariant(2)), width=16, depth=2, normalize=False)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(60):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(surfaces[0]), target).backward()
        optimizer.step()
    assert (net.eval()(surfaces[1]).argmax(1) == target).float().mean() > 0.95
    flipped = {**surfaces[1], "face": surfaces[1]["face"][[1, 0, 2]]}  # turned over
    assert (net(flipped).argmax(1) == target).float().mean() > 0.95


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(TaskError, match="intrinsic"):
        er.Task(INTRINSIC, er.RigidMotions(), output=er.Invariant(1))
    with pytest.raises(er.SymmetryError, match="bent?d"):
        er.Task(INTRINSIC, er.O(3), 3, output=er.Invariant(1))
    with pytest.raises(TaskError, match="Frames"):
        er.derive(er.Task(INTRINSIC, output=er.Equivariant(er.O(2).standard, pooled=True)))
    net = er.derive(er.Task(INTRINSIC, input=3, output=er.Invariant(1)), width=8).double()
    with pytest.raises(InputError, match="positions"):
        net({**data(potato(1)), "x": data(potato(1))["pos"]})
    for choices in (
        {"scales": 0},
        {"layer": "diffusion", "rings": 2},
        {"layer": "gauge", "dropout": 0.5},
        {"pool": "sum"},
    ):
        with pytest.raises(TaskError):
            er.derive(er.Task(INTRINSIC, output=er.Invariant(1)), **choices)
    with pytest.raises(TaskError, match="eigenfunctions"):
        er.derive(er.Task(Mesh(eigenfunctions=0), input=3, output=er.Invariant(1)), layer="diffusion")
