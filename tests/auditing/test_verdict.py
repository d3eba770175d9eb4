"""The words follow from the numbers exactly as the design says."""

import itertools
import math

import pytest
import torch

from erlangen.auditing.measure import Numbers
from erlangen.auditing.verdict import MEANING, SEVERITY, floor_decides, judge, worst


def numbers(error, low=None, high=None, floor=1e-6):
    low, high = error if low is None else low, error if high is None else high
    return Numbers(error, low, high, error, error, error, 0, None, floor)


@pytest.mark.parametrize(
    ("given", "dtype", "verdict"),
    [
        (numbers(0.0), torch.float32, "exact"),
        (numbers(1e-5), torch.float32, "exact"),
        (numbers(1.1e-5), torch.float32, "approximate"),
        (numbers(1e-10, floor=1e-12), torch.float64, "exact"),
        (numbers(1e-9, floor=1e-12), torch.float64, "approximate"),
        (numbers(1e-9, floor=1e-8), torch.float64, "exact"),
        (numbers(0.05, 0.04, 0.1), torch.float32, "approximate"),
        (numbers(0.05, 0.04, 0.11), torch.float32, "not resolved"),
        (numbers(0.2, 0.09, 0.3), torch.float32, "not resolved"),
        (numbers(0.2, 0.1, 0.3), torch.float32, "not resolved"),
        (numbers(0.2, 0.11, 0.3), torch.float32, "broken"),
        (numbers(0.0, floor=0.11), torch.float32, "undefined"),
        (numbers(0.9, floor=0.11), torch.float32, "undefined"),
        (numbers(math.nan, floor=math.inf), torch.float32, "undefined"),
    ],
)
def test_one_comparison(given, dtype, verdict):
    assert judge(given, dtype) == verdict


def test_where_the_floor_decides_float64_is_asked():
    close = numbers(3e-4, floor=1e-3)
    assert floor_decides(close, torch.float32)
    assert not floor_decides(numbers(1e-6, floor=1e-3), torch.float32)
    assert not floor_decides(numbers(2e-3, floor=1e-3), torch.float32)
    assert judge(close, torch.float32) == "not resolved"
    assert judge(close, torch.float32, repeat=numbers(1e-14, floor=1e-12)) == "exact"
    assert judge(close, torch.float32, repeat=numbers(3e-4, floor=1e-12)) == "approximate"


def test_what_was_interpolated_is_never_called_exact_and_needs_three_round_trips():
    assert judge(numbers(0.0), torch.float32, round_trip=0.01) == "not resolved"
    assert judge(numbers(0.03), torch.float32, round_trip=0.01) == "not resolved"
    assert judge(numbers(0.031), torch.float32, round_trip=0.01) == "approximate"
    assert judge(numbers(0.5), torch.float32, round_trip=0.01) == "broken"


def test_the_worst_is_an_order():
    assert worst(["exact", "undefined", "approximate"]) == "undefined"
    assert SEVERITY == ("proved", "exact", "approximate", "not resolved", "undefined", "broken")
    for a, b in itertools.pairwise(SEVERITY):
        assert worst([a, b]) == worst([b, a]) == b
    assert set(MEANING) == set(SEVERITY)
