"""The claims of a first look at geometric deep learning, each beside the number that a run of this file measures.

    python -m examples.the_text

writes docs/the_text.md and, with pictures, docs/_build/the_text.html. The claims are those that practitioners meet in
Bronstein, Bruna, Cohen and Veličković 2021, arXiv:2104.13478; tests/test_the_text.py asserts every one.
"""

import math
from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import erlangen as er
from erlangen.auditing import difference
from erlangen.data import load
from erlangen.groups import Element
from erlangen.pages import Html, Section, article, markdown, shot, shown, sites, write

DOCS = Path(__file__).parent.parent / "docs"
SQUARE, TORUS, HEXAGONS = er.Grid(2), er.Grid(2, boundary="periodic"), er.HexGrid()
QUARTER = er.C(4).generators[0]
DIFFERENCE = "difference ‖a − b‖ / √(‖a‖² + ‖b‖²)"
TITLE = "The text's claims, measured"
LEAD = (
    "What a first look at geometric deep learning claims, and what a run of examples/the_text.py measures (make docs "
    "writes this page). The pictures are real handwritten digits. The networks are untrained, since all of this "
    "belongs to the architecture and not to the weights. An audit's error is 0 for equal answers and 1 for unrelated "
    "ones, more where a common offset differs too."
)


# --- transformations compose, and can be undone (S1)


def transformations() -> Section:
    """A turn and a shift in both orders, a turn and its way back, and the law of composition."""
    page, at, shift = nn.functional.pad(digits(1), (2, 14, 3, 13)), (3, 2), (2, 5)
    there, shifted = (at[0] + shift[0], at[1] + shift[1]), SQUARE.roll(page, shift)
    numbers = {}
    for name, g in {"90°": QUARTER, "30°": er.SO(2).element(math.pi / 6)}.items():
        own = SQUARE.roll(turned_in_place(g, page, at), shift), turned_in_place(g, shifted, there)
        middle = SQUARE.roll(turned(g, page), shift), turned(g, shifted)
        numbers[f"{name} about the digit's own centre, and a shift: both orders"] = difference(*own)
        numbers[f"{name} about the middle of the page, and a shift: both orders"] = difference(*middle)
        numbers[f"{name} and back: against nothing done"] = difference(turned(~g, turned(g, page)), page)
    group = er.D(4)
    r, m = group.generators
    numbers["a quarter turn and a mirror: both orders"] = difference(SQUARE.act(r @ m, page), SQUARE.act(m @ r, page))
    numbers["g·(h·x) against (gh)·x: the worst of the 64 pairs of D4"] = max(
        difference(SQUARE.act(g, SQUARE.act(h, page)), SQUARE.act(g @ h, page))
        for g, h in product(group.elements, repeat=2)
    )
    return Section(
        "Transformations compose, and can be undone",
        "Turn a digit, then move it. Sometimes the order does not matter. Every step can be taken back.",
        numbers,
        "Turning about the digit's own centre and shifting may change places, since that centre moves along. Turning "
        "about the middle of the page and shifting may not, nor may a turn and a mirror. A quarter turn takes pixels "
        "to pixels and is undone to the last bit; 30° has to interpolate, and its way back shows what that loses.",
        DIFFERENCE,
        [
            (shot(page), "x", "a digit, off the middle of its page"),
            (
                shot(SQUARE.roll(turned_in_place(QUARTER, page, at), shift)),
                "own centre",
                "turn and shift, in either order",
            ),
            (shot(SQUARE.roll(turned(QUARTER, page), shift)), "page's middle", "turn, then shift"),
            (shot(turned(QUARTER, shifted)), "page's middle", "shift, then turn"),
        ],
    )


# --- classification wants invariance, segmentation wants equivariance (S2)


