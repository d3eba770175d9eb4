"""What an audit costs: each part beside the forward passes that it needs, all interleaved in one run.

A plain network shaped as ResNet-18 (He et al. 2015, arXiv:1512.03385), random weights. Ratios are of whole calls:

- `audit`: all of D4, the shifts by 1 and by the total stride along both axes, end to end, without proof and causes
  (a function is audited, which has neither), beside as many forward passes over the same inputs: one for each motion,
  one for x, one that asks again whether the model draws at random, and one of 2 inputs that reads the strides off the
  module. At most 1.3 is meant to be.
- `lie`: one rotation's infinitesimal error beside one forward pass; at most 2.2.
- `leaves`: the error of every leaf module at one quarter turn, beside one forward pass; at most 4.
- `proof`: of 64 × 64 in the field, beside one float64 forward of one input; at most 20. A shift by the total stride of
  the same network with circular padding, which is proved; a quarter turn of the network as it is, which is refuted and
  located. Export and random tables are made once, before; in a further row they are part of it.
- `average`: `er.symmetrize.average` over C4 beside 4 forward passes; at most 1.1.

`python benchmarks/auditing.py ROUNDS SIZE` with fewer rounds or smaller pictures is a dry run, and keeps nothing.
"""

import sys
import warnings

import torch
from measure import interleaved, keep, ratio, steady_memory
from torch import Tensor, nn

import erlangen as er
from erlangen.auditing import lie_error
from erlangen.auditing.leaves import measure_leaves
from erlangen.auditing.motion import Motion, Roll, Turn
from erlangen.auditing.proof import Prover
from erlangen.auditing.witness import Witness

ROUNDS, SIZE, INPUTS, PROVED = 15, 224, 8, 64
STRIDE = 32


class Block(nn.Module):
    """relu(x′ + bn conv relu bn conv x), x′ = x or its strided projection."""

    def __init__(self, channels: int, wide: int, stride: int):
        super().__init__()
        self.first = nn.Conv2d(channels, wide, 3, stride, 1, bias=False)
        self.second = nn.Conv2d(wide, wide, 3, 1, 1, bias=False)
        self.norms = nn.ModuleList([nn.BatchNorm2d(wide), nn.BatchNorm2d(wide)])
        self.short = nn.Identity()
        if stride != 1 or channels != wide:
            self.short = nn.Sequential(nn.Conv2d(channels, wide, 1, stride, bias=False), nn.BatchNorm2d(wide))

    def forward(self, x: Tensor) -> Tensor:
        y = self.norms[0](self.first(x)).relu()
        return (self.norms[1](self.second(y)) + self.short(x)).relu()


def network() -> nn.Sequential:
    """Stem, four stages of two blocks at 64, 128, 256 and 512 channels, pooling, 1000 classes."""
    torch.manual_seed(0)
    stem = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    widths = [(64, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2)]
    blocks = [b for c, w, stride in widths for b in (Block(c, w, stride), Block(w, w, 1))]
    return nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000)).eval()


def on_a_ring() -> nn.Sequential:
    """The same with circular padding, so that shifts by the total stride are kept."""
    net = network()
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            module.padding_mode = "circular"
    net[3] = nn.MaxPool2d(2, 2)
    return net


def main(rounds: int = ROUNDS, size: int = SIZE) -> None:
    warnings.simplefilter("ignore", UserWarning)
    steady_memory()
    net = network()
    x = torch.randn(INPUTS, 3, size, size, generator=torch.Generator().manual_seed(1))
    sides = {**audits(net, x), **derivatives(net, x), **proofs(net, min(size, PROVED)), **averages(net, x)}
    with torch.no_grad():
        seconds = interleaved(sides, rounds, warmup=1)
    rows = {
        "D4 and shifts, end to end": ratio(seconds, "audit", "audit_forwards"),
        "one rotation's derivative": ratio(seconds, "lie", "forward"),
        "every leaf at one element": ratio(seconds, "leaves", "forward"),
        "a shift proved": ratio(seconds, "proof", "forward_float64"),
        "a quarter turn refuted and located": ratio(seconds, "refuted", "forward_float64"),
        "a shift proved, with export and tables": ratio(seconds, "proof_anew", "forward_float64"),
        "average over C4": ratio(seconds, "average", "four_forwards"),
    }
    if (rounds, size) == (ROUNDS, SIZE):
        keep("auditing", rows)
    else:
        for name, row in rows.items():
            sys.stdout.write(f"dry run: {name}: {row['ratio']:.3g}\n")


def audits(net: nn.Module, x: Tensor) -> dict:
    """The audit of a function, which is measured alone, beside the passes that it needs."""
    calls = []

    def counted(x: Tensor) -> Tensor:
        calls.append(len(x))
        return net(x)

    def audit(model):
        return er.audit(model, er.Grid(2), er.D(4), x, er.Invariant(1000), shifts=[1, STRIDE], proof=False)

    audit(counted)
    needed = list(calls)

    def forwards() -> None:
        for count in needed:
            net(x[:count])

    return {"audit": lambda: audit(lambda x: net(x)), "audit_forwards": forwards}


def derivatives(net: nn.Module, x: Tensor) -> dict:
    def lie() -> None:
        lie_error(net, er.Grid(2), er.SO(2), x, er.Invariant(1000))

    quarter, witness = Turn(er.C(4).generators[0], er.Grid(2), None, er.Invariant(1000)), Witness(net)
    leaves = lambda: measure_leaves(witness, quarter, x, 2)  # noqa: E731
    return {"lie": lie, "leaves": leaves, "forward": lambda: net(x)}


def proofs(net: nn.Module, size: int) -> dict:
    double = network().double()
    x = torch.randn(1, 3, size, size, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    quarter = Turn(er.C(4).generators[0], er.Grid(2), None, er.Invariant(1000))

    shift = Roll((STRIDE, 0), er.Grid(2), er.Invariant(1000), (size, size))
    kept, as_it_is = (Prover(each, lambda y: y, torch.zeros(1)) for each in (on_a_ring(), net))

    def prove(asked: Prover, motion: Motion, verdict: str) -> None:
        (found,) = asked.prove([motion], (3, size, size))
        assert found.verdict == verdict, found

    return {
        "proof": lambda: prove(kept, shift, "proved"),
        "refuted": lambda: prove(as_it_is, quarter, "refuted"),
        "proof_anew": lambda: prove(Prover(on_a_ring(), lambda y: y, torch.zeros(1)), shift, "proved"),
        "forward_float64": lambda: double(x),
    }


def averages(net: nn.Module, x: Tensor) -> dict:
    averaged = er.symmetrize.average(net, er.Grid(2), er.C(4), output=er.Invariant(1000))

    def four() -> None:
        for _ in range(4):
            net(x)

    return {"average": lambda: averaged(x), "four_forwards": four}


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
