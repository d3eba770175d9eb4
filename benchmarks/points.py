"""The product of features with harmonics along the edges of a cloud, beside e3nn's depth-wise tensor product."""

import warnings
from typing import Any

import torch
from measure import interleaved, keep, ratio, steady_memory

import erlangen as er
from erlangen.layers.linear._edge_product import EdgeProduct
from erlangen.solve.angular import harmonics_on

CHANNELS, EDGES = 32, 5000
TARGETS = {2: "≥ 3", 3: "≥ 6"}


def theirs(highest: int) -> Any:
    """e3nn's tensor product with the same paths, a weight for each path and channel of every edge."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from e3nn import o3
    given = o3.Irreps("+".join(f"{CHANNELS}x{l}{'eo'[l % 2]}" for l in range(highest + 1)))
    harmonics = o3.Irreps.spherical_harmonics(highest)
    made, instructions = [], []
    for i, (_, a) in enumerate(given):
        for j, (_, y) in enumerate(harmonics):
            for out in a * y:
                if out in given:
                    instructions.append((i, j, len(made), "uvu", True))
                    made.append((CHANNELS, out))
    return o3.TensorProduct(
        given, harmonics, o3.Irreps(made), instructions, shared_weights=False, internal_weights=False
    )


def row(highest: int) -> dict[str, Any]:
    """Forward and backward of both, in turn."""
    rho = er.irreps(" + ".join(f"{CHANNELS}x{l}{'eo'[l % 2]}" for l in range(highest + 1)))
    ours, product = EdgeProduct(rho, rho, er.Points(3), highest), theirs(highest)
    assert ours.weights == product.weight_numel
    x, w = (torch.randn(EDGES, n, requires_grad=True) for n in (rho.dim, ours.weights))
    y = harmonics_on(er.Points(3), highest, torch.randn(EDGES, 3))
    sides = {
        "ours": lambda: ours(x, y, w).square().mean().backward(),
        "theirs": lambda: product(x, y, w).square().mean().backward(),
    }
    found = ratio(interleaved(sides, 15), "theirs", "ours")  # how many times faster
    return {**found, **({"target": f"ratio {TARGETS[highest]}"} if highest in TARGETS else {})}


def main() -> None:
    steady_memory()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    keep("points", {f"depth-wise product, l ≤ {highest}, times e3nn": row(highest) for highest in (1, 2, 3)})


if __name__ == "__main__":
    main()
