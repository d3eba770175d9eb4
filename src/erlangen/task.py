"""What is asked: a domain, a symmetry, and whether the answer must stay put (invariant) or move along (equivariant)."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from torch import Tensor

from erlangen.domains import (
    Domain,
    Graph,
    GraphEdges,
    Grid,
    HexGrid,
    Lattice,
    Mesh,
    Nest,
    Point,
    Points,
    Product,
    Sequence,
    Set,
)
from erlangen.errors import TaskError
from erlangen.given import flag, whole
from erlangen.groups import (
    SO,
    Declaration,
    Group,
    Isometries,
    O,
    Relabelling,
    RigidMotions,
    TimeWarp,
    Translations,
    Trivial,
)
from erlangen.representations import Representation
from erlangen.representations.external import product_of
from erlangen.signal import Space, act_on_channels

if TYPE_CHECKING:
    from erlangen.groups import Element


@dataclass(frozen=True)
class Invariant:
    """f(g·x) = f(x): `n` classes or values for the whole signal, `[batch, n]`.

    A number below 1 is a TaskError.

    >>> import erlangen as er
    >>> er.Task(er.Grid(2), er.C(4), input=3, output=er.Invariant(10)).target
    X(Point(), 10 × trivial of C4)
    """

    n: int

    def __post_init__(self) -> None:
        _positive("Invariant", self.n)

    def space(self, domain: Domain, group: Group) -> Space:
        """The type of the answer."""
        return Space(Point(), self.n * group.trivial)

    def act(self, g: "Element", y: Tensor, domain: Domain) -> Tensor:
        """How g moves the answer: not at all."""
        return y


@dataclass(frozen=True)
class Equivariant:
    """f(g·x) = g·f(x): a value at each point, `[batch, channel, …points]`; with `pooled=True` one of the whole.

    `n_or_representation` is a number of scalar channels, or the representation by which the channels move. With
    `edges=True` a value at each edge of a graph, `[edges, channel]`, in the order of `edge_index`. Tangent vectors of a
    mesh are answered in the stored frames, or with `ambient=True` as vectors of space. On a product of domains `pooled`
    may be a factor, or the places of several: one answer of each, at every point of the others; on sets of signals the
    domain of the members: one answer for each member.

    >>> import erlangen as er
    >>> er.Task(er.Grid(2), er.C(4), input=3, output=er.Equivariant(2)).target
    X(Grid(2), 2 × trivial of C4)
    >>> er.Task(er.Grid(2), er.C(4), input=3, output=er.Equivariant(er.C(4).standard, pooled=True)).target
    X(Point(), standard of C4)
    """

    n_or_representation: "int | Representation"
    pooled: "bool | Domain | tuple[int, ...]" = False
    edges: bool = False
    ambient: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.n_or_representation, Representation):
            _positive("Equivariant", self.n_or_representation)
        if not isinstance(self.pooled, Domain | tuple):
            flag("pooled", self.pooled, TaskError)
        flag("edges", self.edges, TaskError)
        flag("ambient", self.ambient, TaskError)
        if self.pooled and self.edges:
            raise TaskError("pooled=True, edges=True", "one answer, or one at each edge", "Leave one of them out.")

    def __repr__(self) -> str:
        over = "" if self.pooled is False else f", pooled={self.pooled!r}"
        where = over + ", edges=True" * self.edges
        return f"Equivariant({self.n_or_representation}{where}{', ambient=True' * self.ambient})"

    def space(self, domain: Domain, group: Group) -> Space:
        """The type of the answer."""
        given = self.n_or_representation
        rho = given if isinstance(given, Representation) else given * group.trivial
        if self.ambient:
            return self._in_space(domain, group)
        return Space(self._place(domain, group), rho)

    @property
    def within(self) -> Representation:
        """The tangent vectors that are asked for in space."""
        given = self.n_or_representation
        assert isinstance(given, Representation), "it was checked"
        return given

    def _in_space(self, domain: Domain, group: Group) -> Space:
        """Of tangent vectors of a mesh x, y and z, which no choice of frames touches."""
        given = self.n_or_representation
        if not isinstance(domain, Mesh) or not isinstance(given, Representation) or self.pooled or self.edges:
            mend = "Such as er.Equivariant(er.SO(2).irrep(1), ambient=True) on er.Mesh()."
            raise TaskError(f"{self!r} on {domain!r}", "tangent vectors at the vertices of a mesh", mend)
        return Space(domain, 3 * (given.dim // 2) * group.trivial)

    def _place(self, domain: Domain, group: Group) -> Domain:
        if self.pooled is True:
            return Point()
        if self.pooled is not False:
            return over_factors(domain, self.pooled, group)
        if self.edges and not isinstance(domain, Graph):
            raise TaskError(f"edges=True on {domain!r}", "er.Graph()", "Other domains have no edges.")
        return GraphEdges() if self.edges else domain

    def act(self, g: "Element", y: Tensor, domain: Domain) -> Tensor:
        """How g moves the answer: its points as the input's, unless pooled, and its channels by the representation."""
        given = self.n_or_representation
        rho = given if isinstance(given, Representation) else y.shape[1] * g.group.trivial
        return self._place(domain, g.group).move(g, y, rho)


