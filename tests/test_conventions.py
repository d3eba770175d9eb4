"""docs/conventions.md line by line, said in torch's and NumPy's own words and not in the library's."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

import erlangen as er

TURN, MIRROR = er.D(4).generators


def signal(*shape: int) -> Tensor:
    return torch.arange(math.prod(shape), dtype=torch.float64).reshape(shape)


# --- the action


@pytest.mark.parametrize("rho", [er.D(4).regular, er.D(4).standard + er.D(4).sign], ids=str)
def test_a_left_action(rho: er.Representation):
    space, x = er.Space(er.Grid(2), rho), torch.randn(2, rho.dim, 4, 5, dtype=torch.float64)
    for g in er.D(4).elements:
        for h in (TURN, MIRROR):
            torch.testing.assert_close(space.act(g, space.act(h, x)), space.act(g @ h, x))


def test_a_vector_is_moved_and_turned():
    """(g·x)(u) = ρ(g) x(g⁻¹u): an arrow along the rows, at the top left, is turned with its place."""
    x = torch.zeros(1, 2, 3, 3, dtype=torch.float64)
    x[0, :, 0, 0] = torch.tensor([1.0, 0.0])
    moved = er.Space(er.Grid(2), er.C(4).standard).act(er.C(4).generators[0], x)
    assert moved.nonzero().tolist() == [[0, 1, 2, 0]]
    assert moved[0, 1, 2, 0] == 1


def test_angles_are_in_radians_and_counter_clockwise():
    assert er.C(4).element(math.pi / 2) == er.C(4).generators[0]
    assert er.C(6).element(math.pi / 3) == er.C(6).generators[0]


# --- images, volumes, lines


@pytest.mark.parametrize("size", [(4, 4), (5, 5), (4, 7)])
def test_the_quarter_turn_and_the_mirror_of_an_image(size: tuple[int, int]):
    x = signal(2, 3, *size)
    assert torch.equal(er.Grid(2).act(er.C(4).generators[0], x), torch.rot90(x, 1, (-2, -1)))
    assert torch.equal(er.Grid(2).act(MIRROR, x), torch.flip(x, (-1,)))


@pytest.mark.parametrize("size", [(5,), (4, 5), (2, 3, 4)])
def test_mirror_flips_the_last_axis(size: tuple[int, ...]):
    x = signal(1, 1, *size)
    assert torch.equal(er.Grid(len(size)).act(er.Mirror().generators[0], x), x.flip(-1))


def test_a_matrix_acts_on_the_centred_coordinates_of_a_volume():
    x = signal(1, 1, 4, 4, 4)
    centred = torch.arange(4) * 2 - 3
    for g in er.Octahedral().elements:
        matrix, moved = er.Octahedral().matrix(g), er.Grid(3).act(g, x)
        for at in ((0, 1, 2), (3, 0, 1), (2, 2, 0)):
            to = (np.rint(matrix @ centred[list(at)].numpy()).astype(int) + 3) // 2
            assert moved[0, 0, *to] == x[0, 0, *at]


def test_plane_groups_turn_the_first_two_axes_of_a_volume():
    x = signal(1, 1, 4, 4, 3)
    assert torch.equal(er.Grid(3).act(er.C(4, axis=2).generators[0], x), torch.rot90(x, 1, (2, 3)))


def test_channels_are_in_the_order_field_then_fibre():
    rho = 2 * er.C(4).regular
    x = torch.arange(8.0).reshape(1, 8, 1, 1)
    moved = er.Space(er.Grid(2), rho).act(er.C(4).generators[0], x).flatten()
    assert moved.tolist() == [3, 0, 1, 2, 7, 4, 5, 6]


@pytest.mark.parametrize("n", range(5, 13))
def test_coarse_grids_have_half_the_sites_and_the_same_centre(n: int):
    x = torch.randn(1, 1, n, dtype=torch.float64)
    coarse = er.Grid(1).halve(x)
    assert coarse.shape[-1] == math.ceil(n / 2)
    assert torch.equal(er.Grid(1).halve(x.flip(-1)), coarse.flip(-1))


# --- how a group acts on a lattice


@pytest.mark.parametrize(
    ("group", "domain", "largest"),
    [
        (er.C(8), er.Grid(2), "C(4)"),
        (er.C(6), er.Grid(2), "C(2)"),
        (er.C(4), er.HexGrid(), "C(2)"),
        (er.Icosahedral(), er.Grid(3), "Icosahedral().subgroup"),
    ],
)
def test_a_group_that_does_not_fit_is_exact_for_the_largest_that_does_and_refused_by_exact_layers(
    group: er.Group, domain: er.Grid, largest: str
):
    assert largest in repr(domain.kept(group))
    assert er.derive(er.Task(domain, group, input=1, output=er.Invariant(2)), width=8, scales=1, depth=1)
    space = er.Space(domain, group.trivial)
    with pytest.raises(er.SymmetryError, match="largest subgroup") as refused:
        er.layers.LatticeConv(space, space)
    assert largest in str(refused.value)
    with pytest.raises(er.SymmetryError, match="er.derive and SteerableConv take it"):
        domain.act(group.generators[0], signal(1, 1, *(3,) * domain.dim))


def test_products_act_block_wise():
    x = signal(1, 1, 4, 4, 3)
    turn, flip = (er.C(4) * er.Mirror()).generators
    assert torch.equal(er.Grid(3).act(turn, x), torch.rot90(x, 1, (2, 3)))
    assert torch.equal(er.Grid(3).act(flip, x), x.flip(-1))


def test_a_group_from_matrices_acts_by_its_own():
    swap = er.Group.from_matrices([[[0, 1], [1, 0]]])
    x = signal(1, 1, 4, 5)
    assert torch.equal(er.Grid(2).act(swap.generators[0], x), x.transpose(-1, -2))
    axial = er.Group.from_matrices([[[0, -1], [1, 1]]])
    assert er.HexGrid().matrix(axial.generators[0]).tolist() == [[0, -1], [1, 1]]


def test_an_action_given_to_the_task_overrides_all_in_array_coordinates():
    turn = er.C(4).generators[0]
    clockwise = er.Task(er.Grid(2), er.C(4), 1, er.Invariant(1), action={turn: [[0, 1], [-1, 0]]}).domain
    x = signal(1, 1, 4, 5)
    assert torch.equal(clockwise.act(turn, x), torch.rot90(x, -1, (-2, -1)))
    sixth = er.C(6).generators[0]
    backwards = er.Task(er.HexGrid(), er.C(6), 1, er.Invariant(1), action={sixth: [[1, 1], [-1, 0]]}).domain
    assert np.array_equal(backwards.matrix(sixth), er.HexGrid().matrix(~sixth))


def test_isomorphic_groups_that_act_differently_are_not_equal():
    groups = [er.C(2), er.Mirror(), er.S(2), er.D(1), er.C(2, axis=2)]
    assert all(a != b for i, a in enumerate(groups) for b in groups[i + 1 :])
    x = signal(1, 1, 3, 3)
    moved = [er.Grid(2).act(group.generators[-1], x) for group in groups[:4]]
    assert torch.equal(moved[0], x.flip(-2, -1))
    assert torch.equal(moved[1], x.flip(-1))
    assert torch.equal(moved[2], x.transpose(-1, -2))
    assert torch.equal(moved[3], x.flip(-1))


# --- filters by angular frequency


def test_angles_go_from_the_first_axis_towards_the_second_and_a_turn_mixes_cosine_and_sine():
    """cos lφ, sin lφ at down (0°), right (90°) and between; and behind a turn by 45°."""
    from erlangen.solve.harmonics import Harmonic

    points = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    waves = Harmonic(er.SO(2), er.Grid(2), 1)
    half = math.sqrt(0.5)
    np.testing.assert_allclose(waves.at(points), [[1, 0], [0, 1], [half, half]], atol=1e-12)
    turn = er.SO(2).element(math.pi / 4)
    moved = waves.at(points @ turn.matrix)  # at g⁻¹u: the waves turned
    np.testing.assert_allclose(moved, waves.at(points) @ waves(turn), atol=1e-12)
    np.testing.assert_allclose(waves(er.SO(2).element(math.pi / 2)), [[0, -1], [1, 0]], atol=1e-12)
    mirrored = Harmonic(er.O(2), er.Grid(2), 3)(er.O(2).element(np.diag([1.0, -1.0])))
    np.testing.assert_allclose(mirrored, np.diag([1, -1]), atol=1e-12)


def test_rings_are_in_units_of_the_shortest_distance():
    """The same filter, whatever the unit of the pixels' spacing; 0 at the centre but for degree 0."""
    group, one = er.SO(2), [(1.0, 0.5, 1)]
    kernels = []
    for spacing in (None, (0.25, 0.25)):
        space = er.Space(er.Grid(2, spacing=spacing), group.trivial)
        torch.manual_seed(0)
        target = er.Space(space.domain, group.irrep(1))
        kernels.append(er.layers.SteerableConv(space, target, 5, one, bias=False).weight())
    torch.testing.assert_close(*kernels)
    assert kernels[0][:, 0, 2, 2].abs().max() == 0
    ratio = kernels[0][:, 0, 2, 4].norm() / kernels[0][:, 0, 2, 3].norm()
    assert float(ratio.detach()) == pytest.approx(math.exp(-2.0), rel=1e-5)  # one step from the ring: exp(−1/(2 · ¼))


