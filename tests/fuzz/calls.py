"""Calls of the public interface that work, argument by argument, and values that make no sense for most of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

import erlangen as er
from erlangen import representations, symmetrize


class Call(NamedTuple):
    """`of(**arguments())` works; with one of the arguments another it works, or is refused."""

    of: Callable[..., Any]
    arguments: Callable[[], dict[str, Any]]


class Mean(torch.nn.Module):
    """A model that keeps every symmetry of the plane."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean((-1, -2))


G, GRID = er.C(4), er.Grid(2)
PLANE = er.Space(GRID, G.regular)
POINT = er.Space(er.domains.Point(), G.regular)
TURNS = er.Space(GRID, er.SO(2).irrep(1) + er.SO(2).trivial)
GRAPH = er.Space(er.Graph(), er.Trivial().trivial)
CLOUD = er.Space(er.Points(3, radius=2.0), er.O(3).trivial)
TASK = er.Task(GRID, G, 1, er.Invariant(2))


def images() -> torch.Tensor:
    return torch.rand(16, 1, 5, 5, generator=torch.Generator().manual_seed(0))


def cnn() -> torch.nn.Module:
    torch.manual_seed(0)
    layers = (torch.nn.Conv2d(1, 4, 3, padding=1), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1))
    return torch.nn.Sequential(*layers, torch.nn.Flatten(), torch.nn.Linear(4, 2))


def derived() -> er.Blueprint:
    return er.derive(TASK, width=4, depth=1, scales=1)


def call(of: Callable[..., Any], /, **arguments: Any) -> Call:
    return Call(of, lambda: dict(arguments))


def _semidirect(normal: Any, acting: Any) -> Any:
    return er.semidirect(normal, acting, lambda _: lambda n: ~n)


def _forward(x: Any) -> Any:
    return derived()(x)


def _graphs(x: Any, edge_index: Any, batch: Any) -> Any:
    net = er.derive(er.Task(er.Graph(), input=2, output=er.Invariant(2)), width=4, depth=1)
    return net({"x": x, "edge_index": edge_index, "batch": batch})


def _clouds(pos: Any, x: Any, batch: Any) -> Any:
    task = er.Task(er.Points(3, radius=2.0), er.O(3), input=1, output=er.Invariant(2))
    return er.derive(task, width=4, depth=1)({"pos": pos, "x": x, "batch": batch})


def _meshes(pos: Any, face: Any) -> Any:
    task = er.Task(er.Mesh(eigenfunctions=3), output=er.Invariant(2))
    return er.derive(task, width=4, depth=1)({"pos": pos, "face": face})


def _in_time(x: Any, dt: Any, lengths: Any) -> Any:
    task = er.Task(er.Sequence(), er.TimeWarp(), input=2, output=er.Invariant(2))
    return er.derive(task, width=4, depth=1)(x, dt=dt, lengths=lengths)


AUDIT = {"domain": GRID, "symmetry": G, "output": er.Invariant(1)}
TETRAHEDRON = {"pos": torch.rand(4, 3), "face": torch.tensor([[0, 0, 0, 1], [1, 2, 3, 3], [2, 3, 1, 2]])}

