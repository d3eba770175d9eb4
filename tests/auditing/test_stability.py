"""How far answers move when inputs are bent: models of which the formula is known, and pools against each other."""

import json
import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import erlangen as er
from erlangen.auditing.examine import Examiner
from erlangen.auditing.slope import fit
from erlangen.auditing.stability import SIZES, measure
from erlangen.auditing.witness import Witness
from erlangen.domains import Dna, Grid, HexGrid, Sequence
from erlangen.errors import InputError
from erlangen.groups import C, D, Mirror, Translations
from erlangen.pages import Trace, loglog
from erlangen.task import Equivariant, Invariant
from tests.auditing.models import isotropic_classifier, noise
from tests.auditing.models import measured as audit

N = 21


def smooth(count=24, n=N, dim=2, seed=0, dtype=torch.float64):
    """Cosines that are symmetric about the border: splines know them between the sites."""
    k = torch.arange(4, dtype=dtype)
    waves = torch.cos(math.pi * k[:, None] * torch.arange(n, dtype=dtype) / (n - 1))
    a = torch.randn(count, 1, *(4,) * dim, generator=torch.Generator().manual_seed(seed), dtype=dtype)
    for _ in range(dim):
        a = torch.tensordot(a, waves, dims=([2], [0]))  # the axis just made goes last, so the first is next
    return a


X = smooth()


def stability(model, x=X, domain=None, symmetry=None, output=None, **more):
    found = audit(model, domain or Grid(2), symmetry or C(4), x, output, bootstrap=50, stability=True, **more).stability
    assert found is not None
    return found


# ---- closed forms ----------------------------------------------------------------------------------------------------
def test_a_linear_answer_changes_by_the_gradient_along_the_displacement():
    """f = ⟨w, x⟩ has f(x_τ) − f(x) = −⟨w, τ·∇x⟩ to first order; the gradient by Fourier's formula, not by splines."""
    w = noise(N, N, dtype=torch.float64, seed=3)
    found = stability(lambda x: (x * w).sum((2, 3)))
    tau = Grid(2).deformations((N, N), len(X), 0).on((N, N))
    slope = np.stack([gradient(X[:, 0].numpy(), axis) for axis in (1, 2)], 1)
    first = -(w.numpy() * (tau * slope).sum(1)).sum((1, 2))
    answers = (X[:, 0] * w).sum((1, 2)).numpy()
    predicted = math.sqrt((first**2).mean() / (2 * answers.var(ddof=1)))
    assert found.changes[0] / SIZES[0] == pytest.approx(predicted, rel=0.01)
    assert found.constant == pytest.approx(predicted, rel=0.1)
    assert found.exponent == pytest.approx(1, abs=0.05)


def gradient(x, axis):
    """d/du of a sum of cosines symmetric about the border, exactly, from its coefficients."""
    x = np.moveaxis(x, axis, -1)
    n = x.shape[-1]
    k, u = np.arange(n), np.arange(n)
    waves = np.cos(math.pi * np.outer(k, u) / (n - 1))
    a = np.linalg.solve(waves.T, x[..., None])[..., 0]
    rates = -math.pi * k[:, None] / (n - 1) * np.sin(math.pi * np.outer(k, u) / (n - 1))
    return np.moveaxis(a @ rates, -1, axis)


def test_the_mean_changes_to_first_order_by_the_divergence():
    """∫ x(u − τ) ≈ ∫ x + ∫ x div τ: what is spread over a larger area counts for more."""
    inner = torch.ones(N, N, dtype=torch.float64)  # the trapezoid's weights, so that the sum is the integral
    inner[[0, -1]] *= 0.5
    inner[:, [0, -1]] *= 0.5
    found = stability(lambda x: (x * inner).mean((2, 3)))
    fields = Grid(2).deformations((N, N), len(X), 0)
    h = 1e-4
    ahead, behind = (
        [fields._cartesian([np.arange(N) - 10 + s * (a == axis) for a in (0, 1)]) for axis in (0, 1)] for s in (h, -h)
    )
    divergence = sum((f[:, axis] - b[:, axis]) / (2 * h) for axis, (f, b) in enumerate(zip(ahead, behind, strict=True)))
    weighted = (X[:, 0] * inner).numpy()
    predicted = math.sqrt((weighted * divergence).mean((1, 2)).var() / (2 * weighted.mean((1, 2)).var(ddof=1)))
    assert found.exponent == pytest.approx(1, abs=0.05)
    assert found.changes[0] / SIZES[0] == pytest.approx(predicted, rel=0.1)


