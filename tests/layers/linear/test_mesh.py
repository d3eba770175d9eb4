"""Layers on surfaces: frames, orders and bending change nothing; as many weights as kernels; GEM-CNN by loops."""

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.domains import Mesh
from erlangen.domains.surface import regauged
from erlangen.errors import InputError, RepresentationError, SpaceError
from erlangen.layers import DiffusionBlock, MeshConv
from erlangen.representations import Representation
from tests.laws.signals import difference
from tests.meshes import MESHES, data, potato, sheet, shuffled

SO2, O2 = er.SO(2), er.O(2)
RHO = {
    "SO(2)": 3 * SO2.trivial + 2 * SO2.irrep(1) + SO2.irrep(2),
    "O(2)": 3 * O2.trivial + 2 * O2.irrep(1, 1) + O2.irrep(1, 2) + O2.sign,
}
FIELDS = pytest.mark.parametrize("fields", RHO)
SHAPES = pytest.mark.parametrize("shape", MESHES)
DOMAINS = {"next": Mesh(eigenfunctions=0), "within": Mesh(eigenfunctions=0, radius=0.4)}
REACH = pytest.mark.parametrize("reach", DOMAINS)


def conv(fields: str, reach: str, source: Representation | None = None, target: Representation | None = None):
    torch.manual_seed(0)
    rho, domain = RHO[fields], DOMAINS[reach]
    return MeshConv(er.Space(domain, source or rho), er.Space(domain, target or rho)).double()


def block(group: er.SO | er.O, seed: int = 0) -> DiffusionBlock:
    torch.manual_seed(seed)
    domain = Mesh(eigenfunctions=20)
    return DiffusionBlock(er.Space(domain, 6 * group.trivial), er.Space(domain, 5 * group.trivial)).double()


