"""Groups as text: pure data for recipes and saved files, names typed at the command line. Nothing is executed."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from erlangen.errors import GroupError, RecipeError
from erlangen.groups.arguments import shorten
from erlangen.groups.base import Group
from erlangen.groups.continuous import SO, O
from erlangen.groups.declared import Declaration, Isometries, Relabelling, RigidMotions, TimeWarp, Translations
from erlangen.groups.element import Element
from erlangen.groups.matrices import MatrixGroup
from erlangen.groups.permutations import PermutationGroup, Permuting, S
from erlangen.groups.planar import C, D, Mirror, Trivial
from erlangen.groups.polyhedral import FullOctahedral, Icosahedral, Octahedral
from erlangen.groups.products import DirectProduct
from erlangen.groups.semidirect import SemidirectProduct
from erlangen.groups.subgroups import Subgroup
from erlangen.groups.wreath import WreathProduct, wreath

Symmetry: TypeAlias = Group | Declaration
Built = TypeVar("Built", bound=Symmetry)

_NAMED: tuple[type[Symmetry], ...] = (
    *(C, D, S, Mirror, Trivial, Octahedral, FullOctahedral, Icosahedral, SO, O),
    *(Translations, Relabelling, RigidMotions, Isometries, TimeWarp),
)
_CONSTRUCTORS: dict[str, Callable[..., Symmetry]] = {**{kind.__name__: kind for kind in _NAMED}, "wreath": wreath}


def group_to_data(group: Symmetry) -> str | dict[str, Any]:
    """A group as strings, numbers, lists and dicts, from which `group_from_data` makes an equal one.

    >>> group_to_data(C(4, axis=2))
    'C(4, axis=2)'
    >>> group_to_data(C(4) * Mirror())
    {'product': ['C(4)', 'Mirror()']}
    """
    match group:
        case DirectProduct():
            return {"product": [group_to_data(factor) for factor in group.factors]}
        case PermutationGroup():
            return {"permutations": [list(images) for images in group.images]}
        case MatrixGroup():
            return {"matrices": [[list(row) for row in rows] for rows in group.generating], "cap": group.cap}
        case Subgroup():
            generators = [_element_to_data(g) for g in group.generating]
            return {"subgroup": {"of": group_to_data(group.parent), "generators": generators}}
        case SemidirectProduct():
            images = [[_element_to_data(image) for image in row] for row in group.images]
            ends = {"normal": group_to_data(group.normal), "acting": group_to_data(group.acting)}
            return {"semidirect": {**ends, "images": images}}
        case WreathProduct():
            return {"wreath": {"of": group_to_data(group.part), "n": group.n}}
        case _ if isinstance(group, _NAMED):
            return repr(group)
        case _:
            raise GroupError(
                f"{group!r}, a group of a kind of its own",
                "a group that has a form as text: named, by permutations or matrices, a product or a subgroup",
                "Make it with Group.from_permutations or Group.from_matrices.",
            )


def group_from_data(data: Any) -> Group:
    """The group that `group_to_data` wrote; RecipeError where the data are damaged or name a declaration.

    >>> group_from_data({"product": ["C(4)", "Mirror()"]})
    C(4) * Mirror()
    """
    return _or_recipe_error(_build_group, data)


def symmetry_from_data(data: Any) -> Symmetry:
    """The group or declaration that `group_to_data` wrote; RecipeError where the data are damaged.

    >>> symmetry_from_data("Isometries(oriented=True)")
    Isometries(oriented=True)
    """
    return _or_recipe_error(_build, data)


def parse_group(text: str) -> Group:
    """The group that a person names: constructors with whole numbers, and products; GroupError otherwise.

    >>> parse_group("C(4) * Mirror()"), parse_group("D4"), parse_group("Octahedral")
    (C(4) * Mirror(), D(4), Octahedral())
    """
    symmetry = _parse(text, declarations=False)
    if isinstance(symmetry, Group):
        return symmetry
    raise _unknown(text, declarations=False)


def parse_symmetry(text: str) -> Symmetry:
    """As `parse_group`, and the symmetries that are only declared.

    >>> parse_symmetry("Relabelling")
    Relabelling()
    """
    return _parse(text, declarations=True)


def _or_recipe_error(build: Callable[[Any], Built], data: Any) -> Built:
    try:
        return build(data)
    except (GroupError, TypeError, ValueError, RecursionError) as error:
        raise RecipeError(
            f"a group written as {shorten(data)}",
            "the text of a group as erlangen writes it",
            f"The file is damaged or from elsewhere: {error}",
        ) from None


def _build(data: Any) -> Symmetry:
    match data:
        case str():
            return parse_symmetry(data)
        case {"product": [first, second, *more]}:
            return DirectProduct(tuple(_build_group(factor) for factor in (first, second, *more)))
        case {"permutations": list(generators)}:
            return Group.from_permutations(generators)
        case {"matrices": list(generators), "cap": int(cap)}:
            return Group.from_matrices(generators, cap)
        case {"subgroup": {"of": parent, "generators": list(generators)}}:
            return _build_group(parent).subgroup(*generators)
        case {"semidirect": {"normal": normal, "acting": acting, "images": list(rows)}}:
            group = _build_group(normal)
            images = tuple(tuple(group.element(image) for image in row) for row in rows)
            return SemidirectProduct(group, _build_group(acting), images)
        case {"wreath": {"of": part, "n": int(n)}}:
            return wreath(_build_group(part), n)
        case _:
            raise ValueError("no such form is known")


def _build_group(data: Any) -> Group:
    """As `_build`, for places where elements are needed."""
    group = _build(data)
    if isinstance(group, Group):
        return group
    raise ValueError(f"{group!r} has no elements")


def _element_to_data(g: Element) -> list[Any]:
    """What `Group.element` reads: images, a list of the parts, or a matrix."""
    group = g.group
    while isinstance(group, Subgroup):
        group = group.parent
    if isinstance(group, DirectProduct):
        return [_element_to_data(part) for part in group.parts(g)]
    if isinstance(group, Permuting):
        return list(group.images_of(g.key))
    return g.matrix.tolist()


def _evaluate(node: ast.expr) -> Symmetry:
    """A syntax tree of names, calls and products as a group; ValueError for anything else."""
    match node:
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            first, second = _evaluate(left), _evaluate(right)
            if isinstance(first, Group) and isinstance(second, Group):
                return first * second
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords) if name in _CONSTRUCTORS:
            options = {word.arg: _argument(word.value) for word in keywords if word.arg is not None}
            if len(options) == len(keywords):
                return _CONSTRUCTORS[name](*map(_argument, args), **options)
        case ast.Name(id=name) if name in _CONSTRUCTORS:
            return _CONSTRUCTORS[name]()
        case ast.Name(id=name) if (short := re.fullmatch(r"([A-Z]+)([0-9]+)", name)) and short[1] in _CONSTRUCTORS:
            return _CONSTRUCTORS[short[1]](int(short[2]))
        case _:
            pass
    raise ValueError("not the name of a group")


def _argument(node: ast.expr) -> Any:
    """A whole number, a truth value or None; a group, for wreath products."""
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, type(None))):
        return node.value
    return _evaluate(node)


def _parse(text: str, *, declarations: bool) -> Symmetry:
    try:
        return _evaluate(ast.parse(text.strip(), mode="eval").body)
    except GroupError:  # a constructor's own refusal says more
        raise
    except (SyntaxError, TypeError, ValueError, RecursionError, MemoryError):
        raise _unknown(text, declarations=declarations) from None


def _unknown(text: str, *, declarations: bool) -> GroupError:
    calls = "C(n), D(n), C(n, axis=2), D(n, axis=2), S(n), SO(2), SO(3), O(2), O(3), wreath(G, n)"
    plain = [kind for kind in _NAMED if kind not in (C, D, S, SO, O)]
    names = ", ".join(f"{kind.__name__}()" for kind in plain if declarations or issubclass(kind, Group))
    return GroupError(
        f"the name {shorten(text)}",
        f"{calls}, {names}, or products of groups written with *",
        "Write 'C(4)' or 'C(4) * Mirror()', for example.",
    )