@dataclass(frozen=True)
class Positions:
    """f(R x + t) = R f(x) + t: the input positions plus a vector for each, `[points, dim]`; on `er.Points(dim)` alone.

    >>> import erlangen as er
    >>> er.Task(er.Points(3), input=1, output=er.Positions()).target
    X(Points(3), standard of O(3))
    """

    def space(self, domain: Domain, group: Group) -> Space:
        """The type of the answer: vectors, by which the positions move."""
        if not isinstance(domain, Points):
            raise TaskError(f"er.Positions() on {domain!r}", "a domain of points", "Its points do not move freely.")
        return Space(domain, domain.vectors(group))

    def act(self, g: "Element", y: Tensor, domain: Domain) -> Tensor:
        """How g moves the answer: as it moves positions."""
        return act_on_channels(self.space(domain, g.group).rho, g, y)


@dataclass(frozen=True)
class Forces:
    """(E/n, −∂E/∂x_i) at each of n points, `[points, 1 + dim]`: an invariant energy, a sum over points, and its slopes.

    >>> import erlangen as er
    >>> er.Task(er.Points(3), input=1, output=er.Forces()).target
    X(Points(3), trivial + standard of O(3))
    """

    def space(self, domain: Domain, group: Group) -> Space:
        """The type of the answer: a share of the energy and a vector."""
        if not isinstance(domain, Points):
            raise TaskError(f"er.Forces() on {domain!r}", "a domain of points", "Elsewhere nothing pulls at positions.")
        return Space(domain, group.trivial + domain.vectors(group))

    def act(self, g: "Element", y: Tensor, domain: Domain) -> Tensor:
        """How g moves the answer: forces as it moves positions, energies not at all."""
        return act_on_channels(self.space(domain, g.group).rho, g, y)


def places_over(domain: Domain, pooled: "Domain | tuple[int, ...]") -> tuple[int, ...]:
    """Which factors of a product are pooled over, or the TaskError."""
    mend = "For example pooled=er.Grid(2), of films one answer a frame."
    if not isinstance(domain, Product):
        raise TaskError(f"pooled={pooled!r} on {domain!r}", "True, or a factor of a product of domains", mend)
    count = len(domain.factors)
    found = [i for i, f in enumerate(domain.factors) if f == pooled] if isinstance(pooled, Domain) else list(pooled)
    if not found or len(set(found)) < len(found) or not set(found) <= set(range(count)):
        raise TaskError(f"pooled={pooled!r} on {domain!r}", "its factors, or their places", mend)
    return tuple(found)


