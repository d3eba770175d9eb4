"""Signals on products of domains, each with what its factors have: drawn, batched, relabelled, moved."""

import itertools
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor

import erlangen as er
from erlangen.domains import Domain, Product
from erlangen.groups import Trivial
from erlangen.representations import Representation
from erlangen.representations.external import external

NONE = Trivial().trivial


class Kind(NamedTuple):
    """A factor, fields of its own, and the sizes of its axes."""

    domain: Domain
    rho: Representation
    axes: tuple[int, ...] = ()


KINDS = {
    "grid": Kind(er.Grid(2), er.C(4).regular, (5, 5)),
    "sequence": Kind(er.Sequence(), NONE, (4,)),
    "set": Kind(er.Set(), NONE),
    "graph": Kind(er.Graph(), NONE),
    "points": Kind(er.Points(3), 2 * er.O(3).irrep(0, 1) + 2 * er.O(3).irrep(1, -1)),
    "sphere": Kind(er.Sphere(), er.SO(3).trivial, (6, 12)),
}


@dataclass
class One:
    """One signal: of each packed factor its points, in `[points of one, points of the next, …, channel, axes]`."""

    factors: list[dict[str, Any]]
    x: Tensor


def space_of(*names: str, copies: int = 2) -> er.Space:
    kinds = [KINDS[name] for name in names]
    domain = Product(tuple(kind.domain for kind in kinds))
    return er.Space(domain, copies * external(*(kind.rho for kind in kinds)))


def drawn(names: tuple[str, ...], channels: int, sizes: list[tuple[int, ...]], seed: int = 0) -> list[One]:
    """A signal for each tuple of sizes, which are those of packed factors in turn."""
    made = torch.Generator().manual_seed(seed)
    packed = [name for name in names if not KINDS[name].axes]
    axes = [n for name in names for n in KINDS[name].axes]
    signals = []
    for counts in sizes:
        own = [_points(name, n, made) for name, n in zip(packed, counts, strict=True)]
        x = torch.randn(*counts, channels, *axes, generator=made, dtype=torch.float64)
        signals.append(One(own, x))
    return signals


def _points(name: str, n: int, made: torch.Generator) -> dict[str, Any]:
    if name == "points":
        return {"pos": torch.randn(n, 3, generator=made, dtype=torch.float64)}
    if name == "graph":  # a ring with chords one way
        ring = torch.tensor([[i, (i + 1) % n] for i in range(n)] + [[0, i] for i in range(2, n)]).reshape(-1, 2).T
        weight = torch.rand(ring.shape[1], generator=made, dtype=torch.float64) + 0.5
        return {"edge_index": ring, "edge_weight": weight, "num_nodes": n}
    return {"num_nodes": n}


def batched(signals: list[One]) -> Any:
    """What a network is given of these signals together."""
    packed = len(signals[0].factors)
    x = torch.cat([one.x.flatten(0, packed - 1) if packed else one.x[None] for one in signals])
    if not packed:
        return x
    factors = tuple(
        _joined([one.factors[i] for one in signals], [one.x.shape[i] for one in signals]) for i in range(packed)
    )
    return {"x": x, **factors[0]} if packed == 1 else {"x": x, "factors": factors}


def _joined(parts: list[dict[str, Any]], counts: list[int]) -> dict[str, Any]:
    made: dict[str, Any] = {"batch": torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))}
    starts = list(itertools.accumulate([0, *counts]))
    for name in parts[0].keys() - {"num_nodes"}:
        if name == "edge_index":
            made[name] = torch.cat([part[name] + first for part, first in zip(parts, starts, strict=False)], dim=1)
        else:
            made[name] = torch.cat([part[name] for part in parts])
    return made


def moved(space: er.Space, g: Any, signals: list[One]) -> list[One]:
    """g·x, positions turned by hand and values by the representation of the whole."""
    domain: Any = space.domain
    ends = [h for h, factor in zip(domain.parts(g), domain.factors, strict=True) if factor.packed]
    made = []
    for one in signals:
        packed = len(one.factors)
        rows = one.x.flatten(0, packed - 1) if packed else one.x[None]
        x = domain.move(g, rows, space.rho).reshape(one.x.shape)
        own = [_turned(part, h) for part, h in zip(one.factors, ends, strict=True)]
        made.append(One(own, x))
    return made


def _turned(part: dict[str, Any], h: Any) -> dict[str, Any]:
    return {**part, "pos": part["pos"] @ torch.as_tensor(h.matrix, dtype=torch.float64).T} if "pos" in part else part


def relabelled(one: One, orders: list[Tensor]) -> One:
    """The same with the points of each packed factor in another order: new point i was point order[i]."""
    x, own = one.x, []
    for axis, (part, order) in enumerate(zip(one.factors, orders, strict=True)):
        x = x.index_select(axis, order)
        part = dict(part)
        if "pos" in part:
            part["pos"] = part["pos"][order]
        if "edge_index" in part:
            part["edge_index"] = torch.argsort(order)[part["edge_index"]]
        own.append(part)
    return replace(one, factors=own, x=x)


def apart(y: Tensor, like: list[One]) -> list[Tensor]:
    """The rows of each signal, in the shape of its tuples of points."""
    packed = len(like[0].factors)
    if not packed:
        return list(y)
    counts = [one.x.shape[:packed].numel() for one in like]
    return [
        part.reshape(*one.x.shape[:packed], *part.shape[1:]) for part, one in zip(y.split(counts), like, strict=True)
    ]
