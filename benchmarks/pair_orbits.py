"""Orbits on pairs (i, j) beside their targets: 10⁶ pairs in 10 ms, 10⁸ in 1.5 s; and beside EMLP's equivariant bases.

EMLP needs an environment of its own, whose Python is named as an argument; without it only ours are measured, and
benchmarks/results/pair_orbits_peer.json stays as it was:

    python3.11 -m venv emlp-venv
    emlp-venv/bin/pip install emlp==1.0.3 jax six
    python benchmarks/pair_orbits.py emlp-venv/bin/python

Our times are the best of the rounds, since other work on the machine only adds, with their median; the load stands
beside. The cube is that of tests/laws/catalogue.py. Nothing is compiled on our side; EMLP's second call is timed.
"""

import gc
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from measure import interleaved, keep

import erlangen as er

sys.path.append(str(Path(__file__).parents[1]))
from tests.representations.test_orbits import RUBIK, pixels, power, shifts, symmetric

CUBE = [np.array(g.key) for g in RUBIK.generators]
CASES = {  # what acts on both sides, and milliseconds to stay below
    "S30, V² → V²": (power(symmetric(30), 2), 10),
    "shifts of 32² pixels": (shifts(32), 10),
    "D4 on 32² pixels": (pixels(32), 10),
    "S1000, V → V": ([*map(np.array, symmetric(1000))], 10),
    "cube, 48² → 48²": (power(CUBE, 2), 100),
    "S100, V² → V²": (power(symmetric(100), 2), 1500),
    "shifts of 100² pixels": (shifts(100), 1500),
    "D4 on 100² pixels": (pixels(100), 1500),
}
PEER_CASES = {"S5, V → V": (5, 1), "S10, V → V": (10, 1), "S20, V → V": (20, 1), "S5, V² → V²": (5, 2)}
PEER = """
import json, sys, time
from emlp.groups import S
from emlp.reps import V, T
found = []
for n, order in json.loads(sys.argv[1]):
    seconds = []
    for _ in range(2):
        rep = V(S(n)) if order == 1 else T(order, 0)(S(n))
        getattr((rep >> rep).__class__, "solcache", {}).clear()
        start = time.perf_counter()
        basis = (rep >> rep).equivariant_basis()
        seconds.append(time.perf_counter() - start)
    found.append([*seconds, basis.shape[1]])
print(json.dumps(found))
"""


def ours(action: list[np.ndarray], target: float, rounds: int) -> dict[str, Any]:
    labels = er.pair_orbits(action, action)
    row = {"pairs": labels.size, "orbits": int(labels.max()) + 1}
    del labels
    gc.collect()
    seconds = interleaved({"ours": lambda: er.pair_orbits(action, action)}, rounds, warmup=1)["ours"]
    best, median = 1e3 * min(seconds), 1e3 * statistics.median(seconds)
    return {**row, "best_ms": best, "median_ms": median, "target_ms": target, "load": os.getloadavg()[0]}


def beside(python: str) -> dict[str, dict[str, Any]]:
    """Both in one run: the peer's first and second call with nothing kept between them, and ours."""
    cases = json.dumps(list(PEER_CASES.values()))
    told = subprocess.run([python, "-c", PEER, cases], check=True, capture_output=True, text=True).stdout
    rows = {}
    for (name, (n, order)), (first, second, dims) in zip(
        PEER_CASES.items(), json.loads(told.splitlines()[-1]), strict=True
    ):
        action = power(symmetric(n), order)
        start = time.perf_counter()
        er.pair_orbits(action, action)
        cold = time.perf_counter() - start
        row = ours(action, 1e3 * second / 1000, rounds=101)
        if row["orbits"] != dims:
            raise ValueError(f"{name}: {row['orbits']} orbits here and {dims} dimensions there")
        times = {"emlp_first_ms": 1e3 * first, "emlp_second_ms": 1e3 * second, "ours_first_ms": 1e3 * cold}
        faster = {"first_over_ours": 1e3 * first / row["best_ms"], "second_over_ours": 1e3 * second / row["best_ms"]}
        rows[name] = {**row, **times, **faster}
    return rows


def main(python: str = "") -> None:
    rows = {name: ours(action, target, 9 if target > 50 else 41) for name, (action, target) in CASES.items()}
    keep("pair_orbits", rows)
    if python:
        keep("pair_orbits_peer", beside(python), emlp="1.0.3")


if __name__ == "__main__":
    main(*sys.argv[1:2])
