"""How exactly DNA's two strands and time's two laws are kept, in float64: the largest error over awkward cases."""

import itertools
from typing import Any

import torch
from measure import keep
from torch import Tensor

import erlangen as er


def far(a: Tensor, b: Tensor) -> float:
    """The largest difference, relative to the largest value."""
    return float(((a - b).abs().max() / b.abs().max()).detach())


def strands() -> dict[str, Any]:
    """f(rc x) and f(x), or rc f(x): kernels odd and even, lengths, scales (so strides), dilation, words, answers."""
    H, worst, cases = er.Mirror(), 0.0, 0
    answers = {er.Invariant(3): lambda y: y, er.Equivariant(H.sign, pooled=True): lambda y: -y}
    plain = itertools.product((3, 4, 5), (1, 3), (False, True), (1, 2), answers.items())
    for kernel, scales, dilated, words, (output, other) in plain:
        task = er.Task(er.Dna(), output=output)
        net = er.derive(task, width=8, kernel_size=kernel, scales=scales, dilated=dilated, words=words)
        net = net.double().eval()
        for length in (40, 41):
            x = torch.nn.functional.one_hot(torch.randint(4, (4, length)), 4).mT.double()
            worst, cases = max(worst, far(net(x.flip(1, 2)), other(net(x)))), cases + 1
    return {"error": worst, "cases": cases, "target": "error ≤ 1e-10"}


def clocks(layer: str, depth: int) -> dict[str, Any]:
    """Every step in 1 … 5 parts of random length; and κ ↦ κ / c for steps that come c times."""
    worst = {"split": 0.0, "mapped": 0.0}
    for seed in range(20):
        torch.manual_seed(seed)
        task = er.Task(er.Sequence(), er.TimeWarp(), input=3, output=er.Invariant(4))
        net = er.derive(task, width=16, depth=depth, layer=layer).double().eval()
        x, parts = torch.randn(4, 3, 20, dtype=torch.float64), torch.randint(1, 6, (20,))
        hold = torch.arange(20).repeat_interleave(parts)
        share = torch.rand(len(hold), dtype=torch.float64) + 0.05
        share = share / torch.zeros(20, dtype=torch.float64).index_add(0, hold, share)[hold]
        beside = {"dt": share.expand(4, -1), "holds": hold.expand(4, -1)}
        worst["split"] = max(worst["split"], far(net(x[..., hold], **beside), net(x)))
        again = torch.arange(20).repeat_interleave(3).expand(4, -1)
        slower = net.warped(3)(x.repeat_interleave(3, -1), holds=again)
        worst["mapped"] = max(worst["mapped"], far(slower, net(x)))
    return {**worst, "cases": 20, "target": f"split ≤ {'1e-12' if depth == 1 else '1e-10'}"}


def main() -> None:
    torch.manual_seed(0)
    rows = {"reverse complement": strands()}
    for layer, depth in itertools.product(("gated", "state-space"), (1, 3)):
        rows[f"{layer}, {depth} layer{'s' * (depth > 1)}"] = clocks(layer, depth)
    keep("exactness", rows)


if __name__ == "__main__":
    main()
