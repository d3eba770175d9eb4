"""Squares, lines and cubes against torch's own words, and declarations that cannot be."""

import itertools

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from erlangen.domains import Dna, Grid, HexGrid, Lattice, Point, Sequence
from erlangen.domains.text import domain_from_data, parse_domain
from erlangen.errors import DomainError, InputError, RecipeError, SymmetryError
from erlangen.groups import SO, C, D, FullOctahedral, Icosahedral, Mirror, Translations, Trivial


# ---- declarations --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: Grid(4), "dimension 1, 2 or 3"),
        (lambda: Grid(0), "dimension 1, 2 or 3"),
        (lambda: Grid(2.0), "dimension 1, 2 or 3"),
        (lambda: Grid(True), "dimension 1, 2 or 3"),
        (lambda: Grid("2"), "dimension 1, 2 or 3"),
        (lambda: Grid(2, "mirrored"), '"open" or "periodic"'),
        (lambda: Grid(2, spacing=(1,)), "2 positive lengths"),
        (lambda: Grid(2, spacing=(1, 0)), "2 positive lengths"),
        (lambda: Grid(2, spacing=(1, float("nan"))), "2 positive lengths"),
        (lambda: Grid(2, spacing=(1, float("inf"))), "2 positive lengths"),
        (lambda: Grid(2, spacing="ab"), "2 positive lengths"),
        (lambda: HexGrid(3), r"HexGrid\(\)"),
        (lambda: HexGrid(boundary="periodic"), r"HexGrid\(\)"),
        (lambda: HexGrid(spacing=(1, 1)), r"HexGrid\(\)"),
        (lambda: Sequence(2), "a line"),
        (lambda: Sequence(boundary="periodic"), "open"),
        (lambda: Dna(2), "a line"),
    ],
)
def test_declarations_that_cannot_be_are_refused(make, why):
    with pytest.raises(DomainError, match=why):
        make()


def test_domains_print_as_they_are_written():
    for domain in (
        Grid(1),
        Grid(2, boundary="periodic"),
        Grid(3, spacing=(1.0, 1.0, 5.0)),
        HexGrid(),
        Dna(),
        Sequence(),
    ):
        assert eval(repr(domain)) == domain
        assert parse_domain(repr(domain)) == domain
    assert repr(Grid(2).coarser()) == "Grid(2, level=1)"
    assert Grid(2, spacing=2) == Grid(2, spacing=(2.0, 2.0))
    assert len({Grid(2), Grid(2), Grid(2, "periodic"), HexGrid(), Dna(), Grid(1)}) == 5


@pytest.mark.parametrize(
    "text", ["Klein()", "Grid(2, level=3)", "Grid", "Grid(2) + 1", "__import__('os')", "Grid(x)", ""]
)
def test_text_that_declares_nothing_is_refused(text):
    with pytest.raises(DomainError):
        parse_domain(text)


def test_data_that_declares_nothing_is_refused():
    with pytest.raises(RecipeError, match="Klein"):
        domain_from_data({"name": "Klein"}, Trivial())


# ---- the action in torch's words -----------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [(4, 4), (5, 5), (4, 7), (1, 6)])
def test_turns_and_flips_are_torchs(size):
    x = torch.randn(2, 3, *size)
    for k, g in enumerate(C(4).elements):
        assert torch.equal(Grid(2).act(g, x), torch.rot90(x, k, (-2, -1)))
    turn, flip = D(4).generators
    assert torch.equal(Grid(2).act(flip, x), x.flip(-1))
    assert torch.equal(Grid(2).act(turn @ flip, x), torch.rot90(x.flip(-1), 1, (-2, -1)))
    first, second = (Mirror() * Mirror()).generators
    assert torch.equal(Grid(2).act(first, x), x.flip(-2))
    assert torch.equal(Grid(2).act(second, x), x.flip(-1))


def test_the_mirror_of_a_line_and_of_dna_flips_it():
    x = torch.randn(2, 4, 7)
    (flip,) = Mirror().generators
    assert torch.equal(Grid(1).act(flip, x), x.flip(-1))
    assert torch.equal(Dna().act(flip, x), x.flip(-1))
    assert torch.equal(Grid(3).act(flip, x[..., None, None]), x[..., None, None].flip(-1))


def test_the_action_can_be_differentiated():
    x = torch.randn(1, 1, 4, 5, requires_grad=True)
    Grid(2).act(C(4).generators[0], x)[0, 0, 0].sum().backward()
    assert x.grad.sum() == 4


def test_a_turn_by_warping_agrees_where_both_are_exact():
    x = torch.randn(2, 1, 9, 9, dtype=torch.float64)
    for g in D(4).elements:
        assert torch.allclose(Grid(2).warp(g, x), Grid(2).act(g, x), atol=1e-10)


