"""Meshes that are no surface, and points without faces, through networks of heat: what changes nothing, what is
refused, batches, audits."""

from typing import Any

import numpy as np
import pytest
import torch
import trimesh

import erlangen as er
from erlangen.domains import Mesh
from erlangen.errors import DomainError, InputError, SymmetryError
from erlangen.layers import DiffusionBlock, MeshConv, MeshPool, leaves
from tests.clouds import CLOUDS, sphere
from tests.laws.signals import difference
from tests.meshes import NO_SURFACES, data, pages, potato, sheet, shuffled, soup

DOMAIN, O2, SO2 = Mesh(eigenfunctions=12, laplacian="tufted"), er.O(2), er.SO(2)
NONE = np.zeros((0, 3), dtype=np.int64)
LARGE = [name for name in CLOUDS if name not in ("eight corners", "tetrahedron", "seven", "three")]
SHAPES = {
    "surface": potato,
    "open": sheet,
    **NO_SURFACES,
    **{f"points, {name}": lambda name=name: (CLOUDS[name](), NONE) for name in LARGE},
}


def network(output: Any, **choices: Any) -> er.Blueprint:
    torch.manual_seed(0)
    net = er.derive(er.Task(DOMAIN, er.Isometries(), output=output), width=12, depth=2, **choices).double()
    for make in (potato, sheet, pages, soup):
        net(data(make()))
    return net.eval()


@pytest.mark.parametrize("shape", SHAPES)
def test_orders_turns_mirrors_and_sides_change_nothing(shape: str):
    mesh, seed = SHAPES[shape](), torch.Generator().manual_seed(0)
    dense, whole = network(er.Equivariant(3)), network(er.Invariant(2))
    (points, faces), images = shuffled(mesh)
    other = data((points, faces))
    over = torch.rand(len(faces), generator=seed) < 0.5
    turn = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64, generator=seed)).Q
    moved = {
        "pos": other["pos"] @ turn.T + 5,
        "face": torch.where(over, other["face"].flip(0), other["face"]),
    }
    y = dense(data(mesh))
    assert difference(dense(moved)[images], y) < 1e-9 and y.std(0).min() > 1e-2
    assert difference(whole(moved), whole(data(mesh))) < 1e-9


@pytest.mark.parametrize("noise", [0.0, 0.005])
def test_points_say_nearly_what_triangles_between_them_say(noise: float):
    """Approximate: triangles are found in space."""
    net, rng = network(er.Equivariant(3)), np.random.default_rng(0)
    points, faces = potato(3)
    points = points + noise * rng.standard_normal(points.shape)
    y, z = net(data((points, faces))), net({"pos": torch.as_tensor(points)})
    assert difference(z, y) < 0.02 and y.std(0).min() > 1e-2


def test_points_in_one_place_are_answered_alike():
    points = sphere(150)
    which = np.concatenate([np.arange(150), np.arange(70)])
    net = network(er.Equivariant(3))
    once, twice = (net({"pos": torch.as_tensor(given)}) for given in (points, points[which]))
    assert difference(twice, once[which]) < 1e-9


def test_clouds_as_others_hold_them():
    points = sphere(40).astype(np.float32)
    x, surface = DOMAIN.read(trimesh.PointCloud(points))
    again, other = DOMAIN.read({"pos": torch.as_tensor(points), "face": torch.zeros(3, 0, dtype=torch.int64)})
    assert torch.equal(x, again) and torch.equal(surface.mass, other.mass) and surface.face.shape == (0, 3)
    with pytest.raises(InputError, match="tufted"):
        Mesh().read({"pos": torch.as_tensor(points)})
    with pytest.raises(InputError, match="in surface 1 of 2 points in 2 places"):
        DOMAIN.read({"pos": torch.as_tensor(points[:7]), "batch": torch.tensor([0, 0, 0, 0, 0, 1, 1])})


@pytest.mark.parametrize("features", ["heat", "wave"])
def test_a_batch_is_its_parts_one_by_one(features: str):
    domain = Mesh(eigenfunctions=8, laplacian="tufted", features=features)
    parts, count = [data(make()) for make in SHAPES.values()], 0
    faces, sizes = [], [len(part["pos"]) for part in parts]
    for part in parts:
        faces.append(part["face"] + count)
        count += len(part["pos"])
    batch = torch.repeat_interleave(torch.arange(len(parts)), torch.tensor(sizes))
    joined = {"pos": torch.cat([part["pos"] for part in parts]), "face": torch.cat(faces, 1), "batch": batch}
    x, surface = domain.read(joined)
    for part, read in zip(parts, x.split(sizes), strict=True):
        assert difference(read, domain.read(part)[0]) < 1e-12
    assert surface.beside.target.max() == count - 1 and len(surface.transport) == 0


