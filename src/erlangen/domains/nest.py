"""Sets of signals: a set whose members are pictures, graphs, clouds, films, each moved by itself."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor

from erlangen.domains._base import Domain
from erlangen.domains._stored import stored
from erlangen.domains.packed import Members, attribute, members_of
from erlangen.errors import DomainError, InputError
from erlangen.given import instance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from erlangen.groups import Element, Group
    from erlangen.representations import Representation


@stored
class Gathered(NamedTuple):
    """What goes with the members themselves, None where they have nothing, and which member belongs to which set."""

    inside: Any
    sets: Members


@dataclass(frozen=True, repr=False)
class Nest(Domain):
    """Ω = A₁ ⊔ … ⊔ A_n, members in no order: f(π·(g₁·x₁, …, g_n·x_n)) with an element g_i for each, the group G ≀ S_n.

    Written `er.Set(A)`. Unlike in `er.Set() * A` members are moved apart from each other.

    Shapes: those of signals on A, members in the place of the batch: sets of pictures are `[members, channel, row,
    column]`. What users hold is what signals on A are, and `sets` `[members]`, the set of each (for A with axes also
    `batch`, `ptr`); a plain tensor is one set.

    >>> from erlangen.domains import Grid, Set
    >>> Set(Grid(2)), Set(Grid(2)).axes
    (Set(Grid(2)), 2)

    Wang, Albooyeh, Ravanbakhsh 2020, arXiv:2006.03627; Maron, Litany, Chechik, Fetaya 2020, arXiv:2002.08599.
    """

    of: Domain

    def __post_init__(self) -> None:
        instance("of", self.of, Domain, DomainError, "er.Set(er.Grid(2)), for sets of pictures.")
        if isinstance(self.of, Nest):
            raise DomainError(f"{self!r}", "sets of signals that are no sets of signals", "Gather them in one set.")

    def __repr__(self) -> str:
        return f"Set({self.of!r})"

    @property
    def axes(self) -> int:
        return self.of.axes

    @property
    def packed(self) -> bool:
        return True

    @property
    def space(self) -> int:
        return self.of.space

    @property
    def masked(self) -> bool:  # type: ignore[override]
        return self.of.masked

    @property
    def aliases(self) -> bool:  # type: ignore[override]
        return self.of.aliases

    @property
    def places(self) -> tuple[str, str]:
        return self.of.places

    # ---- the members, each by itself -------------------------------------------------------------------------------
    def act(self, g: "Element", values: Tensor) -> Tensor:
        return self.of.act(g, values)

    def act_each(self, gs: "Sequence[Element]", values: Tensor) -> Tensor:
        return self.of.act_each(gs, values)

    def move(self, g: "Element", values: Tensor, rho: "Representation") -> Tensor:
        return self.of.move(g, values, rho)

    def move_support(self, g: "Element", support: Any) -> Any:
        return None if support is None else support._replace(inside=self.of.move_support(g, support.inside))

    def check_group(self, group: "Group") -> None:
        self.of.check_group(group)

    def check_motion(self, group: "Group") -> None:
        self.of.check_motion(group)

    def check_values(self, values: Tensor) -> None:
        self.of.check_values(values)

    def keeps(self, g: "Element") -> bool:
        return self.of.keeps(g)

    def kept(self, group: "Group") -> "Group":
        return self.of.kept(group)

    def met_by_samples(self, group: "Group") -> "Group":
        return self.of.met_by_samples(group)

    def cartesian(self, g: "Element") -> Any:
        return self.of.cartesian(g)

    def natural_symmetry(self) -> "Group":
        return self.of.natural_symmetry()

    def natural_input(self, group: "Group") -> "Representation | None":
        return self.of.natural_input(group)

    def size(self, side: int) -> tuple[int, ...]:
        return self.of.size(side)

    def on(self, size: tuple[int, ...]) -> "Nest":
        return Nest(self.of.on(size))

    def mask(self, values: Tensor) -> Tensor | None:
        return self.of.mask(values)

    def sites(self, side: int) -> list[int]:
        return self.of.sites(side)

    def present(self, values: Tensor, support: Any) -> Tensor | None:
        return self.of.present(values, None if support is None else support.inside)

    # ---- what users hold -------------------------------------------------------------------------------------------
    def read(self, data: Any) -> tuple[Tensor, Any]:
        """Values and support of what users hold, members sorted by their sets."""
        if self.of.packed:
            return self._of_packed(data)
        x = data if isinstance(data, Tensor) else attribute(data, "x")
        if not isinstance(x, Tensor):
            raise InputError(f"a {type(data).__name__} without a tensor x", "x, and sets", "See er.Set.")
        self.check_values(x)
        held = {} if isinstance(data, Tensor) else {name: attribute(data, name) for name in ("sets", "batch", "ptr")}
        sets = held.get("sets") if held.get("sets") is not None else held.get("batch")
        members = members_of(len(x), sets, held.get("ptr"), x)
        return (x if members.order is None else x[members.order]), Gathered(None, members)

    def _of_packed(self, data: Any) -> tuple[Tensor, Any]:
        reads: Any = self.of
        x, inside = reads.read(data)
        count = _signals(reads, x, inside)
        members = members_of(count, None if isinstance(data, Tensor) else attribute(data, "sets"), None, x)
        if members.order is not None:
            raise InputError("sets that fall", "rising numbers", "Sort the members by their sets.")
        return x, Gathered(inside, members)

    def order(self, values: Tensor, support: Any) -> Tensor | None:
        """What sorted the rows that were given; None where they came sorted."""
        if support is None:
            return None
        return self.of.order(values, support.inside) if self.of.packed else support.sets.order  # type: ignore[attr-defined]

    def gathered(self, values: Tensor, support: Any) -> Gathered:
        """The support; of plain values all members are of one set."""
        if support is not None:
            return support
        return Gathered(None, members_of(len(values), None, None, values))


def _signals(domain: Any, x: Tensor, inside: Any) -> int:
    """How many signals of a packed domain there are."""
    from erlangen.domains._together import Together

    if isinstance(inside, Together):
        return len(inside.sizes(inside.packed[0]))
    return len(torch.diff(domain.members(x, inside).ptr))
