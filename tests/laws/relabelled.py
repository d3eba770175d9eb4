"""The one list, continued: sets, graphs and points, random ones of every awkward kind, and how they are relabelled."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import pytest
import torch

import erlangen as er
from erlangen.domains import Graph, GraphEdges, Mesh, Points, Set
from erlangen.groups import C, D, Icosahedral, O, Octahedral, Trivial
from erlangen.layers import Layer
from erlangen.signal import Space
from erlangen.testing import batches
from erlangen.testing.batches import Data as Data
from erlangen.testing.batches import moved_by as moved_by
from erlangen.testing.batches import one_of as one_of
from erlangen.testing.batches import relabelled as relabelled
from erlangen.testing.batches import rows_of as rows_of
from tests.meshes import pages, potato, sheet, soup, tetrahedron

Maker = Callable[[], Layer]
SHAPES = (tetrahedron, lambda: potato(0), lambda: sheet(3, 3))
POINTS_ALONE = (potato(0)[0], torch.zeros(0, 3, dtype=torch.int64).numpy())
NO_SURFACES = (lambda: pages(3, 2, 3), lambda: soup(9, 20), lambda: POINTS_ALONE)


def drawn(space: Space, seed: int, signals: int = 3, dtype: torch.dtype = torch.float64, weights: bool = False) -> Data:
    """As the library's own test of layers draws them; of surfaces more kinds."""
    if isinstance(space.domain, Mesh):
        return surfaces(space, torch.Generator().manual_seed(seed), signals, dtype)
    return batches.drawn(space, seed, signals, dtype, weights)


def surfaces(space: Space, generator: torch.Generator, signals: int, dtype: torch.dtype) -> Data:
    """Closed and open ones, of 4, 9 and 12 vertices, each a little out of shape; and what is none, where it may be."""
    parts, start = [], 0
    shapes = (*SHAPES, *NO_SURFACES) if space.domain.laplacian == "tufted" else SHAPES
    for _ in range(signals):
        points, faces = shapes[int(torch.randint(len(shapes), (), generator=generator))]()
        bumps = 0.1 * torch.randn(*points.shape, generator=generator, dtype=torch.float64)
        parts.append((torch.as_tensor(points) + bumps, torch.as_tensor(faces.T.copy()) + start))
        start += len(points)
    made = {
        "pos": torch.cat([pos for pos, _ in parts]).to(dtype),
        "face": torch.cat([face for _, face in parts], dim=1),
    }
    made["batch"] = torch.repeat_interleave(torch.arange(signals), torch.tensor([len(pos) for pos, _ in parts]))
    x = torch.randn(start, space.channels, generator=generator, dtype=torch.float64)
    return {**made, "x": x.to(dtype)}


# ---- layers and networks -------------------------------------------------------------------------------------------
NONE, D4, C3 = Trivial().trivial, D(4), C(3)
VECTORS = 2 * D4.trivial + D4.standard + D4.regular
SET, GRAPH, BONDS = Set(), Graph(), Graph(edge_features=2)
PLANE, IN_PLANE = Points(2, radius=2.0), 3 * O(2).trivial + 2 * O(2).irrep(1, 1) + O(2).irrep(1, 2)
ABOUT, ICOSAHEDRAL = 2 * Points(3).vectors(C(4)) + 3 * C(4).trivial, Icosahedral()
CUBE = Octahedral().trivial + Octahedral().standard + Octahedral().irrep(2)
NEAREST = Points(3, neighbours=3)
BONDED = Points(3, radius=3.0, edge_features=2)
POINTS, FIELDS = Points(3, radius=1.5), 3 * O(3).trivial + 2 * O(3).standard  # scalars and vectors on points in space


