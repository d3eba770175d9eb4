"""What a group, a representation, a domain and a layer must keep, each as one call that raises an AssertionError."""

from collections.abc import Iterator
from itertools import product

import numpy as np
import torch
from torch import Tensor

from erlangen.blueprint import Blueprint
from erlangen.domains import Domain, Lattice
from erlangen.domains.packed import Packed
from erlangen.errors import InputError
from erlangen.groups import Element, Group
from erlangen.layers import Layer
from erlangen.representations import Representation
from erlangen.signal import Space
from erlangen.task import Positions
from erlangen.testing import batches

EXACT = 1e-10


def check_group(group: Group, samples: int = 12, seed: int = 0) -> None:
    """(ab)c = a(bc), ea = a = ae, a⁻¹a = e, and the defining matrices multiply as the elements do.

    >>> import erlangen as er
    >>> er.testing.check_group(er.Octahedral())
    """
    drawn = [group.identity, *group.generators, *group.sample(samples, seed)]
    for a, b, c in zip(drawn, drawn[1:] + drawn[:1], drawn[2:] + drawn[:2], strict=True):
        _claim((a @ b) @ c == a @ (b @ c), f"({a} @ {b}) @ {c} == {a} @ ({b} @ {c}) in {group!r}")
        _claim(group.identity @ a == a == a @ group.identity, f"e @ {a} == {a} == {a} @ e in {group!r}")
        _claim(~a @ a == group.identity == a @ ~a, f"~{a} @ {a} == e in {group!r}")
        _claim(group.contains(a @ b), f"{group!r} contains {a} @ {b}")
        _close(group.matrix(a @ b), group.matrix(a) @ group.matrix(b), f"the matrices of {a}, {b} in {group!r}")
    if group.order is not None and group.order <= 2000:
        _claim(len(set(group.elements)) == group.order, f"{group!r} has as many elements as its order, {group.order}")


def check_representation(rho: Representation, samples: int = 8, seed: int = 0) -> None:
    """ρ(e) = 1 and ρ(gh) = ρ(g) ρ(h); what it says of itself (permutation, orthogonal, fields) is so.

    >>> import erlangen as er
    >>> er.testing.check_representation(er.D(4).regular + 2 * er.D(4).irrep(1, 1))
    """
    group = rho.group
    _close(rho(group.identity), np.eye(rho.dim), f"ρ(e) = 1 for {rho}")
    for g, h in product([*group.generators, *group.sample(samples, seed)], group.sample(3, seed + 1)):
        _close(rho(g @ h), rho(g) @ rho(h), f"ρ(gh) = ρ(g) ρ(h) at {g}, {h} for {rho}")
        if rho.is_orthogonal:
            _close(rho(g).T @ rho(g), np.eye(rho.dim), f"ρ(g)ᵀρ(g) = 1 at {g} for {rho}")
        if rho.is_permutation:
            _claim(set(np.unique(rho(g))) <= {0.0, 1.0}, f"ρ({g}) is a permutation matrix for {rho}")
    _claim(sum(field.dim * m for field, m in rho.fields) == rho.dim, f"the fields of {rho} fill its {rho.dim} channels")


def check_domain(domain: Domain, group: Group, seed: int = 0) -> None:
    """(gh)·x = g·(h·x), and on lattices what coarsens, smooths and averages commutes with every g.

    >>> import erlangen as er
    >>> er.testing.check_domain(er.HexGrid(), er.D(6))
    """
    domain.check_group(group)
    for x in _signals(Space(domain, 2 * group.trivial), seed):
        for g, h in zip(_elements(group, seed), _elements(group, seed + 1), strict=False):
            _same(domain.act(g @ h, x), domain.act(g, domain.act(h, x)), f"(gh)·x = g·(h·x) at {g}, {h} on {domain!r}")
            _same(domain.mean(domain.act(g, x)), domain.mean(x), f"mean(g·x) = mean(x) at {g} on {domain!r}")
            if isinstance(domain, Lattice) and not domain.causal:
                for name in ("halve", "smooth"):
                    step = getattr(domain, name)
                    _same(
                        step(domain.act(g, x)),
                        domain.act(g, step(x)),
                        f"{name}(g·x) = g·{name}(x) at {g} on {domain!r}",
                    )


