"""Squares on lattices: pixels, voxels, hexagons, letters, films, and the twelve tones."""

import torch

import erlangen as er
from erlangen.data import encode_all, load
from examples.squares import panels
from examples.squares.layout import Square, apart

DIGIT = 12  # of the test digits: a six
OPERATOR = "TTGTGAGCGGATAAC"  # of the lac operator of E. coli, Gilbert and Maxam 1973
TONES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")


def digit(n: int) -> torch.Tensor:
    """A real digit, drawn in n × n pixels, `[1, 1, n, n]`."""
    drawn = torch.nn.functional.interpolate(load("digits").test.inputs[DIGIT : DIGIT + 1], size=(n, n), mode="bicubic")
    return drawn.clamp(0, 1)


def images() -> Square:
    """A digit, a map of it, and both turned by a quarter."""
    x, group = digit(24), er.C(4)
    net = er.derive(er.Task(er.Grid(2), group, input=1, output=er.Equivariant(1)), width=16, depth=2).eval()
    gx, y, there = x.rot90(1, (2, 3)), net(x), net(x.rot90(1, (2, 3)))
    most = panels.greatest(y, there)
    corners = (panels.pixels(x[0, 0]), panels.pixels(y[0, 0], most))
    moved = (panels.pixels(gx[0, 0]), panels.pixels(there[0, 0], most))
    turn = "a quarter turn"
    return Square((*corners, *moved), ("a digit", "its map"), (turn, turn), apart(there, y.rot90(1, (2, 3))))


def volumes() -> Square:
    """Ethanol as voxels, and a third of a turn about the diagonal of the cube."""
    from examples.squares.packed import ETHANOL

    n, space = 15, er.Grid(3)
    at = torch.stack(torch.meshgrid(*[torch.linspace(-3, 3, n)] * 3, indexing="ij"), -1)
    positions = torch.tensor(ETHANOL.positions)
    weights = torch.tensor([1.0 if e == "H" else 2.0 for e in ETHANOL.elements])
    x = (weights * torch.exp(-(at[..., None, :] - positions + positions.mean(0)).square().sum(-1) / 0.5)).sum(-1)
    x = x[None, None]
    g = next(g for g in er.Octahedral().elements if g @ g @ g == er.Octahedral().identity and g @ g != g)
    net = er.derive(er.Task(space, er.Octahedral(), input=1, output=er.Equivariant(1)), depth=1, scales=2).eval()
    gx, y = space.act(g, x), net(x)
    there = net(gx)
    most = max(float(v.mean(axis).abs().max()) for v in (y[0, 0], there[0, 0]) for axis in range(3))
    corners = (panels.cube(x[0, 0]), panels.cube(y[0, 0], most), panels.cube(gx[0, 0]), panels.cube(there[0, 0], most))
    turn = "a third of a turn about the diagonal"
    return Square(corners, ("ethanol", "its map"), (turn, turn), apart(there, space.act(g, y)))


def hexagons() -> Square:
    """A digit on hexagons, and both turned by 60°."""
    grid, group = er.HexGrid(), er.C(6)
    x = er.domains.to_hexagons(load("digits").test.inputs[DIGIT : DIGIT + 1])
    net = er.derive(er.Task(grid, group, input=1, output=er.Equivariant(1)), width=12, depth=1).eval()
    g = group.generators[0]
    gx, y = grid.act(g, x), net(x)
    there = net(gx)
    most = panels.greatest(y, there)

    def drawn(values: torch.Tensor, low: float, high: float, colours: str) -> panels.Corner:
        held = torch.where(grid.mask(values) > 0, values, torch.nan)
        return panels.hexagons(held[0, 0], grid.basis, low, high, colours)

    upright, turned = (drawn(values, 0.0, 1.0, "gray") for values in (x, gx))
    its_map, map_of_turned = (drawn(values, -most, most, "signed") for values in (y, there))
    turn = "a sixth of a turn"
    corners = (upright, its_map, turned, map_of_turned)
    return Square(corners, ("a digit", "its map"), (turn, turn), apart(there, grid.act(g, y)))


def dna() -> Square:
    """A word of DNA with a profile on each strand, and the word as the other strand reads it."""
    domain, tracks = er.Dna(), er.Mirror().regular
    task = er.Task(domain, output=er.Equivariant(tracks))
    net = er.derive(task, width=16, scales=1, depth=2).eval()
    x = encode_all([OPERATOR])
    gx, y = x.flip(1, 2), net(x)
    there = net(gx)
    most = panels.greatest(y, there)
    corners = (panels.letters(OPERATOR), panels.strands(y[0], most))
    moved = (panels.letters(er.data.reverse_complement(OPERATOR)), panels.strands(there[0], most))
    acts = ("reverse complement", "tracks swap, places turn")
    return Square((*corners, *moved), ("one strand", "a profile"), acts, apart(there, y.flip(1, 2)))


def films() -> Square:
    """A digit that moves, and every frame turned."""
    n, shifts = 16, (-3, -1, 1, 3)
    still = digit(n - 4)
    still = torch.nn.functional.pad(still, (2, 2, 2, 2))
    x = torch.stack([still.roll(s, -1) for s in shifts], -1)
    film = er.Grid(2) * er.Sequence()
    net = er.derive(er.Task(film, er.C(4), input=1, output=er.Equivariant(1)), width=16, depth=1).eval()
    gx, y = x.rot90(1, (2, 3)), net(x)
    there = net(gx)
    most = panels.greatest(y, there)

    def drawn(values: torch.Tensor, most: float | None = None) -> panels.Corner:
        return panels.row([panels.pixels(values[0, 0, ..., t], most) for t in range(len(shifts))])

    corners = (drawn(x), drawn(y, most), drawn(gx), drawn(there, most))
    turn = "every frame a quarter turn"
    return Square(corners, ("a film", "its maps"), (turn, turn), apart(there, y.rot90(1, (2, 3))))


def tones() -> Square:
    """A chord among the twelve tones, and all of it upside down: major becomes minor."""
    up, inverted = [(t + 1) % 12 for t in range(12)], [-t % 12 for t in range(12)]
    keys = er.Finite(er.D(12), [up, inverted])
    net = er.derive(er.Task(keys, input=1, output=er.Equivariant(1)), width=24, depth=1).eval()
    x = torch.zeros(1, 1, 12)
    x[..., [0, 4, 7]] = 1
    gx, y = x[..., inverted], net(x)
    there = net(gx)
    most = panels.greatest(y, there)
    corners = (panels.circle(x[0, 0], TONES, 1.0), panels.circle(y[0, 0], TONES, most))
    moved = (panels.circle(gx[0, 0], TONES, 1.0), panels.circle(there[0, 0], TONES, most))
    acts = ("upside down, F minor", "upside down")
    return Square((*corners, *moved), ("C major", "a score a tone"), acts, apart(there, y[..., inverted]))
