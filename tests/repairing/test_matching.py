"""How channels move: found where they do, put together where they nearly do."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings

import erlangen as er
from erlangen.repairing.matching import correlation, fields_of
from erlangen.representations import Representation
from erlangen.signal import Space
from tests.laws.signals import SEEDS, difference

GRID = er.Grid(2)
GROUPS = [er.C(4), er.D(4), er.Mirror(), er.C(2)]
few = settings(max_examples=4)


def asked(group: er.Group, h, x: torch.Tensor) -> np.ndarray:
    with torch.no_grad():
        return np.stack([correlation(h(GRID.act(g, x)), GRID.act(g, h(x))) for g in group.elements])


def mixed(group: er.Group) -> Representation:
    """Fields of every size."""
    kept = group.subgroup(group.generators[-1])
    return 2 * group.regular + 3 * group.trivial + (group.quotient(kept) if kept.order < group.order else group.trivial)


@pytest.mark.parametrize("group", GROUPS, ids=str)
@given(seed=SEEDS)
@few
def test_an_action_that_is_there_is_found_in_any_order(group: er.Group, seed: int) -> None:
    """Channels of fields, shuffled: in the order found they move by the representation found."""
    torch.manual_seed(seed)
    rho = mixed(group)
    layer = er.layers.LatticeConv(Space(GRID, group.trivial), Space(GRID, rho)).double()
    order = torch.randperm(rho.dim)
    x = torch.randn(6, 1, 9, 9, dtype=torch.float64)
    h = lambda x: layer(x)[:, order].relu()  # noqa: E731
    found = fields_of(group, asked(group, h, x))
    assert found.found and sorted(found.order) == list(range(rho.dim)) and found.agreement == pytest.approx(1)
    now = h(x)[:, list(found.order)]
    for g in group.elements:
        matrix = torch.as_tensor(np.asarray(found.rho(g)), dtype=torch.float64)
        there = torch.einsum("ij,nj...->ni...", matrix, GRID.act(g, now))
        assert difference(h(GRID.act(g, x))[:, list(found.order)].detach(), there.detach()) <= 1e-10


def test_orbits_of_conjugate_stabilisers_are_one_kind_of_field() -> None:
    """Channels that one mirror keeps and channels that its conjugate keeps are the same field, named once."""
    group = er.D(4)
    kept = group.subgroup(group.generators[-1])
    rho = 3 * group.quotient(kept)
    moved = np.array([rho.permutation(g) for g in group.elements])
    order = np.array([0, 1, 2, 3, 5, 4, 7, 6, 10, 11, 8, 9])
    place = np.argsort(order)
    corr = np.zeros((8, 12, 12))
    for i, images in enumerate(moved):
        corr[i, place[images[order]], np.arange(12)] = 1
    found = fields_of(group, corr)
    assert found.found and len(found.rho.fields) == 1 and found.rho.fields[0][1] == 3


@pytest.mark.parametrize(("channels", "rho"), [(8, "2 × regular"), (11, "2 × regular + 3 × trivial"), (3, "regular")])
def test_channels_that_do_not_move_are_put_together(channels: int, rho: str) -> None:
    group = er.C(4)
    torch.manual_seed(0)
    conv = torch.nn.Conv2d(1, channels, 3, padding=1).double()
    found = fields_of(group, asked(group, conv, torch.randn(9, 1, 8, 8, dtype=torch.float64)))
    assert not found.found and str(found.rho) == f"{rho} of C4" and set(found.order) == set(range(channels))
    assert len(found.order) == max(channels, 4)


def test_the_best_fields_are_found_among_many() -> None:
    """Turned copies of three filters with noise, shuffled: each field is made of the copies of one."""
    group, generator = er.C(4), torch.Generator().manual_seed(0)
    filters = torch.randn(3, 1, 3, 3, generator=generator, dtype=torch.float64)
    copies = torch.cat([torch.rot90(filters, k, (-2, -1)) for k in range(4)])  # copy k of filter i at 3k + i
    order = torch.randperm(12, generator=generator)
    weight = (copies + 0.3 * torch.randn(copies.shape, generator=generator, dtype=torch.float64))[order]
    h = lambda x: torch.nn.functional.conv2d(x, weight, padding=1)  # noqa: E731
    found = fields_of(group, asked(group, h, torch.randn(9, 1, 8, 8, generator=generator, dtype=torch.float64)))
    assert not found.found and 0.7 < found.agreement < 0.99
    whose = (order[list(found.order)] % 3).reshape(3, 4)
    assert (whose == whose[:, :1]).all()


@pytest.mark.parametrize(("channels", "width", "fields"), [(8, 2, 4), (7, 2, 4), (3, 4, 3), (1, 2, 1), (6, 4, 6)])
def test_wider_fields_leave_places_free(channels: int, width: int, fields: int) -> None:
    """|G|/width channels in each, every channel once; where nobody stands one of the same field stands in."""
    torch.manual_seed(0)
    conv = torch.nn.Conv2d(1, channels, 3, padding=1).double()
    x = torch.randn(9, 1, 8, 8, dtype=torch.float64)
    found = fields_of(er.C(4), asked(er.C(4), conv, x), width)
    assert found.rho.dim == 4 * fields and len(found.order) == 4 * fields
    assert sorted(found.order[i] for i in found.filled) == list(range(channels))
    for first in range(0, 4 * fields, 4):
        own = {found.order[i] for i in found.filled if first <= i < first + 4}
        assert set(found.order[first : first + 4]) == own and 1 <= len(own) <= 4 // width


def test_those_that_agree_share_a_field_at_the_places_by_which_they_do() -> None:
    """Of three filters each beside its own half turn, shuffled: a field holds one pair, two places apart."""
    group, generator = er.C(4), torch.Generator().manual_seed(0)
    filters = torch.randn(3, 1, 3, 3, generator=generator, dtype=torch.float64)
    order = torch.randperm(6, generator=generator)
    weight = torch.cat([filters, torch.rot90(filters, 2, (-2, -1))])[order]
    weight = weight + 0.2 * torch.randn(weight.shape, generator=generator, dtype=torch.float64)
    h = lambda x: torch.nn.functional.conv2d(x, weight, padding=1)  # noqa: E731
    found = fields_of(group, asked(group, h, torch.randn(9, 1, 8, 8, generator=generator, dtype=torch.float64)), 2)
    assert not found.found and found.agreement > 0.9
    for first in range(0, 12, 4):
        one, other = [i for i in found.filled if first <= i < first + 4]
        assert order[found.order[one]] % 3 == order[found.order[other]] % 3
        half = next(g for g in group.elements if (group.regular.permutation(g)[one - first]) == other - first)
        assert half @ half == group.identity


def test_channels_that_are_constant_move_as_themselves() -> None:
    group = er.C(4)
    x = torch.randn(9, 1, 8, 8, dtype=torch.float64)
    h = lambda x: torch.cat([x, torch.ones_like(x), torch.zeros_like(x)], dim=1)  # noqa: E731
    found = fields_of(group, asked(group, h, x))
    assert found.found and found.rho == 3 * group.trivial
