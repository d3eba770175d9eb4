"""About which axis, whichever it is, a model on the sphere keeps turns."""

import json

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.auditing import Rotations
from erlangen.errors import DomainError, InputError, TaskError
from tests.auditing.discovery.test_on_sphere import DOMAIN, HEIGHT, SIZE, about_the_axis, everywhere, signals

TILTED = np.array([0.3, 0.7, -0.5]) / np.linalg.norm([0.3, 0.7, -0.5])
ALONG = torch.as_tensor(DOMAIN.points(SIZE) @ TILTED)


def tilted(x: torch.Tensor) -> torch.Tensor:
    """What lies along a hidden axis counts more."""
    return DOMAIN.mean(x**2 * ALONG.to(x)) + DOMAIN.mean(x * ALONG.to(x).exp()).tanh()


def found(model: object, dtype: torch.dtype = torch.float64, **choices: object) -> Rotations:
    made = er.discover(model, DOMAIN, "rotations", signals().to(dtype), **choices)  # type: ignore[call-overload]
    assert isinstance(made, Rotations)
    return made


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize(("model", "axis"), [(about_the_axis, [0.0, 1, 0]), (tilted, TILTED)])
def test_one_axis_is_found_whichever_it_is(model: object, axis: np.ndarray, dtype: torch.dtype):
    made = found(model, dtype)
    assert made.dimension == 1 and np.abs(made.axes[0].numpy() - axis).max() < 1e-6
    assert made.rates[0] < 1e-6 < 0.1 < made.rates[1] and made.power <= 1e-5
    turn = torch.matrix_exp(0.3 * made.generators[0]).numpy()
    x = signals()
    assert torch.allclose(tilted(DOMAIN.act(er.SO(3).element(turn), x)), tilted(x), atol=1e-6) == (model is tilted)


def test_all_axes_and_none():
    everything, nothing = found(everywhere), found(lambda x: x[..., 3, 5] + x[..., 4, 5] ** 2)
    assert everything.dimension == 3 and torch.equal(everything.axes, torch.eye(3).double())
    assert nothing.dimension == 0 and nothing.axes.shape == (0, 3) and nothing.generators.shape == (0, 3, 3)
    assert everything.rates[2] < 1e-6 < 0.1 < nothing.rates[0]
    assert "every axis" in str(everything) and str(nothing).startswith("No axis was found")
    assert "(0.3293, 0.7683, -0.5488)" in str(found(tilted))
    for each in (everything, nothing):
        assert json.loads(json.dumps(each.to_dict(), allow_nan=False))["sentence"] == each.sentence


def test_the_network_that_was_derived_for_an_axis_keeps_that():
    torch.manual_seed(0)
    net = er.derive(er.Task(DOMAIN, er.SO(2), 1, er.Equivariant(1)), width=4, band=7, depth=1)
    net(signals().float())
    made = found(net, torch.float32)
    assert made.dimension == 1 and made.axes[0, 1] > 1 - 1e-6


def test_answers_that_turn_along_turn_about_every_axis():
    group = er.SO(3)
    dipole = er.Equivariant(group.irrep(1), pooled=True)
    points = torch.as_tensor(DOMAIN.points(SIZE)).movedim(-1, 0)
    assert found(lambda x: DOMAIN.mean(x * points), output=dipole).dimension == 3
    one = found(lambda x: DOMAIN.mean(x * points) * x.new_tensor([1.0, 2.0, 1.0]), output=dipole)
    assert one.dimension == 1 and one.axes[0, 1] == pytest.approx(1.0)


def test_winds_turn_along():
    winds = DOMAIN.vectors(er.O(3))
    v = er.Sphere("equiangular", 5).band_limited(torch.randn(24, 2, *SIZE, dtype=torch.float64), winds)
    choices = {"input": winds, "output": er.Equivariant(winds)}
    assert er.discover(lambda v: 2 * v, DOMAIN, "rotations", v, **choices).dimension == 3
    turning = er.discover(lambda v: v * HEIGHT, DOMAIN, "rotations", v, **choices)
    assert turning.dimension == 1 and turning.axes[0, 1] == pytest.approx(1.0)


def test_vertices_of_an_icosahedron_know_axes_as_grids_do():
    vertices = er.Sphere("icosahedral")
    x = vertices.project(torch.randn(24, 1, 162, dtype=torch.float64), 3)
    along = torch.as_tensor(vertices.points((162,)) @ TILTED)
    made = er.discover(lambda x: vertices.mean(x**2 * along), vertices, "rotations", x)
    assert made.dimension == 1 and np.abs(made.axes[0].numpy() - TILTED).max() < 1e-6
    kept = er.discover(lambda x: vertices.mean(x) ** 2, vertices, er.Icosahedral(), x)
    assert kept.row(er.Icosahedral()).verdict == "proved"


def test_what_the_grid_does_not_hold_is_left_out_and_told():
    x = torch.randn(24, 1, *SIZE, dtype=torch.float64)
    with pytest.warns(UserWarning, match="power lies beyond degree"):
        made = er.discover(lambda x: DOMAIN.coefficients(x).square().sum(-1), DOMAIN, "rotations", x)
    assert made.dimension == 3 and "beyond degree 11" in made.warnings[0]


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: er.discover(everywhere, er.Grid(2), "rotations", signals()), InputError, "one on er.Sphere"),
        (lambda: er.discover(signals(), DOMAIN, "rotations", signals()), InputError, "one on er.Sphere"),
        (lambda: found(lambda x: 0 * DOMAIN.mean(x)), InputError, "vary"),
        (lambda: found(everywhere, output=er.Invariant(2)), InputError, "2 channels"),
        (lambda: found(everywhere, output="still"), TaskError, "Invariant"),
        (lambda: er.discover(everywhere, er.Points(3), "rotations", signals()), DomainError, "a sphere"),
    ],
)
def test_what_does_not_fit_is_refused(call: object, error: type[Exception], said: str):
    with pytest.raises(error, match=said):
        call()  # type: ignore[operator]


def test_representations_that_know_one_axis_alone_are_refused():
    only = er.Equivariant(er.SO(2).irrep(2), pooled=True)
    with pytest.raises(InputError, match="every rotation"), pytest.warns(UserWarning, match="judged"):
        found(lambda x: torch.cat([DOMAIN.mean(x), DOMAIN.mean(x**2)], 1), output=only)