def test_warping_by_an_eighth_turn_and_back_is_near():
    axis = torch.linspace(-3, 3, 33)
    x = torch.exp(-(axis[:, None] ** 2) - (axis[None, :] - 0.7) ** 2)[None, None].double()
    g = C(8).generators[0]
    back = Grid(2).warp(~g, Grid(2).warp(g, x))
    assert 1e-9 < (back - x).norm() / x.norm() < 0.03
    turned = Grid(2).warp(g, Grid(2).warp(g, x))
    assert (turned - torch.rot90(x, 1, (-2, -1))).norm() / x.norm() < 0.03


# ---- spacing -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("spacing", "largest", "order"),
    [
        (None, FullOctahedral(), 48),
        ((1, 1, 1), FullOctahedral(), 48),
        ((1, 1, 5), D(4) * Mirror(), 16),
        ((0.57, 0.57, 5), D(4) * Mirror(), 16),
        ((1, 2, 3), D(2) * Mirror(), 8),
        ((5, 1, 1), None, 16),
        ((1, 5, 1), None, 16),
    ],
)
def test_the_largest_group_that_a_spacing_keeps(spacing, largest, order):
    """Counted independently: signed permutations that exchange only axes of equal spacing."""
    grid = Grid(3, spacing=spacing)
    found = grid.largest_subgroup(FullOctahedral())
    lengths = spacing or (1, 1, 1)
    permutations = [
        p for p in itertools.permutations(range(3)) if all(lengths[i] == lengths[j] for i, j in enumerate(p))
    ]
    assert found.order == order == 8 * len(permutations)
    assert largest is None or found == largest
    assert grid.preserves(found)
    for g in found.elements:
        assert np.allclose(np.abs(grid.matrix(g)) @ np.asarray(lengths), lengths)


@pytest.mark.parametrize(
    ("domain", "group", "why"),
    [
        (
            Grid(3, spacing=(1, 1, 5)),
            FullOctahedral(),
            r"\(1, 1, 5\) makes voxels 5 times as long along axis 2 as along axis",
        ),
        (Grid(3, spacing=(1, 2, 3)), C(4), r"\(1, 2, 3\) makes voxels 2 times as long along axis 1 as along axis 0"),
        (Grid(3, spacing=(5, 1, 1)), C(4, axis=2), r"\(5, 1, 1\) makes voxels 5 times as long .* D\(4, axis=0\)"),
        (
            Grid(3, spacing=(1, 1, 1.001)),
            FullOctahedral(),
            r"\(1, 1, 1.001\) makes voxels 1.001 times as long along axis 2 as",
        ),
        (Grid(2, spacing=(1, 1.0001)), D(4), r"\(1, 1.0001\) makes pixels 1.0001 times as long along axis 1"),
        (Grid(2, spacing=(1, 1.5)), D(4), r"\(1, 1.5\) makes pixels 1.5 times as long along axis 1 as along axis 0"),
        (
            Grid(3, spacing=(5, 1, 1)),
            FullOctahedral(),
            r"16 elements, as domain.largest_subgroup\(FullOctahedral\(\)\)",
        ),
    ],
)
def test_a_spacing_that_breaks_a_group_is_named_as_the_reason(domain, group, why):
    with pytest.raises(DomainError, match=f"spacing {why}" if "makes" in why else why):
        domain.check_group(group)


def test_a_spacing_is_not_blamed_for_what_no_spacing_mends():
    for domain, group in (
        (Grid(2, spacing=(1, 2)), C(8)),
        (Grid(3, spacing=(1, 1, 5)), Icosahedral()),
        (Grid(2), C(8)),
    ):
        with pytest.raises(DomainError) as refusal:
            domain.check_group(group)
        assert "where the spacing" not in str(refusal.value)


# ---- scale ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("n", range(1, 12))
def test_halving_is_the_expression_of_the_design(n):
    x = torch.randn(1, 2, n, n + 1)
    expected = x
    for axis in (2, 3):
        m = expected.movedim(axis, -1)
        m = (m[..., ::2] + m[..., 1 - m.shape[-1] % 2 :: 2]) / 2
        expected = m.movedim(-1, axis)
    assert torch.equal(Grid(2).halve(x), expected)
    if n % 2:
        assert torch.equal(Grid(1).halve(x[..., 0]), x[..., ::2, 0])
    else:
        assert torch.equal(Grid(1).halve(x[..., 0]), F.avg_pool1d(x[..., 0], 2))
        assert torch.equal(Grid(1).halve(x[..., 0], "max"), F.max_pool1d(x[..., 0], 2))


