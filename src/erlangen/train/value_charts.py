"""The errors of a run as pictures: bars at every element, and what was said over what was true."""

from collections.abc import Mapping
from typing import Any

from erlangen.pages import against, levels, limits_of, number
from erlangen.train.tables import MOST_ELEMENTS
from erlangen.train.value_results import ValueResults
from erlangen.train.words import words

Figures = list[tuple[Any, str, str]]


def error_charts(results: ValueResults, about: Mapping[str, str]) -> Figures:
    """(drawing, name, caption) of each model: its mean error at each element, on one scale for all of them."""
    places = results.shown(MOST_ELEMENTS)
    spreads = {model: [results.error(model, i).middle for i in places] for model in results.models}
    marks = [results.unlooked(i) for i in places]
    most = max(*marks, *(value for found in spreads.values() for value in found))
    figures = []
    for series, (model, found) in enumerate(spreads.items(), start=1):
        names = [results.labels[i] for i in places]
        drawing = levels(found, names, [number(value) for value in found], most, series, marks)
        unit = f", in {results.unit}" if results.unit else ""
        figures.append((drawing, model, f"{about.get(model, '')}. Mean error{unit}.".lstrip(". ")))
    return figures


def against_true(results: ValueResults) -> Figures:
    """What each network of the first seed says over what is true, where nothing moves and where it is worst."""
    figures, said = [], words(results)
    for series, model in enumerate(results.models, start=1):
        at = results.of(model)[0].at
        worst = max(range(len(at)), key=lambda i: results.error(model, i).middle)
        limits = limits_of(at[0].pairs)
        for i in dict.fromkeys([0, worst or min(1, len(at) - 1)]):
            caption = results.labels[i] + (f", the worst {said.element}" if i and i == worst else "")
            figures.append((against(at[i].pairs, limits, series), model, caption))
    return figures
