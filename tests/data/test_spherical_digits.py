"""Digits on the sphere: where a digit lies, how it is turned, and what the protocol's parts hold."""

from pathlib import Path

import numpy as np
import pytest
import torch

from erlangen.data import images, load, spherical_digits
from erlangen.data.spherical_digits import on_sphere, random_rotations
from erlangen.domains import Sphere
from erlangen.groups import SO
from tests.data.test_catalogue import cache as cache  # a fixture
from tests.data.test_catalogue import small_mnist
from tests.laws.signals import difference


def blob(row: float, column: float, width: float = 3.0) -> torch.Tensor:
    """A smooth spot on a picture of 28 × 28."""
    at = torch.arange(28.0)
    return torch.exp(-((at[:, None] - row) ** 2 + (at - column) ** 2) / (2 * width**2))[None, None]


@pytest.mark.parametrize(("row", "column", "where"), [(27, 13.5, (0, 1)), (13.5, 27, (1, 0)), (0, 13.5, (0, -1))])
def test_the_foot_points_to_longitude_0_and_the_right_side_east(row: float, column: float, where: tuple[int, int]):
    """Seen from outside, down on the north pole, x to the right and z downward, the digit is not mirrored."""
    points = torch.as_tensor(Sphere().points((30, 60))).float()
    ink = on_sphere(blob(row, column, 1.5))[0, 0]
    x, y, z = ((ink[..., None] * points).sum((0, 1)) / ink.sum()).tolist()
    assert y > 0.2
    assert np.allclose(np.array([x, z]) / np.hypot(x, z), where, atol=0.02)


def test_the_sides_lie_at_three_quarters_of_the_equators_distance():
    ink = on_sphere(torch.ones(1, 1, 28, 28), size=(200, 400))[0, 0] > 0.5
    theta = Sphere().colatitudes(200)
    reach = np.tan(theta[ink.sum(0).numpy() - 1] / 2)  # of each meridian
    assert reach.min() == pytest.approx(0.75, abs=0.01)
    assert reach.max() == pytest.approx(1.0, abs=0.01)  # its corners would lie south of the equator


def test_turned_digits_are_the_digit_turned():
    rotations = random_rotations(6, 1)
    digits = blob(12, 16).expand(6, 1, 28, 28)
    upright, turned = on_sphere(digits), on_sphere(digits, rotations)
    expected = Sphere().act_each([SO(3).element(R.numpy()) for R in rotations], upright)
    assert difference(turned, expected) < 0.02
    assert difference(turned, upright) > 0.3


def test_rotations_are_uniform_and_follow_their_seed():
    rotations = random_rotations(20_000, 3)
    assert torch.equal(rotations, random_rotations(20_000, 3))
    assert not torch.equal(rotations[:5], random_rotations(5, 4))
    assert float(rotations.mean(0).abs().max()) < 0.02  # irrep(1) has mean zero
    traces = rotations.diagonal(dim1=1, dim2=2).sum(1)
    assert float(traces.square().mean()) == pytest.approx(1, abs=0.05)  # and is irreducible


def test_parts_are_turned_as_the_protocol_says(cache: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(images, "MNIST_DIGESTS", small_mnist(cache / "mnist"))
    upright, half, turned = (load(f"spherical-digits{kind}", validation=0.2) for kind in ("", "-nr-r", "-r-r"))
    assert [len(pair) for pair in upright.parts.values()] == [50, 10, 20]
    assert upright.size == (30, 60) and upright.name == "spherical-digits" and turned.name == "spherical-digits-r-r"
    assert torch.equal(upright.train.inputs, half.train.inputs)
    assert torch.equal(half.test.inputs, turned.test.inputs)
    assert not torch.equal(turned.train.inputs[:10], turned.validation.inputs)
    for part, pair in turned.parts.items():
        assert torch.equal(pair.targets, upright.parts[part].targets)
        moved = (pair.inputs != upright.parts[part].inputs).flatten(1).any(1)
        assert bool(moved.all())
    south = upright.train.inputs[..., 15:, :]
    assert not south.any() and turned.train.inputs[..., 15:, :].any()
    assert spherical_digits.SEED == 1801  # another one would be other data under the same name
