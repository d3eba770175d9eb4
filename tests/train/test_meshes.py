"""Runs on surfaces: told as recorded and turned, beside a network of coordinates and one of how they lie in space."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.data import DataSet, GraphPair, GraphStore
from erlangen.domains import Mesh
from erlangen.errors import ConfigError, TaskError
from erlangen.task import Equivariant, Invariant, Task
from erlangen.train import NetworkSection, Results, TaskSection, load_network, run, write_report
from erlangen.train.baselines import parameters, plain_twin
from erlangen.train.check import check
from erlangen.train.elements import elements
from erlangen.train.moving import augment, move, move_scores
from erlangen.train.networks import task_of
from erlangen.train.on_surfaces import declared, extrinsic_task
from erlangen.train.plain_meshes import PointNet
from tests.meshes import data, potato
from tests.train.small import small_clouds, small_config

MODELS = ("derived", "plain", "augmented", "extrinsic")
ON_SURFACES = {
    "task": TaskSection("Mesh(eigenfunctions=12)", "Equivariant(2)"),
    "network": NetworkSection(width=8, depth=1),
}
TASK = Task(Mesh(eigenfunctions=12), output=Equivariant(2))


def bodies(n: int, seed: int) -> GraphPair:
    """Bumpy bodies, of which the ends along their longest side are of the second class."""
    rng, found, labels = np.random.default_rng(seed), [], []
    for _ in range(n):
        points, faces = potato(1)
        points = points * (1 + 0.1 * rng.standard_normal(3)) * [1.0, 1.6, 1.0]
        found.append({"pos": torch.as_tensor(points).float(), "face": torch.as_tensor(faces.T.copy())})
        labels.append(torch.as_tensor(np.abs(points[:, 1]) > 1.2).long())
    return GraphPair(GraphStore(found), torch.cat(labels))


def small_surfaces() -> DataSet:
    return DataSet(*(bodies(n, seed) for seed, n in enumerate((6, 3, 4))), ("middle", "ends"), "bodies", "CC0", "here")


def config(**changes: object):
    sections = small_config(**ON_SURFACES)
    return replace(
        sections, train=replace(sections.train, models=MODELS, epochs=25, batch_size=3, learning_rate=0.03), **changes
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Results]:
    folder = tmp_path_factory.mktemp("runs") / "bodies"
    results = run(config(report=replace(config().report, pairs=())), small_surfaces(), folder)
    assert isinstance(results, Results)
    return folder, results


def test_a_run_is_tested_as_recorded_turned_and_mirrored(finished: tuple[Path, Results]) -> None:
    folder, results = finished
    assert results.models == MODELS and results.elements[:2] == ("as recorded", "turned 1")
    assert len(results.elements) == 5 and any("mirrored" in name for name in results.elements)
    agreeing, decided = results.agreement("derived")
    assert agreeing == decided > 0
    agreeing, decided = results.agreement("plain")
    assert agreeing < decided
    _, task = load_network(folder / "seed-0/extrinsic/network.safetensors")
    assert task.domain == Mesh(eigenfunctions=12, intrinsic=False) and declared(task) == er.RigidMotions()
    again, _ = load_network(folder / "seed-0/plain/network.safetensors")
    assert isinstance(again, PointNet) and abs(parameters(again) / results.parameters("derived") - 1) <= 0.05


def test_the_page_speaks_of_surfaces(finished: tuple[Path, Results]) -> None:
    folder, results = finished
    settings = config(report=replace(config().report, pairs=()))
    page = write_report(settings, small_surfaces(), results, folder).read_text(encoding="utf-8")
    assert "PointNet" in page and "Isometries(oriented=False)" in page and "surfaces" in page
    assert not any(word in re.sub('base64,[^"]*', "", page) for word in ("CNN", "adjacency", "pright", "clouds"))
    assert "audit of the derived network: exact" in page and "audit of the plain network: broken" in page
    drawn = page.partition("<h2>Examples</h2>")[2].partition("<h2>Who")[0]
    assert "as recorded and turned" in drawn and "% of the points right" in drawn
    assert drawn.count("data:image/webp") == 2 * 2 * (2 + len(MODELS))  # two bodies, still and turned
    assert drawn.count("background: #") == 2  # a colour a class


# ---- what is moved
def test_labels_stay_where_they_are_as_surfaces_are_turned() -> None:
    pair = bodies(3, 0)
    for g in elements(TASK):
        inputs, targets = move(TASK, g, pair.inputs, pair.targets)
        assert torch.equal(targets, pair.targets) and torch.equal(move_scores(TASK, g, targets, inputs), targets)
        assert torch.allclose(lengths(inputs), lengths(pair.inputs), atol=1e-5)
    handed = Task(Mesh(eigenfunctions=12), er.Isometries(oriented=True), output=Equivariant(2))
    assert not any("mirrored" in str(g) for g in elements(handed))


def lengths(store: GraphStore) -> torch.Tensor:
    """Of all edges, in the order of their ends."""
    assert store.pos is not None
    found = []
    for body in store:
        i, j = body.face[0], body.face[1]
        found.append((body.pos[i] - body.pos[j]).norm(dim=1).sort().values)
    return torch.cat(found)


def test_augmented_surfaces_are_turned_each_by_itself() -> None:
    pair = bodies(2, 0).take([0, 0])
    batch, labels = pair.batch([0, 1])
    moved, same = augment(TASK, (), batch, labels, torch.Generator().manual_seed(0))
    one, other = moved.pos.chunk(2)
    assert torch.equal(same, labels) and not torch.allclose(one, other, atol=0.1)
    assert torch.allclose(one @ one.T, other @ other.T, atol=1e-4)


def test_vectors_of_space_turn_along() -> None:
    rho = er.SO(2).irrep(1)
    task = Task(Mesh(eigenfunctions=12), er.Isometries(oriented=True), output=Equivariant(rho, ambient=True))
    store = bodies(2, 0).inputs
    assert store.pos is not None
    for g in elements(task):
        inputs, moved = move(task, g, store, store.pos)
        assert torch.allclose(moved, inputs.pos, atol=1e-6)


# ---- the plain network
@pytest.mark.parametrize("output", [Equivariant(2), Invariant(3)], ids=str)
def test_it_reads_coordinates_of_each_surface_by_itself(output: Equivariant | Invariant) -> None:
    torch.manual_seed(0)
    net = PointNet(Task(Mesh(), output=output), 8, 16).eval().double()
    store = GraphStore([{"pos": body.pos.double(), "face": body.face} for body in bodies(3, 0).inputs])
    whole = net(store.batch([0, 1, 2]))
    assert torch.allclose(whole, torch.cat([net(one) for one in store]))
    moved, rows = store.reordered(torch.Generator().manual_seed(0))
    wanted = whole[rows] if isinstance(output, Equivariant) else whole
    assert torch.allclose(net(moved.batch([0, 1, 2])), wanted)
    body = store[0]
    body.pos = 3 * body.pos + torch.tensor([5.0, 0.0, -1.0])
    assert torch.allclose(net(body), net(store[0]))
    body.pos = body.pos.flip(1)
    assert not torch.allclose(net(body), net(store[0]), atol=1e-6)


def test_batches_in_any_order_are_read() -> None:
    net = PointNet(Task(Mesh(), output=Equivariant(2)), 8, 16).eval()
    batch = bodies(2, 0).inputs.batch([0, 1])
    order = torch.randperm(len(batch.pos), generator=torch.Generator().manual_seed(0))
    place = torch.empty_like(order)
    place[order] = torch.arange(len(order))
    mixed = {"pos": batch.pos[order], "face": place[batch.face], "batch": batch.batch[order]}
    assert torch.allclose(net(mixed), net(batch)[order], atol=1e-5)


def test_features_stand_beside_the_coordinates() -> None:
    task = Task(Mesh(eigenfunctions=12), input=2, output=Equivariant(2))
    net = plain_twin(er.derive(task, width=8, depth=1), task)
    assert isinstance(net, PointNet) and net.features == 2
    body = {name: value.float() if value.is_floating_point() else value for name, value in data(potato(1), 2).items()}
    assert not torch.equal(net.eval()(body), net({**body, "x": body["x"] + 1}))


def test_fields_in_frames_have_no_plain_network() -> None:
    task = Task(Mesh(eigenfunctions=12), er.Isometries(oriented=True), output=Equivariant(er.SO(2).irrep(1)))
    with pytest.raises(TaskError, match="scalars"):
        plain_twin(er.derive(task, width=8, depth=1), task)


# ---- what does not fit
def test_what_does_not_fit_is_said_before_anything_is_written() -> None:
    surfaces, settings = small_surfaces(), config(report=replace(config().report, pairs=()))
    check(settings, task_of(settings.task), surfaces)
    for task, said in (
        (replace(settings.task, input=3), "Leave task.input out"),
        (replace(settings.task, output="Invariant(2)"), r"Equivariant\(2\)"),
        (replace(settings.task, domain="Mesh(intrinsic=False, eigenfunctions=12)"), "extrinsic"),
        (replace(settings.task, output="Equivariant(3)"), "one channel for each of the 2 classes"),
    ):
        wrong = replace(settings, task=task)
        with pytest.raises(ConfigError, match=said):
            check(wrong, task_of(wrong.task), surfaces)
    with pytest.raises(ConfigError, match="without faces"):
        check(settings, task_of(settings.task), small_clouds())


def test_the_extrinsic_task_asks_the_same_of_rigid_motions() -> None:
    made = extrinsic_task(Task(Mesh(features="wave"), output=Invariant(3)))
    assert made.domain == Mesh(intrinsic=False) and made.output == Invariant(3) and made.symmetry == er.SO(2)
    with pytest.raises(ConfigError, match="features of their own"):
        extrinsic_task(Task(Mesh(), input=2, output=Invariant(3)))
    with pytest.raises(ConfigError, match="intrinsic"):
        extrinsic_task(made)
