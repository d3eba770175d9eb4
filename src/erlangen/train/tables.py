"""The numbers of a run in tables: what every network scores at every element, and how much of each class it finds."""

import math
from statistics import median

from erlangen.pages import count, number, percent
from erlangen.train import tally
from erlangen.train.elements import INTERPOLATED
from erlangen.train.results import Results, Spread

MOST_ELEMENTS = 16  # rows of single elements; of larger groups the first ones, beside the mean over all


def table(results: Results, most: int = MOST_ELEMENTS) -> tuple[list[str], list[list[str]]]:
    """A column a model: accuracy at each element as median (least–greatest), agreement, parameters, seconds.

    What is interpolated bears a ≈ and has a mean and an agreement of its own. The last columns are
    what always answering the commonest class would score, and what one number alone would, if there is one to ask.
    """
    models = results.models
    commonest, _ = results.majority()
    rows = [
        [
            results.labels[i],
            *(spread_text(results.accuracy(model, i), results.digits(i)) for model in models),
            _share(results.majority(i)[1]),
            *_of_shortcut(results),
        ]
        for i in results.shown(most)
    ]
    if len(results.elements) > 1:
        rows += _summaries(results, most)
    if results.has_masks:
        rows += _masks(results)
    rows.append(["parameters", *(count(results.parameters(model)) for model in models)])
    rows.append(["seconds", *(number(results.seconds(model), 2) for model in models)])
    columns = ["accuracy in %", *models, f"always “{commonest}”"]
    columns += [f"{results.shortcut.name} alone"] if results.shortcut else []
    return columns, [[*row, *[""] * (len(columns) - len(row))] for row in rows]


def class_table(results: Results) -> tuple[list[str], list[list[str]]]:
    """A row a class, upright: its share of all points, and for each model IoU, Dice and recall, medians over seeds."""
    commonest, _ = results.majority()
    true = results.members()
    answers: dict[str, list[tally.Counts]] = {m: [o.at[0].confusion for o in results.of(m)] for m in results.models}
    answers[f"always “{commonest}”"] = [tally.constant(true, results.classes.index(commonest))]
    rows = [
        [f"{name} ({percent(sum(true[c]) / max(1, tally.total(true)))})", *(_found(of, c) for of in answers.values())]
        for c, name in enumerate(results.classes)
    ]
    for name, measure in (("mean IoU", tally.mean_overlap), ("mean Dice", tally.mean_dice)):
        rows.append([name, *(_part(_middle([measure(counts) for counts in of])) for of in answers.values())])
    return ["class (its share): IoU, Dice, recall", *answers], rows


def spread_text(spread: Spread, digits: int = 1) -> str:
    """The median in per cent, with the least and the greatest where they differ; over folds the mean ± the deviation.

    >>> spread_text(Spread(0.95, 0.9, 0.97)), spread_text(Spread(0.5, 0.5, 0.5))
    ('95.0 (90.0–97.0)', '50.0')
    >>> spread_text(Spread(0.9, 0.8, 0.95, mean=0.89, deviation=0.06))
    '89.0 ± 6.0'
    """
    if spread.deviation is not None:
        return f"{_share(spread.middle, digits)} ± {_share(spread.deviation, digits)}"
    middle, low, high = (_share(value, digits) for value in (spread.middle, spread.low, spread.high))
    return middle if low == high else f"{middle} ({low}–{high})"


def _summaries(results: Results, most: int) -> list[list[str]]:
    """Over the elements of each kind the mean accuracy, then how many answers are those given upright."""
    means, agreements = [], []
    for kind, places in results.kinds().items():
        mean = sum(results.majority(i)[1] for i in places) / len(places)
        spreads = [spread_text(results.mean_accuracy(model, places)) for model in results.models]
        means.append([f"mean over {_about(results, kind, most)}", *spreads, _share(mean), *_of_shortcut(results)])
        agreed = [_of(*results.agreement(model, places)) for model in results.models]
        agreements.append([f"agreement, {_sign(kind)}" if kind else "agreement", *agreed])
    return means + agreements


def _of_shortcut(results: Results) -> list[str]:
    """What one number alone scores, the same wherever the example is moved."""
    return [_share(results.shortcut.accuracy)] if results.shortcut else []


def _about(results: Results, kind: str, most: int) -> str:
    """The elements of a kind, in words, with how many there are where not all are shown or where there are others."""
    n = len(results.kinds()[kind])
    if kind:
        return f"{n} {_sign(kind)}"
    return f"all {n}" if n > most else "all"


def _sign(kind: str) -> str:
    return f"{kind} (≈)" if kind == INTERPOLATED else kind


def _masks(results: Results) -> list[list[str]]:
    """Means over the classes, which a rare class weighs in as much as a common one."""
    rows = [("mean IoU upright", tally.mean_overlap, [0]), ("mean Dice upright", tally.mean_dice, [0])]
    for kind, places in results.kinds().items():
        if len(results.elements) > 1:
            rows.append((f"mean Dice over {_about(results, kind, 0)}", tally.mean_dice, places))
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
    """The median, with the least and the greatest where they differ; over folds the mean ± the deviation."""
    if spread.deviation is not None:
        return f"{_part(spread.middle)} ± {_part(spread.deviation)}"
    middle, low, high = (_part(value) for value in (spread.middle, spread.low, spread.high))
    return middle if low == high else f"{middle} ({low}–{high})"


def _share(value: float, digits: int = 1) -> str:
    return percent(value, digits).removesuffix(" %")


def _of(agreeing: int, decided: int) -> str:
    return percent(agreeing / decided) if decided else "–"
