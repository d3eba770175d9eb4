"""The search that found the rings of steerable kernels: `python benchmarks/rings.py 5` for 5 × 5, the best it meets.

Nelder and Mead on the feature error of benchmarks/turned.py, with and without the ReLU, over scenes and weights of
seeds that benchmarks/turned.py does not measure on. Minutes for 5 × 5, longer for more; it starts from the table in
solve/rings.py, whose planar rows are what such a search ended in, rounded to two places.
"""

import math
import statistics
import sys

import turned
from scipy.optimize import minimize

from erlangen.solve.rings import Ring, good_rings

SEARCHED, CHECKED = range(0, 2), range(10, 13)


def error(size: int, rings: list[tuple[float, float, int]], seeds: range, relu: bool) -> float:
    """The median over the seeds of the relative change of the features by a turn of 45°."""
    turned.SEEDS = seeds
    return statistics.median(turned.feature_error(size, rings, relu, math.pi / 4))


def from_numbers(numbers: list[float], start: tuple[Ring, ...]) -> list[tuple[float, float, int]]:
    """Radii of all but the ring at the centre, then widths of all; the band limits stay."""
    radii, widths = [0.0, *numbers[: len(start) - 1]], numbers[len(start) - 1 :]
    return [(float(r), float(w), ring.highest) for r, w, ring in zip(radii, widths, start, strict=True)]


def main(size: int, steps: int = 120) -> None:
    start = good_rings(size // 2, 2)
    first = [*(ring.radius for ring in start[1:]), *(ring.width for ring in start)]

    def objective(numbers: list[float]) -> float:
        if min(numbers) <= 0.15:
            return 9.0
        rings = from_numbers(numbers, start)
        return error(size, rings, SEARCHED, True) + error(size, rings, SEARCHED, False) / 2

    found = minimize(objective, first, method="Nelder-Mead", options={"maxiter": steps}).x
    for name, numbers in (("start", first), ("found", [round(float(x), 2) for x in found])):
        rings = from_numbers(numbers, start)
        errors = [error(size, rings, CHECKED, relu) for relu in (True, False)]
        sys.stdout.write(f"{name}: {rings}: {errors[0]:.4f}, without ReLU {errors[1]:.4f}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
