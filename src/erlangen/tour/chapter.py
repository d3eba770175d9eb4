"""A chapter of the tour: what is told, what was measured while it was told, and what there is to see."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from erlangen.pages import shown

Drawing = tuple[str, str, str]  # a picture or SVG, its name, and what is said below it
Tell = Callable[[float, str], None]  # how far a chapter is, and what it does now


@dataclass(frozen=True)
class Table:
    """A head and rows of text; the first column names the row."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]

    @property
    def right(self) -> tuple[int, ...]:
        """The columns of numbers."""
        return tuple(range(1, len(self.columns)))


@dataclass(frozen=True)
class Plate:
    """Pictures that belong together; `layout` "wide" for charts, "small" for many, "row" for
    four beside each other, "row smooth" where pixels mean nothing; `legend` of (name, series)."""

    pictures: Sequence[Drawing]
    layout: str = ""
    legend: Sequence[tuple[str, int]] = ()
    about: str = ""


@dataclass(frozen=True)
class Chapter:
    """`telling` in paragraphs, a `formula` in parts and how it is read, the `numbers` that this run measured, by name,
    set in `tables`; `plates` of pictures; what they say (`finding`); and `key`, which of the numbers stands for all.

    >>> made = Chapter("one", "One", ("It is one.",), ("1 = 1",), "", {"of one": 1}, (), (), "So it is.", "of one")
    >>> made.headline
    ('of one', '1')
    """

    name: str
    title: str
    telling: tuple[str, ...]
    formula: tuple[str, ...]
    reading: str
    numbers: Mapping[str, float]
    tables: Sequence[Table]
    plates: Sequence[Plate]
    finding: str
    key: str

    @property
    def headline(self) -> tuple[str, str]:
        """The number for a table of contents, with its name."""
        return self.key, written(self.key, self.numbers[self.key])


def written(name: str, value: float) -> str:
    """A share as per cent, where its name begins with "right"; all else as `shown` has it.

    >>> written("right, turned", 0.987), written("error, turned", 2e-7)
    ('98.7 %', 'rounding, ≤ 1e-5')
    """
    return f"{100 * value:.1f} %" if name.startswith("right") else shown(value)


def table(numbers: Mapping[str, float], measured: str, what: str = "what") -> Table:
    """One number a row."""
    return Table((what, measured), [(name, written(name, value)) for name, value in numbers.items()])
