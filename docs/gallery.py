"""The gallery: a page a recipe, with its question, data, run file, kept results, and why its network is as it is."""

import re
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from gallery_pictures import OWN, own_picture

from erlangen.data.catalogue import catalogue
from erlangen.pages import number, percent
from erlangen.train import read_config, read_results
from erlangen.train.config import Config
from erlangen.train.networks import derived_network, task_of
from erlangen.train.report import against_true, charts, class_table, findings, headline, table
from erlangen.train.results import Results
from erlangen.train.said import AnyResults

DOCS = Path(__file__).parent
RECIPES = DOCS.parent / "src/erlangen/train/recipes"
KEPT = DOCS.parent / "benchmarks/results/recipes"
MODELS = ("derived", "plain", "augmented")
ALIGNED = "| --- | --- | ---: | ---: | ---: | --- |"
QUESTIONS = {  # by the page of their domain: what is asked of one example
    "images": {
        "rotated-digits": "Which digit is it, upright or turned by quarters?",
        "rotated-mnist": "Which digit is it, whichever way it is turned?",
        "fashion-mnist": "Which garment is it, turned or mirrored?",
        "nuclei": "Which pixels belong to the nucleus of a cell?",
    },
    "hexagons": {"hexagonal-digits": "Which digit is it, on hexagonal pixels, turned by sixths?"},
    "volumes": {
        "mri-tissue": "Of which tissue is each voxel of a head?",
        "mri-sides": "Which voxels belong to what is left, and which to what is right?",
    },
    "dna": {
        "nucleosomes": "Does this stretch of DNA hold a nucleosome?",
        "dnase": "Is this stretch of DNA open to enzymes?",
        "motifs": "Which binding site was planted, on either strand?",
        "splice": "Is there a border of exon and intron in the middle, and which way round?",
        "chlamydia-genes": "Is each letter part of a gene, and on which strand?",
        "chlamydia-strand": "On which strand is this gene?",
    },
    "time": {
        "vowels": "Who of nine men speaks, fast or slow?",
        "watch": "Which exercise does the arm with the watch do, fast or slow?",
    },
    "graphs": {
        "mutag": "Does this molecule make bacteria mutate?",
        "solubility": "How well does this molecule dissolve in water?",
        "cells": "Of which type is each blood cell?",
    },
    "points": {
        "nbody": "Where will five charged particles be?",
        "qm9": "How wide is the gap between a molecule's orbitals?",
        "qm9-vector": "Which way does a molecule's dipole point?",
        "xtb-forces": "What is the energy of ethanol, and what pulls at its atoms?",
    },
    "sphere": {
        "spherical-digits": "Which digit is it, anywhere on a sphere, learnt at the pole?",
        "spherical-digits-r-r": "Which digit is it, anywhere on a sphere, learnt anywhere?",
        "winds": "How will the wind of a month change, on a planet with an axis?",
        "winds-with-axis": "How will it change, with all rotations kept and the axis told?",
        "winds-alone": "How will it change, with all rotations kept and nothing told?",
    },
    "meshes": {
        "dog": "Which part of the dog is each vertex, left and right told apart?",
        "dog-parts": "Which part of the dog is each vertex?",
        "bodies": "Which part of the body is each vertex, of people who were not seen?",
    },
}
LEAD = """\
Every recipe of `erlangen train`: what it asks, on which data, with which symmetry, and what came of it. Beside
the derived network stand a plain one of equal parameters and the same trained on moved examples. Figures are medians
over seeds of the mean over all elements that were tested, as the runs left them in `benchmarks/results/recipes`;
nothing is trained for this page."""


def write_gallery(folder: Path) -> None:
    """The index and a page a recipe, where they are not so already."""
    folder.mkdir(exist_ok=True)
    names = [name for group in QUESTIONS.values() for name in group]
    pages = {"index": index(), **{name: card(name) for name in names}}
    for name, text in pages.items():
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def index() -> str:
    """A table of all recipes, by domain."""
    lines = ["# Gallery of recipes\n", LEAD, ""]
    for page, group in QUESTIONS.items():
        heading = (DOCS / f"{page}.md").read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        lines += [f"## [{heading}](../{page}.md)\n", _row(["recipe", "question", *MODELS, ""]), ALIGNED]
        for name, question in group.items():
            lines.append(_row([f"[{name}]({name}.md)", question, *_figures(name)]))
        lines.append("")
    return "\n".join(lines)


def card(name: str) -> str:
    """All that is known of a recipe without training."""
    config, (page, question) = read_config(name), _question(name)
    parts = [
        "---\norphan: true\n---\n",  # found by the index, and not in the margin of every page
        f"# {name}\n",
        f"**{question}** ([all recipes](index.md))\n",
        _picture(name, page),
        _declared(config),
        _data(config),
    ]
    results = _results(name)
    parts.append(_told(config, results) if results else _not_kept(name))
    file = f"```{{literalinclude}} ../../src/erlangen/train/recipes/{name}.toml\n:language: toml\n```\n"
    parts += ["## The run file\n", file, "## Why this network\n", _explained(config)]
    return "\n".join(parts)


