"""A task on a product of domains with every choice made, and what there is to say of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from erlangen.blueprint.choosing import check_one_of, chosen
from erlangen.domains import Domain, Lattice, Point, Points, Product
from erlangen.errors import TaskError
from erlangen.given import flag, whole
from erlangen.groups import Group
from erlangen.representations import Representation, direct_sum
from erlangen.representations.base import is_listed
from erlangen.representations.external import external
from erlangen.task import Invariant, Task

WIDTH, DEPTH, LARGEST = 32, 2, 64
WAYS = (None, "composition", "sum")


@dataclass(frozen=True)
class ProductChoices:
    """What a user may choose on products besides width, depth and scales."""

    way: str | None = None
    kernel_size: "int | tuple[int, ...]" = 3
    fields: "Representation | None" = None
    function: str | None = None
    nonlinearity: str | None = None
    pool: str = "average"
    fibre: str = "max"
    global_pool: str = "mean"
    normalize: bool = True
    residual: bool = True

    def __post_init__(self) -> None:
        check_one_of("way", self.way, WAYS)
        check_one_of("fibre", self.fibre, ("max", "mean"))
        check_one_of("global_pool", self.global_pool, ("mean", "max"))
        flag("normalize", self.normalize, TaskError)
        flag("residual", self.residual, TaskError)


@dataclass(frozen=True)
class ProductPlan:
    """A task, its hidden fields, and which factors are pooled over and which become coarser on the way."""

    task: Task
    fibre: Representation
    copies: tuple[int, ...]
    depth: int
    pooled: tuple[int, ...]
    coarser: tuple[int, ...]
    choices: ProductChoices

    def rho(self, scale: int) -> Representation:
        """The hidden fields at a scale, those of one kind side by side."""
        return direct_sum(*((field, times * self.copies[scale]) for field, times in self.fibre.fields))

    @property
    def domain(self) -> Product:
        """The product."""
        assert isinstance(self.task.domain, Product)
        return self.task.domain


def make_product_plan(
    task: Task, width: int | Sequence[int] | None, depth: int | None, scales: int | None, given: dict[str, Any]
) -> ProductPlan:
    """The choices of a task on a product, those left out made. TaskError for what does not go together."""
    choices = chosen(ProductChoices, given)
    domain: Any = task.domain
    fibre = choices.fields if choices.fields is not None else _fibre(domain, task.symmetry)
    between = domain.aliases
    function = choices.function or ("gelu" if between else "relu" if fibre.is_permutation else "silu")
    nonlinearity = choices.nonlinearity or ("pointwise" if fibre.is_permutation else "gate")
    choices = replace(choices, function=function, nonlinearity=nonlinearity)
    left: Any = task.target.domain
    pooled = tuple(
        i
        for i, factor in enumerate(domain.factors)
        if not isinstance(factor, Point) and (left == Point() or isinstance(left.factors[i], Point))
    )
    coarser = tuple(i for i in pooled if isinstance(domain.factors[i], Lattice) and domain.factors[i].coarsens)
    count = whole("scales", (2 if coarser else 1) if scales is None else scales, TaskError)
    if count > 1 and not coarser:
        given_scales = f"scales={scales} on {domain!r}"
        raise TaskError(given_scales, "one, where no lattice is pooled over", "Add depth, or dilation by kernel_size.")
    widths = list(width) if isinstance(width, Sequence) else [(width or WIDTH) * 2**s for s in range(count)]
    if len(widths) != count:
        raise TaskError(f"width={widths}, scales={count}", "one width a scale", "Leave one of them out.")
    copies = tuple(max(1, round(whole("width", wide, TaskError) / fibre.dim)) for wide in widths)
    depth = whole("depth", DEPTH if depth is None else depth, TaskError)
    return ProductPlan(task, fibre, copies, depth, pooled, coarser, choices)


def _fibre(domain: Product, group: Group) -> Representation:
    """⊠ of what each factor has: scalars, regular fields under a finite group, scalars and vectors of points."""
    return external(*(_of_factor(domain, f, g) for f, g in zip(domain.factors, domain.split(group), strict=True)))


def _of_factor(domain: Product, factor: Domain, group: Group) -> Representation:
    if group.order == 1 or factor.aliases:
        return group.trivial
    if isinstance(factor, Points):
        return group.trivial if domain.aliases else group.trivial + factor.vectors(group)
    if not factor.preserves(group):
        kept = factor.kept(group)
        given = f"{group!r} on the factor {factor!r}"
        raise TaskError(given, "a group that it keeps exactly", f"Declare {kept!r}.")
    if not is_listed(group) or (group.order or 0) > LARGEST:
        raise TaskError(f"regular fields of {group.label}", f"a group of at most {LARGEST} elements", "Pass fields=….")
    return group.regular


def notes_of(plan: ProductPlan) -> tuple[str, ...]:
    """Why these choices, a sentence each."""
    domain, task = plan.domain, plan.task
    groups = domain.split(task.symmetry)
    moved = [f"{f!r} by {g.label}" for f, g in zip(domain.factors, groups, strict=True) if g.order != 1]
    notes = [
        "Hom of a product is the product of Homs: layers are those of the factors, added or one after the other.",
        f"Moved: {', '.join(moved)}." if moved else "No group turns a factor; each keeps its shifts or relabellings.",
        f"Width: {plan.copies[0]} × ({plan.fibre.name}), {plan.rho(0).dim} channels.",
    ]
    if domain.aliases and any(isinstance(f, Points) for f in domain.factors):
        notes.append("Of points scalars alone: functions of vectors would alias on the sphere.")
    if len(plan.copies) > 1:
        names = ", ".join(repr(domain.factors[i]) for i in plan.coarser)
        notes.append(f"{len(plan.copies)} scales along {names}.")
    over = ", ".join(repr(domain.factors[i]) for i in plan.pooled)
    notes.append(f"Pooled over {over}." if plan.pooled else "An answer at every point of the product.")
    if isinstance(task.output, Invariant):
        notes.append(f"The {plan.choices.fibre} over the fibre is what no element changes.")
    return tuple(notes)
