"""The n-body benchmark against the laws of its motion, a slow simulation written out, and its known baselines."""

from pathlib import Path

import numpy as np
import pytest
import torch

from erlangen.data import load, small_nbody
from erlangen.data.cache import made_here
from erlangen.data.nbody import SIZES, beginnings, simulate
from erlangen.errors import DataError


def written_out(q: np.ndarray, x: np.ndarray, v: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """One trajectory by the formula, body by body: `[bodies, 3]`."""
    x, v = x.copy(), v.copy()

    def force(i: int) -> np.ndarray:
        return np.clip(
            sum(q[i] * q[j] * (x[i] - x[j]) / np.linalg.norm(x[i] - x[j]) ** 3 for j in range(len(q)) if j != i),
            -100,
            100,
        )

    for _ in range(steps):
        v = v + 0.001 * np.stack([force(i) for i in range(len(q))])
        x = x + 0.001 * v
    return x, v


def test_many_at_once_are_as_one_written_out() -> None:
    charge, position, velocity = beginnings((3, 1, 1))[0]
    x, v = next(simulate(charge, position, velocity, 100))
    slow, speed = written_out(charge[2], position[2].T, velocity[2].T, 100)
    np.testing.assert_allclose(x[2].T, slow, rtol=1e-10, atol=1e-12)
    pushed = np.stack([written_out(charge[2], slow, speed, 1)[1]])[0]  # the state looked at is between drift and kick
    assert np.abs(v[2].T - speed).max() < 1e-10 < np.abs(v[2].T - pushed).max()


def test_strong_forces_are_cut_and_two_bodies_fly_apart_as_energy_has_it() -> None:
    near = np.array([[[0.0, 1e-3], [0.0, 0.0], [0.0, 0.0]]])
    still, charge = np.zeros((1, 3, 2)), np.ones((1, 2))
    _, v = next(simulate(charge, near, still, 100))
    assert np.abs(v).max() <= 0.1 * 100 + 1e-9  # a force of up to 100 for 0.1
    *_, (x, v) = simulate(charge, 1000 * near, still, 5000)
    apart = x[0, 0, 1] - x[0, 0, 0]
    assert (v**2).sum() / 2 == pytest.approx(1 - 1 / apart, abs=2e-3)


def test_momentum_is_kept_and_charges_may_all_be_swapped() -> None:
    charge, position, velocity = beginnings((40, 1, 1))[0]
    *_, (x, v) = simulate(charge, position, velocity, 500)
    *_, (other, _) = simulate(-charge, position, velocity, 500)
    assert np.array_equal(x, other)
    lost = np.abs(v.sum(2) - velocity.sum(2)).max(1)
    assert (lost < 1e-10).mean() > 0.8 and lost.max() < 1e-2  # where a force is cut, the other one may not be
    assert set(np.unique(charge)) == {-1.0, 1.0}
    np.testing.assert_allclose(np.linalg.norm(velocity, axis=1), 0.5)
    assert np.abs(position).max() <= 5


def test_the_stream_is_numpys_legacy_one_in_the_published_order() -> None:
    """The second trajectory drawn by hand: what the generator draws and does not use is passed over."""
    np.random.seed(43)  # noqa: NPY002
    for _ in range(2):
        charge = np.random.choice([-1.0, 0.0, 1.0], size=(5, 1), p=[0.5, 0, 0.5])  # noqa: NPY002
        position, velocity = np.random.randn(3, 5), np.random.randn(3, 5)  # noqa: NPY002
        np.random.randn(49, 3, 5), np.random.randn(49, 3, 5)  # noqa: NPY002
    found = beginnings((2, 1, 1))[0]
    assert np.array_equal(found[0][1], charge[:, 0]) and np.array_equal(found[1][1], position)
    np.testing.assert_allclose(found[2][1], 0.5 * velocity / np.linalg.norm(velocity, axis=0))


def test_the_test_part_has_its_known_baselines() -> None:
    """To stay costs 0.2715; to fly straight by 0.7237 velocities, the training part's least squares, 0.0836."""
    part = small_nbody(1, 1, SIZES[2]).test
    moved, velocity = part.targets - part.inputs.pos, part.inputs.x[:, 1:]
    errors = [float((moved - slope * velocity).square().mean()) for slope in (0, 0.7237)]
    assert errors == pytest.approx([0.27154, 0.08356], abs=1e-5)


def test_it_is_made_once_and_a_smaller_one_is_a_part_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERLANGEN_CACHE", str(tmp_path))
    monkeypatch.setattr("erlangen.data.nbody.SIZES", (4, 3, 2))
    data = load("nbody")
    assert [len(part) for part in data.parts.values()] == [4, 3, 2]
    assert (data.channels, data.train.space, data.train.dense, data.quantity.name) == (4, 3, True, "position")
    for name, some in small_nbody(2, 2, 2).parts.items():
        whole = data.parts[name].take([0, 1])
        assert torch.equal(some.targets, whole.targets) and torch.equal(some.inputs.x, whole.inputs.x)
    assert set(data.train.inputs.x[:, 0].tolist()) == {-1.0, 1.0}
    monkeypatch.setattr("erlangen.data.nbody.beginnings", None)
    assert torch.equal(load("nbody").test.targets, data.test.targets)


def test_sizes_beyond_the_protocol_are_refused() -> None:
    with pytest.raises(DataError, match="at most"):
        small_nbody(1, 2001, 1)
    with pytest.raises(DataError, match="trajectories=0"):
        small_nbody(1, 0, 1)


def test_what_is_made_here_is_made_once_and_again_where_it_is_damaged(tmp_path: Path) -> None:
    made = []

    def make(folder: Path) -> None:
        made.append(len(made))
        (folder / "a").write_text(f"{len(made)}")

    for _ in range(2):
        assert (made_here(tmp_path / "set", make) / "a").read_text() == "1"
    (tmp_path / "set" / "a").write_text("damage")
    assert (made_here(tmp_path / "set", make) / "a").read_text() == "2"
    assert [file.name for file in tmp_path.iterdir()] == ["set"]
    (tmp_path / "set" / "SHA256SUMS").write_bytes(b"\xff")
    assert (made_here(tmp_path / "set", make) / "a").read_text() == "3"
