"""The page of a run: the result, accuracy by element, the cost of the prior, who is taken for whom, and the data."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from erlangen.blueprint import Blueprint
from erlangen.blueprint.relaxed import share_in_words
from erlangen.domains import Mesh, Nest, Points, Product, Sphere
from erlangen.domains.packed import Packed
from erlangen.pages import count, levels, number, percent, render, several, write
from erlangen.task import Forces, Task
from erlangen.train.answers import has_dense_answer
from erlangen.train.config import Config
from erlangen.train.elements import INTERPOLATED
from erlangen.train.evaluate import audited, by_verdict
from erlangen.train.examples import Examples
from erlangen.train.fit import bound
from erlangen.train.folder import EXPLAIN, NETWORK, REPORT
from erlangen.train.folds import fold_of
from erlangen.train.gallery import class_colours, gallery
from erlangen.train.matrices import matrix
from erlangen.train.networks import load_network, task_of
from erlangen.train.pairs import meaning, pair_evidence
from erlangen.train.places import place
from erlangen.train.progress import Tell, part_of
from erlangen.train.protocol import lead_on_packed, protocol, size, symmetry_of
from erlangen.train.results import Results
from erlangen.train.said import AnyResults, findings, headline
from erlangen.train.said import table as table
from erlangen.train.tables import MOST_ELEMENTS, class_table, spread_text
from erlangen.train.value_charts import against_true, error_charts
from erlangen.train.value_results import ValueResults
from erlangen.train.words import UPRIGHT, words

ABOUT = {
    "derived": "keeps the symmetry by construction",
    "plain": "an ordinary CNN of as many parameters",
    "augmented": "the same CNN, trained on moved examples",
    "averaged": "the augmented network, its answers averaged over the group",
}
IN_TIME = {
    "derived": "recurrent, and keeps every warping of time that it is told of by construction",
    "plain": "torch's own recurrent network of as many parameters, which is told nothing",
    "augmented": "the same, trained on examples at other speeds",
}
ON_WHOLES = {
    "derived": "keeps every relabelling by construction",
    "plain": "an MLP of as many parameters, on points and adjacency matrix in their stored order",
    "augmented": "the same MLP, trained on relabelled examples",
}
ON_COMPOUND = {
    "derived": "keeps the symmetry and every relabelling by construction",
    "plain": "of as many parameters: convolutions of what stands at each point, then an ordinary network on the points",
    "augmented": "the same network, trained on relabelled and moved examples",
}
AT_POINTS = {
    "derived": "keeps every relabelling by construction",
    "plain": "an MLP of as many parameters on the features of each point alone, without the others and without edges",
    "augmented": "the same MLP: without the other points there is no order to learn",
}
ON_POINTS = {
    "derived": "keeps the symmetry by construction",
    "plain": "a message-passing network of as many parameters on vectors between neighbours, free to break it",
    "augmented": "the same network, trained on turned clouds",
    "distances": "as large a message-passing network on distances alone, as EGNN; it keeps the symmetry too",
}
ON_FORCES = {
    **ON_POINTS,
    "plain": "convolutions of as many parameters, smooth as these, which only shifts and relabelling bind",
    "augmented": "the same convolutions, trained on turned molecules",
}
ON_MESHES = {
    "derived": "keeps the symmetry by construction",
    "plain": "a PointNet of as many parameters, on where vertices are; it takes no notice of the triangles",
    "augmented": "the same PointNet, trained on turned surfaces",
    "extrinsic": "as derived, but for rigid motions alone: it looks at how a surface lies in space, too",
}
ON_SPHERE = {
    "derived": "keeps the symmetry by construction",
    "plain": "an ordinary CNN of as many parameters on the picture of latitudes and longitudes, whose columns go round",
    "augmented": "the same CNN, trained on moved examples",
}
RELAXED = "expected to keep the symmetry, free to break it where the data do"
EXACT_ONLY = ", exactly on the lattice and nearly between its sites"
OF_A_KIND = ("against", "class_table", "pairs", "matrices", "examples", "masks", "legend", "quantity")  # of some runs
Links = list[tuple[str, str]]


def write_report(
    config: Config, examples: Examples, results: AnyResults, folder: Path, *, tell: Tell | None = None
) -> Path:
    """folder/report.html, with explain.html and an audit page for each model of the first seed beside it.

    Every page is one file and needs no network. `tell(fraction, text, done)` is called as the audits go, which keep to
    the threads of the run. Returns the path of the report.
    """
    task, seed = task_of(config.task), config.train.seeds[0]
    examples = fold_of(config, examples, seed)
    nets = {model: load_network(folder / f"seed-{seed}" / model / NETWORK)[0] for model in results.models}
    with bound(config.train.threads):
        links = _companions(task, examples, nets, folder, tell)
        page = render("train.html", context(config, task, examples, results, nets, links))
    return write(folder / REPORT, page)


def context(
    config: Config, task: Task, examples: Examples, results: AnyResults, nets: Mapping[str, nn.Module], links: Links
) -> dict[str, Any]:
    """All that train.html shows, as plain values and drawings."""
    columns, rows = table(results)
    said = words(results)
    if isinstance(results, Results):
        of_kind = _of_classes(config, task, examples, results, nets)
    else:
        of_kind = _of_values(task, results)
    return {
        **dict.fromkeys(OF_A_KIND, ()),
        "words": {
            "every": f"{said.at} every {said.element}",
            "still": said.at_first,
            "moved": said.moved,
            "others": said.others,
            "runs": f"{said.run}s",
        },
        "title": config.name,
        "lead": _lead(task, results),
        "hero": headline(results),
        "hope": config.report.hope,
        "findings": findings(results),
        "protocol": protocol(examples, results),
        "columns": columns,
        "rows": rows,
        **of_kind,
        "links": links,
        "facts": [*_facts(config, examples, results), *_what_breaks(nets)],
        "configuration": json.dumps(_shown(config), indent=1, ensure_ascii=False),
        "footer": f"{examples.name}: {examples.citation or place(examples.source)}. Licence: {examples.licence}.",
    }


def charts(task: Task, results: AnyResults, nets: Mapping[str, nn.Module] | None = None) -> list[tuple[Any, str, str]]:
    """(drawing, name, caption) of each model: bars of its accuracy, or of its error, at every element.

    Results are all that is needed; `nets` tell which of the networks are relaxed.
    """
    if not isinstance(results, Results):
        return error_charts(results, _about(task))
    relaxed = {model for model, net in (nets or {}).items() if _is_relaxed(net)}
    return [_chart(task, results, model, i, model in relaxed) for i, model in enumerate(results.models, start=1)]


def _of_classes(
    config: Config, task: Task, examples: Examples, results: Results, nets: Mapping[str, nn.Module]
) -> dict[str, Any]:
    """What is shown of answers that are classes."""
    return {
        "measure": "Accuracy",
        "charts": charts(task, results, nets),
        "class_table": class_table(results) if results.has_masks else None,
        "pairs": [_pair(results, pair) for pair in results.pairs],
        "matrices": [matrix(results, model, i) for i in results.shown(MOST_ELEMENTS) for model in results.models],
        "examples": gallery(config, task, examples, results, nets),
        "masks": examples.test.dense,
        "legend": class_colours(task, results.classes),
    }


def _of_values(task: Task, results: ValueResults) -> dict[str, Any]:
    """What is shown of answers that are values."""
    return {
        "measure": "Mean error",
        "charts": charts(task, results),
        "against": against_true(results),
        "quantity": f"{results.quantity}{', in ' + results.unit if results.unit else ''}",
    }


def _lead(task: Task, results: AnyResults) -> str:
    """What was declared and what was tested: all of the group, or what the lattice keeps of it and some besides."""
    if task.domain.packed:
        return lead_on_packed(task, results)
    said = words(results)
    tested = f"tested {said.at} every {said.element}{' of the group' * (said == UPRIGHT)}"
    if not all(results.exact):
        kept = sum(results.exact)
        rest = len(results.exact) - kept
        tested = f"tested at {several(kept, said.element)} {said.kept} and at {rest} others, {INTERPOLATED} (≈)"
    return f"{symmetry_of(task)} on {task.domain!r}: trained as the data are, {tested}."


def _about(task: Task) -> dict[str, str]:
    """What each network is."""
    if task.warped:
        return IN_TIME
    if isinstance(task.domain, Points):
        return ON_FORCES if isinstance(task.output, Forces) else ON_POINTS
    if isinstance(task.domain, Sphere):
        return ON_SPHERE
    if isinstance(task.domain, Mesh):
        return ON_MESHES
    if isinstance(task.domain, Product | Nest):
        return ON_COMPOUND if task.domain.packed else ABOUT
    if not isinstance(task.domain, Packed):
        return ABOUT
    return AT_POINTS if has_dense_answer(task) else ON_WHOLES


def _chart(task: Task, results: Results, model: str, series: int, relaxed: bool = False) -> tuple[Any, str, str]:
    places = results.shown(MOST_ELEMENTS)
    names = [results.labels[i] for i in places]
    spreads = [results.accuracy(model, i) for i in places]
    written = [
        spread_text(spread, results.digits(i)).partition(" ")[0] for i, spread in zip(places, spreads, strict=True)
    ]
    marks = [results.majority(i)[1] for i in places]
    drawing = levels([spread.middle for spread in spreads], names, written, 1.0, series, marks)
    about = RELAXED if relaxed else _about(task).get(model, "") + _exact_only(task, results, model)
    return drawing, model, f"{about}. Accuracy in per cent, from 0 to 100."


def _is_relaxed(net: nn.Module) -> bool:
    return isinstance(net, Blueprint) and bool(net.relaxation())


def _what_breaks(nets: Mapping[str, nn.Module]) -> list[tuple[str, str]]:
    """Of relaxed networks, what of each layer's square norm has learnt to break the symmetry."""
    return [
        (
            f"what breaks the symmetry, {model}, first seed",
            ", ".join(f"{share_in_words(share)} of {name}" for name, share in net.relaxation().items()),
        )
        for model, net in nets.items()
        if isinstance(net, Blueprint) and net.relaxation()
    ]


