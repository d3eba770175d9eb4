"""A linear layer of a product of domains, forward and backward, over its factors' layers on the same numbers.

Every two of a grid, a sequence, a set, a graph, points and a sphere, both as a composition and as a sum where there are
both. The factors' layers are the very parts of the product's layer, each called on what it is given there, already laid
out as it takes it: what is measured on top is to rearrange, to repeat supports, and to add.
"""

from itertools import combinations_with_replacement
from typing import Any

import torch
from measure import interleaved, keep, ratio, steady_memory
from torch import Tensor

import erlangen as er

ROUNDS, TARGET = 41, 1.1
C4, O3, SO3, NONE = er.C(4), er.O(3), er.SO(3), er.Trivial()
FACTORS: dict[str, tuple[er.domains.Domain, er.representations.Representation, tuple[int, ...]]] = {
    "grid": (er.Grid(2), C4.regular, (16, 16)),
    "sequence": (er.Sequence(), NONE.trivial, (16,)),
    "set": (er.Set(), NONE.trivial, ()),
    "graph": (er.Graph(), NONE.trivial, ()),
    "points": (er.Points(3, radius=1.5), O3.irrep(0, 1) + O3.irrep(1, -1), ()),
    "sphere": (er.Sphere(), SO3.trivial, (18, 36)),
}
POINTS, SIGNALS, CHANNELS, SPHERE = 12, 2, 32, ("sphere", 8)


def beside(name: str) -> dict[str, Tensor]:
    """What goes with the signals of a packed factor."""
    count = POINTS * SIGNALS
    batch = torch.arange(SIGNALS).repeat_interleave(POINTS)
    chance = torch.Generator().manual_seed(0)
    if name == "points":
        return {"pos": torch.randn(count, 3, generator=chance), "batch": batch}
    if name == "graph":
        ends = torch.randint(0, POINTS, (2, 4 * count), generator=chance)
        return {"edge_index": ends + POINTS * (torch.arange(4 * count) % SIGNALS), "batch": batch}
    return {"batch": batch}


def signal(space: er.Space, names: tuple[str, str]) -> tuple[Tensor, Any]:
    """A signal on the product, and its supports."""
    packed = [name for name in names if FACTORS[name][0].packed]
    rows = SIGNALS * POINTS ** len(packed)
    x = torch.randn(rows, space.channels, *(n for name in names for n in FACTORS[name][2]))
    if not packed:
        return x, None
    data: Any = {"x": x, **beside(packed[0])} if len(packed) == 1 else {"x": x, "factors": [*map(beside, packed)]}
    domain: Any = space.domain
    return domain.read(data)


def step(layer: Any, x: Tensor, support: Any, slope: Tensor) -> None:
    """Forward and backward, to the input and the weights."""
    x = x.detach().requires_grad_()
    torch.autograd.grad(layer.flow(x, support)[0], [x, *layer.parameters()], slope)


def calls(layer: Any, x: Tensor, support: Any) -> list[tuple[Any, Tensor, Any, Tensor]]:
    """The parts of a layer of a product, what each is given, and a slope of what it answers."""
    alongs = list(layer) if isinstance(layer, er.layers.Chain) else layer.layers
    found: list[tuple[Any, Tensor, Any, Tensor]] = []
    for along in alongs:
        for part in along.layers:
            flow = part.flow

            def heard(values: Tensor, inside: Any = None, part: Any = part, flow: Any = flow) -> Any:
                y = flow(values, inside)
                found.append((part, values.detach().contiguous(), inside, torch.randn_like(y[0])))
                return y

            part.flow, part.over = heard, lambda *_: None  # shown what it takes, laid out as by itself
    with torch.no_grad():
        layer.flow(x, support)
    for along in alongs:
        for part in along.layers:
            del part.flow, part.over
    return found


def measure(names: tuple[str, str], way: str) -> dict[str, float]:
    """The ratio of one pair."""
    torch.manual_seed(0)
    domain = FACTORS[names[0]][0] * FACTORS[names[1]][0]
    fibre = FACTORS[names[0]][1].external(FACTORS[names[1]][1])
    copies = max(1, (SPHERE[1] if SPHERE[0] in names else CHANNELS) // fibre.dim)
    rho = sum((copies * times * field for field, times in fibre.fields[1:]), copies * fibre.fields[0][0])
    space = er.Space(domain, rho)
    layer = er.layers.linear(space, space, way=way)
    x, support = signal(space, names)
    slope = torch.randn_like(layer.flow(x, support)[0])
    parts = calls(layer, x, support)

    def factors() -> None:
        for part, values, inside, one in parts:
            step(part, values, inside, one)

    seconds = interleaved({"product": lambda: step(layer, x, support, slope), "factors": factors}, rounds=ROUNDS)
    return {**ratio(seconds, "product", "factors"), "channels": space.channels, "target": TARGET}


def main() -> None:
    steady_memory()
    torch.set_num_threads(1)
    rows: dict[str, Any] = {}
    for names in combinations_with_replacement(FACTORS, 2):
        for way in ("composition", "sum"):
            rows[f"{' × '.join(names)}, {way}"] = measure(names, way)
    keep("products", rows)


if __name__ == "__main__":
    main()