def over_factors(domain: Domain, pooled: "Domain | tuple[int, ...]", group: Group) -> Domain:
    """What is left of a product behind a pooling over some factors, of a set of signals over each of its members."""
    if isinstance(domain, Nest) and pooled == domain.of:
        return Set()
    left: Any = domain
    for place in places_over(domain, pooled):
        left = left.with_factor(place, Point(), group)
    return left


Output = Invariant | Equivariant | Positions | Forces
_Symmetry = Group | Translations | Relabelling | RigidMotions | Isometries | TimeWarp | None


@dataclass(frozen=True, init=False)
class Task:
    """Domain, symmetry, input and output: all that a network is derived from.

    `symmetry` left out is the domain's own; `er.TimeWarp()` on `er.Sequence()` asks for layers that keep a warping of
    time, and then `warped` is true; on a product of domains it is the direct product of the factors' groups, or a tuple
    of one symmetry a factor; `input` is a number of scalar channels or a representation, left out where
    the domain has natural ones; `action` maps the group's generators to the whole-number matrices by which they move
    the lattice, where these are not the defining ones.

    >>> import erlangen as er
    >>> er.Task(er.Grid(2), symmetry=er.C(4), input=1, output=er.Invariant(10))
    Task(Grid(2), C(4), input=trivial of C4, output=Invariant(n=10))
    """

    domain: Domain
    symmetry: Group
    input: Representation
    output: Output
    warped: bool = False

    def __init__(
        self,
        domain: Domain,
        symmetry: "_Symmetry | tuple[_Symmetry, ...]" = None,
        input: "int | Representation | None" = None,
        output: "Output | None" = None,
        action: dict[Any, Any] | None = None,
    ):
        if not isinstance(domain, Domain):
            raise TaskError(f"domain={domain!r}", "a domain", "For pictures: er.Grid(2).")
        if not isinstance(output, Output):
            expected = "er.Invariant(n), er.Equivariant(n), er.Positions() or er.Forces()"
            raise TaskError(f"output={output!r}", expected, "Say what the answer is.")
        domain, group = _dealt(domain, symmetry)
        if action is not None:
            domain = _with_action(domain, group, action)
        domain.check_motion(group)
        object.__setattr__(self, "domain", domain)
        object.__setattr__(self, "symmetry", group)
        object.__setattr__(self, "input", _input(domain, group, input))
        object.__setattr__(self, "output", output)
        object.__setattr__(self, "warped", symmetry == TimeWarp())
        self._check()

    @property
    def source(self) -> Space:
        """The type of the input."""
        return Space(self.domain, self.input)

    @property
    def target(self) -> Space:
        """The type of the answer."""
        return self.output.space(self.domain, self.symmetry)

    def _check(self) -> None:
        target = self.target
        for role, rho in (("input", self.input), ("output", target.rho)):
            if rho.group != self.symmetry:
                raise TaskError(
                    f"an {role} that is a representation of {rho.group!r}",
                    f"one of the symmetry {self.symmetry!r}",
                    "Restrict it with .restrict(H), or declare the other symmetry.",
                )

    def __repr__(self) -> str:
        symmetry = repr(TimeWarp()) if self.warped else self.symmetry.label
        return f"Task({self.domain!r}, {symmetry}, input={self.input}, output={self.output!r})"


def _dealt(domain: Domain, symmetry: Any) -> tuple[Domain, Group]:
    """The domain and its group; of a product where a group for each factor may be given, and is then told."""
    if not isinstance(domain, Product) or symmetry is None or isinstance(symmetry, Group):
        return domain, _group(domain, symmetry)
    factors = domain.factors
    given = [symmetry] * len(factors) if not isinstance(symmetry, tuple | list) else list(symmetry)
    if len(given) != len(factors):
        raise TaskError(f"{len(given)} symmetries of {domain!r}", f"{len(factors)}, one a factor", "er.Trivial().")
    groups = tuple(_group(factor, own) for factor, own in zip(factors, given, strict=True))
    group = product_of(groups)
    return (domain if domain.split(group) == groups else replace(domain, groups=groups)), group


