"""Runs on products with a packed factor and on sets of signals: sensors over time, clouds that change, views."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from erlangen.data import DataSet, GraphPair, GraphStore, Quantity, SetStore, load
from erlangen.domains import Grid, Set
from erlangen.errors import DataError, SymmetryError
from erlangen.groups import SO, C, Mirror, Trivial
from erlangen.signal import act_on_channels
from erlangen.task import Invariant, Task
from erlangen.train import Config, NetworkSection, TaskSection, TrainSection, evaluate, load_network, run, write_report
from erlangen.train.baselines import parameters
from erlangen.train.check import check
from erlangen.train.elements import elements, name_of
from erlangen.train.moving import augment, drawn_from, move, move_scores
from erlangen.train.networks import build_network, derived_network, task_of
from erlangen.train.relabelled import APART, Relabelled
from tests.data.molecules_of import mixtures


def config(domain: str, output: str, symmetry: str | None = None, channels: int = 1) -> Config:
    return Config(
        "small",
        TaskSection(domain, output, symmetry, channels),
        network=NetworkSection(width=16, depth=1, scales=1),
        train=TrainSection(seeds=(0,), models=("derived", "plain", "augmented"), epochs=1, batch_size=8, threads=1),
    )


VIEWS = config("Set(Grid(2))", "Invariant(2)", "C(4)")
CHAIN = torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]])


def store(kind: str, n: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> GraphStore | SetStore:
    """Sets of pictures, of graphs, of clouds; chains of sensors at six places; clouds over five steps."""
    if kind == "mixtures":
        return mixtures(n, seed, dtype)
    if kind == "flocks":
        held = store("clouds", 2 * n, seed, dtype)
        return SetStore(held.with_values(held.x[:, :, 0]), [2] * n)
    draw = torch.Generator().manual_seed(seed)
    held = []
    for i in range(n):
        points = 3 + i % 3
        shape = {"views": (points, 1, 5, 5), "sensors": (points, 1, 6), "clouds": (points, 1, 5)}[kind]
        one = {"x": torch.randn(shape, generator=draw, dtype=dtype)}
        if kind == "sensors":
            one["edge_index"] = CHAIN
        if kind == "clouds":
            one["pos"] = torch.randn(points, 3, generator=draw, dtype=dtype)
        held.append(one)
    return GraphStore(held)


def examples(kind: str, targets=lambda held: torch.arange(len(held)) % 2) -> DataSet:
    stores = [store(kind, n, seed) for seed, n in enumerate((12, 6, 8))]
    pairs = [GraphPair(held, targets(held)) for held in stores]
    return DataSet(*pairs, classes=("a", "b"), name="small", licence="CC0", source="made here")


def steps(held: GraphStore) -> Tensor:
    return (torch.arange(6) % 2).expand(len(held), -1)


def whole(held: GraphStore) -> Tensor:
    return torch.arange(len(held)) % 2


def points(held: GraphStore) -> Tensor:
    return torch.arange(len(held.x)) % 2


def members(held: SetStore) -> Tensor:
    return torch.arange(len(held.members)) % 2


def everywhere(held: GraphStore) -> Tensor:
    return (held.x[:, 0] > 0).long()


SENSORS, SETS = "Graph() * Grid(1)", "Set(Grid(2))"
RUNS = {
    "sets of views": (VIEWS, "views", whole),
    "sensors": (config(SENSORS, "Invariant(2)", "Mirror()"), "sensors", whole),
    "each sensor": (config(SENSORS, "Equivariant(2, pooled=Grid(1))"), "sensors", points),
    "each step": (config(SENSORS, "Equivariant(2, pooled=Graph())", "Mirror()"), "sensors", steps),
    "each sensor at each step": (config(SENSORS, "Equivariant(2)", "Mirror()"), "sensors", everywhere),
    "each view": (config(SETS, "Equivariant(2, pooled=Grid(2))", "C(4)"), "views", points),
    "each pixel": (config(SETS, "Equivariant(2)", "C(4)"), "views", everywhere),
    "mixtures": (config("Set(Graph())", "Invariant(2)", channels=2), "mixtures", whole),
    "each member": (config("Set(Graph())", "Equivariant(2, pooled=Graph())", channels=2), "mixtures", members),
    "each atom": (config("Set(Graph())", "Equivariant(2)", channels=2), "mixtures", everywhere),
    "flocks": (config("Set(Points(3, radius=2.0))", "Invariant(2)", "SO(3)"), "flocks", whole),
    "clouds": (config("Points(3, radius=2.0) * Sequence()", "Invariant(2)", "SO(3)"), "clouds", whole),
}
ELEMENTS = {C(4): 6, Mirror(): 1, Trivial(): 0, SO(3): 4}  # tested at, beside orders; of sets of clouds 7


@pytest.mark.parametrize("name", RUNS)
def test_derived_networks_answer_alike_at_every_element_and_are_judged_there(name: str) -> None:
    settings, kind, targets = RUNS[name]
    task, held = task_of(settings.task), store(kind, 6, dtype=torch.float64)
    check(settings, task, examples(kind, targets))
    net = derived_network(task, settings.network).double().eval()
    pair = GraphPair(held, targets(held))
    answers = net(held.batch(range(6)))
    found = elements(task)
    assert [name_of(task, g) for g in found[:2]] == ["as stored", "relabelled 1"]
    assert len(found) == 4 + ELEMENTS[task.symmetry] + 3 * (name == "flocks")
    for g in found[1:]:
        inputs, _ = move(task, g, held, pair.targets)
        same = torch.equal(inputs.x, held.x) and (held.pos is None or torch.equal(inputs.pos, held.pos))
        assert not same
        torch.testing.assert_close(net(inputs.batch(range(6))), move_scores(task, g, answers, held))


@pytest.mark.parametrize("name", RUNS)
def test_labels_go_with_what_they_are_of(name: str) -> None:
    settings, kind, targets = RUNS[name]
    task, held = task_of(settings.task), store(kind, 6)
    labels = targets(held)
    scores = torch.nn.functional.one_hot(labels, 2).movedim(-1, 1).float()
    for g in elements(task):
        assert torch.equal(move(task, g, held, labels)[1], move_scores(task, g, scores, held).argmax(1))
        unknown = torch.full_like(labels, -100)
        assert torch.equal(move(task, g, held, unknown)[1], unknown)


@pytest.mark.parametrize("name", ["each pixel", "each step", "clouds"])
def test_augmentation_moves_examples_with_their_labels(name: str) -> None:
    settings, kind, targets = RUNS[name]
    task, held = task_of(settings.task), store(kind, 6)
    batch, labels = held.batch(range(6)), targets(held)
    moved, y = augment(task, drawn_from(task), batch, labels, torch.Generator().manual_seed(3))
    assert moved.x.shape == batch.x.shape and not torch.equal(moved.x, batch.x) and y.shape == labels.shape
    if name == "each pixel":  # labels are functions of the values, which stay with them
        assert torch.equal((moved.x[:, 0] > 0).long(), y)
        own = [sorted(row.flatten().tolist()) for row in moved.x]
        assert own != [sorted(row.flatten().tolist()) for row in batch.x]  # members change places
        assert sorted(own) == sorted(sorted(row.flatten().tolist()) for row in batch.x)


@pytest.mark.parametrize("name", ["clouds", "flocks"])
def test_what_is_learnt_from_is_turned_by_others_than_what_is_tested(name: str) -> None:
    assert drawn_from(task_of(RUNS[name][0].task)) == ()  # of the whole group, whose elements are drawn anew


def test_members_are_turned_apart() -> None:
    task, held = task_of(VIEWS.task), store("views", 4)
    (g,) = [g for g in elements(task) if str(g) == f"{APART} 1"]
    assert isinstance(g, Relabelled)
    inputs = g.inputs(task, held)
    turns = [torch.rot90(held.x, k, (-2, -1)) for k in range(4)]
    found = {k for row in inputs.x for k in range(4) if any(torch.equal(row, other) for other in turns[k])}
    assert len(found) > 1


@pytest.mark.parametrize("name", ["sets of views", "each step", "mixtures"])
def test_a_run_is_trained_tested_audited_drawn_and_read_back(name: str, tmp_path: Path) -> None:
    settings, kind, targets = RUNS[name]
    data = examples(kind, targets)
    results = run(settings, data, tmp_path / "run")
    agreeing, decided = results.agreement("derived")
    assert agreeing == decided > 0
    assert abs(results.parameters("plain") / results.parameters("derived") - 1) < 0.05
    page = write_report(settings, data, results, tmp_path / "run").read_text(encoding="utf-8")
    assert "audit of the derived network: exact" in page
    assert ("Test example" in page and "data:image/png" in page) == (name == "sets of views")
    for outcome in results.outcomes:
        net, task = load_network(tmp_path / f"run/seed-0/{outcome.model}/network.safetensors")
        assert evaluate(net, task, data.test)[0].accuracy == outcome.at[0].accuracy


@pytest.mark.parametrize(
    "name", ["sets of views", "each step", "each sensor", "each pixel", "clouds", "mixtures", "each member"]
)
def test_plain_networks_are_as_large_and_free(name: str) -> None:
    settings, kind, _ = RUNS[name]
    task, held, section = task_of(settings.task), store(kind, 6), NetworkSection(width=48, depth=1, scales=1)
    sets = isinstance(held, SetStore)
    derived, plain = (
        build_network(model, task, section, (5, 3) if sets else 5).eval() for model in ("derived", "plain")
    )
    assert abs(parameters(plain) / parameters(derived) - 1) < 0.05
    batch = held.batch(range(6))
    answers = plain(batch)
    assert answers.shape == derived(batch).shape
    torch.testing.assert_close(answers[:1], plain(held.batch([0]))[:1])  # signals do not mix
    kept = [
        torch.allclose(plain(g.inputs(task, held).batch(range(6))), move_scores(task, g, answers, held), atol=1e-6)
        for g in elements(task)[1:]
        if isinstance(g, Relabelled)
    ]
    alone = ("each sensor", "each atom", "each sensor at each step")  # without the others there is no order
    assert all(kept) == (name in alone)


def test_an_npz_file_of_sets_of_pictures_and_of_values_over_time(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    nodes = np.full(24, 3)
    np.savez(tmp_path / "views.npz", x=rng.normal(size=(72, 1, 5, 5)), nodes=nodes, y=np.arange(24) % 2)
    views = load(str(tmp_path / "views.npz"))
    assert views.train.inputs.x.shape[1:] == (1, 5, 5) and not views.train.dense
    check(VIEWS, task_of(VIEWS.task), views)
    x, y = rng.normal(size=(72, 2, 6)), rng.normal(size=(72, 1, 6))
    np.savez(tmp_path / "flow.npz", x=x, nodes=nodes, y=y, quantity="flow")
    flow = load(str(tmp_path / "flow.npz"))
    assert isinstance(flow.quantity, Quantity) and flow.train.dense and flow.test.targets.shape[1:] == (1, 6)
    settings = config("Set() * Sequence()", "Equivariant(1)", "Mirror()", 2)
    results = run(settings, flow, tmp_path / "run")
    assert all(entry.changed < 1e-5 for o in results.of("derived") for entry in o.at)  # type: ignore[union-attr]
    with pytest.raises(DataError, match="with axes of these besides"):
        GraphPair(flow.train.inputs, torch.zeros(len(flow.train), 7, dtype=torch.int64))


@pytest.mark.parametrize(
    ("domain", "output", "match"),
    [
        ("Set(Graph())", "Invariant(2)", "how many graphs each set has"),
        ("Set(Set() * Set())", "Invariant(2)", "a run on"),
        ("Set() * Set() * Sequence()", "Invariant(2)", "one packed factor"),
        ("Points(3) * Sequence()", "Invariant(2)", "without positions"),
        ("Set() * Grid(2)", "Invariant(2)", "signals on 1 axes"),
        ("Set()", "Invariant(2)", "sets or graphs"),
        (SENSORS, "Equivariant(2, pooled=Graph())", "for labels"),
    ],
)
def test_data_that_do_not_fit_are_refused(domain: str, output: str, match: str) -> None:
    settings = config(domain, output)
    with pytest.raises(SymmetryError, match=match):
        check(settings, task_of(settings.task), examples("sensors"))


def test_targets_at_the_wrong_factor_are_refused() -> None:
    settings = config(SENSORS, "Equivariant(2, pooled=Grid(1))")
    with pytest.raises(SymmetryError, match=r"targets of shape \(12, 6\)"):
        check(settings, task_of(settings.task), examples("sensors", steps))


def test_channels_that_move_go_along() -> None:
    task = Task(Set(Grid(2)), C(4), C(4).irrep(1), Invariant(2))
    held = GraphStore([{"x": torch.randn(3, 2, 5, 5)}])
    g = next(g for g in elements(task) if isinstance(g, Relabelled) and g.moves_alike)
    expected = act_on_channels(task.input, g.element, task.domain.act(g.element, held.x))
    torch.testing.assert_close(g.inputs(task, held).x, expected)