def test_a_function_is_stored_by_frequency_and_read_at_even_turns():
    function = er.SO(2).band_limited_regular(2)
    assert [field.name for field, _ in function.fields] == ["trivial", "irrep(1)", "irrep(2)"]
    layer = er.layers.FourierNonlinearity(er.Space(er.Grid(2), 2 * function), samples=12)
    angle = 2 * math.pi * torch.arange(12, dtype=torch.float64) / 12
    waves = torch.stack([angle.cos(), angle.sin(), (2 * angle).cos(), (2 * angle).sin()]) * math.sqrt(2)
    expected = torch.cat([torch.ones(1, 12, dtype=torch.float64), waves]).T / math.sqrt(5)
    torch.testing.assert_close(layer.there.double(), expected, atol=1e-6, rtol=1e-6)


# --- hexagonal grids


def test_hexagons_are_kept_up_to_their_radius():
    q, r = torch.meshgrid(torch.arange(-3, 4), torch.arange(-3, 4), indexing="ij")
    inside = torch.maximum(torch.maximum(q.abs(), r.abs()), (q + r).abs()) <= 3
    assert torch.equal(er.HexGrid().mask(torch.zeros(1, 1, 7, 7)) > 0, inside)


def test_the_matrices_of_the_hexagonal_grid():
    turn, mirror = er.D(6).generators
    axial = er.HexGrid().matrix
    assert axial(turn).tolist() == [[0, -1], [1, 1]]
    assert axial(mirror).tolist() == [[1, 1], [0, -1]]
    assert axial(turn @ mirror).tolist() == [[0, 1], [1, 0]]
    to_cartesian = np.array([[1, 0.5], [0, math.sqrt(3) / 2]])
    for g in er.D(6).elements:
        np.testing.assert_allclose(
            er.D(6).standard(g), to_cartesian @ axial(g) @ np.linalg.inv(to_cartesian), atol=1e-12
        )


