"""The numbers of a run in tables: what every network scores at every element, and how much of each class it finds."""

import math
from statistics import median

from erlangen.pages import count, number, percent
from erlangen.train import tally
from erlangen.train.results import Results, Spread

MOST_ELEMENTS = 16  # rows of single elements; of larger groups the first ones, beside the mean over all


def table(results: Results, most: int = MOST_ELEMENTS) -> tuple[list[str], list[list[str]]]:
    """A column a model: accuracy at each element as median (least–greatest), agreement, parameters, seconds.

    The last column is what always answering the commonest class would score.
    """
    models = results.models
    commonest, _ = results.majority()
    rows = [
        [name, *(spread_text(results.accuracy(model, i)) for model in models), _share(results.majority(i)[1])]
        for i, name in enumerate(results.elements[:most])
    ]
    if len(results.elements) > 1:
        mean = sum(results.majority(i)[1] for i in range(len(results.elements))) / len(results.elements)
        average = "mean over all" + (f" {len(results.elements)}" if len(results.elements) > most else "")
        rows.append([average, *(spread_text(results.mean_accuracy(model)) for model in models), _share(mean)])
        rows.append(["agreement", *(_of(*results.agreement(model)) for model in models), ""])
    if results.has_masks:
        rows.append(["mean IoU upright", *(_part(_middle(_overlaps(results, model))) for model in models), ""])
    rows.append(["parameters", *(count(results.parameters(model)) for model in models), ""])
    rows.append(["seconds", *(number(results.seconds(model), 2) for model in models), ""])
    return ["accuracy in %", *models, f"always “{commonest}”"], rows


def class_table(results: Results) -> tuple[list[str], list[list[str]]]:
    """A row a class, upright: its share of all points, and for each model IoU and recall, medians over seeds."""
    commonest, _ = results.majority()
    true = results.outcomes[0].at[0].confusion
    answers: dict[str, list[tally.Counts]] = {m: [o.at[0].confusion for o in results.of(m)] for m in results.models}
    answers[f"always “{commonest}”"] = [tally.constant(true, results.classes.index(commonest))]
    rows = [
        [f"{name} ({percent(sum(true[c]) / max(1, tally.total(true)))})", *(_found(of, c) for of in answers.values())]
        for c, name in enumerate(results.classes)
    ]
    rows.append(["mean IoU", *(_part(_middle([tally.mean_overlap(m) for m in of])) for of in answers.values())])
    return ["class (its share): IoU, recall", *answers], rows


def spread_text(spread: Spread) -> str:
    """The median in per cent, with the least and the greatest where they differ.

    >>> spread_text(Spread(0.95, 0.9, 0.97)), spread_text(Spread(0.5, 0.5, 0.5))
    ('95.0 (90.0–97.0)', '50.0')
    """
    middle, low, high = (_share(value) for value in (spread.median, spread.low, spread.high))
    return middle if low == high else f"{middle} ({low}–{high})"


def _overlaps(results: Results, model: str) -> list[float]:
    return [tally.mean_overlap(outcome.at[0].confusion) for outcome in results.of(model)]


def _found(confusions: list[tally.Counts], c: int) -> str:
    overlap = _middle([tally.overlap(counts, c) for counts in confusions])
    return f"{_part(overlap)}, {percent(_middle([tally.recall(counts, c) for counts in confusions]))}"


def _middle(values: list[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return median(known) if known else math.nan


def _part(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def _share(value: float) -> str:
    return percent(value).removesuffix(" %")


def _of(agreeing: int, decided: int) -> str:
    return percent(agreeing / decided) if decided else "–"
