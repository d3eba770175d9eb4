"""What holds of every space: the action on points and channels together, for every lattice, group and kind of field."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import erlangen as er
from erlangen.domains import Domain
from erlangen.errors import SymmetryError
from erlangen.groups import Group
from erlangen.signal import Signal, Space
from tests.laws.built import mixture
from tests.laws.catalogue import DOMAINS, FINITE, POINTS
from tests.laws.signals import SEEDS, difference, noise, sizes

few = settings(max_examples=3)
SMALL = [param for param in [*DOMAINS, *FINITE, *POINTS] if (param.values[1].order or 25) <= 24]


@pytest.mark.parametrize(("domain", "group"), SMALL)
@given(data=st.data(), seed=SEEDS)
@few
def test_the_action_is_linear_and_a_left_action(domain: Domain, group: Group, data: st.DataObject, seed: int):
    space = Space(domain, mixture(group))
    size = data.draw(sizes(domain, least=1, most=9))
    x, z = noise(space, size, seed), noise(space, size, seed + 1)
    g, h = group.sample(2, seed)
    assert difference(space.act(g, space.act(h, x)), space.act(g @ h, x)) < 1e-12
    assert difference(space.act(g, 2 * x - z), 2 * space.act(g, x) - space.act(g, z)) < 1e-12
    assert difference(space.act(~g, space.act(g, x)), x) < 1e-12
    assert torch.allclose(space.act(g, x).norm(), x.norm())


@pytest.mark.parametrize(("domain", "group"), SMALL)
@given(seed=SEEDS)
@few
def test_points_and_channels_move_each_by_its_own_law(domain: Domain, group: Group, seed: int):
    """ρ(g) on axis 1, x ↦ x(g⁻¹u) on the points, in either order."""
    space = Space(domain, mixture(group))
    x = noise(space, domain.size(5), seed)
    (g,) = group.sample(1, seed)
    matrix = torch.as_tensor(space.rho(g))
    channels_first = domain.act(g, torch.tensordot(matrix, x.movedim(1, 0), dims=1).movedim(0, 1))
    assert difference(space.act(g, x), channels_first) < 1e-12


@pytest.mark.parametrize(("domain", "group"), SMALL)
def test_a_task_a_signal_and_a_space_move_alike(domain: Domain, group: Group):
    output = er.Equivariant(mixture(group))
    task = er.Task(domain, group, mixture(group), output)
    assert task.source == task.target == Space(domain, mixture(group))
    x = noise(task.source, domain.size(5))
    for g in group.generators:
        moved = task.source.act(g, x)
        assert torch.equal(Signal(x, task.source).act(g).values, moved)
        assert torch.equal(output.act(g, x, domain), moved)
        whole = x.reshape(*x.shape[:2], -1)[:, :2, 0]
        assert torch.equal(er.Invariant(2).act(g, whole, domain), whole)
        pooled = er.Equivariant(mixture(group), pooled=True)
        means = domain.mean(x)
        assert difference(pooled.act(g, means, domain), domain.mean(moved)) < 1e-10


@pytest.mark.parametrize(("domain", "group"), SMALL)
def test_what_is_no_signal_of_it_is_refused(domain: Domain, group: Group):
    space = Space(domain, mixture(group))
    good = noise(space, domain.size(5))
    space.check(good)
    space.check(good[:0])
    for bad in (good[0], good[None], good[:, 1:], good.long(), good.to(torch.complex64), good.bool()):
        with pytest.raises(SymmetryError):
            space.check(bad)


def test_moving_never_rounds_what_only_changes_places():
    """Permutation fields are reordered, not multiplied: bit for bit, in every dtype."""
    space = Space(er.Grid(2), er.D(4).regular + er.D(4).trivial)
    x = torch.tensor(np.random.default_rng(0).standard_normal((1, 9, 4, 4)))
    for dtype in (torch.bfloat16, torch.float32, torch.float64):
        y = x.to(dtype)
        for g in er.D(4).elements:
            assert space.act(g, y).sort(dim=-1).values.unique().equal(y.unique())
