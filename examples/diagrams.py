"""The symmetry of every domain as a commuting square, x → f(x) above and g·x → f(g·x) below, from what networks answer.

    python -m examples.diagrams

writes docs/diagrams/<domain>.svg, each with ‖f(g·x) − g·f(x)‖ ÷ ‖f(x)‖ in its middle. The networks are as derived,
untrained, from seed 0: equivariance belongs to the architecture, and weights do not matter to it.
"""

from collections.abc import Callable
from pathlib import Path

import torch

from erlangen.files import write_whole
from examples.squares import flow, lattices, packed
from examples.squares.layout import Square, square

FOLDER = Path(__file__).parents[1] / "docs" / "diagrams"
SQUARES: dict[str, Callable[[], Square]] = {
    "images": lattices.images,
    "volumes": lattices.volumes,
    "hexagons": lattices.hexagons,
    "dna": lattices.dna,
    "time": flow.sequences,
    "sets": packed.sets,
    "graphs": packed.graphs,
    "points": packed.clouds,
    "sphere": flow.spheres,
    "meshes": packed.surfaces,
    "products": lattices.films,
    "finite": lattices.tones,
}


def drawn(name: str) -> Square:
    """The square of a domain, from seed 0."""
    torch.manual_seed(0)
    with torch.no_grad():
        return SQUARES[name]()


def main() -> None:
    for name in SQUARES:
        write_whole(FOLDER / f"{name}.svg", square(drawn(name)))
        print(FOLDER / f"{name}.svg")


if __name__ == "__main__":
    main()