def check_layer(layer: Layer, seed: int = 0) -> None:
    """f(g·x) = g·f(x) in float64 for every g (or the generators and a sample), at an odd and an even size; f varies.

    Called on its source it gives its target; in time no step hears a later one, and where `zero_is_fixed`, zeros before
    a sequence are answered by zeros and change nothing after. On sets, graphs, points and meshes: the order in which
    points and edges are stored changes nothing but the order of answers, nor does who else is in the batch, and points
    that are all shifted are answered alike. The layer is put in eval and float64, and left so.

    >>> import erlangen as er
    >>> space, graph = er.Space(er.Grid(2), er.C(4).regular), er.Space(er.Graph(), 3 * er.Trivial().trivial)
    >>> er.testing.check_layer(er.layers.linear(space, space))
    >>> er.testing.check_layer(er.layers.GraphConv(graph, graph))
    """
    _claim(layer(layer.source) == layer.target, f"{type(layer).__name__}(source) == target")
    layer = layer.double().eval()
    if isinstance(layer.source.domain, Packed):
        _check_packed(layer, seed)
        return
    for x in _signals(layer.source, seed):
        with torch.no_grad():
            y = layer(x)
            _claim(bool(y.std() > 1e-6), f"the output of {type(layer).__name__} varies")
            for g in _elements(layer.source.group, seed):
                moved = layer(layer.source.act(g, x))
                _same(moved, layer.target.act(g, y), f"f(g·x) = g·f(x) at {g} for {type(layer).__name__}")
            if getattr(layer.source.domain, "causal", False) and y.dim() == x.dim():
                _check_time(layer, x, y)


def _check_packed(layer: Layer, seed: int) -> None:
    """What holds of points that are stored in any order, several signals one behind the other."""
    name, source, domain = type(layer).__name__, layer.source, layer.target.domain
    answer = layer if isinstance(layer, Blueprint) else Blueprint([layer])
    for again in range(2):
        data = batches.drawn(source, seed + again)
        moved, order = batches.relabelled(data, seed)
        with torch.no_grad():
            y = answer(data)
            _check_rows(name, y, data, domain)
            _claim(bool(y.std() > 1e-6), f"the output of {name} varies")
            _same(answer(moved), order.carry(y, domain), f"{name} answers alike however points and edges are stored")
            for which in range(3):
                alone, mine = answer(batches.one_of(data, which)), y[batches.rows_of(data, which, domain)]
                _same(alone, mine, f"{name} answers a signal as it does alone")
            for g in _elements(source.group, seed):
                turned = answer(batches.moved_by(g, source, data))
                _same(turned, layer.target.act(g, y), f"f(g·x) = g·f(x) at {g} for {name}")
            if "pos" in data:
                there = y + 1 if answer.task and isinstance(answer.task.output, Positions) else y
                shifted = {**data, "pos": data["pos"] + 1}
                _same(answer(shifted), there, f"{name} answers alike wherever the points are")


def _check_rows(name: str, y: Tensor, data: batches.Data, domain: Domain) -> None:
    """As many answers as there are points, edges or signals: of points of their own there is nothing to compare."""
    rows = sum(int(batches.rows_of(data, which, domain).sum()) for which in range(3))
    if len(y) != rows:
        given, expected = (
            f"{name}, with {len(y)} answers where {rows} were expected",
            "one at each point, or one of all",
        )
        raise InputError(given, expected, "Check pools together with the way back, as one er.Blueprint.")


def _check_time(layer: Layer, x: Tensor, y: Tensor) -> None:
    """What a change after a step does before it, and what zeros before the first step do."""
    name, half = type(layer).__name__, x.shape[-1] // 2
    changed = layer(torch.cat([x[..., :half], x[..., half:] + 1], dim=-1))
    _same(changed[..., :half], y[..., :half], f"no step of {name} hears a later one")
    if layer.zero_is_fixed:
        padded = torch.nn.functional.pad(y, (5, 0))
        _same(layer(torch.nn.functional.pad(x, (5, 0))), padded, f"f(0 … 0 x) = 0 … 0 f(x) for {name}")


# ---- what the four share -------------------------------------------------------------------------------------------
def _elements(group: Group, seed: int) -> list[Element]:
    if group.order is not None and group.order <= 16:
        return list(group.elements)
    return [*group.generators, *group.sample(6, seed)]


def _signals(space: Space, seed: int) -> Iterator[Tensor]:
    """Normal noise of an odd, an even and, where the domain takes it, an oblong size."""
    generator = torch.Generator().manual_seed(seed)
    domain = space.domain
    for size in dict.fromkeys((domain.size(11), domain.size(12), (9, 12, 10)[: domain.axes])):
        x = torch.randn(3, space.channels, *size, generator=generator, dtype=torch.float64)
        try:
            space.domain.check_values(x)
        except InputError:
            continue
        yield domain.clear(domain.band_limited(x, space.rho))


def _claim(holds: bool, what: str) -> None:
    if not holds:
        raise AssertionError(f"does not hold: {what}")


def _close(a: np.ndarray, b: np.ndarray, what: str) -> None:
    _claim(bool(np.allclose(a, b, atol=EXACT)), what)


def _same(a: Tensor, b: Tensor, what: str) -> None:
    scale = max(float(b.abs().max()), 1.0)
    _claim(a.shape == b.shape and float((a - b).abs().max()) <= EXACT * scale, what)