def test_where_the_first_order_vanishes_the_exponent_is_two():
    """A corner, which stays in place, and the square of what is zero on every input."""
    x = torch.rand(24, 1, 1, 1, generator=torch.Generator().manual_seed(0)).double() + 0.5
    x = x * smooth(1).square()
    odd = noise(N, N, dtype=torch.float64, seed=2)
    w = odd - x[0, 0] * (odd * x[0, 0]).sum() / x[0, 0].square().sum()
    corner = stability(lambda x: x[..., 0, 0], x)
    assert max(corner.changes) < 1e-12
    found = stability(lambda x: x[..., 0, 0] + 0.01 * (x * w).sum((2, 3)).square(), x)
    assert found.exponent == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("domain", [Grid(2), Grid(2, boundary="periodic")])
def test_an_answer_that_moves_along_does_not_change(domain):
    found = stability(lambda x: 2 * x, domain=domain, output=Equivariant(1))
    assert found.changes == (0.0,) * len(SIZES)
    assert found.slope.fitted == ()
    assert "no change above" in str(found)
    assert found.curve[-1].inputs > 0.1
    still = stability(lambda x: (2 * x).flatten(1), domain=domain)  # and asked to stay put it changes as its inputs do
    assert still.changes == pytest.approx([b.inputs for b in still.curve])


def test_a_coarser_answer_is_bent_at_its_own_resolution():
    """Every second site of an odd array: exactly a deformation of the coarse picture, if that is as smooth."""
    found = stability(lambda x: x[..., ::2, ::2], output=Equivariant(1), shifts=[])
    assert found.changes[-1] < 0.01
    assert found.curve[-1].inputs > 0.1


def test_high_frequencies_make_the_constant_large():
    """Second differences hear the fine detail of the inputs, means of seven sites what is broad."""
    wave = torch.cos(math.pi * 7 * torch.arange(N, dtype=torch.float64) / (N - 1))
    x = X + 0.5 * wave * noise(len(X), 1, 1, 1, dtype=torch.float64, seed=5)
    low = stability(lambda x: F.avg_pool2d(x, 7, 2).flatten(1), x)
    high = stability(lambda x: x.diff(dim=-1, n=2).flatten(1), x)
    assert high.constant > 3 * low.constant


# ---- floor, seeds, domains -------------------------------------------------------------------------------------------
def test_what_interpolation_does_by_itself_is_not_resolved():
    """On noise splines of two orders disagree by more than a third of the change: nothing is claimed."""
    x = noise(24, 1, N, N)
    found = stability(lambda x: x[..., 3:-3, 3:-3], x, output=None, select=lambda y: y.flatten(1))
    assert all(b.floor > 0.03 * b.change for b in found.curve)
    rough = stability(lambda x: x.diff(dim=-1).diff(dim=-1).diff(dim=-1).flatten(1), x)
    assert rough.curve[0].floor / rough.curve[0].change > found.curve[0].floor / found.curve[0].change
    assert not any(b.resolved for b in stability(lambda x: x, X.float(), output=Equivariant(1)).curve)


def test_the_floor_counts_rounding():
    found = stability(lambda x: x.mean((2, 3)) + 1e4, X.float())
    assert found.curve[0].floor > found.curve[0].change / 3
    assert not found.curve[0].resolved
    assert 0.0 not in found.floor


def test_equal_seeds_give_equal_curves():
    model = isotropic_classifier().double()
    first, again, other = (stability(model, seed=seed) for seed in (0, 0, 1))
    assert first.to_dict() == again.to_dict()
    assert first.to_dict() != other.to_dict()
    assert first.constant == pytest.approx(other.constant, rel=0.6)


