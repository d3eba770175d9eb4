"""Which elements of the symmetry a network is tested at, what they are called, and which of them the lattice keeps."""

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from erlangen.auditing.common import counterpart
from erlangen.auditing.motion import preserves
from erlangen.auditing.naming import words
from erlangen.domains import Domain, Lattice, Mesh, Nest, Points, Product, Sphere
from erlangen.domains import Sequence as InTime
from erlangen.domains.packed import Packed
from erlangen.groups import SO, Element, O
from erlangen.representations.external import join_elements
from erlangen.task import Task
from erlangen.train.paced import SPEEDS, Paced
from erlangen.train.relabelled import DRAWS, Relabelled
from erlangen.train.turned import Turned, drawn_turns, turns

if TYPE_CHECKING:
    from erlangen.groups import Group

    Move = Element | Relabelled | Turned | Paced

MOST_ELEMENTS = 64
TURNS = 16  # of the whole plane, by even steps; with mirrors half as many, and again as many mirrors
DRAWN = 8  # of other groups beside what the lattice keeps of them; half as many of clouds
ON_LATTICE, INTERPOLATED = "on the lattice", "interpolated"
ON_SPHERE = "by columns", "by harmonics"  # how a sphere is turned, exactly and up to what its grid holds


def elements(task: Task) -> "tuple[Move, ...]":
    """The elements tested at, the identity first; always the same ones. On sets and graphs orders of the points, too,
    on clouds and surfaces turns and mirrors of each, in time speeds, where the task says that they mean nothing.

    All of a symmetry of up to 64 elements, in their canonical order; of a larger one that the lattice keeps, the
    identity and 63 random ones. Of a larger one that it does not keep, all that it keeps and others besides: even steps
    in the plane, 8 random ones elsewhere.

    >>> from erlangen.domains import Grid
    >>> from erlangen.groups import C
    >>> from erlangen.task import Invariant
    >>> len(elements(Task(Grid(2), C(4), 1, Invariant(10)))), len(elements(Task(Grid(2), SO(2), 1, Invariant(10))))
    (4, 16)
    """
    if isinstance(task.domain, Points | Mesh):
        return drawn_turns(task, of_group(task))
    if task.domain.packed:
        still, *rest = group = of_group(task)
        orders = (Relabelled(draw, still) for draw in range(DRAWS + 1))
        apart = range(1, DRAWS + 1) if rest and isinstance(task.domain, Nest) else ()
        return (*orders, *(Relabelled(0, g) for g in rest), *(Relabelled(draw, still, group) for draw in apart))
    if isinstance(task.domain, InTime):
        return SPEEDS if task.warped else SPEEDS[:1]
    return of_group(task)


def of_group(task: Task) -> "tuple[Element, ...]":
    """The elements of the declared group that are tested at, the identity first; of surfaces turns of space."""
    return _elements(task.domain, turns(task))


