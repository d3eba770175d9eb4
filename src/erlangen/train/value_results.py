"""What a run of real values found, as plain data: errors at every element, their medians and spread over seeds."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from erlangen.train.evidence import Measured
from erlangen.train.tested import Spread, Tested, Training
from erlangen.train.typed import fields_of, typed
from erlangen.train.value_findings import value_findings, value_headline
from erlangen.train.values_at import Reference, ValuesAt

VERSION = 2


@dataclass(frozen=True)
class ValueOutcome(Training):
    """One model trained from one seed: its size, its training, and its errors at every element."""

    validation_error: float
    at: tuple[ValuesAt, ...]

    @staticmethod
    def from_dict(data: dict[str, Any]) -> "ValueOutcome":
        """The way back; TypeError where something is missing or of another kind."""
        return typed(ValueOutcome, data)


@dataclass(frozen=True)
class ValueResults(Tested[ValueOutcome]):
    """All outcomes of a run whose answers are values of a `quantity` in a `unit`. Frozen; saved as results.json.

    `references` are what is answered to the same examples without a network.

    >>> at = ValuesAt("identity", 8, 0.25, 0.1, 0.3, 1.0, 0.0)
    >>> results = ValueResults("mine", "length", "m", (ValueOutcome("derived", 0, 100, 1.5, 4, 3, 0.2, (at,)),))
    >>> results.error("derived", 0).median, results.with_unit("0.25")
    (0.25, '0.25 m')
    """

    name: str
    quantity: str
    unit: str
    outcomes: tuple[ValueOutcome, ...]
    folds: int = 0
    references: tuple[Reference, ...] = ()

    def with_unit(self, figure: str) -> str:
        """A figure with the unit behind it."""
        return f"{figure} {self.unit}".strip()

    def error(self, model: str, element: int) -> Spread:
        """Over seeds, the mean |f − y| at the element of this number."""
        return self._spread([outcome.at[element].error for outcome in self.of(model)])

    def mean_error(self, model: str, elements: Sequence[int] | None = None) -> Spread:
        """Over seeds, of the mean over these elements; over all, if none are named."""
        places = range(len(self.elements)) if elements is None else elements
        return self._spread([sum(o.at[i].error for i in places) / len(places) for o in self.of(model)])

    def square(self, model: str, element: int = 0) -> Spread:
        """Over seeds, √(mean |f − y|²)."""
        return self._spread([outcome.at[element].square for outcome in self.of(model)])

    def unlooked(self, element: int = 0) -> float:
        """The mean error of answering without looking; over folds the mean of it."""
        found = [outcome.at[element].unlooked for outcome in self.of(self.models[0])]
        return sum(found) / len(found)

    def changed(self, model: str) -> float:
        """The most, over seeds and elements, by which answers to moved inputs differ from those moved along."""
        return max(entry.changed for outcome in self.of(model) for entry in outcome.at)

    def judged(self, model: str, elements: Sequence[int] | None = None) -> Measured:
        """What networks are compared by, more being better: the mean error, with a minus before it."""
        places = range(len(self.elements)) if elements is None else elements
        entries = [[o.at[i] for i in places] for o in self.of(model)]
        tested = self.tested if self.folds else min(entry.tested for one in entries for entry in one)
        deviations = [entry.deviation for one in entries for entry in one]
        noise = sum(deviations) / len(deviations) / math.sqrt(max(1, tested))
        return Measured(tuple(-sum(e.error for e in one) / len(one) for one in entries), noise, tested, self.folds)

    def to_dict(self) -> dict[str, Any]:
        """Plain data with the summaries beside the outcomes."""
        summary = {
            model: {
                "parameters": self.parameters(model),
                "seconds": self.seconds(model),
                "error": {name: self.error(model, i).to_dict() for i, name in enumerate(self.elements)},
                "mean_error": self.mean_error(model).to_dict(),
                "square": self.square(model).to_dict(),
                "changed": self.changed(model),
            }
            for model in self.models
        }
        return {
            "erlangen_results": VERSION,
            "name": self.name,
            "quantity": self.quantity,
            "unit": self.unit,
            **({"folds": self.folds} if self.folds else {}),
            "elements": list(self.elements),
            "exact": list(self.exact),
            "headline": asdict(value_headline(self)),
            "findings": list(value_findings(self)),
            "unlooked": self.unlooked(),
            **({"references": [asdict(reference) for reference in self.references]} if self.references else {}),
            "summary": summary,
            "outcomes": [outcome.to_dict() for outcome in self.outcomes],
        }

    @staticmethod
    def from_dict(data: dict[str, Any]) -> "ValueResults":
        """The way back; TypeError where something is missing or of another kind."""
        return typed(ValueResults, fields_of(ValueResults, data)).checked()
