"""The numbers against answers known otherwise."""

import math

import numpy as np
import pytest
import torch

from erlangen.auditing.measure import agreement, bootstrap, compare, error, rounding_floor, spread


def noise(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def test_the_error_is_the_formula():
    a, b = noise(20, 3, 4), noise(20, 3, 4, seed=1)
    flat = [y.numpy().reshape(20, -1) for y in (a, b)]
    variances = sum(y.var(0, ddof=1).sum() for y in flat)
    expected = math.sqrt(((flat[0] - flat[1]) ** 2).sum(1).mean() / variances)
    assert error(a, b) == pytest.approx(expected, rel=1e-12)
    assert spread(a) == pytest.approx(flat[0].var(0, ddof=1).sum(), rel=1e-12)


def test_unrelated_answers_are_at_one_even_where_one_spreads_wider():
    found = [error(3 * noise(64, 10, seed=2 * s), noise(64, 10, seed=2 * s + 1)) for s in range(40)]
    assert np.mean(found) == pytest.approx(1, abs=0.03)


def test_an_offset_common_to_both_changes_nothing():
    a, b = noise(32, 10), noise(32, 10, seed=1)
    assert error(a + 100, b + 100) == pytest.approx(error(a, b), rel=1e-9)


def test_an_answer_without_variance_has_no_error_and_no_floor():
    a = torch.ones(8, 3)
    numbers = compare(a, a)
    assert math.isnan(numbers.error)
    assert numbers.floor == math.inf


def test_the_floor_is_ten_rounding_units_of_the_answers_size():
    a = noise(1000, 5) + 1000
    eps = torch.finfo(torch.float64).eps
    rms = math.sqrt(5) * math.sqrt(1000**2 + 1)
    assert rounding_floor(a, a) == pytest.approx(10 * eps * rms / math.sqrt(spread(a)), rel=1e-3)
    assert rounding_floor(a.float(), a.float()) > 1e8 * rounding_floor(a, a)


@pytest.mark.parametrize("width", [3, 200])
def test_the_bootstrap_is_a_resampling_of_inputs(width):
    a = noise(24, width)
    b = a + 0.3 * noise(24, width, seed=1)
    low, high = bootstrap(a, b, 2000, seed=0)
    rng = np.random.default_rng(0)
    draws = []
    for _ in range(2000):
        pick = rng.integers(24, size=24)
        x, y = a.numpy()[pick], b.numpy()[pick]
        variances = (x.var(0, ddof=1).sum() + y.var(0, ddof=1).sum()) * 24 / 23
        draws.append(math.sqrt(((x - y) ** 2).sum(1).mean() / variances))
    assert (low, high) == pytest.approx(tuple(np.quantile(draws, [0.025, 0.975])), rel=0.03)
    assert low < error(a, b) < high


def test_the_bootstrap_does_not_depend_on_how_it_is_cut_up(monkeypatch):
    from erlangen.auditing import measure

    a, b = noise(16, 4), noise(16, 4, seed=1)
    whole = bootstrap(a, b, 200, seed=3)
    assert bootstrap(a, b, 200, seed=3) == whole
    monkeypatch.setattr(measure, "_CHUNK", 16 * 7)
    assert bootstrap(a, b, 200, seed=3) == pytest.approx(whole, rel=1e-12)


def test_two_inputs_are_enough_for_numbers():
    a, b = noise(2, 3), noise(2, 3, seed=1)
    numbers = compare(a, b)
    assert numbers.low <= numbers.error <= numbers.high


def test_single_inputs_are_on_the_same_scale():
    a = noise(50, 4)
    b = a.clone()
    b[7] += 5
    numbers = compare(a, b)
    assert numbers.index == 7
    assert numbers.median == 0
    assert numbers.worst == pytest.approx(numbers.error * math.sqrt(50), rel=1e-9)


def test_top_one_agreement_over_inputs_and_over_points():
    a = torch.eye(4)
    assert agreement(a, a.flip(0)) == 0
    assert agreement(a[:, :1], a[:, :1]) is None
    dense = torch.zeros(1, 2, 2, 2)
    dense[0, 0] = 1
    other = dense.clone()
    other[0, :, 0, 0] = torch.tensor([0.0, 1.0])
    assert agreement(dense, other) == 0.75
    assert agreement(dense, other, mask=torch.tensor([[0.0, 1.0], [1.0, 1.0]])) == 1
