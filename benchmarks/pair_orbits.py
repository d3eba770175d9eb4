"""Orbits on pairs: milliseconds for 10⁶ pairs (i, j), by representations and by lists of images."""

from measure import interleaved, keep, ratio

import erlangen as er

CASES = {"S(1000), two orbits": er.S(1000).standard, "C(1000), a circular convolution": er.C(1000).regular}


def main() -> None:
    rows = {}
    for name, rho in CASES.items():
        images = [tuple(rho.permutation(g).tolist()) for g in rho.group.generators]
        sides = {
            "representation": lambda rho=rho: er.pair_orbits(rho, rho),
            "images": lambda i=images: er.pair_orbits(i, i),
        }
        rows[name] = {**ratio(interleaved(sides, rounds=9), "representation", "images"), "target_ms": "tens"}
    keep("pair_orbits", rows)


if __name__ == "__main__":
    main()
