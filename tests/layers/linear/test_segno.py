"""Flight by one learnt law: momentum, inertia, units, a written-out step, two points that meet, and what is refused."""

import copy

import pytest
import torch
from torch import Tensor

import erlangen as er
from erlangen.errors import InputError, SpaceError
from erlangen.layers import SEGNO
from erlangen.layers.linear._perceptron import SILU
from erlangen.layers.linear._radial import radial_functions
from erlangen.layers.linear.segno import first_one

SPACE, G = er.Points(3), er.O(3)
START, END = er.Space(SPACE, 2 * G.trivial + G.standard), er.Space(SPACE, G.trivial + 2 * G.standard)


def made(**choices: float) -> SEGNO:
    torch.manual_seed(0)
    layer = SEGNO(START, END, 6, 8, **{"steps": 3, **choices}).double()  # type: ignore[arg-type]
    for parameter in layer.law.parameters():
        with torch.no_grad():
            parameter += 0.2 * torch.randn_like(parameter)
    return layer


def bodies(n: int = 5, seed: int = 0) -> dict[str, Tensor]:
    torch.manual_seed(seed)
    return {"x": torch.randn(n, 5, dtype=torch.float64), "pos": torch.randn(n, 3, dtype=torch.float64)}


def flown(layer: SEGNO, data: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """How far each has gone, and its velocity."""
    return er.Blueprint([layer])(data)[:, 1:].split_with_sizes([3, 3], 1)


def test_momentum_is_kept_and_the_centre_flies_straight() -> None:
    data, layer = bodies(), made(time=2.0)
    gone, velocity = flown(layer, data)
    assert (velocity - data["x"][:, 2:]).abs().max() > 0.05
    torch.testing.assert_close(velocity.mean(0), data["x"][:, 2:].mean(0), rtol=0, atol=1e-12)
    torch.testing.assert_close(gone.mean(0), 2 * data["x"][:, 2:].mean(0), rtol=0, atol=1e-12)


def test_momentum_is_kept_where_points_have_unlike_numbers_of_neighbours() -> None:
    near = er.Points(3, radius=1.2)
    torch.manual_seed(0)
    net = er.Blueprint([SEGNO(er.Space(near, G.standard), er.Space(near, 2 * G.standard), 6, 8, 3)]).double()
    data = {name: values[:, -3:] for name, values in bodies(12).items()}
    assert len(near.read(data)[1].into.diff().unique()) > 2
    velocity = net(data)[:, 3:]
    assert (velocity - data["x"]).abs().max() > 0.01
    torch.testing.assert_close(velocity.mean(0), data["x"].mean(0), rtol=0, atol=1e-12)


def test_a_point_alone_flies_straight() -> None:
    data = bodies(1)
    gone, velocity = flown(made(time=3.0), data)
    torch.testing.assert_close(gone, 3 * velocity, rtol=0, atol=1e-12)
    torch.testing.assert_close(velocity, data["x"][:, 2:], rtol=0, atol=1e-12)


def test_no_unit_of_length_or_time_is_preferred() -> None:
    """In thousandths of the length and thousands of the time the same happens, in those units."""
    data, layer = bodies(), made()
    other = SEGNO(START, END, 6, 8, 3, scale=1e-3, time=1e3).double()
    other.load_state_dict(layer.state_dict())
    gone, velocity = flown(layer, data)
    x = torch.cat([data["x"][:, :2], data["x"][:, 2:] * 1e-6], dim=1)
    far, fast = flown(other, {"x": x, "pos": data["pos"] * 1e-3})
    torch.testing.assert_close(far, gone * 1e-3)
    torch.testing.assert_close(fast, velocity * 1e-6)


def test_two_steps_are_those_written_out() -> None:
    """Point by point, from the formula, with the law's own matrices."""
    layer, data = made(steps=2), bodies(3)
    law, x = layer.law, data["pos"].clone()
    v, n, tau = data["x"][:, 2:].clone(), 3, 0.5
    speed = (v.square().mean(1, keepdim=True) + 0.01).sqrt()
    h = layer.begin(torch.cat([data["x"][:, :2], speed], dim=1))

    def silu(z: Tensor) -> Tensor:
        return SILU * z * torch.sigmoid(z)

    def message(i: int, j: int, known: Tensor) -> tuple[Tensor, Tensor]:
        apart = x[j] - x[i]
        r = apart.norm()
        u = apart / (r**2 + 0.05**2).sqrt()
        part = (v[j] - v[i]) @ u
        fast = v[i] @ v[i], v[j] @ v[j]
        angle = v[i] @ v[j] / ((1 + fast[0]) * (1 + fast[1])) ** 0.5
        seen = torch.stack([part.asinh(), (1 + part**2).log(), angle, (1 + fast[0] + fast[1]).log()])
        seen = torch.cat([radial_functions(r[None], None, 1.0)[0], seen])
        pair = law.sum @ (known[i] + known[j]) + (law.product @ known[i]) * (law.product @ known[j])
        m = silu(law.again @ silu(law.seen @ seen + law.shift + pair) + law.last) / n**0.5
        a, b = law.force @ m
        return a * u + b * (v[j] - v[i]), m

    for _ in range(2):
        x = x + tau / 2 * v
        known = h / (1 + h.square().mean(1, keepdim=True)).sqrt()
        said = [[message(i, j, known) for j in range(n) if j != i] for i in range(n)]
        v = v + tau * torch.stack([torch.stack([force for force, _ in heard]).sum(0) for heard in said])
        heard = torch.stack([torch.stack([m for _, m in heard]).sum(0) for heard in said])
        h = h + law.hear(torch.cat([known, heard], dim=1))
        x = x + tau / 2 * v
    gone, velocity = flown(layer, data)
    torch.testing.assert_close(gone, x - data["pos"], rtol=0, atol=1e-12)
    torch.testing.assert_close(velocity, v, rtol=0, atol=1e-12)


def test_more_steps_come_to_one_answer_as_fast_as_verlet() -> None:
    """Twice the steps, a quarter of the difference: of forces that do not depend on velocities or features."""
    layer = made()
    with torch.no_grad():
        layer.law.seen[:, 8:] = 0
        for blind in (layer.law.sum, layer.law.product, layer.law.force[1:]):
            blind.zero_()

    def after(steps: int) -> Tensor:
        again = copy.deepcopy(layer)
        again.steps = steps
        return flown(again, bodies(3))[0].detach()

    exact = after(512)
    errors = [float((after(steps) - exact).norm()) for steps in (16, 32, 64)]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.2) and errors[1] / errors[2] == pytest.approx(4, rel=0.2)


