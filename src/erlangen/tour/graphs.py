"""Graphs and sets: the order of nodes is no part of them; and points in space."""

from itertools import product
from typing import Any

import numpy as np
import torch
from torch import nn

from erlangen.auditing import difference
from erlangen.blueprint import derive
from erlangen.domains import Graph, Points
from erlangen.groups import O, Relabelling
from erlangen.pages import picture
from erlangen.representations import pair_orbits
from erlangen.task import Invariant, Task
from erlangen.tour.chapter import Chapter, Plate, Table, Tell, table, written
from erlangen.tour.drawn_graphs import circle, drawn_graph
from erlangen.tour.learning import Effort, compared, drawn, error_of, looked_at, right, size
from erlangen.tour.molecules import KINDS, MOST, Molecule, molecule, molecules

ASKED = Task(Graph(), None, len(KINDS), Invariant(2))
RING = [(i, (i + 1) % 6) for i in range(6)]
TRIANGLES = [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3)]


def graphs(effort: Effort, tell: Tell) -> Chapter:
    """Molecules in random orders; what messages cannot tell; and points in space."""
    rng = np.random.default_rng(0)
    parts = [molecules(effort.of(n, 24), rng) for n in (240, 100, 300)]
    data = drawn((parts[0], parts[1], parts[2]), ("none", "bound"), "oxygens")
    nets = compared(ASKED, data, {"width": 32, "depth": 2}, tell, epochs=effort.of(20), points=MOST)
    tested = data.test.batch(list(range(len(data.test))))
    shares = {name: right(net, *tested) for name, net in nets.items()}
    some = [data.test.inputs[i] for i in range(24)]
    laws = {
        f"nodes in another order, {name}": error_of(net, Graph(), Relabelling(), some, Invariant(2))
        for name, net in nets.items()
    }
    messages, walks = (_apart(choice) for choice in ({}, {"positions": "walk"}))
    facts = {
        "linear maps that every relabelling allows, from nodes to nodes": _maps(1),
        "from pairs of nodes to pairs of nodes": _maps(2),
        "a ring of six against two triangles: messages": messages,
        "the same, with walks that return as positions of nodes": walks,
        "points in space, turned, mirrored and moved": _in_space(),
    }
    numbers = laws | facts | {f"right, {name}": share for name, share in shares.items()}
    rows = [
        (name, f"{size(nets[name]):,}", written("right", share), written("error", error))
        for (name, share), error in zip(shares.items(), laws.values(), strict=True)
    ]
    head = ("are two oxygens bound?", "weights", "right", "error of the audit, other orders")
    return Chapter(
        "graphs",
        "Graphs",
        (
            "A graph is nodes and edges; a set is nodes alone. To compute with them one stacks the nodes in a matrix, "
            "and the order of its rows means nothing. If the nodes are permuted, the adjacency matrix must be permuted "
            "with them, its rows and its columns. Pixels cannot be permuted like that.",
            "Here the graphs are small molecules, and the question is whether two oxygens are bound to each other. The "
            "derived network passes messages along edges; the plain one reads the two matrices row by row.",
        ),
        ("f(PX, PAPᵀ) = P f(X, A)",),
        "P a permutation, X the nodes, A the adjacency matrix",
        numbers,
        (Table(head, rows), table(facts, "count, or difference from 0 to 1")),
        (
            Plate(_orders(molecule(np.random.default_rng(5))), "row", about="One molecule, stored in two orders."),
            Plate(_rings(), "row", about="What messages along edges cannot tell apart: every node has two neighbours."),
        ),
        f"The plain network is right on {written('right', shares['plain'])}, shown other orders while it learnt "
        f"{written('right', shares['augmented'])}, the derived one {written('right', shares['derived'])}. Symmetry "
        "also has a price: messages along edges give one answer to a ring of six and to two triangles. How often a "
        "walk comes back to where it began tells them apart, and knows no order either.",
        "nodes in another order, derived",
    )


def _maps(order: int, n: int = 5) -> int:
    """How many orbits the relabellings of n nodes have on pairs of `order` nodes each."""
    tuples = list(product(range(n), repeat=order))
    place = {found: i for i, found in enumerate(tuples)}
    moves = []
    for g in ([1, 2, 3, 4, 0], [1, 0, 2, 3, 4]):
        moves.append(tuple(place[tuple(g[i] for i in found)] for found in tuples))
    return int(pair_orbits(moves, moves).max()) + 1


def _apart(choices: dict[str, Any]) -> float:
    """How far the answers to a ring of six and to two triangles are apart."""
    net = looked_at(lambda: derive(Task(Graph(), None, 1, Invariant(4)), width=16, depth=2, **choices))
    answers = []
    for edges in (RING, TRIANGLES):
        ends = torch.tensor(edges).T
        answers.append(net({"x": torch.ones(6, 1), "edge_index": torch.cat([ends, ends.flip(0)], dim=1)}))
    return difference(*answers)


def _in_space() -> float:
    """Nine atoms and an untrained network: a motion of space against none."""
    generator = torch.Generator().manual_seed(0)
    net: nn.Module = looked_at(lambda: derive(Task(Points(3, radius=2.0), None, 3, Invariant(4)), width=16))
    x, at = torch.randn(9, 3, generator=generator), torch.randn(9, 3, generator=generator)
    motion = torch.linalg.qr(torch.randn(3, 3, generator=generator)).Q
    assert O(3).contains(motion.numpy())
    return difference(net({"x": x, "pos": -at @ motion.T + 5}), net({"x": x, "pos": at}))


def _orders(held: Molecule) -> list[tuple[str, str, str]]:
    """A molecule where it stands, with the numbers of its nodes and its adjacency matrix, in two orders."""
    n = len(held.kinds)
    places, found = circle(n), []
    order = np.random.default_rng(1).permutation(n).tolist()
    for numbers, made in ((list(range(n)), held), (order, held.in_order(order))):
        names = [f"{KINDS[kind]}{number}" for kind, number in zip(held.kinds, numbers, strict=True)]
        found.append((drawn_graph(held.bonds, held.kinds, places, names), "", "kinds, and places in memory"))
        found.append((picture(1 - made.adjacency, 0, 1), "", "its adjacency matrix"))
    return found


def _rings() -> list[tuple[str, str, str]]:
    two = circle(3, (-0.58, 0.1), 0.42) + circle(3, (0.58, 0.1), 0.42)
    kinds = [0] * 6
    return [
        (drawn_graph(RING, kinds, circle(6)), "", "a ring of six"),
        (drawn_graph(TRIANGLES, kinds, two), "", "two triangles"),
    ]
