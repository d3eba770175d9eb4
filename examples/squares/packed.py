"""Squares on what has no order: sets, graphs, clouds and surfaces."""

from dataclasses import dataclass

import numpy as np
import torch

import erlangen as er
from examples.squares import panels
from examples.squares.layout import Square, apart

PAINT = {"H": "#f4f4f4", "C": "#9aa0a6", "N": "#8ab4f8", "O": "#f28b82"}
NUMBER = {"H": 1, "C": 6, "N": 7, "O": 8}


@dataclass(frozen=True)
class Molecule:
    """Elements, positions in ångström, and bonds."""

    elements: str
    positions: list[list[float]]
    bonds: list[tuple[int, int]]


# As relaxed for the G2 set: Curtiss et al. 1997, doi:10.1063/1.473182.
ETHANOL = Molecule(
    "CCOHHHHHH",
    [
        *([1.168, -0.4, 0.0], [0.0, 0.559, 0.0], [-1.19, -0.228, 0.0], [-1.947, 0.382, 0.0], [0.043, 1.208, 0.887]),
        *([0.043, 1.208, -0.887], [2.116, 0.145, 0.0], [1.129, -1.037, 0.886], [1.129, -1.037, -0.886]),
    ],
    [(0, 1), (1, 2), (2, 3), (1, 4), (1, 5), (0, 6), (0, 7), (0, 8)],
)


def sets() -> Square:
    """Eight irises, four lengths of each, and the same in another order."""
    from sklearn.datasets import load_iris

    rows = torch.tensor(load_iris()["data"][[0, 7, 14, 55, 62, 99, 120, 149]]).float()
    x = rows - rows.mean(0)
    net = er.derive(er.Task(er.Set(), input=4, output=er.Equivariant(3)), width=16).eval()
    order = torch.randperm(8)
    y, there = net({"x": x}), net({"x": x[order]})
    names = [str(i + 1) for i in range(8)]
    moved = [names[i] for i in order]
    high, most = panels.greatest(x), panels.greatest(y, there)
    corners = (panels.table(x, names, high), panels.table(y, names, most))
    below = (panels.table(x[order], moved, high), panels.table(there, moved, most))
    acts = ("another order", "the same order")
    return Square((*corners, *below), ("eight irises", "scores"), acts, apart(there, y[order]))


def graphs() -> Square:
    """Caffeine without its hydrogens, and its atoms in another order: scores go with the atoms."""
    elements, places, edges = caffeine()
    kinds = "CNO"
    x = torch.eye(3)[[kinds.index(e) for e in elements]]
    net = er.derive(er.Task(er.Graph(), input=3, output=er.Equivariant(1)), width=16, layer="messages").eval()
    order = torch.randperm(len(elements))
    place = torch.argsort(order)
    moved = place[edges]
    y, there = net({"x": x, "edge_index": edges}), net({"x": x[order], "edge_index": moved})
    centred, again = y - y.mean(), there - y.mean()
    most = panels.greatest(centred, again)
    names = [str(i + 1) for i in range(len(elements))]

    def scores(values: torch.Tensor) -> list[str]:
        return [panels.colour(float(v), most) for v in values[:, 0]]

    by_element = [PAINT[e] for e in elements]
    corners = (panels.graph(places, edges, by_element, names), panels.graph(places, edges, scores(centred), names))
    below = (
        panels.graph(places[order], moved, [by_element[i] for i in order], names),
        panels.graph(places[order], moved, scores(again), names),
    )
    acts = ("another order", "the same order")
    return Square((*corners, *below), ("caffeine", "a score an atom"), acts, apart(there, y[order]))


def clouds() -> Square:
    """Ethanol with the forces on its atoms, and all of it turned."""
    task = er.Task(er.Points(3, radius=4.0), input=3, output=er.Equivariant(1))
    potential = er.Potential(er.derive(task, width=16, depth=2), elements=("H", "C", "O")).eval()
    turn = torch.tensor(er.SO(3).standard(er.SO(3).sample(1, rng=4)[0])).float()
    positions, z = torch.tensor(ETHANOL.positions), torch.tensor([NUMBER[e] for e in ETHANOL.elements])
    moved = positions @ turn.T
    y, there = (potential({"z": z, "pos": pos}).forces.detach() for pos in (positions, moved))
    fills, scale = [PAINT[e] for e in ETHANOL.elements], 1.6 / float(y.norm(dim=1).max())

    def drawn(pos: torch.Tensor, forces: torch.Tensor | None = None) -> panels.Corner:
        return panels.cloud(pos, fills, ETHANOL.bonds, None if forces is None else scale * forces)

    corners = (drawn(positions), drawn(positions, y), drawn(moved), drawn(moved, there))
    turned = "a turn in space"
    return Square(corners, ("ethanol", "its forces"), (turned, "arrows turn along"), apart(there, y @ turn.T))


