"""A network as pure data and back: its group, its spaces, and the tree of its layers."""

from collections.abc import Iterator
from typing import Any

from erlangen import layers as rooms
from erlangen.blueprint._blueprint import Blueprint
from erlangen.domains import Domain
from erlangen.domains.text import domain_from_data, domain_to_data
from erlangen.errors import RecipeError, SymmetryError
from erlangen.groups import Group, TimeWarp
from erlangen.groups.text import group_from_data, group_to_data
from erlangen.layers import Chain, Composite, Layer
from erlangen.representations import Representation
from erlangen.representations.text import representation_from_data, representation_to_data
from erlangen.signal import Space
from erlangen.task import Equivariant, Forces, Invariant, Positions, Task

VERSION = 1


def write(net: Blueprint) -> dict[str, Any]:
    """The recipe of a network: what `build` reads, and JSON can carry."""
    spaces: list[Space] = []
    return {
        "erlangen": VERSION,
        "group": group_to_data(net.source.group),
        "source": _number(net.source, spaces),
        "layers": [_node(layer, spaces) for layer in net],
        "spaces": [_space_to_data(space, net.source.group) for space in spaces],
        "task": None if net.task is None else _task_to_data(net.task),
        "notes": list(net.notes),
    }


def build(recipe: dict[str, Any]) -> Blueprint:
    """The network of a recipe, with fresh weights.

    Raises RecipeError saying what is missing or unknown.

    >>> import erlangen as er
    >>> net = er.derive(er.Task(er.Grid(1), er.Mirror(), input=1, output=er.Invariant(2)))
    >>> er.build(net.recipe).recipe == net.recipe
    True
    """
    try:
        if recipe["erlangen"] != VERSION:
            raise RecipeError(
                f"a recipe of version {recipe['erlangen']}", f"version {VERSION}", "Use the release that wrote it."
            )
        group = group_from_data(recipe["group"])
        spaces = [_space_from_data(data, group) for data in recipe["spaces"]]
        task = None if recipe.get("task") is None else _task_from_data(recipe["task"], group)
        source = spaces[recipe["source"]]
        return Blueprint(_chain(recipe["layers"], source, spaces), task, recipe.get("notes", ()))
    except SymmetryError:
        raise
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, RuntimeError) as broken:
        raise RecipeError(
            f"a recipe that breaks off at {broken!r}", "what net.recipe writes", "Take it from net.recipe again."
        ) from None


def _node(layer: Layer, spaces: list[Space]) -> dict[str, Any]:
    node: dict[str, Any] = {"layer": _name(type(layer)), "target": _number(layer.target, spaces)}
    if isinstance(layer, Chain):
        node["layers"] = [_node(part, spaces) for part in layer]
    elif isinstance(inner := getattr(layer, "inner", None), Layer):
        node["inner"] = _node(inner, spaces)
        if isinstance(beside := getattr(layer, "shortcut", None), Layer):
            node["shortcut"] = _node(beside, spaces)
    elif isinstance(layer, Composite):
        node["parts"] = [{"source": _number(part.source, spaces), **_node(part, spaces)} for part in layer.layers]
    if choices := layer.choices():
        node["choices"] = choices
    return node


def _chain(nodes: list[dict[str, Any]], source: Space, spaces: list[Space]) -> list[Layer]:
    made: list[Layer] = []
    for node in nodes:
        made.append(_layer(node, made[-1].target if made else source, spaces))
    return made


def _layer(node: dict[str, Any], source: Space, spaces: list[Space]) -> Layer:
    target = spaces[node["target"]]
    layer = _made(node, source, target, spaces)
    if layer.target != target:
        raise RecipeError(
            f"a {node['layer']} to {layer.target!r}",
            f"one to {target!r}",
            "The recipe was changed; take it from net.recipe.",
        )
    return layer