def _exact_only(task: Task, results: Results, model: str) -> str:
    """Where the derived network keeps what it keeps, if not everywhere."""
    return EXACT_ONLY if model == "derived" and not all(results.exact) and not task.warped else ""


def _pair(results: Results, pair: tuple[str, str]) -> dict[str, Any]:
    (a, b), found = pair, pair_evidence(results, pair)
    rows = []
    for model in results.models:
        counts = [results.confused(model, i, pair) for i in results.shown(MOST_ELEMENTS)]
        rows.append([model, *(f"{wrong} of {total}" for wrong, total in counts)])
    false = found.element is not None
    text = (
        f"The declared symmetry says that {words(results).moving} an example does not change its class. "
        f"{meaning(results, found)} "
        + (
            "A network that keeps the symmetry tells the two apart only by details of how they are drawn. "
            if false
            else ""
        )
        + f"Counts over all {words(results).run}s."
    )
    return {
        "title": f"{a} and {b}: what a prior costs where it is false" if false else f"{a} and {b}",
        "text": text,
        "columns": [f"{a} and {b} taken for each other", *(results.labels[i] for i in results.shown(MOST_ELEMENTS))],
        "rows": rows,
    }


def _facts(config: Config, examples: Examples, results: AnyResults) -> list[tuple[str, str]]:
    epochs = [outcome.best_epoch for outcome in results.outcomes]
    least, most = min(epochs), max(epochs)
    parts = (examples.train, examples.validation, examples.test)
    return [
        ("data", examples.name),
        ("source", place(examples.source)),
        ("licence", examples.licence),
        (
            f"train / validation / test{', first fold' if results.folds else ''}",
            " / ".join(count(p.asked) for p in parts),
        ),
        ("size", size(examples)),
        _plainest(results),
        ("seeds", ", ".join(map(str, config.train.seeds)) + (f", one a fold of {results.folds}" * bool(results.folds))),
        ("best epochs", (f"{least} to {most}" if most > least else f"{least}") + f" of at most {config.train.epochs}"),
        ("training", f"{sum(outcome.seconds for outcome in results.outcomes):.0f} s in all"),
    ]


