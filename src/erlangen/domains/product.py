"""Products of domains: films are pictures × time, networks of sensors graphs × time, winds over years sphere × time."""

import itertools
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from erlangen.domains._base import Domain
from erlangen.domains._product_data import read_product, support_in_time
from erlangen.domains._strands import Strand, places_of, strands_of
from erlangen.domains.graph_edges import GraphEdges
from erlangen.domains.mesh import Mesh
from erlangen.domains.nest import Nest
from erlangen.domains.packed import Packed
from erlangen.domains.pairs import Pairs
from erlangen.domains.point import Point
from erlangen.domains.points import Points
from erlangen.errors import DomainError, InputError
from erlangen.given import instance
from erlangen.groups import Element, Group, Trivial
from erlangen.representations.external import external, product_of, split_element

if TYPE_CHECKING:
    from erlangen.representations import Representation

_NO_FACTORS = (Mesh, GraphEdges, Pairs, Nest)


@dataclass(frozen=True, repr=False)
class Product(Domain):
    """Ω = A × B × …: ((g, h)·x)(u, v) = ρ(g, h) x(g⁻¹u, h⁻¹v), each factor moved by a group of its own.

    Written `A * B`; (A * B) * C and A * (B * C) are the same. Hom of a product is the product of Homs, so its layers
    are sums and compositions of the factors' layers: `er.layers.Along`.

    Shapes: `[batch, channel, A…, B…]`. Where a factor is packed, its points take the place of the batch: a graph × time
    is `[nodes, channel, time]`, and what users hold has the x and, beside it, what that factor has (edge_index, pos,
    batch, …). Of two packed factors there is a row for each pair of points of a signal, the last factor fastest:
    `{"x": x, "factors": ({"edge_index": …, "batch": …}, {"batch": …})}`.

    The group is the direct product of those of the factors, which have more than one element; a single group moves the
    first factor that it can move, unless `groups` says for each which group is its own.

    >>> from erlangen.domains import Grid, Sequence
    >>> from erlangen.groups import C
    >>> film = Grid(2) * Sequence()
    >>> film, film.axes, film.split(C(4))
    (Grid(2) * Sequence(), 3, (C(4), Trivial()))

    Maron, Litany, Chechik, Fetaya 2020, arXiv:2002.08599.
    """

    factors: tuple[Domain, ...]
    groups: tuple[Group, ...] | None = None

    def __post_init__(self) -> None:
        flat = tuple(part for factor in self.factors for part in _flat(factor))
        object.__setattr__(self, "factors", flat)
        for factor in flat:
            if isinstance(factor, _NO_FACTORS):
                raise DomainError(
                    f"{factor!r} as a factor of a product",
                    "lattices, spheres, finite domains, sets, graphs and points",
                    "Signals on surfaces that change: give the times as channels. Sets of products: er.Set(A * B).",
                )
        if len(flat) < 2:
            raise DomainError(f"a product of {len(flat)} domains", "at least two", "Take the one itself.")
        if self.groups is not None and len(self.groups) != len(flat):
            raise DomainError(f"{len(self.groups)} groups of {self!r}", f"{len(flat)}, one a factor", "er.Trivial().")

    def __repr__(self) -> str:
        return " * ".join(map(repr, self.factors))

    # ---- points ----------------------------------------------------------------------------------------------------
    @property
    def axes(self) -> int:
        return sum(factor.axes for factor in self.factors)

    @property
    def packed(self) -> bool:
        return any(factor.packed for factor in self.factors)

    @property
    def space(self) -> int:
        groups = self.groups or ()
        moved = [factor for factor, group in zip(self.factors, groups, strict=False) if group.order != 1]
        return max(factor.space for factor in moved or self.factors)

    @property
    def places(self) -> tuple[str, str]:
        """Those of the factor whose values go between places, else of the first."""
        return next((factor for factor in self.factors if factor.aliases), self.factors[0]).places

    @property
    def masked(self) -> bool:  # type: ignore[override]
        return any(factor.masked for factor in self.factors)

    @property
    def aliases(self) -> bool:  # type: ignore[override]
        return any(factor.aliases for factor in self.factors)

    def at(self, place: int) -> tuple[int, ...]:
        """Which of the point axes are those of one factor, from 0 on."""
        first = sum(factor.axes for factor in self.factors[:place])
        return tuple(range(first, first + self.factors[place].axes))

    def with_factor(self, place: int, factor: Domain, group: Group) -> Domain:
        """The same with another domain at one place, under the group of the whole; one point where all are points."""
        factors = (*self.factors[:place], factor, *self.factors[place + 1 :])
        if all(isinstance(part, Point) for part in factors):
            return Point()
        made = replace(self, factors=factors)
        return made if made.split(group) == self.split(group) else replace(made, groups=self.split(group))

    def size(self, side: int) -> tuple[int, ...]:
        return tuple(n for factor in self.factors for n in factor.size(side))

    def check_values(self, values: Tensor) -> None:
        if values.dim() != 2 + self.axes:
            rows = "rows" if self.packed else "batch"
            raise InputError(
                f"values of shape {tuple(values.shape)}",
                f"[{rows}, channel] and {self.axes} axes of points, those of {self!r} in turn",
                "Each factor has its own axes; points of packed ones are rows.",
            )
        for place, factor in enumerate(self.factors):
            factor.check_values(self._one(values, place))

    def _one(self, values: Tensor, place: int) -> Tensor:
        """The signal of one factor at the first point of the others."""
        at = self.at(place)
        for axis in reversed(range(self.axes)):
            values = values if axis in at else values.select(2 + axis, 0)
        return values

    def _shape(self, values: Tensor, place: int) -> list[int]:
        """The shape of what belongs to one factor alone, to be broadcast over the others."""
        return [values.shape[2 + axis] if axis in self.at(place) else 1 for axis in range(self.axes)]

    def mask(self, values: Tensor) -> Tensor | None:
        made = None
        for place, factor in enumerate(self.factors):
            mask = factor.mask(self._one(values, place))
            if mask is not None:
                mask = mask.reshape(self._shape(values, place))
                made = mask if made is None else made * mask
        return None if made is None else made.expand(values.shape[2:])

    def sites(self, side: int) -> list[int]:
        raise DomainError(f"the sites of {self!r}", "a lattice", "Ask its factors.")

    def present(self, values: Tensor, support: Any) -> Tensor | None:
        made = None
        for place, factor in enumerate(self.factors):
            if support is None or factor.packed or support.of[place] is None:
                continue
            there = factor.present(self._one(values, place), support.each_row(place, 1))
            if there is not None:
                there = there.reshape(len(values), *self._shape(values, place))
                made = there if made is None else made & there
        return None if made is None else made.expand(len(values), *values.shape[2:])

    def on(self, size: tuple[int, ...]) -> Domain:
        own = [tuple(size[axis] for axis in self.at(i)) for i in range(len(self.factors))]
        factors = (f.on(n) if f.axes else f for f, n in zip(self.factors, own, strict=True))
        return replace(self, factors=tuple(factors))

    # ---- symmetry --------------------------------------------------------------------------------------------------
    def split(self, group: Group) -> tuple[Group, ...]:
        """Which group moves each factor. Raises DomainError where the group is no product of groups that can.

        >>> from erlangen.domains import Points, Set
        >>> from erlangen.groups import O
        >>> (Set() * Points(3)).split(O(3))
        (Trivial(), O(3))
        """
        if self.groups is not None and (product_of(self.groups) == group or group.order == 1):
            return self.groups if group.order != 1 else (Trivial(),) * len(self.factors)
        return _split(replace(self, groups=None), instance("group", group, Group, DomainError, "er.C(4), for one."))

    def check_group(self, group: Group) -> None:
        for factor, part in zip(self.factors, self.split(group), strict=True):
            factor.check_group(part)

    def check_motion(self, group: Group) -> None:
        for factor, part in zip(self.factors, self.split(group), strict=True):
            factor.check_motion(part)

    def preserves(self, group: Group) -> bool:
        try:
            return all(f.preserves(part) for f, part in zip(self.factors, self.split(group), strict=True))
        except DomainError:
            return False

    def keeps(self, g: Element) -> bool:
        return all(factor.keeps(h) for factor, h in zip(self.factors, self.parts(g), strict=True))

    def kept(self, group: Group) -> Group:
        return product_of([f.kept(part) for f, part in zip(self.factors, self.split(group), strict=True)])

    def cartesian(self, g: Element) -> Any:
        """How it moves the space of the one factor that its group moves; None where there are several."""
        moved = [i for i, group in enumerate(self.split(g.group)) if group.order != 1]
        return self.factors[moved[0]].cartesian(g) if len(moved) == 1 else None

    def parts(self, g: Element) -> list[Element]:
        """How g moves each factor."""
        return split_element(g, self.split(g.group))

    def still_axis(self, g: Element) -> int:
        """The first axis of points of a factor that g leaves as it is; the first of all where it moves every factor."""
        still = [i for i, h in enumerate(self.parts(g)) if h == h.group.identity and self.factors[i].axes]
        return self.at(still[0])[0] if still else 0

    def act(self, g: Element, values: Tensor) -> Tensor:
        from erlangen.representations import direct_sum

        if values.shape[1] == 0:
            return values
        return self.move(g, values, direct_sum((_trivial(g.group), values.shape[1])))

    def move(self, g: Element, values: Tensor, rho: "Representation") -> Tensor:
        groups = self.split(g.group)
        for place, h in enumerate(split_element(g, groups)):
            if h != h.group.identity:
                values = self._moved(values, strands_of(rho, groups, place), place, h)
        return values

    def _moved(self, values: Tensor, strands: tuple[Strand, ...], place: int, h: Element) -> Tensor:
        at, factor = self.at(place), self.factors[place]
        moved = torch.cat(
            [
                s.mapped(values, self.axes, at, lambda x, rho=s.rho: factor.move(h, x, rho), s.rho, kept=True)
                for s in strands
            ],
            dim=1,
        )
        places = places_of(strands)
        return moved if places is None else moved[:, list(places)]

    def move_support(self, g: Element, support: Any) -> Any:
        if support is None:
            return None
        for place, h in enumerate(self.parts(g)):
            support = support.replaced(
                place, self.factors[place].move_support(h, support.of[place]), support.ptrs[place]
            )
        return support

    def natural_symmetry(self) -> Group:
        return product_of([factor.natural_symmetry() for factor in self.factors])

    def natural_input(self, group: Group) -> "Representation | None":
        parts = [f.natural_input(part) for f, part in zip(self.factors, self.split(group), strict=True)]
        if all(part is None for part in parts):
            return None
        groups = self.split(group)
        return external(*(_trivial(own) if part is None else part for part, own in zip(parts, groups, strict=True)))

    # ---- what users hold -------------------------------------------------------------------------------------------
    def read(self, data: Any) -> tuple[Tensor, Any]:
        """Values and support of what users hold, where a factor is packed."""
        return read_product(self, data)

    def order(self, values: Tensor, support: Any) -> Tensor | None:
        """What sorted the rows that were given; None where they came sorted."""
        if support is None or len(support.packed) != 1:
            return None
        place = support.packed[0]
        return self.factors[place].order(values, support.of[place])  # type: ignore[attr-defined]

    def opened(self, data: Any) -> tuple[Any, dict[str, Any]]:
        from erlangen.domains.sequence import Sequence as Time

        for factor in self.factors:
            if isinstance(factor, Time):
                return factor.opened(data)
        return super().opened(data)

    def support_of(self, values: Tensor, given: dict[str, Any]) -> Any:
        return support_in_time(self, values, given) if given else None