CALLS: dict[str, Call] = {
    "C": call(er.C, n=4, axis=2),
    "D": call(er.D, n=3, axis=None),
    "SO": call(er.SO, n=2),
    "O": call(er.O, n=3),
    "S": call(er.S, n=3),
    "Isometries": call(er.Isometries, oriented=True),
    "wreath": call(er.wreath, part=er.C(2), n=2),
    "semidirect": call(_semidirect, normal=er.C(3), acting=er.C(2)),
    "from_permutations": call(er.Group.from_permutations, generators=[[1, 0, 2], [1, 2, 0]]),
    "from_matrices": call(er.Group.from_matrices, generators=[[[0, -1], [1, 0]]]),
    "element": call(lambda thing: G.element(thing), thing=0.0),
    "contains": call(lambda thing: G.contains(thing), thing=G.generators[0]),
    "subgroup": call(lambda thing: G.subgroup([thing]), thing=G.generators[0]),
    "product of groups": call(lambda other: G * other, other=er.Mirror()),
    "sample": call(lambda n, rng: G.sample(n, rng), n=2, rng=None),
    "matrix": call(lambda g: G.regular(g), g=G.generators[0]),
    "sum": call(lambda other: G.regular + other, other=G.trivial),
    "multiple": call(lambda n: n * G.regular, n=2),
    "tensor": call(lambda other: G.regular.tensor(other), other=G.trivial),
    "restrict": call(lambda other: G.regular.restrict(other), other=er.C(2)),
    "induce": call(lambda other: er.C(2).regular.induce(other), other=G),
    "quotient": call(lambda other: G.quotient(other), other=er.C(2)),
    "irrep": call(lambda k: G.irrep(k), k=1),
    "irrep of O(3)": call(lambda l, p: er.O(3).irrep(l, p), l=1, p=-1),
    "irreps of SO(3)": call(lambda most: er.SO(3).irreps(most), most=2),
    "irreps": call(er.irreps, text="2x0e + 1x1o", group=er.O(3)),
    "intertwiners": call(er.intertwiners, rho_in=G.regular, rho_out=G.trivial),
    "choose_solver": call(er.choose_solver, rho_in=G.regular, rho_out=G.trivial),
    "pair_orbits": call(er.pair_orbits, action_in=[[1, 0]], action_out=[[1, 0]]),
    "clebsch_gordan": call(representations.clebsch_gordan, l1=1, l2=1, l3=2),
    "wigner_d": call(representations.wigner_d, degree=2, rotation=np.eye(3)),
    "spherical_harmonics": call(representations.spherical_harmonics, degree=2, points=np.ones((4, 3))),
    "Grid": call(er.Grid, dim=2, boundary="open", spacing=(1.0, 2.0), level=0, action=None),
    "HexGrid": call(er.HexGrid, spacing=None, level=1),
    "Sequence": call(er.Sequence, spacing=None, level=0),
    "Graph": call(er.Graph, edge_features=2, level=0),
    "Points": call(er.Points, dim=3, radius=1.5, level=0, edge_features=0),
    "nearest points": call(er.Points, dim=2, neighbours=4),
    "Mesh": call(er.Mesh, eigenfunctions=8, radius=None, intrinsic=True, features=None, laplacian="cotangent"),
    "Sphere": call(er.Sphere, sampling="gauss", band=4),
    "Finite": call(er.Finite, group=G, action=[[1, 2, 3, 0]], points=None),
    "Set": call(er.Set, of=GRID),
    "act": call(lambda g, values: GRID.act(g, values), g=G.generators[0], values=images()),
    "roll": call(lambda values, by: GRID.roll(values, by), values=images(), by=(1, 0)),
    "to_hexagons": call(er.domains.to_hexagons, values=images(), radius=2, spacing=1.0),
    "Space": call(er.Space, domain=GRID, rho=G.regular),
    "Signal": call(er.Signal, values=torch.zeros(2, 4, 5, 5), space=PLANE, support=None),
    "Invariant": call(er.Invariant, n=2),
    "Equivariant": call(er.Equivariant, n_or_representation=G.regular, pooled=False, edges=False, ambient=False),
    "Task": call(er.Task, domain=GRID, symmetry=G, input=1, output=er.Equivariant(2)),
    "derive": call(er.derive, task=TASK, width=4, depth=1, scales=1, kernel_size=3, function="relu", residual=False),
    "derive graph": call(
        er.derive,
        **{"task": er.Task(er.Graph(), input=2, output=er.Invariant(2)), "width": 4, "depth": 1},
        **{"layer": "attention", "heads": 2, "normalize": True},
    ),
    "derive cloud": call(
        er.derive,
        **{"task": er.Task(er.Points(3, radius=2.0), er.O(3), 1, er.Equivariant(1)), "width": 4, "depth": 1},
        **{"degree": 1, "highest": 2, "hidden": 4, "scale": 1.0},
    ),
    "Blueprint": call(er.Blueprint, layers=[er.layers.Pointwise(PLANE)], task=None, notes=()),
    "linear": call(er.layers.linear, source=PLANE, target=PLANE),
    "nonlinearity": call(er.layers.nonlinearity, space=TURNS, kind="norm", function="relu", samples=None),
    "pool": call(er.layers.pool, space=PLANE, factor=2, method="average"),
    "invariant": call(er.layers.invariant, space=PLANE, method="max", global_pool="mean"),
    "normalize": call(er.layers.normalize, space=PLANE, functions=False, kind="batch"),
    "upsample": call(er.layers.upsample, space=er.layers.pool(PLANE).target, like=PLANE),
    "skip": call(er.layers.skip, inner=er.layers.Pointwise(PLANE), join="add"),
    "GraphConv": call(er.layers.GraphConv, source=GRAPH, target=GRAPH, relations=["itself"]),
    "GraphMessages": call(er.layers.GraphMessages, source=GRAPH, target=GRAPH, aggregate="sum"),
    "PointConv": call(er.layers.PointConv, source=CLOUD, target=CLOUD, highest=2, hidden=4, scale=1.0),
    "Dense": call(er.layers.Dense, source=POINT, target=POINT, bias=True, gain=1.0),
    "network": call(_forward, x=images()),
    "graph network": call(
        _graphs, x=torch.ones(3, 2), edge_index=torch.tensor([[0, 1], [1, 2]]), batch=torch.tensor([0, 0, 0])
    ),
    "cloud network": call(_clouds, pos=torch.rand(4, 3), x=torch.ones(4, 1), batch=torch.tensor([0, 0, 1, 1])),
    "mesh network": call(_meshes, **TETRAHEDRON),
    "network in time": call(_in_time, x=torch.rand(2, 2, 5), dt=torch.ones(2, 5), lengths=torch.tensor([5, 3])),
    "audit": call(er.audit, model=Mean().eval(), inputs=images(), tolerance=None, seed=0, **AUDIT),
    "augment": call(symmetrize.augment, domain=GRID, symmetry=G),
    "average": call(symmetrize.average, model=Mean().eval(), samples=None, **AUDIT),
    "canonicalize": call(symmetrize.canonicalize, model=Mean().eval(), input=1, **AUDIT),
    "repair": call(er.repair, model=cnn(), asked=TASK, inputs=images(), targets=None),
    "discover": call(er.discover, model_or_data=Mean().eval(), domain=GRID, candidates=[er.C(4)], inputs=images()),
    "save": Call(er.save, lambda: {"net": derived(), "path": Path("net.safetensors")}),
    "load": Call(er.load, lambda: {"path": Path("net.safetensors")}),
    "build": Call(er.build, lambda: {"recipe": derived().recipe}),
    "Potential": Call(
        er.Potential,
        lambda: {
            "net": er.derive(er.Task(er.Points(3, radius=2.0), er.O(3), 1, er.Equivariant(1)), width=4, depth=1),
            **{"elements": ("H",), "reference": {"H": -1.0}, "scale": 1.0},
        },
    ),
    "GraphStore": call(er.data.GraphStore, graphs=[{"x": torch.ones(2, 1)}] * 2, targets=torch.tensor([0, 1])),
    "SequenceStore": call(er.data.SequenceStore, sequences=[torch.ones(1, 2)], dt=[torch.ones(2)], holds=None),
    "TensorPair": call(er.data.TensorPair, inputs=images(), targets=torch.zeros(16, dtype=torch.int64)),
    "GraphPair": call(
        er.data.GraphPair, inputs=er.data.GraphStore([torch.ones(2, 1)] * 2), targets=torch.tensor([0, 1])
    ),
    "load data": call(er.data.load, source="digits", dim=2, validation=0.1, test=0.2, seed=0, limit=20),
    "encode": call(er.data.encode, sequence="ACGT", where="here"),
    "encode_all": call(er.data.encode_all, sequences=["ACGT"], length=4),
    "read_config": call(er.train.read_config, source="rotated-digits"),
}


