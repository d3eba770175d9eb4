"""The gallery has a page for every recipe, with its run file, the licence of its data, and what was kept of its run."""

from pathlib import Path
from types import ModuleType

import pytest

from erlangen.data.catalogue import catalogue
from erlangen.train import read_config
from erlangen.train.report import headline, table

DOCS = Path(__file__).parent.parent / "docs"
RECIPES = sorted(path.stem for path in (DOCS.parent / "src/erlangen/train/recipes").glob("*.toml"))


@pytest.fixture
def gallery(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(DOCS))
    import gallery  # pyright: ignore[reportMissingImports]

    return gallery


def test_every_recipe_has_its_question(gallery: ModuleType) -> None:
    asked = {name: question for group in gallery.QUESTIONS.values() for name, question in group.items()}
    assert sorted(asked) == RECIPES
    assert all(question.endswith("?") for question in asked.values())
    assert all((DOCS / f"{page}.md").exists() for page in gallery.QUESTIONS)


@pytest.mark.parametrize("name", RECIPES)
def test_a_card_says_what_the_recipe_and_its_kept_run_say(
    gallery: ModuleType, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(gallery.OWN, "nbody", raising=False)  # its picture is simulated when the site is built
    page, entry = gallery.card(name), catalogue()[read_config(name).data.source]
    assert f"recipes/{name}.toml" in page and entry.licence in page and entry.content in page
    assert "</summary><pre>" in page
    kept = gallery.kept(name)
    if kept is None:
        assert "No run of it is kept" in page
        return
    results = gallery.read_results(kept)
    columns, rows = table(results)
    assert headline(results).word in page and page.count('class="drawings"') >= 1
    for model in results.models:
        assert model in columns
    assert f"| {rows[0][0]} | {rows[0][1]} |" in page


def test_the_index_has_the_figures_of_the_runs(gallery: ModuleType) -> None:
    index = gallery.index()
    for name in RECIPES:
        assert f"[{name}]({name}.md)" in index
    derived = gallery.read_results(gallery.KEPT / "dog.json").mean_accuracy("derived").middle
    line = next(line for line in index.splitlines() if "[dog](dog.md)" in line)
    assert f"{100 * derived:.1f}\u00a0%" in line
