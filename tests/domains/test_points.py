"""Clouds of points: what is read of what users hold, how they move, forces through their edges, and what is refused."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch_geometric.data import Batch, Data

import erlangen as er
from erlangen.domains import Cloud, Points, counterpart, elements_one_hot
from erlangen.domains.cloud import relabelled, shifted
from erlangen.domains.text import domain_from_data, domain_to_data, parse_domain
from erlangen.errors import DomainError, InputError, SpaceError, TaskError
from erlangen.groups import SO, C, D, Group, Icosahedral, Mirror, O, S, Trivial
from tests.laws.catalogue import AXIAL, POINTS, QUATERNIONS

SQUARE = torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
NEAR = Points(3, radius=1.5)


def batch_of(seed: int = 0, dim: int = 3, dtype: torch.dtype = torch.float64) -> dict[str, Any]:
    """Three clouds whose points are stored in no order, one of them a single point."""
    generator = torch.Generator().manual_seed(seed)
    pos = torch.randn(16, dim, generator=generator, dtype=torch.float64).to(dtype)
    batch = torch.tensor([0] * 6 + [1] + [2] * 9)[torch.randperm(16, generator=generator)]
    return {"pos": pos, "x": torch.randn(16, 2, generator=generator, dtype=torch.float64).to(dtype), "batch": batch}


def same(a: Cloud, b: Cloud, atol: float = 1e-12) -> bool:
    """Whether two clouds have the same edges, and positions, vectors and lengths up to rounding."""
    parts = zip((a.position, a.vector, a.length), (b.position, b.vector, b.length), strict=True)
    edges = torch.equal(a.source, b.source) and torch.equal(a.target, b.target)
    return edges and all(torch.allclose(x, y, atol=atol) for x, y in parts)


# ---- the declaration -----------------------------------------------------------------------------------------------
DECLARED = {
    "Points(3)": Points(),
    "Points(2, radius=0.5)": Points(2, radius=0.5),
    "Points(3, radius=5.0)": Points(3, 5),
    "Points(3, neighbours=16)": Points(3, neighbours=16),
    "Points(3, edge_features=4)": Points(3, edge_features=4),
}


@pytest.mark.parametrize("text", DECLARED)
def test_a_domain_is_a_value_text_and_plain_data(text: str):
    domain = DECLARED[text]
    assert repr(domain) == text and parse_domain(text) == domain
    for each in (domain, domain.coarser, domain.thinned(0.3)):
        again = domain_from_data(domain_to_data(each), Trivial())
        assert again == each and hash(again) == hash(each) and repr(again) == repr(each)
    assert domain.coarser.level == 1 and domain.coarser != domain and "level=1" in repr(domain.coarser)


def test_a_coarser_domain_looks_twice_as_far():
    assert Points(2, radius=1.5).coarser == Points(2, radius=3.0, level=1)
    assert Points(3, neighbours=4).coarser == Points(3, neighbours=4, level=1)
    assert Points(3).coarser.coarser == Points(3, level=2)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Points(1),
        lambda: Points(4),
        lambda: Points(True),
        lambda: Points(3, radius=0),
        lambda: Points(3, radius=-1.0),
        lambda: Points(3, radius=float("inf")),
        lambda: Points(3, radius="5"),
        lambda: Points(3, neighbours=0),
        lambda: Points(3, neighbours=2.5),
        lambda: Points(3, radius=1.0, neighbours=3),
        lambda: Points(3, level=-1),
        lambda: Points(3).thinned(0),
        lambda: Points(3).thinned(1.1),
    ],
)
def test_domains_that_cannot_be_are_refused(make: Any):
    with pytest.raises(DomainError):
        make()


# ---- symmetry ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("domain", "group"), POINTS)
def test_g_moves_a_cloud_by_a_left_action_that_keeps_lengths(domain: Points, group: Group):
    assert domain.preserves(group) and domain.kept(group) == group
    rho = domain.vectors(group)
    space = er.Space(domain, rho)
    data = batch_of(1, domain.dim)
    cloud = domain.read(data)[1]
    signal = er.Signal(cloud.position, space, cloud)
    elements = group.elements if group.order is not None and group.order <= 12 else group.sample(4, 0)
    for g, h in zip(elements, [*elements[1:], elements[0]], strict=True):
        np.testing.assert_allclose(rho(g), domain.cartesian(g), atol=1e-12)
        moved = signal.act(g)
        assert torch.allclose(moved.values, moved.support.position, atol=1e-12)  # positions are vectors
        assert torch.allclose(moved.support.length, cloud.length, atol=1e-12)
        assert torch.allclose(moved.support.vector, cloud.vector @ torch.as_tensor(domain.cartesian(g)).T, atol=1e-12)
        assert same(signal.act(h).act(g).support, signal.act(g @ h).support)
        assert same(domain.moved(~g, moved.support), cloud)
        again = domain.read({**data, "pos": data["pos"] @ torch.as_tensor(domain.cartesian(g)).T})[1]
        assert same(again, moved.support)
    assert er.Signal(cloud.position, space).act(elements[0]).support is None


@pytest.mark.parametrize(
    ("domain", "group"),
    [
        (Points(3), O(2) * O(2)),
        (Points(2), O(3)),
        (Points(3), S(4)),
        (Points(2), AXIAL),
        (Points(3), QUATERNIONS),
        (Points(2), C(4, axis=0)),
    ],
)
def test_groups_that_do_not_move_space_are_refused_with_those_that_do(domain: Points, group: Group):
    assert not domain.preserves(group)
    with pytest.raises(DomainError, match=f"er.O\\({domain.dim}\\)") as refused:
        er.Task(domain, group, 1, er.Invariant(1))
    assert repr(group) in refused.value.given
    with pytest.raises(DomainError):
        domain.moved(group.generators[0], domain.read(batch_of(0, domain.dim))[1])


def test_one_group_s_element_is_another_s():
    (turn,) = C(4).generators
    assert counterpart(Points(3), C(4, axis=2), turn) == C(4, axis=2).generators[0]
    assert counterpart(Points(3), SO(3), turn) == SO(3).element(np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1]]))
    assert counterpart(Points(3), Icosahedral(), turn) is None


def test_clouds_are_shifted_and_relabelled():
    x, cloud = NEAR.read(batch_of(2))
    by = torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 1.0], [-5.0, 0.0, 2.0]], dtype=torch.float64)
    moved = shifted(cloud, by)
    assert torch.allclose(moved.vector, cloud.vector, atol=1e-12)
    assert torch.allclose(moved.position - cloud.position, by[cloud.members.batch])
    assert same(shifted(shifted(cloud, by[0]), -by[0]), cloud)
    images = torch.cat([torch.randperm(6), torch.tensor([6]), torch.randperm(9) + 7])
    stored = torch.empty_like(x).index_copy(0, images, x)
    again = relabelled(cloud, images)
    wanted = NEAR.read({"x": stored, "pos": again.position, "ptr": cloud.members.ptr})[1]
    assert torch.equal(again.position[images], cloud.position)
    ends = [set(zip(c.source.tolist(), c.target.tolist(), c.length.tolist(), strict=True)) for c in (again, wanted)]
    assert ends[0] == ends[1]
    with pytest.raises(InputError, match="mixes clouds"):
        relabelled(cloud, torch.arange(16).roll(1))


# ---- reading -------------------------------------------------------------------------------------------------------
def test_vectors_lead_from_target_to_source():
    x, cloud = Points(2, radius=1.1).read({"pos": SQUARE})
    assert torch.equal(x, torch.ones(4, 1))
    assert torch.equal(cloud.vector, SQUARE[cloud.source] - SQUARE[cloud.target])
    assert torch.equal(cloud.length, torch.ones(8)) and cloud.into.tolist() == [0, 2, 4, 6, 8]
    assert torch.equal(cloud.members.ptr, torch.tensor([0, 4])) and cloud.cell is None
    assert len(Points(2).read({"pos": SQUARE})[1].source) == 12
    assert len(Points(2, neighbours=1).read({"pos": SQUARE})[1].source) == 8  # two are tied for the nearest


def test_every_way_of_holding_a_cloud_is_read_alike():
    data = batch_of(3)
    x, cloud = NEAR.read(data)
    order = torch.argsort(data["batch"], stable=True)
    in_order = {name: value[order] for name, value in data.items()}
    pyg = Batch.from_data_list(
        [Data(**{n: in_order[n][in_order["batch"] == b] for n in ("x", "pos")}) for b in range(3)]
    )
    ptr = torch.tensor([0, 6, 7, 16])
    for held in (SimpleNamespace(**data), (data["x"], data["pos"], data["batch"]), in_order, pyg):
        y, again = NEAR.read(held)
        assert torch.equal(x, y) and same(cloud, again, 0.0)
    y, again = NEAR.read({**in_order, "batch": None, "ptr": ptr})
    assert torch.equal(x, y) and same(cloud, again, 0.0)
    assert torch.equal(cloud.members.order, order) and torch.equal(x, in_order["x"])
    assert NEAR.members(x, cloud) is cloud.members


def test_edges_of_one_s_own_are_taken():
    data = batch_of(4)
    first = (data["batch"] == 0).nonzero()[:, 0]
    index = torch.stack([first[[0, 1, 2]], first[[3, 0, 0]]])
    cloud = NEAR.read({**data, "edge_index": index})[1]
    (source, target), order = index, cloud.edges.order
    assert torch.equal(cloud.vector, (data["pos"][source] - data["pos"][target])[order])
    for bad, said in ((index.float(), "int64"), (index + 16, "nodes 0 … 15")):
        with pytest.raises(InputError, match=said):
            NEAR.read({**data, "edge_index": bad})
    last = (data["batch"] == 2).nonzero()[:, 0]
    with pytest.raises(InputError, match="from one graph to another"):
        NEAR.read({**data, "edge_index": torch.stack([first[:1], last[:1]])})


def test_what_edges_are_told_is_sorted_relabelled_and_left_behind_with_them():
    data, domain = batch_of(4), Points(3, edge_features=2)
    first = (data["batch"] == 2).nonzero()[:, 0]
    index = torch.stack([first[[0, 1, 2, 2]], first[[3, 0, 0, 1]]])
    told = torch.arange(8, dtype=torch.float32).reshape(4, 2)
    _, cloud = domain.read({**data, "edge_index": index, "edge_attr": told})
    known = {(s, t): e for s, t, e in zip(*index.tolist(), told.tolist(), strict=True)}
    order, turned_round = cloud.members.order, torch.cat([torch.arange(7), torch.arange(15, 6, -1)])
    assert order is not None
    for each, where in ((cloud, order), (relabelled(cloud, turned_round), order[turned_round])):
        assert each.edges.features is not None and each.edges.features.dtype == each.position.dtype
        ends = zip(where[each.source].tolist(), where[each.target].tolist(), strict=True)
        assert [known[end] for end in ends] == each.edges.features.tolist()
    assert torch.equal(shifted(cloud, torch.ones(3)).edges.features, cloud.edges.features)
    assert domain.coarser.edge_features == 0
    for bad in ({}, {"edge_index": index}, {"edge_index": index, "edge_attr": told[:, :1]}):
        with pytest.raises(InputError, match="edge"):
            domain.read({**data, **bad})


def test_values_and_positions_may_have_different_dtypes():
    data = batch_of(5)
    for kind in (torch.float32, torch.float64):
        x, cloud = NEAR.read({**data, "x": data["x"].to(kind)})
        assert {x.dtype, cloud.position.dtype, cloud.vector.dtype, cloud.length.dtype} == {kind}


def test_a_periodic_cloud_has_the_vectors_of_its_images():
    cell = torch.tensor([[1.0, 0.0], [0.5, 1.0]], dtype=torch.float64)
    pos = torch.tensor([[0.1, 0.1], [0.9, 0.8]], dtype=torch.float64)
    domain = Points(2, radius=1.3)
    cloud = domain.read({"pos": pos, "cell": cell})[1]
    assert cloud.offset is not None and bool((cloud.source == cloud.target).any())
    assert torch.allclose(cloud.vector, pos[cloud.source] + cloud.offset.double() @ cell - pos[cloud.target])
    assert cloud.length.max() <= 1.3 and bool(cloud.pbc.all())
    again = domain.read(
        {
            "pos": pos,
            "cell": cell,
            "pbc": torch.ones(2, dtype=torch.bool),
            "edge_index": torch.stack([cloud.source, cloud.target]).flip(1),
            "cell_offsets": cloud.offset.flip(0),
        }
    )[1]
    assert torch.allclose(again.length.sort().values, cloud.length.sort().values)
    turn = SO(2).element(0.7)
    moved = domain.moved(turn, cloud)
    matrix = torch.as_tensor(domain.cartesian(turn))
    assert torch.allclose(moved.vector, cloud.vector @ matrix.T) and torch.allclose(moved.cell[0], cell @ matrix.T)
    assert len(domain.read({"pos": pos, "cell": cell, "pbc": False})[1].source) == 2
    two = domain.read({"pos": pos, "batch": torch.tensor([0, 1]), "cell": cell})[1]  # one cell for both
    assert two.cell.shape == (2, 2, 2)
    stored = relabelled(cloud, torch.tensor([1, 0]))
    assert torch.allclose(stored.length.sort().values, cloud.length.sort().values)


def test_a_point_alone_points_in_one_place_and_no_neighbours():
    assert not len(NEAR.read({"pos": torch.zeros(1, 3)})[1].source)
    far = torch.arange(3.0)[:, None] * 10 * torch.ones(3)
    x, cloud = NEAR.read({"pos": far})
    assert not len(cloud.source) and cloud.vector.shape == (0, 3) and cloud.length.shape == (0,)
    assert torch.equal(NEAR.relate("neighbours", x, cloud), torch.zeros(3, 1))
    for domain in (NEAR, Points(3), Points(3, neighbours=1)):
        pos = torch.zeros(3, 3, requires_grad=True)
        cloud = domain.read({"pos": pos})[1]
        assert cloud.length.tolist() == [0.0] * 6
        (grad,) = torch.autograd.grad(cloud.length.sum() + cloud.vector.square().sum(), pos)
        assert torch.equal(grad, torch.zeros(3, 3))


def test_forces_flow_through_vectors_and_lengths():
    data = batch_of(6)
    pos = data["pos"].requires_grad_()
    cell = 3 * torch.eye(3, dtype=torch.float64) + 0.1

    def energy(pos: torch.Tensor, cell: torch.Tensor) -> torch.Tensor:
        cloud = NEAR.read({"pos": pos, "batch": data["batch"], "cell": cell})[1]
        return (cloud.length.cos() * cloud.vector[:, 0].exp()).sum()

    cell.requires_grad_()
    assert torch.autograd.gradcheck(energy, (pos, cell))
    assert torch.autograd.gradgradcheck(energy, (pos, cell))
    (forces,) = torch.autograd.grad(energy(pos, cell), pos)
    assert torch.allclose(forces.sum(0), torch.zeros(3, dtype=torch.float64), atol=1e-10)


def test_neighbours_are_averaged():
    x, cloud = NEAR.read(batch_of(7))
    matrix = torch.zeros(16, 16, dtype=x.dtype).index_put((cloud.target, cloud.source), torch.ones(()).double())
    wanted = matrix @ x / matrix.sum(1, keepdim=True).clamp(min=1)
    assert torch.allclose(NEAR.relate("neighbours", x, cloud), wanted)
    assert torch.equal(NEAR.relate("itself", x, cloud), x)


def test_a_compiler_sees_through_a_cloud():
    x, cloud = NEAR.read(batch_of(8))

    def layer(x: torch.Tensor, cloud: Cloud) -> torch.Tensor:
        sent = x[cloud.source] * cloud.length[:, None]
        return torch.zeros_like(x).index_add(0, cloud.target, sent) + len(cloud.into) + len(cloud.members.ptr)

    assert torch.allclose(torch.compile(layer, backend="eager", fullgraph=True)(x, cloud), layer(x, cloud))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"x": torch.ones(4, 1)}, "without a tensor pos"),
        (torch.ones(4, 3), "without a tensor pos"),
        ({"pos": SQUARE}, "floating numbers"),
        ({"pos": torch.ones(4, 3, dtype=torch.int64)}, "floating numbers"),
        ({"pos": torch.ones(3)}, "floating numbers"),
        ({"pos": torch.full((2, 3), torch.nan)}, "not finite"),
        ({"pos": torch.tensor([[0.0, 0.0, torch.inf]])}, "not finite"),
        ({"pos": torch.zeros(0, 3)}, "at least one point"),
        ({"pos": torch.ones(4, 3), "x": torch.ones(3, 1)}, "for 4 positions"),
        ({"pos": torch.ones(4, 3), "x": torch.ones(4)}, "points, channel"),
        ({"pos": torch.ones(4, 3), "x": [1, 2, 3, 4]}, "for 4 positions"),
        ({"pos": torch.ones(4, 3), "batch": torch.tensor([0, 0, 2, 2])}, "without points"),
        ({"pos": torch.ones(4, 3), "z": torch.ones(3, dtype=torch.int64)}, "for 4 points"),
        ({"pos": torch.ones(4, 3), "z": torch.ones(4)}, "for 4 points"),
        ({"pos": torch.ones(4, 3), "pbc": torch.ones(3, dtype=torch.bool)}, "without a cell"),
        ({"pos": torch.ones(4, 3), "cell": torch.eye(2)}, "cell="),
        ({"pos": torch.ones(4, 3), "cell": torch.eye(3).repeat(2, 1, 1)}, "cell="),
        ({"pos": torch.ones(4, 3), "cell": torch.eye(3) / 0}, "cells that are not finite"),
        ({"pos": torch.ones(4, 3), "cell": torch.ones(3, 3)}, "flat"),
        ({"pos": torch.ones(4, 3), "cell": torch.eye(3), "pbc": torch.ones(2, dtype=torch.bool)}, "pbc="),
        (
            {"pos": torch.ones(4, 3), "cell": torch.eye(3), "edge_index": torch.zeros(2, 1, dtype=torch.int64)},
            "cell_offsets",
        ),
    ],
)
def test_what_is_no_cloud_is_refused(data: Any, said: str):
    with pytest.raises(InputError, match=said):
        NEAR.read(data)


@pytest.mark.parametrize("domain", [Points(3), Points(3, neighbours=2)])
def test_in_a_periodic_cell_a_radius_is_needed(domain: Points):
    with pytest.raises(InputError, match="radius=…"):
        domain.read({"pos": torch.ones(1, 3), "cell": torch.eye(3)})


def test_a_signal_without_positions_is_refused():
    with pytest.raises(InputError, match="without positions"):
        NEAR.members(torch.ones(3, 1), None)
    with pytest.raises(InputError, match="without positions"):
        er.layers.PackedPool(er.Space(NEAR, O(3).trivial))(torch.ones(3, 1))


# ---- atoms of ASE --------------------------------------------------------------------------------------------------
class Atoms:
    """What is read of ASE's Atoms."""

    def __init__(self, numbers: list[int], positions: Any, cell: Any = None):
        self.numbers, self.positions, self.cell = numbers, np.asarray(positions, dtype=float), cell
        self.pbc = np.array([cell is not None] * 3)

    def get_positions(self) -> np.ndarray:
        return self.positions

    def get_atomic_numbers(self) -> np.ndarray:
        return np.array(self.numbers)

    def get_cell(self) -> np.ndarray:
        return np.zeros((3, 3)) if self.cell is None else np.asarray(self.cell, dtype=float)


