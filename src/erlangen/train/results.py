"""What a run found, as plain data: one outcome for each model and seed, their medians and spread, and what follows."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from erlangen.errors import RecipeError
from erlangen.pages import percent
from erlangen.train.evaluate import AtElement

VERSION = 1


@dataclass(frozen=True)
class Outcome:
    """One model trained from one seed: its size, its training, and how it answers at every element."""

    model: str
    seed: int
    parameters: int
    seconds: float
    epochs: int
    best_epoch: int
    validation_accuracy: float
    at: tuple[AtElement, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as JSON knows it."""
        return asdict(self)

    @staticmethod
    def from_dict(data: dict[str, Any]) -> "Outcome":
        """The way back; KeyError or TypeError where something is missing."""
        at = tuple(
            AtElement(
                **{
                    **entry,
                    "confusion": tuple(tuple(row) for row in entry["confusion"]),
                    "said": tuple(entry["said"]),
                }
            )
            for entry in data["at"]
        )
        return Outcome(**{**data, "at": at})


@dataclass(frozen=True)
class Spread:
    """median, least and greatest over seeds.

    >>> Spread.of([0.9, 0.97, 0.95])
    Spread(median=0.95, low=0.9, high=0.97)
    """

    median: float
    low: float
    high: float

    @staticmethod
    def of(values: list[float]) -> "Spread":
        """Of at least one value."""
        return Spread(median(values), min(values), max(values))


@dataclass(frozen=True)
class Results:
    """All outcomes of a run, with the names of its elements and classes. Frozen; saved as results.json."""

    name: str
    classes: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    outcomes: tuple[Outcome, ...]

    @property
    def models(self) -> tuple[str, ...]:
        """Which models were trained, in their order."""
        return tuple(dict.fromkeys(outcome.model for outcome in self.outcomes))

    @property
    def elements(self) -> tuple[str, ...]:
        """The elements tested at; the first is the identity, so upright."""
        return tuple(entry.element for entry in self.outcomes[0].at)

    def of(self, model: str) -> tuple[Outcome, ...]:
        """The outcomes of one model, one a seed."""
        return tuple(outcome for outcome in self.outcomes if outcome.model == model)

    def accuracy(self, model: str, element: int) -> Spread:
        """Over seeds, at the element of this number."""
        return Spread.of([outcome.at[element].accuracy for outcome in self.of(model)])

    def mean_accuracy(self, model: str) -> Spread:
        """Over seeds, of the mean over all elements."""
        return Spread.of([sum(e.accuracy for e in o.at) / len(o.at) for o in self.of(model)])

    def agreement(self, model: str) -> tuple[int, int]:
        """How many answers at moved inputs agree with those upright, of how many that are decided, over all seeds."""
        entries = [entry for outcome in self.of(model) for entry in outcome.at[1:]]
        return sum(entry.agreeing for entry in entries), sum(entry.decided for entry in entries)

    def parameters(self, model: str) -> int:
        """How many numbers the model learns."""
        return self.of(model)[0].parameters

    def seconds(self, model: str) -> float:
        """Median training time over seeds."""
        return median(outcome.seconds for outcome in self.of(model))

    def confusion(self, model: str, element: int) -> list[list[int]]:
        """confusion[true][said], summed over seeds."""
        matrices = [outcome.at[element].confusion for outcome in self.of(model)]
        k = len(self.classes)
        return [[sum(matrix[i][j] for matrix in matrices) for j in range(k)] for i in range(k)]

    def confused(self, model: str, element: int, pair: tuple[str, str]) -> tuple[int, int]:
        """How often the classes of a pair are taken for each other, of how many examples of both; over all seeds."""
        matrix = self.confusion(model, element)
        a, b = (self.classes.index(name) for name in pair)
        return matrix[a][b] + matrix[b][a], sum(matrix[a]) + sum(matrix[b])

    def to_dict(self) -> dict[str, Any]:
        """Plain data with the summaries beside the outcomes."""
        summary = {
            model: {
                "parameters": self.parameters(model),
                "seconds": self.seconds(model),
                "accuracy": {name: asdict(self.accuracy(model, i)) for i, name in enumerate(self.elements)},
                "mean_accuracy": asdict(self.mean_accuracy(model)),
                "agreeing_of_decided": list(self.agreement(model)),
            }
            for model in self.models
        }
        return {
            "erlangen_results": VERSION,
            "name": self.name,
            "classes": list(self.classes),
            "pairs": [list(pair) for pair in self.pairs],
            "elements": list(self.elements),
            "findings": list(findings(self)),
            "summary": summary,
            "outcomes": [outcome.to_dict() for outcome in self.outcomes],
        }