def _group(domain: Domain, symmetry: Any) -> Group:
    if isinstance(domain, Nest):
        return _group(domain.of, symmetry)
    if symmetry is None:
        return domain.natural_symmetry()
    if not isinstance(symmetry, Group | Declaration):
        raise _not_acting(domain, symmetry)
    if symmetry == Translations() and isinstance(domain, Lattice | Points):
        return Trivial()  # weights are shared over positions whatever the point group, and the trivial one adds nothing
    if symmetry == Relabelling() and domain.packed:
        return Trivial()  # it is kept whatever the group that moves the features
    if symmetry == RigidMotions() and isinstance(domain, Points):
        return SO(domain.dim)  # translations are kept whatever the group that turns space
    if isinstance(domain, Mesh) and isinstance(symmetry, Isometries | RigidMotions):
        return _of_frames(domain, symmetry)
    if symmetry == TimeWarp() and isinstance(domain, Sequence):
        return Trivial()  # it is a law of layers, not a group that acts on samples
    if not isinstance(symmetry, Group):
        raise _not_acting(domain, symmetry)
    return symmetry


def _not_acting(domain: Domain, symmetry: Any) -> TaskError:
    given = f"symmetry={symmetry!r} on {domain!r}"
    return TaskError(given, "a group that acts on this domain", "For quarter turns: er.C(4).")


def _of_frames(domain: Mesh, symmetry: "Isometries | RigidMotions") -> Group:
    """Which frames of the tangent planes are as good as others, where surfaces are bent, or moved in space."""
    if isinstance(symmetry, RigidMotions) == domain.intrinsic:
        raise TaskError(
            f"symmetry={symmetry!r} on {domain!r}",
            "er.Isometries() on intrinsic meshes, er.RigidMotions() on er.Mesh(intrinsic=False)",
            "Bending keeps what is measured along the surface; rigid motions also how it lies in space.",
        )
    return SO(2) if isinstance(symmetry, RigidMotions) or symmetry.oriented else O(2)


def _input(domain: Domain, group: Group, given: "int | Representation | None") -> Representation:
    rho = domain.natural_input(group) if given is None else given
    if isinstance(rho, Representation):
        return rho
    if rho is None:
        raise TaskError(
            f"no input on {domain!r}", "a number of channels or a representation", "For grey pictures: input=1."
        )
    _positive("input", rho)
    natural = domain.natural_input(group)
    if natural is not None and natural.dim == rho and not natural.is_trivial:
        raise TaskError(
            f"input={rho} scalar channels on {domain!r}, which {group!r} would leave as they are",
            f"the domain's own {rho} channels, which it moves",
            "Leave input out; for further scalar tracks add domain.natural_input(group) + n * group.trivial.",
        )
    return rho * group.trivial


def _with_action(domain: Domain, group: Group, action: dict[Any, Any]) -> Domain:
    from erlangen.representations import from_matrices

    if not isinstance(domain, Grid | HexGrid):
        raise TaskError(f"an action on {domain!r}", "a grid", "Other domains say themselves how a group moves them.")
    if not isinstance(action, dict):
        raise TaskError(f"action={action!r}", "a dict {generator: matrix}", f"Generators: {list(group.generators)}.")
    generators = {group.element(g): matrix for g, matrix in action.items()}
    missing = [g for g in group.generators if g not in generators]
    if missing:
        raise TaskError(
            f"an action without {missing}", "one matrix a generator", f"Generators: {list(group.generators)}."
        )
    return replace(domain, action=from_matrices(group, [generators[g] for g in group.generators]))


def _positive(what: str, n: Any) -> None:
    whole(what, n, TaskError, mend="Count the channels, or give a representation.")
