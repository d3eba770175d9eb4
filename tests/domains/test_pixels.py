"""Square pixels as hexagonal ones and back: what is kept exactly, how fast the rest converges, and what is refused."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import BSpline, CubicSpline
from torch import Tensor

from erlangen.domains import Grid, HexGrid, to_hexagons, to_squares
from erlangen.domains._spline import box_spline, hexagon_blur, hexagon_coefficients, square_blur, square_weights
from erlangen.domains.pixels import EQUAL_AREA, covering_radius, inscribed_radius
from erlangen.errors import InputError
from erlangen.groups import C, D

ROUNDING = 1e-12
SIZES = [33, 65, 129]
BASIS = torch.tensor([[1, 0.5], [0, math.sqrt(3) / 2]], dtype=torch.float64)


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def squares(rows: int, columns: int, step: float = 1.0) -> tuple[Tensor, Tensor]:
    """Where the pixels of a picture are."""
    row, column = (torch.arange(n, dtype=torch.float64) - (n - 1) / 2 for n in (rows, columns))
    return row[:, None] * step + 0 * column, 0 * row[:, None] + column * step


def hexagons(radius: int, step: float) -> tuple[Tensor, Tensor]:
    """Where the hexagonal pixels are."""
    along = torch.arange(-radius, radius + 1, dtype=torch.float64)
    at = torch.stack(torch.meshgrid(along, along, indexing="ij"), -1) @ BASIS.T * step
    return at[..., 0], at[..., 1]


def wave(row: Tensor, column: Tensor, angle: float = 0.0) -> Tensor:
    """A signal that fades to nothing before the border of the picture from −1 to 1, turned by an angle."""
    y = math.cos(angle) * row + math.sin(angle) * column
    x = -math.sin(angle) * row + math.cos(angle) * column
    return torch.exp(-30 * ((x - 0.05) ** 2 + (y + 0.1) ** 2)) * torch.cos(7 * x + 3 * y)


def order(differences: list[Tensor]) -> float:
    """p of an error h^p, in the mean square, from the coarsest to the finest; it must begin small."""
    errors = [float(d.square().mean().sqrt()) for d in differences]
    assert errors[0] < 5e-4
    return math.log2(errors[0] / errors[-1]) / math.log2(SIZES[-1] / SIZES[0])


# ---- exact laws
@given(st.integers(2, 12), st.integers(2, 12), st.sampled_from([0.7, EQUAL_AREA, 1.0, 2.5]), st.integers(1, 6))
def test_constant_and_linear_pictures_stay_so_up_to_the_border_where_they_stop(rows, columns, spacing, radius):
    row, column = squares(rows, columns)
    x = torch.stack([torch.ones_like(row), 2 + 0.3 * row - 0.7 * column])[None]
    y = to_hexagons(x, radius, spacing)
    row, column = hexagons(radius, spacing)
    there = (row.abs() <= rows / 2) & (column.abs() <= columns / 2) & (HexGrid().mask(y) > 0)
    row, column = row.clip(-(rows - 1) / 2, (rows - 1) / 2), column.clip(-(columns - 1) / 2, (columns - 1) / 2)
    expected = torch.stack([torch.ones_like(row), 2 + 0.3 * row - 0.7 * column])
    torch.testing.assert_close(y[0], torch.where(there, expected, 0.0), atol=ROUNDING, rtol=ROUNDING)


@given(st.integers(1, 12), st.integers(1, 12), st.sampled_from([0.4, EQUAL_AREA, 2.0]), st.integers(1, 6))
def test_constant_and_linear_signals_stay_so_on_the_way_back_up_to_the_border(rows, columns, spacing, radius):
    row, column = hexagons(radius, spacing)
    y = HexGrid().clear(torch.stack([torch.ones_like(row), 2 + 0.3 * row - 0.7 * column])[None])
    x = to_squares(y, (rows, columns), spacing)
    row, column = squares(rows, columns)
    r = column / spacing / (math.sqrt(3) / 2)
    q = row / spacing - r / 2
    away = torch.stack([q.abs(), r.abs(), (q + r).abs()]).amax(0)
    there, inward = away <= radius + 0.5 + 1e-9, radius / away.clip(min=radius)
    row, column = row * inward, column * inward
    expected = torch.stack([torch.ones_like(row), 2 + 0.3 * row - 0.7 * column])
    torch.testing.assert_close(x[0], torch.where(there, expected, 0.0), atol=ROUNDING, rtol=ROUNDING)


@settings(max_examples=20)
@given(st.integers(2, 9), st.integers(2, 9), st.sampled_from([0.8, EQUAL_AREA, 1.9]))
def test_both_ways_keep_the_half_turn_and_the_mirrors_of_the_axes(rows, columns, spacing):
    x, y = noise(2, 3, rows, columns), HexGrid().clear(noise(2, 3, 9, 9))
    for g in D(2).elements:
        there = to_hexagons(Grid(2).act(g, x), None, spacing) - HexGrid().act(g, to_hexagons(x, None, spacing))
        back = to_squares(HexGrid().act(g, y), (rows, columns), spacing)
        assert there.abs().max() <= ROUNDING
        assert (back - Grid(2).act(g, to_squares(y, (rows, columns), spacing))).abs().max() <= ROUNDING


@pytest.mark.parametrize("radius", [1, 2, 5])
def test_the_spline_of_a_hexagon_has_its_twelve_symmetries(radius):
    y = HexGrid().clear(noise(1, 2, 2 * radius + 1, 2 * radius + 1))
    for g in D(6).elements:
        moved = HexGrid().act(g, hexagon_coefficients(y)), HexGrid().act(g, hexagon_blur(y, 1.3))
        expected = hexagon_coefficients(HexGrid().act(g, y)), hexagon_blur(HexGrid().act(g, y), 1.3)
        for a, b in zip(moved, expected, strict=True):
            torch.testing.assert_close(a, b, atol=ROUNDING, rtol=ROUNDING)


def test_where_sites_meet_values_are_kept():
    """The centre of both lattices, and the hexagon's own sites along an axis where a pixel is at each."""
    x = noise(1, 1, 9, 9)
    y = to_hexagons(x, 3, spacing=1.0)
    torch.testing.assert_close(y[0, 0, :, 3], x[0, 0, 1:8, 4], atol=ROUNDING, rtol=ROUNDING)
    y = HexGrid().clear(noise(1, 1, 9, 9))
    back = to_squares(y, 7)  # of equal area: the centre alone is in both
    torch.testing.assert_close(back[0, 0, 3, 3], y[0, 0, 4, 4], atol=ROUNDING, rtol=ROUNDING)


