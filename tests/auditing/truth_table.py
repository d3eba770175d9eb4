"""The truth table: models whose verdict and causes are known by construction, each cause alone and in pairs."""

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from erlangen.domains import Grid, HexGrid, Sequence
from erlangen.groups import C, D, Mirror, Octahedral, Translations
from erlangen.task import Equivariant
from tests.auditing.models import Hexagonal, isotropic_classifier, isotropic_field, noise
from tests.auditing.truth_models import (
    SIZE,
    Added,
    Affine,
    Branches,
    Coordinates,
    Gradient,
    Head,
    Last,
    Normed,
    Shuffled,
    Sliced,
    Standard,
    Then,
    Tokens,
    Turned,
    Weighted,
    Written,
    chain,
    convolution,
    flattened,
    uneven,
    upsampler,
)

X = noise(32, 1, SIZE, SIZE)
LINE, VOLUME, TIME = noise(32, 1, 16), noise(24, 1, 6, 6, 6), noise(32, 1, 17)
HEXAGON = noise(24, 1, 9, 9) * HexGrid().mask(torch.zeros(9, 9))
PLANE, D4, ROLLS = Grid(2), D(4), Translations()
plain = partial(convolution, isotropic=False)
second = partial(convolution, given=6)


@dataclass(frozen=True)
class Truth:
    """One row: what is asked of which model, and what the answer has to be."""

    id: str
    model: Any
    symmetry: Any
    verdict: str
    causes: frozenset[str] = frozenset()
    domain: Any = PLANE
    x: torch.Tensor = field(default_factory=lambda: X)
    output: Any = None
    options: dict[str, Any] = field(default_factory=dict)
    warns: str = ""


def kept(name, model, symmetry=D4, domain=PLANE, x=X, output=None, **options):
    return Truth(name, model, symmetry, "exact", frozenset(), domain, x, output, options)


def broken(name, model, symmetry, *causes, domain=PLANE, x=X, output=None, **options):
    return Truth(name, model, symmetry, "broken", frozenset(causes), domain, x, output, options)


def warned(truth, text="what else is in its batch"):
    return replace(truth, warns=text)


def of_batch(channels):
    return nn.BatchNorm1d(channels, track_running_stats=False)


def causal():
    return Then(lambda x: F.pad(x, (4, 0)))


KEPT = [
    kept("isotropic filters, zero padding", isotropic_classifier),
    kept("isotropic filters, a dense answer", isotropic_field, C(4), output=Equivariant(2)),
    kept("symmetric pools of even sizes", lambda: chain(convolution(mode="zeros"), nn.MaxPool2d(2), Head())),
    kept("isotropic filters, instance norm", lambda: chain(convolution(), nn.InstanceNorm2d(6), Head())),
    kept("a stride that samples symmetrically", lambda: chain(convolution(kernel=4, stride=2, padding=1), Head())),
    kept("any filters, circular padding", lambda: chain(plain(), Head()), ROLLS),
    kept(
        "any filters, a dense answer", lambda: chain(plain(), nn.ReLU(), second(made=2)), ROLLS, output=Equivariant(2)
    ),
    kept("a stride, shifted by it", lambda: chain(plain(stride=2), Head()), ROLLS, shifts=[2]),
    kept("tokens without positions, shifted by patches", lambda: Tokens(positions=False), ROLLS, shifts=[4]),
    kept("a vector at each point", Gradient, output=Equivariant(D4.standard)),
    kept(
        "a vector of the whole",
        lambda: Then(lambda v: v.mean((2, 3)), Gradient()),
        output=Equivariant(D4.standard, pooled=True),
    ),
    kept("a volume", lambda: isotropic_field(3, group=Octahedral()), Octahedral(), Grid(3), VOLUME, Equivariant(2)),
    kept("a line", lambda: isotropic_field(1, group=Mirror()), Mirror(), Grid(1), LINE, Equivariant(2)),
    kept("a hexagon", Hexagonal, D(6), HexGrid(), HEXAGON, Equivariant(2)),
    kept(
        "a sequence", lambda: chain(causal(), nn.Conv1d(1, 3, 5, bias=False)), ROLLS, Sequence(), TIME, Equivariant(3)
    ),
    *(
        kept(
            f"answers times {scale:g} plus {offset:g}",
            lambda s=scale, o=offset: Affine(isotropic_classifier(), s, o).double(),
        )
        for scale, offset in ((1, 1e2), (1, 1e4), (1e-3, 0), (1e3, 0), (1e-3, 1e2))
    ),
    kept("float32, plus 100", lambda: Affine(isotropic_classifier(), 1, 1e2)),
    Truth("a constant", lambda: Then(lambda x: 0 * x.mean((2, 3)) + 3), D4, "undefined"),
    Truth("a constant map", lambda: Then(lambda x: 0 * x + 3), ROLLS, "undefined", output=Equivariant(1)),
    Truth("lost in an offset", lambda: Affine(isotropic_classifier(), 1, 1e7), D4, "undefined"),
]

