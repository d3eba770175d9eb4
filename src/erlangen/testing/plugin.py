"""The pytest plugin: the fixture `symmetric`, and `--symmetry-report DIR` for the page and the numbers of every audit.

pytest finds it by itself where erlangen is installed. It loads nothing until a test calls the fixture.
"""

import json
import re
import zlib
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from erlangen.auditing import AuditReport

LONGEST = 100  # characters of a test's name in the name of a file


def pytest_addoption(parser: pytest.Parser) -> None:
    """--symmetry-report."""
    parser.getgroup("erlangen", "symmetries (erlangen)").addoption(
        "--symmetry-report",
        metavar="DIR",
        help="Write the page and the numbers of every audit that the fixture `symmetric` makes to this folder.",
    )


@pytest.fixture
def symmetric(request: pytest.FixtureRequest) -> "Callable[..., AuditReport]":
    """`symmetric(model, er.Grid(2), er.D(4))` fails the test, with the report, unless the model keeps the symmetry.

    It takes what `er.testing.assert_symmetric` takes, and returns the last report.
    """
    asked = request.config.getoption("--symmetry-report")
    folder = None if asked is None else request.config.invocation_params.dir / asked  # wherever a test may go meanwhile
    numbers = count(1)

    def check(*question: Any, **options: Any) -> "AuditReport":
        __tracebackhide__ = True
        from erlangen.testing.symmetric import audits

        report = None
        for report in audits(*question, **options):
            page = None if folder is None else _write(report, folder / f"{_file(request.node.nodeid)}-{next(numbers)}")
            if not report.passed:
                raise AssertionError(f"\n{report}" + (f"\n\nPage: {page}" if page else ""))
        assert report is not None
        return report

    return check


def _write(report: "AuditReport", path: Path) -> Path:
    """The page at `path`.html and the numbers at `path`.json; which page it is."""
    from erlangen.files import write_whole

    write_whole(f"{path}.json", json.dumps(report.to_dict(), indent=1, ensure_ascii=False) + "\n")
    return report.to_html(f"{path}.html")


def _file(test: str) -> str:
    """The test's name as one of a file on every system, of its own also where only its signs tell it from another's.

    >>> _file("tests/test_net.py::test_turns[C(4)]")
    'test_net-test_turns-C-4-b367a9c8'
    """
    words = re.sub(r"\W+", "-", test.rpartition("/")[2].replace(".py::", "-")).strip("-")
    return f"{words[:LONGEST]}-{zlib.crc32(test.encode()):08x}"