# --- the sphere


def test_the_north_is_row_0_and_east_is_to_the_right():
    """A turn about y by a quarter takes what looks along z to where x is, two columns of eight to the right."""
    about_y = np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]])
    np.testing.assert_array_equal(about_y @ np.eye(3)[2], np.eye(3)[0])
    x = signal(1, 1, 4, 8)
    for g in (er.SO(3).element(about_y), er.SO(2).element(math.pi / 2), er.C(4).generators[0]):
        assert torch.equal(er.Sphere().act(g, x), torch.roll(x, 2, -1))
    mirrored = er.Sphere().act(er.Mirror().generators[0], x)
    assert torch.equal(mirrored[..., 0], x[..., 0]) and torch.equal(mirrored[..., 1:], x[..., 1:].flip(-1))
    northern = torch.linspace(1, -1, 5, dtype=torch.float64).sign()[:, None].expand(5, 8)
    heights = er.Sphere("equiangular").coefficients(northern)[1:4]  # l = 1 in the order x, y, z
    assert heights[1] > 0.5 and heights[[0, 2]].abs().max() < 1e-12


@pytest.mark.parametrize(("sampling", "rows"), [("gauss", 5), ("equiangular", 5), ("poles", 6)])
def test_how_much_a_grid_of_the_sphere_holds(sampling: str, rows: int):
    domain = er.Sphere(sampling)
    assert [domain.band_limit((rows, columns)) for columns in (9, 10, 8, 90)] == [4, 4, 3, 4]
    c = torch.randn(25, dtype=torch.float64)
    torch.testing.assert_close(domain.coefficients(domain.synthesis(c, (rows, 9))), c)
    fine = domain.synthesis(c, (3 * rows, 30))
    torch.testing.assert_close(domain.mean(fine.square()), c.square().sum())


# --- DNA


def test_reverse_complement_flips_both_axes():
    task = er.Task(er.Dna(), output=er.Invariant(1))
    (flip,) = task.symmetry.generators
    x = signal(1, 4, 6)
    assert torch.equal(task.source.act(flip, x), x.flip(1, 2))


# --- representations


def test_sign_is_missing_where_it_is_trivial():
    assert not hasattr(er.C(4), "sign")
    assert er.S(3).sign(er.S(3).generators[0]).item() in (-1, 1)
    np.testing.assert_array_equal(er.D(4).sign(MIRROR), [[-1]])


