"""Convolution on rings by the FFT over the spatial one, forward and with gradients, as the kernel grows.

The thresholds in layers/linear/_spectral.py were read off this table.
"""

import torch
from measure import interleaved, keep, ratio, steady_memory

import erlangen as er

CASES = {
    1: (er.Mirror(), 32, (8, 256), (17, 33, 65, 129)),
    2: (er.C(4), 32, (8, 32, 32), (5, 9, 13, 15, 21)),
    3: (er.Octahedral(), 24, (4, 16, 16, 16), (3, 5, 7, 9)),
}


def measure(dim: int, kernel_size: int) -> dict:
    """One size of kernel: both ways of one layer, with the same weights."""
    group, channels, (batch, *size), _ = CASES[dim]
    torch.manual_seed(0)
    space = er.Space(er.Grid(dim, "periodic"), channels // group.order * group.regular)
    spectral, spatial = (er.layers.LatticeConv(space, space, kernel_size, way=way) for way in ("spectral", "dense"))
    spatial.load_state_dict(spectral.state_dict())
    x = torch.randn(batch, channels, *size)

    def forward(layer: er.layers.Layer) -> torch.Tensor:
        with torch.no_grad():
            return layer(x)

    def step(layer: er.layers.Layer) -> None:
        layer.zero_grad()
        layer(x).sum().backward()

    sides = {"ours": lambda: forward(spectral), "spatial": lambda: forward(spatial)}
    training = {"ours": lambda: step(spectral), "spatial": lambda: step(spatial)}
    chosen = er.layers.LatticeConv(space, space, kernel_size).way.name
    row = ratio(interleaved(sides, rounds=7, warmup=1), "ours", "spatial")
    with_gradients = ratio(interleaved(training, rounds=5, warmup=1), "ours", "spatial")["ratio"]
    difference = float((forward(spectral) - forward(spatial)).abs().max())
    return {**row, "training_ratio": with_gradients, "largest_difference": difference, "chosen": chosen}


def main() -> None:
    steady_memory()
    rows = {}
    for dim, (group, channels, (batch, *size), sizes) in CASES.items():
        for k in sizes:
            where = " × ".join(str(n) for n in size)
            rows[f"{dim}-D, {group!r}, {channels} channels, {batch} × {where}, kernel {k}"] = measure(dim, k)
    keep("spectral", rows)


if __name__ == "__main__":
    main()
