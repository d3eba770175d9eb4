"""EGNN and PaiNN: every group that moves space, awkward clouds, moved points, and beside what was published."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from torch import Tensor

import erlangen as er
from erlangen.errors import DomainError, InputError, SpaceError
from erlangen.groups import C, Icosahedral, Mirror, Octahedral
from erlangen.layers import EGNN, Displacement, Layer, PaiNN
from erlangen.layers.linear._perceptron import bounded
from erlangen.layers.linear._radial import radial_functions
from erlangen.layers.linear._scalars_vectors import places_in
from erlangen.representations import Representation
from erlangen.signal import Space
from tests.laws.signals import EXACT, SEEDS

O3, SO3, O2 = er.O(3), er.SO(3), er.O(2)
WITHIN, ALL, NEAREST, PLANE = er.Points(3, radius=2.0), er.Points(3), er.Points(3, neighbours=3), er.Points(2)


def fields(domain: er.Points, group: er.Group, scalars: int, vectors: int) -> Representation:
    """So many of both, a scalar behind the vectors."""
    return (scalars - 1) * group.trivial + vectors * domain.vectors(group) + group.trivial


KINDS = {
    "O(3)": (WITHIN, O3),
    "SO(3)": (ALL, SO3),
    "O(2)": (PLANE, O2),
    "the cube": (NEAREST, Octahedral()),
    "Icosahedral": (ALL, Icosahedral()),
    "C(4) about an axis": (WITHIN, C(4)),
    "Mirror": (WITHIN, Mirror()),
}
LAYERS = {
    "EGNN": (EGNN, {}),
    "EGNN, moves": (EGNN, {"moves": True}),
    "EGNN, moved, moves": (EGNN, {"moved": True, "moves": True}),
    "EGNN, moved": (EGNN, {"moved": True}),
    "PaiNN": (PaiNN, {}),
}
KIND, LAYER = pytest.mark.parametrize("kind", KINDS), pytest.mark.parametrize("name", LAYERS)


def layer_of(name: str, kind: str = "O(3)", seed: int = 0, hidden: int = 8) -> Any:
    torch.manual_seed(seed)
    domain, group = KINDS[kind]
    make, choices = LAYERS[name]
    layer = make(
        Space(domain, fields(domain, group, 4, 3)), Space(domain, fields(domain, group, 3, 2)), hidden, **choices
    )
    with torch.no_grad():
        for parameter in layer.double().parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    return layer


def cloud(layer: Layer, n: int = 9, seed: int = 0) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n, layer.source.channels, generator=generator, dtype=torch.float64)
    return {"x": x, "pos": torch.randn(n, layer.source.domain.dim, generator=generator, dtype=torch.float64)}


def moved(data: dict[str, Tensor], space: Space, g: er.groups.Element, by: float) -> dict[str, Tensor]:
    matrix = torch.as_tensor(space.domain.cartesian(g), dtype=data["pos"].dtype)
    there = {**data, "x": space.act(g, data["x"]), "pos": data["pos"] @ matrix.T + by}
    return {**there, "cell": data["cell"] @ matrix.T} if "cell" in data else there


# ---- symmetry ------------------------------------------------------------------------------------------------------
@KIND
@LAYER
@settings(max_examples=4)
@given(seed=SEEDS)
def test_turns_mirrors_and_shifts_move_the_answer_along(name: str, kind: str, seed: int) -> None:
    layer = layer_of(name, kind, seed)
    for dtype in (torch.float64, torch.float32):
        net = er.Blueprint([layer.to(dtype)])
        data = {key: value.to(dtype) for key, value in cloud(layer, seed=seed).items()}
        y = net(data).detach()
        for g in layer.source.group.sample(2, seed):
            error = net(moved(data, layer.source, g, 3.7)).detach() - layer.target.act(g, y)
            assert error.abs().max() <= EXACT[dtype] * max(1.0, float(y.abs().max()))


@LAYER
def test_in_a_periodic_cell_too_where_points_are_neighbours_of_themselves(name: str) -> None:
    layer = layer_of(name)
    net, data = (
        er.Blueprint([layer]),
        {**cloud(layer, 4), "cell": torch.tensor([[[1.5, 0, 0], [0.2, 1.8, 0], [0, 0, 9.0]]])},
    )
    data["cell"] = data["cell"].double()
    y = net(data)
    for g in O3.sample(3, 0):
        assert torch.allclose(net(moved(data, layer.source, g, 0.7)), layer.target.act(g, y), atol=1e-10)
    wrapped = {
        **data,
        "pos": data["pos"] + torch.tensor([[1.0, -2, 0], [0, 1, 0], [0, 0, 3], [5, 0, 0]]).double() @ data["cell"][0],
    }
    assert torch.allclose(net(wrapped), y, atol=1e-10)
    assert not torch.allclose(net({**data, "cell": 1.1 * data["cell"]}), y, atol=1e-3)


@LAYER
def test_it_cannot_see_handedness_even_where_that_is_left_open(name: str) -> None:
    layer = layer_of(name, "SO(3)")
    net, data = er.Blueprint([layer]), cloud(layer)
    places, mirrored = places_in(layer.source.rho, ALL), {**data, "x": data["x"].clone(), "pos": -data["pos"]}
    assert places is not None
    mirrored["x"][:, [i for v in places.vectors for i in v]] *= -1
    made = places_in(layer.target.rho, ALL)
    assert made is not None
    y, there = net(data), net(mirrored)
    assert torch.allclose(there[:, made.scalars], y[:, made.scalars], atol=1e-10)
    assert torch.allclose(there[:, list(made.vectors[0])], -y[:, list(made.vectors[0])], atol=1e-10)


@KIND
@LAYER
def test_it_is_not_trivially_so(name: str, kind: str) -> None:
    """Positions, features and velocities matter, and all weights are learnt from."""
    layer = layer_of(name, kind)
    net, data = er.Blueprint([layer]), cloud(layer)
    data["x"].requires_grad_()
    elsewhere = {**data, "pos": data["pos"] * torch.linspace(0.5, 1.5, layer.source.domain.dim).double()}
    y = net(data)
    assert (net(elsewhere) - y).abs().amax(0).min() > 1e-4
    y.square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in (data["x"], *layer.parameters()))
    assert data["x"].grad.abs().sum(0).min() > 0  # type: ignore[union-attr]


# ---- second moment -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("make", [EGNN, PaiNN])
@pytest.mark.parametrize("domain", [WITHIN, ALL, er.Points(3, neighbours=6), er.Points(2, radius=1.5)], ids=repr)
def test_answers_are_of_second_moment_one_to_begin_with(make: type[Layer], domain: er.Points) -> None:
    group = er.O(domain.dim)
    space, found = Space(domain, 16 * group.trivial + 8 * group.standard), []
    for seed in range(12):
        torch.manual_seed(seed)
        net = er.Blueprint([make(space, space)]).double()
        places = torch.rand(20, domain.dim).double() * 20 ** (1 / domain.dim)
        y = net({"x": torch.randn(20, space.channels).double(), "pos": places}).detach()
        found.append((float(y[:, :16].square().mean()), float(y[:, 16:].square().mean())))
    assert all(0.5 < moment < 2.0 for moment in torch.tensor(found).mean(0).tolist())


@pytest.mark.parametrize("make", [EGNN, PaiNN])
def test_what_is_large_grows_no_faster_than_in_proportion(make: type[Layer]) -> None:
    """Through four layers, of inputs a hundred times as large as usual."""
    space, sizes = Space(WITHIN, 8 * O3.trivial + 4 * O3.standard), []
    torch.manual_seed(0)
    net = er.Blueprint([make(space, space) for _ in range(4)]).double()
    data = cloud(net, 12)
    for much in (10, 100, 1000):
        sizes.append(float(net({**data, "x": much * data["x"]}).detach().square().mean().sqrt()) / much)
    assert sizes[2] < 2 * sizes[1] < 1000


# ---- awkward clouds ------------------------------------------------------------------------------------------------
@KIND
@LAYER
def test_one_point_empty_neighbourhoods_and_points_on_one_another_are_taken(name: str, kind: str) -> None:
    """With finite forces, and finite derivatives of them by which they are learnt."""
    layer = layer_of(name, kind)
    net, domain = er.Blueprint([layer]), layer.source.domain
    places = {
        "alone": torch.zeros(1, domain.dim),
        "far": 100 * torch.arange(4.0)[:, None].expand(4, domain.dim),
        "same": torch.zeros(5, domain.dim),
        "on a line": torch.arange(5.0)[:, None] * torch.eye(domain.dim)[1],
    }
    for place in places.values():
        data = {**cloud(layer, len(place)), "pos": place.double().requires_grad_()}
        data["x"].requires_grad_()
        y = net(data)
        slope = torch.autograd.grad(y.square().sum(), data["pos"], create_graph=True)[0]
        bend = torch.autograd.grad(
            slope.square().sum(), (data["pos"], data["x"], *layer.parameters()), allow_unused=True
        )
        assert y.isfinite().all() and slope.isfinite().all()
        assert all(part is None or part.isfinite().all() for part in bend)
        if domain.radius is not None and len(place) == 4:
            assert torch.allclose(net({key: part[:1] for key, part in data.items()})[0], y[0])


@LAYER
def test_nothing_jumps_where_a_neighbour_comes_or_goes(name: str) -> None:
    layer = layer_of(name)
    net, x = er.Blueprint([layer]), torch.randn(2, layer.source.channels, dtype=torch.float64)

    def told(distance: float) -> tuple[Tensor, Tensor]:
        pos = torch.tensor([[0.0, 0, 0], [0, 0, distance]], dtype=torch.float64, requires_grad=True)
        y = net({"x": x, "pos": pos})
        return y.detach(), torch.autograd.grad(y.square().sum(), pos)[0]

    for a, b in zip(told(2.0 - 1e-5), told(2.0 + 1e-5), strict=True):
        assert torch.allclose(a, b, atol=1e-7)
    assert not torch.allclose(told(1.0)[0], told(2.1)[0], atol=1e-2)


@pytest.mark.parametrize("name", ["EGNN, moved, moves", "PaiNN"])
def test_gradients_are_right_twice(name: str) -> None:
    layer = layer_of(name, hidden=3)
    net, data = er.Blueprint([layer]), cloud(layer, 3)

    def energy(x: Tensor, at: Tensor) -> Tensor:
        return net({"x": x, "pos": at}).square().sum()

    at = (data["x"].requires_grad_(), (0.5 * data["pos"]).requires_grad_())
    assert torch.autograd.gradcheck(energy, at) and torch.autograd.gradgradcheck(energy, at)


# ---- beside what was published -------------------------------------------------------------------------------------
def test_two_layers_that_move_are_the_published_ones_with_velocities() -> None:
    """v_i ← φ_v(h_i) v_i + mean_j (x_i − x_j) φ_x(m_ij), x_i ← x_i + v_i, at the moved positions: with loops."""
    torch.manual_seed(0)
    state, vector = Space(ALL, 4 * O3.trivial + 2 * O3.standard), Space(ALL, O3.standard)
    first = EGNN(Space(ALL, 4 * O3.trivial + O3.standard), state, 8, moves=True)
    last = EGNN(state, vector, 8, moved=True, moves=True)
    net = er.Blueprint([first, last, Displacement(vector)]).double()
    from_first_to_second = ALL.read({"pos": torch.zeros(2, 3), "edge_index": torch.tensor([[0], [1]])})[1]
    n = 5
    h, v, x = (torch.randn(n, c, dtype=torch.float64) for c in (4, 3, 3))
    expected, start = net({"x": torch.cat([h, v], dim=1), "pos": x}), x
    for layer in (first, last):
        told = torch.cat([h, (v.square().mean(1, keepdim=True) + 0.01).sqrt()], dim=1)
        heard, pulled = torch.zeros(n, 8).double(), torch.zeros_like(x)
        for i in range(n):
            for j in range(n):
                if i != j:
                    pair, apart = told[[j, i]], x[i] - x[j]
                    message = layer.message(pair, apart.norm()[None], from_first_to_second)[0]
                    heard[i] += message / (1 + (n - 1) ** 2) ** 0.5
                    pulled[i] += apart * layer.velocities.pull(message[None])[0] / (1 + (n - 1) ** 2) ** 0.5
        kept = bounded(layer.velocities.keep(told)) * v * layer.velocities.own
        if layer.features is not None:
            count = torch.full((n, 1), n, dtype=torch.float64).log()
            h = h @ layer.features.own.T + layer.features.network(torch.cat([told, heard, count], dim=1))
        v = kept + pulled
        x = x + layer.step * v
    assert torch.allclose(expected, x, atol=1e-12) and not torch.allclose(x, start, atol=0.1)


def test_a_painn_layer_is_the_published_one() -> None:
    """Messages and update written with loops, from the same weights."""
    torch.manual_seed(0)
    space = Space(WITHIN, 4 * O3.trivial + 4 * O3.standard)
    layer = PaiNN(space, space, 8).double()
    data = cloud(layer, 6)
    s, v = data["x"][:, :4], data["x"][:, 4:].unflatten(1, (4, 3))
    part, update = layer.message, layer.update
    said = part.network(torch.cat([s, (v.square().mean(2) + 0.01).sqrt()], dim=1))
    new_s, new_v = s @ layer.own.T, torch.einsum("ab,nbd->nad", layer.own_vectors, v)
    for i in range(6):
        apart = data["pos"] - data["pos"][i]
        r = apart.norm(dim=1)
        near = [j for j in range(6) if j != i and r[j] <= 2]
        u = r / 2
        f = 1 - 28 * u**6 + 48 * u**7 - 21 * u**8
        size = (1 + sum(f[j] ** 2 for j in near)) ** 0.5
        for j in near:
            waves = radial_functions(r[j, None], 2.0, 1.0, 3)[0]
            a, b, d = (said[j] * (part.filters @ waves)).split(4)
            new_s[i] = new_s[i] + f[j] / size * a
            direction = 3**0.5 * apart[j] / (r[j] ** 2 + 0.05**2) ** 0.5
            sent = bounded(b)[:, None] * (part.carry @ v[j]) + d[:, None] * direction
            new_v[i] = new_v[i] + f[j] / size * sent
    turned, measured = (torch.einsum("ab,nbd->nad", w, new_v) for w in (update.turn, update.measure))
    lengths = (measured.square().mean(2) + 0.01).sqrt()
    told = update.network(torch.cat([new_s, lengths], dim=1))
    alpha, beta, gamma = told.split(4, dim=1)
    new_s = new_s + alpha + bounded(beta) * (turned * measured).sum(2) / lengths / 3**0.5
    expected = torch.cat([new_s, (new_v + bounded(gamma)[:, :, None] * turned).flatten(1)], dim=1)
    assert torch.allclose(er.Blueprint([layer])(data), expected, atol=1e-12)


def test_moved_points_are_where_they_are_said_to_be() -> None:
    """A cloud with displacements u is answered as the cloud at x + u without them."""
    layer, vector = layer_of("EGNN, moved", "SO(3)"), ALL.vectors(SO3)
    data = cloud(layer)
    places = places_in(layer.source.rho, ALL)
    assert places is not None and vector.dim == 3
    first = list(places.vectors[0])
    there = {"x": data["x"].clone(), "pos": data["pos"] + data["x"][:, first]}
    there["x"][:, first] = 0
    net = er.Blueprint([layer])
    assert torch.allclose(net(data), net(there), atol=1e-12)


# ---- what is read and what is refused ------------------------------------------------------------------------------
def test_scalars_and_vectors_are_told_apart_in_any_order() -> None:
    V, S = O3.irrep(1, -1), O3.irrep(0, 1)
    assert places_in(V + 2 * S + V + S, ALL) == ((3, 4, 8), ((0, 1, 2), (5, 6, 7)))
    axis = C(4)
    assert places_in(axis.trivial + ALL.vectors(axis) + axis.trivial, ALL) == ((0, 4), ((1, 2, 3),))
    mirror = Mirror()
    assert places_in(2 * mirror.trivial + ALL.vectors(mirror), ALL) == ((0, 1), ((2, 3, 4),))
    assert places_in(6 * er.Trivial().trivial, ALL) == ((0, 1, 2, 3, 4, 5), ())
    assert places_in(S + O3.irrep(2, 1), ALL) is None and places_in(O3.irrep(1, 1), ALL) is None
    assert places_in(axis.standard, ALL) is None


@pytest.mark.parametrize("make", [EGNN, PaiNN])
def test_what_they_do_not_know_is_refused(make: type[Layer]) -> None:
    scalars = Space(ALL, 2 * O3.trivial)
    for rho in (O3.irrep(2, 1), O3.irrep(1, 1), O3.irrep(0, -1)):
        with pytest.raises(SpaceError, match="scalars and vectors"):
            make(scalars, Space(ALL, rho))
    with pytest.raises(SpaceError, match="one cloud of points"):
        make(scalars, Space(WITHIN, 2 * O3.trivial))
    with pytest.raises(DomainError, match="keeps lengths"):
        make(Space(ALL, er.S(5).trivial), Space(ALL, er.S(5).trivial))
    with pytest.raises(InputError, match="usual distance"):
        make(scalars, scalars, scale=0)
    with pytest.raises(InputError, match="hidden"):
        make(scalars, scalars, hidden=0)


def test_a_displacement_needs_a_vector() -> None:
    scalars, vector = Space(ALL, 2 * O3.trivial), Space(ALL, O3.standard)
    with pytest.raises(SpaceError, match="moves=True"):
        EGNN(vector, scalars, moves=True)
    with pytest.raises(SpaceError, match="moved=True"):
        EGNN(scalars, vector, moved=True)
    with pytest.raises(InputError, match="True or False"):
        EGNN(vector, vector, moved=1)  # type: ignore[arg-type]