def test_vectors_of_space_are_in_the_order_x_y_z():
    for g in er.SO(3).sample(5, rng=0):
        np.testing.assert_allclose(er.SO(3).irrep(1)(g), er.SO(3).matrix(g), atol=1e-12)


def test_irreps_of_space_as_texts():
    e, o = 1, -1
    assert er.irreps("16x0e + 8x1o") == 16 * er.O(3).irrep(0, e) + 8 * er.O(3).irrep(1, o)
    assert er.irreps("16x0 + 8x1") == 16 * er.SO(3).irrep(0) + 8 * er.SO(3).irrep(1)
    for text, sign in (("2e", 1), ("2o", -1)):
        np.testing.assert_allclose(er.irreps(text)(-np.eye(3)), sign * np.eye(5), atol=1e-12)


def test_clebsch_gordan_coefficients_of_vectors():
    """Inner product and cross product with a positive sign, of norm 1."""
    inner, cross = (er.representations.clebsch_gordan(1, 1, l) for l in (0, 1))
    np.testing.assert_allclose(inner[..., 0], np.eye(3) / math.sqrt(3), atol=1e-12)
    assert cross[0, 1, 2] == pytest.approx(1 / math.sqrt(6)) and np.sum(cross**2) == pytest.approx(1)


# --- numbers


def test_float32_by_default_and_float64_everywhere():
    net = er.derive(er.Task(er.Grid(2), er.C(4), input=1, output=er.Invariant(2)), width=8, depth=1, scales=2)
    assert net(torch.randn(1, 1, 5, 5)).dtype == torch.float32
    assert net.double()(torch.randn(1, 1, 5, 5, dtype=torch.float64)).dtype == torch.float64
    assert er.C(4).regular(er.C(4).identity).dtype == np.float64


def test_equal_seeds_give_equal_networks():
    made = []
    for _ in range(2):
        torch.manual_seed(7)
        net = er.derive(er.Task(er.Grid(2), er.C(4), input=1, output=er.Invariant(2)), width=8, depth=1, scales=1)
        made.append(net.state_dict())
    assert all(torch.equal(a, b) for a, b in zip(made[0].values(), made[1].values(), strict=True))


# --- points


def test_vectors_of_edges_lead_from_target_to_source_through_the_walls_of_the_cell():
    cell = torch.tensor([[3.0, 0.0], [1.0, 4.0]], dtype=torch.float64)
    pos = torch.tensor([[0.1, 0.2], [2.9, 0.2]], dtype=torch.float64)
    x, cloud = er.Points(2, radius=0.2).read({"pos": pos, "cell": cell})
    assert torch.equal(x, torch.ones(2, 1, dtype=torch.float64))
    assert (cloud.source.tolist(), cloud.target.tolist()) == ([1, 0], [0, 1])
    assert cloud.offset is not None and cloud.offset.tolist() == [[-1, 0], [1, 0]]
    torch.testing.assert_close(cloud.vector, torch.tensor([[-0.2, 0.0], [0.2, 0.0]], dtype=torch.float64))


def test_what_is_within_a_radius_but_for_rounding_is_within_it():
    for dtype, near, far in ((torch.float64, 1e-10, 1e-8), (torch.float32, 1e-6, 1e-4)):
        for more, edges in ((near, 2), (far, 0)):
            pos = torch.tensor([[0.0, 0.0], [1 + more, 0.0]], dtype=dtype)
            assert len(er.Points(2, radius=1.0).read({"pos": pos})[1].source) == edges


# --- translations


@pytest.mark.parametrize("boundary", ["open", "periodic"])
def test_translations_by_the_total_stride(boundary: str):
    """Periodic: exact. Open: exact where the receptive field stays off the border, and not at it."""
    task = er.Task(er.Grid(2, boundary=boundary), er.C(4), input=1, output=er.Equivariant(1))
    net = er.derive(task, width=4, depth=1, scales=2).double().eval()
    law, x = net.translation_law, torch.randn(1, 1, 48, 48, dtype=torch.float64)
    assert law.stride == 2
    assert law.receptive_field is not None
    margin = law.receptive_field // 2 + 2 * law.stride

    def error(rows: int) -> Tensor:
        return (net(x.roll(rows, -2)) - net(x).roll(rows, -2)).abs().detach()

    assert error(law.stride)[..., margin:-margin, margin:-margin].max() < 1e-12
    assert (error(law.stride).max() < 1e-12) == (boundary == "periodic")
    assert error(1)[..., margin:-margin, margin:-margin].max() > 1e-6
