"""What the built-in runs found: each network's accuracy or error, median, lowest and highest of the seeds."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from shown.values import number, table

SHOWN = ("derived", "plain", "augmented")
MEANS = {  # of a summary, the first that is there; over all elements, and how it is written
    "mean_dice": ("Dice", 1, ""),
    "mean_accuracy": ("right", 100, " %"),
    "mean_error": ("error", 1, ""),
}
FIRST = {"mean_accuracy": "accuracy", "mean_error": "error"}  # the same at each element


class Found(NamedTuple):
    """Of one network: low, median, high."""

    median: float
    low: float
    high: float

    def told(self, scale: float) -> str:
        shown = [f"{scale * v:.1f}" if scale == 100 else number(float(f"{v:.3g}")) for v in self]
        return shown[0] if len(set(shown)) == 1 else f"{shown[0]} ({shown[1]} … {shown[2]})"


def is_recipe(record: Any) -> bool:
    """Whether a results file is that of a run."""
    return isinstance(record, Mapping) and "erlangen_results" in record


def measure_of(record: Mapping[str, Any]) -> str:
    """What is told of its networks: the name in their summaries."""
    return next(name for name in MEANS if name in record["summary"]["derived"])


def over_all(record: Mapping[str, Any]) -> dict[str, Found]:
    """Of every network of the run, the mean over all elements that it was tested at."""
    name = measure_of(record)
    return {model: _found(about[name]) for model, about in record["summary"].items()}


def at_first(record: Mapping[str, Any]) -> dict[str, Found]:
    """The same at the first element, which leaves all as it is; not told of Dice."""
    name = FIRST.get(measure_of(record))
    return {
        model: _found(about[name][record["elements"][0]])
        for model, about in record["summary"].items()
        if name is not None
    }


def tables(records: Mapping[str, Mapping[str, Any]]) -> str:
    """All runs, first as they are in the data, then over all elements."""
    head = ["run", "what", "seeds", *SHOWN, "others"]
    first = [[*_named(name, record), *_cells(record, at_first(record))] for name, record in records.items()]
    means = [[*_named(name, record), *_cells(record, over_all(record))] for name, record in records.items()]
    return (
        f"In the mean over all elements of the group that were tried:\n\n{table(head, means)}\n\n"
        f"As the data are, nothing moved:\n\n{table(head, [row for row in first if row[3]])}"
    )


def _named(name: str, record: Mapping[str, Any]) -> tuple[str, str, str]:
    said, _, unit = MEANS[measure_of(record)]
    quantity = " ".join(filter(None, (said, "of", record.get("quantity"))))
    unit = f", {record['unit']}" if record.get("unit") else unit and f",{unit}"
    return name, (quantity if "quantity" in record else said) + unit, str(len(seeds(record)))


def seeds(record: Mapping[str, Any]) -> set[int]:
    return {outcome["seed"] for outcome in record["outcomes"]}


def _cells(record: Mapping[str, Any], found: Mapping[str, Found]) -> Iterator[str]:
    scale = MEANS[measure_of(record)][1]
    yield from (found[model].told(scale) if model in found else "" for model in SHOWN)
    yield ", ".join(f"{model} {one.told(scale)}" for model, one in found.items() if model not in SHOWN)


def _found(about: Mapping[str, float]) -> Found:
    return Found(about["median"], about["low"], about["high"])