def test_where_faces_make_a_surface_answers_are_those_on_delaunay_triangles():
    plain = Mesh(eigenfunctions=12, laplacian="delaunay")
    net = network(er.Equivariant(3))
    torch.manual_seed(0)
    twin = er.derive(er.Task(plain, er.Isometries(), output=er.Equivariant(3)), width=12, depth=2).double()
    twin.load_state_dict(net.state_dict())
    assert difference(twin.eval()(data(potato())), net(data(potato()))) < 1e-9


def test_frames_may_be_turned_and_mirrored():
    torch.manual_seed(0)
    block = DiffusionBlock(er.Space(DOMAIN, 16 * O2.trivial), er.Space(DOMAIN, 3 * O2.trivial)).double()
    x, surface = DOMAIN.read(data(pages()))
    angles, over = torch.rand(len(x), dtype=torch.float64), torch.rand(len(x)) < 0.5
    y = block.compute(x, surface)
    assert difference(block.compute(x, er.domains.regauged(surface, angles, over)), y) < 1e-12
    told = DOMAIN.read({**data(pages()), "direction": torch.randn(len(x), 3, dtype=torch.float64)})[1]
    assert difference(block.compute(x, told), y) < 1e-12 and (told.frames - surface.frames).abs().max() > 0.1


def test_slopes_count_where_planes_cross():
    torch.manual_seed(0)
    block = DiffusionBlock(er.Space(DOMAIN, 16 * O2.trivial), er.Space(DOMAIN, 3 * O2.trivial)).double()
    x, surface = DOMAIN.read(data(soup()))
    none = surface._replace(slopes=torch.zeros_like(surface.slopes))
    assert (block.compute(x, none) - block.compute(x, surface)).norm(dim=1).min() > 1e-4


def test_heat_is_derived_and_what_is_approximate_is_said():
    net = network(er.Equivariant(2))
    assert DiffusionBlock in {type(layer) for layer in leaves(net)}
    said = " ".join(str(net.explain()).split())
    assert "planes are found in space" in said and "how it is bent" not in said and "mirrors of space" in said
    assert "how it is bent" in " ".join(str(er.derive(er.Task(Mesh(), output=er.Invariant(2))).explain()).split())


@pytest.mark.filterwarnings("ignore:On meshes it is audited in float64")
@pytest.mark.filterwarnings("ignore:Only 4 inputs")
def test_it_is_saved_and_audited(tmp_path):
    net = network(er.Invariant(2))
    er.save(net, tmp_path / "net.erlangen")
    assert er.load(tmp_path / "net.erlangen").recipe == net.recipe
    report = er.audit(net, DOMAIN, er.Isometries(), [data(pages(3, seed=seed)) for seed in range(4)])
    assert report.verdict == "exact"
    assert {"gauge", "RigidMotions()", "Isometries(oriented=False)", "Relabelling()"} <= {
        v.law for v in report.verdicts
    }


@pytest.mark.parametrize(
    "refused",
    [
        lambda: er.Task(DOMAIN, er.Isometries(oriented=True), output=er.Invariant(2)),
        lambda: er.derive(er.Task(DOMAIN, output=er.Invariant(2)), layer="gauge"),
        lambda: er.derive(er.Task(DOMAIN, output=er.Invariant(2)), scales=2),
        lambda: er.derive(er.Task(DOMAIN, output=er.Equivariant(O2.standard))),
        lambda: MeshConv(er.Space(DOMAIN, O2.trivial), er.Space(DOMAIN, O2.trivial)),
        lambda: MeshPool(er.Space(DOMAIN, O2.trivial)),
        lambda: Mesh(laplacian="tufted", radius=0.1),
        lambda: Mesh(laplacian="tufted", intrinsic=False),
    ],
)
def test_what_needs_transport_or_sides_is_refused_with_the_mend(refused: Any):
    with pytest.raises(DomainError, match="repaired_mesh"):
        refused()


def test_positions_are_no_features_here_either():
    given = data(pages())
    with pytest.raises(InputError, match="holds the positions"):
        DOMAIN.read({**given, "x": given["pos"]})
    with pytest.raises(SymmetryError, match="cotangent, delaunay, tufted"):
        Mesh(laplacian="fluffy")
