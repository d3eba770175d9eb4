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
        rows += _masks(results)
    rows.append(["parameters", *(count(results.parameters(model)) for model in models), ""])
    rows.append(["seconds", *(number(results.seconds(model), 2) for model in models), ""])
    return ["accuracy in %", *models, f"always “{commonest}”"], rows


def class_table(results: Results) -> tuple[list[str], list[list[str]]]:
    """A row a class, upright: its share of all points, and for each model IoU, Dice and recall, medians over seeds."""
    commonest, _ = results.majority()
    true = results.outcomes[0].at[0].confusion
    answers: dict[str, list[tally.Counts]] = {m: [o.at[0].confusion for o in results.of(m)] for m in results.models}
    answers[f"always “{commonest}”"] = [tally.constant(true, results.classes.index(commonest))]
    rows = [
        [f"{name} ({percent(sum(true[c]) / max(1, tally.total(true)))})", *(_found(of, c) for of in answers.values())]
        for c, name in enumerate(results.classes)
    ]
    for name, measure in (("mean IoU", tally.mean_overlap), ("mean Dice", tally.mean_dice)):
        rows.append([name, *(_part(_middle([measure(counts) for counts in of])) for of in answers.values())])
    return ["class (its share): IoU, Dice, recall", *answers], rows


def spread_text(spread: Spread) -> str:
    """The median in per cent, with the least and the greatest where they differ.

    >>> spread_text(Spread(0.95, 0.9, 0.97)), spread_text(Spread(0.5, 0.5, 0.5))
    ('95.0 (90.0–97.0)', '50.0')
    """
    middle, low, high = (_share(value) for value in (spread.median, spread.low, spread.high))
    return middle if low == high else f"{middle} ({low}–{high})"


def _masks(results: Results) -> list[list[str]]:
    """Means over the classes, which a rare class weighs in as much as a common one."""
    everywhere = range(len(results.elements))
    rows = [("mean IoU upright", tally.mean_overlap, [0]), ("mean Dice upright", tally.mean_dice, [0])]
    if len(everywhere) > 1:
        rows.append((f"mean Dice over all {len(everywhere)}", tally.mean_dice, list(everywhere)))
    return [
        [name, *(_parts(results.of_counts(model, measure, places)) for model in results.models), ""]
        for name, measure, places in rows
    ]


def _found(confusions: list[tally.Counts], c: int) -> str:
    overlap, dice = (_middle([measure(counts, c) for counts in confusions]) for measure in (tally.overlap, tally.dice))
    recall = percent(_middle([tally.recall(counts, c) for counts in confusions]))
    return f"{_part(overlap)}, {_part(dice)}, {recall}"


def _middle(values: list[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return median(known) if known else math.nan


def _part(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def _parts(spread: Spread) -> str:
    """The median, with the least and the greatest where they differ."""
    middle, low, high = (_part(value) for value in (spread.median, spread.low, spread.high))
    return middle if low == high else f"{middle} ({low}–{high})"


def _share(value: float) -> str:
    return percent(value).removesuffix(" %")


def _of(agreeing: int, decided: int) -> str:
    return percent(agreeing / decided) if decided else "–"
