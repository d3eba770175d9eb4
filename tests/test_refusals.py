"""What makes no sense is refused at the door, by one of our errors, whatever it is given to."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.errors import SymmetryError
from erlangen.signal import Signal

L = er.layers
G = er.C(4)
g2 = er.Grid(2)
P = er.domains.Point()
sp = er.Space(g2, G.regular)
task = er.Task(g2, G, 1, er.Invariant(2))
c8 = er.Space(g2, er.C(8).regular)
turns = er.Space(g2, er.SO(2).band_limited_regular(2))
eighths = er.Task(g2, er.C(8), 1, er.Invariant(2))
thick = er.Grid(3, spacing=(1, 1, 5))
one = torch.zeros(1, 1, 3, 3)


def s() -> Any:
    return Signal(torch.zeros(2, 4, 5, 5), sp)


WRONG: list[Callable[[], Any]] = [
    lambda: L.LatticeConv(sp, sp, kernel_size=2.5),
    lambda: L.LatticeConv(sp, sp, kernel_size=3.0),
    lambda: L.LatticeConv(sp, sp, kernel_size="3"),
    lambda: L.LatticeConv(sp, sp, kernel_size=(3, 3.0)),
    lambda: L.LatticeConv(sp, sp, kernel_size=True),
    lambda: L.LatticeConv(sp, sp, kernel_size=None),
    lambda: L.LatticeConv(sp, sp, dilation=0),
    lambda: L.LatticeConv(sp, sp, dilation=True),
    lambda: L.LatticeConv(sp, sp, stride=True),
    lambda: L.LatticeConv(sp, sp, stride=1.0),
    lambda: L.LatticeConv(sp, sp, gain=math.nan),
    lambda: L.LatticeConv(sp, sp, bias="no"),
    lambda: L.LatticeConv(sp, 3),
    lambda: L.LatticeConv(3, sp),
    *[
        lambda rings=rings: L.SteerableConv(c8, c8, rings=rings)
        for rings in (
            *(3, "abc", [], [3], [(1, 0.5)], [(1, 0.5, -1)], [(1, 0.5, 1.5)], [(-1, 0.5, 1)], [(1, 0, 1)]),
            *([(math.nan, 0.5, 0)], [(1, math.nan, 0)], [(math.inf, 0.5, 0)], [(50, 0.1, 0)], [(1, 0.5, 1, 2)]),
        )
    ],
    lambda: L.SteerableConv(turns, turns, rings=[(50, 0.1, 0)]),
    *[
        lambda size=size: L.SteerableConv(c8, c8, kernel_size=size)
        for size in (4, 2.5, "5", True, None, (3, 5), (5, 1), (5,))
    ],
    lambda: L.SteerableConv(c8, c8, stride=3),
    lambda: L.SteerableConv(c8, 3),
    lambda: L.SteerableConv(c8, c8, gain=math.nan),
    lambda: L.SteerableConv(er.Space(P, G.regular), er.Space(P, G.regular)),
    lambda: L.SteerableConv(er.Space(thick, er.SO(3).irrep(1)), er.Space(thick, er.SO(3).irrep(1)), 3),
    lambda: L.SteerableConv(er.Space(thick, er.Octahedral().regular), er.Space(thick, er.Octahedral().trivial)),
    lambda: L.SteerableConv(er.Space(g2, er.S(3).regular), er.Space(g2, er.S(3).regular)),
    lambda: L.SteerableConv(er.Space(er.Sequence(), er.C(8).regular), er.Space(er.Sequence(), er.C(8).regular)),
    lambda: L.LatticeConv(c8, c8),
    *[
        lambda samples=samples: L.FourierNonlinearity(turns, samples=samples)
        for samples in (0, -4, 2.5, "a", True, math.nan, [16], 10, 10**9, 4)
    ],
    lambda: L.FourierNonlinearity(turns, "foo"),
    lambda: L.FourierNonlinearity(3),
    lambda: L.FourierNonlinearity(er.Space(P, er.SO(2).band_limited_regular(2))),
    lambda: L.FourierNonlinearity(er.Space(g2, 2 * er.SO(2).trivial + er.SO(2).irrep(1))),
    lambda: L.FourierNonlinearity(er.Space(er.Grid(3), er.SO(3).band_limited_regular(4))),
    lambda: L.FourierNonlinearity(er.Space(er.HexGrid(), er.SO(2).band_limited_regular(2)), samples=16),
    lambda: L.nonlinearity(sp, None, "relu", 8),
    lambda: L.nonlinearity(turns, "gate", samples=16),
    lambda: L.FunctionBatchNorm(3),
    lambda: L.FunctionBatchNorm(sp),
    lambda: L.FunctionBatchNorm(er.Space(g2, 2 * er.SO(2).trivial + er.SO(2).irrep(1))),
    lambda: L.FunctionBatchNorm(turns, eps=-1),
    lambda: L.FunctionBatchNorm(turns, momentum=math.nan),
    lambda: L.normalize(turns, functions=True, eps="a"),
    lambda: er.SO(2).band_limited_regular(-1),
    lambda: er.SO(2).band_limited_regular("a"),
    lambda: er.SO(2).band_limited_regular(1.5),
    lambda: er.Octahedral().band_limited_regular(1),
    lambda: (er.SO(2) * er.Mirror()).irreps(),
    lambda: (er.SO(2) * er.Mirror()).irreps(-1),
    lambda: (er.SO(2) * er.Mirror()).irrep(-1),
    lambda: (er.SO(2) * er.Mirror()).irrep(1, 1),
    lambda: (er.SO(2) * er.Mirror()).regular,
    lambda: er.SO(2).regular,
    lambda: er.Task(er.Sequence(), er.C(8), 1, er.Invariant(2)),
    lambda: er.Task(er.Dna(), er.C(8), output=er.Invariant(2)),
    lambda: er.Task(er.Grid(1), er.O(2), 1, er.Invariant(2)),
    lambda: er.Task(thick, er.Octahedral(), 1, er.Invariant(2)),
    lambda: er.derive(eighths, max_frequency=2),
    lambda: er.derive(eighths, samples=16),
    lambda: er.derive(eighths, kernel_size=4),
    lambda: er.derive(er.Task(g2, er.C(3000), 1, er.Invariant(2))),
    lambda: er.derive(er.Task(thick, er.SO(3), 1, er.Invariant(2))),
    *[
        lambda choice=choice: er.derive(er.Task(g2, er.SO(2), 1, er.Invariant(2)), **choice)
        for choice in (
            *({"max_frequency": -1}, {"max_frequency": 1.5}, {"max_frequency": "a"}, {"max_frequency": 10**6}),
            *({"samples": 10}, {"samples": 0}, {"samples": "a"}, {"nonlinearity": "pointwise"}, {"function": "foo"}),
            *({"fields": er.C(8).regular}, {"nonlinearity": "norm", "samples": 16}),
            *({"fields": er.SO(2).irrep(1), "max_frequency": 2},),
        )
    ],
    lambda: L.Dense(er.Space(P, G.regular), er.Space(P, G.regular), gain="x"),
    lambda: L.pool(sp, 2.0),
    lambda: L.pool(sp, 0),
    lambda: L.pool(sp, True),
    lambda: L.pool(sp, 2, "foo"),
    lambda: L.LatticePool(sp, halvings=1.5),
    lambda: L.pool(G, 2),
    lambda: er.Task(g2, G, 1, er.Invariant(2), action=[[[0, -1], [1, 0]]]),
    lambda: er.Task(g2, G, 1, er.Invariant(2), action={"x": [[0, -1], [1, 0]]}),
    lambda: er.Task(g2, G, 1, er.Invariant(2), action={G.generators[0]: "a"}),
    lambda: er.Task(g2, G, 1, er.Invariant(2), action={G.generators[0]: [[2, 0], [0, 1]]}),
    lambda: er.Task(g2, G, 1, er.Invariant(2), action={G.generators[0]: [[1]]}),
    lambda: er.Grid(2, level=-3),
    lambda: er.Grid(2, level=1.5),
    lambda: er.Grid(2).finer(),
    lambda: er.Grid(2, action="foo"),
    lambda: er.Grid(2, action=G.regular),
    lambda: er.Grid(2, boundary=None),
    lambda: L.FieldBatchNorm(sp, eps=-1),
    lambda: L.FieldBatchNorm(sp, momentum=7),
    lambda: L.FieldBatchNorm(sp, eps=math.nan),
    lambda: L.FieldBatchNorm(sp, eps="a"),
    lambda: L.normalize(3),
    lambda: er.Equivariant(2, pooled="no"),
    lambda: er.Equivariant(2.5),
    lambda: er.Invariant(True),
    lambda: er.Invariant("a"),
    lambda: er.Invariant(G.regular),
    lambda: er.Task(g2, G, 1.5, er.Invariant(2)),
    lambda: er.Task(g2, G, "a", er.Invariant(2)),
    lambda: er.Task("grid", G, 1, er.Invariant(2)),
    lambda: er.Task(g2, "C4", 1, er.Invariant(2)),
    lambda: er.Task(g2, er.C, 1, er.Invariant(2)),
    lambda: er.Task(g2, G, 1, 10),
    lambda: L.nonlinearity(sp, "foo"),
    lambda: L.nonlinearity(sp, None, "foo"),
    lambda: L.nonlinearity(sp, None, torch.relu),
    lambda: L.invariant(sp, "foo"),
    lambda: L.invariant(3),
    lambda: L.upsample(sp, 3),
    lambda: L.skip([3]),
    lambda: L.skip(3),
    lambda: L.skip(L.Pointwise(sp), "foo"),
    lambda: L.linear(sp, 3),
    lambda: er.Blueprint(3),
    lambda: er.Blueprint([]),
    lambda: er.Blueprint("abc"),
    lambda: er.Blueprint([L.Pointwise(sp)], task=3),
    lambda: er.derive(task, width="a"),
    lambda: er.derive(task, depth=1.5),
    lambda: er.derive(task, kernel_size=4),
    lambda: er.derive(task, width=[]),
    lambda: er.derive(task, function=3),
    lambda: er.derive(task, width=-4),
    lambda: er.derive(task, kernel_size=(3, 3, 3)),
    lambda: er.derive(task, scales=40),
    lambda: er.Space(g2, 4),
    lambda: er.Space("x", G.regular),
    lambda: er.Signal([1, 2], sp),
    lambda: er.Signal(torch.zeros(1, 4, 5, 5, dtype=torch.int64), sp),
    lambda: s() ** 2,
    lambda: s() @ s(),
    lambda: s() > 0,
    lambda: s()[0],
    lambda: len(s()),
    lambda: s().shape,
    lambda: list(s()),
    lambda: abs(s()),
    lambda: float(s()),
    lambda: s().mean(),
    lambda: s() + 1,
    lambda: s() * s(),
    lambda: 1 / s(),
    lambda: torch.relu(s()),
    lambda: np.exp(s()),
    lambda: np.asarray(s()),
    lambda: int(s()),
    lambda: s() // 2,
    lambda: s() % 2,
    lambda: 1 in s(),
    lambda: round(s()),
    lambda: s().__setitem__(0, 1),
    lambda: s().item(),
    lambda: s().to(torch.float64),
    lambda: s().detach(),
    lambda: s().act(3),
    lambda: s().act(er.C(8).generators[0]),
    lambda: torch.stack([s(), s()]),
    lambda: torch.cat([s(), s()]),
    lambda: torch.nn.Conv2d(4, 4, 3)(s()),
    lambda: torch.randn(3) * s(),
    lambda: np.ones(3) * s(),
    lambda: max(s(), s()),
    lambda: ~s(),
    lambda: s() & s(),
    lambda: L.Pointwise(sp)(None),
    lambda: L.Pointwise(sp)(np.zeros((1, 4, 5, 5))),
    lambda: L.Pointwise(sp)([1]),
    lambda: L.LatticeConv(sp, sp)(torch.zeros(1, 4, 5, 5, dtype=torch.int64)),
    lambda: L.LatticeConv(sp, sp)(torch.zeros(4, 5, 5)),
    lambda: L.LatticeConv(sp, sp)(torch.zeros(1, 4, 5, 5, device="meta")),
    lambda: L.LatticeConv(sp, sp)(torch.zeros(1, 4, 5, 5).to_sparse()),
    lambda: Signal(torch.zeros(1, 4, 5, 5), None),
    lambda: divmod(s(), 2),
    lambda: L.LatticeConv(sp, sp)(torch.zeros(1, 4, 5, 5, dtype=torch.complex64)),
    lambda: L.LatticeConv(sp, sp)(torch.zeros(1, 4, 0, 5)),
    lambda: g2.act(3, one),
    lambda: g2.act(G.generators[0], np.zeros((1, 1, 3, 3))),
    lambda: g2.act(G.generators[0], torch.zeros(3)),
    lambda: g2.matrix("x"),
    lambda: g2.roll(one, (1,)),
    lambda: g2.largest_subgroup(3),
    lambda: g2.preserves(3),
    lambda: g2.check_group("x"),
    lambda: er.load(3),
    lambda: er.save(3, "x"),
    lambda: er.build(3),
    lambda: er.Grid(4),
    lambda: er.Grid(2.0),
    lambda: er.Grid(2, spacing=-1),
    lambda: er.Grid(2, spacing="a"),
    lambda: er.Dna(dim=2),
    lambda: er.Sequence(boundary="periodic"),
    lambda: er.HexGrid(boundary="periodic"),
]


@pytest.mark.parametrize("wrong", range(len(WRONG)))
def test_nonsense_is_refused(wrong: int):
    with pytest.raises(SymmetryError) as refused:
        WRONG[wrong]()
    assert refused.value.given
    assert refused.value.expected
    assert refused.value.mend
