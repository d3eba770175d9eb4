"""Runs on clouds of points: tested as recorded and turned, values that turn along, beside networks of equal size."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from erlangen.data import DataSet, GraphPair, GraphStore
from erlangen.domains import Points
from erlangen.errors import ConfigError, TaskError
from erlangen.groups import SO, C, O
from erlangen.task import Equivariant, Invariant, Positions, Task
from erlangen.train import TaskSection, ValueResults, load_network, plain_twin, read_results, run, write_report
from erlangen.train.baselines import parameters
from erlangen.train.check import check
from erlangen.train.elements import elements
from erlangen.train.moving import augment, move, move_scores
from erlangen.train.networks import derived_network, task_of
from erlangen.train.plain_points import MessageNet
from tests.train.small import ON_CLOUDS, charges, small_clouds, small_config

CONFIG = small_config(**ON_CLOUDS)
TASK = task_of(CONFIG.task)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ValueResults]:
    folder = tmp_path_factory.mktemp("runs") / "charges"
    results = run(CONFIG, small_clouds(), folder)
    assert isinstance(results, ValueResults)
    return folder, results


def test_a_run_is_tested_as_recorded_and_turned(finished: tuple[Path, ValueResults]) -> None:
    folder, results = finished
    assert results.elements[:2] == ("as recorded", "turned 1") and len(results.elements) == 5
    assert any("mirrored" in name for name in results.elements) and all(results.exact)
    assert results.changed("derived") < 1e-5 and results.changed("distances") < 1e-5
    assert results.changed("plain") > 0.1 and results.changed("augmented") > 0.01
    assert all(abs(results.parameters(m) / results.parameters("derived") - 1) <= 0.05 for m in results.models)
    assert read_results(folder / "results.json") == results


def test_an_error_is_the_length_of_what_is_missing(finished: tuple[Path, ValueResults]) -> None:
    folder, results = finished
    test = small_clouds().test
    for outcome in results.outcomes:
        net, _ = load_network(folder / f"seed-0/{outcome.model}/network.safetensors")
        said = net(test.inputs.batch(range(len(test)))).detach()
        assert outcome.at[0].error == pytest.approx(float((said - test.targets).norm(dim=1).mean()), rel=1e-5)
        assert outcome.at[0].unlooked == pytest.approx(float(test.targets.norm(dim=1).mean()), rel=1e-5)
    derived = results.of("derived")[0].at
    assert all(entry.error == pytest.approx(derived[0].error, rel=1e-4) for entry in derived)


def test_resuming_finds_what_is_there(finished: tuple[Path, ValueResults]) -> None:
    folder, results = finished
    assert run(CONFIG, small_clouds(), folder, resume=True) == results


def test_the_page_speaks_of_errors_and_turns(finished: tuple[Path, ValueResults]) -> None:
    folder, results = finished
    page = write_report(CONFIG, small_clouds(), results, folder).read_text(encoding="utf-8")
    assert "Mean error at every turn" in page and "Said over true" in page and "e Å" in page
    assert not any(word in page for word in ("Accuracy", "taken for", "commonest", "CNN", "pright"))
    assert "audit of the derived network: exact" in page and "audit of the plain network: broken" in page


# ---- what is moved


@pytest.mark.parametrize(("at_points", "dim"), [(False, 3), (True, 3), (False, 2)])
def test_values_turn_with_the_cloud(at_points: bool, dim: int) -> None:
    task = Task(Points(dim), O(dim), 1, Equivariant(O(dim).standard, pooled=not at_points))
    pair = charges(12, 0, at_points, dim)

    def closed_form(store: GraphStore) -> torch.Tensor:
        whole = store.batch(range(12))
        if at_points:
            middle = torch.stack([whole.pos[whole.batch == i].mean(0) for i in range(12)])
            return whole.x * (whole.pos - middle[whole.batch])
        return torch.stack([(whole.x * whole.pos)[whole.batch == i].sum(0) for i in range(12)])

    for g in elements(task):
        inputs, targets = move(task, g, pair.inputs, pair.targets)
        assert torch.allclose(targets, closed_form(inputs), atol=1e-5)
        assert torch.equal(move_scores(task, g, pair.targets, pair.inputs), targets)
    batch, values = pair.batch(range(12))
    moved, turned = augment(task, (), batch, values, torch.Generator().manual_seed(0))
    assert torch.allclose(turned, closed_form(GraphStore.of(moved)), atol=1e-5)
    assert not torch.allclose(turned, values, atol=0.1)
    lengths = [torch.linalg.norm(b.pos[b.batch == 3][0] - b.pos[b.batch == 3][1]) for b in (batch, moved)]
    assert torch.allclose(*lengths, atol=1e-5)


def test_clouds_are_turned_each_by_an_element_of_its_own() -> None:
    store = GraphStore([{"pos": torch.eye(3)}] * 20)
    task = Task(Points(3), SO(3), 1, Invariant(2))
    labels = torch.arange(20) % 2
    moved, same = augment(task, (), store.batch(range(20)), labels, torch.Generator().manual_seed(1))
    assert torch.equal(same, labels)
    frames = moved.pos.reshape(20, 3, 3)
    assert torch.allclose(torch.linalg.det(frames), torch.ones(20), atol=1e-5)
    assert len({tuple(frame.flatten().mul(1e3).long().tolist()) for frame in frames}) == 20


def test_classes_on_points_are_permuted_as_the_answer_says() -> None:
    group = C(4)
    task = Task(Points(2), group, 1, Equivariant(group.regular, pooled=True))
    store, labels = GraphStore([{"pos": torch.eye(2)}] * 4), torch.tensor([0, 1, 3, -100])
    for move_ in elements(task):
        _, moved = move(task, move_, store, labels)
        scores = torch.eye(4)[labels.clamp(min=0)]
        assert torch.equal(moved[:3], move_scores(task, move_, scores, store).argmax(1)[:3]) and moved[3] == -100


def test_classes_are_learnt_on_clouds(tmp_path: Path) -> None:
    def lines(n: int, seed: int) -> GraphPair:
        generator = torch.Generator().manual_seed(seed)
        places = torch.randn(n, 4, 3, generator=generator)
        labels = torch.arange(n) % 2
        places[labels == 0, :, 1:] *= 0.05
        return GraphPair(GraphStore([{"pos": place} for place in places]), labels)

    data = DataSet(*(lines(n, n) for n in (64, 16, 40)), ("line", "ball"), "shapes", "CC0", "made here")
    train = replace(CONFIG.train, models=("derived", "plain"), epochs=6)
    config = replace(CONFIG, task=TaskSection("Points(3)", "Invariant(2)", None, 1), train=train)
    results = run(config, data, tmp_path / "shapes")
    assert results.elements[1] == "turned 1"
    agreeing, decided = results.agreement("derived")
    assert agreeing == decided == 4 * 40 and results.accuracy("derived", 0).middle > 0.7
    page = write_report(config, data, results, tmp_path / "shapes").read_text(encoding="utf-8")
    assert "Accuracy at every turn" in page and "taken for" in page


def test_positions_are_learnt_from_where_points_are(tmp_path: Path) -> None:
    def drifting(n: int) -> GraphPair:
        pair = charges(n, n, at_points=True)
        return GraphPair(pair.inputs, pair.inputs.pos + 0.1 * pair.targets)

    data = replace(small_clouds(True), train=drifting(64), validation=drifting(16), test=drifting(40))
    train = replace(CONFIG.train, models=("derived", "plain", "distances"), epochs=3)
    config = replace(CONFIG, task=replace(CONFIG.task, output="Positions()"), train=train)
    results = run(config, data, tmp_path / "drift")
    assert isinstance(results, ValueResults)
    still = (data.test.targets - data.test.inputs.pos).norm(dim=1).mean()
    assert results.unlooked() == pytest.approx(float(still), rel=1e-4)
    assert results.changed("derived") < 1e-5 and results.changed("distances") < 1e-5
    page = write_report(config, data, results, tmp_path / "drift").read_text(encoding="utf-8")
    assert "audit of the derived network: exact" in page and "audit of the distances network: exact" in page


# ---- the other networks


@pytest.mark.parametrize("reads", ["vectors", "distances"])
@pytest.mark.parametrize(
    "output",
    [
        Invariant(2),
        Equivariant(2),
        Equivariant(O(3).standard),
        Equivariant(O(3).trivial + O(3).standard, pooled=True),
        Positions(),
    ],
    ids=["scalars", "scalars at points", "vectors", "a scalar and a vector", "positions"],
)
def test_networks_of_distances_keep_what_those_of_vectors_do_not(output: object, reads: str) -> None:
    task = Task(Points(3, radius=4.0), None, 1, output)  # type: ignore[arg-type]
    torch.manual_seed(0)
    net = MessageNet(task, 8, 2, reads).double().eval()
    pair = charges(5, 0)
    pair.inputs.x, pair.inputs.pos = pair.inputs.x.double(), pair.inputs.pos.double()
    batch = pair.inputs.batch(range(5))
    upright = net(batch)
    for g in elements(task)[1:]:
        moved, expected = net(g.inputs(task, batch)), g.answers(task, upright, batch)
        assert torch.allclose(moved, expected, atol=1e-10) == (reads == "distances")
    shifted = net(type(batch)(**{**vars(batch), "pos": batch.pos + 3.0}))
    assert torch.allclose(shifted, upright + 3.0 * isinstance(output, Positions), atol=1e-8)
    order = torch.randperm(len(batch.x), generator=torch.Generator().manual_seed(1))
    mixed = net({"x": batch.x[order], "pos": batch.pos[order], "batch": batch.batch[order]})
    assert torch.allclose(mixed, upright[order] if net.dense else upright, atol=1e-10)


def test_a_tensor_is_beyond_a_network_of_distances() -> None:
    with pytest.raises(TaskError, match="scalars and vectors"):
        MessageNet(Task(Points(3), None, 1, Equivariant(O(3).irrep(2, 1), pooled=True)), 8, reads="distances")


@pytest.mark.parametrize("width", [16, 33, 64])
def test_the_twin_has_as_many_parameters(width: int) -> None:
    net = derived_network(TASK, replace(CONFIG.network, width=width))
    for reads in ("vectors", "distances"):
        twin = plain_twin(net, TASK, 1, reads=reads)
        assert abs(parameters(twin) / parameters(net) - 1) <= 0.05


# ---- what is refused


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"task": TaskSection("Points(2)", "Invariant(3)", None, 1)}, "clouds in 3 dimensions"),
        ({"task": TaskSection("Graph()", "Invariant(3)", None, 1)}, "edges"),
        ({"task": replace(CONFIG.task, output="Invariant(2)")}, "each of the 3 values"),
        ({"task": replace(CONFIG.task, output="Equivariant(irrep(1, -1))")}, "for values"),
        ({"train": replace(CONFIG.train, models=("augmented", "averaged"))}, "real values"),
    ],
)
def test_what_does_not_fit_is_said_before_anything_is_written(changes: dict, said: str) -> None:
    config = replace(CONFIG, **changes)
    with pytest.raises(ConfigError, match=said):
        check(config, task_of(config.task), small_clouds())


def test_sets_without_positions_are_no_clouds() -> None:
    store = GraphStore([torch.zeros(2, 1)] * 60)
    values = torch.zeros(60, 3)
    parts = [GraphPair(store, values)] * 3
    data = replace(small_clouds(), train=parts[0], validation=parts[1], test=parts[2])
    with pytest.raises(ConfigError, match="without positions"):
        check(CONFIG, TASK, data)
