"""Walk a network and ask every layer why it is there."""

from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Any

from erlangen.blueprint.blind import stays_put, what_it_cannot_see
from erlangen.blueprint.explanation import Explanation, Row
from erlangen.blueprint.fibres import lettered
from erlangen.blueprint.relaxed import learnable, relaxation
from erlangen.domains import Mesh, Points, Product, Sphere
from erlangen.domains.surfaces.operators import TUFTED
from erlangen.groups import SO, C
from erlangen.layers import Along, Chain, Footprint, Layer, PointConv, SphereNonlinearity, Sum, leaves

if TYPE_CHECKING:
    from erlangen.blueprint._blueprint import Blueprint


LONGEST = 40  # letters of a group's name


def explain(net: "Blueprint") -> Explanation:
    """The reasons of all its layers, in the order in which a signal meets them, and what they cost together."""
    rows: list[Row] = []
    free = relaxation(net)
    domain = net.source.domain
    _walk(net, (Footprint(),) * (len(domain.factors) if isinstance(domain, Product) else 1), 0, rows)
    return Explanation(
        law="f(g·x) = f(x)" if stays_put(net.target) else "f(g·x) = g·f(x)",
        group=_elements(net),
        exactly=_exactly(net),
        domain=repr(net.source.domain),
        source=repr(net.source),
        target=repr(net.target),
        blind=what_it_cannot_see(
            net.source, net.target, net.task is not None and net.task.warped, _keeps_isometries(net), bool(free)
        ),
        relaxed=bool(free),
        notes=net.notes,
        translations=str(net.translation_law or ""),
        minimum_size=net.minimum_size,
        sides=net.smallest_input,
        rows=tuple(rows),
        fibres=lettered(end for layer in leaves(net) for end in (layer.source, layer.target)),
    )


def _elements(net: "Blueprint") -> str:
    """What all g are: of the group, and where points have no order every relabelling of them; in time its warps."""
    source, group = net.source, net.source.group.label
    if net.task is not None and net.task.warped:
        return "TimeWarp()"
    if isinstance(source.domain, Mesh) and source.domain.laplacian == TUFTED:
        return "Relabelling(), turns, shifts and mirrors of space"
    if isinstance(source.domain, Mesh):
        moves = (
            f"Isometries(oriented={isinstance(source.group, SO | C)})" if source.domain.intrinsic else "RigidMotions()"
        )
        return f"Relabelling(), {moves} and frames in {group}"
    if not source.domain.packed:
        return group
    return "Relabelling()" if source.group.order == 1 else f"Relabelling() and {group}"


def _keeps_isometries(net: "Blueprint") -> bool:
    """Whether what hears the neighbours of points keeps all isometries of space, whatever is declared."""
    heard = [layer for layer in leaves(net) if layer.kind == "linear" and isinstance(layer.target.domain, Points)]
    return any(layer.keeps_isometries for layer in heard) and not any(isinstance(x, PointConv) for x in heard)


def _exactly(net: "Blueprint") -> str:
    """The part of the group that the domain keeps exactly, where that is not all of it."""
    domain, group = net.source.domain, net.source.group
    if isinstance(domain, Sphere):
        domain = _where_computed(net, domain)
    if isinstance(domain, Product):
        told = (_where_computed(net, f) if isinstance(f, Sphere) else f for f in domain.factors)
        domain = replace(domain, factors=tuple(told))
    if domain.preserves(group):
        return ""
    kept = domain.kept(group)
    return kept.label if len(kept.label) <= LONGEST else f"{kept.order} of the {group.order} elements"


def _where_computed(net: "Blueprint", domain: Sphere) -> Sphere:
    """The sphere of those grids on which functions are computed, where there are such."""
    acts = [layer for layer in leaves(net) if isinstance(layer, SphereNonlinearity)]
    if not acts:
        return domain
    known = [layer.fine for layer in acts if layer.fine is not None]
    return domain.on((domain.grid.shared([size[-1] for size in known]) if len(known) == len(acts) else 1,))


Feet = tuple[Footprint, ...]  # how far is seen, one for each factor of a product


def _walk(layer: Layer, before: Feet, depth: int, rows: list[Row]) -> Feet:
    if isinstance(layer, Chain):
        for part in layer:
            before = _walk(part, before, depth, rows)
        return before
    inner = getattr(layer, "inner", None)
    parts: list[Any] = [inner] if isinstance(inner, Layer) else layer.layers if isinstance(layer, Sum) else []
    if isinstance(inner, Layer) and isinstance(beside := getattr(layer, "shortcut", None), Layer):
        parts.append(beside)
    seen = [_walk(part, before, depth + 1, rows) for part in parts]
    after = _beyond(before, layer) if len(before) == 1 or not parts else _furthest(seen)
    rows.append(_row(layer, after, depth, nested=bool(parts)))
    return after


def _beyond(before: Feet, layer: Layer) -> Feet:
    """Along the one factor that a layer looks along, else along all."""
    only = layer.place if isinstance(layer, Along) else None
    step = layer.footprint()
    return tuple(foot if only not in (None, i) else foot.then(step) for i, foot in enumerate(before))


def _furthest(seen: list[Feet]) -> Feet:
    """Of several ways at once, along each factor."""
    return tuple(reduce(Footprint.beside, feet) for feet in zip(*seen, strict=True))


def _row(layer: Layer, seen: Feet, depth: int, nested: bool) -> Row:
    reason = layer.reason()
    breaks = None if nested else next(iter(relaxation(layer).values()), None)
    return Row(
        depth=depth,
        name=layer.title,
        kind=layer.kind,
        prior=reason.prior,
        law=reason.law if breaks is None else f"{reason.law}, and a free part besides, orthogonal to all of these",
        solver=reason.solver,
        reference=reason.reference,
        source=repr(layer.source),
        target=repr(layer.target),
        free=0 if nested else learnable(layer),
        unconstrained=0 if nested else layer.unconstrained_weights(),
        receptive_field=_widest(seen),
        way=reason.way,
        along=tuple(foot.receptive_field for foot in seen) if len(seen) > 1 else (),
        breaks=breaks,
    )


def _widest(seen: Feet) -> int | None:
    fields = [foot.receptive_field for foot in seen]
    return None if None in fields else max(field for field in fields if field is not None)
