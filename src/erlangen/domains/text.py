"""Domains as data for recipes, and from text for the command line."""

import ast
import re
from typing import TYPE_CHECKING, Any

from erlangen import domains
from erlangen.domains._base import Domain
from erlangen.errors import DomainError, RecipeError
from erlangen.given import meant

if TYPE_CHECKING:
    from erlangen.groups import Group

_NAMES = (
    "Grid",
    "HexGrid",
    "Dna",
    "Sequence",
    "Point",
    "Set",
    "Graph",
    "GraphEdges",
    "Pairs",
    "Points",
    "Sphere",
    "Mesh",
)
_CHOICES = (  # by name
    *("dim", "boundary", "spacing", "radius", "neighbours", "edge_features", "sampling", "band", "subdivisions"),
    *("eigenfunctions", "intrinsic", "features", "laplacian"),
)

DECLARED = sorted(name for name in _NAMES if name not in ("Point", "Pairs", "GraphEdges"))
SHORT = {  # what is quickly typed
    **{"hex": "HexGrid()", "hexgrid": "HexGrid()", "dna": "Dna()", "sequence": "Sequence()", "graph": "Graph()"},
    **{"set": "Set()", "points": "Points(3)", "mesh": "Mesh()"},
}


def domain_to_data(domain: Domain) -> dict[str, Any]:
    """The declaration as plain data; `domain_from_data` is its inverse."""
    from erlangen.groups.text import group_to_data
    from erlangen.representations.text import representation_to_data

    if isinstance(domain, domains.Finite):
        action = representation_to_data(domain.action)
        return {"name": "Finite", "group": group_to_data(domain.group), "action": action}
    if isinstance(domain, domains.Nest):
        return {"name": "Nest", "of": domain_to_data(domain.of)}
    if isinstance(domain, domains.Product):
        own = {} if domain.groups is None else {"groups": [group_to_data(group) for group in domain.groups]}
        return {"name": "Product", "factors": [domain_to_data(factor) for factor in domain.factors], **own}
    name = type(domain).__name__
    if name not in _NAMES or getattr(domains, name) is not type(domain):
        mend = "Keep the weights by state_dict(), and make the network again before they are loaded."
        raise RecipeError(
            f"{domain!r}, of the class {type(domain).__module__}.{name}", "a domain of erlangen's own", mend
        )
    data: dict[str, Any] = {"name": name}
    for name in ("level", "action", *_CHOICES):
        value = getattr(domain, name, None)
        if name == "action" and value is not None:
            value = representation_to_data(value)
        if value is not None:
            data[name] = list(value) if isinstance(value, tuple) else value
    return data


def domain_from_data(data: dict[str, Any], group: "Group") -> Domain:
    """The domain that `domain_to_data` described; `group` is the one whose action it may carry."""
    from erlangen.groups.text import group_from_data
    from erlangen.representations.text import representation_from_data

    fields = dict(data)
    name = fields.pop("name", None)
    if name == "Finite":
        own = group_from_data(fields["group"])
        return domains.Finite(own, representation_from_data(fields["action"], own))
    if name == "Nest":
        return domains.Nest(domain_from_data(fields["of"], group))
    if name == "Product":
        own_groups = None if "groups" not in fields else tuple(map(group_from_data, fields["groups"]))
        return domains.Product(tuple(domain_from_data(part, group) for part in fields["factors"]), own_groups)  # type: ignore[arg-type]
    if name not in _NAMES:
        raise RecipeError(
            f"a domain named {name!r}", f"one of {', '.join(_NAMES)}", "Use the release that wrote the recipe."
        )
    if "action" in fields:
        fields["action"] = representation_from_data(fields["action"], group)
    if "spacing" in fields:
        fields["spacing"] = tuple(fields["spacing"])
    return getattr(domains, name)(**fields)


def parse_domain(text: str) -> Domain:
    """The domain that a piece of text declares, without evaluating it: "Grid(2)", "Grid(3, spacing=(1, 1, 5))".

    A product is written A * B, a set of signals Set(A). What cannot be read is a DomainError that names the text.

    >>> parse_domain("Grid(2, boundary='periodic')"), parse_domain("grid2"), parse_domain("hex")
    (Grid(2, boundary='periodic'), Grid(2), HexGrid())
    >>> parse_domain("Set(Graph)"), parse_domain("Grid(2) * Sequence()")
    (Set(Graph()), Grid(2) * Sequence())
    """
    try:
        return _declared(ast.parse(_spelled(text), mode="eval").body)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        mend = meant(text.split("(")[0].strip(), DECLARED, 'Write it as in "Grid(2)".')
        said = f"It says: {error}." if isinstance(error, TypeError) else mend
        raise DomainError(repr(text), f"a domain: {', '.join(DECLARED)}", said) from None


def _spelled(text: str) -> str:
    """What is quickly typed, as the call that it means: grid2, hex, dna."""
    short = text.strip().lower()
    number = re.fullmatch(r"grid ?([1-9])", short)
    return f"Grid({number[1]})" if number else SHORT.get(short, text.strip())


def _declared(tree: ast.expr) -> Domain:
    """ValueError for what is no domain by its name and choices, TypeError for arguments that it does not take."""
    match tree:
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _declared(left) * _declared(right)
        case ast.Call(func=ast.Name(id="Set"), args=[inside], keywords=[]):
            return domains.Nest(_declared(inside))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords) if name in DECLARED:
            named = {str(k.arg): ast.literal_eval(k.value) for k in keywords}
            if not set(named) <= {*_CHOICES}:
                raise TypeError(f"{name} has no {', '.join(sorted(set(named) - {*_CHOICES}))}")
            return getattr(domains, name)(*map(ast.literal_eval, arguments), **named)
        case ast.Name(id=name) if name in DECLARED:
            return getattr(domains, name)()
    raise ValueError
