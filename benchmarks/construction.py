"""Construction: the six-layer network of the field's tutorial (192 to 768 channels), as D4, over plain torch; and three
layers of SO(3) on volumes, functions up to degree 2, in seconds and in memory at its peak."""

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
SPACE = """
import erlangen as er
from erlangen.layers import FourierNonlinearity, FunctionBatchNorm, SteerableConv
G, grid = er.SO(3), er.Grid(3)
space, layers = er.Space(grid, G.trivial), []
for m in (2, 2, 2):
    target = er.Space(grid, m * G.band_limited_regular(2))
    layers += [SteerableConv(space, target, kernel_size=5, bias=False)]
    layers += [FunctionBatchNorm(target), FourierNonlinearity(target)]
    space = target
er.Blueprint(layers)
"""
IMPORTS = """
import erlangen as er
er.layers, er.Blueprint, er.Space, er.D, er.Grid
"""
TIMED = """
import resource, torch, time
torch.set_num_threads(1)
{imports}
start = time.perf_counter()
{code}
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def cold(code: str, imports: str = IMPORTS) -> tuple[float, float]:
    """Seconds in a fresh process, single-threaded, imports not counted; and its peak memory, MB, imports counted."""
    script = TIMED.format(imports=imports, code=code.format(fields=FIELDS, kernels=KERNELS))
    seconds, peak = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    return float(seconds), float(peak)


def main() -> None:
    pairs = [(cold(OURS)[0], cold(PLAIN)[0]) for _ in range(7)]
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
    space = [cold(SPACE) for _ in range(7)]
    rows["three layers 5 × 5 × 5, SO(3) up to degree 2, 70 channels, cold"] = {
        "ours_s": sorted(seconds for seconds, _ in space)[3],
        "slowest_s": max(seconds for seconds, _ in space),
        "peak_mb": max(peak for _, peak in space),
        "target_s": 0.5,
        "target_mb": 400,
    }
    keep("construction", rows)


if __name__ == "__main__":
    main()
