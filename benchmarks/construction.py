"""Construction of the six-layer network of the field's tutorial (192 to 768 channels), as D4, over plain torch."""

import subprocess
import sys

from measure import keep

FIELDS, KERNELS = (24, 48, 48, 96, 96, 64), (7, 5, 5, 5, 5, 5)

OURS = """
import erlangen as er
from erlangen.layers import LatticeConv
G, grid = er.D(4), er.Grid(2)
space, layers = er.Space(grid, G.trivial), []
for m, k in zip({fields}, {kernels}):
    target = er.Space(grid, m * G.regular)
    layers.append(LatticeConv(space, target, kernel_size=k, bias=False))
    layers += [er.layers.normalize(target), er.layers.nonlinearity(target)]
    space = target
er.Blueprint(layers)
"""
PLAIN = """
from torch import nn
layers, c = [], 1
for m, k in zip({fields}, {kernels}):
    layers += [nn.Conv2d(c, 8 * m, k, padding=k // 2, bias=False), nn.BatchNorm2d(8 * m), nn.ReLU()]
    c = 8 * m
nn.Sequential(*layers)
"""
TIMED = """
import torch, time
torch.set_num_threads(1)
import erlangen as er
er.layers, er.Blueprint, er.Space, er.D, er.Grid
start = time.perf_counter()
{code}
print(time.perf_counter() - start)
"""


def cold(code: str) -> float:
    """Seconds in a fresh process, single-threaded, imports not counted."""
    script = TIMED.format(code=code.format(fields=FIELDS, kernels=KERNELS))
    return float(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout)


def main() -> None:
    pairs = [(cold(OURS), cold(PLAIN)) for _ in range(7)]
    ratios = sorted(a / b for a, b in pairs)
    rows = {
        "six layers, D4, 192 to 768 channels, cold": {
            "ratio": ratios[3],
            "lowest": ratios[0],
            "highest": ratios[-1],
            "ours_s": sorted(a for a, _ in pairs)[3],
            "plain_s": sorted(b for _, b in pairs)[3],
            "target": 1.5,
        }
    }
    keep("construction", rows)


if __name__ == "__main__":
    main()
