"""Layers of sets of signals: of each member by itself, and of what all of them have in common."""

from typing import Any

from torch import Tensor

from erlangen.domains import Domain, Nest, Point, Set
from erlangen.domains._segments import segment_mean, spread
from erlangen.domains.nest import Gathered
from erlangen.domains.packed import Packed
from erlangen.errors import SpaceError
from erlangen.layers._base import Footprint, Layer, Reason, require_space
from erlangen.layers._composite import Composite
from erlangen.layers.invariant.domain import DomainPool
from erlangen.layers.invariant.packed import PackedPool
from erlangen.layers.linear.dense import Dense
from erlangen.signal import Space


def _nest(who: str, space: Space) -> Nest:
    domain = require_space(who, space).domain
    if not isinstance(domain, Nest):
        raise SpaceError(f"{who} on {space!r}", "a set of signals", "er.Set(er.Grid(2)), for one.")
    return domain


def _members_of(domain: Domain) -> Domain:
    """The set of signals on it; of one-point signals the plain set."""
    return Set() if isinstance(domain, Point) else Nest(domain)


class Within(Composite):
    """y_i = f(x_i) for each member x_i of a set: kept for every motion of every member by itself, and every order.

    Shapes: those of f, members in the place of the batch. Where f gives one answer the target is on `er.Set()`.

    >>> import torch, erlangen as er
    >>> pictures = er.Space(er.Grid(2), er.C(4).trivial)
    >>> er.layers.Within(er.layers.LatticeConv(pictures, pictures)).source
    X(Set(Grid(2)), trivial of C4)
    """

    def __init__(self, inner: Layer):
        source, target = (Space(_members_of(end.domain), end.rho) for end in (inner.source, inner.target))
        super().__init__(source, target, [inner])
        self.kind = inner.kind

    def flow(self, values: Tensor, support: Any = None) -> tuple[Tensor, Any]:
        domain: Any = self.source.domain
        on_set = isinstance(domain, Set)
        held = Gathered(None, domain.members(values, support)) if on_set else domain.gathered(values, support)
        y, inside = self.layers[0].flow(values, held.inside)
        return y, (held.sets if isinstance(self.target.domain, Set) else held._replace(inside=inside))

    @property
    def title(self) -> str:
        """Its part's."""
        return f"{self.layers[0].title} of each member"

    @property
    def is_linear(self) -> bool:
        return self.layers[0].is_linear

    @classmethod
    def assembled(cls, source: Space, target: Space, parts: list[Layer], choices: dict[str, Any]) -> "Within":
        """The way back from a recipe."""
        return cls(parts[0])

    def reason(self) -> Reason:
        own: Reason = self.layers[0].reason()
        return Reason(f"{own.prior}; each member by itself", own.law, own.solver, own.reference, own.way)

    def footprint(self) -> Footprint:
        return self.layers[0].footprint()


class Exchange(Layer):
    """y_i(u) = E mean_j P mean_v x_j(v): of every member what no motion changes, in the mean over the set, to all.

    P reads the invariants of ρ, E writes those of ρ′. With `Within` of a linear layer these are all linear maps that
    keep the group G ≀ S_n: from a member to itself those of Hom_G, from one to another those whose ends G fixes.

    Shapes: as `Within`; the target is on the same members.

    >>> import erlangen as er
    >>> views = er.Space(er.Set(er.Grid(2)), 4 * er.C(4).regular)
    >>> er.layers.Exchange(views, views, bias=False).free_weights()
    32

    Wang, Albooyeh, Ravanbakhsh 2020, arXiv:2006.03627.
    """

    options = ("gain", "bias")
    because = Reason(
        prior="members of a set know of each other what no motion of any of them changes",
        law="(g_1, …, g_n; π)·x: between two members Hom is (invariants of ρ′) ⊗ (invariants of ρ)",
        solver="wreath product: Hom of a member, and one product of invariants for every pair",
        reference="Wang, Albooyeh, Ravanbakhsh 2020, arXiv:2006.03627",
    )

    def __init__(self, source: Space, target: Space, gain: float = 1.0, bias: bool = False):
        domain = _nest("Exchange", source)
        if target.domain != domain:
            raise SpaceError(f"Exchange from {source!r} to {target!r}", "the same members", "Pool afterwards.")
        super().__init__(source, target)
        inside = Space(domain.of, source.rho)
        self.pool = PackedPool(inside) if isinstance(domain.of, Packed) else DomainPool(inside)
        count = max(1, sum(copies for _, copies in target.rho.fields))
        told = Space(Point(), count * source.group.trivial)
        self.heard = Dense(self.pool.target, told, bias=bias)
        self.said = Dense(told, Space(Point(), target.rho), bias=bias, gain=gain)
        self.gain, self.bias = gain, bias

    @property
    def is_linear(self) -> bool:
        return not self.bias

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        domain: Any = self.source.domain
        held = domain.gathered(values, support)
        each = self.heard.compute(self.pool.compute(values, held.inside))
        sets = held.sets
        shared = self.said.compute(spread(segment_mean(each, sets.batch, sets.ptr), sets.batch))
        if isinstance(domain.of, Packed):
            return spread(shared, domain.of.members(values, held.inside).batch)
        everywhere = shared.reshape(*shared.shape, *[1] * domain.axes).expand(*shared.shape, *values.shape[2:])
        return domain.clear(everywhere)

    def footprint(self) -> Footprint:
        return Footprint(None)
