"""The depth-wise convolution along the edges of a cloud beside e3nn's tensor product: one function, the same numbers.

From values at points, harmonics (theirs) or frames (ours) of directions, and what the edges are told, to sums at
points: a layer makes the weights of every product, channel and edge; forward and backward, to all that is learnt.
"""

import warnings
from typing import Any

import torch
from measure import interleaved, keep, ratio, steady_memory

import erlangen as er
from erlangen.layers.linear._edge_product import DepthwiseProduct, EdgeProduct, MixingProduct
from erlangen.solve.angular import harmonics_on

CHANNELS, POINTS, EDGES, HIDDEN = 32, 250, 5000, 32
TARGETS = {"depth-wise": {2: 3, 3: 6}, "fully connected": {2: 4, 3: 7}}


def theirs(made: EdgeProduct, highest: int, kind: str) -> Any:
    """e3nn's tensor product of the same products, those of one target added up."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from e3nn import o3
    irreps = o3.Irreps("+".join(f"{CHANNELS}x{l}{'eo'[l % 2]}" for l in range(highest + 1)))
    counts = [sum(q.target == p.target for q in made.products) for p in made.products]
    told = [(p.source, p.degree, p.target, kind, True, 1 / n) for p, n in zip(made.products, counts, strict=True)]
    return o3.TensorProduct(
        irreps, o3.Irreps.spherical_harmonics(highest), irreps, told, irrep_normalization="component",
        path_normalization="none", shared_weights=kind == "uvw", internal_weights=False,
    )  # fmt: skip


class Case:
    """Ours and theirs of one kind and degree, from the same numbers."""

    def __init__(self, highest: int, mixing: bool):
        fields = tuple(er.O(3).irrep(l, (-1) ** l) for l in range(highest + 1))
        kind = MixingProduct if mixing else DepthwiseProduct
        self.product = kind((fields, fields), CHANNELS, er.Points(3), highest, HIDDEN)
        self.theirs, self.mixing = theirs(self.product, highest, "uvw" if mixing else "uvu"), mixing
        self.dims = [field.dim for field in fields]
        _, self.cloud = er.Points(3).read({"pos": torch.randn(POINTS, 3), "edge_index": _edges()})
        self.frames = self.product.turns(self.cloud)
        self.harmonics = harmonics_on(er.Points(3), highest, self.cloud.vector)
        self.x = torch.randn(POINTS, sum(self.dims), CHANNELS, requires_grad=True)
        self.flat = self.by_fields(self.x.detach()).requires_grad_()
        self.told = torch.randn(EDGES, HIDDEN, requires_grad=True)
        self.weight, self.scale = self.their_weights()

    def by_fields(self, x: torch.Tensor) -> torch.Tensor:
        """In e3nn's order of channels."""
        return torch.cat([part.transpose(1, 2).flatten(1) for part in x.split(self.dims, 1)], dim=1)

    def their_weights(self) -> tuple[torch.Tensor, torch.Tensor]:
        """What both multiply by what is told, and what e3nn's channels are mixed by."""
        weight = self.product.weight.detach().clone()
        if not isinstance(self.product, MixingProduct):
            return weight.reshape(-1, HIDDEN).requires_grad_(), weight
        mixed = weight.reshape(-1, CHANNELS, CHANNELS).transpose(1, 2).flatten().requires_grad_()
        return mixed, self.product.scale.detach().clone().requires_grad_()

    def by_us(self) -> torch.Tensor:
        """Forward."""
        return self.product.along(self.x, self.told, self.frames, self.cloud)

    def by_e3nn(self) -> torch.Tensor:
        """Forward."""
        x = self.flat[self.cloud.source]
        if self.mixing:
            scales = (self.told @ self.scale.t()).split(CHANNELS, 1)
            x = x * torch.cat([s.repeat_interleave(d, 1) for s, d in zip(scales, self.dims, strict=True)], dim=1)
            sent = self.theirs(x, self.harmonics, self.weight)
        else:
            sent = self.theirs(x, self.harmonics, self.told @ self.weight.t())
        return torch.zeros_like(self.flat).index_add(0, self.cloud.target, sent)

    def apart(self) -> float:
        """How far both answers are from one another."""
        ours, them = self.by_fields(self.by_us()).detach(), self.by_e3nn().detach()
        return float((ours - them).abs().max() / them.abs().max())


def row(highest: int, kind: str) -> dict[str, Any]:
    """Forward and backward of both, in turn; and how far their answers are apart."""
    case = Case(highest, kind == "fully connected")
    apart = case.apart()
    assert apart < 1e-5, apart
    sides = {
        "ours": lambda: case.by_us().square().mean().backward(),
        "theirs": lambda: case.by_e3nn().square().mean().backward(),
    }
    found = ratio(interleaved(sides, 25), "theirs", "ours")  # how many times faster
    least = TARGETS[kind].get(highest)
    return {**found, "way": case.product.form.name, "apart": apart, **({"target": f"ratio ≥ {least}"} if least else {})}


def _edges() -> torch.Tensor:
    """As many into each point, none from itself."""
    target = torch.arange(EDGES) % POINTS
    return torch.stack([(target + torch.randint(1, POINTS, (EDGES,))) % POINTS, target])


def main() -> None:
    steady_memory()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    keep("points", {f"{kind}, l ≤ {l}, times e3nn": row(l, kind) for kind in TARGETS for l in (1, 2, 3)})


if __name__ == "__main__":
    main()
