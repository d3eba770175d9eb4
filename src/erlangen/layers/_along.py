"""Layers of one factor of a product of domains, at every point of the others: f ⊗ 1."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from erlangen.domains import Domain, Product, Set
from erlangen.domains._among import among
from erlangen.domains._strands import Strand, joined, strands_of
from erlangen.domains._together import Together
from erlangen.domains.packed import whole
from erlangen.errors import InputError, SpaceError
from erlangen.layers._base import Footprint, Layer, Reason, require_space
from erlangen.layers._composite import Composite
from erlangen.representations import Representation
from erlangen.signal import Space


class ExportedAlong(nn.Module):
    """f ⊗ 1 of exported f, of tensors alone."""

    def __init__(self, layer: "Along"):
        super().__init__()
        self.inner = nn.ModuleList([part.export() for part in layer.layers])
        self.strands, self.axes, self.at = layer.strands, layer.source.domain.axes, layer.at
        self.targets = [part.target for part in layer.layers]
        self.register_buffer("order", layer.order, persistent=False)  # type: ignore[arg-type]

    def forward(self, values: Tensor) -> Tensor:
        made = [
            strand.mapped(values, self.axes, self.at, part, target.rho, target.domain.axes > 0)
            for strand, part, target in zip(self.strands, self.inner, self.targets, strict=True)
        ]
        y = made[0] if len(made) == 1 else torch.cat(made, dim=1)
        return y if self.order is None else y.index_select(1, self.order)  # type: ignore[arg-type]


class Along(Composite):
    """f ⊗ 1 : X(A × B, ρ) → X(A′ × B, ρ′): a layer f of the factor A, at every point of B, with the same weights.

    Both groups are kept: that of A, because f keeps it, and that of B, because f treats all its points alike. Channels
    are products ρ_A ⊠ ρ_B of fields; there is one layer for each ρ_B, which is linear where the group of B turns
    ρ_B, and of any kind where it permutes it.

    Shapes: `[b, c, A…, B…]` → `[b, c′, A′…, B…]`. `place` is that of A among the factors. `parts` are the layers, one
    for each ρ_B in the order in which they first stand; `target`, if left out, has the channels layer by layer.

    >>> import torch, erlangen as er
    >>> film = er.Space(er.Grid(2) * er.Sequence(), er.C(4).regular)
    >>> conv = er.layers.LatticeConv(er.Space(er.Grid(2), film.rho), er.Space(er.Grid(2), 2 * film.rho))
    >>> er.layers.Along(conv, film, 0)(torch.randn(1, 4, 5, 5, 3)).shape
    torch.Size([1, 8, 5, 5, 3])

    Maron, Litany, Chechik, Fetaya 2020, arXiv:2002.08599.
    """

    def __init__(
        self, parts: Layer | Sequence[Layer], source: Space, place: int, target: Space | None = None, why: str = ""
    ):
        product = _product(source, place)
        layers = [parts] if isinstance(parts, Layer) else list(parts)
        groups = product.split(source.group)
        strands = strands_of(source.rho, groups, place)
        _check_parts(layers, product, strands, place, source)
        rho = joined(strands, [layer.target.rho for layer in layers])
        made = Space(product.with_factor(place, layers[0].target.domain, source.group), rho)
        super().__init__(source, made if target is None else target, layers)
        self.why, self.strands = why, strands
        self.place, self.factor, self.at = place, product.factors[place], product.at(place)
        self.kind = layers[0].kind
        index = None if target is None else _rearranged(made, target)
        self.register_buffer("order", index, persistent=False)

    @classmethod
    def of(
        cls, source: Space, place: int, make: Callable[[Space, Strand], Layer], target: Space | None = None
    ) -> "Along":
        """The layer whose parts `make(space, strand)` gives."""
        product = _product(source, place)
        strands = strands_of(source.rho, product.split(source.group), place)
        return cls([make(Space(product.factors[place], s.rho), s) for s in strands], source, place, target)

    # ---- what it computes ------------------------------------------------------------------------------------------
    def flow(self, values: Tensor, support: Any = None) -> tuple[Tensor, Any]:
        made: list[Tensor] = []
        after = support
        for strand, part in zip(self.strands, self.parts, strict=True):
            y, after = self._one(strand, part, values, support)
            made.append(y)
        y = made[0] if len(made) == 1 else torch.cat(made, dim=1)
        y = y if self.order is None else y.index_select(1, self.order)  # type: ignore[arg-type]
        return y, (after if isinstance(self.target.domain, Product) else None)

    def _one(self, strand: Strand, part: Any, values: Tensor, support: Any) -> tuple[Tensor, Any]:
        if (y := self._where_it_stands(strand, part, values, support)) is not None:
            return y, support
        if self.factor.packed:
            together = support if support is not None else _of_one_set(self.source.domain, self.place, values)  # type: ignore[arg-type]
            return self._in_rows(strand, part, values, together)

        def f(x: Tensor) -> Tensor:
            inside = None if support is None else support.each_row(self.place, len(x) // len(values))
            return part.flow(x, inside)[0]

        kept = part.target.domain.axes > 0
        return strand.mapped(values, self.source.domain.axes, self.at, f, part.target.rho, kept), support

    def _where_it_stands(self, strand: Strand, part: Any, values: Tensor, support: Any) -> Tensor | None:
        """What the part gives without rearranging, if it can: rows are its own points, or it knows of none."""
        own = None if support is None else support.of[self.place]
        here = (support is not None and support.packed == (self.place,)) if self.factor.packed else own is None
        if not here or part.target.domain != part.source.domain:
            return None
        return strand.seen_over(values, self.at, lambda x: part.over(x, own), part.target.rho)

    def _in_rows(self, strand: Strand, part: Any, values: Tensor, together: Together) -> tuple[Tensor, Any]:
        """Rows of the factor innermost, all else before them; the support as often as there is something else."""
        x = strand.taken(values, self.source.domain.axes, ())
        order, lead = together.innermost(self.place), x.shape[1:-1]
        if order is not None:
            x = x.index_select(0, order)
        times = lead.numel()
        inside = together.copies(self.place, times)
        y, after = part.flow(x.movedim(0, -2).flatten(0, -2), inside)
        changed = self._changed(part, inside, after, together)
        y = y.unflatten(0, (*lead, -1)).movedim(-2, 0)
        if part.target.domain.packed:
            back = changed.innermost(self.place)
            y = y if back is None else torch.empty_like(y).index_copy(0, back, y)
        return strand.given_back(y, part.target.rho, len(lead) - 2, ()), changed

    def _changed(self, part: Any, before: Any, after: Any, together: Together) -> Together:
        if not part.target.domain.packed:
            return together.replaced(self.place, None, None)
        if after is before:
            return together
        own = after if together.of[self.place] is before else among(after, together.first(self.place))
        return together.replaced(self.place, own, part.target.domain.members(None, own).ptr)

    def export(self) -> nn.Module:
        """Its parts' exports, each lifted; of a factor with axes."""
        return ExportedAlong(self)

    # ---- what it says of itself ------------------------------------------------------------------------------------
    @property
    def title(self) -> str:
        """Its part's, and the factor."""
        return f"{self.layers[0].title} along {shortly(self.factor)}"

    @property
    def is_linear(self) -> bool:
        return all(part.is_linear for part in self.layers)

    def choices(self) -> dict[str, Any]:
        return {"place": self.place, **({"why": self.why} if self.why else {})}

    @classmethod
    def assembled(cls, source: Space, target: Space, parts: list[Layer], choices: dict[str, Any]) -> "Along":
        """The way back from a recipe."""
        return cls(parts, source, target=target, **choices)

    def reason(self) -> Reason:
        own: Reason = self.layers[0].reason()
        return Reason(
            prior=f"{own.prior}; alike at every point of the other factors",
            law=f"(f ⊗ 1)(g, h)·x = (g, h)·(f ⊗ 1)(x): {own.law}",
            solver=f"Hom of a product is the product of Homs: {own.solver}" if own.solver else "",
            reference=own.reference,
            way="; ".join(said for said in (self.why, own.way) if said),
        )

    def footprint(self) -> Footprint:
        return self.layers[0].footprint()

    def unconstrained_weights(self) -> int:
        """All channels mixed, those of the other factors' fields among them; what is no map keeps one number each."""
        if self.kind != "linear":
            pairs = zip(self.layers, self.strands, strict=True)
            return sum(part.unconstrained_weights() * strand.before * strand.after for part, strand in pairs)
        part = self.layers[0]
        bias = 0 if part.is_linear else part.target.channels
        sites = (part.unconstrained_weights() - bias) / (part.source.channels * part.target.channels)
        return round(sites * self.source.channels * self.target.channels) + (self.target.channels if bias else 0)

    def work(self) -> int:
        """Multiply-adds at a point, by the numbers in its kernels."""
        each = zip(self.layers, self.strands, strict=True)
        return sum(part.unconstrained_weights() * strand.before * strand.after for part, strand in each)