# ---- the splines, beside independent witnesses
def test_along_an_axis_it_is_the_natural_cubic_spline():
    line = noise(9)
    x = line[:, None].expand(9, 9)[None, None]
    row, _ = hexagons(4, 0.9)
    y = to_hexagons(x, 4, 0.9)[0, 0]
    within = (row.abs() <= 4) & (HexGrid().mask(y) > 0) & (hexagons(4, 0.9)[1].abs() <= 4.5)
    spline = CubicSpline(np.arange(9) - 4, line.numpy(), bc_type="natural")
    np.testing.assert_allclose(y[within].numpy(), spline(row[within].numpy()), atol=1e-11)


def test_the_weights_of_a_square_are_products_of_b_splines():
    points = np.random.default_rng(0).uniform(-3, 3, (50, 2))
    sites, weights = square_weights(points)
    b = BSpline.basis_element(np.arange(-2, 3), extrapolate=False)
    expected = np.nan_to_num(b(points[:, None] - sites)).prod(-1)
    np.testing.assert_allclose(weights, expected, atol=1e-12)


def test_the_box_spline_is_the_hat_convolved_with_itself():
    """By adding up hat × hat on a fine mesh of axial coordinates."""
    fine = np.arange(-2, 2, 1 / 64) + 1 / 128
    mesh = np.stack(np.meshgrid(fine, fine, indexing="ij"), -1)

    def hat(p: np.ndarray) -> np.ndarray:
        return (1 - np.abs(np.stack([p[..., 0], p[..., 1], p.sum(-1)])).max(0)).clip(0)

    for point in np.random.default_rng(0).uniform(-2, 2, (20, 2)):
        assert box_spline(point) == pytest.approx((hat(mesh) * hat(point - mesh)).mean() * 16, abs=1e-3)
    points = np.random.default_rng(1).uniform(-1, 1, (20, 2))
    total = sum(box_spline(points - np.array([q, r])) for q in range(-4, 5) for r in range(-4, 5))
    np.testing.assert_allclose(total, 1, atol=1e-14)