def _plainest(results: AnyResults) -> tuple[str, str]:
    """What is known without looking at an example."""
    if isinstance(results, ValueResults):
        return "error without looking", results.with_unit(number(results.unlooked()))
    commonest, share = results.majority()
    return "commonest class in the test part", f"{commonest}, {percent(share)}"


def _shown(config: Config) -> dict[str, Any]:
    data = config.to_dict()
    return {**data, "data": {**data["data"], "source": place(config.data.source)}}


def _companions(
    task: Task, examples: Examples, nets: Mapping[str, nn.Module], folder: Path, tell: Tell | None
) -> Links:
    """Write explain.html of the derived network and an audit page of each model; returns their names and files."""
    links: Links = []
    for place_in_line, (model, net) in enumerate(nets.items()):
        if isinstance(net, Blueprint):
            net.explain().to_html(folder / EXPLAIN)
            links.append(("why this network", EXPLAIN))
        report = audited(
            net,
            task,
            examples.test.inputs,
            f"{model} network",
            part_of(tell, place_in_line, len(nets), f"audit, {model}"),
        )
        page = f"audit-{model}.html"
        report.to_html(folder / page)
        verdicts = [f"{kind} {verdict}".strip() for kind, (verdict, _) in by_verdict(report, task).items()]
        links.append((f"audit of the {model} network: {', '.join(verdicts)}", page))
        if tell is not None:
            tell((place_in_line + 1) / len(nets), links[-1][0], True)
    return links
