"""Runs on the sphere: classes of spots, and values at every point, weighed by area, beside what needs no network."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from erlangen.data import DataSet, Quantity, TensorPair
from erlangen.domains import Grid, Sphere
from erlangen.errors import DataError
from erlangen.groups import SO, C
from erlangen.representations import Representation
from erlangen.task import Equivariant, Task
from erlangen.train import Config, NetworkSection, ReportSection, TaskSection, TrainSection, findings, run, write_report
from erlangen.train.batches import seeded
from erlangen.train.judging import ByValue
from erlangen.train.moving import augment, drawn_from, move
from erlangen.train.networks import task_of
from erlangen.train.results import Results
from erlangen.train.value_results import ValueResults
from erlangen.train.values import lengths, over_points, spread_of
from erlangen.train.values_at import references_of

SIZE = (9, 16)
TRAIN = TrainSection(seeds=(0,), epochs=2, batch_size=16, threads=1)


def signals(n: int, seed: int) -> torch.Tensor:
    """Noise of degrees up to 5."""
    x = torch.randn(n, 1, *SIZE, generator=torch.Generator().manual_seed(seed))
    return Sphere().project(x, 5)


def small_spots() -> DataSet:
    """How many spots are there, one or two?"""
    points = torch.as_tensor(Sphere().points(SIZE)).float()
    parts = []
    for seed, n in enumerate((48, 16, 48)):
        labels = torch.arange(n) % 2
        at = torch.randn(n, 2, 3, generator=torch.Generator().manual_seed(seed))
        at = at / at.norm(dim=2, keepdim=True)
        spots = torch.exp(8 * (torch.einsum("tpi,nki->nktp", points, at) - 1))
        parts.append(TensorPair(spots[:, :1] + labels[:, None, None, None] * spots[:, 1:], labels))
    return DataSet(*parts, classes=("one", "two"), name="spots", licence="CC0", source="made here")


def small_fields() -> DataSet:
    """y = 2 P x, P to degrees up to 2; that y = x is a reference."""
    parts = [TensorPair(x, 2 * Sphere().project(x, 2)) for x in (signals(n, n) for n in (32, 16, 24))]
    return DataSet(
        *parts,
        classes=(),
        name="smooth",
        licence="CC0",
        source="made here",
        quantity=Quantity("height", "m"),
        references={"the same": parts[2].inputs, "the truth": parts[2].targets},
    )


def config(output: str, name: str, **train: object) -> Config:
    return Config(
        name,
        TaskSection("Sphere()", output, "SO(3)", 1),
        network=NetworkSection(width=8, depth=1, scales=2, choices={"band": 5}),
        train=replace(TRAIN, **train),  # pyright: ignore[reportArgumentType]
        report=ReportSection(examples=2, moved=16),
    )


def test_classes_of_signals_on_the_sphere(tmp_path: Path):
    asked, data = config("Invariant(2)", "spots", epochs=1), small_spots()
    found = run(asked, data, tmp_path / "run")
    assert isinstance(found, Results)
    assert found.models == ("derived", "plain", "augmented") and len(found.elements) == 9
    agreeing, decided = found.agreement("derived")
    assert agreeing >= 0.97 * decided
    page = write_report(asked, data, found, tmp_path / "run").read_text(encoding="utf-8")
    assert "picture of latitudes and longitudes" in page and "rotation by 158.5°" in page
    assert "by harmonics" in page and "on the lattice" not in page
    assert run(asked, data, tmp_path / "run", resume=True) == found


def test_a_run_at_the_vertices_of_an_icosahedron(tmp_path: Path):
    """Heights above a mean over neighbours: a local network, its plain twin on a picture, and their pages."""
    domain = Sphere("icosahedral", subdivisions=3)
    parts = []
    for n in (32, 8, 16):
        x = domain.project(torch.randn(n, 1, 642, generator=torch.Generator().manual_seed(n)), 5)
        parts.append(TensorPair(x, x - domain.project(x, 2)))
    data = DataSet(*parts, (), "rough", "CC0", "made here", quantity=Quantity("height", "m"))
    asked = Config(
        "vertices",
        TaskSection('Sphere("icosahedral", subdivisions=3)', "Equivariant(1)", "SO(3)", 1),
        network=NetworkSection(width=8, depth=1, scales=2, choices={"layer": "local", "rings": 1}),
        train=replace(TRAIN, models=("derived", "plain"), epochs=7, batch_size=8),
        report=ReportSection(examples=2, moved=8),
    )
    found = run(asked, data, tmp_path / "run")
    assert isinstance(found, ValueResults)
    assert found.error("derived", 0).median < 0.9 * found.unlooked()
    assert found.changed("derived") < found.changed("plain") / 2
    page = write_report(asked, data, found, tmp_path / "run").read_text(encoding="utf-8")
    assert "by vertices" not in page or "by harmonics" in page


def test_values_at_every_point_of_the_sphere(tmp_path: Path):
    asked, data = config("Equivariant(1)", "smooth", models=("derived", "plain"), epochs=20), small_fields()
    found = run(asked, data, tmp_path / "run")
    assert isinstance(found, ValueResults)
    assert found.error("derived", 0).median < 0.7 * found.unlooked()
    assert found.changed("derived") < 0.05 < found.changed("plain")
    assert [known.name for known in found.references] == ["the same", "the truth"]
    assert found.references[1].error == 0 < found.references[0].error
    assert "the truth 0" in "".join(findings(found))
    page = write_report(asked, data, found, tmp_path / "run").read_text(encoding="utf-8")
    assert "the same" in page and "height, in m" in page
    assert ValueResults.from_dict(found.to_dict()) == found


def test_tangent_vectors_at_every_point(tmp_path: Path):
    """y = −x: half of the wind's opposite is told by a run of two epochs, and it turns with the wind."""
    domain = Sphere("poles")
    rho = domain.vectors(SO(2))
    parts = []
    for seed, n in enumerate((16, 8, 20)):
        noise = torch.randn(n, 2, 10, 16, generator=torch.Generator().manual_seed(seed))
        x = domain.from_spectrum(domain.spectrum(noise, 4, rho), (10, 16), rho)
        parts.append(TensorPair(x, -x))
    still = {"calm": 0 * parts[2].targets}
    data = DataSet(*parts, (), "winds", "CC0", "made here", quantity=Quantity("wind", "m/s"), references=still)
    asked = Config(
        "vectors",
        TaskSection('Sphere("poles")', "Equivariant(tangent)", "SO(2)", "tangent"),
        network=NetworkSection(width=4, depth=1, scales=1, choices={"band": 4}),
        train=replace(TRAIN, models=("derived", "augmented"), batch_size=4),
    )
    found = run(asked, data, tmp_path / "run")
    assert isinstance(found, ValueResults)
    calm = found.references[0]
    assert found.unlooked() == pytest.approx(calm.error)
    assert calm.square == pytest.approx(float(domain.mean(parts[2].targets.square()).sum(1).mean().sqrt()), rel=1e-5)
    assert found.changed("derived") < 0.05
    middle, spread = spread_of(task_of(asked.task), data.train)
    assert not middle.any() and spread[0] == spread[1]