def test_fast_points_and_points_that_meet_are_no_trouble() -> None:
    layer = made(steps=20)
    data = bodies(4)
    fast = {"x": data["x"] * torch.tensor([1.0, 1.0, 100.0, 100.0, 100.0]), "pos": data["pos"]}
    assert all(part.isfinite().all() and part.abs().max() < 1e4 for part in flown(layer, fast))
    together = {name: values.clone() for name, values in data.items()}
    together["pos"][1], together["x"][1] = together["pos"][0], together["x"][0]
    together["pos"].requires_grad_()
    gone, _ = flown(layer, together)
    gone.square().sum().backward()
    assert together["pos"].grad is not None and together["pos"].grad.isfinite().all()
    torch.testing.assert_close(gone[0], gone[1])


def test_forces_fade_out_towards_the_radius() -> None:
    near = er.Points(3, radius=1.0)
    torch.manual_seed(1)
    start, end = er.Space(near, G.trivial + G.standard), er.Space(near, G.standard)
    net = er.Blueprint([SEGNO(start, end, 4, 8, 2)]).double()
    x = torch.randn(2, 4, dtype=torch.float64)

    def at(r: float) -> Tensor:
        return net({"x": x, "pos": torch.tensor([[0.0, 0, 0], [r, 0, 0]], dtype=torch.float64)}).detach()

    assert (at(0.5) - at(2.0)).abs().max() > 1e-3
    assert (at(1 - 1e-4) - at(1 + 1e-4)).abs().max() < 1e-9


def test_the_first_vectors_are_where_it_goes_and_how_fast_to_begin_with() -> None:
    assert first_one(2, 2).tolist() == torch.eye(2).tolist()
    assert first_one(1, 2).tolist() == [[1.0, 0.0]]
    more = first_one(5, 2)
    assert more[:2].tolist() == torch.eye(2).tolist() and more[2:].abs().min() > 0


@pytest.mark.parametrize(
    ("source", "choices", "said"),
    [
        (er.Space(SPACE, G.irrep(2, 1)), {}, "scalars and vectors"),
        (er.Space(er.Points(3, radius=1.0), G.trivial), {}, "one cloud of points on both sides"),
        (START, {"steps": 1}, "steps=1"),
        (START, {"time": -1.0}, "time=-1.0"),
    ],
)
def test_what_it_cannot_do_is_refused(source: er.Space, choices: dict, said: str) -> None:
    with pytest.raises((SpaceError, InputError), match=said):
        SEGNO(source, END, **choices)


def test_it_is_compiled_whole_and_keeps_half_precision() -> None:
    layer = made(steps=2).float()
    data = {name: values.float() for name, values in bodies(6).items()}
    x, cloud = SPACE.read(data)
    compiled = torch.compile(layer.compute, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(x, cloud), layer.compute(x, cloud))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        half = layer.compute(x, cloud)
    whole = layer.compute(x, cloud)
    assert half.isfinite().all() and (half.float() - whole).abs().max() < 0.05 * whole.abs().max()
