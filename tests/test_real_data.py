"""The pages on real data: their code runs on a small scale, and their tables are what the recipes found."""

import json
import re
from pathlib import Path

import pytest

from erlangen import train
from erlangen.train import builtin, read_config
from erlangen.train.baselines import parameters
from erlangen.train.evidence import relation
from erlangen.train.networks import build_network, task_of
from examples import real_data as example

DOCS = Path(__file__).parents[1] / "docs"
PAGES = (
    *("rotated_mnist", "nuclei", "heads", "molecules", "genomes", "speeds", "qm9", "forces"),
    *("spherical_digits", "winds", "nbody", "dog", "bodies"),
)
RUNS = sorted(path.stem for path in example.KEPT.glob("*.json"))


def text(page: str) -> str:
    return (DOCS / f"{page}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_every_block_of_the_page_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", text(page), flags=re.DOTALL)
    assert len(blocks) >= 2
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, page, "exec"), names)


def test_every_recipe_with_a_hope_is_told_in_a_page_and_every_run_that_was_kept():
    whole = "".join(map(text, PAGES))
    assert all(f"{name}.toml" in whole for name in builtin() if read_config(name).report.hope)
    assert sorted(re.findall(r"<!-- run: ([\w-]+) -->", whole)) == RUNS


def test_every_run_that_was_kept_has_a_small_version_that_runs():
    blocks = "".join(re.findall(r"```python\n(.*?)```", "".join(map(text, PAGES)), flags=re.DOTALL))
    assert all(f'read_config("{name}")' in blocks for name in RUNS)


def test_no_cost_of_a_false_symmetry_is_claimed_where_none_was_found():
    found = example.kept("fashion-mnist")
    assert relation(found.measured("derived", [0]), found.measured("plain", [0])) == "equal"
    recipe = (Path(train.__file__).parent / "recipes" / "fashion-mnist.toml").read_text(encoding="utf-8")
    for line in (text("rotated_mnist").splitlines()[0], recipe.splitlines()[0]):
        assert not re.search("costs|loses", line)


@pytest.mark.parametrize("page", PAGES)
def test_the_tables_are_what_was_found(page: str):
    assert example.written(text(page)) == text(page)


@pytest.mark.parametrize("name", RUNS)
def test_what_was_kept_is_of_the_recipe_as_it_is(name: str):
    kept, recipe = example.settings(name), json.loads(json.dumps(read_config(name).to_dict()))
    for config in (kept, recipe):
        del config["report"], config["train"]["device"]  # what is shown, and where it was computed
    assert kept == recipe
    found, asked = example.kept(name), read_config(name)
    assert found.models == asked.train.models and {"derived", "plain"} <= set(found.models)
    assert {outcome.seed for outcome in found.outcomes} == set(asked.train.seeds) >= {0, 1, 2}
    now = parameters(build_network("derived", task_of(asked.task), asked.network))
    assert {outcome.parameters for outcome in found.of("derived")} == {now}  # of the network as it is derived now
    record = json.loads((example.KEPT / f"{name}.json").read_text(encoding="utf-8"))
    assert record == record | json.loads(json.dumps(found.to_dict()))  # what is said follows from the outcomes
    assert all(line.count("**") in (0, 2) for line in example.told(name).splitlines())  # emphasis that is closed