@pytest.mark.parametrize(
    ("domain", "symmetry", "x"),
    [
        (Grid(1), Mirror(), smooth(20, 30, 1)),
        (Grid(1, boundary="periodic"), Mirror(), noise(20, 1, 16)),
        (HexGrid(), C(6), HexGrid().clear(smooth(20, 15))),
        (Grid(3, spacing=(1.0, 1.0, 2.0)), C(4), smooth(16, 8, 3)),
        (Sequence(), Translations(), smooth(20, 30, 1)),
    ],
    ids=repr,
)
def test_lines_volumes_hexagons_and_time(domain, symmetry, x):
    found = stability(lambda x: x.square().flatten(2)[..., ::3].mean(-1), x, domain, symmetry)
    assert 0.7 < found.exponent < 1.4
    assert found.constant > 0
    assert [b.size for b in found.curve] == list(SIZES)


def test_letters_have_no_stability_and_the_report_says_so():
    x = F.one_hot(torch.randint(4, (20, 16), generator=torch.Generator().manual_seed(0)), 4).movedim(-1, 1).float()
    with pytest.warns(UserWarning, match="Stability to deformations was left out: .*Dna"):
        report = audit(lambda x: x.square().mean((1, 2))[:, None] + x[:, 0, :3], Dna(), Mirror(), x, stability=True)
    assert report.stability is None
    assert report.to_dict()["stability"] is None
    with pytest.warns(UserWarning, match="at least 3 sites"):
        assert audit(lambda x: x.amax((2, 3)), Grid(2), D(1), noise(20, 1, 2, 9), stability=True).stability is None


def test_it_is_off_unless_asked_for_and_leaves_the_verdict_alone():
    model = isotropic_classifier().double()
    plain = audit(model, Grid(2), D(4), X)
    bent = audit(model, Grid(2), D(4), X, stability=True)
    assert plain.stability is None
    assert (plain.verdict, plain.passed, plain.error) == (bent.verdict, bent.passed, bent.error)
    assert plain.verdicts == bent.verdicts
    with pytest.raises(InputError, match="stability='yes'"):
        audit(model, Grid(2), D(4), X, stability="yes")


def test_what_is_not_finite_is_refused():
    x = X.clone()
    x[3, 0, 2, 2] = math.nan
    with pytest.raises(InputError, match="NaN"):
        audit(isotropic_classifier().double(), Grid(2), C(4), x, stability=True)

    def overflows_when_bent(x):
        on_the_lattice = any(
            torch.equal(x[0], torch.rot90(X[0], k, (-2, -1)).roll(s, (-2, -1)))
            for k in range(4)
            for s in ((0, 0), (1, 0), (0, 1))
        )
        return x.mean((2, 3)) / (1.0 if on_the_lattice else 0.0)

    with pytest.raises(InputError, match="after|deformed by a size of 0.0039"):
        audit(overflows_when_bent, Grid(2), C(4), X, stability=True)


def test_constant_answers_are_undefined():
    found = stability(lambda x: torch.ones(len(x), 2, dtype=x.dtype))
    assert "undefined" in str(found)
    assert math.isnan(found.constant)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["constant"] is None


def test_progress_counts_motions_and_sizes():
    told = []
    audit(
        isotropic_classifier().double(),
        Grid(2),
        C(4),
        X,
        stability=True,
        bootstrap=0,
        progress=lambda *n: told.append(n),
    )
    assert [done for done, _ in told] == list(range(1, len(told) + 1))
    assert {total for _, total in told} == {len(told)}


# ---- the slope -------------------------------------------------------------------------------------------------------
def test_the_slope_of_a_power_is_its_exponent():
    sizes = [0.01, 0.02, 0.04, 0.08, 0.5]
    changes = [3 * s**1.5 for s in sizes]
    drawn = torch.tensor([changes, [1.1 * c for c in changes]], dtype=torch.float64)
    found = fit(sizes, changes, [True] * 5, drawn)
    assert found.exponent == pytest.approx(1.5)
    assert found.fitted == tuple(sizes[:4])  # ½ is no small size
    assert found.constant == pytest.approx(3 * (0.01 * 0.02 * 0.04 * 0.08) ** 0.125)
    assert found.constant_bounds == pytest.approx((found.constant, 1.1 * found.constant))