def _product(source: Space, place: int) -> Product:
    domain = require_space("Along", source).domain
    if not isinstance(domain, Product) or place not in range(len(domain.factors)):
        raise SpaceError(f"Along({source!r}, place={place!r})", "a product of domains, and which factor", "A * B.")
    return domain


def _check_parts(layers: list[Layer], product: Product, strands: Sequence[Strand], place: int, source: Space) -> None:
    wanted = [Space(product.factors[place], strand.rho) for strand in strands]
    if [layer.source for layer in layers] != wanted:
        raise SpaceError(
            f"layers from {', '.join(repr(layer.source) for layer in layers)}",
            f"from {', '.join(map(repr, wanted))}, as {source!r} is seen from its factor {place}",
            "Build them by Along.of(source, place, make).",
        )
    if len({layer.target.domain for layer in layers}) > 1:
        raise SpaceError("layers to different domains", "one for all fields", "Along the same factor alike.")
    for layer, strand in zip(layers, strands, strict=True):
        if not strand.permuted and not layer.is_linear:
            raise SpaceError(
                f"a {type(layer).__name__} beside {', '.join(map(str, strand.others))} of the other factors",
                "a linear layer without a bias, or fields that the other groups permute",
                "Take er.layers.nonlinearity(space) of the whole product.",
            )


