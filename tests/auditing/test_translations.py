"""Shifts of every law: which model keeps which, what is compared, and what is refused."""

import pytest
import torch
from torch import nn

import erlangen as er
from erlangen.auditing import Shift
from erlangen.auditing.examine import still_axis
from erlangen.auditing.translations import Crop, Drift, ZeroFill, provable
from erlangen.domains import Dna, Grid, HexGrid, Sequence
from erlangen.errors import DomainError, InputError, SymmetryError
from erlangen.groups import C, Translations, Trivial
from erlangen.task import Equivariant, Invariant
from tests.auditing.models import isotropic_field, measured, noise

X = noise(20, 1, 13, 12)
EVERY = [1, 0.5, Shift(2, "zeros"), Shift(2, "crop"), Shift((1, -3), "crop"), Shift((-1, 2), "zeros")]


def audit(model, x=X, output=None, shifts=EVERY, domain=None, **more):
    return measured(model, domain or Grid(2), Translations(), x, output, shifts=shifts, bootstrap=50, **more)


def test_what_looks_at_single_sites_keeps_every_law():
    torch.manual_seed(0)
    report = audit(nn.Conv2d(1, 3, 1).eval(), noise(20, 1, 13, 11), Equivariant(3))
    assert [r.law for r in report.verdicts] == [
        "circular roll by 1",
        "circular shift by 0.5, by Fourier",
        "zero-filled shift by 2",
        "crop shifted by 2",
        "crop shifted by (1, -3)",
        "zero-filled shift by (-1, 2)",
    ]
    assert all(r.verdict == "exact" and r.shift for r in report.verdicts)
    assert report.verdicts[-1].elements == "along 2 axes at once"


def test_answers_are_compared_where_both_sides_are_defined():
    """Content that leaves shows within a filter's reach of the border alone, so an answer without a border keeps it."""
    torch.manual_seed(0)
    crop = Shift(3, "crop")
    valid = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()).eval()
    kept = audit(lambda x: nn.functional.pad(valid(x), (1, 1, 1, 1)), output=Equivariant(2), shifts=[crop]).worst
    same = audit(lambda x: nn.functional.pad(valid(x), (1, 1, 1, 1), value=1.0), output=Equivariant(2), shifts=[crop])
    assert 0.05 < kept.error < same.error  # zeros of the border stand beside true values, and ones do even worse
    inner = audit(lambda x: 2 * x, output=Equivariant(1), shifts=[crop]).worst
    assert inner.error == 0
    zero = audit(lambda x: x.relu() + 1, output=Equivariant(1), shifts=[Shift(3, "zeros")]).worst
    assert (zero.error, zero.agreement) == (0, None)
    assert float(zero.case.gfx[:, :3].abs().max()) == 0
    assert float(zero.case.fgx[:, :3].abs().max()) == 0


def test_agreement_counts_only_what_is_defined():
    model = torch.nn.Conv2d(1, 2, 1).eval()
    motion = ZeroFill((2, 0), Grid(2), Equivariant(2), (13, 12))
    assert motion.defined(model(X)).sum() == 11 * 12
    hexagonal = ZeroFill((1, 0), HexGrid(), Equivariant(1), (7, 7))
    y = HexGrid().clear(torch.ones(1, 1, 7, 7))
    assert hexagonal.defined(y).sum() == 37 - 7
    assert torch.equal(hexagonal.answer(y), hexagonal.read(y))


def test_zero_padding_is_kept_by_zeros_that_enter_and_not_by_what_leaves():
    """On inputs that fade out nothing leaves, and a network with zero padding keeps the zero-filled shift."""
    x = nn.functional.pad(noise(20, 1, 5, 5), (4, 4, 4, 4))
    field = isotropic_field()
    field[0].bias = field[2].bias = None
    for law in ("zeros", "circular"):
        assert audit(field, x, Equivariant(2), [Shift(2, law)]).verdict == "exact"
    assert audit(field, noise(20, 1, 13, 13), Equivariant(2), [Shift(2, "zeros")]).verdict == "broken"


def test_an_invariant_answer_is_compared_whole():
    """The largest value stays unless it leaves: content that enters or leaves with a crop may hold a larger one."""
    for law in ("zeros", "crop"):
        assert audit(lambda x: x.amax((2, 3)), shifts=[Shift(2, law)]).error > 0.1
    x = X.clone()
    x[..., 6, 6] = 5 + torch.arange(20.0)[:, None]
    assert audit(lambda x: x.amax((2, 3)), x, shifts=[Shift(2, "zeros"), Shift(2, "crop")]).verdict == "exact"


def test_two_crops_overlap():
    motion = Crop((2, -1), Grid(2), Equivariant(1), (11, 11))
    before, after = motion.start(X), motion.move(X)
    assert before.shape == after.shape == (20, 1, 11, 11)
    assert torch.equal(after[..., 2:, :-1], before[..., :-2, 1:])
    assert torch.equal(motion.answer(before), motion.read(after))
    assert float(motion.answer(before)[..., 2:, :-1].abs().min()) > 0


def test_a_strided_answer_moves_by_its_share():
    def coarse(x):
        return x[..., ::2, ::2]

    x = noise(20, 1, 12, 12)
    assert audit(coarse, x, Equivariant(1), [Shift(2, "zeros"), Shift(2, "crop")]).verdict == "exact"
    with pytest.raises(InputError, match="whole at the answers"):
        audit(coarse, x, Equivariant(1), [Shift(1, "zeros")])
    assert (
        audit(coarse, x, Equivariant(1), [0.5]).verdict == "broken"
    )  # noise has waves that the half grid cannot carry


