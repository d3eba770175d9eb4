"""Small elements of continuous groups: by angles up to the one named, uniform, on every axis and with every mirror."""

import math

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.errors import GroupError, InputError, SymmetryError
from erlangen.symmetrize.turns import near_identity

MOST = math.pi / 12
augment = er.symmetrize.augment


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("group", [er.SO(2), er.O(2), er.SO(3), er.O(3)], ids=repr)
def test_angles_are_uniform_up_to_the_most(group: er.Group):
    drawn = near_identity(group, MOST, 600, seeded(0))
    matrices = np.stack([g.matrix for g in drawn])
    assert all(g.group == group for g in drawn)
    reflects = np.linalg.det(matrices) < 0
    expected = 0.5 if group in (er.O(2), er.O(3)) else 0
    assert abs(reflects.mean() - expected) < 0.1
    undone = matrices * np.where(reflects, -1, 1)[:, None, None]
    if group.dimension == 2:
        undone = matrices @ np.where(reflects[:, None, None], np.diag([1, -1]), np.eye(2))
        angles = np.arctan2(undone[:, 1, 0], undone[:, 0, 0])
        assert angles.min() < -0.9 * MOST and abs(angles.mean()) < 0.15 * MOST
        angles = np.abs(angles)
    else:
        angles = np.arccos(np.clip((np.trace(undone, axis1=1, axis2=2) - 1) / 2, -1, 1))
        axes = np.stack([undone[:, 2, 1] - undone[:, 1, 2], undone[:, 0, 2] - undone[:, 2, 0]], 1)
        assert np.abs((axes / (2 * np.sin(angles))[:, None]).mean(0)).max() < 0.15
    assert angles.max() <= MOST + 1e-9
    counts, _ = np.histogram(angles, 4, (0, MOST))
    assert np.abs(counts - 150).max() < 5 * math.sqrt(150 * 3 / 4)


def test_a_picture_is_turned_by_what_was_drawn_and_its_target_along():
    axis = torch.arange(33.0) - 16
    x = torch.exp(-((axis[:, None] + 8) ** 2 + axis**2) / 12).expand(40, 1, 33, 33)
    t = augment(er.Grid(2), er.SO(2), output=er.Equivariant(er.SO(2).standard, pooled=True), most=MOST)
    down = torch.tensor([[1.0, 0.0]]).expand(40, 2)  # the blob lies at −8 along the first axis
    moved, vector = t(x, -8 * down, generator=seeded(0))
    found = torch.stack([(moved * axis[:, None]).sum((1, 2, 3)), (moved * axis).sum((1, 2, 3))], 1)
    found = found / moved.sum((1, 2, 3))[:, None]
    assert torch.allclose(found, vector, atol=0.05)
    assert float(torch.atan2(vector[:, 1], -vector[:, 0]).abs().max()) <= MOST + 1e-6
    assert len(moved.flatten(1).unique(dim=0)) == 40


def test_small_turns_lose_less_than_all():
    x = torch.nn.functional.interpolate(torch.randn(16, 1, 5, 5, generator=seeded(1)), size=21, mode="bicubic")
    small = augment(er.Grid(2), er.SO(2), most=0.05).round_trip(x, generator=seeded(0))
    every = augment(er.Grid(2), er.SO(2)).round_trip(x, generator=seeded(0))
    assert 0 < float(small.mean()) < 0.6 * float(every.mean())


def test_with_shifts_it_is_one_transform():
    t = augment(er.Grid(3), er.SO(3), most=0.2, shifts=1)
    x = torch.rand(3, 1, 5, 5, 5)
    assert t(x, generator=seeded(0)).shape == x.shape
    assert torch.equal(t(x, generator=seeded(0)), t(x, generator=seeded(0)))
    assert repr(t) == "augment(Grid(3), SO(3), shifts=1, most=0.2)"


@pytest.mark.parametrize(
    ("group", "most", "error", "text"),
    [
        (er.C(8), 0.1, GroupError, "no small turns"),
        (er.SO(2), 0, InputError, "above 0"),
        (er.SO(2), -0.1, InputError, "radians"),
        (er.SO(2), 15, InputError, "radians"),
        (er.SO(2), "15°", InputError, "radians"),
    ],
)
def test_refusals(group: er.Group, most: object, error: type[SymmetryError], text: str):
    with pytest.raises(error, match=text):
        augment(er.Grid(2), group, most=most)