def _of_one_set(domain: Product, place: int, values: Tensor) -> Together:
    """Plain values: all rows are points of one set. Raises InputError where rows are tuples of points."""
    packed = [factor for factor in domain.factors if factor.packed]
    if len(packed) > 1 or not isinstance(packed[0], Set):
        given = f"values alone on {domain!r}"
        raise InputError(given, "x, and what its packed factors have", "See er.domains.Product.")
    members = whole(len(values), values)
    supports: list[Any] = [None] * len(domain.factors)
    ptrs: list[Any] = [None] * len(domain.factors)
    supports[place], ptrs[place] = members, members.ptr
    return Together(supports, ptrs)


def _rearranged(made: Space, target: Space) -> Tensor | None:
    """Which channel of the parts each channel of the target is; None where they are in order."""
    if made == target:
        return None
    if made.domain != target.domain or _counted(made.rho) != _counted(target.rho):
        raise SpaceError(f"layers that lead to {made!r}", f"{target!r}", "Leave the target out.")
    free: dict[Representation, list[int]] = {}
    for start, field in _starts(made.rho):
        free.setdefault(field, []).append(start)
    index: list[int] = []
    for _, field in _starts(target.rho):
        first = free[field].pop(0)
        index += range(first, first + field.dim)
    return torch.tensor(index)


def _starts(rho: Representation) -> list[tuple[int, Representation]]:
    made, start = [], 0
    for field, copies in rho.fields:
        for _ in range(copies):
            made.append((start, field))
            start += field.dim
    return made


def _counted(rho: Representation) -> dict[Representation, int]:
    counts: dict[Representation, int] = {}
    for field, copies in rho.fields:
        counts[field] = counts.get(field, 0) + copies
    return counts


def shortly(domain: Domain) -> str:
    """Its name and, where that is not alone in it, its dimension: Grid(2), Sphere."""
    dim = getattr(domain, "dim", None)
    return f"{type(domain).__name__}({dim})" if "(1" in repr(domain) or dim in (2, 3) else type(domain).__name__
