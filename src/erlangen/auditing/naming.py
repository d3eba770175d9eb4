"""What things are called, in text, page and dictionary alike: an element "rotation by 90° (r)", a model by its name.

Of an element first what it does to the domain, with its degrees; then, in brackets, its name in the group, where that
is another one.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from erlangen.domains import Dna, Domain
from erlangen.groups import Element
from erlangen.groups.words import describe
from erlangen.pages import several

LONGEST_LIST = 60
_DECIMALS = re.compile(r"\d+\.\d+")  # three figures tell axes apart
MOST_LISTED = 4
ANGLES = "Angles are counter-clockwise, from the first axis, which points down the picture."


@dataclass(frozen=True)
class Words:
    """A motion of space: its kind, by how many degrees, and about or along what."""

    kind: str
    degrees: float | None = None
    where: str = ""

    def __str__(self) -> str:
        by = "" if self.degrees is None else f" by {_short(self.degrees)}°"
        return f"{self.kind}{by}{self.where}"


def element_name(g: Element, domain: Domain) -> str:
    """The element in words, and its name in the group beside it.

    >>> from erlangen.domains import Grid
    >>> from erlangen.groups import D
    >>> [element_name(g, Grid(2)) for g in D(4).generators]
    ['rotation by 90° (r)', 'mirror that keeps the line at 0° (m)']
    """
    return _with(str(words(g, domain)), [g])


def class_name(elements: Sequence[Element], domain: Domain) -> str:
    """Several elements in one phrase: all of them where that is short, else how many there are like the first.

    >>> from erlangen.domains import Grid
    >>> from erlangen.groups import D, Octahedral
    >>> [class_name(c, Grid(2)) for c in D(4).conjugacy_classes[1:3]]
    ['rotations by 90° and 270° (r, r^3)', 'rotation by 180° (r^2)']
    >>> class_name(Octahedral().conjugacy_classes[1], Grid(3))
    '6 rotations by 90°, such as about (0, 0, 1)'
    """
    if len(elements) == 1:
        return element_name(elements[0], domain)
    said = [words(g, domain) for g in elements]
    if len({w.kind for w in said}) > 1:
        return _mixed(elements, domain)
    if len(said) <= MOST_LISTED and domain.space == 2:
        return _with(_plural_in_plane(said), elements)
    return f"{len(said)} {_like(said)}"


def model_name(model: Any, given: str | None = None) -> str:
    """The name given; else the class that its author named; else what kind of thing it is.

    >>> model_name(torch.nn.Sequential(torch.nn.Flatten())), model_name(torch.nn.ReLU()), model_name(lambda x: x)
    ('A chain of 1 layer (Sequential)', 'A ReLU', 'A function')
    """
    if given is not None:
        return given
    if isinstance(model, torch.fx.GraphModule):
        return "An exported network (GraphModule)"
    if hasattr(type(model), "recipe") and hasattr(model, "task"):  # the recipe itself may be refused
        return "A derived network"
    inner = getattr(model, "_orig_mod", None)  # what torch.compile wraps
    if isinstance(inner, nn.Module):
        return f"{model_name(inner)}, compiled"
    if isinstance(model, nn.Sequential):
        return f"A chain of {several(len(model), 'layer')} (Sequential)"
    kind = type(model).__name__
    if isinstance(model, nn.Module):
        return f"{article(kind)} {kind}" if type(model).__module__.startswith("torch.") else kind
    called = getattr(model, "__name__", kind)
    if isinstance(model, type(model_name)):
        return "A function" if called == "<lambda>" else f"The function {called}"
    return called


def article(noun: str) -> str:
    """A or An, by the first letter.

    >>> article("int"), article("Conv2d")
    ('An', 'A')
    """
    return "An" if noun[:1].lower() in "aeio" else "A"


def words(g: Element, domain: Domain) -> Words:
    """What the element does to the domain's space."""
    matrix = domain.cartesian(g)
    if matrix is None:
        return Words(_cut(str(g)))
    if np.allclose(matrix, np.eye(len(matrix)), atol=1e-9):
        return Words("identity")
    if len(matrix) == 1:
        return Words("reverse complement" if isinstance(domain, Dna) else "reversal")
    if not np.allclose(matrix @ matrix.T, np.eye(len(matrix)), atol=1e-6):
        return Words(describe(matrix))
    return _in_plane(matrix) if len(matrix) == 2 else _in_space(matrix)


def _in_plane(matrix: np.ndarray) -> Words:
    angle = math.degrees(math.atan2(matrix[1, 0], matrix[0, 0]))
    if np.linalg.det(matrix) < 0:
        return Words("mirror", None, f" that keeps the line at {_short(angle / 2 % 180)}°")
    return Words("rotation", angle % 360)


def _in_space(matrix: np.ndarray) -> Words:
    """Read off the words that the groups themselves use: "inversion and rotation by 90° about (0, 0, 1)"."""
    kind, _, rest = describe(matrix).partition(" by ")
    if not rest:
        mirror, across, normal = kind.partition(" across")
        return Words(mirror, None, across + normal)
    angle, _, where = rest.partition("°")
    return Words(kind, float(angle), _DECIMALS.sub(lambda found: f"{float(found[0]):.3g}", where))


def _plural_in_plane(said: Sequence[Words]) -> str:
    if said[0].degrees is not None:
        return f"{said[0].kind}s by " + _listed([f"{_short(w.degrees)}°" for w in said if w.degrees is not None])
    lines = [w.where.removeprefix(" that keeps the line at ") for w in said]
    return f"{said[0].kind}s that keep the lines at {_listed(lines)}"


def _like(said: Sequence[Words]) -> str:
    """rotations by 90°, such as about (0, 0, 1); the degrees stand outside where all have the same."""
    first = said[0]
    kind = first.kind.replace("inversion and rotation", "rotation-inversion") + "s"
    same = first.degrees is not None and all(w.degrees == first.degrees for w in said)
    by = f" by {_short(first.degrees)}°" if same and first.degrees is not None else ""
    rest = first.where if same or first.degrees is None else f" by {_short(first.degrees)}°{first.where}"
    return f"{kind}{by}, such as{rest.replace(' that keeps', ' the one that keeps')}" if rest else f"{kind}{by}"


def _mixed(elements: Sequence[Element], domain: Domain) -> str:
    together = ", ".join(element_name(g, domain) for g in elements)
    short = len(together) <= 2 * LONGEST_LIST
    return together if short else f"{len(elements)} elements, such as {element_name(elements[0], domain)}"


def _cut(name: str) -> str:
    """The name, or its beginning: a product of many cycles fills lines."""
    return name if len(name) <= LONGEST_LIST else f"{name[: LONGEST_LIST - 2]} …"


def _with(said: str, elements: Sequence[Element]) -> str:
    """The words, and in brackets the names in the group, unless the group has no other words for them."""
    names = [str(g) for g in elements if _cut(str(g)) != said and str(g) != describe(g.matrix)]
    together = ", ".join(names)
    return f"{said} {together if together.startswith('(') else f'({together})'}" if names else said


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _short(degrees: float) -> str:
    return f"{round(degrees, 1) + 0.0:g}"
