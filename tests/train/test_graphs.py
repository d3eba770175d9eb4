"""Runs on graphs: tested as stored and in other orders, beside plain networks of equal size, over folds, at nodes."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from erlangen.data import DataSet, GraphPair, GraphStore, TensorPair
from erlangen.domains import Graph, Set
from erlangen.errors import ConfigError, DataError, InputError, TaskError
from erlangen.groups import D
from erlangen.task import Equivariant, Invariant, Task
from erlangen.train import (
    DataSection,
    NetworkSection,
    TaskSection,
    evaluate,
    load_network,
    plain_twin,
    read_results,
    run,
    write_report,
)
from erlangen.train.baselines import parameters
from erlangen.train.check import check
from erlangen.train.elements import elements
from erlangen.train.fit import fit
from erlangen.train.folds import fold_of
from erlangen.train.moving import augment, move, move_scores
from erlangen.train.networks import derived_network, task_of
from erlangen.train.padded import PaddedNet, PointwiseNet
from erlangen.train.relabelled import AS_STORED
from erlangen.train.results import Results
from tests.train.small import ON_GRAPHS, ON_NODES, rings, small_config, small_data, small_graphs, small_nodes

CONFIG, NODES = small_config(**ON_GRAPHS), small_config(**ON_NODES)
TASK = task_of(CONFIG.task)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Results]:
    folder = tmp_path_factory.mktemp("runs") / "rings"
    return folder, run(CONFIG, small_graphs(), folder)


def test_a_run_is_tested_as_stored_and_in_other_orders(finished: tuple[Path, Results]) -> None:
    folder, results = finished
    assert results.elements == (AS_STORED, "relabelled 1", "relabelled 2", "relabelled 3") and all(results.exact)
    agreeing, decided = results.agreement("derived")
    assert agreeing == decided == 3 * 32
    assert results.agreement("plain")[0] < results.agreement("plain")[1]
    assert abs(results.parameters("plain") / results.parameters("derived") - 1) <= 0.05
    assert read_results(folder / "results.json") == results


def test_networks_are_saved_as_they_answered(finished: tuple[Path, Results]) -> None:
    folder, results = finished
    test = small_graphs().test
    for outcome in results.outcomes:
        net, task = load_network(folder / f"seed-0/{outcome.model}/network.safetensors")
        assert evaluate(net, task, test)[0].accuracy == outcome.at[0].accuracy


def test_the_page_speaks_of_orders_and_of_no_pictures(finished: tuple[Path, Results]) -> None:
    folder, results = finished
    page = write_report(CONFIG, small_graphs(), results, folder).read_text(encoding="utf-8")
    assert "Accuracy in every order" in page and "As stored" in page and "4 to 7 points" in page
    assert not any(word in page for word in ("pright the", " moved inputs", "CNN", "element ("))
    assert "audit of the derived network: exact" in page and "audit of the plain network: broken" in page


def test_the_words_of_a_symmetry_that_is_true_blame_no_pair(finished: tuple[Path, Results]) -> None:
    from erlangen.train.pairs import pair_evidence

    doubt = pair_evidence(finished[1], ("ring", "path")).doubt
    assert "the same example" in doubt or "not clearly better" in doubt


# ---- what is moved


def test_labels_of_nodes_go_where_the_nodes_go() -> None:
    task, pair = task_of(NODES.task), small_nodes().train
    scores = torch.nn.functional.one_hot(pair.targets.clamp(min=0), 2).float()
    for g in elements(task)[1:]:
        inputs, targets = move(task, g, pair.inputs, pair.targets)
        place = (inputs.x[:, None] == pair.inputs.x[None]).all(2).float().argmax(1)
        assert torch.equal(targets, pair.targets[place]) and not torch.equal(place, torch.arange(60))
        assert torch.equal(move_scores(task, g, scores, pair.inputs), scores[place])


def test_a_group_may_move_the_features_too() -> None:
    task = Task(Graph(), D(4), D(4).standard, Equivariant(D(4).standard))
    with pytest.raises(ConfigError, match="the group permutes"):
        move(task, elements(task)[4], rings(4, 0).inputs, torch.zeros(4).long())
    task = Task(Graph(), D(4), D(4).standard, Invariant(2))
    among, pair = elements(task), rings(8, 0)
    assert [str(g) for g in among[:2]] == [AS_STORED, "relabelled 1"] and len(among) == 4 + 7
    net = derived_network(task, NetworkSection(width=16, depth=1)).double().eval()
    pair.inputs.x = pair.inputs.x.double()
    for entry in evaluate(net, task, pair):
        assert entry.agreeing == entry.decided
    batch, targets = pair.batch(list(range(8)))
    moved, same = augment(task, (), batch, targets, torch.Generator().manual_seed(0))
    assert torch.equal(same, targets) and not torch.equal(moved.x, batch.x)
    assert torch.allclose(net(moved), net(batch))


# ---- plain networks


def test_the_plain_network_reads_the_matrix_in_its_order() -> None:
    pair = rings(6, 0)
    net = PaddedNet(TASK, 7, (5, 4)).eval()
    batch = pair.inputs.batch([1, 4])
    assert torch.equal(net(batch)[1:], net(pair.inputs[4])) and net(batch).shape == (2, 2)
    moved, _ = batch.reordered(torch.Generator().manual_seed(0))
    assert not torch.allclose(net(moved), net(batch))
    other = pair.inputs.batch([1, 4])
    other.edge_attr = 2 * other.edge_attr
    assert not torch.allclose(net(other), net(batch))
    with pytest.raises(InputError, match="at most 3"):
        PaddedNet(TASK, 3, (5, 4)).eval()(batch)


@pytest.mark.parametrize("domain", [Graph(), Graph(edge_features=1), Set()])
@pytest.mark.parametrize("output", [Invariant(2), Equivariant(2)])
def test_plain_networks_have_as_many_parameters(domain: Graph | Set, output: Invariant | Equivariant) -> None:
    task = Task(domain, None, 2, output)
    net = derived_network(task, NetworkSection(width=32))
    plain = plain_twin(net, task, points=7).eval()
    assert abs(parameters(plain) / parameters(net) - 1) <= 0.05
    batch = rings(3, 0).inputs.batch([0, 1, 2])
    assert plain(batch).shape == net.eval()(batch).shape
    assert isinstance(plain, PointwiseNet) == isinstance(output, Equivariant)


def test_a_plain_network_that_cannot_be_small_enough_is_refused() -> None:
    net = derived_network(TASK, NetworkSection(width=4, depth=1))
    with pytest.raises(TaskError, match="on 500 points"):
        plain_twin(net, TASK, points=500)
    with pytest.raises(TaskError, match="points="):
        plain_twin(net, TASK)


# ---- nodes of one graph


def test_labels_at_nodes_are_learnt_and_tested_where_they_are_known(tmp_path: Path) -> None:
    results = run(NODES, small_nodes(), tmp_path / "run")
    assert results.tested == 30 and not results.has_masks
    assert results.agreement("derived") == (90, 90) and results.agreement("plain") == (90, 90)
    page = write_report(NODES, small_nodes(), results, tmp_path / "run").read_text(encoding="utf-8")
    assert "labels of 18 points of one graph" in page and "seen in training" in page
    assert "18 / 12 / 30" in page and "without edges" in page


def test_unknown_labels_teach_nothing(tmp_path: Path) -> None:
    """Whatever the features of a set are where its label is unknown, a pointwise network learns the same."""
    task = Task(Set(), None, 1, Equivariant(2))
    found = []
    for x in (torch.zeros(8, 1), torch.tensor([[0.0], [0], [0], [0], [9], [9], [9], [9]])):
        store = GraphStore([{"x": x + torch.arange(8)[:, None]}])
        pair = GraphPair(store, torch.tensor([0, 1, 0, 1, -100, -100, -100, -100]))
        torch.manual_seed(0)
        net = PointwiseNet(task, (4,), normalize=False)
        fit(net, task, DataSet(pair, pair, pair, ("a", "b"), "x", "", ""), CONFIG.train, 0, tmp_path / str(len(found)))
        found.append(net.layers[0].weight.detach())  # type: ignore[union-attr]
    assert torch.equal(*found)


# ---- folds


def test_folds_test_every_example_once_whatever_the_network(tmp_path: Path) -> None:
    settings = replace(CONFIG.train, seeds=(0, 1, 2), models=("derived", "plain"), epochs=1)
    config = replace(CONFIG, data=DataSection(folds=3, validation=0.2), train=settings)
    results = run(config, small_graphs(), tmp_path / "run")
    assert results.folds == 3 and results.tested == 96
    assert results.accuracy("derived", 0).mean == pytest.approx(
        sum(o.at[0].accuracy for o in results.of("derived")) / 3
    )
    assert read_results(tmp_path / "run/results.json") == results
    page = write_report(config, small_graphs(), results, tmp_path / "run").read_text(encoding="utf-8")
    assert "Mean over 3 folds ±" in page and "Cross-validation in 3 folds" in page and "seeds)" not in page
    xs = [fold_of(config, small_graphs(), seed).test.inputs.x for seed in range(3)]
    assert len(torch.cat(xs).unique(dim=0)) == sum(map(len, xs))
    with pytest.raises(DataError, match="of circle"):
        fold_of(replace(NODES, data=config.data), small_nodes(), 0)


def test_folds_are_as_good_for_pictures() -> None:
    config = small_config(data=DataSection(folds=4, validation=0.1))
    data = replace(small_data(), drawn=True)
    assert [len(fold_of(config, data, seed).test) for seed in range(5)] == [22, 22, 22, 22, 22]


# ---- what does not fit


@pytest.mark.parametrize(
    ("task", "data", "said"),
    [
        (TaskSection("Grid(2)", "Invariant(2)", None, 2), small_graphs(), "which holds sets or graphs"),
        (TaskSection("Graph()", "Invariant(3)", None, 1), small_data(), "which holds signals on 2 axes"),
        (TaskSection("Graph()", "Invariant(2)", None, 3), small_graphs(), "task.input = 2"),
        (TaskSection("Graph(edge_features=4)", "Invariant(2)", None, 2), small_graphs(), r"Graph\(edge_features=1\)"),
        (TaskSection("Graph()", "Equivariant(2)", None, 2), small_graphs(), r"Invariant\(2\)"),
        (TaskSection("Graph()", "Invariant(2)", None, 2), small_nodes(), "labels at every point"),
        (TaskSection("Graph()", "Invariant(2)", None, 2), "sets", r'task.domain = "Set\(\)"'),
    ],
)
def test_task_and_data_that_do_not_fit_are_refused(task: TaskSection, data: object, said: str) -> None:
    if data == "sets":
        pair = GraphPair(GraphStore([torch.zeros(3, 2), torch.ones(2, 2)]), torch.tensor([0, 1]))
        data = DataSet(pair, pair, pair, ("a", "b"), "sets", "", "")
    config = small_config(task=task, report=replace(CONFIG.report, pairs=()), network=NetworkSection(width=16, depth=1))
    with pytest.raises(ConfigError, match=said):
        check(config, task_of(task), data)  # type: ignore[arg-type]


def test_sets_are_trained_on_as_they_are(tmp_path: Path) -> None:
    parts = []
    for seed, n in enumerate((32, 8, 16)):
        generator = torch.Generator().manual_seed(seed)
        sets = [torch.randn(3 + i % 4, 2, generator=generator) + i % 2 for i in range(n)]
        parts.append(GraphPair(GraphStore(sets), torch.arange(n) % 2))
    data = DataSet(*parts, ("ring", "path"), "clouds", "CC0", "made here")
    config = replace(CONFIG, task=TaskSection("Set()", "Invariant(2)", None, 2), network=NetworkSection(16, 1))
    results = run(config, data, tmp_path / "run")
    assert results.agreement("derived") == (48, 48)
    assert isinstance(small_data().train, TensorPair)
