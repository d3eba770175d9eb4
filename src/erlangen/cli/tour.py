"""`erlangen tour`: all domains in small, from symmetry to sequences, on one page."""

from pathlib import Path
from typing import Annotated

import typer

from erlangen.cli.options import check_writable, print_table, progress_bar
from erlangen.cli.runs import RUNS

PAGE = RUNS / "tour" / "tour.html"


def command(
    out: Annotated[Path, typer.Option(help="The page to write, one file that needs no network.")] = PAGE,
    chapters: Annotated[
        str | None, typer.Option(help="Some chapters only, e.g. images,dna. Left out: all of them.")
    ] = None,
    effort: Annotated[float, typer.Option(hidden=True, min=0.0, max=1.0)] = 1.0,
) -> None:
    """Read geometric deep learning as a book in small whose every number is measured while it is written.

    erlangen tour

    A few minutes on two cores; nothing is downloaded.
    """
    from time import perf_counter

    from erlangen.pages import write
    from erlangen.tour import chosen, page, walk

    names = chosen(chapters)
    out.parent.mkdir(parents=True, exist_ok=True)
    check_writable(out)
    begun = perf_counter()
    with progress_bar() as tell:
        found = walk(names, effort, tell)
    seconds = perf_counter() - begun
    written = write(out, page(found, seconds))
    print_table("", ("chapter", "measured", ""), [(c.title, *c.headline) for c in found], left=2)
    typer.echo(f"\n{seconds:.0f} s. The page: {written}")
