"""Group convolution: the filter is moved by every element of the group, and in the Fourier domain it is multiplied."""

import math

import torch
from torch import Tensor, nn

from erlangen.auditing import difference
from erlangen.auditing.measure import error
from erlangen.blueprint import derive
from erlangen.domains import Grid, HexGrid
from erlangen.groups import SO, C, D
from erlangen.layers import LatticeConv, SteerableConv
from erlangen.pages import Html, shot, sites
from erlangen.signal import Space
from erlangen.task import Equivariant, Invariant, Task
from erlangen.testing import scene
from erlangen.tour.chapter import Chapter, Plate, Table, Tell, table, written
from erlangen.tour.learning import Effort, error_of, looked_at

SQUARE, HEXAGONS = Grid(2), HexGrid()


def group_convolution(effort: Effort, tell: Tell) -> Chapter:
    """One filter on squares and on hexagons, waves on rings, and what is left at 45°."""
    measured: dict[str, dict[str, float]] = {}
    plates = []
    for name, domain, group in (("squares", SQUARE, C(4)), ("hexagons", HEXAGONS, C(6))):
        measured[name], filters = _turned_filters(domain, group)
        angle = 360 // len(filters)
        drawn = [(_discs(f, domain), f"{angle * i}°", "") for i, f in enumerate(filters)]
        plates.append(Plate(drawn, "small", about=f"One filter on {name}, moved by every turn that {name} keep."))
    waves = [(_wave(k), f"frequency {k}", "") for k in range(4)]
    plates.append(Plate(waves, "small", about="Filters by angular frequency: to turn them is to multiply them."))
    other = {
        "convolution against multiplication of the Fourier transforms": _spectral(),
        **{f"turned by 45°: derived for {group!r}": _at_45(group) for group in (C(4), C(8), SO(2))},
    }
    numbers = {f"{name}: {what}": value for name, found in measured.items() for what, value in found.items()}
    rows = [(what, *(written(what, found[what]) for found in measured.values())) for what in measured["squares"]]
    return Chapter(
        "group-convolution",
        "Group convolution",
        (
            "If turns belong to the group, turn the filter to all its positions and slide each: more channels are the "
            "result. When the picture turns, these channels turn and change places, and nothing else happens. Squares "
            "keep turns by 90°, hexagons by 60°.",
            "More elegant are filters in the Fourier domain. There convolution is multiplication; and a filter given "
            "by waves around its centre is turned by any angle by multiplying, too.",
        ),
        ("(K ⋆ x)(u, g) = Σᵥ K(g⁻¹v) x(u + v)",),
        "one filter K, moved by every element g of the group",
        numbers | other,
        (Table(("count, difference or error of the audit", *measured), rows), table(other, "difference or error")),
        tuple(plates),
        "One filter becomes as many channels as the group has elements, for the weights of one. Between the pixels "
        "nothing is exact: a turn by 45° is approximate for every network, and is measured here and not called exact.",
        "squares: the least turn",
    )


def _turned_filters(domain: Grid | HexGrid, group: C) -> tuple[dict[str, float], list[Tensor]]:
    """What is measured of one lifting layer, and its filters."""
    one, many = Space(domain, group.trivial), Space(domain, group.regular)
    lift = looked_at(lambda: LatticeConv(one, many, bias=False))
    plain = looked_at(lambda: nn.Conv2d(1, many.channels, 3, padding=1, bias=False))
    x = torch.randn(16, 1, 9, 9, generator=torch.Generator().manual_seed(0))
    there = domain.mask(x)
    x = x if there is None else x * there
    first, *others = filters = list(lift.weight())
    moved = [difference(domain.act(g, first), f) for g, f in zip(group.elements[1:], others, strict=True)]
    output = Equivariant(group.regular)
    found = {
        "channels from one filter": len(filters),
        "free weights": lift.free_weights(),
        "weights of an ordinary filter bank": plain.weight.numel(),
        "the filter of g against the first one moved by g": max(moved),
        "the least turn": error_of(lift, domain, group, x, output),
        "the least turn, the ordinary filters": error_of(plain, domain, group, x, output),
    }
    return found, filters


def _discs(weights: Tensor, domain: Grid | HexGrid) -> Html:
    mask = domain.mask(weights)
    return sites(weights[0] if mask is None else weights[0].where(mask > 0, math.nan), domain.basis)


def _wave(frequency: int) -> str:
    """A filter of one angular frequency, its cosine part."""
    group = SO(2)
    layer = looked_at(
        lambda: SteerableConv(
            Space(SQUARE, group.trivial), Space(SQUARE, group.irrep(frequency)), kernel_size=9, bias=False
        )
    )
    return shot(layer.weight()[:1], "signed")


def _spectral() -> float:
    """A layer on a ring of pixels computed by sliding, and by multiplying transforms."""
    space = Space(Grid(2, boundary="periodic"), 2 * D(4).regular)
    slid, multiplied = (
        looked_at(lambda w=way: LatticeConv(space, space, kernel_size=7, way=w)) for way in ("dense", "spectral")
    )
    x = torch.randn(2, space.channels, 16, 16, generator=torch.Generator().manual_seed(0))
    return difference(slid(x), multiplied(x))


def _at_45(group: C | SO) -> float:
    """How much the answers of an untrained network to smooth scenes change when these are turned by 45°."""
    net = looked_at(lambda: derive(Task(SQUARE, group, 1, Invariant(8)), width=16, depth=1, scales=2))
    scenes = scene(SQUARE, n=24)
    return error(net(scenes.moved(SO(2).element(math.pi / 4))(32)), net(scenes(32)))
