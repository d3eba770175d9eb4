"""The first page and the front page run; the run file in it is one."""

import re
import tomllib
from pathlib import Path

import erlangen as er
from erlangen.train.networks import task_of
from erlangen.train.toml import config_from
from tests.written import run_blocks

DOCS = Path(__file__).parent.parent / "docs"


def test_the_first_page_runs() -> None:
    run_blocks(DOCS / "start.md", er__derive=1, er__audit=2, er__save=1)


def test_the_front_page_runs() -> None:
    run_blocks(DOCS / "index.md", er__derive=1)


def test_its_run_file_is_one() -> None:
    (written,) = re.findall(r"```toml\n(.*?)```", (DOCS / "start.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    config = config_from(tomllib.loads(written), "the page", "mine")
    assert task_of(config.task).domain == er.Grid(2) and config.report.pairs == (("6", "9"),)