@pytest.mark.parametrize("boundary", ["open", "periodic"])
@pytest.mark.parametrize("size", [(9,), (8,), (2,), (7, 10), (5, 4), (200, 6), (5, 6, 7), (2, 3, 4)])
def test_to_decimate_is_to_smooth_and_to_halve(size: tuple[int, ...], boundary: str):
    grid, x = Grid(len(size), boundary), torch.randn(2, 3, *size, dtype=torch.float64)
    torch.testing.assert_close(grid.decimate(x), grid.halve(grid.smooth(x)), atol=1e-14, rtol=0)
    torch.testing.assert_close(grid.decimate(x, traced=True), grid.decimate(x), atol=1e-14, rtol=0)
    assert grid.decimate(x.float()).dtype == torch.float32


def test_smoothing_is_the_binomial_filter():
    x = torch.randn(2, 1, 7, dtype=torch.float64)
    kernel = torch.tensor([[[0.25, 0.5, 0.25]]], dtype=torch.float64)
    assert torch.allclose(Grid(1).smooth(x), F.conv1d(F.pad(x, (1, 1), mode="replicate"), kernel))
    assert torch.allclose(Grid(1, "periodic").smooth(x), F.conv1d(F.pad(x, (1, 1), mode="circular"), kernel))


def test_enlarging_to_odd_sizes_puts_means_between_the_sites():
    x = torch.tensor([[[1.0, 3.0, 9.0]]])
    assert Grid(1).enlarge(x, (5,)).flatten().tolist() == [1, 2, 3, 6, 9]
    assert Grid(1).enlarge(x, (6,)).flatten().tolist() == [1, 1.5, 2.5, 4.5, 7.5, 9]
    assert Grid(1, "periodic").enlarge(x, (6,)).flatten().tolist() == [3, 1.5, 2.5, 4.5, 7.5, 7]


@pytest.mark.parametrize("boundary", ["open", "periodic"])
def test_enlarging_is_right_in_half_precision_and_on_long_lines(boundary):
    x = torch.randn(1, 1, 5000)
    near = Grid(1, boundary).enlarge(x.bfloat16(), (9999,)).float()
    assert (near - Grid(1, boundary).enlarge(x, (9999,))).abs().max() < 0.05


def test_sizes_go_down_and_up():
    assert Grid(2).halved_size((7, 8)) == (4, 4)
    assert Grid(2).doubled_size((3, 4)) == (6, 8)
    assert HexGrid().halved_size((11, 11)) == (5, 5)
    assert HexGrid().doubled_size((5, 5)) == (9, 9)
    for h in range(4):
        n = Grid(1).minimum_size(h)
        for size, sites in ((n, 2), (n - 1, 1)):
            for _ in range(h):
                (size,) = Grid(1).halved_size((size,))
            assert size == sites
        n = HexGrid().minimum_size(h)
        for _ in range(h):
            (n,) = HexGrid().halved_size((n,))
        assert n == 3
    assert Grid(1, "periodic").minimum_size(2, reach=4) == 13


def test_time_has_no_coarser_grid():
    with pytest.raises(DomainError, match="dilation"):
        Sequence().coarser()


# ---- checks --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("domain", [Grid(1), Grid(2), Grid(3), HexGrid(), Dna(), Sequence(), Point()], ids=repr)
def test_the_wrong_number_of_axes_is_refused(domain):
    for axes in {0, 1, 2, 3, 4} - {domain.axes}:
        with pytest.raises(InputError):
            domain.check_values(torch.zeros(1, 1, *(5,) * axes))
    domain.check_values(torch.zeros(1, 1, *(5,) * domain.axes))


def test_kernels_are_odd_and_have_a_size_for_each_axis():
    assert Grid(2).stencil((1, 3)).tolist() == [[0, -1], [0, 0], [0, 1]]
    for size in (2, 0, -1, (3, 3, 3), (3, 4)):
        with pytest.raises(InputError):
            Grid(2).stencil(size)


@pytest.mark.parametrize("domain", [Grid(1), Grid(2), HexGrid(), Grid(3)], ids=repr)
def test_what_is_no_point_group_is_refused_or_refuses_itself(domain: Lattice):
    assert not domain.preserves(SO(domain.dim) if domain.dim > 1 else C(3))
    with pytest.raises((SymmetryError, AttributeError)):
        domain.check_group(Translations())


def test_each_signal_is_turned_by_an_element_of_its_own() -> None:
    for domain, group, size in ((Grid(2), SO(2), (5, 6)), (Grid(3), SO(3), (4, 5, 6)), (HexGrid(), SO(2), (7, 7))):
        x, gs = torch.rand(3, 2, *size, dtype=torch.float64), group.sample(3, 0)
        one_by_one = torch.cat([domain.warp(g, signal[None]) for g, signal in zip(gs, x, strict=True)])
        assert torch.allclose(domain.warp(gs, x), one_by_one, atol=1e-12)
    with pytest.raises(InputError, match="one for each"):
        Grid(2).warp(SO(2).sample(2, 0), torch.rand(3, 1, 5, 5))
