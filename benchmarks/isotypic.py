"""1 × 1 group convolutions, forward, in isotypic blocks over torch's plain 1 × 1 convolution of equal channels.

On one thread and on two: the fibre transforms are bound by memory, which two threads share, and gain less from the
second than the plain convolution does.
"""

import torch
from measure import interleaved, keep, ratio, steady_memory
from torch import nn

import erlangen as er

CASES = {
    "C4, 256 channels, 29²": (er.Grid(2), er.C(4), 256, (16, 29, 29), 0.65),
    "C4, 256 channels, 24²": (er.Grid(2), er.C(4), 256, (16, 24, 24), 0.65),
    "C4, 512 channels, 29²": (er.Grid(2), er.C(4), 512, (8, 29, 29), 0.65),
    "D4, 256 channels, 29²": (er.Grid(2), er.D(4), 256, (16, 29, 29), 0.55),
    "D4, 256 channels, 56²": (er.Grid(2), er.D(4), 256, (4, 56, 56), 0.55),
    "D4, 512 channels, 29²": (er.Grid(2), er.D(4), 512, (8, 29, 29), 0.55),
    "octahedral, 384 channels, 13³": (er.Grid(3), er.Octahedral(), 384, (4, 13, 13, 13), 0.45),
    "octahedral, 384 channels, 9³": (er.Grid(3), er.Octahedral(), 384, (8, 9, 9, 9), 0.45),
}


def measure(domain: er.Grid, group: er.Group, channels: int, shape: tuple[int, ...], target: float) -> dict:
    """Forward without gradients, the plain convolution, the same kernel as one dense product, and blocks."""
    torch.manual_seed(0)
    space = er.Space(domain, channels // group.order * group.regular)
    blocks, dense = (er.layers.LatticeConv(space, space, kernel_size=1, way=way) for way in ("isotypic", "dense"))
    dense.load_state_dict(blocks.state_dict())
    plain = (nn.Conv2d if domain.dim == 2 else nn.Conv3d)(channels, channels, 1)
    x = torch.randn(shape[0], channels, *shape[1:])
    graph = blocks.export()
    sides = {"ours": lambda: blocks(x), "plain": lambda: plain(x), "dense": lambda: dense(x)}
    sides["exported"] = lambda: graph(x)
    with torch.no_grad():
        difference = float((blocks(x) - dense(x)).abs().max())
        seconds = interleaved(sides, rounds=21)
    others = {f"{name}_ratio": ratio(seconds, name, "plain")["ratio"] for name in ("exported", "dense")}
    chosen = er.layers.LatticeConv(space, space, kernel_size=1).way.name
    row = {**ratio(seconds, "ours", "plain"), **others, "largest_difference": difference, "chosen": chosen}
    return {**row, "target": target}


def main() -> None:
    steady_memory()
    rows = {}
    for threads in (1, 2):
        torch.set_num_threads(threads)
        said = f"{threads} thread{'s' * (threads > 1)}"
        rows |= {f"{name}, {said}": measure(*case) for name, case in CASES.items()}
    keep("isotypic", rows)


if __name__ == "__main__":
    main()
