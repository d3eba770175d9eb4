"""Rubik's cube from its geometry: 48 moving stickers, six turns of faces, and the 24 rotations of the whole."""

from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

import erlangen as er

Place = tuple[tuple[int, ...], tuple[int, ...]]  # of a sticker: its cubelet, and the direction it looks in

DIRECTIONS = [tuple(sign * int(i == axis) for i in range(3)) for axis in range(3) for sign in (1, -1)]


class Scrambles(NamedTuple):
    """Colours of the stickers, one-hot, `[n, 6, 48]`, and the least number of quarter turns from the solved cube."""

    stickers: Tensor
    distance: Tensor


@cache
def places() -> list[Place]:
    """All stickers but those in the middle of a face, which only a turn of the whole cube moves."""
    found = []
    for cubelet in product((-1, 0, 1), repeat=3):
        for direction in DIRECTIONS:
            outside = np.dot(cubelet, direction) == 1
            if outside and np.abs(cubelet).sum() > 1:
                found.append((cubelet, direction))
    return found


def moved(matrix: np.ndarray, direction: tuple[int, ...] | None = None) -> tuple[int, ...]:
    """Where a rotation takes each sticker: all of them, or those of the layer on one side."""
    number = {place: i for i, place in enumerate(places())}
    images = []
    for cubelet, looks in places():
        turns = direction is None or np.dot(cubelet, direction) == 1
        goes = (_rotated(matrix, cubelet), _rotated(matrix, looks)) if turns else (cubelet, looks)
        images.append(number[goes])
    return tuple(images)


def face_turns() -> list[tuple[int, ...]]:
    """The six quarter turns, as permutations of the stickers."""
    return [moved(_quarter_turn(direction), direction) for direction in DIRECTIONS]


def moves() -> er.Finite:
    """The stickers under the cube's own group, of 43,252,003,274,489,856,000 elements."""
    group = er.Group.from_permutations(face_turns())
    return er.Finite(group, group.standard)


def rotations() -> er.Finite:
    """The stickers under the rotations of the whole cube in space."""
    group = er.Octahedral()
    return er.Finite(group, [moved(np.rint(g.matrix).astype(int)) for g in group.generators])


def colours() -> er.Representation:
    """How a rotation renames the six colours: each is the face on which it is at home."""
    group = er.Octahedral()
    return er.representations.from_permutations(
        group, [_faces(np.rint(g.matrix).astype(int)) for g in group.generators]
    )


def scrambles(most: int) -> Scrambles:
    """Every state that at most so many quarter turns reach, with its distance."""
    turns = [np.array(turn) for turn in face_turns()]
    steps = [*turns, *(np.argsort(turn) for turn in turns)]
    home = np.array([DIRECTIONS.index(looks) for _, looks in places()])
    seen, frontier, distances, states = {home.tobytes()}, [home], [0], [home]
    for distance in range(1, most + 1):
        reached = []
        for state in frontier:
            for step in steps:
                after = state[step]
                if after.tobytes() not in seen:
                    seen.add(after.tobytes())
                    reached.append(after)
        states += reached
        distances += [distance] * len(reached)
        frontier = reached
    hot = torch.nn.functional.one_hot(torch.as_tensor(np.stack(states)), 6)
    return Scrambles(hot.transpose(1, 2).float(), torch.tensor(distances))


def _faces(matrix: np.ndarray) -> tuple[int, ...]:
    return tuple(DIRECTIONS.index(_rotated(matrix, direction)) for direction in DIRECTIONS)


def _rotated(matrix: np.ndarray, vector: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(v) for v in matrix @ np.array(vector))


def _quarter_turn(direction: tuple[int, ...]) -> np.ndarray:
    """By 90° about a direction: v ↦ n (n·v) + n × v."""
    n = np.array(direction)
    cross = np.array([[0, -n[2], n[1]], [n[2], 0, -n[0]], [-n[1], n[0], 0]])
    return np.outer(n, n) + cross
