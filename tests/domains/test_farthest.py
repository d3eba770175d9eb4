"""Coarser clouds: which points stay, whom the others belong to, and that turning and storing change neither."""

import itertools

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

import erlangen as er
from erlangen.domains import Points
from erlangen.domains.cloud import turned
from erlangen.domains.coarser import cluster_maxima, cluster_means, spread_back
from erlangen.domains.farthest import coarsened, farthest, surplus
from erlangen.domains.packed import whole
from erlangen.errors import InputError
from tests.domains.test_neighbours import clouds, turns
from tests.laws.signals import SEEDS

few = settings(max_examples=15)
DIMS = st.sampled_from([2, 3])
SHARES = st.floats(0.05, 1.0)


def one_by_one(position: Tensor, wanted: int) -> list[int]:
    """The farthest points of one cloud without ties, as they are defined."""
    kept = [int((position - position.mean(0)).norm(dim=1).argmax())]
    while len(kept) < wanted:
        kept.append(int(torch.cdist(position, position[kept]).amin(1).argmax()))
    return sorted(kept)


@given(dim=DIMS, seed=SEEDS, share=SHARES)
@few
def test_the_farthest_points_are_those_of_the_definition(dim: int, seed: int, share: float):
    position, members = clouds(dim, seed)
    assume(bool((members.ptr.diff() != 2).all()))  # two points are as far from the middle between them
    sample = farthest(position, members, share)
    wanted = []
    for a, b in itertools.pairwise(members.ptr.tolist()):
        count = max(1, -int(-(share * (b - a) - 1e-9) // 1))
        wanted += [a + i for i in one_by_one(position[a:b], count)]
    assert sample.kept.tolist() == wanted and not surplus(sample, members, share).any()
    assert torch.equal(sample.members.batch, members.batch[sample.kept])


@given(dim=DIMS, seed=SEEDS, share=SHARES, lattice=st.booleans())
@few
def test_the_choice_does_not_depend_on_turning_and_storing(dim: int, seed: int, share: float, lattice: bool):
    position, members = clouds(dim, seed, lattice=lattice)
    for dtype in (torch.float64, torch.float32):
        images = torch.cat([torch.randperm(int(b - a)) + a for a, b in itertools.pairwise(members.ptr)])
        moved = position @ turns(dim, seed).T + 2.0
        stored = torch.empty_like(moved).index_copy(0, images, moved).to(dtype)
        here, there = farthest(position.to(dtype), members, share), farthest(stored, members, share)
        assert set(images[here.kept].tolist()) == set(there.kept.tolist())
        assert torch.equal(*(surplus(sample, members, share) for sample in (here, there)))


def test_what_is_tied_stays_together_and_is_told():
    corners = torch.cartesian_prod(*[torch.tensor([-1.0, 1.0])] * 3)
    cube = torch.cat([corners, torch.zeros(1, 3)])
    sample = farthest(cube, whole(9, cube), 0.3)
    assert sample.kept.tolist() == list(range(8)) and surplus(sample, whole(9, cube), 0.3).tolist() == [5]
    heap = torch.zeros(5, 2)
    assert farthest(heap, whole(5, heap), 0.2).kept.tolist() == [0, 1, 2, 3, 4]


@given(dim=DIMS, seed=SEEDS, nearest=st.integers(1, 3))
@few
def test_points_belong_to_the_nearest_that_stay(dim: int, seed: int, nearest: int):
    position, _ = clouds(dim, seed)
    batch = clouds(dim, seed)[1].batch
    domain = Points(dim, radius=1.0)
    x, fine = domain.read({"pos": position, "x": torch.randn(len(position), 2, dtype=torch.float64), "batch": batch})
    coarse = coarsened(fine, domain.thinned(0.4), 0.4, nearest)
    kept, among = coarse.kept, coarse.members
    assert coarse.finer is fine and torch.equal(coarse.position, position[kept])
    distance = torch.cdist(position, position[kept], compute_mode="donot_use_mm_for_euclid_dist")
    distance = distance.masked_fill(batch[:, None] != among.batch, torch.inf)
    ranked = distance.sort(1).values[:, : min(nearest, len(kept))]
    limit = ranked.masked_fill(ranked.isinf(), -1).amax(1, keepdim=True)
    belongs = (distance <= limit + 1e-9).double()
    share = belongs / belongs.sum(1, keepdim=True)
    means = (share / share.sum(0)).T @ x
    assert torch.allclose(cluster_means(x, coarse.edges), means)
    wanted = torch.stack([x[belongs[:, c] > 0].amax(0) for c in range(len(kept))])
    assert torch.equal(cluster_maxima(x, coarse.edges), wanted)
    back, edges = spread_back(torch.ones(len(kept), 1, dtype=torch.float64), coarse.edges)
    assert torch.allclose(back, torch.ones(len(x), 1, dtype=torch.float64)) and edges is fine.edges
    joined = domain.thinned(0.4).read({"pos": position[kept], "batch": among.batch})[1]
    assert torch.equal(joined.source, coarse.source) and torch.equal(joined.length, coarse.length)


def test_a_coarser_cloud_turns_with_its_finer_one():
    domain = Points(3, radius=1.0)
    fine = domain.read({"pos": torch.randn(30, 3, dtype=torch.float64), "z": torch.arange(30)})[1]
    coarse = coarsened(fine, domain.coarser, 0.3)
    turn = turns(3, 0)
    moved, again = turned(coarse, turn), coarsened(turned(fine, turn), domain.coarser, 0.3)
    assert torch.equal(moved.kept, again.kept) and torch.equal(coarse.z, coarse.kept)
    assert torch.allclose(moved.vector, again.vector, atol=1e-12) and moved.finer is not None
    assert torch.allclose(moved.finer.position, fine.position @ turn.T, atol=1e-12)
    twice = coarsened(coarse, domain.coarser.coarser, 0.3)
    assert twice.finer is coarse and len(twice.position) == 3
    signal = er.Signal(twice.position, er.Space(domain.coarser.coarser, er.O(3).standard), twice)
    assert signal.act(er.O(3).generators[0]).support.finer.finer.position.shape == (30, 3)


def test_gradients_reach_positions_through_a_coarser_cloud():
    pos = torch.randn(20, 2, dtype=torch.float64, requires_grad=True)
    coarse = coarsened(Points(2, radius=1.0).read({"pos": pos})[1], Points(2), 0.25)
    (grad,) = torch.autograd.grad(coarse.length.sum(), pos)
    assert grad.isfinite().all() and grad[coarse.kept].abs().sum(1).min() > 0


def test_what_cannot_be_coarsened_is_refused():
    domain = Points(2, radius=1.0)
    periodic = domain.read({"pos": torch.rand(4, 2), "cell": torch.eye(2)})[1]
    with pytest.raises(InputError, match="periodic"):
        coarsened(periodic, domain.coarser, 0.5)
    pos = torch.rand(4, 2)
    for share in (0.0, 1.5, True, "half"):
        with pytest.raises(InputError, match="above 0"):
            farthest(pos, whole(4, pos), share)
