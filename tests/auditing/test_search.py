"""The worst element is found where it is known, with as many calls as were allowed, and judged as any other."""

import math

import numpy as np
import pytest
import torch

from erlangen.domains import Grid
from erlangen.errors import InputError
from erlangen.groups import SO, D, O
from tests.auditing.models import measured, noise

FADE = (1 - torch.linspace(-1, 1, 17)[:, None] ** 2 - torch.linspace(-1, 1, 17) ** 2).clamp(min=0) ** 2
X = torch.nn.functional.interpolate(noise(20, 1, 5, 5), size=17, mode="bicubic", align_corners=True) * FADE


class Counted:
    """A model that counts its calls."""

    def __init__(self, of):
        self.of, self.calls = of, 0

    def __call__(self, x):
        self.calls += 1
        return self.of(x)


def third_harmonic(x):
    """Turned by t it is multiplied by cos 3t and its mean square differs most at 60°, 180° and 300°."""
    u = torch.arange(x.shape[-1], dtype=x.dtype) - (x.shape[-1] - 1) / 2
    angle = torch.atan2(u[None], u[:, None])
    return torch.stack([(x * torch.cos(3 * angle)).sum((1, 2, 3)), (x * torch.sin(3 * angle)).sum((1, 2, 3))], 1)


def audit(model, group, domain=None, x=X, **more):
    return measured(model, domain or Grid(2), group, x, shifts=[], bootstrap=0, **more)


def test_the_worst_angle_is_found_by_golden_sections():
    plain = audit(third_harmonic, SO(2), elements=[math.radians(45)])
    found = audit(third_harmonic, SO(2), elements=[math.radians(45)], search=12)
    assert len(found.verdicts) == len(plain.verdicts) + 1
    row = found.verdicts[-1]
    assert (row.elements, row.judged) == ("worst found by search, 12 calls", True)
    degrees = float(row.element.removeprefix("rotation by ").removesuffix("°"))
    assert degrees == pytest.approx(60, abs=2.5)
    assert row.error > plain.error
    assert found.error == row.error
    assert found.elements[-1].element == row.element


@pytest.mark.parametrize("calls", [1, 2, 5])
def test_it_costs_the_calls_it_may_and_is_never_better_than_what_was_drawn(calls):
    base, more = Counted(third_harmonic), Counted(third_harmonic)
    plain = audit(base, SO(2), max_elements=4)
    found = audit(more, SO(2), max_elements=4, search=calls)
    assert more.calls - base.calls == calls
    drawn = max(r.error for r in plain.elements if "between" in r.elements or r.round_trip > 0)
    assert found.verdicts[-1].error >= drawn * (1 - 1e-6)
    assert found.verdicts[:-1] == plain.verdicts


def test_mirrors_and_space_are_searched_too():
    found = audit(third_harmonic, O(2), max_elements=6, search=6)
    assert found.verdicts[-1].elements == "worst found by search, 6 calls"
    x = noise(16, 1, 5, 5, 5)
    weight = noise(5, 5, 5, seed=3)

    def model(x):
        return (x * weight).sum((2, 3, 4))

    drawn = audit(model, SO(3), Grid(3), x, max_elements=3)
    space = audit(model, SO(3), Grid(3), x, max_elements=3, search=10)
    again = audit(model, SO(3), Grid(3), x, max_elements=3, search=10)
    assert space.error >= drawn.error
    assert space.verdicts == again.verdicts
    assert np.isfinite(space.verdicts[-1].error)


def test_finite_groups_are_not_searched_and_bad_numbers_refused():
    assert len(audit(third_harmonic, D(4), search=5).verdicts) == len(audit(third_harmonic, D(4)).verdicts)
    for wrong in (-1, 2.5, True):
        with pytest.raises(InputError):
            audit(third_harmonic, SO(2), search=wrong)