def in_frames(rho: Representation, angles: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """ρ(−α) x, each vertex by its own angle."""
    turns = torch.stack([torch.as_tensor(rho(rho.group.element(-float(a)))) for a in angles])
    return torch.einsum("nij,nj->ni", turns, values)


@FIELDS
@SHAPES
@REACH
def test_frames_may_be_turned_at_every_vertex(fields: str, shape: str, reach: str):
    layer, rho = conv(fields, reach), RHO[fields]
    x, surface = layer.domain.read(data(MESHES[shape](), rho.dim))
    angles = 6 * torch.rand(len(x), generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    with torch.no_grad():
        y = layer.compute(x, surface)
        moved = layer.compute(in_frames(rho, angles, x), regauged(surface, angles))
    assert difference(moved, in_frames(rho, angles, y)) < 1e-12
    assert y.std(0).min() > 1e-3


@FIELDS
def test_the_group_of_a_space_moves_signals_and_frames(fields: str):
    """g·(x, M): all frames alike, mirrors among them."""
    layer = conv(fields, "next")
    x, surface = layer.domain.read(data(potato(), layer.source.channels))
    for g in layer.source.group.sample(4, 0):
        with torch.no_grad():
            moved = layer.compute(layer.source.act(g, x), layer.domain.move_support(g, surface))
            assert difference(moved, layer.target.act(g, layer.compute(x, surface))) < 1e-12


@FIELDS
@SHAPES
@REACH
def test_the_order_of_vertices_faces_and_corners_means_nothing(fields: str, shape: str, reach: str):
    """Through tangent fields and back, since other orders have other frames."""
    scalars = 3 * RHO[fields].group.trivial
    there, back = conv(fields, reach, source=scalars), conv(fields, reach, target=scalars)

    def answer(given: dict[str, torch.Tensor]) -> torch.Tensor:
        x, surface = there.domain.read(given)
        with torch.no_grad():
            return back.compute(there.compute(x, surface), surface)

    mesh = MESHES[shape]()
    other, images = shuffled(mesh)
    given = data(mesh, 3)
    x = torch.empty_like(given["x"])
    x[images] = given["x"]
    assert difference(answer({**data(other), "x": x})[images], answer(given)) < 1e-11


@REACH
def test_bending_changes_nothing(reach: str):
    """A strip folded along its columns; and what is stretched is another surface."""
    scalars = 3 * SO2.trivial
    layers = [conv("SO(2)", reach, source=scalars), conv("SO(2)", reach, target=scalars)]
    x = data(sheet(), 3)["x"]
    answers = []
    stretched = sheet()
    stretched[0][:, 1] *= 1.3
    for mesh in (sheet(), sheet(bends=True), stretched):
        values, surface = layers[0].domain.read({**data(mesh), "x": x})
        for layer in layers:
            values = layer.compute(values, surface).detach()
        answers.append(values)
    assert difference(answers[1], answers[0]) < 1e-12 < 1e-3 < difference(answers[2], answers[0])


@FIELDS
def test_as_many_weights_as_kernels(fields: str):
    """Of one distance all matrices, or with mirrors half of them where they move anything; and what commutes."""
    vectors = RHO[fields].group.irrep(1) if fields == "SO(2)" else O2.irrep(1, 1)
    trivial, half = RHO[fields].group.trivial, 2 if fields == "O(2)" else 1
    domain = DOMAINS["next"]
    for rings in (1, 3):
        count = [
            MeshConv(er.Space(domain, a), er.Space(domain, b), rings, bias=False).free_weights()
            for a, b in ((vectors, vectors), (trivial, vectors), (vectors, trivial), (trivial, trivial))
        ]
        assert count == [4 * rings // half + 2 // half, 2 * rings // half, 2 * rings // half, rings + 1]


def test_it_is_the_published_convolution():
    """y_p = W_self x_p + mean_q ρ_out(θ) W ρ_in(g − θ) x_q with one ring, by loops, from vectors to vectors."""
    domain, vector = DOMAINS["next"], SO2.irrep(1)
    torch.manual_seed(0)
    layer = MeshConv(er.Space(domain, vector), er.Space(domain, vector), rings=1, bias=False).double()
    x, surface = domain.read(data(potato(1), 2))
    by_way = {}
    for way, weight in zip(layer.kernel.ways, layer.kernel.weights, strict=True):
        name = "self" if way.route is None else "mirrored" if way.route.conjugate else "turned"
        by_way[name] = (way.patterns * weight.detach().numpy().reshape(-1, 1, 1)).sum(0)
    mirror = np.diag([1.0, -1.0])
    turn = lambda a: np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])  # noqa: E731
    edges, expected = surface.edges, []
    for p in range(len(x)):
        total, mass = np.zeros(2), 0.0
        for e in range(int(edges.into[p]), int(edges.into[p + 1])):
            q, theta = int(edges.source[e]), float(torch.atan2(*surface.offset[e].flip(0)))
            kernel = by_way["turned"] + by_way["mirrored"] @ mirror  # free: one half commutes with turns, one does not
            carried = turn(float(surface.transport[e]) - theta) @ x[q].numpy()
            total += float(surface.mass[q]) * turn(theta) @ kernel @ carried
            mass += float(surface.mass[q])
        expected.append(by_way["self"] @ x[p].numpy() + 6**0.5 * total / mass)
    assert difference(layer.compute(x, surface).detach(), torch.as_tensor(np.array(expected))) < 1e-12


def test_functions_sampled_around_the_circle_keep_frames_the_better_the_more_samples():
    """The error falls with the square of their number; between them linear layers are exact."""
    domain, rho = DOMAINS["next"], 4 * SO2.band_limited_regular(2)
    space = er.Space(domain, rho)
    torch.manual_seed(0)
    layer = MeshConv(space, space).double()
    x, surface = domain.read(data(potato(), rho.dim))
    angles = 6 * torch.rand(len(x), generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    told, other, errors = in_frames(rho, angles, x), regauged(surface, angles), []
    for samples in (15, 30, 60):
        act = er.layers.nonlinearity(space, "fourier", samples=samples).double()
        with torch.no_grad():
            y, moved = act.compute(layer.compute(x, surface)), act.compute(layer.compute(told, other))
        errors.append(float((moved - in_frames(rho, angles, y)).norm() / y.norm()))
        assert "falls with the square" in act.reason().law
    assert errors[0] < 0.03 and errors[2] < 0.003, errors
    assert errors[0] > 3 * errors[1] > 9 * errors[2]


# ---- diffusion -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("group", [SO2, O2], ids=str)
@SHAPES
def test_diffusion_sees_the_surface_alone(group: er.SO | er.O, shape: str):
    """No frames, no order; with mirrors no left and right."""
    layer, mesh = block(group), MESHES[shape]()
    x, surface = layer.domain.read(data(mesh, 6))
    with torch.no_grad():
        y = layer.compute(x, surface)
        angles = 6 * torch.rand(len(x), dtype=torch.float64)
        assert difference(layer.compute(x, regauged(surface, angles)), y) < 1e-12
        other, images = shuffled(mesh)
        again = torch.empty_like(x)
        again[images] = x
        assert difference(layer.compute(*layer.domain.read({**data(other), "x": again}))[images], y) < 1e-9
        points, faces = mesh
        mirrored = layer.domain.read({**data((points * [-1, 1, 1], faces[:, ::-1].copy())), "x": x})
        change = difference(layer.compute(*mirrored), y)
    assert change < 1e-9 if group == O2 else change > 0.01
    assert y.std(0).min() > 1e-2


def test_diffusion_does_not_see_bending_size_or_signs_of_eigenfunctions():
    layer = block(SO2)
    x = data(sheet(), 6)["x"]
    flat, folded = (layer.domain.read({**data(sheet(bends=bends)), "x": x}) for bends in (False, True))
    points, faces = sheet()
    large = layer.domain.read({**data((7 * points, faces)), "x": x})
    other = flat[1]._replace(functions=-flat[1].functions)
    with torch.no_grad():
        y = layer.compute(*flat)
        for given in (folded, large, (x, other)):
            assert difference(layer.compute(*given), y) < 1e-9


def test_surfaces_of_a_batch_do_not_hear_each_other():
    layers = [block(O2), conv("O(2)", "next", source=6 * O2.trivial)]
    for layer in layers:
        parts = [data(potato(1), 6), data(sheet(), 6, 1)]
        joined = {
            "x": torch.cat([part["x"] for part in parts]),
            "pos": torch.cat([part["pos"] for part in parts]),
            "face": torch.cat([parts[0]["face"], parts[1]["face"] + len(parts[0]["pos"])], dim=1),
            "batch": torch.repeat_interleave(torch.arange(2), torch.tensor([len(part["pos"]) for part in parts])),
        }
        net = er.Blueprint([layer])
        apart = torch.cat([net(part) for part in parts])
        if layer.target.rho.is_trivial:
            assert difference(net(joined), apart) < 1e-11
        assert er.build(net.recipe).recipe == net.recipe


def test_times_and_weights_have_gradients():
    for layer in (block(SO2), conv("SO(2)", "within")):
        x, surface = layer.domain.read(data(potato(1), layer.source.channels))
        layer.compute(x, surface).square().sum().backward()
        assert all(
            p.grad is not None and p.grad.isfinite().all() and p.grad.abs().max() > 0 for p in layer.parameters()
        )


def test_what_does_not_fit_is_refused():
    mesh, other = DOMAINS["next"], DOMAINS["within"]
    for source, target in (
        (er.Space(mesh, SO2.trivial), er.Space(other, SO2.trivial)),
        (er.Space(er.Set(), SO2.trivial), er.Space(er.Set(), SO2.trivial)),
    ):
        with pytest.raises(SpaceError):
            MeshConv(source, target)
    with pytest.raises(RepresentationError, match="sum of irreps"):
        MeshConv(er.Space(mesh, SO2.irrep(1).tensor(SO2.irrep(1))), er.Space(mesh, SO2.trivial))
    with pytest.raises(InputError):
        MeshConv(er.Space(mesh, SO2.trivial), er.Space(mesh, SO2.trivial), rings=0)
    with pytest.raises(SpaceError, match="eigenfunctions"):
        DiffusionBlock(er.Space(mesh, SO2.trivial), er.Space(mesh, SO2.trivial))
    with pytest.raises(SpaceError, match="scalars"):
        DiffusionBlock(er.Space(Mesh(), SO2.irrep(1)), er.Space(Mesh(), SO2.trivial))
