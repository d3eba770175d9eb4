"""The claims of a first look at geometric deep learning, each beside the number that a run of this file measures.

    python examples/the_text.py

writes docs/the_text.md and, with pictures, docs/_build/the_text.html. The claims are those that practitioners read in
Bronstein, Bruna, Cohen and Veličković 2021, arXiv:2104.13478; tests/test_the_text.py asserts every one.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

import erlangen as er
from erlangen.data import load
from erlangen.pages import picture, render, write

ROOT = Path(__file__).parent.parent
SQUARE, TORUS, HEXAGONS = er.Grid(2), er.Grid(2, boundary="periodic"), er.HexGrid()


@dataclass
class Section:
    """A claim, what was measured of it (`numbers`, by name), and what the numbers say."""

    title: str
    claim: str
    numbers: dict[str, float]
    finding: str
    columns: tuple[str, ...] = ("", "difference")
    pictures: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def rows(self) -> list[list[str]]:
        return [[name, shown(value)] for name, value in self.numbers.items()]

    right = (1,)


def shown(value: float) -> str:
    """Whole numbers as they are, rounding as what it is, everything else to two figures."""
    if value == round(value) and (value == 0 or abs(value) >= 2):
        return str(round(value))
    return "≤ 1e-5 (rounding)" if abs(value) < 1e-5 else f"{value:.2g}"


def difference(a: Tensor, b: Tensor) -> float:
    """‖a − b‖ / √(‖a‖² + ‖b‖²): 0 where they are equal, 1 where they have nothing in common."""
    return float((a - b).norm() / torch.sqrt(a.square().sum() + b.square().sum()))


def digits(n: int, size: int = 16) -> Tensor:
    """Real handwritten digits `[n, 1, size, size]`, enlarged from 8 × 8, on an empty page."""
    small = load("digits").test.inputs[:n]
    large = nn.functional.interpolate(small, size=size - 4, mode="bicubic", align_corners=False).clamp(0, 1)
    return nn.functional.pad(large, (2, 2, 2, 2))


def quarter() -> er.Element:
    return er.C(4).generators[0]


# --- S1: transformations compose and can be undone


def compose_and_undo() -> Section:
    page = nn.functional.pad(digits(1), (2, 14, 3, 13))  # one digit, away from the middle of a page of 32 × 32
    corner = (3, 2)

    def turn_page(g: er.Element, x: Tensor) -> Tensor:
        return SQUARE.act(g, x) if g.group == er.C(4) else SQUARE.warp(g, x)

    def turn_in_place(g: er.Element, x: Tensor, at: tuple[int, int]) -> Tensor:
        """Turn about the digit's own centre: that of its 16 × 16 box, wherever the box is."""
        turned, (row, column) = torch.zeros_like(x), at
        turned[..., row : row + 16, column : column + 16] = turn_page(g, x[..., row : row + 16, column : column + 16])
        return turned

    shift = (2, 5)
    numbers = {}
    for name, g in {"90°": quarter(), "30°": er.SO(2).element(math.pi / 6)}.items():
        moved = SQUARE.roll(page, shift)
        first_turned = SQUARE.roll(turn_in_place(g, page, corner), shift)
        first_shifted = turn_in_place(g, moved, (corner[0] + shift[0], corner[1] + shift[1]))
        numbers[f"{name} about the digit's own centre: turn then shift, or shift then turn"] = difference(
            first_turned, first_shifted
        )
        numbers[f"{name} about the middle of the page: turn then shift, or shift then turn"] = difference(
            SQUARE.roll(turn_page(g, page), shift), turn_page(g, moved)
        )
        numbers[f"{name} and back, against nothing done"] = difference(turn_page(~g, turn_page(g, page)), page)
    group = er.D(4)
    numbers["g·(h·x) against (gh)·x, the worst of all 64 pairs in D4"] = max(
        difference(SQUARE.act(g, SQUARE.act(h, page)), SQUARE.act(g @ h, page))
        for g in group.elements
        for h in group.elements
    )
    r, m = group.generators
    numbers["a quarter turn and a mirror, in one order and the other"] = difference(
        SQUARE.act(r @ m, page), SQUARE.act(m @ r, page)
    )
    turned = SQUARE.act(quarter(), page)
    return Section(
        "Transformations compose, and can be undone",
        "Turn a digit, then move it. Sometimes the order does not matter. Every step can be taken back.",
        numbers,
        "Turning about the digit's own centre and shifting commute, since that centre moves along. Turning about the middle "
        "of the page and shifting do not, nor do a turn and a mirror. A quarter turn moves pixels to pixels and is undone to "
        "the last bit; 30° has to interpolate, and its way back shows how much that loses.",
        pictures=[
            (shot(page), "x", "a handwritten digit"),
            (shot(SQUARE.roll(turn_in_place(quarter(), page, corner), shift)), "own centre", "either order"),
            (shot(SQUARE.roll(turned, shift)), "page's middle", "turn, then shift"),
            (shot(turn_page(quarter(), SQUARE.roll(page, shift))), "page's middle", "shift, then turn"),
        ],
    )


# --- S5: convolution keeps shifts and not rotations


def beak() -> Section:
    """One filter that has learned one small pattern."""
    page = digits(1)
    pattern = page[..., 5:10, 5:10]
    learned = (pattern - pattern.mean()) / (pattern - pattern.mean()).square().sum()
    filters = torch.cat([SQUARE.act(g, learned) for g in er.C(4).elements])

    def loudest(x: Tensor, bank: Tensor) -> float:
        return float(nn.functional.conv2d(x, bank, padding=2).amax())

    at_home = loudest(page, learned)
    numbers = {"the pattern where it was learned": 1.0}
    numbers["the page shifted by (3, 2)"] = loudest(SQUARE.roll(page, (3, 2)), learned) / at_home
    numbers["the page turned by 90°"] = loudest(SQUARE.act(quarter(), page), learned) / at_home
    numbers["the filter in all four positions, the page turned by 90°"] = loudest(
        SQUARE.act(quarter(), page), filters
    ) / loudest(page, filters)
    return Section(
        "A filter finds its pattern anywhere, but not turned",
        "A filter that has learned a penguin's beak finds it anywhere in the picture. A turned beak is missed.",
        numbers,
        "The loudest answer is the same wherever the pattern is moved. Turn the page and it is another answer, until the "
        "filter is moved to every position of the group.",
        columns=("", "loudest answer, over that at home"),
        pictures=[(shot(page), "page", ""), *((shot(f), "filter", f"at {90 * i}°") for i, f in enumerate(filters))],
    )


def fully_convolutional(periodic: bool = True) -> nn.Sequential:
    mode = "circular" if periodic else "zeros"
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1, padding_mode=mode), nn.ReLU(), nn.Conv2d(8, 2, 3, padding=1, padding_mode=mode)
    ).eval()


def convolution() -> Section:
    net, x = fully_convolutional(), digits(32)
    report = er.audit(net, TORUS, er.C(4), x, output=er.Equivariant(2), shifts=[(1, 0), (3, 5)])
    return Section("Convolution keeps shifts and not rotations", "…", {"turned": report.error}, "…")


def shot(x: Tensor) -> str:
    """The first signal's first channel as a picture."""
    return picture(x[0, 0].detach().numpy())


SECTIONS: tuple[Callable[[], Section], ...] = (compose_and_undo, beak, convolution)
