"""What holds of every lattice under every group that maps it to itself, and how the other groups are refused."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from erlangen.domains import Dna, Grid, HexGrid, Lattice, Sequence
from erlangen.domains.text import domain_from_data, domain_to_data
from erlangen.errors import DomainError
from erlangen.groups import C, D, Group
from erlangen.signal import Space
from tests.laws.catalogue import CLOCKWISE, DOMAINS, REFUSED
from tests.laws.signals import SEEDS, difference, noise, sizes, some

few = settings(max_examples=4)
COARSENING = [param for param in DOMAINS if not param.values[0].causal]  # time has no coarser grid


def sites(domain: Lattice, size: tuple[int, ...]) -> np.ndarray:
    """The doubled centred coordinates of every site `[P, d]`, in the order of the array."""
    axes = np.meshgrid(*(2 * np.arange(n) - (n - 1) for n in size), indexing="ij")
    return np.stack([axis.ravel() for axis in axes], axis=1)


@pytest.mark.parametrize(("domain", "group"), DOMAINS)
@given(data=st.data(), seed=SEEDS)
@few
def test_the_action_is_a_left_action_by_matrices(domain: Lattice, group: Group, data: st.DataObject, seed: int):
    """(gh)·x = g·(h·x), e·x = x, and each value goes from u to A_g u: found here site by site."""
    size = data.draw(sizes(domain, least=1, most=9))
    x = noise(Space(domain, group.trivial), size, seed)
    g, h = group.sample(2, seed)
    assert torch.equal(domain.act(g, domain.act(h, x)), domain.act(g @ h, x))
    assert torch.equal(domain.act(group.identity, x), x)
    moved, matrix = domain.act(g, x), domain.matrix(g)
    assert matrix.dtype.kind == "i" and abs(round(np.linalg.det(matrix))) == 1
    goes_to = sites(domain, size) @ matrix.T
    index = tuple(((goes_to + np.array(moved.shape[2:]) - 1) // 2).T)
    kept = np.all([(i >= 0) & (i < n) for i, n in zip(index, moved.shape[2:], strict=True)], axis=0)
    values = x.flatten(2)[0, 0].numpy()
    assert np.array_equal(moved[0, 0].numpy()[tuple(i[kept] for i in index)], values[kept])
    assert not values[~kept].any()


@pytest.mark.parametrize(("domain", "group"), DOMAINS)
def test_matrices_multiply_and_are_how_space_moves(domain: Lattice, group: Group):
    """A_{gh} = A_g A_h, and E A_g E⁻¹ keeps lengths."""
    for g, h in itertools.product(some(group, 0), repeat=2):
        assert np.array_equal(domain.matrix(g @ h), domain.matrix(g) @ domain.matrix(h))
        space = domain.basis @ domain.matrix(g) @ np.linalg.inv(domain.basis)
        np.testing.assert_allclose(space @ space.T, np.eye(domain.dim), atol=1e-12)
        np.testing.assert_allclose(space, domain.cartesian(g), atol=1e-12)


@pytest.mark.parametrize(("domain", "group"), COARSENING)
@given(data=st.data(), seed=SEEDS)
@few
def test_scales_commute_with_every_element(domain: Lattice, group: Group, data: st.DataObject, seed: int):
    """Halving, smoothing, the mean, and the way back to the same size: T(g·x) = g·T(x)."""
    size = data.draw(sizes(domain, least=5))
    space = Space(domain, 2 * group.trivial)
    x, back = noise(space, size, seed, batch=1), noise(space, domain.halved_size(size), seed + 1, batch=1)
    for g in some(group, seed):
        moved = domain.act(g, x)
        for step in (domain.halve, lambda y: domain.halve(y, "max"), domain.smooth):
            assert difference(step(moved), domain.act(g, step(x))) < 1e-14
        assert difference(domain.mean(moved), domain.mean(x)) < 1e-10
        target = moved.shape[2:]
        assert (
            difference(domain.enlarge(domain.act(g, back), target), domain.act(g, domain.enlarge(back, size))) < 1e-14
        )
    assert tuple(domain.halve(x).shape[2:]) == domain.halved_size(size)
    assert domain.enlarge(back, size).shape[2:] == size


@pytest.mark.parametrize(("domain", "group"), COARSENING)
@given(data=st.data(), value=st.floats(-3, 3))
@few
def test_constants_stay_constant(domain: Lattice, group: Group, data: st.DataObject, value: float):
    size = data.draw(sizes(domain, least=5, most=20))

    def constant(size: tuple[int, ...]) -> torch.Tensor:
        return domain.clear(torch.full((1, 1, *size), value, dtype=torch.float64))

    x, coarse = constant(size), constant(domain.halved_size(size))
    assert torch.allclose(domain.halve(x), coarse)
    assert torch.allclose(domain.halve(x, "max"), coarse)
    assert torch.allclose(domain.smooth(x), x)
    assert torch.allclose(domain.mean(x), torch.tensor(value, dtype=torch.float64))
    if not isinstance(domain, HexGrid):  # at a hexagon's border there is nothing to interpolate with
        assert torch.allclose(domain.enlarge(coarse, size), x)


@pytest.mark.parametrize(("domain", "group", "largest"), REFUSED)
def test_other_groups_are_refused_with_the_largest_that_fits(domain: Lattice, group: Group, largest: str):
    assert not domain.preserves(group)
    with pytest.raises(DomainError) as refused:
        domain.check_group(group)
    assert f"The largest subgroup that does is {largest}" in str(refused.value)
    assert repr(group) in refused.value.given and repr(domain) in refused.value.given
    kept = domain.largest_subgroup(group)
    assert domain.preserves(kept)
    if group.order is not None and group.order <= 2000:
        fitting = [g for g in group.elements if _fits(domain, g)]
        assert kept.order == max(1, len(fitting))  # none fits if the group does not move this space at all
    moved = [g for g in (*group.generators, *group.sample(8, 0)) if not _fits(domain, g)]
    assert moved
    with pytest.raises(DomainError, match="largest subgroup"):
        domain.act(moved[0], torch.zeros(1, 1, *(5,) * domain.dim))


def _fits(domain: Lattice, g: object) -> bool:
    """Whether g moves space by an isometry that is whole on array coordinates: by the definition alone."""
    space = domain.cartesian(g)
    if space is None or (domain.causal and not np.allclose(space, np.eye(1))):
        return False
    array = np.linalg.inv(domain.basis) @ space @ domain.basis
    return np.allclose(space @ space.T, np.eye(domain.dim)) and np.allclose(array, array.round(), atol=1e-6)


@pytest.mark.parametrize(("domain", "group"), DOMAINS)
def test_a_group_that_fits_is_its_own_largest_subgroup(domain: Lattice, group: Group):
    assert domain.preserves(group)
    assert domain.largest_subgroup(group).order == group.order


@pytest.mark.parametrize(("domain", "group"), DOMAINS)
def test_a_domain_is_a_value_and_plain_data(domain: Lattice, group: Group):
    again = domain_from_data(domain_to_data(domain), domain.action.group if domain.action else group)
    assert again == domain and hash(again) == hash(domain) and repr(again) == repr(domain)
    if not domain.causal:
        coarse = domain.coarser()
        assert coarse != domain and coarse.finer() == domain and coarse.level == 1
        assert domain_from_data(domain_to_data(coarse), domain.action.group if domain.action else group) == coarse


@given(n=st.integers(1, 300), seed=SEEDS)
@settings(max_examples=30)
def test_halving_and_enlarging_keep_shifts_by_two(n: int, seed: int):
    """Away from the border for every size, and on a ring of even size everywhere."""
    for boundary in ("open", "periodic"):
        domain = Grid(1, boundary)
        wide = noise(Space(domain, C(1).trivial), (n + 2,), seed, batch=1)
        x, later = wide[..., :n], wide[..., 2:]
        a, b = domain.enlarge(domain.halve(x), (n,)), domain.enlarge(domain.halve(later), (n,))
        assert torch.allclose(a[..., 5:-3], b[..., 3:-5], atol=1e-14)
        if n % 2 == 0 and boundary == "periodic":
            rolled = domain.enlarge(domain.halve(x.roll(2, -1)), (n,))
            assert torch.allclose(rolled, a.roll(2, -1), atol=1e-14)


@given(n=st.integers(2, 200))
@settings(max_examples=20)
def test_interpolation_is_exact_on_straight_lines(n: int):
    """What halving makes of u ↦ u, enlarging brings back, off the border."""
    x = torch.arange(n, dtype=torch.float64).reshape(1, 1, n)
    assert torch.allclose(Grid(1).enlarge(Grid(1).halve(x), (n,))[..., 1:-1], x[..., 1:-1])


@given(seed=SEEDS, size=st.tuples(st.integers(1, 40), st.integers(1, 40)))
@settings(max_examples=20)
def test_even_sizes_enlarge_as_torch_does(seed: int, size: tuple[int, int]):
    x = noise(Space(Grid(2), C(1).trivial), size, seed)
    ours = Grid(2).enlarge(x, (2 * size[0], 2 * size[1]))
    theirs = torch.nn.functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
    assert torch.allclose(ours, theirs, atol=1e-14)


def test_an_action_overrides_the_defining_matrices():
    (turn,) = C(4).generators
    x = noise(Space(CLOCKWISE, C(4).trivial), (4, 5))
    assert torch.equal(CLOCKWISE.act(turn, x), torch.rot90(x, -1, (-2, -1)))
    half = C(4).subgroup(turn @ turn)
    assert np.array_equal(CLOCKWISE.matrix(half.generators[0]), -np.eye(2))
    quarter = D(4).subgroup(D(4).generators[0])
    assert np.array_equal(CLOCKWISE.matrix(quarter.generators[0]), [[0, 1], [-1, 0]])


def test_domains_with_and_without_a_natural_symmetry():
    assert [d.natural_symmetry().order for d in (Grid(1), Grid(2), HexGrid(), Sequence(), Dna())] == [1, 1, 1, 1, 2]