WATER = Atoms([8, 1, 1], [[0, 0, 0.12], [0, 0.76, -0.48], [0, -0.76, -0.48]])
SALT = Atoms([11, 17], [[0, 0, 0], [2.8, 0, 0]], [[0, 2.8, 2.8], [2.8, 0, 2.8], [2.8, 2.8, 0]])


def test_atoms_of_ase_are_read_without_it():
    domain = Points(3, radius=3.0)
    x, cloud = domain.read(WATER)
    assert torch.equal(x, torch.ones(3, 1)) and cloud.z.tolist() == [8, 1, 1] and cloud.cell is None
    assert torch.allclose(cloud.position.double(), torch.as_tensor(WATER.positions))
    salt = domain.read(SALT)[1]
    assert torch.bincount(salt.target).tolist() == [6, 6]  # rock salt
    x, both = domain.read([WATER, SALT])
    assert both.z.tolist() == [8, 1, 1, 11, 17] and both.members.batch.tolist() == [0, 0, 0, 1, 1]
    assert torch.bincount(both.target).tolist() == [2, 2, 2, 6, 6] and both.pbc.tolist() == [[False] * 3, [True] * 3]
    features = elements_one_hot(WATER, ("H", 8))
    assert features.tolist() == [[0, 1], [1, 0], [1, 0]]
    x, cloud = domain.read((features, WATER))
    assert torch.equal(x, features) and cloud.z is not None
    assert torch.equal(elements_one_hot([WATER, WATER], ("H", "O")), features.repeat(2, 1))