def test_saturated_and_unresolved_sizes_are_left_out():
    sizes = [0.01, 0.02, 0.04, 0.08]
    empty = torch.empty(0, 4)
    assert fit(sizes, [0.1, 0.2, 0.4, 0.8], [True] * 4, empty).fitted == (0.01, 0.02)
    assert math.isnan(fit(sizes, [0.1, 0.2, 0.4, 0.8], [True] * 4, empty).exponent)
    assert fit(sizes, [0.1, 0.2, 0.25, 0.28], [False, True, True, True], empty).fitted == (0.02, 0.04, 0.08)
    assert fit(sizes, [0.9] * 4, [True] * 4, empty).fitted == (0.01,)
    assert fit(sizes, [0.9] * 4, [False] * 4, empty).fitted == ()


# ---- text and page ---------------------------------------------------------------------------------------------------
def test_text_dictionary_and_page(tmp_path):
    report = audit(isotropic_classifier().double(), Grid(2), C(4), X, stability=True, bootstrap=50)
    text = str(report)
    assert "Stability to deformations: change ≈ C·ε with C = " in text
    assert max(map(len, text.splitlines())) <= 140
    kept = json.loads(json.dumps(report.to_dict(), allow_nan=False))["stability"]
    assert [point["size"] for point in kept["curve"]] == list(SIZES)
    assert kept["constant"] == report.stability.constant
    assert kept["constant_bounds"][0] < kept["constant"] < kept["constant_bounds"][1]
    low, high = report.stability.spread[0]
    assert low <= report.stability.changes[0] <= high
    page = report.to_html(tmp_path / "a.html").read_text(encoding="utf-8")
    assert "<h2>Stability to deformations</h2>" in page
    assert "both axes logarithmic" in page
    assert page.count("<b>x_τ</b>") == 3
    assert (
        "Stability"
        not in audit(isotropic_classifier().double(), Grid(2), C(4), X).to_html(tmp_path / "b.html").read_text()
    )


def test_a_drawing_on_logarithmic_axes_leaves_out_what_has_no_logarithm():
    drawn = loglog([0.01, 0.1, 1.0], [Trace("a", [0.0, 0.1, math.nan]), Trace("b", [math.nan] * 3)])
    assert drawn.count("<circle") == 1
    assert "nan" not in drawn
    assert loglog([0.01, 1.0], [Trace("a", [1e-4, 1.0], low=[0.0, 0.5], high=[math.inf, 2.0])]).count("<polygon") == 1


# ---- anti-aliased pooling --------------------------------------------------------------------------------------------
def rough(n):
    """Noise under a binomial blur of five sites: about as much detail as a photograph."""
    blur = torch.tensor([1.0, 4, 6, 4, 1]) / 16
    x = F.conv2d(noise(24, 1, n, n), blur[None, None, :, None], padding=(2, 0))
    return F.conv2d(x, blur[None, None, None], padding=(0, 2))


def constants(x, pool, output, seeds=3):
    """C of the same networks, but for their pools, for several draws of the weights."""
    found = []
    for seed in range(seeds):
        torch.manual_seed(seed)
        task = er.Task(er.Grid(2), er.C(4), input=1, output=output)
        net = er.derive(task, width=8, depth=1, scales=3, pool=pool).eval()
        found.append(measure(Examiner(Witness(net), Grid(2), output, x, 0, 0), None, []).constant)
    return np.array(found)


@pytest.mark.parametrize(("n", "output"), [(20, Invariant(4)), (N, Invariant(4)), (N, Equivariant(2))], ids=repr)
def test_antialiased_pooling_lowers_the_constant_where_there_is_something_to_alias(n, output):
    x = rough(n)
    average, largest, antialiased = (constants(x, pool, output) for pool in ("average", "max", "antialiased"))
    assert np.all(antialiased < average)
    assert np.median(antialiased / average) < 0.85
    assert np.median(antialiased / largest) < 0.85


def test_without_anything_to_alias_it_changes_little():
    x = smooth(24, 20, dtype=torch.float32)
    assert 0.85 < np.median(constants(x, "antialiased", Invariant(4)) / constants(x, "average", Invariant(4))) < 1.1
