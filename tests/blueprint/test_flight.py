"""Flights: the derived layers for every answer, what is said of them, and wrong choices."""

import pytest
import torch

import erlangen as er
from erlangen.blueprint.flight import STEPS, WIDTH
from erlangen.errors import TaskError
from erlangen.layers import SEGNO, leaves

G = er.O(3)
CHARGED = G.trivial + G.standard


@pytest.mark.parametrize(
    ("output", "rows", "channels"),
    [
        (er.Positions(), 12, 3),
        (er.Invariant(2), 2, 2),
        (er.Equivariant(2 * G.standard), 12, 6),
        (er.Equivariant(G.trivial + G.standard, pooled=True), 2, 4),
    ],
)
def test_every_answer_has_a_flight(output: er.Invariant | er.Equivariant | er.Positions, rows: int, channels: int):
    torch.manual_seed(0)
    net = er.derive(er.Task(er.Points(3, radius=2.0), input=CHARGED, output=output), layer="segno", depth=3, width=8)
    data = {"x": torch.randn(12, 4), "pos": torch.randn(12, 3), "batch": torch.arange(12) // 6}
    assert net(data).shape == (rows, channels)
    again = er.build(net.recipe)
    again.load_state_dict(net.state_dict())
    assert torch.equal(again(data), net(data))
    assert "one law at all times" in str(net.explain())


def test_what_is_left_out_is_as_said():
    net = er.derive(er.Task(er.Points(3), input=CHARGED, output=er.Positions()), layer="segno", time=2.0)
    flight = next(part for part in leaves(net) if isinstance(part, SEGNO))
    assert (flight.steps, flight.channels, flight.hidden, flight.time) == (STEPS, WIDTH, 64, 2.0)


def test_it_begins_near_straight_flight():
    net = er.derive(er.Task(er.Points(2), er.O(2), er.O(2).standard, er.Positions()), layer="segno")
    x, pos = torch.randn(6, 2), torch.randn(6, 2)
    gone = net({"x": x, "pos": pos}) - pos
    assert (gone - x).square().mean() < 0.5 * x.square().mean()


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"depth": 1}, "depth=1"),
        ({"time": "long"}, "time="),
        ({"hiden": 3}, "Did you mean hidden"),
        ({"scales": 2}, "one scale"),
        ({"pool": "median"}, "median"),
    ],
)
def test_wrong_choices_are_refused(choices: dict, said: str):
    with pytest.raises((TaskError, er.errors.SymmetryError), match=said):
        er.derive(er.Task(er.Points(3), input=1, output=er.Invariant(1)), layer="segno", **choices)
