"""Fields in groups: which stand again and again, and that their one block weighs what one block a pair would."""

import itertools

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.layers import SteerableConv
from erlangen.layers.linear._kernel import Kernel
from erlangen.layers.linear._units import unit_of
from erlangen.representations import Representation
from tests.laws.built import functions

PLANE, SPACE = er.Grid(2), er.Grid(3)
TURNS = er.SO(2)


@pytest.mark.parametrize(
    ("rho", "copies", "parts"),
    [
        (5 * TURNS.irrep(1), 5, (0,)),
        (5 * (TURNS.irrep(1) + TURNS.trivial), 5, (0, 1)),
        (2 * (TURNS.trivial + 2 * TURNS.irrep(1) + TURNS.irrep(2)), 2, (0, 1, 1, 2)),
        (TURNS.trivial + TURNS.irrep(1) + TURNS.trivial, 1, (0, 1, 0)),
        (TURNS.irrep(1) + TURNS.irrep(2) + TURNS.irrep(1) + TURNS.irrep(2), 2, (0, 1)),
    ],
    ids=str,
)
def test_a_unit_is_the_shortest_sum_that_stands_again_and_again(rho: Representation, copies: int, parts: tuple):
    unit = unit_of(rho)
    assert (unit.whole.copies, unit.parts) == (copies, parts)
    assert copies * unit.whole.field == rho and unit.whole.starts == tuple(range(0, rho.dim, rho.dim // copies))


def steered(domain: er.domains.Lattice, source: Representation, target: Representation, gain: float = 1.0) -> Kernel:
    return SteerableConv(
        er.Space(domain, source), er.Space(domain, target), bias=False, kernel_size=3, gain=gain
    ).kernel


def test_functions_on_a_group_are_one_block_and_fields_side_by_side_are_one_a_pair():
    f = functions(TURNS, 2)
    assert len(steered(PLANE, TURNS.trivial, 4 * f).blocks) == len(steered(PLANE, 4 * f, 2 * f).blocks) == 1
    beside = 4 * TURNS.trivial + 4 * TURNS.irrep(1) + 4 * TURNS.irrep(2)
    assert len(steered(PLANE, beside, beside).blocks) == 9  # as one they would have more weights than a row entries


@pytest.mark.parametrize(
    ("domain", "rho", "gain"),
    [(PLANE, functions(TURNS, 2), 1.0), (PLANE, functions(er.O(2), 2), 1.5), (SPACE, functions(er.SO(3), 1), 1.0)],
    ids=str,
)
def test_each_field_of_a_unit_starts_with_second_moment_gain_squared(
    domain: er.domains.Lattice, rho: Representation, gain: float
):
    """White inputs, K's squares added up over what comes in, and their mean over a field's channels and 40 copies."""
    torch.manual_seed(0)
    kernel = steered(domain, 40 * rho, 40 * rho, gain=gain)
    assert len(kernel.blocks) == 1
    made = kernel().detach().square().sum(dim=(1, 2)).reshape(40, rho.dim).mean(dim=0).numpy()
    at = np.cumsum([0, *(part.dim for part, times in rho.fields for _ in range(times))])
    for first, last in itertools.pairwise(at):
        assert made[first:last].mean() == pytest.approx(gain**2, rel=0.1)
