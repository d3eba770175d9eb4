"""Products along edges, x ↦ Σ_l B (x ⊗ Y_l(u)) for a direction u: all equivariant B, in two forms.

Every form turns what a source says into rows f = Q(u) x, weighs and adds rows, block by block, and turns sums back:

- direct: Q(u) = Σ_l B Y_l(u) for every product B, so that a row is a component of a product; no way back;
- frame: Q(u) = D(R)ᵀ with R e_y = u. Seen along the edge Y_l is √(2l + 1) at m = 0 and zero elsewhere, so a product
  joins components of equal |m| alone, by one number each: O(L³) multiply-adds instead of O(L⁶).

Thomas et al. 2018, arXiv:1802.08219; Passaro and Zitnick 2023, arXiv:2302.03655.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from erlangen.domains import Points
from erlangen.errors import InputError
from erlangen.representations import Representation
from erlangen.representations.spatial import Labels
from erlangen.solve.angular import angular_maps, places_of, spatial_labels_of

Array = np.ndarray
Fields = tuple[Representation, ...]
DIRECT, FRAME = "direct", "frame"
CUEQUIVARIANCE = "cuequivariance"  # the products as they are, left to a package of that name
WEIGHED, TURNED = 30.0, 2.7  # multiply-adds that edges share in the time of one that weighs a row, or turns one
SWAP = np.array([[0.0, 1.0], [-1.0, 0.0]])  # J on (+m, −m), J² = −1


@dataclass(frozen=True, eq=False)
class Product:
    """B `[d_out, d_in, 2l + 1]` from field `source` to field `target`, scaled so that all into one target give second
    moment 1 together."""

    source: int
    target: int
    degree: int
    map: Array


@dataclass(frozen=True, eq=False)
class Block:
    """Rows `first … first + times·across` of f, seen as `[times, across]`, and the sums `[times, along]` of them.

    Sum i takes row j, which is of field `sources[j]`, by Σ_p `table[i, j, p]` w_p, w_p the weight of product p.
    """

    first: int
    times: int
    sources: tuple[int, ...]
    along: int
    table: Array

    @property
    def across(self) -> int:
        """How many rows each sum may take."""
        return len(self.sources)

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return self.times * self.across

    @property
    def sums(self) -> int:
        """How many sums."""
        return self.times * self.along


@dataclass(frozen=True, eq=False)
class Form:
    """`into` `[g, rows, d_in]` and `back` `[g, d_out, sums]`: Q(u) and the way back, linear in g numbers of the edge.

    These are Y_l(u) for l ≤ `degree` in the direct form, the entries of D_l(R) in the frame. `degrees` are the highest
    of the fields on both sides, where these are irreps of SO(3) or O(3). `turned` and `returned` are the sizes of what
    is turned, (rows, d_in), and of what is turned back, (d_out, sums): numbers, since compilers guard arrays.
    """

    name: str
    degree: int
    into: Array
    back: Array | None
    blocks: tuple[Block, ...]
    degrees: tuple[int, int]
    turned: tuple[int, int] = field(init=False)
    returned: tuple[int, int] | None = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "turned", self.into.shape[1:])
        object.__setattr__(self, "returned", None if self.back is None else self.back.shape[1:])

    @property
    def multiply_adds(self) -> int:
        """What one channel of one edge takes, given the weights, wherever its numbers lie."""
        turned = sum(part[0].size for part in (self.into, self.back) if part is not None)
        return turned + sum(block.rows * block.along for block in self.blocks)

    def work(self, hidden: int, mixed: int = 0) -> float:
        """What one channel of one edge takes, in multiply-adds of a matrix product that all edges share.

        With channels apart a network of `hidden` units makes the weights; else `mixed` channels are mixed.
        """
        weights = sum(block.along * block.across for block in self.blocks)
        weighed = sum(block.rows * block.along for block in self.blocks)
        turned = TURNED * sum(part[0].size for part in (self.into, self.back) if part is not None)
        if mixed:
            return turned + weighed * mixed + WEIGHED * sum(block.rows for block in self.blocks)
        return turned + hidden * weights + WEIGHED * weighed


@lru_cache(maxsize=256)
def products_of(fields_in: Fields, fields_out: Fields, domain: Points, highest: int) -> tuple[Product, ...]:
    """All products with harmonics up to a degree, by source, by target, by degree.

    >>> from erlangen.groups import O
    >>> both = O(3).trivial, O(3).standard
    >>> [(p.source, p.target, p.degree) for p in products_of(both, both, Points(3), 2)]
    [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0), (1, 1, 2)]
    """
    found = [
        (i, c, degree, one)
        for i, inner in enumerate(fields_in)
        for c, out in enumerate(fields_out)
        for degree in range(highest + 1)
        for one in angular_maps(inner, out, domain, degree)
    ]
    counts = np.bincount([c for _, c, _, _ in found], minlength=len(fields_out))
    return tuple(Product(i, c, degree, (len(one) / counts[c]) ** 0.5 * one) for i, c, degree, one in found)


@lru_cache(maxsize=256)
def forms_of(products: tuple[Product, ...], fields: tuple[Fields, Fields], domain: Points) -> tuple[Form, ...]:
    """The direct form, and the frame where all fields are irreps of SO(3) or O(3)."""
    labels = [[spatial_labels_of(field) for field in side] for side in fields]
    spatial = domain.dim == 3 and all(found is not None for side in labels for found in side)
    return direct_form(products, fields, domain), *([frame_form(products, fields)] if spatial else [])


def choose_form(forms: Sequence[Form], wanted: str | None, hidden: int, mixed: int = 0) -> tuple[Form, str]:
    """The form of less work, or the one asked for; and why. Raises InputError for one that does not exist."""
    if wanted is not None:
        named = {form.name: form for form in forms}
        if wanted not in named:
            mend = "The frame of an edge is for irreps of SO(3) and O(3); leave it out."
            raise InputError(f"way={wanted!r}", " or ".join(map(repr, [*named, CUEQUIVARIANCE])), mend)
        return named[wanted], f"{wanted}, as asked"
    best, *others = sorted(forms, key=lambda form: form.work(hidden, mixed))
    if not others:
        return best, ""
    share, harmonics = best.work(hidden, mixed) / others[0].work(hidden, mixed), forms[0].degree
    words = {DIRECT: "all maps as they are", FRAME: "in the frame of each edge, where only equal |m| are joined"}
    counted = f"for degrees {best.degrees[0]} ⊗ {harmonics} → {best.degrees[1]} counted as {share:.0%} of the work"
    return best, f"{best.name}: {words[best.name]}; {counted} of the {others[0].name} form"


def _tops(fields: tuple[Fields, Fields]) -> tuple[int, int]:
    there, here = (max(field.dim // 2 for field in side) for side in fields)
    return there, here


# ---- direct --------------------------------------------------------------------------------------------------------
def direct_form(products: Sequence[Product | None], fields: tuple[Fields, Fields], domain: Points) -> Form:
    """A row for each component of each product; those with one target are weighed and added. None is left out."""
    columns, highest = _starts(fields[0]), max((p.degree for p in products if p is not None), default=0)
    width, numbers = columns[-1], places_of(domain, highest).stop
    into, blocks = [], []
    for c, out in enumerate(fields[1]):
        here = [(p, product) for p, product in enumerate(products) if product is not None and product.target == c]
        table = np.zeros((1, len(here), len(products)))
        rows = np.zeros((numbers, out.dim, len(here), width))
        for j, (p, one) in enumerate(here):
            table[0, j, p] = 1.0
            at = slice(columns[one.source], columns[one.source + 1])
            rows[places_of(domain, one.degree), :, j, at] = np.moveaxis(one.map, 2, 0)
        blocks.append(
            Block(sum(block.rows for block in blocks), out.dim, tuple(one.source for _, one in here), 1, table)
        )
        into.append(rows.reshape(numbers, -1, width))
    return Form(DIRECT, highest, np.concatenate(into, axis=1), None, tuple(blocks), _tops(fields))


# ---- in the frame of the edge ----------------------------------------------------------------------------------------
def frame_form(products: Sequence[Product], fields: tuple[Fields, Fields]) -> Form:
    """A row for each component, ordered by |m|: product p joins those of equal |m| by one number.

    On (+m, −m) it is α where l1 + l + l3 is even, β J where it is odd. Components are therefore held as J^v of
    themselves, v = 0 or 1: with mirrors one v for each field makes all numbers real, else sources are held both ways.
    """
    top = max(_tops(fields))
    begin = np.concatenate([[0], np.cumsum([(2 * l + 1) ** 2 for l in range(top + 1)])])
    into: list[Array] = []
    back: list[Array] = []
    blocks: list[Block] = []
    for m in range(top + 1):
        for rows, sums in _joined(fields, m):
            table = np.array([[[_number(p, r, s, m) for p in products] for r in rows] for s in sums])
            blocks.append(Block(len(into), 1 if m == 0 else 2, tuple(i for i, _, _ in rows), len(sums), table))
            into += _held(fields[0], rows, m, begin)
            back += _held(fields[1], sums, m, begin)
    return Form(FRAME, top, np.stack(into, axis=1), np.stack(back, axis=2), tuple(blocks), _tops(fields))


Held = tuple[int, int, int]  # which field, of which degree, and by which power of J its components are held


def _joined(fields: tuple[Fields, Fields], m: int) -> list[tuple[list[Held], list[Held]]]:
    """Which components of |m| may be joined: all of them, but at m = 0 natural and unnatural ones never are."""
    labels = [[spatial_labels_of(field) for field in side] for side in fields]
    there, here = ([(i, f[0], _unnatural(f)) for i, f in enumerate(side) if f and f[0] >= m] for side in labels)
    mirrors = any(f is not None and len(f) == 2 for f in labels[0])
    if m == 0 and mirrors:
        pairs = [([r for r in there if r[2] == v], [s for s in here if s[2] == v]) for v in (0, 1)]
    elif m == 0 or mirrors:
        pairs = [(there, here)]
    else:
        pairs = [([*there, *((i, l, 1) for i, l, _ in there)], here)]
    return [(rows, sums) for rows, sums in pairs if rows and sums]


def _unnatural(labels: Labels) -> int:
    """Whether parity is not that of the harmonics; nothing without mirrors has one."""
    return int(labels[1:] == (-((-1) ** labels[0]),))


def _number(product: Product, row: Held, out: Held, m: int) -> float:
    """By how much a sum, held as J^w, takes a row, held as J^v: ½ tr J^w M J⁻ᵛ for M on (+m, −m) along the edge."""
    (source, inner, v), (target, outer, w) = row, out
    if (product.source, product.target) != (source, target):
        return 0.0
    along = (2 * product.degree + 1) ** 0.5 * product.map[:, :, product.degree]
    if m == 0:
        return float(along[outer, inner])
    here = along[np.ix_([outer + m, outer - m], [inner + m, inner - m])]
    turns = np.linalg.matrix_power
    return float(np.trace(turns(SWAP, w) @ here @ turns(SWAP.T, v)) / 2)


def _held(fields: Fields, held: Sequence[Held], m: int, begin: Array) -> list[Array]:
    """Of (+m) of all of them, then of (−m), which column of which D_l it is: tables `[entries, all components]`."""
    starts, made = _starts(fields), []
    for sign in (1, -1)[: 1 if m == 0 else 2]:
        for i, l, v in held:
            place = l + sign * m if v == 0 or m == 0 else l - sign * m
            table = np.zeros((begin[-1], starts[-1]))
            for other in range(2 * l + 1):
                entry = begin[l] + other * (2 * l + 1) + place
                table[entry, starts[i] + other] = sign if v and m else 1.0
            made.append(table)
    return made


def _starts(fields: Fields) -> list[int]:
    """Where each field begins, and where the last one ends."""
    return [0, *np.cumsum([field.dim for field in fields]).tolist()]
