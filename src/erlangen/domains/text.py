"""Domains as data for recipes, and from text for the command line."""

import ast
from typing import TYPE_CHECKING, Any

from erlangen import domains
from erlangen.domains._base import Domain
from erlangen.errors import DomainError, RecipeError

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


def _is_nest(tree: ast.AST) -> bool:
    """Set(A), a set of signals on A."""
    named = isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == "Set"
    return named and len(tree.args) == 1 and not tree.keywords  # type: ignore[attr-defined]


def parse_domain(text: str) -> Domain:
    """The domain that a piece of text declares, without evaluating it: "Grid(2)", "Grid(3, spacing=(1, 1, 5))".

    >>> parse_domain("Grid(2, boundary='periodic')"), parse_domain("Set(Graph)"), parse_domain("Grid(2) * Sequence")
    (Grid(2, boundary='periodic'), Set(Graph()), Grid(2) * Sequence())
    """
    known = [name for name in _NAMES if name not in ("Point", "Pairs", "GraphEdges")]
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Mult):
            return parse_domain(ast.unparse(tree.left)) * parse_domain(ast.unparse(tree.right))
        if _is_nest(tree):
            return domains.Nest(parse_domain(ast.unparse(tree.args[0])))  # type: ignore[attr-defined]
        call = tree
        call = call if isinstance(call, ast.Call) else ast.Call(call, [], [])
        if not isinstance(call.func, ast.Name) or call.func.id not in known:
            raise ValueError
        arguments = [ast.literal_eval(a) for a in call.args]
        named = {k.arg: ast.literal_eval(k.value) for k in call.keywords if k.arg in _CHOICES}
        if len(named) != len(call.keywords):
            raise ValueError
        return getattr(domains, call.func.id)(*arguments, **named)
    except DomainError:
        raise
    except (SyntaxError, ValueError, TypeError):
        raise DomainError(f"{text!r}", f"a domain, one of {', '.join(known)}", 'Pictures are "Grid(2)".') from None
