"""What a run found, as plain data: one outcome for each model and seed, their medians and spread, and what follows."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from erlangen.errors import RecipeError
from erlangen.train import tally
from erlangen.train.evaluate import AtElement
from erlangen.train.evidence import Measured
from erlangen.train.findings import findings
from erlangen.train.headline import headline
from erlangen.train.shortcut import Shortcut
from erlangen.train.tested import Spread as Spread
from erlangen.train.tested import Tested, Training
from erlangen.train.typed import fields_of, typed
from erlangen.train.value_results import ValueResults

VERSION = 2
MANY = 30_000  # test examples, from which a standard error is below a tenth of a per cent


@dataclass(frozen=True)
class Outcome(Training):
    """One model trained from one seed: its size, its training, and how it answers at every element."""

    validation_accuracy: float
    at: tuple[AtElement, ...]

    @staticmethod
    def from_dict(data: dict[str, Any]) -> "Outcome":
        """The way back; TypeError where something is missing or of another kind."""
        return typed(Outcome, data)


@dataclass(frozen=True)
class Results(Tested[Outcome]):
    """All outcomes of a run, with the names of its elements and classes. Frozen; saved as results.json.

    With `folds` each seed was tested on other examples, and the figures are means over them. `shortcut` is what one
    number alone would score, where the domain has such a number.

    >>> at = AtElement("identity", 8, 0.75, 0.43, ((3, 1), (1, 3)), 8, 8, ())
    >>> results = Results("mine", ("a", "b"), (), (Outcome("derived", 0, 100, 1.5, 4, 3, 0.8, (at,)),))
    >>> results.accuracy("derived", 0).median
    0.75
    """

    name: str
    classes: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    outcomes: tuple[Outcome, ...]
    folds: int = 0
    shortcut: Shortcut | None = None

    @staticmethod
    def from_dict(data: dict[str, Any]) -> "Results":
        """The way back; TypeError or ValueError where something is missing, of another kind, or does not fit."""
        return typed(Results, fields_of(Results, data)).checked()

    def checked(self) -> "Results":
        """The same, if its tables of counts are of its classes, and its pairs among them; else a ValueError."""
        super().checked()
        k = len(self.classes)
        tables = [entry.confusion for outcome in self.outcomes for entry in outcome.at]
        if any(len(table) != k or any(len(row) != k or min(row) < 0 for row in table) for table in tables) or k < 1:
            raise ValueError(f"counts that are not of {k} classes")
        if not {name for pair in self.pairs for name in pair} <= set(self.classes):
            raise ValueError("a pair of other classes")
        return self

    def accuracy(self, model: str, element: int) -> Spread:
        """Over seeds, at the element of this number."""
        return self._spread([outcome.at[element].accuracy for outcome in self.of(model)])

    def mean_accuracy(self, model: str, elements: Sequence[int] | None = None) -> Spread:
        """Over seeds, of the mean over these elements; over all, if none are named."""
        places = range(len(self.elements)) if elements is None else elements
        return self._spread([sum(o.at[i].accuracy for i in places) / len(places) for o in self.of(model)])

    def of_counts(self, model: str, measure: Callable[[tally.Counts], float], elements: Sequence[int]) -> Spread:
        """Over seeds, of the mean over these elements of what `measure` makes of the counts, e.g. `tally.mean_dice`."""
        return self._spread([sum(measure(o.at[i].confusion) for i in elements) / len(elements) for o in self.of(model)])

    def measured(self, model: str, elements: Sequence[int] | None = None) -> Measured:
        """The mean share right at these elements (all, if none are named), one value a seed, with what noise it has.

        The noise is that of single elements: the same examples are tested at each, so more elements are no more
        examples. It is at least what one answer weighs, since a share of 0 or 1 shows none of its own.
        """
        places = range(len(self.elements)) if elements is None else elements
        chosen = [[o.at[i] for i in places] for o in self.of(model)]
        entries = [entry for one in chosen for entry in one]
        tested = self.tested if self.folds else min(entry.tested for entry in entries)
        deviation = sum(entry.deviation for entry in entries) / len(entries)
        noise = max(deviation / math.sqrt(max(1, tested)), 1 / max(1, tally.total(entries[0].confusion)))
        values = tuple(sum(e.accuracy for e in one) / len(one) for one in chosen)
        return Measured(values, noise, tested, self.folds)

    def judged(self, model: str, elements: Sequence[int] | None = None) -> Measured:
        """What networks are compared by: the share right, or of masks the mean Dice, which rare classes weigh in.

        Of Dice only the spread over seeds is known, not how much other test examples would change it; so there is no
        noise of theirs, and from one seed nothing is told apart.
        """
        if not self.has_masks:
            return self.measured(model, elements)
        places = range(len(self.elements)) if elements is None else elements
        values = [sum(tally.mean_dice(o.at[i].confusion) for i in places) / len(places) for o in self.of(model)]
        noise = 0.0 if len(values) > 1 else math.inf
        tested = min(o.at[i].tested for i in places for o in self.of(model))
        return Measured(tuple(values), noise, tested, self.folds)

    def majority(self, element: int = 0) -> tuple[str, float]:
        """The commonest class of the test examples, and the share right of always answering it."""
        c, share = tally.majority(self.members(element))
        return self.classes[c], share

    def members(self, element: int = 0) -> tally.Counts:
        """A table of counts whose rows are the classes of the test examples; of all folds together."""
        if self.folds:
            return self.confusion(self.models[0], element)
        return self.outcomes[0].at[element].confusion

    def digits(self, element: int) -> int:
        """How many decimals a percentage at this element is worth: two from 30,000 test examples up, else one."""
        return 2 if self.outcomes[0].at[element].tested >= MANY and not self.has_masks else 1

    @property
    def has_masks(self) -> bool:
        """Whether there is an answer at every point, and not one for the whole."""
        return tally.total(self.members()) > self.tested

    def agreement(self, model: str, elements: Sequence[int] | None = None) -> tuple[int, int]:
        """How many answers at moved inputs agree with those upright, of how many that are decided, over all seeds.

        At these elements; if none are named, at all that only move sites to sites: what is interpolated is counted
        apart.
        """
        places = [i for i, exact in enumerate(self.exact) if exact] if elements is None else elements
        entries = [outcome.at[i] for outcome in self.of(model) for i in places if i]
        return sum(entry.agreeing for entry in entries), sum(entry.decided for entry in entries)

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
        summary: dict[str, dict[str, Any]] = {
            model: {
                "parameters": self.parameters(model),
                "seconds": self.seconds(model),
                "accuracy": {name: self.accuracy(model, i).to_dict() for i, name in enumerate(self.elements)},
                "mean_accuracy": self.mean_accuracy(model).to_dict(),
                "agreeing_of_decided": list(self.agreement(model)),
            }
            for model in self.models
        }
        if not all(self.exact):
            for model, found in summary.items():
                kinds = self.kinds().items()
                found["mean_accuracy_by_kind"] = {kind: self.mean_accuracy(model, at).to_dict() for kind, at in kinds}
                found["agreeing_of_decided_by_kind"] = {kind: list(self.agreement(model, at)) for kind, at in kinds}
        if self.has_masks:
            everywhere = range(len(self.elements))
            for model, found in summary.items():
                found["mean_dice"] = self.of_counts(model, tally.mean_dice, everywhere).to_dict()
                found["mean_overlap"] = self.of_counts(model, tally.mean_overlap, everywhere).to_dict()
        return {
            "erlangen_results": VERSION,
            "name": self.name,
            "classes": list(self.classes),
            "pairs": [list(pair) for pair in self.pairs],
            **({"folds": self.folds} if self.folds else {}),
            **({"shortcut": list(self.shortcut)} if self.shortcut else {}),
            "elements": list(self.elements),
            "exact": list(self.exact),
            "headline": asdict(headline(self)),
            "findings": list(findings(self)),
            "commonest_class": list(self.majority()),
            "summary": summary,
            "outcomes": [outcome.to_dict() for outcome in self.outcomes],
        }


def read_results(path: Path) -> Results | ValueResults:
    """The results that a run wrote to this file; missing or damaged: RecipeError.

    >>> import tempfile
    >>> at = AtElement("identity", 8, 0.75, 0.43, ((3, 1), (1, 3)), 8, 8, ())
    >>> results = Results("mine", ("a", "b"), (), (Outcome("derived", 0, 100, 1.5, 4, 3, 0.8, (at,)),))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "results.json"
    ...     _ = path.write_text(json.dumps(results.to_dict()), encoding="utf-8")
    ...     read_results(path) == results
    True
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(data, dict):
            raise TypeError("no table")
        return ValueResults.from_dict(data) if "quantity" in data else Results.from_dict(data)
    except (OSError, ValueError, TypeError, RecursionError) as error:
        given = f"{path}, which cannot be read ({type(error).__name__})"
        raise RecipeError(given, "the results.json of a finished run", "Finish or repeat the run.") from None