@pytest.mark.parametrize(
    ("atoms", "elements", "said"),
    [
        (WATER, ("H", "C"), "atoms of O"),
        (WATER, ("H", "Xx"), "the element 'Xx'"),
        (WATER, ("H", "O", 1), "different elements"),
        (WATER, (), "different elements"),
        (torch.ones(3), ("H",), "atomic numbers"),
        ([0, 1], ("H",), "atoms of 0"),
    ],
)
def test_elements_that_are_not_named_are_refused(atoms: Any, elements: Any, said: str):
    with pytest.raises(InputError, match=said):
        elements_one_hot(atoms, elements)


# ---- tasks ---------------------------------------------------------------------------------------------------------
def test_a_task_on_points_has_the_symmetry_of_space():
    task = er.Task(er.Points(3), input=2, output=er.Invariant(1))
    assert task.symmetry == O(3) and task.source == er.Space(Points(3), 2 * O(3).trivial)
    assert er.Task(er.Points(2), input=2, output=er.Invariant(1)).symmetry == O(2)
    vectors = O(3).standard
    task = er.Task(er.Points(3, radius=2.0), input=vectors + O(3).trivial, output=er.Equivariant(vectors))
    assert task.target == er.Space(Points(3, radius=2.0), vectors) and task.source.channels == 4
    for symmetry, group in (
        (er.Translations(), Trivial()),
        (er.Relabelling(), Trivial()),
        (er.RigidMotions(), SO(3)),
        (er.SO(3), SO(3)),
        (D(4) * Mirror(), D(4) * Mirror()),
    ):
        assert er.Task(er.Points(3), symmetry, 1, er.Invariant(1)).symmetry == group
    with pytest.raises(TaskError, match="number of channels"):
        er.Task(er.Points(3), output=er.Invariant(1))