def _layers() -> dict[str, Maker]:
    L = er.layers
    scalars = {name: Space(domain, 8 * NONE) for name, domain in (("set", SET), ("graph", GRAPH), ("bonds", BONDS))}
    wide = {name: Space(space.domain, 12 * NONE) for name, space in scalars.items()}
    made: dict[str, Maker] = {
        "set, linear": lambda: L.linear(scalars["set"], wide["set"]),
        "set, linear, vectors": lambda: L.linear(Space(SET, VECTORS), Space(SET, D4.regular + D4.standard)),
        "set, itself alone": lambda: L.SetLinear(scalars["set"], wide["set"], relations=["itself"]),
        "set, attention": lambda: L.SetAttention(scalars["set"], wide["set"], heads=2),
        "set, induced": lambda: L.SetAttention(scalars["set"], wide["set"], heads=2, induced=3),
        "set, batch norm": lambda: L.normalize(Space(SET, VECTORS)),
        "set, points normalised": lambda: L.normalize(Space(SET, VECTORS), kind="points"),
        "set, norms": lambda: L.NormNonlinearity(Space(SET, VECTORS)),
        "set, mean": lambda: L.PackedPool(Space(SET, VECTORS)),
        "set, all three": lambda: L.PackedPool(scalars["set"], "mean+max+sum"),
        "set, invariants": lambda: L.invariant(Space(SET, VECTORS)),
        "set, residual": lambda: L.skip([L.linear(scalars["set"], scalars["set"]), L.Pointwise(scalars["set"])], "add"),
        "graph, convolution": lambda: L.linear(scalars["graph"], wide["graph"]),
        "graph, convolution to fewer": lambda: L.GraphConv(wide["graph"], scalars["graph"]),
        "graph, all relations": lambda: L.GraphConv(scalars["graph"], wide["graph"], relations=GRAPH.relations),
        "graph, one matrix": lambda: L.GraphConv(scalars["graph"], wide["graph"], relations=["neighbourhood"]),
        "graph, vectors": lambda: L.linear(Space(GRAPH, VECTORS), Space(GRAPH, D4.standard + D4.regular)),
        "graph, attention": lambda: L.GraphAttention(scalars["graph"], wide["graph"], heads=3),
        "graph, everyone attends": lambda: L.SetAttention(scalars["graph"], wide["graph"], heads=3),
        "graph, attention over bonds": lambda: L.GraphAttention(scalars["bonds"], wide["bonds"], heads=2),
        "graph, pairs there and back": lambda: _by_pairs(scalars["bonds"]),
        "graph, to edges": lambda: L.linear(scalars["bonds"], Space(GraphEdges(), 5 * NONE)),
        "graph, vectors to edges": lambda: L.GraphToEdges(
            Space(GRAPH, VECTORS), Space(GraphEdges(), D4.standard + D4.regular), ["source", "target", "everyone"]
        ),
        "graph, structure": lambda: L.SetAttention(scalars["bonds"], wide["bonds"], heads=3, structure=4),
        "graph, walks": lambda: L.Chain(
            [L.GraphWalks(scalars["graph"], 3), L.SetAttention(scalars["graph"], wide["graph"], structure=3)]
        ),
        "graph, returns of a walk": lambda: L.GraphPositions(scalars["graph"], "walk", 3),
        "graph, heat": lambda: L.GraphPositions(Space(GRAPH, VECTORS), "heat", 3),
        "graph, spectrum": lambda: L.SpectralPositions(scalars["graph"], 3),
        "graph, overlapping clusters": lambda: L.skip(L.pool(Space(GRAPH, VECTORS))),
        "graph, overlapping clusters, maximum": lambda: L.skip(L.GraphPool(scalars["bonds"], 0.3, "max")),
        "graph, soft clusters": lambda: L.skip(L.pool(Space(GRAPH, VECTORS), method="soft", clusters=3)),
        "graph, a partition": lambda: L.skip(L.pool(Space(GRAPH, VECTORS), method="partition")),
        "graph, clusters of clusters": lambda: L.skip(_twice(scalars["graph"])),
        "points, sum": lambda: L.PackedPool(Space(POINTS, FIELDS), "sum"),
        "points, invariants": lambda: L.invariant(Space(POINTS, FIELDS)),
        "points, points normalised": lambda: L.normalize(Space(POINTS, FIELDS), kind="points"),
        "points, within a radius": lambda: L.linear(Space(POINTS, FIELDS), Space(POINTS, FIELDS)),
        "points, all joined": lambda: L.PointConv(
            Space(Points(3), O(3).irrep(2, 1) + 2 * O(3).irrep(1, 1)), Space(Points(3), 3 * O(3).irrep(1, -1)), 3
        ),
        "points, nearest": lambda: L.PointConv(Space(NEAREST, FIELDS), Space(NEAREST, FIELDS)),
        "points in the plane": lambda: L.PointConv(Space(PLANE, IN_PLANE), Space(PLANE, IN_PLANE), 3),
        "points, a finite group": lambda: L.PointConv(Space(POINTS, CUBE), Space(POINTS, CUBE), 2),
        "points, about an axis": lambda: L.PointConv(Space(POINTS, 4 * C(4).regular), Space(POINTS, C(4).regular)),
        "points, no group": lambda: L.PointConv(Space(POINTS, 5 * NONE), Space(POINTS, 4 * NONE), 1),
        "points, in a unit": lambda: L.Rescale(Space(POINTS, FIELDS)).fill(
            torch.tensor([1.0, -2.0, 0.5, *[0.0] * 6]), torch.tensor([2.0, 3.0, 0.1, *[4.0] * 3, *[0.2] * 3])
        ),
        "points, pooled, and back": lambda: L.skip(L.PointPool(Space(POINTS, FIELDS), 0.4)),
        "points, pooled by maxima, and back": lambda: L.skip(L.pool(Space(NEAREST, 4 * NONE), method="max")),
        "points, pooled twice, and back": lambda: L.skip(_thinned(Space(PLANE, IN_PLANE))),
        "points, EGNN": lambda: L.EGNN(Space(POINTS, FIELDS), Space(POINTS, FIELDS), 8),
        "points, EGNN that moves": lambda: L.EGNN(*[Space(NEAREST, FIELDS)] * 2, 8, moved=True, moves=True),
        "points, EGNN about an axis": lambda: L.EGNN(*[Space(Points(3), ABOUT)] * 2, 8, moves=True),
        "points, EGNN without vectors": lambda: L.EGNN(Space(PLANE, 5 * NONE), Space(PLANE, 4 * NONE), 8),
        "points, PointConv over bonds": lambda: L.PointConv(Space(BONDED, FIELDS), Space(BONDED, FIELDS)),
        "points, EGNN over bonds": lambda: L.EGNN(Space(BONDED, FIELDS), Space(BONDED, FIELDS), 8),
        "points, PaiNN over bonds": lambda: L.PaiNN(Space(BONDED, FIELDS), Space(BONDED, FIELDS), 8),
        "points, PaiNN": lambda: L.PaiNN(Space(POINTS, FIELDS), Space(POINTS, FIELDS), 8),
        "points, PaiNN in the plane": lambda: L.PaiNN(*[Space(PLANE, 2 * O(2).trivial + O(2).standard)] * 2, 8),
        "points, PaiNN of vectors": lambda: L.PaiNN(*[Space(Points(3), 2 * ICOSAHEDRAL.standard)] * 2, 8),
        "points, PaiNN without vectors": lambda: L.PaiNN(Space(NEAREST, 5 * NONE), Space(NEAREST, 4 * NONE), 8),
        "points, SEGNO": lambda: L.SEGNO(Space(POINTS, FIELDS), Space(POINTS, FIELDS), 6, 8, 2),
        "points, SEGNO about an axis": lambda: L.SEGNO(
            Space(Points(3), 3 * C(4).trivial), Space(Points(3), 2 * Points(3).vectors(C(4)) + C(4).trivial), 6, 8, 2
        ),
        "points, norms": lambda: L.NormNonlinearity(Space(POINTS, FIELDS)),
        "points, forces": lambda: _pulled(L.PointConv(*[Space(POINTS, FIELDS)] * 2)),
        "points, forces of EGNN that moves": lambda: _pulled(L.EGNN(*[Space(NEAREST, FIELDS)] * 2, 8, moves=True)),
        "points, forces across scales": lambda: _pulled(L.skip(_heard(L.PointPool(Space(NEAREST, FIELDS), 0.5)))),
        "graph, maximum": lambda: L.PackedPool(scalars["graph"], "max"),
    }
    for aggregate in ("mean", "sum", "max"):
        made[f"graph, messages, {aggregate}"] = lambda aggregate=aggregate: L.GraphMessages(
            scalars["bonds"], wide["bonds"], aggregate
        )
    if find_spec("cuequivariance_torch"):
        made["points, by cuequivariance"] = lambda: L.PointConv(*[Space(POINTS, FIELDS)] * 2, way="cuequivariance")
    return made


