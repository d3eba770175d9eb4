"""examples/finite_groups.py and its worlds: their rules, their symmetry, the page that shows them."""

import json

import numpy as np
import torch

import erlangen as er
from examples import finite_groups as example
from examples.worlds import board, cube, legs
from tests.written import run_blocks

PAGE = example.HOME / "docs" / "finite.md"


def test_every_block_of_the_page_runs():
    run_blocks(PAGE, er__audit=2)


def test_the_page_says_what_was_measured():
    rows = json.loads(example.RESULTS.read_text(encoding="utf-8"))["rows"]
    assert example.table(rows) in PAGE.read_text(encoding="utf-8")


def test_it_runs_in_small():
    rows = example.measured(steps=5, seeds=(0,), scale=0.1)
    assert all(set(row["scores"]) == {"derived", "plain", "plain, augmented"} for row in rows.values())
    assert all(0 <= score <= 1000 for row in rows.values() for scores in row["scores"].values() for score in scores)
    assert len(example.table(rows).splitlines()) == 6


def test_tic_tac_toe_is_played_by_its_rules():
    found = board.positions()
    assert len(found.outcome) == 4520  # of 5,478 that can be reached, those in which somebody is to move
    start = found.squares[:, 0].sum(1) == 9
    assert found.outcome[start].tolist() == [1]  # perfect play draws
    assert int(found.orbit.max()) + 1 == 627
    squares, g = board.domain(), er.D(4).generators[0]
    keys = {tuple(x.flatten().tolist()): i for i, x in enumerate(found.squares)}
    turned = [keys[tuple(x.flatten().tolist())] for x in squares.act(g, found.squares)]
    assert torch.equal(found.outcome[turned], found.outcome) and torch.equal(found.orbit[turned], found.orbit)
    assert torch.equal(found.best[turned], squares.act(g, found.best[:, None])[:, 0])


def test_the_cube_is_rubik_s():
    assert [sum(a != b for a, b in enumerate(turn)) for turn in cube.face_turns()] == [20] * 6
    assert cube.moves().group.order == 43_252_003_274_489_856_000
    assert cube.scrambles(3).distance.bincount().tolist() == [1, 12, 114, 1068]  # known of quarter turns
    states, space = cube.scrambles(2), er.Space(cube.rotations(), cube.colours())
    distance = {tuple(x.flatten().tolist()): int(d) for x, d in zip(*states, strict=True)}
    for g in er.Octahedral().generators:
        moved = space.act(g, states.stickers)
        assert torch.equal(moved[0], states.stickers[0])  # the solved cube, turned and renamed, is the solved cube
        assert [distance[tuple(x.flatten().tolist())] for x in moved] == states.distance.tolist()


def test_legs_are_their_own_mirror_image():
    drawn, g = legs.drawn(50, 0), er.Mirror().generators[0]
    space = er.Task(legs.domain(), output=er.Invariant(1)).source
    again = legs.torques_of(space.act(g, drawn.states.double()))
    assert torch.allclose(again, legs.torques_of(drawn.states.double()) @ torch.as_tensor(legs.torques()(g)).T)
    still = torch.zeros(1, 12, dtype=torch.float64)
    assert np.allclose(legs.torques_of(still), 0)
    still[0, 0] = np.pi / 2  # one thigh held out to the side: its weight, that of the shank below, and the spring
    expected = (1.5 * legs.GRAVITY + legs.SPRING * np.pi / 2) / 10
    assert np.isclose(legs.torques_of(still)[0, 0], expected)
