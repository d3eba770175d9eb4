"""What the commands share: exit codes, options that mean the same everywhere, tables and progress on the terminal."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from erlangen.train.experiment import Tell

GOOD, BROKEN, WRONG, INTERRUPTED = 0, 1, 2, 130

Domain = Annotated[str | None, typer.Option(help='Where the data live, e.g. "Grid(2)" or grid2, hex, dna.')]
Symmetry = Annotated[
    str | None, typer.Option(help='What leaves the meaning unchanged, e.g. "C(4)" or C4, D4, Translations.')
]
Input = Annotated[str | None, typer.Option(help='Channels: a number, or how they move, e.g. "trivial + 2 * standard".')]
Output = Annotated[str | None, typer.Option(help='What is asked, e.g. "Invariant(10)" or "Equivariant(3)".')]
Html = Annotated[Path | None, typer.Option(help="Write a self-contained page to this file.")]
Json = Annotated[Path | None, typer.Option(help="Write the numbers to this file.")]


def number_or_text(text: str | None) -> int | str | None:
    """An option that a number or a text may stand for, as the library takes it.

    >>> number_or_text("3"), number_or_text("2 * regular"), number_or_text(None)
    (3, '2 * regular', None)
    """
    return int(text) if text is not None and text.strip().isdecimal() else text


def check_writable(*paths: Path | None) -> None:
    """Refuse, before any work is done, a file whose folder does not exist or that is a folder itself."""
    from erlangen.errors import ConfigError

    for path in paths:
        if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
            raise ConfigError(f"the file {path} to write", "a file in an existing folder", "Make the folder first.")


def write_json(path: Path, data: object) -> None:
    """Numbers as JSON, whole or not at all."""
    import json

    from erlangen.files import write_whole

    write_whole(path, json.dumps(data, indent=1, ensure_ascii=False) + "\n")


def say(text: str, start: str = "") -> None:
    """A paragraph on the terminal, as wide as that is, what follows its first line indented below `start`."""
    import shutil
    from textwrap import fill

    width = min(shutil.get_terminal_size((100, 0)).columns, 100)
    indent = " " * len(start)
    filled = fill(  # a path or a command stays in one piece
        text, width, initial_indent=start, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    typer.echo(filled)


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> None:
    """A table on standard output; all but the first `left` columns flush right."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number < left else "right", overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console(highlight=False, markup=False).print(table)


@contextmanager
def progress_bar() -> "Iterator[Tell]":
    """A bar on standard error that a run tells of its progress; each finished model leaves a line."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True, highlight=False, markup=False)
    parts = (
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*parts, console=console, transient=True, disable=not console.is_terminal) as bar:
        job = bar.add_task("", total=1.0)

        def tell(fraction: float, text: str, done: bool) -> None:
            bar.update(job, completed=fraction, description=text)
            if done:
                console.print(text, soft_wrap=True)

        yield tell