def wrong_values() -> list[Any]:
    """Of every kind that is passed by mistake."""
    nan = torch.full((16, 1, 5, 5), torch.nan)
    return [
        *(None, True, -1, 0, 3, 10**12, 10**400, 1.5, -0.5, float("nan"), float("inf"), 1j, "", "x", "é", b"x"),
        *([], [1, 2], (), (0, 1), {}, {"x": 1}, set(), object(), int, lambda *_: None, [[0, 1], [1]], [None], ["x"]),
        *(torch.zeros(()), torch.zeros(0), torch.ones(3), torch.ones(2, 3), torch.zeros(8, 1, 5), nan, nan.double()),
        *(images().long(), images().half(), images().to(torch.complex64), images().to("meta"), images().to_sparse()),
        *(images()[:0], images()[:, :0], images()[..., :0], images().bool(), torch.full((2, 2), -1)),
        *(torch.tensor([[0, 7], [1, 2]]), torch.tensor([5, 3]), torch.tensor([-1, 0, 1]), torch.eye(3)),
        *(np.zeros(3), np.zeros((2, 2)), np.array("x"), np.array([None]), np.int64(3), np.float32("nan")),
        *(er.D(3), er.C(8).generators[0], er.SO(3), er.SO(3).identity, er.S(4), er.S(4).regular, er.SO(3).irrep(2)),
        *(G.regular, G, GRID, er.Graph(), er.Sphere(), TASK, PLANE, CLOUD, er.Invariant(2), torch.nn.ReLU(), Path("x")),
        *(er.Signal(torch.zeros(1, 4, 3, 3), PLANE), er.Translations(), er.TimeWarp(), torch.nn.Identity()),
    ]
