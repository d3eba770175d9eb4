"""The reference: a page a room of the house, each with the public names that its `__init__` gives out."""

import ast
import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import Any

ROOMS = {
    "erlangen": "What is asked most, under one short name: `import erlangen as er`.",
    "groups": "Symmetries: finite groups, SO, O, products, and what has no list of elements.",
    "representations": "How groups act on vectors.",
    "domains": "Where data live.",
    "solve": "Hom_G: all linear maps that commute with a group.",
    "layers": "The four kinds of layer: linear, nonlinear, pooling, readout.",
    "blueprint": "From a task to a network that explains itself.",
    "auditing": "What a model keeps, where and why it breaks.",
    "repairing": "From a trained network to its nearest symmetric one.",
    "symmetrize": "Average, canonicalize, augment: symmetry around any model.",
    "train": "Runs: from a TOML file to a report.",
    "data": "Named data and one's own files.",
    "testing": "The laws that layers, groups and domains of one's own are held to.",
}


def write_reference(folder: Path) -> None:
    """One Markdown file a room, and the index of them, where they are not so already."""
    folder.mkdir(exist_ok=True)
    names = [room for room in ROOMS if public(room)]
    table = "\n".join(f"- [{title(room)}]({room}.md): {ROOMS[room]}" for room in names)
    listed = "\n".join(names)
    pages = {"index": f"# Reference\n\n{table}\n\n```{{toctree}}\n:hidden:\n\n{listed}\n```\n"}
    pages |= {room: page(room) for room in names}
    for name, text in pages.items():
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def title(room: str) -> str:
    """As it is imported."""
    return "erlangen" if room == "erlangen" else f"erlangen.{room}"


def page(room: str) -> str:
    """A heading and a directive for every public name; what another room's page tells is left to it."""
    lines = [f"# {title(room)}", "", ROOMS[room], ""]
    for name, thing in public(room).items():
        kind = "autoclass" if inspect.isclass(thing) else "autofunction"
        options = "   :members:\n" if inspect.isclass(thing) and issubclass_of_ours(thing) else ""
        lines += [f"## {name}", "", f"```{{eval-rst}}\n.. {kind}:: {title(room)}.{name}\n{options}```", ""]
    return "\n".join(lines)


def public(room: str) -> dict[str, Any]:
    """Names and what they name, in the order of the room's own file; those of other rooms only on the first page."""
    module = importlib.import_module(title(room))
    if room == "erlangen":
        return {name: getattr(module, name) for name in given_out(module) if told(getattr(module, name), room)}
    first = importlib.import_module("erlangen")
    elsewhere = {id(getattr(first, name)) for name in given_out(first)}
    found = {name: getattr(module, name) for name in given_out(module)}
    return {name: thing for name, thing in found.items() if told(thing, room) and id(thing) not in elsewhere}


def told(thing: Any, room: str) -> bool:
    """Whether it is a class or function of ours with a docstring."""
    ours = getattr(thing, "__module__", "").startswith("erlangen")
    return (inspect.isclass(thing) or callable(thing)) and ours and bool(thing.__doc__)


def issubclass_of_ours(kind: type) -> bool:
    """Whether its members are worth a list: those of exceptions are Python's own."""
    return not issubclass(kind, BaseException)


def given_out(module: ModuleType) -> list[str]:
    """What a room gives out: its `__all__`, or the names that it imports as themselves."""
    listed = getattr(module, "__all__", None)
    if listed is not None:
        return sorted(listed)
    assert module.__file__ is not None
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    imported = [alias for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]
    return sorted({alias.asname for alias in imported if alias.asname == alias.name})


def as_rest(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """In place: signs that reST would read are escaped outside of ticks and examples; examples stand behind a blank."""
    made: list[str] = []
    example = False
    for line in lines:
        begins = line.lstrip().startswith(">>>")
        if begins and made and made[-1].strip() and not example:
            made.append("")
        example = begins or (example and bool(line.strip()))
        made.append(line if example else escaped(line))
    lines[:] = made


def escaped(line: str) -> str:
    """|x|, x*, x_ as they are, but in `ticks`.

    >>> escaped("|x| and `|y|` of x_")
    '\\\\|x\\\\| and `|y|` of x\\\\_'
    """
    parts = re.split(r"(`[^`]*`)", line)
    return "".join(part if part.startswith("`") else re.sub(r"([|*_\\])", r"\\\1", part) for part in parts)
