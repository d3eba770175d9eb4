"""Tic-tac-toe: every position that can be reached, who wins it, and the moves that keep that; D4 turns the board."""

from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

import erlangen as er

Board = tuple[int, ...]  # nine squares: 1 the player to move, −1 the other, 0 empty

LINES = ((0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6))


class Positions(NamedTuple):
    """One-hot squares `[n, 3, 9]` (empty, mine, theirs), outcomes 0, 1, 2 (lost, drawn, won), the best moves
    `[n, 9]`, and the number of each position's orbit under D4."""

    squares: Tensor
    outcome: Tensor
    best: Tensor
    orbit: Tensor


def domain(side: int = 3) -> er.Finite:
    """The squares of a board, row by row, moved by the quarter turn and the mirror of pictures."""
    squares = torch.arange(side**2, dtype=torch.float64).reshape(1, 1, side, side)
    came = [
        er.Grid(2).act(g, squares).flatten().long().numpy() for g in er.D(4).generators
    ]  # which came to each square
    return er.Finite(er.D(4), [np.argsort(c) for c in came])


@cache
def outcome(board: Board) -> int:
    """What perfect play gives the player to move: −1, 0 or 1."""
    if any(all(board[i] == -1 for i in line) for line in LINES):
        return -1
    return max((-outcome(after) for after in moves(board).values()), default=0)


def moves(board: Board) -> dict[int, Board]:
    """The position after each move, as the other player sees it."""
    return {
        i: tuple(-(1 if j == i else square) for j, square in enumerate(board))
        for i, square in enumerate(board)
        if square == 0
    }


def positions() -> Positions:
    """All 4,520 positions in which somebody is to move."""
    start = (0,) * 9
    seen, todo = {start}, [start]
    while todo:
        for after in moves(todo.pop()).values():
            if after not in seen and not any(all(after[i] == -1 for i in line) for line in LINES):
                seen.add(after)
                todo.append(after)
    boards = sorted(board for board in seen if 0 in board)
    signs = torch.tensor(boards)
    best = [[float(i in moves(b) and -outcome(moves(b)[i]) == outcome(b)) for i in range(9)] for b in boards]
    return Positions(
        squares=torch.stack([signs == kind for kind in (0, 1, -1)], dim=1).float(),
        outcome=torch.tensor([outcome(b) + 1 for b in boards]),
        best=torch.tensor(best),
        orbit=_orbits(signs),
    )


def _orbits(signs: Tensor) -> Tensor:
    """The number of each position's orbit: that of its least turned form."""
    board = domain()
    turned = torch.stack([board.act(g, signs[:, None].double())[:, 0] for g in er.D(4).elements], dim=1)
    keys = (turned + 1) @ (3.0 ** torch.arange(9, dtype=torch.float64))
    return torch.unique(keys.amin(1), return_inverse=True)[1]
