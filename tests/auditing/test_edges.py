"""Verdicts at the edges: against the formulas written down a second time, with models whose break is known."""

import itertools
import math
import warnings

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from erlangen.domains import Grid
from erlangen.errors import InputError
from erlangen.groups import C
from erlangen.task import Equivariant
from tests.auditing.models import measured as audit
from tests.auditing.models import noise, plain_classifier
from tests.effort import covering

X = noise(64, 1, 6, 6, seed=1)


class Leaking(nn.Module):
    """Three invariants of a half turn, and `leak` of what is none, all lifted by `offset`."""

    def __init__(self, leak, offset):
        super().__init__()
        self.leak, self.offset = leak, offset
        self.register_buffer("weight", noise(3, 36, seed=2) / 6)

    def forward(self, x):
        kept = torch.stack([x.square().mean((1, 2, 3)), x.abs().mean((1, 2, 3)), x.amax((1, 2, 3))], 1)
        return kept + self.leak * F.linear(x.flatten(1), self.weight) + self.offset


def reference(a, b, eps, tolerance):
    """The design's section on the audit, in NumPy: the error and the verdict, None where float64 has to be asked."""
    a, b = (y.reshape(len(y), -1).double().numpy() for y in (a, b))
    variance = a.var(0, ddof=1).sum() + b.var(0, ddof=1).sum()
    distances = ((a - b) ** 2).sum(1)
    error = math.sqrt(distances.mean() / variance)
    floor = 10 * eps * math.sqrt(((a**2).sum(1).mean() + (b**2).sum(1).mean()) / variance)
    if floor > 0.1:
        return error, "undefined"
    if error <= tolerance:
        return error, "exact"
    if error <= floor:
        return error, None
    generator, n, drawn = np.random.default_rng(0), len(a), []
    for _ in range(2000):
        i = generator.integers(n, size=n)
        spread = (a[i].var(0, ddof=1).sum() + b[i].var(0, ddof=1).sum()) * n / (n - 1)
        drawn.append(math.sqrt(distances[i].mean() / spread) if len(set(i.tolist())) > 1 else math.inf)
    low, high = np.quantile(drawn, [0.025, 0.975], method="nearest")
    return error, "approximate" if high <= 0.1 else "broken" if low > 0.1 else "not resolved"


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("count", covering([2, 3, 16, 64], [3, 16]))
@pytest.mark.filterwarnings("ignore:Only:UserWarning")
def test_verdicts_follow_the_formulas(count, dtype):
    eps, tolerance = torch.finfo(dtype).eps, 1e-10 if dtype == torch.float64 else 1e-5
    x = X[:count].to(dtype)
    for leak, offset in itertools.product([0, 1e-8, 1e-4, 0.02, 0.05, 0.3, 2], [0, 1e3]):
        model = Leaking(leak, offset).to(dtype).eval()
        error, verdict = reference(model(x.rot90(2, (-2, -1))), model(x), eps, tolerance)
        row = audit(model, Grid(2), C(2), x, shifts=[1]).worst
        assert row.error == pytest.approx(error, rel=1e-6, abs=1e-14)
        if verdict is not None:
            assert row.verdict == verdict, (leak, offset)
        elif dtype == torch.float64:
            assert row.verdict == "exact"
        else:
            exact = row.error_float64 is not None and row.error_float64 <= 1e-10
            assert (row.verdict == "exact") == exact == (leak == 0)


def test_two_or_three_inputs_bound_no_error_from_above():
    nearly = Leaking(0.01, 0).eval()
    for count in (2, 3):
        with pytest.warns(UserWarning, match=f"Only {count} inputs"):
            row = audit(nearly, Grid(2), C(2), X[:count], shifts=[1]).worst
        assert row.error < 0.1
        assert row.low > 0
        assert row.high == math.inf
        assert row.verdict == "not resolved"
        assert row.to_dict()["high"] is None
    assert audit(nearly, Grid(2), C(2), X, shifts=[1]).verdict == "approximate"


def test_half_precision_says_when_its_own_rounding_hides_the_answer():
    row = audit(lambda x: (x.square().mean((2, 3)) + 3).bfloat16(), Grid(2), C(2), X).worst
    assert row.verdict == "undefined"
    assert "rounding in bfloat16" in row.note
    constant = audit(lambda x: torch.ones(len(x), 2, dtype=torch.bfloat16), Grid(2), C(2), X).worst
    assert (constant.verdict, constant.note) == ("undefined", "")


class OwnDtype(nn.Module):
    """Sums in the order of the array, and answers in half precision whatever it is given."""

    def __init__(self):
        super().__init__()
        self.register_buffer("one", torch.ones(()))

    def forward(self, x):
        return sum((x * self.one).flatten(2).square().half().unbind(-1))


def test_a_twin_that_does_not_compute_in_float64_is_no_evidence():
    row = audit(OwnDtype().eval(), Grid(2), C(2), X).worst
    assert 1e-5 < row.error <= row.floor
    assert row.error_float64 is None
    assert row.verdict == "not resolved"
    assert "could not be repeated" in row.note


class OneAtATime(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        if len(x) != 1:
            raise ValueError("one picture at a time")
        return self.model(x)


def test_a_model_that_takes_one_input_at_a_time_is_audited_and_its_causes_found():
    x = noise(24, 1, 12, 12)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = audit(OneAtATime(plain_classifier()).eval(), Grid(2), C(4), x, batch_size=1)
    whole = audit(plain_classifier(), Grid(2), C(4), x)
    assert report.error == pytest.approx(whole.error, rel=1e-5)
    assert [c.name for c in report.causes] == [c.name for c in whole.causes] != []
    assert "'model.6'" in report.causes[0].what
    assert report.causes[0].what.count("'model.6'") == 1


def test_answers_that_are_not_finite_are_counted_over_all_inputs():
    with pytest.raises(InputError, match=r"not finite for \d+ of 64 inputs, the first at index") as caught:
        audit(lambda x: x.mean((2, 3)).log(), Grid(2), C(2), X, batch_size=8)
    assert str(int((X.mean((1, 2, 3)) < 0).sum())) in caught.value.given
    upright = X.clone()
    upright[:, :, 0, 0] = 1
    with pytest.raises(InputError, match=r"inputs after rotation by 180° \(r\), the first"):
        audit(lambda x: x[:, :, 0, 0].log(), Grid(2), C(2), upright)


def test_a_model_at_random_is_asked_with_the_same_numbers_each_time():
    with pytest.warns(UserWarning, match="drawn alike in every call"):
        report = audit(lambda x: F.dropout(x, 0.5, True), Grid(2), C(2), X, Equivariant(1))
    assert report.verdict == "broken"  # the places dropped do not move along
