"""Real data: what the built-in runs found, derived network beside plain and augmented; each in the page that tells it.

`python -m examples.real_data runs/nuclei runs/mri-tissue` keeps finished runs of `erlangen train` in
benchmarks/results/recipes; without arguments it says anew what follows from what is kept, and writes it into the pages.
"""

import json
import platform
import re
import sys
from functools import cache
from pathlib import Path

import lightning
import torch

import erlangen as er
from benchmarks.machine import machine
from erlangen.files import write_whole
from erlangen.train import read_results
from erlangen.train.config import AVERAGED, DISTANCES, EXTRINSIC, MODELS
from erlangen.train.experiment import read_run
from erlangen.train.folder import RESULTS
from erlangen.train.report import table
from erlangen.train.said import AnyResults
from erlangen.train.toml import read_config

HOME = Path(__file__).parents[1]
KEPT = HOME / "benchmarks" / "results" / "recipes"
PAGES = (HOME / "docs").glob("*.md")
MARK = re.compile(r"<!-- run: (?P<name>[\w-]+) -->\n.*?<!-- end -->", flags=re.DOTALL)
SHOWN = 4  # elements with a row of their own
FEW = 6  # of so many all have one
SAID_IN_THE_TABLE = (
    *(
        f"The {model} network{says}"
        for model in (*MODELS, AVERAGED, DISTANCES, EXTRINSIC)
        for says in (":", " is off by")
    ),
    "Mean Dice over",
)


def keep(folder: Path) -> None:
    """A finished run as one small file: its results as they are, its configuration, and what it was run on.

    One of which nothing was hoped for is in no page of its own, and stands beside the others.
    """
    config = read_run(folder)
    record = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
    versions = {"python": platform.python_version(), "torch": torch.__version__, "lightning": lightning.__version__}
    record |= {"config": config.to_dict(), "versions": {**versions, "erlangen": er.__version__}, "machine": machine()}
    place = KEPT if config.report.hope else KEPT.parent
    write_whole(place / f"{config.name}.json", json.dumps(record, ensure_ascii=False) + "\n")


def say_anew(name: str) -> None:
    """The summary, the headline and the findings of a run that was kept, as the outcomes give them now."""
    path = KEPT / f"{name}.json"
    before = path.read_text(encoding="utf-8")
    after = json.dumps(json.loads(before) | kept(name).to_dict(), ensure_ascii=False) + "\n"
    if after != before:
        write_whole(path, after)


@cache
def kept(name: str) -> AnyResults:
    """The results of the run of this name that was kept."""
    return read_results(KEPT / f"{name}.json")


def settings(name: str) -> dict:
    """The configuration that it was run with."""
    return json.loads((KEPT / f"{name}.json").read_text(encoding="utf-8"))["config"]


def told(name: str) -> str:
    """What was hoped for before the run, the table, and what follows from it, as Markdown."""
    found = kept(name)
    columns, rows = table(found, len(found.elements) if len(found.elements) <= FEW else SHOWN)
    lines = [f"Said before the run: {read_config(name).report.hope}", ""] if read_config(name).report.hope else []
    lines += [_line(columns), _line(["---", *["---:"] * (len(columns) - 1)]), *map(_line, rows), ""]
    lines += [f"- {_headline(name)}"]
    said = lines[-1]
    findings = (finding for finding in _findings(name) if not finding.startswith(SAID_IN_THE_TABLE))
    lines += [f"- {finding}" for finding in findings if finding not in said]
    return "\n".join(lines)


def written(page: str) -> str:
    """The page with what was found between its marks."""
    return MARK.sub(lambda mark: f"<!-- run: {mark['name']} -->\n{told(mark['name'])}\n<!-- end -->", page)


def _headline(name: str) -> str:
    said = json.loads((KEPT / f"{name}.json").read_text(encoding="utf-8"))["headline"]
    return f"**{said['word']}.** {said['sentence']}"


def _findings(name: str) -> list[str]:
    return json.loads((KEPT / f"{name}.json").read_text(encoding="utf-8"))["findings"]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> None:
    for folder in sys.argv[1:]:
        keep(Path(folder))
    for path in KEPT.glob("*.json"):
        say_anew(path.stem)
    for page in PAGES:
        before = page.read_text(encoding="utf-8")
        if written(before) != before:
            write_whole(page, written(before))


if __name__ == "__main__":
    main()