def test_equal_areas_count_alike():
    """An error of 1 in the half of the north is an error of a half, whatever the rows are."""
    for sampling in ("gauss", "equiangular", "poles"):
        domain = Sphere(sampling)
        task = Task(domain, None, 1, Equivariant(1))
        north = torch.as_tensor(domain.points((61, 8))[..., 1])[None, None]
        off = (north.abs() < 0.5).double()
        assert float(over_points(task, lengths(task, off))) == pytest.approx(0.5, abs=0.02)
        loss, told = ByValue(task, torch.tensor([2.0]))(off, torch.zeros_like(off), learning=True)
        assert (float(loss), float(told)) == pytest.approx((0.125, 0.5), abs=0.02)
        _, spread = spread_of(task, TensorPair(north.float(), north.float()))
        assert float(spread) == pytest.approx(math.sqrt(1 / 3), abs=1e-3)  # of the height over the sphere


@pytest.mark.parametrize("rho", [C(4).regular, C(4).standard], ids=str)
def test_values_move_with_their_signals_and_their_channels(rho: Representation):
    task = Task(Grid(2), C(4), 1, Equivariant(rho))
    x, y = torch.randn(3, 1, 5, 5), torch.randn(3, rho.dim, 5, 5)
    g = C(4).generators[0]
    assert torch.equal(move(task, g, x, y)[1], task.target.act(g, y))


def test_values_on_the_sphere_are_turned_with_the_signal():
    task, x = Task(Sphere(), SO(3), 1, Equivariant(1)), signals(4, 0)
    moved, values = augment(task, drawn_from(task), x, 2 * x, seeded(1))
    torch.testing.assert_close(values, 2 * moved, rtol=1e-4, atol=1e-4)
    assert float((moved - x).abs().amax((1, 2, 3)).min()) > 0.3


def test_what_cannot_be_values_or_references_is_refused():
    data = small_fields()
    with pytest.raises(DataError, match="values at every site"):
        replace(data, test=TensorPair(data.test.inputs, data.test.targets[..., 1:]), references={})
    with pytest.raises(DataError, match="not finite"):
        TensorPair(data.test.inputs, data.test.targets * torch.nan)
    with pytest.raises(DataError, match="the reference 'none'"):
        replace(data, references={"none": data.test.targets[:1]})
    with pytest.raises(DataError, match="no classes"):
        replace(data, classes=("a",))
    with pytest.raises(DataError, match="say what they measure"):
        replace(data, quantity=None, references={})


def test_references_are_measured_as_networks_are():
    data = small_fields()
    task = Task(Sphere(), None, 1, Equivariant(1))
    off = Sphere().mean((data.references["the same"] - data.test.targets).abs().double())
    assert references_of(task, data)[0].error == pytest.approx(float(off.mean()), rel=1e-6)