# ---- what converges
def test_to_hexagons_converges_at_order_four():
    errors = []
    for n in SIZES:
        y = to_hexagons(wave(*squares(n, n, 2 / n))[None, None])
        truth = wave(*hexagons(y.shape[-1] // 2, EQUAL_AREA * 2 / n)) * HexGrid().mask(y)
        errors.append(y[0, 0] - truth)
    assert order(errors) > 3.8


def test_to_squares_converges_at_order_four():
    errors = []
    for n in SIZES:
        radius = covering_radius((n, n))
        y = HexGrid().clear(wave(*hexagons(radius, EQUAL_AREA * 2 / n))[None, None])
        errors.append(to_squares(y, n)[0, 0] - wave(*squares(n, n, 2 / n)))
    assert order(errors) > 3.8


def test_there_and_back_converges_at_order_four():
    pictures = [wave(*squares(n, n, 2 / n))[None, None] for n in SIZES]
    errors = [to_squares(to_hexagons(x), x.shape[-1]) - x for x in pictures]
    assert order(errors) > 3.8


def test_a_picture_turned_by_sixty_degrees_becomes_the_turned_hexagons():
    turn, errors = C(6).generators[0], []
    for n in SIZES:
        upright, turned = (to_hexagons(wave(*squares(n, n, 2 / n), angle)[None, None]) for angle in (0, math.pi / 3))
        errors.append(HexGrid().act(turn, upright) - turned)
    assert order(errors) > 3.8


@pytest.mark.parametrize(("spacing", "left"), [(2.0, 0.25), (3.0, 0.1)])
def test_what_the_coarser_lattice_cannot_carry_is_damped(spacing, left):
    """A wave of 2.5 pixels, too fine for the hexagons, would come back as another that was never there."""
    row, _ = squares(41, 41)
    y = to_hexagons(torch.cos(2 * math.pi * row / 2.5)[None, None], 5, spacing)
    assert float(y.square().mean().sqrt()) < left * 0.7
    y = HexGrid().clear(torch.cos(2 * math.pi * hexagons(20, 1.0)[0] / 2.5)[None, None])
    assert float(to_squares(y, 9, 1 / spacing).square().mean().sqrt()) < left * 0.7


def test_a_low_pass_has_the_variance_it_is_asked_for():
    x = torch.zeros(1, 1, 41, 41, dtype=torch.float64)
    x[..., 20, 20] = 1
    for blurred, (row, column) in ((square_blur(x, 2.3), squares(41, 41)), (hexagon_blur(x, 2.3), hexagons(20, 1.0))):
        assert float(blurred.sum()) == pytest.approx(1)
        assert float((blurred[0, 0] * row**2).sum()) == pytest.approx(2.3)
        assert float((blurred[0, 0] * column**2).sum()) == pytest.approx(2.3)


# ---- sizes, gradients, refusals
@given(st.integers(2, 40), st.integers(2, 40), st.sampled_from([0.5, EQUAL_AREA, 3.0]))
def test_the_radius_left_out_is_the_least_that_covers_and_the_inscribed_the_greatest_that_is_covered(rows, columns, s):
    corners = torch.tensor([[rows / 2, columns / 2], [rows / 2, -columns / 2]], dtype=torch.float64) / s
    q, r = torch.linalg.solve(BASIS, corners.T)
    reach = float(torch.stack([q.abs(), r.abs(), (q + r).abs()]).max())
    covering = covering_radius((rows, columns), s)
    assert to_hexagons(torch.ones(1, 1, rows, columns), None, s).shape[-1] == 2 * covering + 1
    assert covering + 0.5 + 1e-6 >= reach
    assert covering - 0.5 < reach
    inscribed = inscribed_radius((rows, columns), s)
    y = to_hexagons(torch.ones(1, 1, rows, columns), max(1, inscribed), s)
    if inscribed:
        torch.testing.assert_close(y[0, 0], HexGrid().mask(y))
    assert float(to_hexagons(torch.ones(1, 1, rows, columns), inscribed + 1, s).sum()) < 1 + 3 * (inscribed + 1) * (
        inscribed + 2
    )


def test_it_can_be_learnt_through_in_both_precisions():
    x = noise(1, 1, 4, 5).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: to_squares(to_hexagons(x, 2), (3, 4)), x)
    single = to_hexagons(x.detach().float(), 3)
    assert single.dtype == torch.float32
    torch.testing.assert_close(single, to_hexagons(x.detach(), 3).float(), atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: to_hexagons([[1.0]]), "torch.as_tensor"),  # pyright: ignore[reportArgumentType]
        (lambda: to_hexagons(torch.ones(1, 1, 4, 4, dtype=torch.int64)), "float"),
        (lambda: to_hexagons(torch.ones(4, 4)), "x[None, None]"),
        (lambda: to_hexagons(torch.ones(1, 1, 1, 4)), "2 × 2"),
        (lambda: to_hexagons(torch.ones(1, 1, 4, 4), radius=0), "radius"),
        (lambda: to_hexagons(torch.ones(1, 1, 4, 4), radius=2.5), "radius"),  # pyright: ignore[reportArgumentType]
        (lambda: to_hexagons(torch.ones(1, 1, 4, 4), spacing=-1.0), "spacing"),
        (lambda: to_squares(torch.ones(1, 1, 4, 4), 4), "2R"),
        (lambda: to_squares(torch.ones(1, 1, 5, 5), 0), "size"),
        (lambda: to_squares(torch.ones(1, 1, 5, 5), (3, 3, 3)), "rows, columns"),
        (lambda: to_squares(torch.ones(1, 1, 5, 5), 3, spacing=math.inf), "spacing"),
    ],
)
def test_refusals(call, words):
    with pytest.raises(InputError) as refusal:
        call()
    assert words in str(refusal.value)
