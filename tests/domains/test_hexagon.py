"""The hexagonal lattice by its geometry: neighbours, mask, mean of seven, and the way between two scales."""

import itertools
import math

import numpy as np
import pytest
import torch

from erlangen.domains import HexGrid
from erlangen.errors import InputError
from erlangen.groups import C, D, Group

BASIS = np.array([[1, 0.5], [0, math.sqrt(3) / 2]])
NEIGHBOURS = [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, -1), (-1, 1)]


def hexagon(radius: int) -> list[tuple[int, int]]:
    """The sites (q, r) with max(|q|, |r|, |q + r|) ≤ radius."""
    whole = range(-radius, radius + 1)
    return [(q, r) for q, r in itertools.product(whole, whole) if abs(q + r) <= radius]


def as_dict(x: torch.Tensor) -> dict[tuple[int, int], float]:
    radius = x.shape[-1] // 2
    return {(q, r): float(x[0, 0, q + radius, r + radius]) for q, r in hexagon(radius)}


def from_dict(values: dict[tuple[int, int], float], radius: int) -> torch.Tensor:
    x = torch.zeros(1, 1, 2 * radius + 1, 2 * radius + 1, dtype=torch.float64)
    for (q, r), value in values.items():
        x[0, 0, q + radius, r + radius] = value
    return x


def noise(radius: int) -> torch.Tensor:
    return from_dict(
        {site: float(v) for site, v in zip(hexagon(radius), torch.randn(9999).tolist(), strict=False)}, radius
    )


def test_six_neighbours_at_distance_one():
    sites = HexGrid().stencil(3)[HexGrid().inside(3)]
    assert sorted(map(tuple, sites.tolist())) == sorted(NEIGHBOURS)
    lengths = np.linalg.norm(sites @ BASIS.T, axis=1)
    assert sorted(lengths.round(12)) == [0, 1, 1, 1, 1, 1, 1]
    assert [int(HexGrid().inside(k).sum()) for k in (1, 3, 5, 7)] == [1, 7, 19, 37]


@pytest.mark.parametrize("radius", range(5))
def test_the_mask_is_the_hexagon(radius):
    x = torch.ones(1, 1, 2 * radius + 1, 2 * radius + 1, dtype=torch.float64)
    assert torch.equal(HexGrid().mask(x), from_dict(dict.fromkeys(hexagon(radius), 1.0), radius)[0, 0])
    assert HexGrid().sites(2 * radius + 1) == HexGrid().mask(x).flatten().nonzero().flatten().tolist()
    assert int(HexGrid().mask(x).sum()) == 1 + 3 * radius * (radius + 1)


def test_turns_move_every_site_by_sixty_degrees():
    x = noise(4)
    moved = as_dict(HexGrid().act(C(6).generators[0], x))
    angle = math.pi / 3
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    for site, value in as_dict(x).items():
        to = np.linalg.solve(BASIS, turn @ BASIS @ np.array(site))
        assert moved[tuple(np.rint(to).astype(int).tolist())] == value
    mirrored = as_dict(HexGrid().act(D(6).generators[1], x))
    for site, value in as_dict(x).items():
        to = np.linalg.solve(BASIS, np.diag([1, -1]) @ BASIS @ np.array(site))
        assert mirrored[tuple(np.rint(to).astype(int).tolist())] == value


def test_matrices_that_are_no_isometries_are_axial():
    axial = Group.from_matrices([[[0, -1], [1, 1]]])
    x = noise(3)
    assert torch.equal(HexGrid().act(axial.generators[0], x), HexGrid().act(C(6).generators[0], x))


def test_smoothing_is_the_mean_of_the_neighbours_there_are():
    x = noise(3)
    values, smooth = as_dict(x), as_dict(HexGrid().smooth(x))
    for q, r in hexagon(3):
        around = [values[q + a, r + b] for a, b in NEIGHBOURS if (q + a, r + b) in values]
        assert smooth[q, r] == pytest.approx(sum(around) / len(around))


@pytest.mark.parametrize("radius", [2, 3, 4, 5, 8, 9])
def test_halving_takes_every_second_site_from_the_centre(radius):
    x = noise(radius)
    smooth, values = as_dict(HexGrid().smooth(x)), as_dict(x)
    coarse, largest = as_dict(HexGrid().halve(x)), as_dict(HexGrid().halve(x, "max"))
    assert set(coarse) == set(hexagon(radius // 2))
    for q, r in coarse:
        assert coarse[q, r] == pytest.approx(smooth[2 * q, 2 * r])
        around = [values[2 * q + a, 2 * r + b] for a, b in NEIGHBOURS if (2 * q + a, 2 * r + b) in values]
        assert largest[q, r] == max(around)


@pytest.mark.parametrize("radius", [2, 3, 4, 5, 8, 9])
def test_enlarging_keeps_sites_and_puts_means_between(radius):
    coarse = noise(radius // 2)
    values = as_dict(coarse)
    fine = as_dict(HexGrid().enlarge(coarse, (2 * radius + 1,) * 2))
    for q, r in hexagon(radius):
        ends = (
            {(math.floor(q / 2), math.ceil(r / 2)), (math.ceil(q / 2), math.floor(r / 2))}
            if (q + r) % 2 == 0
            else {
                (math.floor(q / 2), math.floor(r / 2)),
                (math.ceil(q / 2), math.ceil(r / 2)),
            }
        )
        known = [values[end] for end in ends if end in values]  # beyond the coarse hexagon there is nothing to mix in
        expected = sum(known) / len(known)
        assert fine[q, r] == pytest.approx(expected, abs=1e-12)


def test_the_mean_counts_only_sites():
    x = noise(4)
    spoilt = x + 7 * (1 - HexGrid().mask(x))
    expected = sum(as_dict(x).values()) / len(hexagon(4))
    assert HexGrid().mean(x).item() == pytest.approx(expected)
    assert HexGrid().mean(spoilt).item() == pytest.approx(expected)
    for step in (HexGrid().smooth, HexGrid().halve, lambda y: HexGrid().halve(y, "max")):
        assert torch.allclose(step(spoilt), step(x))


@pytest.mark.parametrize("shape", [(6, 6), (5, 7), (4, 5)])
def test_arrays_that_hold_no_hexagon_are_refused(shape):
    with pytest.raises(InputError, match="odd side"):
        HexGrid().check_values(torch.zeros(1, 1, *shape))


def test_what_stands_in_the_corners_does_not_count_even_where_it_is_no_number():
    x = noise(3)
    spoilt = torch.where(HexGrid().mask(x) > 0, x, torch.nan)
    assert torch.equal(HexGrid().clear(spoilt), x)
    for g in D(6).elements:
        assert torch.equal(HexGrid().act(g, spoilt), HexGrid().act(g, x))


def test_a_part_of_a_group_in_axial_matrices_moves_as_the_whole_does():
    """The swap of q and r is orthogonal as a matrix of numbers; what it means is said by the group it is of."""
    whole = Group.from_matrices([[[0, -1], [1, 1]], [[0, 1], [1, 0]]])
    swap = whole.generators[1]
    part = whole.subgroup(swap)
    assert HexGrid().preserves(part)
    assert np.array_equal(HexGrid().matrix(part.generators[0]), HexGrid().matrix(swap))
    assert HexGrid().matrix(swap).tolist() == [[0, 1], [1, 0]]
    deeper = part.subgroup(part.generators[0])
    assert HexGrid().matrix(deeper.generators[0]).tolist() == [[0, 1], [1, 0]]