def _question(name: str) -> tuple[str, str]:
    return next((page, group[name]) for page, group in QUESTIONS.items() if name in group)


def kept(name: str) -> Path | None:
    """Where its run is kept; one that hoped for nothing beforehand lies beside those that did."""
    places = (place / f"{name}.json" for place in (KEPT, KEPT.parent))
    return next((path for path in places if path.exists()), None)


@cache
def _results(name: str) -> AnyResults | None:
    path = kept(name)
    return read_results(path) if path else None


def _figures(name: str) -> list[str]:
    """What the three networks score, and the verdict; dashes where no run is kept."""
    results = _results(name)
    if results is None:
        return ["–", "–", "–", "not kept"]
    said = [_score(results, model) if model in results.models else "–" for model in MODELS]
    return [*said, headline(results).word]


def _score(results: AnyResults, model: str) -> str:
    if isinstance(results, Results):
        return percent(results.mean_accuracy(model).middle).replace(" ", "\u00a0")
    return f"off by {results.with_unit(number(results.mean_error(model).middle))}".replace(" ", "\u00a0")


def _picture(name: str, page: str) -> str:
    """An example where the data are there without fetching; else the symmetry of its domain."""
    if name in OWN:
        return own_picture(name)
    said = f"What the symmetry means on this domain; more in [{page}](../{page}.md)."
    return f"![The symmetry of the domain as a commuting square](../diagrams/{page}.svg)\n\n{said}\n"


def _declared(config: Config) -> str:
    task = task_of(config.task)
    output = config.task.output
    declared = f"`er.Task({task.domain!r}, {task.symmetry!r}, …, {output})`"
    sections = ", ".join(f"[{path.stem.replace('_', ' ')}](../{path.name})" for path in _pages(config.name))
    return f"Declared is {declared}." + (f" The story of the run: {sections}." if sections else "") + "\n"


def _pages(name: str) -> list[Path]:
    mark = re.compile(
        rf"<!-- run: {re.escape(name)} -->|recipes/{re.escape(name)}\.toml|erlangen train {re.escape(name)}(?![\w-])"
    )
    return [path for path in sorted(DOCS.glob("*.md")) if mark.search(path.read_text(encoding="utf-8"))]


def _data(config: Config) -> str:
    entry = catalogue()[config.data.source]
    way = f"`erlangen data fetch {entry.name}`" if entry.fetch else "nothing to fetch"
    facts = [
        ("what", entry.content),
        ("licence", entry.licence),
        ("source", f"{entry.source}; {entry.size}"),
        ("to get them", way),
    ]
    return "\n".join(["## Data\n", *(f"- **{head}**: {said}" for head, said in facts), ""])


def _told(config: Config, results: AnyResults) -> str:
    """Headline, findings, table and drawings of a kept run."""
    found = headline(results)
    columns, rows = table(results)
    lines = ["## Results\n", f"**{found.word}.** {found.sentence}\n"]
    lines += [f"Said before the run: {config.report.hope}\n"] if config.report.hope else []
    lines += _table(columns, rows)
    lines += ["", drawings(charts(task_of(config.task), results))]
    if isinstance(results, Results):
        if results.has_masks:
            lines += ["How much of each class is found:\n", *_table(*class_table(results)), ""]
    else:
        lines += [f"Said over true, {results.quantity}:\n", drawings(against_true(results))]
    lines += ["What the numbers say:\n", *(f"- {finding}" for finding in findings(results)), ""]
    return "\n".join(lines)


def _not_kept(name: str) -> str:
    return f"## Results\n\nNo run of it is kept here; `erlangen train {name}` makes one, with its report.\n"


def drawings(figures: list[tuple[Any, str, str]]) -> str:
    """Drawings of a report side by side, as they are, with their captions."""
    drawn = "".join(
        f"<figure>{drawing}<figcaption><b>{escape(name)}</b> {escape(caption)}</figcaption></figure>"
        for drawing, name, caption in figures
    )
    return f'```{{raw}} html\n<div class="drawings">{drawn}</div>\n```\n'


def _explained(config: Config) -> str:
    explanation = derived_network(task_of(config.task), config.network).explain()
    lead = f"Cannot see: {explanation.blind}\n" if explanation.blind else ""
    whole = escape(str(explanation))
    shut = f"<details><summary>All of it, layer by layer</summary><pre>{whole}</pre></details>"
    return f"{lead}\n```{{raw}} html\n{shut}\n```\n"


def _table(columns: list[str], rows: list[list[str]]) -> list[str]:
    head = [_row(columns), _row(["---", *["---:"] * (len(columns) - 1)])]
    return [*head, *(_row(["" if cell is None else str(cell) for cell in row]) for row in rows)]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '∣') for cell in cells)} |"
