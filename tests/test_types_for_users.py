"""Types from a user's side: a type checker reads programs against the installed wheel, whose `py.typed` it heeds."""

import inspect
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.house import HOUSE, public_names
from tests.installed import run

PROGRAMS = HOUSE / "tests" / "typed"
OF_A_CHOICE = {"data.DataSet": "data.DataSet[er.data.TensorPair]"}  # generic: known once it is said of what


@pytest.fixture(scope="module")
def found(user_python: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What the type checker says of the three programs, together, since most of its time goes to reading torch."""
    place = tmp_path_factory.mktemp("programs")
    for name in ("right.py", "wrong.py"):
        shutil.copy(PROGRAMS / name, place)
    (place / "every.py").write_text("\n".join(every_name()), encoding="utf-8")
    settings = {"typeCheckingMode": "standard", "pythonVersion": "3.11"}
    (place / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "--pythonpath", str(user_python)]
    return json.loads(run(command, place, expected=1))["generalDiagnostics"]


def every_name() -> Iterator[str]:
    """A program that touches each public class and function, and their public methods and properties, once."""
    yield "# pyright: strict, reportUnusedExpression=false"
    yield "import erlangen as er"
    for name, thing in public_names().items():
        yield f"er.{name}"
        if inspect.isclass(thing):
            whole = OF_A_CHOICE.get(name, name)
            yield f"def use_{name.replace('.', '_')}(x: er.{whole}) -> None:"
            yield from (f"    x.{member}" for member in ("__init__", *members(thing)))


def members(cls: type) -> list[str]:
    kinds = (property, classmethod, staticmethod)
    return [n for n, m in vars(cls).items() if n[0] != "_" and (isinstance(m, kinds) or inspect.isfunction(m))]


def of(found: list[dict[str, Any]], program: str) -> list[tuple[int, str, str]]:
    """Line, rule and message of each finding."""
    mine = (item for item in found if Path(item["file"]).name == program and item["severity"] == "error")
    return [(item["range"]["start"]["line"] + 1, item.get("rule", ""), item["message"]) for item in mine]


def test_types_are_those_that_a_user_expects(found: list[dict[str, Any]]) -> None:
    assert of(found, "right.py") == []


def test_wrong_calls_are_found_where_they_are(found: list[dict[str, Any]]) -> None:
    lines = (PROGRAMS / "wrong.py").read_text(encoding="utf-8").splitlines()
    expected = [(number, rule) for number, line in enumerate(lines, 1) for rule in re.findall(r"\breport\w+", line)]
    assert len(expected) > 10
    assert [(line, rule) for line, rule, _ in of(found, "wrong.py")] == expected


def test_no_type_of_a_public_name_is_unknown(found: list[dict[str, Any]]) -> None:
    program = list(every_name())
    assert len(program) > 1000
    assert [(program[line - 1].strip(), message) for line, _, message in of(found, "every.py")] == []