ALONE = [
    broken(
        "border",
        lambda: chain(plain(kernel=5, mode="zeros"), nn.ReLU(), second(kernel=5, mode="zeros"), Head()),
        ROLLS,
        "zero padding",
    ),
    broken("border, written out", Written, ROLLS, "zero padding", output=Equivariant(2)),
    broken(
        "border of a dense answer", lambda: plain(made=2, mode="zeros"), ROLLS, "zero padding", output=Equivariant(2)
    ),
    broken(
        "border on one side only",
        lambda: chain(nn.ZeroPad2d((0, 2, 0, 2)), convolution(padding=0), Head()),
        D4,
        "zero padding",
    ),
    broken("reflected border", lambda: plain(made=2, mode="reflect"), ROLLS, "reflected border", output=Equivariant(2)),
    broken("cropped border", lambda: chain(plain(kernel=5, padding=0), Head()), ROLLS, "cropped border"),
    broken("stride of a convolution", lambda: chain(plain(stride=2), Head()), ROLLS, "stride", shifts=[1]),
    broken("stride of a patch", lambda: Tokens(positions=False), ROLLS, "stride", shifts=[1]),
    broken("stride of a maximum", lambda: Then(lambda x: F.max_pool2d(x, 3).mean((2, 3)), plain()), ROLLS, "stride"),
    broken(
        "stride of a mean",
        lambda: chain(plain(), nn.ReLU(), nn.AvgPool2d(2), plain(given=6), Head()),
        ROLLS,
        "stride",
        shifts=[1],
    ),
    broken("strides in two branches", lambda: chain(Branches(), Head()), ROLLS, "stride", shifts=[1]),
    broken(
        "stride, sampled up again",
        lambda: chain(plain(stride=2), nn.ReLU(), nn.Upsample(scale_factor=2), second(made=2)),
        ROLLS,
        "stride",
        output=Equivariant(2),
        shifts=[1],
    ),
    broken(
        "border of a transposed convolution",
        lambda: nn.ConvTranspose2d(1, 2, 5, 2, 2, output_padding=1),
        ROLLS,
        "zero padding",
        output=Equivariant(2),
        shifts=[1],
    ),
    broken("stride that samples one side", lambda: chain(convolution(stride=2), Head()), D4, "stride"),
    broken(
        "stride in time",
        lambda: Then(lambda y: y[..., -1], causal(), nn.Conv1d(1, 3, 5, 2, bias=False)),
        ROLLS,
        "stride",
        domain=Sequence(),
        x=TIME,
        shifts=[1],
    ),
    broken("filters", lambda: chain(plain(), Head()), C(4), "filters"),
    broken("filters, a dense answer", lambda: plain(made=2), D4, "filters", output=Equivariant(2)),
    broken("filters in a volume", lambda: chain(plain(3), Head()), Octahedral(), "filters", domain=Grid(3), x=VOLUME),
    broken(
        "filters on a line",
        lambda: plain(1, made=2),
        Mirror(),
        "filters",
        domain=Grid(1),
        x=LINE,
        output=Equivariant(2),
    ),
    broken("flatten, turned", lambda: flattened(convolution()), D4, "flatten"),
    broken("flatten, shifted", lambda: flattened(plain()), ROLLS, "flatten"),
    *(
        broken(
            f"flatten, answers times {scale:g} plus {offset:g}",
            lambda s=scale, o=offset: Affine(flattened(convolution()), s, o).double(),
            D4,
            "flatten",
        )
        for scale, offset in ((1, 1e2), (1, 1e4), (1e-3, 0), (1e3, 0))
    ),
    broken("flatten, float32, plus 100", lambda: Affine(flattened(convolution()), 1, 1e2), D4, "flatten"),
    broken(
        "embedding of pixels",
        lambda: chain(convolution(), Added(1, 6, SIZE, SIZE), Head()),
        D4,
        "positional embedding",
    ),
    broken(
        "embedding of pixels, shifted",
        lambda: chain(plain(), Added(6, SIZE, SIZE), Head()),
        ROLLS,
        "positional embedding",
    ),
    broken("embedding of tokens", lambda: Tokens(positions=True), ROLLS, "positional embedding", shifts=[4]),
    broken("coordinates", lambda: chain(Coordinates(), convolution(given=3), Head()), D4, "coordinates"),
    broken(
        "layer norm over space",
        lambda: chain(convolution(), uneven(nn.LayerNorm([6, SIZE, SIZE])), Head()),
        D4,
        "layer norm",
    ),
    broken(
        "layer norm over space, shifted",
        lambda: chain(plain(), uneven(nn.LayerNorm([6, SIZE, SIZE])), Head()),
        ROLLS,
        "layer norm",
    ),
    broken(
        "nearest values",
        lambda: Then(lambda x: F.interpolate(x, size=17), convolution(made=2)),
        D4,
        "upsampling",
        output=Equivariant(2),
        shifts=[],
    ),
    broken(
        "output padding",
        lambda: chain(convolution(mode="zeros"), nn.ReLU(), upsampler()),
        D4,
        "upsampling",
        output=Equivariant(2),
    ),
    broken(
        "an interpolated border",
        lambda: chain(nn.Upsample(scale_factor=2, mode="bilinear"), plain(made=2)),
        ROLLS,
        "interpolation",
        output=Equivariant(2),
        shifts=[1],
    ),
    broken(
        "interpolation between corners",
        lambda: Then(lambda x: F.interpolate(x, scale_factor=2, mode="bicubic", align_corners=True), plain(made=2)),
        ROLLS,
        "interpolation",
        output=Equivariant(2),
        shifts=[1],
    ),
    broken(
        "interpolation by no whole factor", lambda: chain(nn.Upsample(size=17), plain(), Head()), ROLLS, "interpolation"
    ),
    broken(
        "interpolation at fixed places", lambda: chain(Turned(), convolution(), Head()), D4, "interpolation", shifts=[]
    ),
    warned(
        broken(
            "statistics of the batch, in time",
            lambda: chain(causal(), nn.Conv1d(1, 3, 5, bias=False), of_batch(3)),
            ROLLS,
            "batch statistics",
            domain=Sequence(),
            x=TIME,
            output=Equivariant(3),
            shifts=[13],
        )
    ),
    warned(
        broken(
            "statistics of the batch at each position",
            lambda: chain(Standard(), convolution(), Head()),
            D4,
            "batch statistics",
        )
    ),
    warned(
        broken("statistics of the batch for each token", lambda: Normed(True), ROLLS, "batch statistics", shifts=[4])
    ),
    broken("kept statistics of each token", lambda: Normed(False), ROLLS, "batch statistics", shifts=[4]),
    broken(
        "statistics of a signal, in time",
        lambda: chain(causal(), nn.Conv1d(1, 3, 5, bias=False), nn.InstanceNorm1d(3)),
        ROLLS,
        "statistics of the signal",
        domain=Sequence(),
        x=TIME,
        output=Equivariant(3),
        shifts=[13],
    ),
    broken("stride of a slice", lambda: chain(plain(), Sliced(), Head()), ROLLS, "stride", shifts=[1]),
    broken(
        "stride of slices put together",
        lambda: chain(Sliced(together=True), plain(given=4), Head()),
        ROLLS,
        "stride",
        shifts=[1],
    ),
    broken("slice that samples one side", lambda: chain(convolution(), Sliced(), Head()), D4, "stride", shifts=[]),
    broken("factors of each position", lambda: chain(convolution(), Weighted(), Head()), D4, "positional factors"),
    broken(
        "factors of each position, shifted",
        lambda: chain(plain(), Weighted(), Head()),
        ROLLS,
        "positional factors",
        shifts=[1],
    ),
    broken(
        "embedding, channels last", lambda: chain(Last(convolution()), Head()), D4, "positional embedding", shifts=[]
    ),
    broken("positions in another order", lambda: chain(Shuffled(), convolution(), Head()), D4),
]

