"""What is asked on products with packed factors and on sets of signals: each group, each order, each shift."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from erlangen.auditing.elements import element_classes
from erlangen.auditing.factors import OfFactor, factor_shifts, place_of
from erlangen.auditing.motion import Asked
from erlangen.auditing.naming import element_name
from erlangen.auditing.packed.compound import MEMBERS, Gathering, Reordered, Tuples
from erlangen.auditing.packed.motion import Relabelled, drawn_shift, placed
from erlangen.auditing.packed.reading import rows_by
from erlangen.auditing.packed.signals import EDGES, POINTS, POSITION, Sample
from erlangen.auditing.plan import Question
from erlangen.domains import Domain, Nest, Points, Product, Set
from erlangen.domains.packed import Packed
from erlangen.errors import DomainError, TaskError
from erlangen.groups import Element, Group, Relabelling
from erlangen.pages import several
from erlangen.representations import Representation
from erlangen.representations.external import join_elements
from erlangen.signal import act_on_channels
from erlangen.task import Equivariant, Invariant

DRAWS = 8  # of each kind, of every input
Redone = Callable[[Sample, Packed], Sample]


def rows_answered(domain: Domain, output: Asked, group: Group) -> Any:
    """For what an answer has a row: the whole, points, members of a set, or points of some factors."""
    left = place_of(domain, output, group)  # type: ignore[arg-type]
    if isinstance(domain, Nest) and domain.of.packed:
        return {domain: POINTS, Set(): MEMBERS}.get(left, "whole")
    if not left.packed:
        return "whole"
    if not isinstance(left, Product) or not isinstance(domain, Product) or rows_by(domain) is not None:
        return POINTS
    packed = [place for place, factor in enumerate(domain.factors) if factor.packed]
    if all(left.factors[place].packed for place in packed):
        return POINTS
    return tuple(i for i, place in enumerate(packed) if left.factors[place].packed)


def rows_together(domain: Product | Nest, symmetry: Any, rho: Representation, examiner: Any) -> list[Question]:
    """The rows to be: those of the group, if one is asked about; then shifts, then orders."""
    group, seed = rho.group, examiner.options.seed
    output = examiner.output or answers_of(domain, examiner)
    found: list[Question] = []
    if symmetry != Relabelling():
        found += _of_group(domain, rho, output, examiner)
    if _has_points(domain):
        each = "clouds shifted" if isinstance(domain, Product) else "clouds shifted, each by itself"
        draws = tuple(Drifted(domain, s) for s in range(seed + 1, seed + 4))
        found.append(Question("Translations()", each, draws, False))
    if isinstance(domain, Product):
        x, y = examiner.samples[0].points["x"], examiner.y
        shifts = factor_shifts(examiner.model, domain, output, group, tuple(x.shape[2:]), tuple(y.shape[2:]))
        found += [Question(s.law, s.elements, tuple(map(Rolled, s.motions)), False, s.expected) for s in shifts]
    return [*found, *_orders(domain, symmetry, examiner)]


def answers_of(domain: Product | Nest, examiner: Any) -> Invariant | Equivariant:
    """What is answered, by its shape: scalars of the whole, or at every point; a TaskError where that is not said."""
    y, channels = examiner.y, examiner.y.shape[1]
    if examiner.rows == "whole" and y.dim() == 2:
        return Invariant(channels)
    if examiner.rows == POINTS and y.dim() == 2 + domain.axes:
        return Equivariant(channels)
    raise TaskError(
        f"answers of shape {tuple(y.shape)} on {domain!r}",
        "output=er.Equivariant(n, pooled=…), which factors were pooled over",
        "See er.Equivariant.",
    )


@dataclass(frozen=True)
class Moved:
    """g·x of a product of domains: each factor moved by its part of g, channels by ρ."""

    g: Element
    rho: Representation
    output: Asked
    domain: Product
    exact: bool = True

    @property
    def label(self) -> str:
        return element_name(self.g, self.domain)

    def move(self, samples: Sequence[Sample]) -> list[Sample]:
        return [turned(sample, self.g, self.rho, self.domain) for sample in samples]

    def answer(self, y: Tensor, samples: Sequence[Sample]) -> Tensor:
        return self.output.act(self.g, y, self.domain)


@dataclass(frozen=True)
class Apart:
    """Every member of a set moved by an element of its own, drawn from `elements`."""

    elements: tuple[Element, ...]
    rho: Representation
    output: Asked
    domain: Nest
    seed: int
    rows: Any
    exact: bool = True

    @property
    def label(self) -> str:
        return f"each by its own, draw {self.seed}"

    def move(self, samples: Sequence[Sample]) -> list[Sample]:
        pairs = zip(samples, self._drawn(samples), strict=True)
        return [_apart(sample, gs, self.rho, self.domain.of) for sample, gs in pairs]

    def answer(self, y: Tensor, samples: Sequence[Sample]) -> Tensor:
        if self.rows == "whole":
            return y
        given = self.output.n_or_representation if isinstance(self.output, Equivariant) else 1
        elements = [g for gs in self._drawn(samples) for g in gs]
        rho = given if isinstance(given, Representation) else y.shape[1] * elements[0].group.trivial
        dense = isinstance(self.output, Equivariant) and self.output.pooled is False
        sizes = [n for sample in samples for n in _rows_of_members(sample, dense)]
        parts = zip(y.split(sizes), elements, strict=True)
        if not dense:
            return torch.cat([act_on_channels(rho, g, part) for part, g in parts])
        return torch.cat([self.domain.of.move(g, part, rho) for part, g in parts])

    def _drawn(self, samples: Sequence[Sample]) -> list[list[Element]]:
        generator = torch.Generator().manual_seed(self.seed)
        counts = [_members(sample) for sample in samples]
        return [
            [self.elements[i] for i in torch.randint(len(self.elements), (n,), generator=generator).tolist()]
            for n in counts
        ]


@dataclass(frozen=True)
class Drifted:
    """Clouds of points shifted in space, each by a vector of its own; answers stay as they are."""

    domain: Domain
    seed: int
    exact: bool = True

    @property
    def label(self) -> str:
        return f"shifted, draw {self.seed}"

    def move(self, samples: Sequence[Sample]) -> list[Sample]:
        generator = torch.Generator().manual_seed(self.seed)

        def drift(sample: Sample, factor: Packed) -> Sample:
            moved = sample.points[POSITION] + drawn_shift(sample, generator)
            return replace(sample, points={**sample.points, POSITION: moved})

        return [_each(sample, self.domain, drift) for sample in samples]

    def answer(self, y: Tensor, samples: Sequence[Sample]) -> Tensor:
        return y


@dataclass(frozen=True)
class Rolled:
    """A shift along one factor with axes, of every row."""

    motion: OfFactor
    exact: bool = True

    @property
    def label(self) -> str:
        return self.motion.label

    def move(self, samples: Sequence[Sample]) -> list[Sample]:
        return [with_values(sample, self.motion.move(sample.points["x"])) for sample in samples]

    def answer(self, y: Tensor, samples: Sequence[Sample]) -> Tensor:
        return self.motion.answer(y)

    def read(self, y: Tensor, moved: Any, samples: Any) -> Tensor:
        return self.motion.read(y)


def turned(sample: Sample, g: Element, rho: Representation, domain: Domain) -> Sample:
    """g·x of one signal: its values by the domain and ρ, and positions where there are any."""
    parts = iter(domain.parts(g) if isinstance(domain, Product) else [g])
    of_packed = iter([h for h, f in zip(parts, _factors(domain), strict=True) if f.packed])
    moved = with_values(sample, domain.move(g, sample.points["x"], rho))

    def place(part: Sample, factor: Packed) -> Sample:
        return placed(part, next(of_packed), factor)

    return _each(moved, domain, place, every=True)


def with_values(sample: Sample, x: Tensor) -> Sample:
    """The same with other features."""
    return replace(sample, points={**sample.points, "x": x})


def _of_group(domain: Product | Nest, rho: Representation, output: Asked, examiner: Any) -> list[Question]:
    """The elements that move points to points, by class; of sets of signals each member moved by its own."""
    group, options = rho.group, examiner.options
    exact = _exact(domain.on(tuple(examiner.samples[0].points["x"].shape[2:])), group, options)
    moving = [g for kept in exact.values() for g in kept if g != group.identity]
    if not moving:
        mend = "Ask for er.Relabelling(), or for a group that maps its points to points."
        raise DomainError(f"{group!r} on {domain!r}", "a group of which some element moves its signals exactly", mend)
    if isinstance(domain, Product):
        return [
            Question(str(group), name, tuple(Moved(g, rho, output, domain) for g in kept), True)
            for name, kept in exact.items()
        ]
    elements = tuple(moving if options.elements is not None else [group.identity, *moving])
    seeds = range(options.seed + 1, options.seed + 1 + min(DRAWS, options.max_elements))
    each = tuple(Apart(elements, rho, output, domain, seed, examiner.rows) for seed in seeds)
    return [Question(str(group), "each member moved by its own", each, True)]


def _exact(domain: Domain, group: Group, options: Any) -> dict[str, tuple[Element, ...]]:
    """The elements to try of which nothing is interpolated, by class."""
    if isinstance(domain, Product) and options.elements is None:
        groups = domain.split(group)
        if sum(own.order != 1 for own in groups) > 1:
            return _of_several(domain.factors, groups, options)
    classes = element_classes(group, domain, options.elements, options.max_elements, options.seed)
    between = f" {domain.places[1]}"  # said of all that is not on a lattice, where nothing is
    found = [(c.name.removesuffix(between), tuple(g for g in c.elements if domain.keeps(g))) for c in classes]
    return {name: kept for name, kept in found if kept}


def _of_several(factors: Sequence[Domain], groups: Sequence[Group], options: Any) -> dict[str, tuple[Element, ...]]:
    """Where several factors are moved: each by itself in turn, then all at once, as many as are asked for."""
    own = [
        [] if group.order == 1 else [g for kept in _exact(factor, group, options).values() for g in kept]
        for factor, group in zip(factors, groups, strict=True)
    ]
    still = [group.identity for group in groups]
    found = {}
    for place, elements in enumerate(own):
        alone = [join_elements([*still[:place], g, *still[place + 1 :]]) for g in elements if g != still[place]]
        if alone:
            name = f"{several(len(alone), 'element')}, {factors[place]!r} alone"
            found[name] = tuple(alone)
    moving = [elements for elements in own if elements]
    most = min(options.max_elements, max(map(len, moving), default=0)) if len(moving) > 1 else 0
    at_once = ([of[i % len(of)] if of else one for of, one in zip(own, still, strict=True)] for i in range(most))
    drawn = [join_elements(parts) for parts in at_once]
    return found | ({f"{several(len(drawn), 'element')}, all factors at once": tuple(drawn)} if drawn else {})


def _orders(domain: Product | Nest, symmetry: Any, examiner: Any) -> list[Question]:
    judged, options, one = symmetry == Relabelling(), examiner.options, examiner.samples[0]
    seeds = range(options.seed + 1, options.seed + 1 + min(DRAWS, options.max_elements))
    compound = isinstance(one, Tuples | Gathering)
    made: Any = Reordered if compound else Relabelled
    return [
        Question("Relabelling()", name, tuple(made(f"{name}, draw {s}", what, s, examiner.rows) for s in seeds), judged)
        for name, what in (one.relabellings() if compound else _of_rows(domain, one)).items()
    ]


def _of_rows(domain: Product | Nest, one: Sample) -> dict[str, frozenset[str]]:
    """What can be stored in another order, where rows are the points of one factor, or the members of a set."""
    name = MEMBERS if isinstance(domain, Nest) else POINTS
    if not one.edges:
        return {f"{name} reordered": frozenset({POINTS})}
    return {
        f"{name} reordered": frozenset({POINTS}),
        "edges in another order": frozenset({EDGES}),
        "points and edges": frozenset({POINTS, EDGES}),
    }


def _apart(sample: Sample, gs: list[Element], rho: Representation, of: Domain) -> Sample:
    if isinstance(sample, Gathering):
        return Gathering.of([turned(m, g, rho, of) for m, g in zip(sample.members, gs, strict=True)])
    rows = sample.points["x"].split(1)
    return with_values(sample, torch.cat([of.move(g, row, rho) for row, g in zip(rows, gs, strict=True)]))


def _each(sample: Sample, domain: Domain, f: Redone, every: bool = False) -> Sample:
    """f of what each cloud of a signal has, or with `every` of what each packed factor has."""
    if isinstance(sample, Gathering):
        assert isinstance(domain, Nest), "it was read on one"
        return Gathering.of([_each(member, domain.of, f, every) for member in sample.members])
    packed: list[Any] = [factor for factor in _factors(domain) if factor.packed]
    if isinstance(sample, Tuples):
        parts = zip(sample.parts, packed, strict=True)
        return replace(sample, parts=tuple(f(p, x) if every or isinstance(x, Points) else p for p, x in parts))
    return f(sample, packed[0]) if every or isinstance(packed[0], Points) else sample


def _factors(domain: Domain) -> tuple[Domain, ...]:
    return domain.factors if isinstance(domain, Product) else (domain,)


def _has_points(domain: Domain) -> bool:
    of = domain.of if isinstance(domain, Nest) else domain
    return any(isinstance(factor, Points) for factor in _factors(of))


def _members(sample: Sample) -> int:
    return len(sample.members) if isinstance(sample, Gathering) else sample.size


def _rows_of_members(sample: Sample, dense: bool) -> list[int]:
    if isinstance(sample, Gathering) and dense:
        return [member.size for member in sample.members]
    return [1] * _members(sample)
