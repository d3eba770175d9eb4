"""The folder of the project, and what of it belongs to the project."""

import inspect
import subprocess
from pathlib import Path

import pytest

import erlangen as er

HOUSE = Path(__file__).parent.parent


def tracked() -> list[Path]:
    """Every file that is committed or would be."""
    if not (HOUSE / ".git").exists():
        pytest.skip("not a git clone")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, check=True).stdout.split("\0")
    return [HOUSE / name for name in names if name and (HOUSE / name).is_file()]


ROOMS = (
    "auditing",
    "blueprint",
    "data",
    "domains",
    "groups",
    "layers",
    "repairing",
    "representations",
    "solve",
    "symmetrize",
    "testing",
    "train",
)


def public_names() -> dict[str, object]:
    """What a user finds under `er.` and under `er.room.`: each class and function of ours, by its dotted name."""
    places = {"": er} | {f"{room}.": getattr(er, room) for room in ROOMS}
    found = {f"{place}{name}": getattr(room, name) for place, room in places.items() for name in dir(room)}
    return {name: thing for name, thing in found.items() if _is_ours(thing) and "._" not in f".{name}"}


def _is_ours(thing: object) -> bool:
    ours = (inspect.isclass(thing) or inspect.isfunction(thing)) and thing.__module__.startswith("erlangen.")
    return ours and not thing.__name__.startswith("_")
