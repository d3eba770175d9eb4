"""Confusion as the page shows it: counts or shares, shaded by the share of the true class."""

from typing import Any

from erlangen.train.results import Results

MOST_DIGITS = 999  # above which shares of the row are shown, since the counts would not fit
LONG_NAME = 3


def matrix(results: Results, model: str, element: int) -> dict[str, Any]:
    """The classes, and a row of cells for each: what stands there, its count in words, its share of the row."""
    counts = results.confusion(model, element)
    called = {(a, b) for pair in results.pairs for a, b in (pair, pair[::-1])}
    shares = max(map(max, counts)) > MOST_DIGITS
    names = results.classes
    rows = []
    for i, line in enumerate(counts):
        total = max(1, sum(line))
        cells = [
            {
                "written": _written(n, total, shares),
                "title": f"{names[i]} called {names[j]}: {n:,} of {total:,}",
                "share": round(80 * n / total),
                "right": i == j,
                "called": (names[i], names[j]) in called,
            }
            for j, n in enumerate(line)
        ]
        rows.append({"name": names[i], "cells": cells})
    return {
        "model": model,
        "element": results.labels[element],
        "unit": "per cent of the class" if shares else "counts",
        "classes": names,
        "upright_heads": max(map(len, names)) > LONG_NAME,
        "rows": rows,
        "upright": element == 0,
    }


def _written(n: int, total: int, shares: bool) -> str:
    if not n:
        return ""
    return (f"{100 * n / total:.0f}" if 200 * n >= total else "<1") if shares else str(n)
