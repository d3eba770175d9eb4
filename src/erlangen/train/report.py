"""The page of a run: accuracy by element, the cost of the prior, who is taken for whom, and the data behind it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from erlangen.blueprint import Blueprint
from erlangen.domains import Lattice
from erlangen.pages import bars, count, percent, picture, render, write
from erlangen.task import Task
from erlangen.train.config import Config
from erlangen.train.evaluate import audited
from erlangen.train.examples import Examples
from erlangen.train.experiment import NETWORK, shown_examples
from erlangen.train.moving import elements
from erlangen.train.networks import load_network, task_of
from erlangen.train.results import Results, Spread, findings

REPORT, EXPLAIN = "report.html", "explain.html"
ABOUT = {
    "derived": "keeps the symmetry by construction",
    "plain": "an ordinary CNN of as many parameters",
    "augmented": "the same CNN, trained on moved examples",
}


def write_report(config: Config, examples: Examples, results: Results, folder: Path) -> Path:
    """folder/report.html, with explain.html and an audit page for each model of the first seed beside it.

    Every page is one file and needs no network. Returns the path of the report.
    """
    task = task_of(config.task)
    links = _companions(config, task, examples, results, folder)
    return write(folder / REPORT, render("train.html", context(config, task, examples, results, links)))


def context(
    config: Config, task: Task, examples: Examples, results: Results, links: list[tuple[str, str]]
) -> dict[str, Any]:
    """All that train.html shows, as plain values and drawings."""
    columns, rows = table(results)
    return {
        "title": config.name,
        "lead": f"{task.symmetry} on {task.domain!r}: trained as the data are, tested at every element of the group.",
        "hero": _hero(results),
        "findings": findings(results),
        "protocol": _protocol(examples, results),
        "charts": [_chart(results, model, number) for number, model in enumerate(results.models, start=1)],
        "columns": columns,
        "rows": rows,
        "pairs": [_pair(results, pair) for pair in results.pairs],
        "matrices": [_matrix(results, model, i) for i in range(len(results.elements)) for model in results.models],
        "examples": _examples(config, task, examples, results),
        "links": links,
        "facts": _facts(config, examples, results),
        "configuration": json.dumps(config.to_dict(), indent=1, ensure_ascii=False),
        "footer": f"{examples.name}: {examples.citation or examples.source}. Licence: {examples.licence}.",
    }


def table(results: Results) -> tuple[list[str], list[list[str]]]:
    """A column a model: accuracy at each element as median (least–greatest), agreement, parameters, seconds."""
    models = results.models
    rows = [
        [name, *(spread_text(results.accuracy(model, i)) for model in models)]
        for i, name in enumerate(results.elements)
    ]
    if len(results.elements) > 1:
        rows.append(["mean over all", *(spread_text(results.mean_accuracy(model)) for model in models)])
        rows.append(["agrees with upright", *(_share(*results.agreement(model)) for model in models)])
    rows.append(["parameters", *(count(results.parameters(model)) for model in models)])
    rows.append(["seconds to train", *(f"{results.seconds(model):.0f}" for model in models)])
    return ["accuracy in %", *models], rows


def _share(agreeing: int, decided: int) -> str:
    return percent(agreeing / decided) if decided else "–"


def spread_text(spread: Spread) -> str:
    """The median in per cent, with the least and the greatest where they differ.

    >>> spread_text(Spread(0.95, 0.9, 0.97)), spread_text(Spread(0.5, 0.5, 0.5))
    ('95.0 (90.0–97.0)', '50.0')
    """
    middle, low, high = (percent(value).removesuffix(" %") for value in (spread.median, spread.low, spread.high))
    return middle if spread.low == spread.high else f"{middle} ({low}–{high})"


def _hero(results: Results) -> dict[str, str]:
    model = "derived" if "derived" in results.models else results.models[0]
    worst = min(results.accuracy(model, i).median for i in range(len(results.elements)))
    agreeing, decided = results.agreement(model)
    word = f"{percent(worst)} at every element" if len(results.elements) > 1 else percent(worst)
    kept = "every decided answer is the one given upright" if agreeing == decided else "not every answer is kept"
    sentence = f"The {model} network at its worst element, median of {len(results.of(model))} seed(s); {kept}."
    return {"word": word, "sentence": sentence, "tone": "good" if agreeing == decided else "bad"}


def _protocol(examples: Examples, results: Results) -> str:
    seeds = len(results.of(results.models[0]))
    return (
        f"Trained on {count(len(examples.train))} examples as they are (the augmented network on the same, moved at "
        f"random), chosen on {count(len(examples.validation))} for validation, tested once on "
        f"{count(len(examples.test))} others moved by each element. Median over {seeds} seed(s), in brackets the least "
        "and the greatest. An answer agrees where it is the one given upright; those whose two best scores lie within "
        "1e-4 are left out."
    )


def _chart(results: Results, model: str, series: int) -> tuple[Any, str, str]:
    heights = [100 * results.accuracy(model, i).median for i in range(len(results.elements))]
    drawing = bars(heights, labels=results.elements, low=0, high=100, series=series)
    return drawing, model, f"{ABOUT.get(model, '')}. Accuracy in per cent, 0 to 100."


def _pair(results: Results, pair: tuple[str, str]) -> dict[str, Any]:
    a, b = pair
    rows = [
        [
            model,
            *(f"{wrong} of {total}" for wrong, total in (results.confused(model, i, pair) for i in _range(results))),
        ]
        for model in results.models
    ]
    text = (
        f"The declared symmetry says that moving an example does not change its class. For {a} and {b} that is false: "
        f"a moved {a} can look like a {b}. A network that keeps the symmetry can tell them apart only by details of "
        "how they are drawn; what it confuses is the cost of the prior. What a network without it confuses stands "
        "beside it, upright and at the other elements. Counts over all seeds."
    )
    return {
        "title": f"{a} and {b}: what a prior costs where it is false",
        "text": text,
        "columns": [f"{a} and {b} taken for each other", *results.elements],
        "rows": rows,
    }


def _range(results: Results) -> range:
    return range(len(results.elements))


def _matrix(results: Results, model: str, element: int) -> dict[str, Any]:
    counts = results.confusion(model, element)
    called = {(a, b) for pair in results.pairs for a, b in (pair, pair[::-1])}
    names = results.classes
    rows = []
    for i, line in enumerate(counts):
        total = max(1, sum(line))
        cells = [
            {"count": n, "share": round(80 * n / total), "right": i == j, "called": (names[i], names[j]) in called}
            for j, n in enumerate(line)
        ]
        rows.append({"name": names[i], "cells": cells})
    return {
        "model": model,
        "element": results.elements[element],
        "classes": names,
        "rows": rows,
        "upright": element == 0,
    }


def _examples(config: Config, task: Task, examples: Examples, results: Results) -> list[dict[str, Any]]:
    """The shown test examples at each element, as pictures, with what each model of the first seed says."""
    pictured = isinstance(task.domain, Lattice) and task.domain.dim == 2 and examples.test.inputs.shape[1] in (1, 3)
    if not pictured or task.source.rho.dim != examples.test.inputs.shape[1] or examples.test.targets.ndim > 1:
        return []
    firsts = {model: results.of(model)[0] for model in results.models}
    listed = []
    for place, index in enumerate(shown_examples(config, examples)):
        drawn = []
        for number, g in enumerate(elements(task)):
            moved = task.source.act(g, examples.test.inputs[index : index + 1])[0]
            said = [f"{model} {results.classes[o.at[number].said[place]]}" for model, o in firsts.items()]
            drawn.append((picture(_pixels(moved)), results.elements[number], ", ".join(said)))
        label = results.classes[int(examples.test.targets[index])]
        listed.append({"title": f"Test example {index}, class {label}", "pictures": drawn})
    return listed


def _pixels(x: Tensor) -> np.ndarray:
    return x[0].numpy() if x.shape[0] == 1 else x.movedim(0, -1).numpy()


def _facts(config: Config, examples: Examples, results: Results) -> list[tuple[str, str]]:
    epochs = [outcome.best_epoch for outcome in results.outcomes]
    return [
        ("data", examples.name),
        ("source", examples.source),
        ("licence", examples.licence),
        (
            "train / validation / test",
            " / ".join(count(len(p)) for p in (examples.train, examples.validation, examples.test)),
        ),
        ("size", f"{examples.train.inputs.shape[1]} × " + " × ".join(map(str, examples.train.inputs.shape[2:]))),
        ("seeds", ", ".join(map(str, config.train.seeds))),
        ("best epochs", f"{min(epochs)} to {max(epochs)} of at most {config.train.epochs}"),
        ("training", f"{sum(outcome.seconds for outcome in results.outcomes):.0f} s in all"),
    ]


def _companions(
    config: Config, task: Task, examples: Examples, results: Results, folder: Path
) -> list[tuple[str, str]]:
    """Write explain.html of the derived network and an audit page of each model; returns their names and files."""
    links, seed = [], config.train.seeds[0]
    for model in results.models:
        net, _ = load_network(folder / f"seed-{seed}" / model / NETWORK)
        if isinstance(net, Blueprint):
            net.explain().to_html(folder / EXPLAIN)
            links.append(("why this network", EXPLAIN))
        page = f"audit-{model}.html"
        report = audited(net, task, examples.test.inputs)
        report.to_html(folder / page)
        links.append((f"audit of the {model} network: {report.verdict}", page))
    return links
