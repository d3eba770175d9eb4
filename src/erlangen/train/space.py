"""What a sweep tries: for keys of [network] and [train] a range, a range by logarithm, or a list of values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from erlangen.errors import ConfigError

if TYPE_CHECKING:
    from optuna import Trial

SWEPT = ("network", "train")
JUDGES = ("seeds", "models", "loss", "energies", "devices", "nodes")  # they decide what is compared, and where
EXAMPLE = "train.learning_rate=log:0.001..0.1, network.width=16,32,64 or network.depth=1..4"


@dataclass(frozen=True)
class Span:
    """All numbers from `low` to `high`, whole ones where both are; `by_log` as many in each decade.

    >>> Span(1, 4).whole, Span(0.001, 0.1, by_log=True).whole
    (True, False)
    """

    low: float
    high: float
    by_log: bool = False

    @property
    def whole(self) -> bool:
        """Whether it has whole numbers alone."""
        return isinstance(self.low, int) and isinstance(self.high, int)


@dataclass(frozen=True)
class Choice:
    """One of these values.

    >>> read_space(["network.width=16,32"]) == {"network.width": Choice((16, 32))}
    True
    """

    values: tuple[Any, ...]


Space = dict[str, Span | Choice]


def read_space(texts: Sequence[str]) -> Space:
    """KEY=VALUES, with LOW..HIGH, log:LOW..HIGH or A,B,C: what a sweep tries of each key; wrong ones are a ConfigError.

    >>> read_space(["train.learning_rate=log:0.001..0.1", "network.width=16,32"])["network.width"]
    Choice(values=(16, 32))
    """
    space: Space = {}
    for text in texts:
        key, _, values = (part.strip() for part in text.partition("="))
        section, _, name = key.partition(".")
        if section not in SWEPT or not name or not values or name in JUDGES:
            expected = f"a key of {' or '.join(SWEPT)} with values, but for {', '.join(JUDGES)}"
            raise ConfigError(f"--over {text}", expected, f"For example {EXAMPLE}.")
        space[key] = _values(values, text)
    if not space:
        raise ConfigError("a sweep over nothing", "--over KEY=VALUES", f"For example {EXAMPLE}.")
    return space


def suggested(trial: "Trial", space: Space) -> dict[str, dict[str, Any]]:
    """What this trial tries, by section and key."""
    return laid({key: _one(trial, key, values) for key, values in space.items()})


def laid(values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """By section and key.

    >>> laid({"train.epochs": 3, "train.threads": 1})
    {'train': {'epochs': 3, 'threads': 1}}
    """
    found: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        section, _, name = key.partition(".")
        found.setdefault(section, {})[name] = value
    return found


def plain(values: Span | Choice) -> list[Any]:
    """Plain data, as JSON knows it.

    >>> plain(Span(1, 4))
    [1, 4, False]
    """
    return list(values.values) if isinstance(values, Choice) else [values.low, values.high, values.by_log]


def _one(trial: "Trial", key: str, values: Span | Choice) -> Any:
    if isinstance(values, Choice):
        return trial.suggest_categorical(key, values.values)
    if values.whole:
        return trial.suggest_int(key, int(values.low), int(values.high), log=values.by_log)
    return trial.suggest_float(key, values.low, values.high, log=values.by_log)


def _values(text: str, told: str) -> Span | Choice:
    by_log, text = text.startswith("log:"), text.removeprefix("log:")
    if ".." not in text:
        values = tuple(_value(part.strip()) for part in text.split(","))
        if by_log or "" in values or len(set(values)) < 2:
            raise ConfigError(f"--over {told}", "two values or more, or a range", f"For example {EXAMPLE}.")
        return Choice(values)
    low, high = (_value(part.strip()) for part in text.split("..", 1))
    numbers = all(isinstance(end, int | float) and not isinstance(end, bool) for end in (low, high))
    if not numbers or not low < high or (by_log and low <= 0):
        raise ConfigError(f"--over {told}", "LOW..HIGH, LOW < HIGH, above 0 by log", f"For example {EXAMPLE}.")
    return Span(low, high, by_log)


def _value(text: str) -> Any:
    """A whole number, a number, true, false or a text."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return {"true": True, "false": False}.get(text, text)
