"""Runs on energies and forces: learnt together, told apart, turned along, and taken up by a simulation."""

from pathlib import Path

import numpy as np
import pytest
import torch
from ase import Atoms

import erlangen as er
from erlangen.data.xtb import ELEMENTS, NUMBERS, START
from erlangen.groups import O
from erlangen.task import Forces
from erlangen.train import ValueResults, load_network, read_results, run, write_report
from erlangen.train.baselines import parameters
from erlangen.train.config import NetworkSection, ReportSection, TaskSection, TrainSection
from erlangen.train.networks import task_of
from erlangen.train.values import judged, lengths, spread_of
from tests.data.morse import morse, small_ethanol
from tests.train.small import small_config

CONFIG = small_config(
    task=TaskSection("Points(3, radius=4.0)", "Forces()", None, 3),
    network=NetworkSection(width=8, depth=1, choices={"hidden": 8}),
    train=TrainSection(seeds=(0,), epochs=6, batch_size=4, learning_rate=0.02, weight_decay=0.0, threads=1),
    report=ReportSection(moved=8),
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ValueResults]:
    folder = tmp_path_factory.mktemp("runs") / "forces"
    results = run(CONFIG, small_ethanol(), folder)
    assert isinstance(results, ValueResults)
    return folder, results


def test_forces_are_learnt_and_turn_along(finished: tuple[Path, ValueResults]) -> None:
    folder, results = finished
    assert results.error("derived", 0).middle < 0.9 * results.unlooked()
    assert results.changed("derived") < 1e-5 and results.changed("plain") > 1e-3
    assert all(abs(results.parameters(m) / results.parameters("derived") - 1) <= 0.05 for m in results.models)
    assert read_results(folder / "results.json") == results


def test_errors_are_of_forces_and_energies_stand_beside(finished: tuple[Path, ValueResults]) -> None:
    folder, results = finished
    test = small_ethanol().test
    for outcome in results.outcomes:
        net, task = load_network(folder / f"seed-0/{outcome.model}/network.safetensors")
        assert isinstance(task.output, Forces) and parameters(net) == outcome.parameters
        off = (net(test.inputs.batch(range(len(test)))) - test.targets).detach()
        assert outcome.at[0].error == pytest.approx(float(off[:, 1:].norm(dim=1).mean()), rel=1e-4)
        assert outcome.at[0].energy == pytest.approx(float(off[:, 0].abs().mean()), rel=1e-4)


def test_forces_of_every_network_are_slopes(finished: tuple[Path, ValueResults]) -> None:
    folder, results = finished
    for model in results.models:
        net = load_network(folder / f"seed-0/{model}/network.safetensors")[0].double()
        cloud = {"x": er.domains.elements_one_hot(NUMBERS.tolist(), ELEMENTS).double(), "pos": torch.tensor(START)}
        by = torch.zeros(9, 3, dtype=torch.float64)
        by[2] = torch.tensor([1e-4, -2e-4, 1e-4])
        with torch.no_grad():
            there, back = (net({**cloud, "pos": cloud["pos"] + sign * by})[:, 0].sum() for sign in (1, -1))
            work = (net(cloud)[:, 1:] * by).sum() * 2
        assert float(there - back) == pytest.approx(-float(work), rel=1e-4)


def test_the_page_tells_of_forces_and_energies(finished: tuple[Path, ValueResults]) -> None:
    folder, results = finished
    page = write_report(CONFIG, small_ethanol(), results, folder).read_text(encoding="utf-8")
    assert "eV/Å" in page and "Its energies are off by" in page
    assert "audit of the derived network: exact" in page and "audit of the plain network: broken" in page


def test_a_trained_network_moves_atoms(finished: tuple[Path, ValueResults]) -> None:
    folder, _ = finished
    atoms = Atoms(NUMBERS, START)
    atoms.rattle(0.05, seed=0)
    atoms.calc = er.calculator(folder / "seed-0/derived/network.safetensors", elements=ELEMENTS)
    off = np.abs(atoms.get_forces() - morse(atoms.positions)[1]).mean()
    assert off < 0.9 * np.abs(morse(atoms.positions)[1]).mean()


def test_energies_and_forces_each_have_their_spread() -> None:
    data, task = small_ethanol(8, 2, 2), task_of(CONFIG.task)
    assert task.symmetry == O(3)
    middle, spread = spread_of(task, data.train)
    assert middle[0] == pytest.approx(float(data.train.targets[:, 0].mean())) and not middle[1:].any()
    assert len(spread[1:].unique()) == 1 and spread[0] < spread[1]
    off = torch.tensor([[3.0, 0.0, 3.0, 4.0]])
    assert lengths(task, off).tolist() == [[3.0, 5.0]] and judged(task, off).tolist() == [[5.0]]