def test_a_crop_that_the_model_cannot_take_is_left_out_or_explained():
    torch.manual_seed(0)
    fixed = nn.Sequential(nn.Flatten(), nn.Linear(156, 2)).eval()
    with pytest.warns(
        UserWarning, match=r"The crop shifted by 1 was left out: .* a part of x of shape \(20, 1, 12, 12\)"
    ):
        report = measured(fixed, Grid(2), Trivial(), X, shifts=[1, Shift(1, "crop")])
    assert [r.law for r in report.verdicts if not r.judged] == ["circular roll by 1"]


# ---- fractions -------------------------------------------------------------------------------------------------------
def test_a_linear_ring_keeps_fractions_and_the_nyquist_wave_is_the_floor():
    """Aliasing is what breaks them: of a rectifier, of a stride, and on even sizes of the transform itself."""
    torch.manual_seed(0)
    linear = nn.Conv2d(1, 3, 3, padding=1, padding_mode="circular").eval()
    odd = noise(20, 1, 13, 11)
    assert audit(linear, odd, Equivariant(3), [0.5]).verdict == "exact"
    assert audit(nn.Sequential(linear, nn.ReLU()).eval(), odd, Equivariant(3), [0.5]).error > 0.05
    even = audit(linear, noise(20, 1, 12, 12), Equivariant(3), [0.5]).worst
    assert even.verdict == "not resolved"
    assert even.round_trip == pytest.approx(
        (1 / 12 / 2) ** 0.5, rel=0.2
    )  # ‖lost‖² is 1/12, over Var x + Var there and back
    assert audit(lambda x: x.mean((2, 3)), odd, shifts=[0.25, 1.5]).verdict == "exact"


def test_fractions_are_not_proved():
    report = er.audit(lambda x: x.relu(), Grid(2), Translations(), X, Equivariant(1), shifts=EVERY, bootstrap=50)
    assert report.verdicts[0].proof is not None
    assert report.verdicts[0].verdict == "proved"
    assert all(r.proof is None for r in report.verdicts[1:])
    assert not any(provable(kind((1,), Grid(1), Invariant(1), (8,))) for kind in (Drift, Crop, ZeroFill))


# ---- what is named, and refused --------------------------------------------------------------------------------------
def test_plain_numbers_stay_circular_and_defaults_stay_as_they_were():
    report = audit(lambda x: x.mean((2, 3)), shifts=None)
    assert [r.law for r in report.verdicts] == ["circular roll by 1"]
    named = audit(lambda x: x.mean((2, 3)), shifts=[2, (1, 5), [1, 5], Shift(2), 13, Shift((13, 12))])
    rolls = ["circular roll by 2", "circular roll by (1, 5)"]
    assert [r.law for r in named.verdicts] == [*rolls, rolls[1], rolls[0], "circular roll by 13"]
    assert named.verdicts[-1].elements == "along one axis"  # 13 rows are a whole turn


def test_time_has_its_own_shift_and_takes_those_that_are_named():
    x = noise(20, 1, 17)
    shifts = [2, Shift(2, "zeros"), Shift(2, "crop")]
    report = audit(lambda x: x.relu(), x, Equivariant(1), shifts, Sequence())
    assert [r.law for r in report.verdicts] == ["shift by 2 in time", "zero-filled shift by 2", "crop shifted by 2"]
    assert [r.elements for r in report.verdicts] == ["zeros before the start", "along one axis", "along one axis"]
    assert report.verdict == "exact"
    for circular in (Shift(1), 0.5):
        with pytest.raises(DomainError, match="close time to a ring"):
            audit(lambda x: x.relu(), x, Equivariant(1), [circular], Sequence())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((0,), "not all 0"),
        (("a",), "a number of sites"),
        ((True,), "a number of sites"),
        ((float("nan"),), "a number of sites"),
        ((1, "wrap"), "one of 'circular', 'zeros', 'crop'"),
        ((0.5, "zeros"), "whole sites"),
        (((1, 0.5), "crop"), "whole sites"),
    ],
)
def test_a_shift_that_means_nothing_is_refused(given, said):
    with pytest.raises(InputError, match=said):
        Shift(*given)


def test_a_shift_that_the_domain_does_not_know_is_refused():
    letters = noise(20, 4, 9)
    for shift, domain, x in (
        (0.5, Dna(), letters),
        (Shift(1, "crop"), HexGrid(), noise(20, 1, 7, 7) * HexGrid().mask(torch.ones(7, 7))),
        (Shift(13, "zeros"), Grid(2), X),
        (Shift((1, 2, 3), "zeros"), Grid(2), X),
    ):
        with pytest.raises(SymmetryError):
            audit(lambda x: x.flatten(2).mean(2), x, shifts=[shift], domain=domain)


def test_a_declared_law_expects_a_border_where_content_leaves():
    class Law:
        boundary, stride = "periodic", 1

    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1, padding_mode="circular"), nn.AdaptiveMaxPool2d(1), nn.Flatten())
    model.translation_law = Law()
    report = measured(model.eval(), Grid(2), C(2), X, shifts=[1, 0.5, Shift(2, "zeros"), Shift(2, "crop")])
    assert [r.expected for r in report.verdicts if not r.judged] == ["", "sampling", "border", "border"]


def test_a_picture_shows_what_is_compared(tmp_path):
    model = isotropic_field()
    report = audit(model, output=Equivariant(2), shifts=[Shift(2, "crop"), Shift(1, "zeros"), 0.5])
    page = report.to_html(tmp_path / "a.html").read_text("utf-8")
    assert "crop shifted by 2" in page
    assert "zero-filled shift by 1" in page
    assert still_axis(Drift((0.5, 0), Grid(2), Invariant(1), (4, 4))) == 1
    assert report.to_dict()["verdicts"][0]["law"] == "crop shifted by 2"