def test_positions_move_as_vectors_do():
    for group, text in ((O(3), "standard"), (C(4), "standard + trivial"), (Mirror(), "2 × trivial + standard")):
        task = er.Task(Points(3), group, 1, er.Positions())
        assert str(task.target.rho).startswith(text)
        y = torch.randn(5, 3, dtype=torch.float64)
        g = group.generators[0]
        matrix = torch.as_tensor(Points(3).cartesian(g))
        assert torch.allclose(er.Positions().act(g, y, Points(3)), y @ matrix.T)
    with pytest.raises(TaskError, match="a domain of points"):
        er.Task(er.Set(), None, 1, er.Positions())


def test_layers_refuse_another_domain_of_points():
    layer = er.layers.PackedPool(er.Space(Points(3, radius=2.0), O(3).trivial))
    x, cloud = NEAR.read(batch_of(0))
    with pytest.raises(SpaceError):
        layer(er.Signal(x[:, :1], er.Space(NEAR, O(3).trivial), cloud))


class Mol:
    """As much of RDKit's Mol as is looked at."""

    def __init__(self, numbers: list[int], positions: list[list[float]] | None):
        self.numbers, self.positions = numbers, positions

    def GetAtoms(self) -> list[Any]:
        return [SimpleNamespace(GetAtomicNum=lambda z=z: z) for z in self.numbers]

    def GetConformers(self) -> list[Any]:
        return [] if self.positions is None else [SimpleNamespace(GetPositions=lambda: np.array(self.positions))]


def test_molecules_of_rdkit_are_read_as_atoms_are() -> None:
    water = Mol([8, 1, 1], [[0.0, 0, 0], [0.96, 0, 0], [-0.24, 0.93, 0]])
    x, one = NEAR.read(water)
    assert x.shape == (3, 1) and one.z is not None and one.z.tolist() == [8, 1, 1] and one.cell is None
    _, two = NEAR.read([water, water])
    assert two.members.ptr.tolist() == [0, 3, 6] and torch.equal(two.position[3:], one.position)
    with pytest.raises(InputError, match="EmbedMolecule"):
        NEAR.read(Mol([1], None))
