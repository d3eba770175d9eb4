"""Values that are no ratios, of whatever shape, as Markdown tables: a row for each set of named values.

A number has four digits. Of many numbers, over seeds, cases or months, the median is told, with the lowest and the
highest. A dictionary of dictionaries is as many rows, named by the way to them.
"""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

Row = tuple[str, Mapping[str, Any]]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; figures stand right."""
    lines = [line(head), line(["---", *["---:"] * (len(head) - 1)])]
    return "\n".join([*lines, *map(line, rows)])


def line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def cell(value: Any) -> str:
    """
    >>> cell([0.5, 0.25, 1.0]), cell(12345), cell("exact"), cell(None)
    ('0.5 (0.25 … 1)', '12,345', 'exact', '')
    """
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, int | float):
        return number(value)
    found = list(_flat(value))
    if not all(isinstance(one, int | float) for one in found):
        return ", ".join(dict.fromkeys(map(cell, found)))
    if len(set(found)) < 2:
        return number(found[0]) if found else ""
    return f"{number(median(found))} ({number(min(found))} … {number(max(found))})"


def number(value: float) -> str:
    """Whole numbers whole, others with four digits."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def tables(rows: Any) -> list[str]:
    """Rows with names in common stand in one table.

    >>> print(tables({"C4": {"s": 1.5}, "D4": {"s": [1, 2, 3]}})[0])
    |  | s |
    | --- | ---: |
    | C4 | 1.5 |
    | D4 | 2 (1 … 3) |
    """
    groups: list[list[Row]] = []
    for name, values in leaves(rows):
        for group in groups:
            if len(set(values) & set(group[0][1])) * 2 >= len(values):
                group.append((name, values))
                break
        else:
            groups.append([(name, values)])
    return [_table(group) for group in groups]


def leaves(rows: Any, way: tuple[str, ...] = ()) -> Iterator[Row]:
    """The dictionaries at the ends, each with the way to it."""
    if isinstance(rows, list):
        yield from leaves(joined(rows) if way else {str(i + 1): row for i, row in enumerate(rows)}, way)
        return
    here = {name: value for name, value in rows.items() if not _holds_names(value)}
    if here:
        yield ", ".join(way), here
    for name, value in rows.items():
        if name not in here:
            yield from leaves(value, (*way, name))


def joined(records: list[Mapping[str, Any]]) -> dict[str, Any]:
    """The same names of several seeds, each with all its values."""
    names = dict.fromkeys(name for record in records for name in record)
    found = {name: [record[name] for record in records if name in record] for name in names}
    return {name: joined(values) if _holds_names(values) else values for name, values in found.items()}


def _holds_names(value: Any) -> bool:
    """Whether there are dictionaries in it."""
    return isinstance(value, Mapping) or (isinstance(value, list) and any(map(_holds_names, value)))


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for one in value:
            yield from _flat(one)
    elif value is not None:
        yield value


def _table(group: list[Row]) -> str:
    names = list(dict.fromkeys(name for _, values in group for name in values))
    return table(["", *names], [[row, *(cell(values.get(name)) for name in names)] for row, values in group])
