"""What all results of a run have: networks trained from several seeds, each tested at the same elements."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import mean, median, stdev
from typing import Any, Generic, Protocol, Self, TypeVar

from erlangen.train.elements import by_kind, marked
from erlangen.train.words import words_of


class At(Protocol):
    """How one network answers at one element."""

    @property
    def element(self) -> str: ...
    @property
    def tested(self) -> int: ...
    @property
    def exact(self) -> bool: ...


@dataclass(frozen=True)
class Training:
    """One model trained from one seed: its size, how long it took, and how many epochs of how many were best."""

    model: str
    seed: int
    parameters: int
    seconds: float
    epochs: int
    best_epoch: int

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as JSON knows it, of all that a kind of outcome adds, too."""
        return asdict(self)


class Trained(Protocol):
    """A training, and how its network answers at every element."""

    @property
    def model(self) -> str: ...
    @property
    def parameters(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def at(self) -> Sequence[At]: ...


T = TypeVar("T", bound=Trained)


@dataclass(frozen=True)
class Spread:
    """median, least and greatest over seeds; over folds mean and deviation besides.

    >>> Spread.of([0.9, 0.97, 0.95])
    Spread(median=0.95, low=0.9, high=0.97, mean=None, deviation=None)
    >>> Spread.of([0.5, 0.7], folds=True).middle
    0.6
    """

    median: float
    low: float
    high: float
    mean: float | None = None
    deviation: float | None = None

    @staticmethod
    def of(values: list[float], folds: bool = False) -> "Spread":
        """Of at least one value; the deviation is that of a sample, √(Σ (x − mean)² / (n − 1))."""
        over = (mean(values), stdev(values) if len(values) > 1 else 0.0) if folds else (None, None)
        return Spread(median(values), min(values), max(values), *over)

    @property
    def middle(self) -> float:
        """The mean over folds, the median over seeds."""
        return self.median if self.mean is None else self.mean

    def to_dict(self) -> dict[str, float]:
        """Plain data: what there is."""
        return {name: value for name, value in asdict(self).items() if value is not None}


class Tested(Generic[T]):
    """All outcomes of a run, one for each model and seed; with `folds` each seed was tested on other examples."""

    outcomes: tuple[T, ...]
    folds: int

    def checked(self) -> Self:
        """The same, if all outcomes are of the same elements, and as many of each model; else a ValueError."""
        elements = {tuple(entry.element for entry in outcome.at) for outcome in self.outcomes}
        if len(elements) != 1 or elements == {()} or len({len(self.of(model)) for model in self.models}) != 1:
            raise ValueError("outcomes that do not fit one another")
        return self

    @property
    def models(self) -> tuple[str, ...]:
        """Which models were trained, in their order."""
        return tuple(dict.fromkeys(outcome.model for outcome in self.outcomes))

    @property
    def elements(self) -> tuple[str, ...]:
        """The elements tested at; the first is the identity, so upright."""
        return tuple(entry.element for entry in self.outcomes[0].at)

    @property
    def exact(self) -> tuple[bool, ...]:
        """Of each element, whether it only moves sites to sites; else examples were interpolated."""
        return tuple(entry.exact for entry in self.outcomes[0].at)

    @property
    def labels(self) -> tuple[str, ...]:
        """The elements as tables name them: with a ≈ before those at which examples were interpolated."""
        return tuple(map(marked, self.elements, self.exact))

    def kinds(self) -> dict[str, list[int]]:
        """The numbers of the elements by what they do: "" alone where all move sites to sites, else two kinds."""
        return by_kind(self.exact, words_of(self.elements).kept)

    def shown(self, most: int) -> list[int]:
        """The numbers of the elements shown where there is room for so many: of each kind the first ones."""
        rest = [i for i, exact in enumerate(self.exact) if not exact]
        kept = [i for i, exact in enumerate(self.exact) if exact]
        spared = min(len(rest), most // 2) if len(self.exact) > most else len(rest)
        return sorted([*kept[: most - spared], *rest[:spared]])

    def of(self, model: str) -> tuple[T, ...]:
        """The outcomes of one model, one a seed."""
        return tuple(outcome for outcome in self.outcomes if outcome.model == model)

    @property
    def tested(self) -> int:
        """How many test examples there are, in all folds together."""
        if self.folds:
            return sum(outcome.at[0].tested for outcome in self.of(self.models[0]))
        return self.outcomes[0].at[0].tested

    def parameters(self, model: str) -> int:
        """How many numbers the model learns."""
        return self.of(model)[0].parameters

    def seconds(self, model: str) -> float:
        """Median training time over seeds."""
        return median(outcome.seconds for outcome in self.of(model))

    def _spread(self, values: list[float]) -> Spread:
        return Spread.of(values, bool(self.folds))