def tasks() -> Section:
    """One domain and one symmetry, two questions, two derived networks."""
    x, small = digits(32), {"width": 16, "depth": 1, "scales": 2}
    classify = fixed(lambda: er.derive(er.Task(SQUARE, er.C(4), input=1, output=er.Invariant(10)), **small))
    segment = fixed(lambda: er.derive(er.Task(SQUARE, er.C(4), input=1, output=er.Equivariant(2)), **small))
    misread = er.audit(segment, SQUARE, er.C(4), x, output=er.Invariant(2))
    return Section(
        "Classification wants invariance, segmentation wants equivariance",
        "What a thing is does not change when it is turned. Where it is changes along with it.",
        {
            "classification: f(g·x) = f(x)": er.audit(classify, SQUARE, er.C(4), x).error,
            "segmentation: f(g·x) = g·f(x)": er.audit(segment, SQUARE, er.C(4), x).error,
            "segmentation, asked to stay put: f(g·x) = f(x)": misread.error,
        },
        "Each network keeps the law of its own question. A segmentation that stayed put while its picture turned "
        "would be wrong, and this one does not.",
        pictures=[
            (shot(x), "x", ""),
            (shot(segment(x), "signed"), "f(x)", "a derived segmentation, untrained"),
            (shot(turned(QUARTER, x)), "g·x", "turned by 90°"),
            (shot(segment(turned(QUARTER, x)), "signed"), "f(g·x)", "the answer has turned along"),
        ],
    )


# --- scale separation and the blueprint (S3, S4)


def blueprint() -> Section:
    """Coarse-graining against the group, and linear layers with and without a nonlinearity between them."""
    one, many = er.Space(SQUARE, er.C(4).trivial), er.Space(SQUARE, 4 * er.C(4).regular)

    def chain(*between: er.layers.Layer) -> er.Blueprint:
        return er.Blueprint(
            [er.layers.linear(one, many, bias=False), *between, er.layers.linear(many, one, bias=False)]
        )

    linear, curved = fixed(chain), fixed(lambda: chain(er.layers.nonlinearity(many)))
    a, b = digits(2).split(1)
    return Section(
        "Coarse-graining keeps the symmetry, and nonlinearities keep the layers apart",
        "A large thing is understood from small patches upwards. Without nonlinearities all layers would collapse to "
        "one matrix.",
        {
            "move by D4 and halve the grid, in both orders: the worst of the sizes 5 … 64": max(halvings()),
            "two linear layers: f(a − b) against f(a) − f(b)": difference(linear(a - b), linear(a) - linear(b)),
            "with a nonlinearity between them": difference(curved(a - b), curved(a) - curved(b)),
        },
        "Halving commutes with the group at every size, odd or even, since the coarse sites stay symmetric about the "
        "centre. Two linear layers are one linear map; with a nonlinearity between them they are not.",
        DIFFERENCE,
    )


def halvings() -> Iterator[float]:
    """How far moving and halving a picture are from halving and moving it, for every size."""
    for n in range(5, 65):
        x = torch.randn(1, 1, n, n + 1, generator=torch.Generator().manual_seed(n))
        yield from (
            difference(SQUARE.halve(SQUARE.act(g, x)), SQUARE.act(g, SQUARE.halve(x))) for g in er.D(4).generators
        )


# --- convolution keeps shifts and not rotations (S5)


def beak() -> Section:
    """The loudest answer of one filter on a page, on the page shifted, and on the page turned."""
    page = digits(21)[20:]
    patch = page[..., 4:9, 5:10]
    learned = patch - patch.mean()
    positions = torch.cat([SQUARE.act(g, learned) for g in er.C(4).elements])

    def loudest(x: Tensor, filters: Tensor) -> float:
        answer, at_home = (nn.functional.conv2d(seen, filters, padding=2) for seen in (x, page))
        return float(answer.amax() / at_home.amax())

    return Section(
        "A filter finds its pattern anywhere, but not turned",
        "A filter that has learned a penguin's beak finds it anywhere in the picture. A turned beak is missed.",
        {
            "the page shifted by (1, 2)": loudest(SQUARE.roll(page, (1, 2)), learned),
            "the page turned by 90°": loudest(turned(QUARTER, page), learned),
            "the page turned by 90°, the filter in all four positions": loudest(turned(QUARTER, page), positions),
        },
        "Wherever the pattern moves, the loudest answer is the same. Turned, it is another one, until the filter is "
        "moved to every position of the group.",
        "loudest answer, over that to the page",
        [(shot(page), "page", ""), *((shot(f[None]), "filter", f"at {90 * i}°") for i, f in enumerate(positions))],
    )