PAIRS = [
    broken("flatten, filters", lambda: flattened(plain()), C(4), "flatten", "filters"),
    broken(
        "flatten, border",
        lambda: flattened(plain(kernel=5, mode="zeros"), nn.ReLU(), plain(given=6, kernel=5, mode="zeros")),
        ROLLS,
        "flatten",
        "zero padding",
    ),
    broken(
        "flatten, stride",
        lambda: flattened(plain(stride=2), positions=SIZE * SIZE // 4),
        ROLLS,
        "flatten",
        "stride",
        shifts=[1],
    ),
    broken(
        "flatten, embedding",
        lambda: flattened(convolution(), Added(1, 6, SIZE, SIZE)),
        D4,
        "flatten",
        "positional embedding",
    ),
    broken(
        "border, stride",
        lambda: chain(plain(kernel=5, mode="zeros", stride=2), nn.ReLU(), second(kernel=5, mode="zeros"), Head()),
        ROLLS,
        "zero padding",
        "stride",
        shifts=[1],
    ),
    broken(
        "cropped border, stride",
        lambda: chain(plain(kernel=5, padding=0), nn.MaxPool2d(2), Head()),
        ROLLS,
        "cropped border",
        "stride",
        shifts=[1],
    ),
    broken(
        "reflected border, stride",
        lambda: chain(plain(kernel=5, mode="reflect"), nn.MaxPool2d(2), Head()),
        ROLLS,
        "reflected border",
        "stride",
        shifts=[1],
    ),
    broken(
        "stride, border of a transposed convolution",
        lambda: chain(plain(stride=2), nn.ReLU(), nn.ConvTranspose2d(6, 2, 5, 2, 2, output_padding=1)),
        ROLLS,
        "stride",
        "zero padding",
        output=Equivariant(2),
        shifts=[1],
    ),
    broken("stride, filters", lambda: chain(plain(stride=2), Head()), C(4), "stride", "filters"),
    broken("stride, embedding", lambda: Tokens(positions=True), ROLLS, "stride", "positional embedding", shifts=[1]),
    broken(
        "embedding, filters",
        lambda: chain(plain(), Added(1, 6, SIZE, SIZE), Head()),
        D4,
        "positional embedding",
        "filters",
    ),
    broken(
        "layer norm, filters",
        lambda: chain(plain(), uneven(nn.LayerNorm([6, SIZE, SIZE])), Head()),
        D4,
        "layer norm",
        "filters",
    ),
    broken(
        "coordinates, border",
        lambda: chain(Coordinates(), plain(given=3, kernel=5, mode="zeros"), Head()),
        ROLLS,
        "coordinates",
        "zero padding",
    ),
    broken(
        "upsampling, filters",
        lambda: Then(lambda x: F.interpolate(x, size=17), plain(made=2)),
        D4,
        "upsampling",
        "filters",
        output=Equivariant(2),
        shifts=[],
    ),
    broken(
        "interpolation, border",
        lambda: chain(nn.Upsample(scale_factor=2, mode="bilinear"), plain(made=2, kernel=5, mode="zeros")),
        ROLLS,
        "interpolation",
        "zero padding",
        output=Equivariant(2),
        shifts=[1],
    ),
    broken(
        "interpolation, filters", lambda: chain(Turned(), plain(), Head()), D4, "interpolation", "filters", shifts=[]
    ),
    warned(
        broken(
            "batch statistics, stride in time",
            lambda: Then(lambda y: y[..., -1], causal(), nn.Conv1d(1, 3, 5, 2, bias=False), of_batch(3)),
            ROLLS,
            "batch statistics",
            "stride",
            domain=Sequence(),
            x=TIME,
            shifts=[13],
        )
    ),
    broken("batch statistics, stride", lambda: Normed(False), ROLLS, "batch statistics", "stride", shifts=[1]),
    broken(
        "statistics of the signal, stride",
        lambda: Then(
            lambda y: y[..., -1], causal(), nn.Conv1d(1, 6, 5, 2, bias=False), nn.GroupNorm(2, 6), nn.Conv1d(6, 3, 1)
        ),
        ROLLS,
        "statistics of the signal",
        "stride",
        domain=Sequence(),
        x=TIME,
        shifts=[13],
    ),
    broken(
        "slice, border",
        lambda: chain(plain(kernel=5, mode="zeros"), Sliced(), Head()),
        ROLLS,
        "stride",
        "zero padding",
        shifts=[1],
    ),
    broken(
        "factors, filters",
        lambda: chain(plain(), Weighted(), Head()),
        D4,
        "positional factors",
        "filters",
        shifts=[],
    ),
    broken(
        "embedding, channels last, and stride",
        lambda: chain(Last(plain(stride=2), SIZE // 2), plain(given=6), Head()),
        ROLLS,
        "positional embedding",
        "stride",
        shifts=[1],
    ),
]
