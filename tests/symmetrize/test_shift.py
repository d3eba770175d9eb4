"""Augmentation by whole sites: moved by index, uniformly, with the targets, and by the border's law."""

import collections
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

import erlangen as er
from erlangen.domains import Domain
from erlangen.errors import InputError
from erlangen.symmetrize.labels import UNKNOWN
from erlangen.symmetrize.shift import drawn_shifts, shifted
from tests.laws.catalogue import DOMAINS
from tests.laws.signals import SEEDS, noise, sizes

augment = er.symmetrize.augment


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def filled(x: Tensor, shift: tuple[int, ...]) -> Tensor:
    """One example moved the long way: into a frame of zeros, rolled there, and cut out again."""
    wide = torch.nn.functional.pad(x, [max(map(abs, shift), default=0)] * 2 * len(shift))
    rolled = wide.roll(shift, tuple(range(-len(shift), 0)))
    for axis, size in enumerate(x.shape[-len(shift) :]):
        rolled = rolled.narrow(axis - len(shift), (rolled.shape[axis - len(shift)] - size) // 2, size)
    return rolled


@pytest.mark.parametrize(("domain", "group"), DOMAINS)
@given(data=st.data(), seed=SEEDS)
def test_first_the_group_then_the_shift_bit_by_bit(domain: Domain, group: er.Group, data: st.DataObject, seed: int):
    natural = domain.natural_input(group)
    space = er.Space(domain, group.standard if natural is None else natural)
    x = noise(space, data.draw(sizes(domain, 3, 6)), seed, batch=4)
    generator = seeded(seed)
    t = augment(domain, group, input=space.rho, shifts=2)
    turned = augment(domain, group, input=space.rho)(x, generator=generator)
    shifts = drawn_shifts((2,) * domain.axes, 4, generator)
    moved = t(x, generator=seeded(seed))
    for one, before, shift in zip(moved, turned, shifts.tolist(), strict=True):
        by = tuple(shift)
        ring = domain.boundary == "periodic"
        expected = before.roll(by, tuple(range(-len(by), 0))) if ring else filled(before, by)
        assert torch.equal(one, domain.clear(expected[None])[0])


def test_shifts_are_uniform_and_independent_of_the_axis():
    x = torch.zeros(9000, 1, 7, 9)
    x[:, :, 3, 4] = 1
    moved = augment(er.Grid(2), er.Trivial(), shifts=(1, 2))(x, generator=seeded(0))
    counts = collections.Counter(map(tuple, moved[:, 0].nonzero()[:, 1:].tolist()))
    assert sorted(counts) == [(i, j) for i in (2, 3, 4) for j in (2, 3, 4, 5, 6)]
    assert all(abs(n - 600) < 5 * math.sqrt(600) for n in counts.values())


def test_targets_move_along_and_what_enters_is_unknown():
    x, mask = torch.rand(40, 1, 6, 6) + 1, torch.randint(3, (40, 6, 6))
    pair = torch.cat([x, mask[:, None].float() + 1], 1)
    moved, along = augment(er.Grid(2), er.D(4), output=er.Equivariant(3), shifts=2)(pair, mask, generator=seeded(0))
    entered = moved[:, 1] == 0
    assert 0 < int(entered.sum()) < entered.numel() / 2
    assert bool((along[entered] == UNKNOWN).all())
    assert torch.equal(moved[:, 1][~entered].long() - 1, along[~entered])
    ring = augment(er.Grid(2, "periodic"), er.C(4), output=er.Equivariant(3), shifts=5)
    moved, along = ring(pair, mask.to(torch.uint8), generator=seeded(0))
    assert torch.equal(moved[:, 1].to(torch.uint8) - 1, along) and along.dtype == torch.uint8
    _, field = augment(er.Grid(2), er.C(4), output=er.Equivariant(1), shifts=2)(x, x, generator=seeded(0))
    assert torch.equal(field, augment(er.Grid(2), er.C(4), shifts=2)(x, generator=seeded(0)))


def test_labels_of_the_whole_stay_and_single_examples_move_as_batches():
    x = torch.rand(1, 5, 5)
    t = augment(er.Grid(2), er.Trivial(), shifts=3)
    moved, label = t(x, 7, generator=seeded(4))
    assert label == 7 and torch.equal(moved, t(x[None], generator=seeded(4))[0])
    assert repr(t) == "augment(Grid(2), Trivial(), shifts=3)"


def test_hexagons_lose_what_leaves_them():
    domain = er.HexGrid()
    inside = domain.mask(torch.ones(7, 7)) > 0
    x = domain.clear(torch.ones(60, 1, 7, 7))
    mask = torch.ones(60, 7, 7, dtype=torch.int64)
    moved, along = augment(domain, er.D(6), output=er.Equivariant(2), shifts=2)(x, mask, generator=seeded(0))
    assert bool((moved[:, 0][:, ~inside] == 0).all()) and bool((along[:, ~inside] == UNKNOWN).all())
    assert torch.equal(moved[:, 0] == 1, along == 1) and set(along.unique().tolist()) == {UNKNOWN, 1}
    assert 0.7 < float((along[:, 3, 3] == 1).float().mean()) < 1  # (2, 2) is four steps of a hexagon of radius 3


def test_what_a_shift_loses_is_measured():
    x = torch.rand(20, 1, 8, 8)
    assert float(augment(er.Grid(2, "periodic"), er.D(4), shifts=4).round_trip(x, generator=seeded(0)).max()) == 0
    lost = augment(er.Grid(2), er.D(4), shifts=4).round_trip(x, generator=seeded(0))
    assert 0.1 < float(lost.mean()) < 0.95
    inner = torch.nn.functional.pad(torch.rand(20, 1, 2, 2), [3] * 4)
    assert float(augment(er.Grid(2), er.D(4), shifts=3).round_trip(inner, generator=seeded(0)).max()) == 0


def test_far_shifts_leave_nothing_and_go_around():
    x, far = torch.arange(1.0, 4.0).reshape(1, 1, 3), torch.tensor([[7]])
    assert shifted(er.Grid(1), x, far).tolist() == [[[0, 0, 0]]]
    assert shifted(er.Grid(1, "periodic"), x, far).tolist() == [[[3, 1, 2]]]


def test_refusals():
    for shifts in (-1, 0.5, (1, 2, 3), "two", (1, None)):
        with pytest.raises(InputError, match="shifts"):
            augment(er.Grid(2), er.C(4), shifts=shifts)
    t = augment(er.Grid(2), er.C(4), output=er.Equivariant(2), shifts=1)
    x = torch.rand(8, 1, 4, 4)
    with pytest.raises(InputError, match="same points"):
        t(x, torch.zeros(8, 2, 2).long())
    with pytest.raises(InputError, match="unknown="):
        t(x, torch.zeros(8, 4, 4).byte(), generator=seeded(0))