def convolution() -> Section:
    """An ordinary convolutional network under shifts and under quarter turns."""
    x, net = digits(32), fixed(lambda: nn.Sequential(convolve(1, 8), nn.ReLU(), convolve(8, 2)))
    report = er.audit(net, TORUS, er.C(4), x, output=er.Equivariant(2), shifts=[1, (3, 5)])
    numbers = {f"f(g·x) = g·f(x), {row.law}": row.error for row in report.verdicts if not row.judged}
    return Section(
        "Convolution keeps shifts, and not rotations",
        "Convolution commutes with shifts. It does not commute with rotations.",
        numbers | {"f(g·x) = g·f(x), turns by 90°, 180° and 270°": report.error},
        "Here the border is periodic. With zeros beyond it, shifts are exact only for answers whose receptive field "
        "stays off the border; an audit then names that cause.",
        pictures=[
            (shot(x), "x", ""),
            (shot(turned(QUARTER, net(x)), "signed"), "g·f(x)", "what the answer to g·x should be"),
            (shot(net(turned(QUARTER, x)), "signed"), "f(g·x)", "what it is"),
        ],
    )


# --- global pooling keeps invariance, flatten breaks it (S5)


def pooling() -> Section:
    """Shift-invariance and turn-invariance, with global pooling at the end and with flatten in its place."""
    x, group, stay = digits(32), er.C(4), er.Invariant(10)
    space = er.Space(TORUS, 4 * group.regular)

    def plain(*end: nn.Module) -> nn.Module:
        return nn.Sequential(convolve(1, 8), nn.ReLU(), *end)

    def turning(*end: nn.Module) -> nn.Module:
        lift = er.layers.linear(er.Space(TORUS, group.trivial), space)
        return nn.Sequential(lift, er.layers.nonlinearity(space), *end)

    def error(symmetry: Any, make: Callable[[], nn.Module]) -> float:
        return er.audit(fixed(make), TORUS, symmetry, x, output=stay).error

    shifts, flat = er.Translations(), fixed(lambda: plain(nn.Flatten(), nn.Linear(8 * 256, 10)))
    broken = er.audit(flat, TORUS, shifts, x, output=stay)
    cause = next(cause for cause in broken.causes if cause.name == "flatten")
    averaged = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10)
    return Section(
        "Global pooling keeps invariance, flatten throws it away",
        "Flattening and a dense layer in place of global pooling throws invariance away, since position then matters.",
        {
            "shifted: convolution, global pooling": error(shifts, lambda: plain(*averaged)),
            "shifted: convolution, flatten": broken.error,
            "shifted: convolution, flatten, its weights averaged over positions": cause.after,
            "turned: group convolution, global pooling": error(
                group, lambda: turning(er.layers.invariant(space), nn.Linear(4, 10))
            ),
            "turned: group convolution, flatten": error(group, lambda: turning(nn.Flatten(), nn.Linear(16 * 256, 10))),
        },
        f"The audit names the cause by itself: “{cause.what}”. It shows so by a counterfactual: with "
        f"{cause.instead}, the error of {shown(cause.before)} is gone.",
    )


# --- group convolution (S6)


