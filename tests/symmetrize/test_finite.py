"""Other ways to a symmetry on finite domains: examples moved, answers averaged."""

import torch
from torch import nn

import erlangen as er
from tests.laws.catalogue import BOARD, FINITE_BY_NAME
from tests.laws.signals import difference

D4 = er.D(4)
PLAIN = nn.Sequential(nn.Flatten(), nn.Linear(27, 16), nn.ReLU(), nn.Linear(16, 9), nn.Unflatten(1, (1, 9))).double()


def test_averages_are_exact():
    x = torch.randn(16, 3, 9, dtype=torch.float64)
    for output in (er.Equivariant(1), er.Invariant(2)):
        model = PLAIN if isinstance(output, er.Equivariant) else nn.Sequential(*PLAIN[:3], nn.Linear(16, 2).double())
        mean = er.symmetrize.average(model, BOARD, D4, output=output).eval()
        report = er.audit(mean, BOARD, D4, x, output)
        assert report.passed and report.error < 1e-12
        expected = torch.stack([output.act(~g, model(BOARD.act(g, x)), BOARD) for g in D4.elements]).mean(0)
        assert difference(mean(x), expected) < 1e-12


def test_averages_over_signs_of_a_vector():
    vector = FINITE_BY_NAME["swapped and turned"]
    model = nn.Linear(4, 4).double()
    output = er.Equivariant(vector.action, pooled=True)
    mean = er.symmetrize.average(model, vector, er.C(2), output=output).eval()
    assert er.audit(mean, vector, er.C(2), torch.randn(20, 4, dtype=torch.float64), output).passed


def test_examples_move_with_their_targets():
    move = er.symmetrize.augment(BOARD, D4, output=er.Equivariant(1))
    x = torch.randn(64, 3, 9)
    moved, target = move(x, x[:, :1] * 2, generator=torch.Generator().manual_seed(0))
    assert torch.equal(target, moved[:, :1] * 2) and not torch.equal(moved, x)
    assert torch.equal(moved.sort(-1).values, x.sort(-1).values)
    assert float(move.round_trip(x).max()) == 0


def test_a_user_s_own_test_takes_them():
    net = er.derive(er.Task(BOARD, input=3, output=er.Invariant(2))).eval()
    assert er.testing.assert_symmetric(net, BOARD, D4).verdict == "exact"
