"""The infinitesimal error against the model's true derivative, against small finite motions, and on known models."""

import json
import math

import numpy as np
import pytest
import torch
from torch import nn

from erlangen.auditing import lie_error
from erlangen.auditing.generators import generators
from erlangen.auditing.planes import planes
from erlangen.domains import Dna, Grid, HexGrid, Sequence
from erlangen.errors import DomainError, InputError
from erlangen.groups import SO, C, D, O, Translations
from erlangen.task import Equivariant, Invariant
from tests.auditing.models import measured as audit
from tests.auditing.models import noise

N = 15


def waves(count=24, size=N, cycles=3, channels=1, dtype=torch.float64, seed=0):
    """Band-limited pictures on a ring."""
    shape = (count, channels, size, size // 2 + 1, 2)
    drawn = torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    k = torch.fft.fftfreq(size) * size
    low = (k[:, None].abs() <= cycles) & (k[: size // 2 + 1].abs() <= cycles)
    return torch.fft.irfft2(torch.view_as_complex(drawn) * low, (size, size), norm="forward").to(dtype)


def blobs(count=24, size=N, seed=0, width=1.5):
    """Gaussian blobs near the centre: they fade before the border."""
    drawn = torch.Generator().manual_seed(seed)
    u = torch.arange(size, dtype=torch.float64) - (size - 1) / 2
    place = size * (0.3 * torch.rand(count, 4, 2, generator=drawn, dtype=torch.float64) - 0.15)
    rows, columns = (torch.exp(-((u - place[..., a : a + 1]) ** 2) / (2 * width**2)) for a in (0, 1))
    height = torch.randn(count, 4, generator=drawn, dtype=torch.float64)
    return torch.einsum("nb,nbi,nbj->nij", height, rows, columns)[:, None]


X, BLOBS = waves(), blobs()


def network(dtype=torch.float64, act=nn.ReLU):
    torch.manual_seed(0)
    layers = [nn.Conv2d(1, 8, 3, padding=1, stride=2), act(), nn.Conv2d(8, 8, 3, padding=1), act()]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(8 * 64, 5)).to(dtype).eval()


@pytest.mark.parametrize("symmetry", [Translations(), SO(2)])
@pytest.mark.parametrize(("dtype", "right_to"), [(torch.float64, 1e-5), (torch.float32, 2e-2)])
def test_the_central_difference_is_forward_mode_s_derivative(symmetry, dtype, right_to):
    model, x = network(dtype), X.to(dtype)
    found = lie_error(model, Grid(2), symmetry, x)
    for row, generator in zip(found.rows, generators(Grid(2), symmetry, None, (N, N)), strict=True):
        y, derivative = torch.func.jvp(model, (x,), (generator.move(x),))
        true = derivative.detach().double().square().sum(1).mean() / (2 * y.detach().double().var(0).sum())
        assert row.error == pytest.approx(float(true.sqrt()), rel=right_to)
        assert row.low <= row.error <= row.high <= 3 * row.error
        assert row.resolved


def test_it_is_the_audit_s_error_of_a_small_shift_per_site():
    model = network(act=nn.Tanh)
    for shift in ((1e-4, 0), (0, 1e-4)):
        with pytest.warns(UserWarning, match="unchanged"):
            finite = audit(model, Grid(2), Translations(), X, shifts=[shift], bootstrap=0).error
        row = lie_error(model, Grid(2), Translations(), X).rows[shift[0] == 0]
        assert finite / 1e-4 == pytest.approx(row.error, rel=1e-3)


def test_a_rotation_s_generator_is_the_formula():
    """x = u₀ exp(−|u|²/2s²): turned by t, u₀ becomes u₀ cos t + u₁ sin t, and |u|² stays."""
    u = torch.arange(41, dtype=torch.float64) - 20
    bell = torch.exp(-(u[:, None] ** 2 + u**2) / 18)
    x, analytic = (u[:, None] * bell)[None, None], (u * bell)[None, None]
    for domain, right_to in ((Grid(2), 1e-4), (Grid(2, boundary="periodic"), 1e-8)):
        (turning,) = generators(domain, SO(2), None, (41, 41))
        assert float((turning.move(x) - analytic).abs().max() / analytic.abs().max()) < right_to
    t = 1e-3  # the second way: a finite difference of the quintic spline, along the same flow
    flow = np.stack(np.meshgrid(u.numpy(), u.numpy(), indexing="ij"))[::-1] * np.array([-1, 1])[:, None, None]
    ahead, behind = (Grid(2).deform(x, sign * t * flow[None]) for sign in (1, -1))
    assert float(((ahead - behind) / (2 * t) - analytic).abs().max() / analytic.abs().max()) < 1e-4


def test_what_is_kept_has_no_error_and_is_not_resolved():
    found = lie_error(lambda x: x.square().sum((2, 3)), Grid(2), SO(2), BLOBS)
    assert found.error < 1e-3
    assert not found.rows[0].resolved
    assert "not resolved" in str(found)
    still = lie_error(lambda x: x.mean((2, 3)), Grid(2), Translations(), X)
    assert still.error < 1e-8


def test_an_answer_that_is_the_input_moves_as_fast_as_that_or_moves_along():
    there = lie_error(lambda x: x.flatten(1), Grid(2), Translations(), X)
    assert [row.share for row in there.rows] == pytest.approx([1, 1])
    analytic = X.diff(dim=2, append=X[:, :, :1])  # a forward difference is about as large
    rough = float((analytic.square().sum((1, 2, 3)).mean() / (2 * X.var(0).sum())).sqrt())
    assert there.rows[0].error == pytest.approx(rough, rel=0.2)
    for symmetry in (Translations(), O(2)):
        along = lie_error(lambda x: 2 * x, Grid(2), symmetry, X, Equivariant(1))
        assert along.error < 1e-6


def test_an_answer_at_half_the_resolution_moves_by_its_share():
    """Every second pixel of what two by two pixels can tell: the coarse picture moves half as many of its sites."""
    x = waves(size=16, cycles=3)
    found = lie_error(lambda x: x[..., ::2, ::2], Grid(2), Translations(), x, Equivariant(1))
    assert found.error < 1e-6


def test_channels_turn_with_the_plane():
    """The gradient is a vector field, and its length is none."""
    ring, x = Grid(2, boundary="periodic"), blobs(size=35, width=2.5)

    def gradient(x):
        k = 2j * math.pi * torch.fft.fftfreq(35, dtype=torch.float64)
        waves = torch.fft.fft2(x)
        return torch.cat([torch.fft.ifft2(waves * k[:, None]).real, torch.fft.ifft2(waves * k).real], 1)

    as_vectors = lie_error(gradient, ring, SO(2), x, Equivariant(SO(2).standard))
    as_scalars = lie_error(gradient, ring, SO(2), x, Equivariant(2))
    assert as_vectors.error < 1e-3 < 0.2 < as_scalars.error

    def length(v):
        return v.square().sum(1, keepdim=True)

    field = gradient(x)
    assert lie_error(length, ring, SO(2), field, Equivariant(1), input=SO(2).standard).error < 1e-3
    one = lie_error(lambda v: v[:, :1], ring, SO(2), field, Equivariant(1), input=SO(2).standard)
    assert one.error > 0.1  # a component is no scalar of a vector, and is one of two scalars
    assert lie_error(lambda v: v[:, :1], ring, SO(2), field, Equivariant(1)).error < 1e-6

    def moment(v):
        return (v * v[:, :1]).sum((2, 3))

    assert lie_error(moment, ring, SO(2), field, Equivariant(2, pooled=True), input=SO(2).standard).error > 0.1


def test_space_has_three_rotations_and_a_plane_one():
    x = blobs(16, 9)[:, :, None] * torch.exp(-((torch.arange(9.0) - 4) ** 2) / 4)[:, None, None]
    found = lie_error(lambda x: x.square().sum((2, 3, 4)), Grid(3), SO(3), x)
    assert [row.generator for row in found.rows] == [
        f"rotation in the plane of axes {a} and {b}" for a, b in ((0, 1), (0, 2), (1, 2))
    ]
    assert found.error < 0.02
    assert found.rows[0].unit == "radian"
    assert planes(O(3)) == ((0, 1), (0, 2), (1, 2))


def test_time_does_not_wrap():
    x = noise(20, 1, 30, dtype=torch.float64).cumsum(2) / 10
    found = lie_error(lambda x: x.relu(), Sequence(), Translations(), x, Equivariant(1))
    assert found.rows[0].generator == "translation"
    assert found.error < 0.1


def test_hexagons_stay_within_their_mask():
    x = HexGrid().clear(blobs(16, 15))
    found = lie_error(lambda x: x.square().sum((2, 3)), HexGrid(), O(2), x)
    assert found.error < 0.05


@pytest.mark.parametrize(
    ("domain", "symmetry", "x"),
    [(Grid(2), D(4), X), (Dna(), Translations(), noise(20, 4, 9)), (Grid(1), SO(2), noise(20, 1, 9))],
)
def test_what_has_no_small_motions_is_refused(domain, symmetry, x):
    with pytest.raises(DomainError):
        lie_error(lambda x: x.flatten(2).mean(2), domain, symmetry, x)


def test_half_precision_and_foreign_representations_are_refused():
    with pytest.raises(InputError, match="float32 or float64"):
        lie_error(nn.Conv2d(1, 2, 3).to(torch.bfloat16).eval(), Grid(2), Translations(), X)
    with pytest.raises(InputError, match="does not know all"), pytest.warns(UserWarning, match="Only"):
        lie_error(lambda x: x, Grid(2), SO(2), X, Equivariant(C(4).irrep(2)))


def test_it_stands_in_the_report_and_not_in_the_verdict(tmp_path):
    def model(x):
        return x.amax((2, 3))

    plain = audit(model, Grid(2), D(4), X, bootstrap=50)
    report = audit(model, Grid(2), D(4), X, bootstrap=50, infinitesimal=True)
    assert plain.infinitesimal is None
    assert (report.verdict, report.error, report.verdicts) == (plain.verdict, plain.error, plain.verdicts)
    assert report.infinitesimal is not None
    assert [row.generator for row in report.infinitesimal.rows] == [
        "circular translation along axis 0",
        "circular translation along axis 1",
    ]
    kept = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert kept["infinitesimal"][0]["unit"] == "site"
    assert "Infinitesimal: circular translation along axis 0: error" in str(report)
    page = report.to_html(tmp_path / "a.html").read_text("utf-8")
    assert "Infinitesimal error" in page
    assert "circular translation along axis 1" in page
    turned = audit(model, Grid(2), SO(2), X, bootstrap=50, infinitesimal=True).infinitesimal
    assert turned is not None
    assert turned.rows[-1].generator == "rotation"


def test_constant_answers_are_undefined_and_letters_left_out():
    found = lie_error(lambda x: torch.ones(len(x), 1), Grid(2), Translations(), X)
    assert math.isnan(found.error)
    assert "undefined" in str(found)
    assert found.to_dict()[0]["error"] is None
    with pytest.warns(UserWarning, match="infinitesimal error was left out"):
        report = audit(lambda x: x.mean(2), Dna(), Translations(), noise(20, 4, 9), infinitesimal=True)
    assert report.infinitesimal is None
    assert Invariant(4) == report.output
