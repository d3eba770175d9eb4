"""Interpolated turns lose what leaves the domain, and their round trip counts it."""

import numpy as np
import pytest
import torch

from erlangen.auditing.examine import still_axis
from erlangen.auditing.measure import error
from erlangen.auditing.motion import Roll, Turn
from erlangen.domains import Grid, HexGrid
from erlangen.groups import SO, C, Mirror, Octahedral
from erlangen.task import Equivariant, Invariant
from tests.auditing.models import measured as audit
from tests.auditing.models import noise

MASK = HexGrid().mask(torch.zeros(21, 21))
THIRTY = SO(2).element(np.pi / 6)


def smooth(n):
    return torch.nn.functional.interpolate(noise(n, 1, 4, 4), size=21, mode="bicubic", align_corners=True)


@pytest.mark.parametrize("output", [Invariant(1), Equivariant(1)])
def test_an_interpolated_turn_of_a_hexagon_stays_within_it(output):
    turn = Turn(THIRTY, HexGrid(), None, output)
    assert not turn.exact
    x = smooth(4) * MASK
    for moved in (turn.move(x), turn.answer(x) if isinstance(output, Equivariant) else turn.move(x)):
        assert float((moved * (1 - MASK)).abs().max()) == 0
        assert float(moved.abs().max()) > 0.1


def test_the_round_trip_counts_what_leaves_the_hexagon():
    turn = Turn(THIRTY, HexGrid(), None, Equivariant(1))
    q, r = (torch.arange(21.0) - 10 for _ in range(2))
    far = (q[:, None] ** 2 + r**2 + q[:, None] * r) / 100  # squared distance from the centre, 1 at the corners
    inner, corners = smooth(8) * MASK * (far < 0.5), smooth(8) * MASK * (far > 0.8)
    lost = [error(turn.round_trip(x, answers=False), x) for x in (inner, corners)]
    assert lost[1] > 0.3 > 2 * lost[0]
    assert error(turn.round_trip(corners, answers=True), corners) == pytest.approx(lost[1], rel=1e-6)


def test_a_model_of_the_whole_hexagon_is_not_resolved_where_corners_are_lost():
    report = audit(lambda x: x.square().mean((2, 3)), HexGrid(), C(4), smooth(24) * MASK)
    quarter = report.elements[0]
    assert quarter.verdict == "not resolved"
    assert quarter.round_trip > 0.1
    assert "fade to zero towards the border" in quarter.note
    assert report.elements[1].verdict == "exact"


def test_on_a_square_interpolated_turns_are_as_they_were():
    x = noise(2, 1, 9, 9)
    assert torch.equal(Turn(THIRTY, Grid(2), None, Invariant(1)).move(x), Grid(2).warp(THIRTY, x))


def test_a_volume_is_cut_across_the_axis_that_stays():
    def turn(g):
        return Turn(g, Grid(3), None, Invariant(1))

    assert still_axis(turn(C(4).generators[0])) == 2
    assert still_axis(turn(C(4, axis=1).generators[0])) == 1
    assert still_axis(turn(Mirror().generators[0])) == 0
    assert still_axis(turn(Octahedral().generators[1])) == 0  # i → j → k → i leaves no axis
    assert still_axis(Roll((0, 2, 1), Grid(3), Invariant(1), (5, 5, 5))) == 0
    assert still_axis(Roll((2, 0, 1), Grid(3), Invariant(1), (5, 5, 5))) == 1