def read_results(path: Path) -> Results:
    """The results that a run wrote to this file; missing or damaged: RecipeError."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        outcomes = tuple(Outcome.from_dict(outcome) for outcome in data["outcomes"])
        pairs = tuple((a, b) for a, b in data["pairs"])
        return Results(data["name"], tuple(data["classes"]), pairs, outcomes)
    except (OSError, ValueError, KeyError, TypeError) as error:
        given = f"{path}, which cannot be read ({type(error).__name__})"
        raise RecipeError(given, "the results.json of a finished run", "Finish or repeat the run.") from None


# ---- what follows from the numbers


def findings(results: Results) -> tuple[str, ...]:
    """What the numbers say, in sentences: who wins upright, who keeps the accuracy, what the prior costs."""
    sentences = [_fall(results, model) for model in results.models]
    if {"derived", "plain"} <= set(results.models):
        sentences.append(_upright(results))
    sentences += [_pair(results, pair) for pair in results.pairs]
    return tuple(sentence for sentence in sentences if sentence)


def _fall(results: Results, model: str) -> str:
    upright = results.accuracy(model, 0).median
    if len(results.elements) == 1:
        return f"The {model} network answers {percent(upright)} of the test examples rightly."
    worst = min(range(1, len(results.elements)), key=lambda i: results.accuracy(model, i).median)
    agreeing, decided = results.agreement(model)
    lowest = percent(results.accuracy(model, worst).median)
    share = f"{agreeing:,} of {decided:,} decided answers at moved inputs ({percent(agreeing / max(1, decided))})"
    return (
        f"The {model} network: {percent(upright)} upright, {lowest} at its worst element ({results.elements[worst]}); "
        f"{share} are those it gives upright."
    )


def _upright(results: Results) -> str:
    derived, plain = results.accuracy("derived", 0), results.accuracy("plain", 0)
    if plain.median == derived.median:
        return f"Upright the derived and the plain network are equal ({percent(derived.median)})."
    better, worse = max(derived.median, plain.median), min(derived.median, plain.median)
    margin = f"by {(better - worse) * 100:.1f} points ({percent(better)} against {percent(worse)}{_caution(results)})"
    if better == derived.median:
        return f"Upright too the derived network wins, {margin}."
    return f"Upright the plain network wins {margin}: where examples are never moved, the declared symmetry only costs."


def _caution(results: Results) -> str:
    """What keeps a difference upright from meaning much: one seed only, or seeds that differ by more."""
    derived, plain = results.accuracy("derived", 0), results.accuracy("plain", 0)
    if len(results.of("plain")) == 1:
        return ", from one seed"
    apart = derived.low > plain.high or plain.low > derived.high
    return "" if apart else ", which is less than the seeds differ"


def _pair(results: Results, pair: tuple[str, str]) -> str:
    counts = {model: results.confused(model, 0, pair) for model in results.models}
    listed = ", ".join(f"{model} {wrong} of {total}" for model, (wrong, total) in counts.items())
    return f"Upright, {pair[0]} and {pair[1]} are taken for each other (all seeds): {listed}."
