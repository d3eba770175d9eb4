"""What a sweep found: every trial, the best settings, and a page of how the loss depends on each."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from erlangen.pages import Axis, Html, axis, count, dots, render, several, write
from erlangen.train.config import Config
from erlangen.train.space import Choice, Space

FINISHED, BEST = "finished", "best.toml"


@dataclass(frozen=True)
class Tried:
    """One trial: its number, what it tried, the mean validation loss over the seeds, epochs; or why it ended early."""

    number: int
    values: dict[str, Any]
    loss: float | None
    epochs: int
    ended: str


@dataclass(frozen=True)
class Sweep:
    """All trials of a sweep, and the configuration with the least validation loss.

    >>> from erlangen.train import read_config
    >>> tried = Tried(0, {"train.epochs": 9}, 0.4, 9, FINISHED), Tried(1, {"train.epochs": 3}, 2.0, 3, FINISHED)
    >>> found = Sweep("mine", "derived", {}, tried, read_config("rotated-digits"))
    >>> found.winner.values, len(found.rows)
    ({'train.epochs': 9}, 2)
    """

    name: str
    model: str
    space: Space
    tried: tuple[Tried, ...]
    best: Config

    @property
    def winner(self) -> Tried:
        """The trial of the least loss."""
        return min((t for t in self.tried if t.loss is not None and t.ended == FINISHED), key=lambda t: t.loss or 0.0)

    @property
    def columns(self) -> tuple[str, ...]:
        """The head of its table."""
        return "trial", *(key.partition(".")[2] for key in self.space), "validation loss", "epochs", ""

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The best first; then what was given up."""
        order = sorted(self.tried, key=lambda t: (t.ended != FINISHED, t.loss is None, t.loss or 0.0))
        return [
            (
                str(t.number),
                *(written(t.values.get(key)) for key in self.space),
                "" if t.loss is None else f"{t.loss:.4g}",
                str(t.epochs),
                "" if t.ended == FINISHED else t.ended,
            )
            for t in order
        ]

    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """One self-contained page at `path`, whole or not at all."""
        chosen = ", ".join(f"{key} = {written(value)}" for key, value in self.winner.values.items())
        ended = [t.ended for t in self.tried]
        over = several(len(self.best.train.seeds), "seed")
        section = Trials(
            f"The best of {several(len(ended), 'trial')}",
            f"Validation loss of the {self.model} network, the mean over {over}. "
            "Those given up did worse than the median at the same epoch. No test example was looked at.",
            self.columns,
            self.rows,
            [(self._chart(key), key, "") for key in self.space],
            f"{chosen}. Its run, which tests it once: erlangen train {BEST}.",
        )
        lead = f"{count(ended.count(FINISHED))} finished, {count(len(ended) - ended.count(FINISHED))} ended early."
        context = {"title": f"{self.name}, swept", "lead": lead, "sections": [section], "kind": "sweep"}
        return write(path, render("article.html", context))

    def _chart(self, key: str) -> Html:
        """Loss over the values of one key; of a choice over the place of the value in it."""
        values = self.space[key]
        known = [t for t in self.tried if t.loss is not None and t.ended == FINISHED]
        at = [values.values.index(t.values[key]) if isinstance(values, Choice) else t.values[key] for t in known]
        points = [(x, t.loss or 0.0, f"trial {t.number}") for x, t in zip(at, known, strict=True)]
        if isinstance(values, Choice):
            across = Axis(key, False, 0, len(values.values) - 1, tuple(map(written, values.values)))
        else:
            across = axis(key, [x for x, _, _ in points], values.by_log)
        return dots(points, across, axis("loss", [y for _, y, _ in points], True), known.index(self.winner))


class Trials(NamedTuple):
    """The section of a page that lists them."""

    title: str
    claim: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    pictures: list[tuple[Html, str, str]]
    finding: str


def written(value: Any) -> str:
    """A value as it is told: numbers to three figures.

    >>> written(0.012345), written("gelu")
    ('0.0123', 'gelu')
    """
    return f"{value:.3g}" if isinstance(value, float) else str(value)
