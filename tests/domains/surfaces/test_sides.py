"""Surfaces seen from both sides: what has none is measured as on its cover, and turned-over faces change nothing."""

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.domains import Mesh
from erlangen.domains.surface import regauged
from erlangen.domains.surfaces.operators import Asked, computed
from erlangen.domains.surfaces.sides import BothSides
from erlangen.errors import InputError
from erlangen.layers import AmbientVectors, DiffusionBlock, MeshConv, MeshPool, MeshUpsample
from tests.laws.signals import difference
from tests.meshes import ONE_SIDED, data, geometry, klein, moebius, potato, sheet, shuffled, two_parts

O2, SO2 = er.O(2), er.SO(2)
FIELDS = 3 * O2.trivial + 2 * O2.irrep(1, 1) + O2.irrep(1, 2) + 2 * O2.sign
MIRROR = next(g for g in O2.generators if np.linalg.det(O2.matrix(g)) < 0)
STRIPS = pytest.mark.parametrize("shape", ONE_SIDED)
REACH = pytest.mark.parametrize("radius", [None, 0.12])


def turned_over(mesh, seed: int = 0):
    """Half of the faces the other way round."""
    points, faces = mesh
    over = np.random.default_rng(seed).random(len(faces)) < 0.5
    return points, np.where(over[:, None], faces[:, ::-1], faces)


def on_cover(mesh):
    sides = BothSides(*mesh)
    return sides, (sides.cover.vertices, sides.cover.half.faces)


def network(domain: Mesh) -> er.Blueprint:
    """Scalars, tangent fields at two scales, scalars again."""
    torch.manual_seed(0)
    scalars, fields = er.Space(domain, 3 * O2.trivial), er.Space(domain, FIELDS)
    pool = MeshPool(fields)
    coarse = MeshConv(pool.target, pool.target)
    layers = [MeshConv(scalars, fields), pool, coarse, MeshUpsample(pool.target, fields), MeshConv(fields, scalars)]
    return er.Blueprint(layers).double()


# ---- the cover -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("shape", "euler"), [(moebius, 0), (klein, 0)])
def test_the_cover_of_one_side_is_one_oriented_surface(shape, euler: int):
    sides = BothSides(*shape())
    half = sides.cover.half
    assert len(sides.vertex) - len(half.edges) + len(half.faces) == 2 * euler
    assert set(half.parts) == {0} and set(sides.parts) == {0}
    assert np.array_equal(np.bincount(sides.vertex), np.full(len(shape()[0]), 2))


@pytest.mark.parametrize("shape", [potato, sheet, two_parts])
def test_with_two_sides_all_is_measured_as_if_faces_were_oriented(shape):
    """The cover is the surface and its mirror image."""
    mesh, made = shape(), geometry(shape())
    sides = BothSides(*turned_over(mesh))
    assert len(set(sides.cover.half.parts)) == 2 * len(set(made.half.parts))
    assert np.array_equal(sides.parts, made.half.parts)
    assert np.abs(sides.mass - made.mass).max() < 1e-14
    assert abs(sides.laplacian - made.laplacian).max() < 1e-12
    assert np.abs(np.abs((sides.normals * made.normals).sum(1)) - 1).max() < 1e-12


def test_the_first_face_says_which_side_is_chosen():
    """So that a mesh that is oriented is seen from outside."""
    points, faces = moebius()
    sides = BothSides(points, faces)
    first = [int(np.flatnonzero((faces == p).any(1))[0]) for p in range(len(points))]
    normals = np.cross(*(points[faces[first, k]] - points[faces[first, 0]] for k in (1, 2)))
    assert ((normals * sides.normals).sum(1) > 0).all()


# ---- layers --------------------------------------------------------------------------------------------------------
@STRIPS
@REACH
def test_on_one_side_layers_answer_as_on_the_cover(shape: str, radius: float | None):
    """An independent way: the cover is oriented, and what is the same on both sheets stays so."""
    mesh, domain = ONE_SIDED[shape](), Mesh(eigenfunctions=0, radius=radius)
    sides, cover = on_cover(mesh)
    unit = None if radius is None else radius / 2**0.5  # of the root of an area that is twice as large
    above = Mesh(eigenfunctions=0, radius=unit)
    there, back = (er.Space(domain, 3 * O2.trivial), er.Space(domain, FIELDS)), (er.Space(above, 3 * O2.trivial),)
    torch.manual_seed(0)
    layers = [MeshConv(there[0], there[1]).double(), MeshConv(there[1], there[0]).double()]
    torch.manual_seed(0)
    fields = er.Space(above, FIELDS)
    others = [MeshConv(back[0], fields).double(), MeshConv(fields, back[0]).double()]
    given = data(mesh, 3)
    x, surface = domain.read(given)
    y, high = above.read({**data(cover), "x": x[sides.vertex]})
    assert surface.mirrored is not None and surface.mirrored.any() and high.mirrored is None
    with torch.no_grad():
        for layer, other in zip(layers, others, strict=True):
            x, y = layer.compute(x, surface), other.compute(y, high)
    assert difference(y, x[sides.vertex]) < 1e-12


