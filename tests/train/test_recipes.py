"""Every built-in run on stand-ins of its data, with the smallest network, for an epoch: it runs as it is written.

Runs that were kept have small versions in docs, which tests/test_real_data.py runs: of each kind one is tried here.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from erlangen.blueprint import derive
from erlangen.data import (
    DataSet,
    GraphPair,
    GraphStore,
    Quantity,
    SequencePair,
    SequenceStore,
    TensorPair,
    catalogue,
    small_nbody,
)
from erlangen.data.graph_pair import hide
from erlangen.data.split import split
from erlangen.domains import Graph, Grid
from erlangen.groups import SO, FullOctahedral, Group, O, Octahedral
from erlangen.task import Equivariant, Task
from erlangen.train import Config, ValueResults, builtin, read_config, run, write_report
from erlangen.train.answers import has_dense_answer
from erlangen.train.elements import elements
from erlangen.train.moving import move_labels
from erlangen.train.networks import task_of
from erlangen.train.toml import overlay
from tests.data.morse import small_ethanol
from tests.effort import covering
from tests.meshes import potato

SMALL = {
    "rotated-digits": 8,
    "hexagonal-digits": 7,
    "rotated-mnist": 8,
    "fashion-mnist": 8,
    "nuclei": 8,
    "mri-tissue": 6,
    "mri-sides": 6,
}
ON_GRAPHS = ("mutag", "solubility", "cells")
ON_DNA = ("nucleosomes", "dnase", "motifs", "chlamydia-genes", "chlamydia-strand", "splice")
IN_TIME = ("vowels", "watch")
ON_ATOMS = ("xtb-forces",)
IN_FLIGHT = ("nbody",)
ON_MOLECULES = ("qm9", "qm9-vector")
ON_SPHERES = ("spherical-digits", "spherical-digits-r-r", "winds", "winds-with-axis", "winds-alone")
ON_SURFACES = ("dog", "dog-parts", "bodies")
FEW = ("cells", "spherical-digits-r-r", "winds-with-axis", "winds-alone")  # without augmentation
ALL = (*SMALL, *ON_GRAPHS, *ON_DNA, *IN_TIME, *ON_ATOMS, *IN_FLIGHT, *ON_MOLECULES, *ON_SPHERES, *ON_SURFACES)
HOPING = sorted({*ALL} - {"rotated-digits", "hexagonal-digits"})
DECIDING = sorted({*HOPING} - {*ON_MOLECULES, "spherical-digits", "winds-with-axis", "winds-alone"})


def stand_in(config: Config, side: int) -> DataSet:
    """Noise of as many channels and classes as the task has, with labels that follow from the brightness."""
    task = task_of(config.task)
    classes, space = task.target.channels, (side,) * task.domain.axes
    parts = []
    for seed, n in enumerate((12, 4, 6)):
        x = torch.rand(n, task.source.channels, *space, generator=torch.Generator().manual_seed(seed))
        masks = (x[:, 0] * classes).long().clamp(max=classes - 1)
        y = masks if task.target.domain.axes else torch.arange(n) % classes
        parts.append(TensorPair(x, y))
    spacing = task.domain.spacing if isinstance(task.domain, Grid) else None
    names = [name for pair in config.report.pairs for name in pair]
    names += [f"class {c}" for c in range(classes - len(names))]
    return DataSet(*parts, tuple(names), "stand-in", "CC0", "made here", spacing=spacing)


def graphs_like(config: Config) -> DataSet[GraphPair]:
    """Small paths with labels that follow from their features: of the whole, or at the points of a single one."""
    task = task_of(config.task)
    dense, classes = has_dense_answer(task), task.target.channels
    graphs = []
    for i in range(1 if dense else 24):
        n = 20 * classes if dense else 3 + i % 3
        index = torch.stack([torch.arange(n - 1), torch.arange(1, n)])
        x = torch.randn(n, task.source.channels, generator=torch.Generator().manual_seed(i))
        features = task.domain.edge_features if isinstance(task.domain, Graph) else 0
        graphs.append({"x": x, "edge_index": index, "edge_attr": torch.ones(n - 1, features)})
    store = GraphStore(graphs)
    names = tuple(f"class {c}" for c in range(classes))
    if dense:
        parts = [GraphPair(store, y) for y in hide(torch.arange(len(store.x)) % classes, (0.2, 0.4), 0)]
        return DataSet(*parts, names, "stand-in", "CC0", "made here")
    parts = list(split(GraphPair(store, torch.arange(24) % classes), [0.2, 0.3], 0))
    return DataSet(*parts, names, "stand-in", "CC0", "made here", drawn=True)


def test_every_builtin_run_is_tried_here() -> None:
    assert set(builtin()) == {*ALL}


@pytest.mark.parametrize("name", ALL)
def test_a_builtin_run_names_known_data_and_a_task_that_can_be_derived(name: str) -> None:
    config = read_config(name)
    assert config.data.source in catalogue()
    assert config.train.seeds == tuple(range(config.data.folds or 3))
    asked = {"derived", "plain"} if name in FEW else {"derived", "plain", "augmented"}
    kinds = {"averaged": ON_DNA, "distances": ON_MOLECULES, "extrinsic": ON_SURFACES}
    more = {model for model, names in kinds.items() if name in names}
    assert set(config.train.models) == asked | more


@pytest.mark.parametrize("name", ON_GRAPHS)
def test_a_builtin_run_on_graphs_works_on_a_stand_in(name: str, tmp_path: Path) -> None:
    config, data = read_config(name), graphs_like(read_config(name))
    train = {"seeds": [0], "epochs": 1, "batch_size": 4, "threads": 1}
    small = overlay(config, {"data": {"folds": config.data.folds and 3}, "train": train}, "here")
    results = run(small, data, tmp_path / "run")
    assert results.models == config.train.models
    agreeing, decided = results.agreement("derived")
    assert agreeing == decided > 0
    assert "Hoped for before the run:" in write_report(small, data, results, tmp_path / "run").read_text("utf-8")


@pytest.mark.parametrize("name", covering(ON_DNA, ("dnase", "chlamydia-genes")))  # folds; an answer at each letter
def test_a_builtin_run_on_dna_works_on_a_stand_in(name: str, tmp_path: Path) -> None:
    config = read_config(name)
    data = replace(stand_in(config, 20), drawn=config.data.folds is not None)
    train = {"seeds": [0], "epochs": 1, "batch_size": 4, "threads": 1}
    asked = {"data": {"folds": config.data.folds and 3}, "network": {"width": 32, "depth": 2, "scales": 1}}
    small = overlay(config, {**asked, "train": train}, "here")
    results = run(small, data, tmp_path / "run")
    for model in ("derived", "averaged"):
        agreeing, decided = results.agreement(model)
        assert agreeing == decided > 0
    assert results.shortcut is not None
    page = write_report(small, data, results, tmp_path / "run").read_text("utf-8")
    assert "answers averaged over the group" in page and "GC content" in page


@pytest.mark.parametrize("name", IN_TIME)
def test_a_builtin_run_in_time_works_on_a_stand_in(name: str, tmp_path: Path) -> None:
    config = read_config(name)
    task = task_of(config.task)
    classes, parts = task.target.channels, []
    for seed, n in enumerate((18, 9, 9)):
        generator = torch.Generator().manual_seed(seed)
        drawn = [torch.randn(task.source.channels, 4 + i % 3, generator=generator) for i in range(n)]
        parts.append(SequencePair(SequenceStore(drawn), torch.arange(n) % classes))
    data = DataSet(*parts, tuple(f"class {c}" for c in range(classes)), "stand-in", "CC0", "made here")
    train = {"seeds": [0], "epochs": 1, "batch_size": 8, "threads": 1}
    small = overlay(config, {"network": {"width": 16}, "train": train}, "here")
    results = run(small, data, tmp_path / "run")
    agreeing, decided = results.agreement("derived", [1])  # each step recorded in two, and told
    assert agreeing == decided > 0
    assert "Hoped for before the run:" in write_report(small, data, results, tmp_path / "run").read_text("utf-8")


@pytest.mark.parametrize("name", ON_ATOMS)
def test_a_builtin_run_on_atoms_works_on_a_stand_in(name: str, tmp_path: Path) -> None:
    """Labelled by a closed form instead, which needs no other program."""
    train = {"seeds": [0], "epochs": 1, "threads": 1}
    small = overlay(read_config(name), {"network": {"width": 8, "depth": 1}, "train": train}, "here")
    results = run(small, small_ethanol(10, 5, 5), tmp_path / "run")
    assert isinstance(results, ValueResults) and results.changed("derived") < 1e-5
    assert all(outcome.at[0].energy is not None for outcome in results.outcomes)


@pytest.mark.parametrize("name", IN_FLIGHT)
def test_a_builtin_run_of_flights_works_on_a_few_of_them(name: str, tmp_path: Path) -> None:
    config = read_config(name)
    network, train = {"width": 8, "hidden": 8, "depth": 2}, {"seeds": [0], "epochs": 1, "batch_size": 10, "threads": 1}
    small = overlay(config, {"network": network, "train": train, "report": {"moved": 5}}, "here")
    results = run(small, small_nbody(20, 10, 10), tmp_path / "run")
    assert isinstance(results, ValueResults) and results.changed("derived") < 1e-5 < results.changed("plain")
    assert "Hoped for before the run:" in write_report(
        small, small_nbody(20, 10, 10), results, tmp_path / "run"
    ).read_text("utf-8")


@pytest.mark.parametrize("name", covering(ON_MOLECULES, ("qm9-vector",)))
def test_a_builtin_run_on_molecules_works_on_a_stand_in(name: str, tmp_path: Path) -> None:
    """A value, or a vector that turns with the atoms: the sum of where they are, by their first feature."""
    config, parts = read_config(name), []
    for seed, n in enumerate((16, 8, 20)):
        clouds, told = [], []
        for i in range(n):
            generator = torch.Generator().manual_seed(100 * seed + i)
            x, pos = torch.randn(4, 5, generator=generator), torch.randn(4, 3, generator=generator)
            moment = (x[:, :1] * (pos - pos.mean(0))).sum(0)
            clouds.append({"x": x, "pos": pos})
            told.append(moment if name == "qm9-vector" else moment.norm()[None])
        parts.append(GraphPair(GraphStore(clouds), torch.stack(told)))
    data = DataSet(*parts, (), "stand-in", "CC0", "made here", quantity=Quantity("moment", "e Å"))
    network, train = {"width": 8, "depth": 1}, {"seeds": [0], "epochs": 1, "batch_size": 8}
    small = overlay(config, {"network": network, "train": train, "report": {"moved": 20}}, "here")
    results = run(small, data, tmp_path / "run")
    assert isinstance(results, ValueResults) and results.changed("derived") < 1e-4
    assert "Hoped for before the run:" in write_report(small, data, results, tmp_path / "run").read_text("utf-8")


@pytest.mark.parametrize("name", covering(ON_SPHERES, ("spherical-digits-r-r",)))
def test_a_builtin_run_on_spheres_works_on_a_stand_in(name: str, tmp_path: Path) -> None:
    """Classes of noise, or noise that is to be told again, on a small grid."""
    config = read_config(name)
    task = task_of(config.task)
    dense, parts = has_dense_answer(task), []
    for seed, n in enumerate((12, 6, 20)):
        x = torch.randn(n, task.source.channels, 9, 16, generator=torch.Generator().manual_seed(seed))
        parts.append(TensorPair(x, x[:, : task.target.channels] if dense else torch.arange(n) % 10))
    classes = () if dense else tuple(map(str, range(10)))
    said = {"quantity": Quantity("wind", "m/s")} if dense else {}
    data = DataSet(*parts, classes, "stand-in", "CC0", "made here", **said)  # type: ignore[arg-type]
    network = {"width": 16, "depth": 1, "scales": 1, "band": 4}
    train = {"seeds": [0], "epochs": 1, "batch_size": 6, "models": ["derived", "plain"]}
    small = overlay(config, {"network": network, "train": train, "report": {"moved": 20}}, "here")
    results = run(small, data, tmp_path / "run")
    assert results.models == ("derived", "plain")
    assert "Hoped for before the run:" in write_report(small, data, results, tmp_path / "run").read_text("utf-8")


@pytest.mark.parametrize("name", covering(ON_SURFACES, ("dog-parts",)))
def test_a_builtin_run_on_surfaces_works_on_a_stand_in(name: str, tmp_path: Path) -> None:
    """Bumpy bodies of 42 vertices, whose parts are slices along their longest side."""
    config, parts = read_config(name), []
    classes = task_of(config.task).target.channels
    for seed, n in enumerate((4, 2, 2)):
        found = [_bumpy(10 * seed + i) for i in range(n)]
        labels = [(classes * body["pos"][:, 1].argsort().argsort()) // len(body["pos"]) for body in found]
        parts.append(GraphPair(GraphStore(found), torch.cat(labels)))
    names = tuple(dict.fromkeys([*sum(config.report.pairs, ()), *map(str, range(classes))]))[:classes]
    data = DataSet(*parts, names, "stand-in", "CC0", "made here")
    small = overlay(config, {"network": {"width": 8, "depth": 1}, "train": {"seeds": [0], "epochs": 1}}, "here")
    results = run(small, data, tmp_path / "run")
    agreeing, decided = results.agreement("derived")
    assert agreeing == decided > 0
    assert "Hoped for before the run:" in write_report(small, data, results, tmp_path / "run").read_text("utf-8")


def _bumpy(seed: int) -> dict[str, torch.Tensor]:
    points, faces = potato(1)
    points = points * (1 + 0.1 * np.random.default_rng(seed).standard_normal(3))
    return {"pos": torch.as_tensor(points).float(), "face": torch.as_tensor(faces.T.copy())}


@pytest.mark.parametrize("name", HOPING)
def test_what_is_hoped_for_is_said_before_the_run(name: str) -> None:
    hope = read_config(name).report.hope or ""
    assert hope.startswith("Metric") and "aselines" in hope


@pytest.mark.parametrize("name", DECIDING)
def test_what_is_hoped_for_says_what_would_count_as_none(name: str) -> None:
    assert (read_config(name).report.hope or "").endswith("counts as none.")


@pytest.mark.parametrize("name", covering(SMALL, ("rotated-digits", "hexagonal-digits", "rotated-mnist")))
def test_a_builtin_run_works_on_a_stand_in(name: str, tmp_path: Path) -> None:
    config = read_config(name)
    task = task_of(config.task)
    order = task.symmetry.order or 7  # of SO(2), a function up to frequency 3
    train = {"seeds": [0], "epochs": 1, "models": ["derived", "plain"], "batch_size": 4, "threads": 1}
    small = overlay(
        config,
        {"network": {"width": order, "depth": 1, "scales": 2}, "train": train, "report": {"examples": 1}},
        "here",
    )
    results = run(small, stand_in(small, SMALL[name]), tmp_path / "run")
    assert len(results.elements) == len(elements(task))
    agreeing, decided = results.agreement("derived")
    assert agreeing == decided > 0
    page = write_report(small, stand_in(small, SMALL[name]), results, tmp_path / "run").read_text(encoding="utf-8")
    assert ("Hoped for before the run:" in page) == (name in HOPING)
    assert ("≈" in page) == (not task.domain.preserves(task.symmetry))


# ---- chirality


def mirrored_head() -> torch.Tensor:
    x = torch.rand(2, 1, 7, 6, 6)
    return (x + x.flip(2)) / 2


MIRRORS = {FullOctahedral(): Octahedral(), O(3): SO(3)}  # what keeps mirrors, and its rotations alone


def answer(group: Group, output: Equivariant, x: torch.Tensor) -> torch.Tensor:
    continuous = {} if group.order else {"max_frequency": 1}
    width = group.order or group.band_limited_regular(1).dim
    with torch.inference_mode():
        return derive(Task(Grid(3), group, 1, output), width, depth=1, scales=2, **continuous).eval()(x)


@pytest.mark.parametrize("group", MIRRORS, ids=str)
def test_labels_that_do_not_move_are_equal_left_and_right_under_mirrors(group: Group) -> None:
    """f(x) = f(σx) = σ f(x) where σx = x: a theorem, for every network that keeps σ."""
    y = answer(group, Equivariant(3), mirrored_head())
    assert (y - y.flip(2)).abs().max() < 1e-5 * y.abs().max()
    assert y.std() > 1e-4 * y.abs().max()


@pytest.mark.parametrize("group", MIRRORS.values(), ids=str)
def test_rotations_alone_leave_left_and_right_free(group: Group) -> None:
    y = answer(group, Equivariant(3), mirrored_head())
    assert (y - y.flip(2)).abs().max() > 1e-4 * y.abs().max()


@pytest.mark.parametrize(("group", "rotations"), MIRRORS.items(), ids=str)
def test_labels_that_a_mirror_exchanges_tell_left_from_right(group: Group, rotations: Group) -> None:
    y = answer(group, Equivariant(group.trivial + group.quotient(rotations)), mirrored_head())
    assert (y - y.flip(2)[:, [0, 2, 1]]).abs().max() < 1e-5 * y.abs().max()
    assert (y[:, 1] - y[:, 2]).abs().max() > 1e-4 * y.abs().max()


def test_the_labels_of_the_run_on_sides_are_exchanged_by_mirrors_alone() -> None:
    task = task_of(read_config("mri-sides").task)
    labels = torch.randint(0, 3, (2, 4, 4, 4))
    for g in task.symmetry.elements[::5]:
        there = Grid(3).act(g, labels[:, None])[:, 0]
        det = round(float(torch.linalg.det(torch.from_numpy(Grid(3).matrix(g)).double())))
        expected = there if det > 0 else torch.tensor([0, 2, 1])[there]
        assert torch.equal(move_labels(task, g, labels), expected)
