"""How stable answers are to small deformations, and what anti-aliased pooling does for it; each beside its number.

    python -m examples.stability

writes docs/stability.md and, with pictures, docs/_build/stability.html; tests/test_stability.py asserts every claim.
"""

import math
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import erlangen as er
from erlangen.data import load
from erlangen.pages import Section, article, markdown, shot, write

DOCS = Path(__file__).parent.parent / "docs"
SQUARE, QUARTER = er.Grid(2), math.pi / 2
POOLS = ("average", "max", "antialiased")
TITLE = "Stability to deformations, measured"
LEAD = (
    "A thing bent a little is still that thing: its picture x becomes x(u − τ(u)), and a good answer should change no "
    "more than C times as much as the picture is bent, ε = sup |∇τ| (Mallat 2012, arXiv:1101.2286; Bietti and Mairal "
    "2019, arXiv:1706.03078). `er.audit(…, stability=True)`, on the command line `erlangen audit … --stability`, "
    "measures that, and a run of examples/stability.py the numbers below (make docs writes this page). The change is "
    "√(mean ‖f(x_τ) − f(x)‖² / (Var f(x_τ) + Var f(x))): 0 is none, 1 unrelated. The networks are untrained."
)


def curve() -> Section:
    """A derived network on digits: the curve over all sizes, and its slope."""
    x = digits(28)
    found = stability(network("average", 0), x)
    first, last = found.curve[0], found.curve[-1]
    tau = SQUARE.deformations((28, 28), 1, seed=3).on((28, 28))
    return Section(
        "A small deformation, a small change",
        "Whatever bends a picture by ε, its answer changes by about C·ε.",
        {
            "C of change ≈ C·ε, read from the small sizes": found.constant,
            "the exponent p of change ∝ εᵖ there": found.exponent,
            f"change at ε = {last.size:g}, which moves pixels by up to {last.reach:.2g}": last.change,
            "change of the pictures themselves there": last.inputs,
            f"change at ε = {first.size:.2g}": first.change,
            "the floor there, what interpolation does by itself, over the change": first.floor / first.change,
        },
        "One random field τ is drawn for each picture, of up to three half waves from border to border, the border "
        "kept in place (on a periodic grid it wraps), and made smaller and smaller. Every size is deformed twice, by "
        "quintic and by cubic splines; where the two differ by more than a third of the change nothing is claimed. C "
        "and the exponent are read from the sizes up to ⅛ at which the answers change by at most 0.3.",
        "of a derived C4 network",
        [(shot(x[:1]), "x", "")]
        + [(shot(SQUARE.deform(x[:1], size * tau)), "x_τ", f"ε = {size:g}") for size in (0.125, 0.25, 0.5)],
    )


def known() -> Section:
    """Answers of which the slope is known from a formula."""
    x = digits(28)
    dense = er.audit(lambda x: 3 * x, SQUARE, er.C(4), x, er.Equivariant(1), **quick()).stability
    shape = x[:1] + 0.1
    scaled = shape * torch.linspace(1, 2, 24)[:, None, None, None]
    odd = shape - shape.flip(-1)  # it is at right angles to what is the same from left and right
    even = scaled + scaled.flip(-1)
    return Section(
        "What is known beforehand",
        "A deformation moves mass about; the first order tells which answers notice.",
        {
            "a pixel in the corner, which stays in place: the largest change": max(
                stability(lambda x: x[..., 0, 0], blurred(28, 3.0)).changes
            ),
            "an answer that moves along with the picture: the largest change": max(dense.changes),
            "the mean of the picture: exponent": stability(lambda x: x.mean((2, 3)), x).exponent,
            "a part that is zero on every undeformed picture, squared: exponent": stability(
                lambda x: x[..., 0, 0] + 0.01 * (x * odd[0]).sum((2, 3)).square(), even
            ).exponent,
        },
        "The mean is not stable to second order: ∫ x(u − τ) = ∫ x + ∫ x div τ + …, for what is stretched counts for "
        "more. Shifts do not change it, deformations do, and no global pooling takes that away. Where the answer is "
        "one at each point, it is compared with the answer to x deformed by the same τ.",
        "measured",
    )


