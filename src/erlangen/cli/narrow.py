"""The library's texts are laid out for a wide page; on a narrow terminal their lines and tables are laid out anew."""

import re
import shutil
from collections.abc import Sequence
from textwrap import fill

import typer

from erlangen.cli.options import print_table

HANGING = 14  # columns before the text where a word stands before it


def show(text: str, columns: Sequence[str], rows: Sequence[Sequence[str]], wrapped: int, left: int = 1) -> None:
    """The text as it is where the terminal is wide enough or is none; else narrower, its table with these columns.

    `wrapped` is the width to which the paragraphs of the text were filled; `left` columns stand flush left.
    """
    width = shutil.get_terminal_size((1000, 0)).columns
    if max(map(len, text.splitlines())) <= width:
        typer.echo(text)
        return
    before = ""
    for block in re.split("\n\n+", text):
        if _is_table(block):
            print_table("", columns, rows, left)
        else:
            gap = "\n" if before and not _is_table(before) else ""  # a table brings its own
            typer.echo(gap + narrowed(block, width, wrapped))
        before = block


def _is_table(block: str) -> bool:
    return re.search("^[─ ]+$", block, flags=re.MULTILINE) is not None


def narrowed(block: str, width: int, wrapped: int) -> str:
    """The lines of a block, those that were one line before they were filled to `wrapped` joined again, within `width`.

    >>> print(narrowed("Cannot see    Which way up", 22, 110))
    Cannot see    Which
                  way up
    """
    lines: list[str] = []
    before = ""
    for line in block.splitlines():
        word = line.split(maxsplit=1)[0]
        if _indent(line) in (4, HANGING) and len(before) + 1 + len(word) > wrapped:
            lines[-1] += f" {line.strip()}"
        else:
            lines.append(line)
        before = line
    return "\n".join(
        fill(line, width, subsequent_indent=" " * _hang(line), break_long_words=False, break_on_hyphens=False)
        for line in lines
    )


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _hang(line: str) -> int:
    named = _indent(line) == 0 and line[HANGING - 2 : HANGING] == "  " and line[HANGING : HANGING + 1].strip()
    return HANGING if named else _indent(line) + 4