def group_convolution() -> Section:
    """One filter moved by every element of a group, on squares and on hexagons."""
    cases = (("squares", SQUARE, er.C(4), digits(32)), ("hexagons", HEXAGONS, er.C(6), on_hexagons(32)))
    numbers, pictures = {}, []
    for name, domain, group, x in cases:
        space, angle = er.Space(domain, group.regular), 360 // len(group.elements)
        lift = fixed(
            lambda space=space: er.layers.LatticeConv(er.Space(space.domain, space.group.trivial), space, bias=False)
        )
        plain = fixed(lambda space=space: nn.Conv2d(1, space.channels, 3, padding=1, bias=False))
        first, *others = filters = list(lift.weight())
        moved = [difference(domain.act(g, first), f) for g, f in zip(group.elements[1:], others, strict=True)]
        turns = {"output": er.Equivariant(group.regular)}
        numbers |= {
            f"{name}: channels from one filter": len(filters),
            f"{name}: free weights, of {plain.weight.numel()} without the symmetry": lift.free_weights(),
            f"{name}: the filter of g against the first one moved by g": max(moved),
            f"{name}: turns by {angle}°": er.audit(lift, domain, group, x, **turns).error,
            f"{name}: turns by {angle}°, an ordinary convolution of as many channels": er.audit(
                plain, domain, group, x, **turns
            ).error,
        }
        pictures += [(filter_of(f, domain), f"{angle * i}°", name) for i, f in enumerate(filters)]
    return Section(
        "Move the filter by every transformation of the group",
        "If turns belong to the group, turn the filter to all its positions and slide each. More channels are the "
        "result, and the turn is kept: 90° on squares, 60° on hexagons.",
        numbers,
        "One filter becomes as many channels as the group has elements. When the picture turns, the channels turn "
        "and change places, exactly; those of an ordinary convolution do not.",
        "count, difference or error",
        pictures,
    )


# --- what the sections share


@cache
def digits(n: int) -> Tensor:
    """Real handwritten digits `[n, 1, 16, 16]`, enlarged from 8 × 8."""
    small = load("digits").test.inputs[:n]
    large = nn.functional.interpolate(small, size=12, mode="bicubic", align_corners=False).clamp(0, 1)
    return nn.functional.pad(large, (2, 2, 2, 2))


def on_hexagons(n: int) -> Tensor:
    """The same digits, read off at the sites of a hexagonal grid `[n, 1, 17, 17]`."""
    q, r = torch.meshgrid(torch.arange(-8.0, 9), torch.arange(-8.0, 9), indexing="ij")
    at = torch.stack([r * math.sqrt(3) / 2, q + r / 2], dim=-1) / 8  # (column, row), the page from −1 to 1
    read = nn.functional.grid_sample(digits(n), at.expand(n, -1, -1, -1), align_corners=False)
    return read * HEXAGONS.mask(read)


def filter_of(weights: Tensor, domain: er.Grid | er.HexGrid) -> Html:
    """A filter `[1, n, n]` as discs where its sites lie."""
    mask = domain.mask(weights)
    return sites(weights[0] if mask is None else weights[0].where(mask > 0, math.nan), domain.basis)


def convolve(channels: int, made: int) -> nn.Conv2d:
    """An ordinary convolution on the torus."""
    return nn.Conv2d(channels, made, 3, padding=1, padding_mode="circular")


def fixed(make: Callable[[], Any]) -> Any:
    """The module with the weights that seed 0 gives, only to be looked at."""
    torch.manual_seed(0)
    return make().eval().requires_grad_(False)


def turned(g: Element, x: Tensor) -> Tensor:
    """g·x about the middle of the page, exactly where pixels go to pixels."""
    return SQUARE.act(g, x) if SQUARE.preserves(g.group) else SQUARE.warp(g, x)


def turned_in_place(g: Element, x: Tensor, at: tuple[int, int]) -> Tensor:
    """g·x about the centre of the digit's own 16 × 16 box, whose corner is `at`."""
    moved, rows, columns = torch.zeros_like(x), slice(at[0], at[0] + 16), slice(at[1], at[1] + 16)
    moved[..., rows, columns] = turned(g, x[..., rows, columns])
    return moved


SECTIONS = (transformations, tasks, blueprint, beak, convolution, pooling, group_convolution)


def main() -> None:
    """Run every section and write both pages."""
    sections = [section() for section in SECTIONS]
    print(write(DOCS / "the_text.md", markdown(TITLE, LEAD, sections)))
    print(write(DOCS / "_build" / "the_text.html", article(TITLE, LEAD, sections, f"erlangen {er.__version__}")))


if __name__ == "__main__":
    main()
