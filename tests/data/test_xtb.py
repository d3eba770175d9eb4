"""A molecule in a bath: its temperature, its own frame, parts apart in time, and what tblite says where it is there."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from erlangen.data.langevin import BOLTZMANN, Bath, in_own_frame, trajectory
from erlangen.data.xtb import BLOCKS, GAP, MASSES, NUMBERS, START, fetch_xtb_ethanol, in_blocks, simulated, xtb
from erlangen.errors import DataError
from tests.data.morse import morse, small_ethanol


def slopes(position: np.ndarray, step: float = 1e-5) -> np.ndarray:
    found = np.zeros_like(position)
    for place in np.ndindex(*position.shape):
        by = np.zeros_like(position)
        by[place] = step
        found[place] = (morse(position + by)[0] - morse(position - by)[0]) / (2 * step)
    return found


def test_the_closed_form_is_one() -> None:
    position = START + 0.1 * np.random.default_rng(0).standard_normal(START.shape)
    assert np.allclose(morse(position)[1], -slopes(position), atol=1e-8)
    assert morse(START)[0] == 0 and np.allclose(morse(START)[1], 0)


def test_a_bath_has_its_temperature() -> None:
    """k ⟨x²⟩ = k_B T for each of many springs; half the temperature, half of it."""

    def springs(x: np.ndarray) -> tuple[float, np.ndarray]:
        stiff = np.array([2.0, 8.0])[:, None]
        return float((stiff * x**2).sum()) / 2, -stiff * x

    for kelvin in (500.0, 250.0):
        bath = Bath(kelvin, friction=0.05)
        found = trajectory(springs, np.zeros((2, 3)), np.array([1.0, 12.0]), 1500, 10, 200, 0, bath)
        for place, stiff in enumerate((2.0, 8.0)):
            assert stiff * (found.position[:, place] ** 2).mean() == pytest.approx(BOLTZMANN * kelvin, rel=0.15)


def test_equal_seeds_repeat_a_run_and_others_do_not() -> None:
    runs = [trajectory(morse, START, MASSES, 3, 5, 10, seed) for seed in (0, 0, 1)]
    assert np.array_equal(runs[0].position, runs[1].position) and not np.allclose(runs[0].position, runs[2].position)


def test_forces_turn_along_into_the_frame_of_the_molecule() -> None:
    raw = trajectory(morse, START, MASSES, 5, 200, 10, 0)
    found = in_own_frame(raw, START)
    for position, energy, force in zip(*found, strict=True):
        again, slope = morse(position)
        assert np.isclose(again, energy) and np.allclose(slope, force, atol=1e-10)
    far, near = (np.abs(part.position - part.position.mean(1, keepdims=True) - START).mean() for part in (raw, found))
    assert near < 0.5 * far and np.allclose(found.position.mean(1), 0)


def test_parts_are_blocks_in_time_with_gaps() -> None:
    found = simulated(morse, 12, every=5, skipped=10)
    data = in_blocks(found, {"train": 4, "validation": 2, "test": 3}, 1)
    held = [part.inputs.pos.reshape(-1, 9, 3) for part in data.parts.values()]
    expected = [found.position[frames] for frames in (slice(0, 4), slice(5, 7), slice(8, 11))]
    assert all(np.allclose(a, b, atol=1e-6) for a, b in zip(held, expected, strict=True))
    targets = data.test.targets.reshape(3, 9, 4)
    assert np.allclose(targets[:, :, 0] * 9, found.energy[8:11, None], atol=1e-5)
    assert np.allclose(targets[:, :, 1:], found.force[8:11], atol=1e-5)
    assert data.quantity is not None and data.quantity.unit == "eV/Å"
    assert torch.equal(data.train.inputs.x.argmax(1)[:3], torch.tensor([1, 1, 2]))
    assert len(small_ethanol(8, 2, 3).train) == 8


def test_without_tblite_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ERLANGEN_CACHE", str(tmp_path))
    monkeypatch.setitem(sys.modules, "tblite", None)
    monkeypatch.setitem(sys.modules, "tblite.interface", None)
    with pytest.raises(DataError, match="pip install tblite"):
        fetch_xtb_ethanol()
    assert not list(tmp_path.glob("xtb*"))
    assert sum(BLOCKS.values()) + 2 * GAP == 1900


def test_a_run_that_blows_up_is_refused() -> None:
    with np.errstate(all="ignore"), pytest.raises(DataError, match="finite"):
        trajectory(lambda x: (0.0, 1e200 * x**3), np.ones((1, 3)), np.ones(1), 5, 1, 0, 0)


def test_energies_of_tblite_have_their_slopes() -> None:
    pytest.importorskip("tblite")
    label, by = xtb(NUMBERS), np.zeros_like(START)
    by[3] = (1e-3, -2e-3, 1e-3)
    position = START + 0.05 * np.random.default_rng(0).standard_normal(START.shape)
    change = label(position + by)[0] - label(position - by)[0]
    assert -(label(position)[1] * by).sum() * 2 == pytest.approx(change, rel=1e-3)