def surfaces() -> Square:
    """A leaf with a score at every vertex, flat and curled: it bends, and nothing is stretched."""
    flat, curled = leaf(0.0), leaf(0.28)
    task = er.Task(er.Mesh(eigenfunctions=24), er.Isometries(), output=er.Equivariant(1))
    net = er.derive(task, width=16).eval()
    y, there = net(flat), net(curled)
    low, high = float(y.min()), float(y.max())
    middle, most = (low + high) / 2, (high - low) / 2
    face = flat["face"]
    plain = ["#b9cfa4" if i % 2 else "#aec596" for i in range(face.shape[1])]

    def scores(values: torch.Tensor) -> list[str]:
        return [panels.colour(float(v) - middle, most) for v in values[:, 0][face].mean(0)]

    corners = (panels.surface(flat["pos"], face, plain), panels.surface(flat["pos"], face, scores(y)))
    below = (panels.surface(curled["pos"], face, plain), panels.surface(curled["pos"], face, scores(there)))
    acts = ("bent, and nowhere stretched", "nothing: scores stay at their vertices")
    return Square((*corners, *below), ("a leaf", "a score a vertex"), acts, apart(there, y))


def leaf(bends: float) -> dict[str, torch.Tensor]:
    """Triangles in rows and columns, narrow at the ends, creased along the columns: no edge changes its length."""
    rows, columns = 7, 15
    heading = bends * np.arange(columns - 1) - bends * (columns - 2) / 2
    x, z = (np.concatenate([[0], np.cumsum(part)]) for part in (np.cos(heading), np.sin(heading)))
    wide = 0.15 + 0.85 * np.sin(np.pi * np.linspace(0.0, 1, columns) ** 0.7)
    i, j = (part.ravel() for part in np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij"))
    at = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = (part.ravel() for part in (at[:-1, :-1], at[:-1, 1:], at[1:, :-1], at[1:, 1:]))
    faces = np.concatenate([np.stack([a, b, d]), np.stack([a, d, c])], axis=1)
    positions = np.stack([x[j], 1.6 * (i - (rows - 1) / 2) * wide[j], z[j]], 1)
    return {"pos": torch.as_tensor(positions).float(), "face": torch.as_tensor(faces)}


def caffeine() -> tuple[str, torch.Tensor, torch.Tensor]:
    """Elements, places in the plane, and edges both ways of C8H10N4O2 without hydrogens."""
    six = [(np.cos(a), np.sin(a)) for a in np.radians([-30, 30, 90, 150, 210, 270])]  # C4 C5 C6 N1 C2 N3
    centre, reach = np.cos(np.pi / 6) + 0.5 / np.tan(np.pi / 5), 0.5 / np.sin(np.pi / 5)
    five = [(centre + reach * np.cos(a), reach * np.sin(a)) for a in np.radians([72, 0, -72])]  # N7 C8 N9
    outer = [(2 * x, 2 * y) for x, y in (six[2], six[3], six[4], six[5])]  # O on C6, C on N1, O on C2, C on N3
    last = (centre + 2.2 * reach * np.cos(np.radians(72)), 2.2 * reach * np.sin(np.radians(72)))  # C on N7
    places = torch.tensor([*six, *five, *outer, last]).float() * torch.tensor([1.0, -1.0])
    ring = [(i, (i + 1) % 6) for i in range(6)] + [(1, 6), (6, 7), (7, 8), (8, 0)]
    edges = torch.tensor([*ring, (2, 9), (3, 10), (4, 11), (5, 12), (6, 13)]).T
    return "CCCNCNNCNOCOCC", places, torch.cat([edges, edges.flip(0)], 1)
