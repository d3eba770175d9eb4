"""Coarser surfaces: about a quarter of the vertices, whatever frames, order and pose; constants and areas stay."""

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.domains import Mesh
from erlangen.domains.coarser_surface import coarsened
from erlangen.domains.surface import Surface, regauged
from erlangen.errors import InputError, SpaceError
from erlangen.layers import MeshPool, MeshUpsample
from tests.laws.signals import difference
from tests.meshes import MESHES, copies, data, potato, sheet, shuffled

G = er.SO(2)
RHO = 2 * G.trivial + 2 * G.irrep(1) + G.irrep(2)
SHAPES = pytest.mark.parametrize("shape", MESHES)
VIBRATIONS = pytest.mark.parametrize("eigenfunctions", [12, 0])


def pools(eigenfunctions: int, rho: object = RHO) -> tuple[MeshPool, MeshUpsample]:
    fine = er.Space(Mesh(eigenfunctions=eigenfunctions), rho)
    pool = MeshPool(fine)
    return pool, MeshUpsample(pool.target, fine)


def read(pool: MeshPool, mesh: tuple[np.ndarray, np.ndarray], **given: torch.Tensor) -> tuple[torch.Tensor, Surface]:
    return pool.domain.read({**data(mesh, pool.source.channels), **given})


@VIBRATIONS
@SHAPES
def test_frames_and_orders_mean_nothing_there_and_back(shape: str, eigenfunctions: int):
    mesh = MESHES[shape]()
    pool, up = pools(eigenfunctions)
    x, surface = read(pool, mesh)
    angles = 6 * torch.rand(len(x), generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    turns = torch.stack([torch.as_tensor(RHO(G.element(-float(a)))) for a in angles])
    there = lambda v: torch.einsum("nij,nj->ni", turns, v)  # noqa: E731
    back = lambda v, on: up.flow(*pool.flow(v, on))[0]  # noqa: E731
    y = back(x, surface)
    assert difference(back(there(x), regauged(surface, angles)), there(y)) < 1e-10
    scalars, up_again = pools(eigenfunctions, 2 * G.trivial)
    other, images = shuffled(mesh)
    given = data(mesh, 2)["x"]
    again = torch.empty_like(given)
    again[images] = given
    pairs = ((mesh, given), (other, again))
    first, second = (up_again.flow(*scalars.flow(*read(scalars, m, x=v)))[0] for m, v in pairs)
    assert difference(second[images], first) < 1e-10


@VIBRATIONS
def test_constants_and_areas_stay_and_smooth_signals_nearly(eigenfunctions: int):
    pool, up = pools(eigenfunctions, 2 * G.trivial)
    x, surface = read(pool, potato(3))
    coarse = coarsened(surface)
    assert 0.15 < len(coarse.mass) / len(x) < 0.4 and coarse.mass.min() > 0
    assert float(coarse.mass.sum()) == pytest.approx(float(surface.mass.sum()))
    ones = torch.ones_like(x)
    y, support = pool.flow(ones, surface)
    assert difference(y, torch.ones_like(y)) < 1e-12 and difference(up.flow(y, support)[0], ones) < 1e-12
    smooth = surface.position[:, :2] / surface.position.abs().max()
    y, support = pool.flow(smooth, surface)
    assert difference(y, coarse.position[:, :2] / surface.position.abs().max()) < 0.1
    assert difference(up.flow(y, support)[0], smooth) < 0.25
    means = [on.mass @ values / on.mass.sum() for on, values in ((surface, smooth), (coarse, y))]
    assert torch.allclose(*means)


def test_coarse_geometry_is_that_of_the_surface():
    """Neighbours lie where they do in space, slopes of linear functions are theirs, and vibrations stay orthonormal."""
    surface = Mesh(eigenfunctions=12).read(data(potato(4)))[1]
    coarse = coarsened(surface)
    apart = coarse.position[coarse.edges.source] - coarse.position[coarse.edges.target]
    assert ((apart.norm(dim=1) / coarse.offset.norm(dim=1)) - 1).abs().max() < 0.15
    flat = torch.einsum("nix,nx->ni", coarse.frames[coarse.edges.target], apart)
    assert (flat - coarse.offset).norm(dim=1).max() < 0.2 * coarse.offset.norm(dim=1).max()
    gram = coarse.functions.T @ (coarse.functions * coarse.mass[:, None])
    assert torch.allclose(gram, torch.eye(12).double(), atol=1e-9)
    normal = coarsened(coarse)
    assert 0.1 < len(normal.mass) / len(coarse.mass) < 0.5 and normal.finer is coarse


def test_bent_surfaces_are_coarsened_alike():
    kept = [coarsened(Mesh(eigenfunctions=12).read(data(sheet(9, 13, bends)))[1]).down for bends in (False, True)]
    assert all(torch.equal(a, b) for a, b in zip(kept[0][:2], kept[1][:2], strict=True))
    assert torch.allclose(kept[0].share, kept[1].share) and torch.allclose(
        kept[0].transport, kept[1].transport, atol=1e-9
    )


def test_surfaces_of_a_batch_are_coarsened_by_themselves():
    pool, _ = pools(12, 2 * G.trivial)
    parts = [data(potato(1), 2), data(sheet(), 2, 1)]
    joined = {name: torch.cat([part[name] for part in parts]) for name in ("x", "pos")}
    joined["face"] = torch.cat([parts[0]["face"], parts[1]["face"] + 42], dim=1)
    joined["batch"] = torch.repeat_interleave(torch.arange(2), torch.tensor([42, 63]))
    apart = torch.cat([pool.flow(*pool.domain.read(part))[0] for part in parts])
    assert difference(pool.flow(*pool.domain.read(joined))[0], apart) < 1e-12


def test_what_does_not_fit_is_refused():
    fine = er.Space(Mesh(), G.trivial)
    with pytest.raises(SpaceError):
        MeshPool(er.Space(er.Set(), G.trivial))
    with pytest.raises(SpaceError):
        MeshUpsample(fine, fine)
    with pytest.raises(SpaceError):
        er.layers.pool(fine, 4)
    pool, up = pools(12, 2 * G.trivial)
    x, surface = read(pool, potato(1))
    with pytest.raises(InputError, match="coarser"):
        up.flow(x, surface)
    assert er.layers.pool(fine).target.domain == Mesh(level=1) and er.layers.upsample(er.layers.pool(fine).target, fine)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_numbers_of_few_digits_are_pooled(dtype: torch.dtype):
    down, up = pools(8)
    given = {name: v.to(dtype) if v.is_floating_point() else v for name, v in data(potato(2), 8).items()}
    values, surface = down.domain.read(given)
    coarse, kept = down.flow(values, surface)
    back, _ = up.flow(coarse, kept)
    assert coarse.dtype == kept.functions.dtype == dtype and back.shape == values.shape and back.isfinite().all()


def test_a_speck_does_not_keep_all_vertices_from_going():
    points, faces = copies(potato(2), 2)
    mixed = np.concatenate([points[:162], 1e-4 * potato(2)[0] + 5])
    values, surface = read(pools(20)[0], (mixed, faces))
    _, kept = pools(20)[0].flow(values, surface)
    assert (kept.position[:, 0] < 4).sum() < 90
