"""Each site as its own cell: the right shape, in the right place, of the right colour, and nothing left between."""

import re

import numpy as np
import pytest

from erlangen import pages

HEXAGONS = [[1.0, 0.5], [0.0, 0.75**0.5]]
SQUARES = np.eye(2)

Cell = tuple[str, np.ndarray]


def cells(drawing: str) -> list[Cell]:
    """(colour, corners [k, (x, y)]) of every cell."""
    found = []
    for path, fill in re.findall(r'<path d="([^"]+)" fill="([^"]+)"', drawing):
        for start, steps in re.findall(r"M([-\d. ]+)((?:l[-\d. ]+)+)z", path):
            moves = [[float(v) for v in pair.split()] for pair in (start, *steps.split("l")[1:])]
            found.append((fill, np.cumsum(moves, axis=0)))
    return found


def area(corners: np.ndarray) -> float:
    x, y = corners.T
    return abs(float(x @ np.roll(y, 1) - y @ np.roll(x, 1))) / 2


def hexagon(radius: int) -> np.ndarray:
    """1, 2, 3 … on the sites, NaN beyond."""
    q, r = np.meshgrid(*(np.arange(-radius, radius + 1),) * 2, indexing="ij")
    values = np.full(q.shape, np.nan)
    values[abs(q + r) <= radius] = np.arange(1 + 3 * radius * (radius + 1))
    return values


@pytest.mark.parametrize(
    ("basis", "corners", "size"), [(HEXAGONS, 6, 100 * 0.75**0.5), (SQUARES, 4, 100.0), (np.diag([2.0, 1.0]), 4, 200.0)]
)
def test_a_cell_is_what_is_nearest_to_its_site(basis: np.ndarray, corners: int, size: float):
    ((_, cell),) = cells(pages.mosaic([[0.5]], basis))
    assert len(cell) == corners
    assert area(cell) == pytest.approx(size, rel=0.01)
    sides = np.linalg.norm(cell - np.roll(cell, 1, axis=0), axis=1)
    assert sides.max() / sides.min() == pytest.approx(2 if np.allclose(basis, np.diag([2, 1])) else 1, rel=0.01)


@pytest.mark.parametrize("radius", [1, 3])
def test_every_site_is_drawn_where_it_lies(radius: int):
    drawn = cells(pages.mosaic(hexagon(radius), HEXAGONS))
    assert len(drawn) == 1 + 3 * radius * (radius + 1)
    centres = np.array([cell.mean(0) for _, cell in drawn])
    centres = (centres - centres.mean(0)) / 10
    expected = np.argwhere(~np.isnan(hexagon(radius))) - radius
    expected = (expected @ np.array(HEXAGONS).T)[:, ::-1]  # (column, row) as (x, y)
    distance = np.linalg.norm(centres[:, None] - expected, axis=-1)
    assert distance.min(0).max() < 0.02
    assert distance.min(1).max() < 0.02


def test_the_drawing_is_as_large_as_its_cells():
    drawing = pages.mosaic(hexagon(2), HEXAGONS)
    everything = np.concatenate([cell for _, cell in cells(drawing)])
    width, height = (float(v) for v in re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawing)[0])
    assert everything.min(0) == pytest.approx([0, 0], abs=0.1)
    assert everything.max(0) == pytest.approx([width, height], abs=0.1)
    assert (width, height) == pytest.approx((40 * 0.75**0.5 + 20 / 3**0.5, 50), abs=0.1)


def test_colours_are_those_of_pictures_and_of_classes():
    grey = {fill for fill, _ in cells(pages.mosaic([[0.0, 0.5, 1.0]], SQUARES))}
    assert grey in ({"#000000", middle, "#ffffff"} for middle in ("#7d7d7d", "#828282"))
    assert cells(pages.mosaic([[0.0]], SQUARES, 0.0, 1.0))[0][0] == "#000000"
    assert cells(pages.mosaic([[[1.0, 0.5, 0.0]]], SQUARES, 0.0, 1.0))[0][0] == "#ff8000"
    kinds = [fill for fill, _ in cells(pages.mosaic([[0, 7, np.nan]], SQUARES, colours="classes"))]
    assert sorted(kinds) == sorted("#" + bytes(pages.CLASSES[c]).hex() for c in (0, 1))