@STRIPS
@REACH
def test_frames_may_be_turned_and_mirrored_at_every_vertex(shape: str, radius: float | None):
    domain, seed = Mesh(eigenfunctions=0, radius=radius), torch.Generator().manual_seed(1)
    torch.manual_seed(0)
    layer = MeshConv(er.Space(domain, FIELDS), er.Space(domain, FIELDS)).double()
    x, surface = domain.read(data(ONE_SIDED[shape](), FIELDS.dim))
    angles = 6 * torch.rand(len(x), generator=seed, dtype=torch.float64)
    over = torch.rand(len(x), generator=seed) < 0.5
    turns = torch.stack([torch.as_tensor(FIELDS(O2.element(-float(a)))) for a in angles])
    mirror = torch.as_tensor(FIELDS(MIRROR), dtype=torch.float64)

    def told(values: torch.Tensor) -> torch.Tensor:
        turned = torch.einsum("nij,nj->ni", turns, values)
        return torch.where(over[:, None], turned @ mirror.T, turned)

    with torch.no_grad():
        y = layer.compute(x, surface)
        moved = layer.compute(told(x), regauged(surface, angles, over))
    assert difference(moved, told(y)) < 1e-12
    assert y.std(0).min() > 1e-3


@pytest.mark.parametrize("shape", [potato, sheet, two_parts, moebius, klein])
def test_which_way_round_faces_run_means_nothing_without_sides(shape):
    """Nor in which order they and the vertices are stored; across two scales and back."""
    net, mesh = network(Mesh(eigenfunctions=0)), shape()
    given = data(mesh, 3)
    with torch.no_grad():
        y = net(given)
        assert difference(net({**data(turned_over(mesh)), "x": given["x"]}), y) < 1e-11
        other, images = shuffled(turned_over(mesh, 1), 1)
        x = torch.empty_like(given["x"])
        x[images] = given["x"]
        assert difference(net({**data(other), "x": x})[images], y) < 1e-10
    assert y.std(0).min() > 1e-3


@STRIPS
def test_heat_spreads_round_the_strip(shape: str):
    mesh, domain = ONE_SIDED[shape](), Mesh(eigenfunctions=20)
    torch.manual_seed(0)
    block = DiffusionBlock(er.Space(domain, 16 * O2.trivial), er.Space(domain, 3 * O2.trivial)).double()
    net = er.Blueprint([block])
    with torch.no_grad():
        y = net(data(mesh))
        other, images = shuffled(turned_over(mesh))
        assert difference(net(data(other))[images], y) < 1e-9
    assert y.std(0).min() > 1e-2


def test_several_surfaces_some_with_one_side():
    net, parts = network(Mesh(eigenfunctions=0)), [data(potato(1), 3), data(moebius(), 3, 1)]
    joined = {
        "x": torch.cat([part["x"] for part in parts]),
        "pos": torch.cat([part["pos"] for part in parts]),
        "face": torch.cat([parts[0]["face"], parts[1]["face"] + len(parts[0]["pos"])], dim=1),
        "ptr": torch.tensor([0, len(parts[0]["pos"]), len(parts[0]["pos"]) + len(parts[1]["pos"])]),
    }
    assert difference(net(joined), torch.cat([net(part) for part in parts])) < 1e-11


def test_vectors_in_space_do_not_know_the_side():
    domain = Mesh(eigenfunctions=0)
    torch.manual_seed(0)
    scalars, vectors = er.Space(domain, 3 * O2.trivial), er.Space(domain, 2 * O2.irrep(1, 1))
    net = er.Blueprint([MeshConv(scalars, vectors), AmbientVectors(vectors)]).double()
    mesh = moebius()
    given = data(mesh, 3)
    assert difference(net({**data(turned_over(mesh)), "x": given["x"]}), net(given)) < 1e-12


# ---- what is refused -----------------------------------------------------------------------------------------------
def test_what_tells_left_from_right_is_refused_in_words():
    domain = Mesh(eigenfunctions=10)
    for layer in (
        MeshConv(er.Space(domain, 3 * SO2.trivial), er.Space(domain, SO2.irrep(1))),
        DiffusionBlock(er.Space(domain, 3 * SO2.trivial), er.Space(domain, SO2.trivial)),
        MeshPool(er.Space(domain, 3 * SO2.trivial)),
    ):
        with pytest.raises(InputError, match="not oriented alike") as refused:
            er.Blueprint([layer]).double()(data(moebius(), 3))
        assert "er.Isometries()" in str(refused.value)
    with pytest.raises(InputError, match="the shape of a surface"):
        Mesh(intrinsic=False).read(data(turned_over(sheet())))


def test_parts_that_touch_in_a_point_are_refused_here_too():
    points, faces = moebius()
    both = np.concatenate([points, points[1:] + 9 * (points[0] - points[1:]) / 2])
    other = np.where(faces == 0, 0, faces + len(points) - 1)
    with pytest.raises(InputError, match="vertex 0 where parts"):
        computed(both, np.concatenate([faces, other]), Asked(0))
