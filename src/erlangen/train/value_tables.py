"""The errors of a run in a table."""

from erlangen.pages import count, number
from erlangen.train.tested import Spread
from erlangen.train.value_results import ValueResults
from erlangen.train.words import words


def value_table(results: ValueResults, most: int) -> tuple[list[str], list[list[str]]]:
    """A column a model: the mean error at each element as median (least–greatest), over all, its root of squares.

    `changed` is by how much answers to moved inputs differ from those that should be given, as a part of their spread.
    The last columns are what answering without looking is off by, and what each reference is.
    """
    models = results.models
    known = [number(reference.error) for reference in results.references]
    rows = [
        [
            results.labels[i],
            *(spread_text(results.error(model, i)) for model in models),
            number(results.unlooked(i)),
            *known,
        ]
        for i in results.shown(most)
    ]
    if len(results.elements) > 1:
        n = len(results.elements)
        about = f"mean over all{f' {n}' if n > most else ''}"
        rows.append([about, *(spread_text(results.mean_error(model)) for model in models), ""])
        rows.append(["changed", *(number(results.changed(model), 2) for model in models), ""])
    still = words(results).still
    squares = [number(reference.square) for reference in results.references]
    rows.append([f"√ mean square, {still}", *(spread_text(results.square(model)) for model in models), "", *squares])
    rows.append(["parameters", *(count(results.parameters(model)) for model in models), ""])
    rows.append(["seconds", *(number(results.seconds(model), 2) for model in models), ""])
    head = f"mean error, {results.unit}" if results.unit else "mean error"
    columns = [head, *models, "without looking", *(reference.name for reference in results.references)]
    return columns, [[*row, *[""] * (len(columns) - len(row))] for row in rows]


def spread_text(spread: Spread) -> str:
    """The median, with the least and the greatest where they differ; over folds the mean ± the deviation.

    >>> spread_text(Spread(0.12, 0.11, 0.13)), spread_text(Spread(0.12, 0.12, 0.12))
    ('0.120 (0.110–0.130)', '0.120')
    """
    if spread.deviation is not None:
        return f"{number(spread.middle)} ± {number(spread.deviation, 2)}"
    middle, low, high = (number(value) for value in (spread.middle, spread.low, spread.high))
    return middle if low == high else f"{middle} ({low}–{high})"