def pools() -> Section:
    """The same networks, but for their pools, on inputs with more or less that a coarser grid cannot carry."""
    numbers: dict[str, float] = {}
    for n in (28, 29):
        for kind, x in {"rough": blurred(n, 1.0), "digits": digits(n), "smooth": blurred(n, 3.0)}.items():
            for pool in POOLS:
                found = [stability(network(pool, seed), x).constant for seed in range(3)]
                numbers[f"{kind}, {n} × {n}: {pool}"] = statistics.median(found)
    return Section(
        "Anti-aliased pooling lowers it, where there is something to alias",
        "Smooth before you take every second pixel, and what is too fine for the coarser grid is gone, instead of "
        "coming back as something else.",
        numbers,
        "Rough pictures are noise blurred over one pixel, smooth ones over three. The rougher the picture, the more "
        "anti-aliasing gains; on smooth ones there is little to alias, and little is gained. It gains most where odd "
        "sizes are halved, as in 29 → 15 → 8: to stay symmetric about the centre, average and maximum both take every "
        "second pixel as it is, and are the same. Where even sizes are, as in 28 → 14 → 7, the average of pairs is a "
        "low-pass already, and the maximum enlarges what is rough. benchmarks/stability.py has more networks, their "
        "spread, and answers at each point.",
        "C, the median of three networks",
    )


def splines() -> Section:
    """What a step far smaller than a pixel does to a picture, read by two interpolators."""
    n, cycles = 32, 4
    u = torch.arange(n, dtype=torch.float64)
    wave = torch.cos(2 * math.pi * cycles * u / n)[None, None, :, None].expand(1, 1, n, n)
    step, ring = 0.01, er.Grid(2, boundary="periodic")
    true = -torch.cos(2 * math.pi * cycles * u / n) + torch.cos(2 * math.pi * cycles * (u - step) / n)
    field = np.zeros((1, 2, n, n))
    field[:, 0] = step

    def steep(moved: Tensor) -> float:
        inner = slice(4, -4)
        change = (moved - wave)[0, 0, inner, inner]
        return float((change * true[inner, None]).sum() / (true[inner, None].expand_as(change) ** 2).sum())

    at = torch.stack(torch.meshgrid(u - step, u, indexing="ij"), -1)
    grid = ((2 * at + 1) / n - 1).flip(-1)[None]
    bicubic = nn.functional.grid_sample(wave, grid, mode="bicubic", align_corners=False)
    return Section(
        "Why splines",
        "The constant is a derivative, so the interpolator's slope at the pixels has to be right.",
        {
            "torch's bicubic, A = −0.75": steep(bicubic),
            "cubic spline": steep(ring.deform(wave, field, order=3)),
            "quintic spline": steep(ring.deform(wave, field)),
        },
        "A wave of four cycles on 32 pixels is shifted by a hundredth of a pixel. Torch's bicubic kernel makes the "
        "change too large by about a third, whatever the network: every constant would be.",
        "change, over the true one",
    )


# --- what the sections share


def digits(n: int) -> Tensor:
    """Real digits, enlarged to a smooth picture of 20 pixels in the middle of n × n."""
    drawn = nn.functional.interpolate(
        load("digits", limit=60).parts["train"].inputs[:24], size=(20, 20), mode="bicubic"
    )
    left, right = (n - 20) // 2, (n - 19) // 2
    return nn.functional.pad(drawn, (left, right, left, right))


def blurred(n: int, width: float) -> Tensor:
    """Noise under a Gaussian of that width in pixels."""
    x = torch.randn(24, 1, n + 24, n + 24, generator=torch.Generator().manual_seed(0))
    kernel = torch.exp(-(torch.arange(-12.0, 13.0) ** 2) / (2 * width**2))
    x = nn.functional.conv2d(x, kernel[None, None, :, None] / kernel.norm())
    return nn.functional.conv2d(x, kernel[None, None, None] / kernel.norm())


def network(pool: str, seed: int) -> er.Blueprint:
    """A derived classifier of quarter turns with that pooling; the same weights for the same seed."""
    torch.manual_seed(seed)
    task = er.Task(SQUARE, er.C(4), input=1, output=er.Invariant(10))
    return er.derive(task, width=16, depth=1, scales=3, pool=pool).eval()


def stability(model: Callable[[Tensor], Tensor], x: Tensor) -> Any:
    return er.audit(model, SQUARE, er.C(4), x, **quick()).stability


def quick() -> dict[str, Any]:
    """One turn and no shift: what is asked of the group is not the matter here."""
    return {"elements": [QUARTER], "shifts": [], "bootstrap": 0, "stability": True, "proof": False}


SECTIONS: tuple[Callable[[], Section], ...] = (curve, known, pools, splines)


def main() -> None:
    sections = [section() for section in SECTIONS]
    print(write(DOCS / "stability.md", markdown(TITLE, LEAD, sections)))
    print(write(DOCS / "_build" / "stability.html", article(TITLE, LEAD, sections, f"erlangen {er.__version__}")))


if __name__ == "__main__":
    main()