def _twice(space: Space) -> list[Layer]:
    L = er.layers
    first = L.GraphPool(space, method="max")
    soft = L.GraphClusters(first.target, 3)
    return [first, L.GraphConv(first.target, first.target), soft, L.GraphMessages(soft.target, soft.target)]


def _thinned(space: Space) -> list[Layer]:
    L = er.layers
    first = L.PointPool(space, 0.5)
    return [first, L.PointConv(first.target, first.target), L.PointPool(first.target, 0.3)]


def _pulled(first: Layer) -> Layer:
    return er.layers.Conservative([first, er.layers.EGNN(first.target, Space(first.target.domain, O(3).trivial), 8)])


def _heard(pool: Layer) -> list[Layer]:
    return [pool, er.layers.EGNN(pool.target, pool.target, 8)]


def _by_pairs(space: Space) -> Layer:
    there = er.layers.GraphToPairs(space)
    wide = Space(there.target.domain, 6 * NONE)
    back = er.layers.PairsToGraph(wide, space)
    return er.layers.Chain([there, er.layers.PairLinear(there.target, wide), er.layers.PairProduct(wide, wide), back])


def _networks() -> dict[str, Callable[[], er.Blueprint]]:
    made: dict[str, Callable[[], er.Blueprint]] = {}

    outputs = {"classes": er.Invariant(3), "values": er.Equivariant(2), "edges": er.Equivariant(2, edges=True)}

    def add(name: str, domain: Any, group: Any = None, given: Any = 3, **choices: Any) -> None:
        for kind, output in outputs.items():
            if kind == "edges" and not isinstance(domain, Graph):
                continue
            task = er.Task(domain, group, given, output)
            made[f"{name}, {kind}"] = lambda task=task: er.derive(task, width=8, **choices)

    for layer in ("linear", "attention", "induced"):
        add(f"set, {layer}", SET, layer=layer)
    for layer in ("convolution", "attention", "messages", "transformer", "pairs", "products"):
        add(f"graph, {layer}", GRAPH, layer=layer)
        add(f"graph with bonds, {layer}", BONDS, layer=layer)
    for where in ("walk", "heat", "laplacian"):
        add(f"graph, positions by {where}", GRAPH, positions=where, depth=1)
    for how in ("overlapping", "soft", "partition"):
        add(f"graph, coarser, {how}", BONDS, scales=2, coarsen=how, clusters=3, depth=1)
    add("graph, three scales of attention", GRAPH, scales=3, layer="attention", depth=1)
    add("graph, transformer without edges", GRAPH, layer="transformer", structure=0)
    add("graph of vectors, coarser", GRAPH, D4, D4.trivial + D4.standard, scales=2, depth=1)
    add("set of vectors", SET, D4, D4.standard)
    add("graph of vectors", GRAPH, D4, D4.trivial + D4.standard)
    add("graph, plain", GRAPH, er.Relabelling(), residual=False, normalize=False, pool="sum", depth=2)
    add("graph, points normalised", GRAPH, normalize="points", depth=1)
    for name, domain, group, given in (
        ("points in space", POINTS, None, 3 * O(3).trivial + O(3).standard),
        ("points, nearest", NEAREST, er.SO(3), 3),
        ("points in the plane", PLANE, None, 2),
        ("points, turns of a cube", Points(3), Octahedral(), 2),
        ("points, turns about an axis", POINTS, C(4), 2),
    ):
        add(name, domain, group, given, depth=2)
    add("points of higher degree", POINTS, None, 3, depth=2, degree=2, normalize="points", pool="sum")
    scalars_and_vector = 2 * O(3).trivial + O(3).standard
    add("points, EGNN", POINTS, None, scalars_and_vector, depth=2, layer="egnn", normalize="points")
    add("points with bonds, two scales of PaiNN", BONDED, None, 2, depth=1, layer="painn", scales=2, ratio=0.5)
    add("points, PaiNN", Points(3), C(4), 2, depth=2, layer="painn", normalize=True)
    add("points, two scales", POINTS, None, scalars_and_vector, depth=1, scales=2)
    add("points, three scales of PaiNN", Points(2), er.SO(2), 2, depth=1, scales=3, layer="painn", ratio=0.5)
    add("points, two scales of EGNN", NEAREST, None, 2, depth=1, scales=2, layer="egnn", ratio=0.4, pool="sum")
    moving = er.Task(NEAREST, None, scalars_and_vector, er.Positions())
    made["points that move in EGNN"] = lambda: er.derive(moving, width=10, depth=2, layer="egnn")
    made["points that move in PaiNN"] = lambda: er.derive(moving, width=8, depth=1, layer="painn")
    moved = er.Task(Points(3), None, 2, er.Positions())
    made["points that move"] = lambda: er.derive(moved, width=8, depth=2)
    flies = er.Task(Points(3), None, O(3).trivial + O(3).standard, er.Positions())
    made["points that fly"] = lambda: er.derive(flies, layer="segno", width=8, depth=3, hidden=8)
    for name, domain, group in (
        ("bending", Mesh(eigenfunctions=3), er.Isometries()),
        ("left and right", Mesh(eigenfunctions=3), er.Isometries(oriented=True)),
        ("rigid motions", Mesh(eigenfunctions=3, intrinsic=False), er.RigidMotions()),
    ):
        add(f"mesh, {name}", domain, group, depth=1, normalize=False)
        add(f"mesh, {name}, kernels", domain, group, depth=2, layer="gauge", nonlinearity="norm")
    add("mesh, better triangles", Mesh(eigenfunctions=3, laplacian="delaunay"), er.Isometries(), depth=1)
    add("mesh, no surface", Mesh(eigenfunctions=3, laplacian="tufted"), er.Isometries(), depth=1)
    add("mesh, two scales", Mesh(eigenfunctions=3), er.Isometries(), depth=1, scales=2, normalize=False)
    add("mesh, two scales of kernels", Mesh(eigenfunctions=3), er.Isometries(), depth=1, scales=2, layer="gauge")
    add("mesh, kernels within a radius", Mesh(eigenfunctions=0, radius=0.6), None, depth=1, rings=1)
    add("graph, by direction", GRAPH, relations=("itself", "neighbours", "followers"))
    return made


PACKED_LAYERS = [pytest.param(make, id=name) for name, make in _layers().items()]
PACKED_NETWORKS = [pytest.param(make, id=name) for name, make in _networks().items()]
