"""The linear layer of a product of domains: sums and compositions of the factors' layers, the cheaper one."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

from erlangen.domains import Lattice, Point, Points, Product
from erlangen.domains._strands import Strand, strands_of
from erlangen.errors import SpaceError, SymmetryError
from erlangen.layers._along import Along
from erlangen.layers._base import Layer
from erlangen.layers._chain import Chain
from erlangen.layers._sum import Sum
from erlangen.representations import Representation, direct_sum
from erlangen.representations.external import external, parts_of
from erlangen.signal import Space

Make = Callable[..., Layer]
WAYS = ("composition", "sum")


def product_linear(
    make: Make, source: Space, target: Space, way: str | None = None, gain: float = 1.0, **choices: Any
) -> Layer:
    """Hom_{G×H}(ρ ⊠ σ, ρ′ ⊠ σ′) = Hom_G(ρ, ρ′) ⊗ Hom_H(σ, σ′): y = f_B f_A x, or y = f_A x + f_B x.

    Compositions span all of it, sums those of its maps that look along one factor at a time. Without `way` the one of
    fewer multiply-adds is taken, and of two that cost the same the composition, which sees what moves. `make` gives the
    linear layer of a factor. Raises SpaceError where there is no map.
    """
    if not isinstance(source.domain, Product) or target.domain != source.domain or way not in (None, *WAYS):
        given = f"a linear layer from {source!r} to {target!r}, way={way!r}"
        raise SpaceError(given, f"one product of domains on both sides, and {' or '.join(WAYS)}", "A * B.")
    found: dict[str, Layer] = {}
    reasons: list[str] = []
    for name in WAYS if way is None else (way,):
        try:
            found[name] = (_composition if name == "composition" else _sum)(make, source, target, gain, choices)
        except SymmetryError as refused:
            reasons.append(str(refused))
    if not found:
        raise SpaceError(f"a linear layer from {source!r} to {target!r}", "a map between them", reasons[0])
    costs = {name: work_of(layer) for name, layer in found.items()}
    chosen = min(found, key=lambda name: (costs[name], name))
    listed = ", ".join(f"{name} {cost:,}" for name, cost in costs.items())
    _tell(found[chosen], f"{chosen} along the factors; multiply-adds a point: {listed}")
    return found[chosen]


def work_of(layer: Any) -> int:
    """Multiply-adds at a point, by the numbers in its kernels."""
    return sum(map(work_of, layer)) if isinstance(layer, Chain) else layer.work()


def _tell(layer: Any, why: str) -> None:
    parts: Any = layer if isinstance(layer, Chain) else [layer]
    for part in parts:
        part.why = why


def _moving(source: Space, target: Space) -> list[int]:
    """Which factors have more than one point, or move channels."""
    domain: Any = source.domain
    groups = domain.split(source.group)
    parts = [parts_of(field, groups) for rho in (source.rho, target.rho) for field, _ in rho.fields]
    return [
        i
        for i, factor in enumerate(domain.factors)
        if not isinstance(factor, Point) or any(not part[i].is_trivial for part in parts)
    ]


def _sum(make: Make, source: Space, target: Space, gain: float, choices: dict[str, Any]) -> Layer:
    places = _moving(source, target)
    share = gain / len(places) ** 0.5
    parts = [_along(make, source, target, place, share, choices, biased=place == places[0]) for place in places]
    return parts[0] if len(parts) == 1 else Sum(parts)


def _composition(make: Make, source: Space, target: Space, gain: float, choices: dict[str, Any]) -> Layer:
    """One factor after another, in the order of least work."""
    best: Layer | None = None
    reason: SymmetryError | None = None
    for order in permutations(_moving(source, target)):
        try:
            made = _in_turn(make, source, target, order, gain, choices)
        except SymmetryError as refused:
            reason = refused
            continue
        best = made if best is None or work_of(made) < work_of(best) else best
        if source.rho == target.rho:  # all orders cost the same
            break
    if best is None:
        raise reason if reason is not None else SpaceError(f"{source!r}", "a factor with points", "A * B.")
    return best


def _in_turn(
    make: Make, source: Space, target: Space, order: tuple[int, ...], gain: float, choices: dict[str, Any]
) -> Layer:
    layers: list[Layer] = []
    for n, place in enumerate(order):
        last = n + 1 == len(order)
        goal = target if last else Space(source.domain, _between(source, target, order[: n + 1]))
        layers.append(_along(make, source, goal, place, gain if n == 0 else 1.0, choices, biased=last, first=n == 0))
        source = layers[-1].target
    return layers[0] if len(layers) == 1 else Chain(layers)


def _between(source: Space, target: Space, done: tuple[int, ...]) -> Representation:
    """Behind the layers of some factors: what they lead to, beside what the other factors still come with."""
    domain: Any = source.domain
    groups = domain.split(source.group)
    heads: dict[Any, int] = {}
    for field, copies in target.rho.fields:
        head = tuple(parts_of(field, groups)[i] for i in done)
        heads[head] = heads.get(head, 0) + copies
    tails: dict[Any, None] = {}
    for field, _ in source.rho.fields:
        tails[tuple(part for i, part in enumerate(parts_of(field, groups)) if i not in done)] = None
    runs: list[tuple[Representation, int]] = []
    for tail in tails:
        for head, copies in heads.items():
            left, right = dict(zip(done, head, strict=True)), iter(tail)
            parts = [left[i] if i in left else next(right) for i in range(len(groups))]
            runs.append((external(*parts), max(1, copies // len(tails))))
    return direct_sum(*runs)


def _along(
    make: Make,
    source: Space,
    target: Space,
    place: int,
    gain: float,
    choices: dict[str, Any],
    biased: bool = True,
    first: bool = True,
) -> Along:
    domain: Any = source.domain
    groups = domain.split(source.group)
    wanted = {strand.others: strand.rho for strand in strands_of(target.rho, groups, place)}

    def part(space: Space, strand: Strand) -> Layer:
        if strand.others not in wanted:
            given = f"{', '.join(map(str, strand.others))} of the other factors of {target!r}"
            raise SpaceError(given, "fields that the target has", "Compose layers along each factor.")
        further = _choices_of(space, choices, first)
        further["bias"] = bool(choices.get("bias", True)) and biased and strand.permuted
        return make(space, Space(space.domain, wanted[strand.others]), gain=gain, **further)

    return Along.of(source, place, part, target)


def _choices_of(space: Space, choices: dict[str, Any], first: bool) -> dict[str, Any]:
    """Of the choices those that the layers of a factor have."""
    made = dict(choices.get("of", {}))
    if isinstance(space.domain, Lattice):
        made |= {name: choices[name] for name in ("kernel_size",) if name in choices}
    if first and "offset" in choices and not isinstance(space.domain, Points):
        made["offset"] = choices["offset"]
    return made