def _trivial(group: Group) -> "Representation":
    from erlangen.representations import trivial

    return trivial(group)


def _flat(domain: Any) -> tuple[Domain, ...]:
    domain = instance("a factor", domain, Domain, DomainError, "er.Grid(2) * er.Sequence(), for films.")
    return domain.factors if isinstance(domain, Product) else (domain,)


@lru_cache(maxsize=256)
def _split(product: Product, group: Group) -> tuple[Group, ...]:
    """The parts of a group dealt to the factors in their order, each factor a run of them that can move it."""
    from erlangen.groups import DirectProduct

    count = len(product.factors)
    parts = group.factors if isinstance(group, DirectProduct) else ((group,) if group.order != 1 else ())
    reasons: list[DomainError] = []
    for last in (False, True):  # sets and graphs are moved by a group only where nothing else is
        for cuts in sorted(_cuts(len(parts), count), key=lambda c: _spread(c, len(parts))):
            dealt = [parts[a:b] for a, b in itertools.pairwise((0, *cuts, len(parts)))]
            if not last and any(run and _stays(f) for f, run in zip(product.factors, dealt, strict=True)):
                continue
            groups = tuple(product_of(run) if run else Trivial() for run in dealt)
            try:
                for factor, own in zip(product.factors, groups, strict=True):
                    factor.check_motion(own)
            except DomainError as reason:
                reasons.append(reason)
                continue
            return groups
    raise DomainError(
        f"{group!r} on {product!r}",
        "a direct product of groups, each of which moves a factor, in their order",
        f"{reasons[0]}" if reasons else "Say symmetry=(G, H), one a factor.",
    )


def _cuts(parts: int, factors: int) -> list[tuple[int, ...]]:
    return list(itertools.combinations_with_replacement(range(parts + 1), factors - 1))


def _spread(cuts: tuple[int, ...], parts: int) -> tuple[int, tuple[int, ...]]:
    """Those that give at most one part to each first; then to earlier factors."""
    runs = [b - a for a, b in itertools.pairwise((0, *cuts, parts))]
    return max(runs, default=0), tuple(-n for n in runs)


def _stays(factor: Domain) -> bool:
    """Whether no group moves its points."""
    return isinstance(factor, Point) or (isinstance(factor, Packed) and not isinstance(factor, Points))
