"""The depth-wise convolution along the edges of a cloud beside e3nn's tensor product: one function, the same numbers.

From values at points, harmonics (theirs) or frames (ours) of directions, and what the edges are told, to sums at
points: a layer makes the weights of every product, channel and edge; forward and backward, to all that is learnt.
"""

import warnings
from typing import Any

import torch
from measure import interleaved, keep, ratio, steady_memory

import erlangen as er
from erlangen.layers.linear._edge_product import EdgeProduct
from erlangen.solve.angular import harmonics_on

CHANNELS, POINTS, EDGES, HIDDEN = 32, 250, 5000, 32
TARGETS = {2: "≥ 3", 3: "≥ 6"}


def theirs(made: EdgeProduct, highest: int) -> Any:
    """e3nn's tensor product of the same products, those of one target added; a weight a product, channel and edge."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from e3nn import o3
    irreps = o3.Irreps("+".join(f"{CHANNELS}x{l}{'eo'[l % 2]}" for l in range(highest + 1)))
    counts = [sum(q.target == p.target for q in made.products) for p in made.products]
    told = [(p.source, p.degree, p.target, "uvu", True, 1 / n) for p, n in zip(made.products, counts, strict=True)]
    return o3.TensorProduct(
        irreps, o3.Irreps.spherical_harmonics(highest), irreps, told, irrep_normalization="component",
        path_normalization="none", shared_weights=False, internal_weights=False,
    )  # fmt: skip


def row(highest: int) -> dict[str, Any]:
    """Forward and backward of both, in turn; and how far their answers are apart."""
    fields = tuple(er.O(3).irrep(l, (-1) ** l) for l in range(highest + 1))
    ours = EdgeProduct((fields, fields), CHANNELS, er.Points(3), highest, HIDDEN, None)
    product, dims = theirs(ours, highest), [field.dim for field in fields]
    edges = _edges()
    _, cloud = er.Points(3).read({"pos": torch.randn(POINTS, 3), "edge_index": edges})
    frames, y = ours._frames(cloud), harmonics_on(er.Points(3), highest, cloud.vector)
    x = torch.randn(POINTS, sum(dims), CHANNELS, requires_grad=True)
    flat = torch.cat([p.transpose(1, 2).flatten(1) for p in x.detach().split(dims, 1)], dim=1).requires_grad_()
    told, weight = torch.randn(EDGES, HIDDEN, requires_grad=True), ours.weight
    last = weight.detach().reshape(-1, HIDDEN).clone().requires_grad_()

    def by_e3nn() -> torch.Tensor:
        sent = product(flat[cloud.source], y, told @ last.t())
        return torch.zeros_like(flat).index_add(0, cloud.target, sent)

    def by_us() -> torch.Tensor:
        return ours.along(x, told, frames, cloud)

    both = torch.cat([p.transpose(1, 2).flatten(1) for p in by_us().split(dims, 1)], dim=1), by_e3nn()
    apart = float(((both[0] - both[1]).abs().max() / both[1].abs().max()).detach())
    assert apart < 1e-5, apart
    sides = {"ours": lambda: by_us().square().mean().backward(), "theirs": lambda: by_e3nn().square().mean().backward()}
    found = ratio(interleaved(sides, 25), "theirs", "ours")  # how many times faster
    return {**found, "way": ours.form.name, "apart": apart, **_target(highest)}


def _edges() -> torch.Tensor:
    """As many into each point, none from itself."""
    target = torch.arange(EDGES) % POINTS
    return torch.stack([(target + torch.randint(1, POINTS, (EDGES,))) % POINTS, target])


def _target(highest: int) -> dict[str, str]:
    return {"target": f"ratio {TARGETS[highest]}"} if highest in TARGETS else {}


def main() -> None:
    steady_memory()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    keep("points", {f"depth-wise convolution, l ≤ {l}, times e3nn": row(l) for l in (1, 2, 3)})


if __name__ == "__main__":
    main()