def _elements(domain: Domain, group: "Group") -> "tuple[Element, ...]":
    if isinstance(domain, Nest):
        return _elements(domain.of, group)
    if isinstance(domain, Product):
        return _of_factors(domain, group)
    if group.order is not None and group.order <= MOST_ELEMENTS:
        return tuple(group.elements)
    if isinstance(domain, Sphere) and isinstance(group, SO | O) and group.n == 2:
        return _around(group, 1)
    if isinstance(domain, Packed | Sphere):
        return (group.identity, *group.sample(DRAWN // 2 if isinstance(domain, Points | Mesh) else DRAWN, 0))
    if not isinstance(domain, Lattice) or domain.preserves(group):
        return (group.identity, *group.sample(MOST_ELEMENTS - 1, 0))
    kept = _kept(domain, group)
    if isinstance(group, SO | O) and group.n == 2:
        return _around(group, len(kept))
    rest = [g for g in kept if g != group.identity]
    return (group.identity, *rest, *group.sample(DRAWN, 0))


def _kept(domain: Lattice, group: "Group") -> "list[Element]":
    return [h for g in domain.kept(group).elements if (h := counterpart(domain, group, g)) is not None]


def _of_factors(domain: Product, group: "Group") -> "tuple[Element, ...]":
    """Every choice of an element for each factor, of lattices of those they keep; of more than 64 those that move one
    factor alone, and then the first others."""
    own = [
        _kept(factor, part) if isinstance(factor, Lattice) and not factor.preserves(part) else _elements(factor, part)
        for factor, part in zip(domain.factors, domain.split(group), strict=True)
    ]
    moving = [elements for elements in own if len(elements) > 1]
    if len(moving) < 2:
        return tuple(join_elements(parts) for parts in itertools.product(*own))
    alone = [
        (*(e[0] for e in own[:place]), g, *(e[0] for e in own[place + 1 :]))
        for place, elements in enumerate(own)
        for g in elements[1:]
    ]
    still, every = tuple(e[0] for e in own), itertools.islice(itertools.product(*own), MOST_ELEMENTS)
    chosen = dict.fromkeys([still, *alone, *every])
    return tuple(join_elements(parts) for parts in list(chosen)[:MOST_ELEMENTS])


def is_exact(task: Task, g: "Move") -> bool:
    """Whether g only moves sites to sites, or repeats steps; else what it makes of an example is interpolated.

    >>> from erlangen.domains import Grid
    >>> from erlangen.task import Invariant
    >>> [is_exact(Task(Grid(2), SO(2), 1, Invariant(10)), SO(2).element(angle)) for angle in (np.pi / 2, np.pi / 4)]
    [True, False]
    """
    if not isinstance(g, Element):
        return g.exact
    return not isinstance(task.domain, Lattice) or preserves(task.domain, g)


def name_of(task: Task, g: "Move") -> str:
    """The angle of a rotation of the plane, counter-clockwise as seen; "mirror" and an angle; else the motion in words.

    >>> from erlangen.domains import Grid
    >>> from erlangen.groups import D
    >>> from erlangen.task import Invariant
    >>> task = Task(Grid(2), D(4), 1, Invariant(10))
    >>> [name_of(task, g) for g in D(4).elements[3:6]]
    ['270°', 'mirror', 'mirror + 90°']
    """
    if isinstance(g, Relabelled) and g.moves_alike and isinstance(task.domain, Product | Nest):
        return name_of(task, g.element)
    if not isinstance(g, Element):
        return str(g)
    matrix = _in_plane(task, g)
    if matrix is None or matrix.shape != (2, 2):
        if g == g.group.identity:
            return "upright"
        return str(words(g, task.domain)) if isinstance(task.domain, Lattice | Sphere) else str(g)
    degrees = round(float(np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0]))), 1) % 360
    if np.linalg.det(matrix) > 0:
        return f"{degrees:g}°"
    return f"mirror + {degrees:g}°" if degrees else "mirror"


def marked(element: str, exact: bool) -> str:
    """The name of an element as tables show it: behind a ≈ where examples are interpolated.

    >>> marked("45°", False), marked("90°", True)
    ('≈ 45°', '90°')
    """
    return element if exact else f"≈ {element}"


def by_kind(exact: Sequence[bool], kept: str = ON_LATTICE, rest: str = INTERPOLATED) -> dict[str, list[int]]:
    """The numbers of exact elements and of others, by the words for each; all of them under "" where all are exact.

    >>> by_kind([True, True]), by_kind([True, False])
    ({'': [0, 1]}, {'on the lattice': [0], 'interpolated': [1]})
    """
    if all(exact):
        return {"": list(range(len(exact)))}
    kinds = {kept: True, rest: False}
    return {words: [i for i, is_exact in enumerate(exact) if is_exact is kind] for words, kind in kinds.items()}


def _in_plane(task: Task, g: Element) -> np.ndarray | None:
    """The matrix by which g moves the plane of a picture, or that of the equator."""
    domain = task.domain
    if isinstance(domain, Lattice | Product | Nest):
        return domain.cartesian(g) if domain.space == 2 else None
    return np.asarray(g.group.matrix(g)) if isinstance(task.domain, Sphere) else None


def _around(group: "Group", kept: int) -> "tuple[Element, ...]":
    """Turns by even steps, of which so many are kept, and each with the mirror where the group has one."""
    mirrors = [group.identity] if isinstance(group, SO) else [group.identity, group.generators[-1]]
    own = max(1, kept // len(mirrors))
    steps = own * max(2, TURNS // len(mirrors) // own)
    turns = [group.element(2 * np.pi * i / steps) for i in range(steps)]
    return tuple(turn @ mirror for mirror in mirrors for turn in turns)