def _made(node: dict[str, Any], source: Space, target: Space, spaces: list[Space]) -> Layer:
    kind = _kind(node["layer"])
    if issubclass(kind, Chain):
        return Chain(_chain(node["layers"], source, spaces))
    choices = dict(node.get("choices", {}))
    if issubclass(kind, Composite):
        parts = [_layer(part, spaces[part["source"]], spaces) for part in node["parts"]]
        return kind.assembled(source, target, parts, choices)
    if "inner" in node:
        if "shortcut" in node:
            choices["shortcut"] = _layer(node["shortcut"], source, spaces)
        return kind(inner=_layer(node["inner"], source, spaces), **choices)  # type: ignore[call-arg]
    return kind.remake(source, target, choices)


def _name(kind: type[Layer]) -> str:
    """A layer of this library by its own name, a user's by its module's too: the two are never taken for each other."""
    ours = vars(rooms).get(kind.__name__) is kind or kind is Blueprint
    return kind.__name__ if ours else f"{kind.__module__}:{kind.__qualname__}"


def _kind(name: str) -> type[Layer]:
    for kind in _subclasses(Layer):
        if _name(kind) == name:
            return kind
    raise RecipeError(f"a layer named {name!r}", "a layer of this library or one that is imported", _known())


def _subclasses(kind: type[Layer]) -> Iterator[type[Layer]]:
    for sub in kind.__subclasses__():
        yield sub
        yield from _subclasses(sub)


def _known() -> str:
    names = [kind.__name__ for kind in vars(rooms).values() if isinstance(kind, type) and issubclass(kind, Layer)]
    names.remove("Layer")
    return f"Known: {', '.join(names)}."


def _number(space: Space, spaces: list[Space]) -> int:
    if space not in spaces:
        spaces.append(space)
    return spaces.index(space)


def _space_to_data(space: Space, group: Group) -> dict[str, Any]:
    data = {"domain": domain_to_data(space.domain), "rho": representation_to_data(space.rho)}
    return data if space.group == group else {**data, "group": group_to_data(space.group)}


def _space_from_data(data: dict[str, Any], group: Group) -> Space:
    own: Any = group_from_data(data["group"]) if "group" in data else group  # of a factor of a product
    return Space(domain_from_data(data["domain"], own), representation_from_data(data["rho"], own))


def _task_to_data(task: Task) -> dict[str, Any]:
    output = task.output
    if isinstance(output, Invariant):
        answer: dict[str, Any] = {"invariant": output.n}
    elif isinstance(output, Equivariant):
        given = output.n_or_representation
        answer = {
            "equivariant": representation_to_data(given) if isinstance(given, Representation) else given,
            "pooled": _pooled_to_data(output.pooled),
            **({"edges": True} if output.edges else {}),
            **({"ambient": True} if output.ambient else {}),
        }
    else:
        answer = {"forces" if isinstance(output, Forces) else "positions": True}
    data = {"domain": domain_to_data(task.domain), "input": representation_to_data(task.input), "output": answer}
    return {**data, "warped": True} if task.warped else data


def _pooled_to_data(pooled: Any) -> Any:
    """True or False, the places of factors as a list, or a domain."""
    if isinstance(pooled, Domain):
        return domain_to_data(pooled)
    return list(pooled) if isinstance(pooled, tuple) else pooled


def _pooled_from_data(data: Any, group: Any) -> Any:
    if isinstance(data, dict):
        return domain_from_data(data, group)
    return tuple(data) if isinstance(data, list) else data


def _task_from_data(data: dict[str, Any], group: Any) -> Task:
    answer = data["output"]
    if "invariant" in answer:
        output: Any = Invariant(answer["invariant"])
    elif "equivariant" in answer:
        given = answer["equivariant"]
        rho = given if isinstance(given, int) else representation_from_data(given, group)
        output = Equivariant(
            rho, _pooled_from_data(answer["pooled"], group), answer.get("edges", False), answer.get("ambient", False)
        )
    else:
        output = Forces() if "forces" in answer else Positions()
    symmetry: Any = TimeWarp() if data.get("warped") else group
    given = representation_from_data(data["input"], group)
    return Task(domain_from_data(data["domain"], group), symmetry, given, output)
