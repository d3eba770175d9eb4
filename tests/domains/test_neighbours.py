"""Neighbours beside brute force: within a radius, also through skew periodic walls, and the nearest with their ties."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from erlangen.domains import neighbours
from erlangen.domains.neighbours import every_pair, nearest_edges, nearest_of, radius_edges
from erlangen.domains.packed import Members, members_of, whole
from erlangen.errors import InputError
from erlangen.groups import O
from tests.laws.signals import SEEDS

few = settings(max_examples=15)
DIMS = st.sampled_from([2, 3])
EDGES = set[tuple[int, ...]]


def clouds(dim: int, seed: int, most: int = 25, lattice: bool = False) -> tuple[Tensor, Members]:
    """Three clouds, one of them a single point; on a lattice with coincident points and many equal distances."""
    generator = torch.Generator().manual_seed(seed)
    sizes = torch.tensor([int(torch.randint(1, most + 1, (), generator=generator)), 1, most])
    count = int(sizes.sum())
    if lattice:
        position = torch.randint(-2, 3, (count, dim), generator=generator).double()
    else:
        position = torch.randn(count, dim, generator=generator, dtype=torch.float64)
    batch = torch.repeat_interleave(torch.arange(3), sizes)
    return position, members_of(count, batch, None, position)


def turns(dim: int, seed: int) -> Tensor:
    return torch.as_tensor(O(dim).matrix(O(dim).sample(1, seed)[0]))


def as_set(found: neighbours.Neighbours) -> EDGES:
    parts = [found.source[:, None], found.target[:, None]] + ([] if found.offset is None else [found.offset])
    rows = [tuple(row) for row in torch.cat(parts, dim=1).tolist()]
    assert len(set(rows)) == len(rows) and rows == sorted(rows, key=lambda row: (row[1], row[0], *row[2:]))
    return set(rows)


def brute_radius(position: Tensor, members: Members, radius: float) -> EDGES:
    near = torch.cdist(position, position, compute_mode="donot_use_mm_for_euclid_dist") <= radius
    same = members.batch[:, None] == members.batch
    return {(j, i) for i, j in (near & same).nonzero().tolist() if i != j}


def brute_nearest(position: Tensor, members: Members, k: int, near: float) -> EDGES:
    distance = torch.cdist(position, position, compute_mode="donot_use_mm_for_euclid_dist")
    found = set()
    for i in range(len(position)):
        others = [j for j in range(len(position)) if j != i and members.batch[i] == members.batch[j]]
        ranked = sorted(float(distance[i, j]) for j in others)
        limit = ranked[k - 1] + near if len(ranked) >= k else float("inf")
        found |= {(j, i) for j in others if float(distance[i, j]) <= limit}
    return found


@pytest.mark.parametrize("small", [0, 256])
@given(dim=DIMS, seed=SEEDS, radius=st.floats(0.01, 5), lattice=st.booleans())
@few
def test_a_radius_finds_what_brute_force_finds(small: int, dim: int, seed: int, radius: float, lattice: bool):
    position, members = clouds(dim, seed, lattice=lattice)
    radius = round(radius) or 1.0 if lattice else radius
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "SMALL", small)
        patch.setattr(neighbours, "BLOCK", 37)
        found = radius_edges(position, members, radius)
    assert as_set(found) == brute_radius(position, members, radius * (1 + 1e-9))


@pytest.mark.parametrize("small", [0, 256])
@given(dim=DIMS, seed=SEEDS, k=st.integers(1, 30), lattice=st.booleans())
@few
def test_the_nearest_are_those_of_brute_force(small: int, dim: int, seed: int, k: int, lattice: bool):
    position, members = clouds(dim, seed, lattice=lattice)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "SMALL", small)
        patch.setattr(neighbours, "BLOCK", 37)
        found = nearest_edges(position, members, k)
    assert as_set(found) == brute_nearest(position, members, k, 1e-9)


@given(dim=DIMS, seed=SEEDS, lattice=st.booleans(), dtype=st.sampled_from([torch.float32, torch.float64]))
@few
def test_edges_do_not_depend_on_how_a_cloud_is_turned_moved_and_stored(
    dim: int, seed: int, lattice: bool, dtype: torch.dtype
):
    """On a lattice distances are tied with the radius and with each other: rounding does not part them."""
    position, members = clouds(dim, seed, lattice=lattice)
    moved = (position @ turns(dim, seed).T + 3.0).to(dtype)
    images = torch.cat([torch.randperm(int(b - a)) + a for a, b in itertools.pairwise(members.ptr)])
    stored = torch.empty_like(moved).index_copy(0, images, moved)
    for search in (lambda x: radius_edges(x, members, 2.0), lambda x: nearest_edges(x, members, 4)):
        there = {(int(images[j]), int(images[i])) for j, i in as_set(search(position.to(dtype)))}
        assert as_set(search(stored)) == there


def brute_periodic(position: Tensor, members: Members, radius: float, cell: Tensor, pbc: Tensor) -> EDGES:
    """All images up to 16 cells away, more than any of the cells below needs."""
    steps = torch.arange(-16, 17, dtype=torch.float64)
    found = set()
    for i, j in itertools.product(range(len(position)), repeat=2):
        b = int(members.batch[i])
        if int(members.batch[j]) != b:
            continue
        offset = torch.cartesian_prod(*(steps if along else steps[16:17] for along in pbc[b]))
        near = (position[j] - position[i] + offset @ cell[b]).norm(dim=1) <= radius
        found |= {(j, i, *o) for o in offset[near].long().tolist() if i != j or any(o)}
    return found


@pytest.mark.parametrize("small", [0, 256])
@given(dim=DIMS, seed=SEEDS, radius=st.floats(0.2, 1.2), partly=st.booleans())
@few
def test_every_image_within_the_radius_is_found_in_skew_cells(
    small: int, dim: int, seed: int, radius: float, partly: bool
):
    generator = torch.Generator().manual_seed(seed)
    batch = torch.tensor([0, 0, 0, 1])
    skew = 0.5 * torch.rand(2, dim, dim, generator=generator, dtype=torch.float64).tril(-1)
    cell = skew + torch.diag_embed(0.7 + torch.rand(2, dim, generator=generator, dtype=torch.float64))
    position = 1.5 * torch.rand(4, dim, generator=generator, dtype=torch.float64) - 0.75  # outside their cells too
    pbc = torch.rand(2, dim, generator=generator) < (0.5 if partly else 2)
    members = members_of(4, batch, None, position)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "SMALL", small)
        found = radius_edges(position, members, radius, cell, pbc)
    assert as_set(found) == brute_periodic(position, members, radius * (1 + 1e-9), cell, pbc)
    there_and_back = {(i, j, *(-o for o in offset)) for j, i, *offset in as_set(found)}
    assert there_and_back == as_set(found)
    turn = turns(dim, seed)
    assert as_set(radius_edges(position @ turn.T + 1.0, members, radius, cell @ turn.T, pbc)) == as_set(found)


def test_crystals_have_the_neighbours_of_the_textbook():
    """Simple, body-centred and face-centred cubic: 6, 8 and 12 nearest ones; tied at the radius itself."""
    for corners, radius, wanted in (
        ([[0, 0, 0]], 1.0, 6),
        ([[0, 0, 0], [0.5, 0.5, 0.5]], 0.75**0.5, 8),
        ([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]], 0.5**0.5, 12),
    ):
        position = torch.tensor(corners, dtype=torch.float64)
        for turn in (torch.eye(3, dtype=torch.float64), turns(3, 1)):
            found = radius_edges(position @ turn.T, whole(len(corners), position), radius, turn.T[None])
            assert torch.bincount(found.target).tolist() == [wanted] * len(corners)


@given(dim=DIMS, seed=SEEDS)
@settings(max_examples=4)
def test_large_clouds_are_searched_as_small_ones(dim: int, seed: int):
    position, members = clouds(dim, seed, most=700)
    position[::7] *= 1e-3  # a dense core
    position[-1] = 1e4  # and one point far out
    by_bins = radius_edges(position, members, 0.3), nearest_edges(position, members, 6)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "SMALL", 10**6)
        pairwise = radius_edges(position, members, 0.3), nearest_edges(position, members, 6)
    for a, b in zip(by_bins, pairwise, strict=True):
        assert torch.equal(a.source, b.source) and torch.equal(a.target, b.target)


def test_the_nearest_of_some_are_found_for_all():
    position, members = clouds(3, 0)
    kept = torch.cat([members.ptr[:-1], members.ptr[2:3] + 4])
    among = members_of(4, members.batch[kept], None, position)
    found = nearest_of(position, members, kept, among, 1)
    distance = torch.cdist(position, position[kept]).masked_fill(members.batch[:, None] != among.batch, torch.inf)
    assert torch.equal(found.target, torch.arange(len(position)))
    assert torch.equal(found.source, distance.argmin(1))


def test_every_pair_of_a_cloud_is_joined():
    _, members = clouds(2, 0)
    sizes = (members.ptr[1:] - members.ptr[:-1]).tolist()
    found = every_pair(members)
    assert len(as_set(found)) == sum(n * (n - 1) for n in sizes)
    assert bool((members.batch[found.source] == members.batch[found.target]).all())
    with pytest.raises(InputError, match="pairs of points"):
        every_pair(whole(20_000, torch.zeros(0)))


def test_points_in_one_place_are_each_other_s_neighbours():
    position = torch.zeros(3, 2)
    assert len(as_set(radius_edges(position, whole(3, position), 1e-3))) == 6
    assert len(as_set(nearest_edges(position, whole(3, position), 1))) == 6
    many = torch.zeros(300, 2)
    assert len(nearest_edges(many, whole(300, many), 1).source) == 300 * 299
    assert not len(radius_edges(position[:1], whole(1, position), 1.0).source)
    assert not len(nearest_edges(position[:1], whole(1, position), 1).source)


def test_what_cannot_be_searched_is_refused():
    position = torch.zeros(2, 2)
    with pytest.raises(InputError, match="flat"):
        radius_edges(position, whole(2, position), 1.0, torch.tensor([[[1.0, 1.0], [2.0, 2.0]]]))
    with pytest.raises(InputError, match="images"):
        radius_edges(position, whole(2, position), 1e5, torch.eye(2)[None])
    for search in (lambda x: radius_edges(x, whole(2, x), 1.0), lambda x: nearest_edges(x, whole(2, x), 1)):
        with pytest.raises(InputError, match="not finite"):
            search(position + torch.nan)


def test_a_point_far_out_of_its_cell_is_the_same_point():
    cell, position = torch.tensor([[[1.0, 0.0], [0.4, 1.1]]]), torch.tensor([[0.1, 0.2], [0.7, 0.6]])
    far = position + torch.tensor([[0.0, 0.0], [4.0 - 5 * 0.4, -5 * 1.1]])
    near, found = (radius_edges(x, whole(2, x), 1.5, cell) for x in (position, far))
    moved = torch.tensor([4, -5]) * ((near.source == 1).long() - (near.target == 1).long())[:, None]
    assert near.offset is not None and len(near.source) == len(found.source)
    wanted = torch.cat([near.source[:, None], near.target[:, None], near.offset - moved], dim=1)
    assert as_set(found) == set(map(tuple, wanted.tolist()))
