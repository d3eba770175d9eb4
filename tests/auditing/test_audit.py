"""The audit of models whose answer is known."""

import json
import warnings

import numpy as np
import pytest
import torch
from torch import nn

from erlangen.domains import Grid, HexGrid, Sequence
from erlangen.errors import DomainError, InputError, SymmetryError, TaskError
from erlangen.groups import SO, C, D, Icosahedral, Mirror, O, Octahedral, Relabelling, S, Translations, Trivial
from erlangen.task import Equivariant, Invariant, Positions
from tests.auditing.models import (
    Hexagonal,
    isotropic_classifier,
    isotropic_field,
    noise,
    plain_classifier,
)
from tests.auditing.models import measured as audit

X = noise(24, 1, 12, 12)


# ---- verdicts ------------------------------------------------------------------------------------------------------
def test_an_isotropic_classifier_keeps_all_of_d4():
    report = audit(isotropic_classifier(), Grid(2), D(4), X, Invariant(10))
    assert report.verdict == "exact"
    assert report.passed
    assert report.error < 1e-5
    judged = [r for r in report.verdicts if r.judged]
    assert [r.elements for r in judged] == [
        "rotations by 90° and 270° (r, r^3)",
        "rotation by 180° (r^2)",
        "mirrors that keep the lines at 0° and 90° (m, r^2 m)",
        "mirrors that keep the lines at 45° and 135° (r m, r^3 m)",
    ]
    assert all(r.agreement == 1 for r in judged)
    assert len([r for r in report.elements if r.judged]) == 7
    assert report.causes == () or all("roll" in c.law for c in report.causes)


def test_a_plain_classifier_keeps_none_of_it():
    report = audit(plain_classifier(), Grid(2), C(4), X)
    assert report.verdict == "broken"
    assert not report.passed
    assert 0.5 < report.error < 2
    worst = report.worst.case
    assert torch.equal(worst.x, X[worst.index])
    assert torch.equal(
        worst.gx, torch.rot90(X[worst.index], int(worst.element.split("°")[0].split()[-1]) // 90, (-2, -1))
    )
    with torch.no_grad():
        assert torch.allclose(worst.fgx, plain_classifier()(worst.gx[None])[0], atol=1e-6)
    assert torch.equal(worst.fx, worst.gfx)


def test_the_worst_of_the_group_decides_though_the_rest_is_exact():
    model = isotropic_field(group=D(2))  # knows half turns and two mirrors, not quarter turns
    report = audit(model, Grid(2), D(4), X, Equivariant(2))
    found = {r.elements: r.verdict for r in report.verdicts if r.judged}
    assert list(found.values()) == ["broken", "exact", "exact", "broken"]
    assert report.verdict == "broken"


def test_a_constant_answer_is_undefined_and_not_invariant():
    report = audit(lambda x: torch.full((len(x), 3), 2.0), Grid(2), C(4), X)
    assert report.verdict == "undefined"
    assert not report.passed
    assert np.isnan(report.error)


def test_an_answer_lost_in_rounding_is_undefined():
    model = isotropic_classifier()
    assert audit(lambda x: model(x) + 1e6, Grid(2), C(4), X).verdict == "undefined"


@pytest.mark.parametrize(("make", "verdict"), [(isotropic_classifier, "exact"), (plain_classifier, "broken")])
def test_adding_100_to_every_score_changes_no_verdict(make, verdict):
    model = make()
    report = audit(lambda x: model(x) + 100, Grid(2), D(4), X)
    assert report.verdict == verdict
    plain = audit(model, Grid(2), D(4), X)
    if verdict == "broken":
        assert report.error == pytest.approx(plain.error, rel=1e-3)


class OneByOne(nn.Module):
    """Σ (x² + 30), summed one by one in the order of the array: invariant, but not to float32's last digits."""

    def __init__(self, leak=0.0, single_only=False):
        super().__init__()
        self.leak, self.single_only = leak, single_only

    def forward(self, x):
        if self.single_only and x.dtype != torch.float32:
            raise TypeError("float32 only")
        return sum((x * x + 30).flatten(2).unbind(-1)) + self.leak * x[..., 0, 0]


def test_where_the_floor_decides_the_float64_repeat_tells_rounding_from_a_break():
    rounding = audit(OneByOne().eval(), Grid(2), C(4), X)
    row = rounding.worst
    assert 1e-5 < row.error <= row.floor
    assert row.error_float64 is not None
    assert row.error_float64 < 1e-10
    assert rounding.verdict == "exact"
    leaking = audit(OneByOne(leak=1e-3).eval(), Grid(2), C(4), X)
    assert leaking.worst.error <= leaking.worst.floor
    assert leaking.worst.error_float64 > 1e-10
    assert leaking.verdict == "approximate"


def test_a_model_without_a_float64_twin_is_not_called_exact_by_its_floor():
    report = audit(OneByOne(single_only=True).eval(), Grid(2), C(4), X)
    assert report.verdict == "not resolved"
    assert "could not be repeated" in report.worst.note


def test_approximate_passes_only_within_a_tolerance_given():
    class Nearly(nn.Module):
        def __init__(self):
            super().__init__()
            self.model = isotropic_classifier()

        def forward(self, x):
            return self.model(x) + 0.0005 * x[..., 0, 0]

    report = audit(Nearly().eval(), Grid(2), C(4), X)
    assert report.verdict == "approximate"
    assert not report.passed
    assert audit(Nearly().eval(), Grid(2), C(4), X, tolerance=0.1).passed
    assert not audit(Nearly().eval(), Grid(2), C(4), X, tolerance=report.error / 2).passed


# ---- domains and laws ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    ("domain", "group", "shape"),
    [
        (Grid(1), Mirror(), (20, 1, 15)),
        (Grid(2), D(4), (20, 1, 9, 14)),
        (Grid(3), Octahedral(), (16, 1, 5, 6, 7)),
    ],
)
def test_dense_answers_move_along(domain, group, shape, dtype):
    model = isotropic_field(domain.dim, group=group).to(dtype)
    report = audit(model, domain, group, noise(*shape, dtype=dtype), Equivariant(2), bootstrap=50)
    assert report.verdict == "exact"
    assert report.error < (1e-5 if dtype == torch.float32 else 1e-10)
    assert audit(model, domain, group, noise(*shape, dtype=dtype), bootstrap=50, output=Equivariant(2)).passed


def test_on_hexagons_the_corners_of_the_array_do_not_count():
    x = noise(20, 1, 11, 11)
    with pytest.warns(UserWarning, match="outside the hexagon"):
        report = audit(Hexagonal().eval(), HexGrid(), D(6), x, Equivariant(2))
    assert report.verdict == "exact"
    with pytest.warns(UserWarning, match="outside the hexagon"):
        assert audit(nn.Conv2d(1, 2, 3, padding=1).eval(), HexGrid(), D(6), x, Equivariant(2)).verdict == "broken"


def test_channels_move_by_their_representation():
    """The gradient of a blurred picture is a vector field: standard on the output, exact under D(4)."""

    class Gradient(nn.Module):
        def forward(self, x):
            padded = nn.functional.pad(x, (1, 1, 1, 1))
            rows = padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]
            columns = padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]
            return torch.cat([rows, columns], 1)

    assert audit(Gradient().eval(), Grid(2), D(4), X, Equivariant(D(4).standard)).verdict == "exact"
    assert audit(Gradient().eval(), Grid(2), D(4), X, Equivariant(2)).verdict == "broken"
    vectors = noise(24, 2, 12, 12)

    def length(v):
        return v.square().sum(1, keepdim=True)

    assert audit(length, Grid(2), D(4), vectors, Equivariant(1), input=D(4).standard).verdict == "exact"
    pooled = audit(
        lambda v: v.mean((2, 3)), Grid(2), D(4), vectors, Equivariant(D(4).standard, pooled=True), input=D(4).standard
    )
    assert pooled.verdict == "exact"


def test_translations_stand_beside_the_group_and_are_not_judged():
    report = audit(isotropic_classifier(), Grid(2), D(4), X)
    (shift,) = [r for r in report.verdicts if not r.judged]
    assert shift.law == "circular roll by 1"
    assert shift.verdict != "exact"
    assert report.passed


def test_circular_padding_is_exact_under_every_roll():
    model = isotropic_field(padding_mode="circular")
    report = audit(model, Grid(2), Translations(), X, Equivariant(2))
    assert report.verdict == "exact"
    assert all(r.judged for r in report.verdicts)
    named = audit(model, Grid(2), Translations(), X, Equivariant(2), shifts=[3, (1, 5)])
    assert [r.law for r in named.verdicts] == ["circular roll by 3", "circular roll by (1, 5)"]
    assert named.passed


def test_the_total_stride_is_read_off_the_layers_or_given():
    torch.manual_seed(0)
    conv = [nn.Conv2d(1, 4, 3, padding=1, padding_mode="circular", stride=2), nn.ReLU()]
    model = nn.Sequential(*conv, nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    report = audit(model.eval(), Grid(2), C(2), X)
    by_one, by_four = [r for r in report.verdicts if not r.judged]
    assert by_four.law == "circular roll by 4, the total stride"
    assert by_four.verdict == "exact"
    assert by_one.verdict != "exact"
    given = audit(model, Grid(2), C(2), X, stride=2)
    assert given.verdicts[-1].law == "circular roll by 2, the total stride"


def test_branches_with_a_stride_count_once():
    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.long = nn.Conv2d(1, 4, 3, stride=2, padding=1)
            self.short = nn.Conv2d(1, 4, 1, stride=2)

        def forward(self, x):
            return (self.long(x) + self.short(x)).amax((2, 3))

    report = audit(Residual().eval(), Grid(2), C(2), X)
    assert report.verdicts[-1].law == "circular roll by 2, the total stride"


@pytest.mark.parametrize(
    ("boundary", "stride", "notes"),
    [("open", 2, ["border and stride, expected", "border, expected"]), ("periodic", 2, ["stride, expected", ""])],
)
def test_a_declared_law_says_which_breaks_are_expected(boundary, stride, notes):
    class Law:
        pass

    torch.manual_seed(0)
    mode = "circular" if boundary == "periodic" else "zeros"
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, stride=2, padding_mode=mode), nn.AdaptiveMaxPool2d(1), nn.Flatten()
    )
    model.translation_law = Law()
    model.translation_law.boundary, model.translation_law.stride = boundary, stride
    report = audit(model.eval(), Grid(2), Trivial(), X)
    assert [r.note for r in report.verdicts if not r.judged] == notes
    assert report.verdict == "exact"


def test_in_time_a_shift_is_zeros_before_the_start():
    torch.manual_seed(0)

    class Causal(nn.Module):
        def __init__(self):
            super().__init__()
            self.convolution = nn.Conv1d(1, 3, 5, bias=False)

        def forward(self, x):
            return self.convolution(nn.functional.pad(x, (4, 0))).relu()

    x = noise(20, 1, 17)
    report = audit(Causal().eval(), Sequence(), Translations(), x, Equivariant(3))
    assert report.verdict == "exact"
    flat = nn.Sequential(nn.Flatten(), nn.Linear(17, 2)).eval()
    with pytest.warns(UserWarning, match="left out"):
        assert [r.judged for r in audit(flat, Sequence(), Trivial(), x).verdicts] == [True]


def test_elements_between_the_sites_have_the_round_trip_as_floor(tmp_path):
    grid = torch.linspace(-1, 1, 25)
    fade = (1 - (grid[:, None] ** 2 + grid[None] ** 2)).clamp(min=0) ** 2
    waves = nn.functional.interpolate(noise(24, 1, 5, 5), size=25, mode="bicubic", align_corners=True)
    report = audit(lambda x: x.square().mean((2, 3)), Grid(2), O(2), waves * fade)
    rows = {r.elements: r for r in report.verdicts if r.judged}
    assert rows["3 rotations on the lattice"].verdict == "exact"
    assert rows["4 mirrors on the lattice"].verdict == "exact"
    between = next(r for name, r in rows.items() if name.endswith("rotations between the sites"))
    assert between.verdict == "not resolved"
    assert 0 < between.error <= 3 * between.round_trip < 0.3
    assert "The lattice itself keeps D(4) of O(2): exact, error " in str(report)
    assert "The lattice itself keeps D(4) of O(2): exact, error " in report.to_html(tmp_path / "a.html").read_text(
        "utf-8"
    )
    biased = audit(lambda x: (x * grid).mean((2, 3)), Grid(2), SO(2), waves * fade)
    assert "keeps C(4) of SO(2): broken" in str(biased)
    assert biased.verdict == "broken"


def test_a_group_beyond_the_lattice_is_exact_where_it_can_be():
    report = audit(isotropic_classifier(), Grid(2), C(8), X)
    found = {r.elements: r for r in report.verdicts if r.judged}
    assert found["rotation by 90° (r^2)"].verdict == "exact"
    assert found["rotation by 45° (r)"].round_trip > 0
    assert found["rotation by 45° (r)"].verdict == "not resolved"


def test_elements_can_be_named_and_are_sampled_where_there_are_too_many():
    report = audit(isotropic_classifier(), Grid(2), SO(2), X, elements=[np.pi / 2, 0.3])
    assert [r.count for r in report.verdicts if r.judged] == [1, 1]
    assert report.verdicts[0].verdict == "exact"
    some = audit(
        isotropic_field(3, group=Octahedral()),
        Grid(3),
        Octahedral(),
        noise(16, 1, 5, 5, 5),
        Equivariant(2),
        max_elements=6,
    )
    assert some.verdicts[0].elements.startswith("generators")
    assert sum(r.count for r in some.verdicts if r.judged) <= 6
    assert some.verdict == "exact"


def test_an_infinite_group_is_sampled_on_and_between_the_sites():
    x = noise(16, 1, 5, 5, 5)
    report = audit(lambda x: x.mean((2, 3, 4)), Grid(3), SO(3), x, max_elements=5, bootstrap=20)
    assert [r.elements for r in report.verdicts if r.judged] == [
        "5 rotations on the lattice",
        "5 rotations between the sites",
    ]
    assert "there and back alone" in str(report)


def test_progress_is_told():
    told = []
    audit(isotropic_classifier(), Grid(2), C(4), X, progress=lambda done, total: told.append((done, total)))
    assert told == [(k, 5) for k in range(1, 6)]


def test_equal_seeds_give_equal_reports():
    first, second = (audit(plain_classifier(), Grid(2), SO(2), X, seed=4).to_dict() for _ in range(2))
    assert first == second


# ---- the model is left as it was, and cannot spoil the result ---------------------------------------------------
def test_a_model_in_training_is_audited_in_eval_and_put_back():
    model = isotropic_classifier()
    model[1].train()  # one module only
    with pytest.warns(UserWarning, match="training mode"):
        report = audit(model, Grid(2), C(4), X)
    assert report.passed
    assert "training mode" in report.warnings[0]
    assert [m.training for m in model.modules()] == [False, False, True, False, False, False, False]
    broken = nn.Sequential(nn.Dropout(), nn.Conv2d(3, 1, 1))
    with pytest.warns(UserWarning, match="training mode"), pytest.raises(InputError):
        audit(broken, Grid(2), C(4), X)
    assert all(m.training for m in broken.modules())


def test_a_model_that_writes_into_its_input_spoils_nothing():
    class InPlace(nn.Module):
        def forward(self, x):
            return x.mul_(2).add_(1).relu_().mean((2, 3))

    x = X.clone()
    assert audit(InPlace().eval(), Grid(2), D(4), x).verdict == "exact"
    assert torch.equal(x, X)


def test_a_model_that_reuses_its_answer_spoils_nothing():
    class Buffer(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("out", torch.zeros(24, 1))

        def forward(self, x):
            return self.out[: len(x)].copy_(x[:, :, 0].mean(-1))

    assert audit(Buffer().eval(), Grid(2), C(4), X).verdict == "broken"


def test_a_model_that_answers_at_random_is_warned_about_and_leaves_the_generator_alone():
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    with pytest.warns(UserWarning, match="from call to call"):
        audit(lambda x: x.mean((2, 3)) + torch.randn(len(x), 1), Grid(2), C(4), X)
    assert torch.equal(torch.rand(3), expected)


def test_weights_and_buffers_stay():
    model = plain_classifier()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    audit(model, Grid(2), D(4), X)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(len(m._forward_hooks) == 0 for m in model.modules())


# ---- bad input ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (torch.full((4, 1, 12, 12), float("nan")), "4 of 4 inputs with NaN"),
        (X[:1], "1 input"),
        (X[0], r"\[batch, channel"),
        (X[:0], "no empty axis"),
        (X.to(torch.complex64), "complex"),
        ("picture", "one tensor or array"),
        (noise(16, 3, 12, 12), "model raised RuntimeError"),
    ],
)
def test_inputs_are_refused_with_a_reason(inputs, message):
    with pytest.raises(InputError, match=message):
        audit(isotropic_classifier(), Grid(2), C(4), inputs)


def test_inputs_are_mended_where_that_is_safe():
    double = audit(isotropic_classifier(), Grid(2), C(4), X.double().numpy())
    assert double.settings["dtype"] == "float32"
    assert double.passed
    with pytest.warns(UserWarning, match=r"uint8.*float32"):
        whole = audit(isotropic_classifier(), Grid(2), C(4), (X > 0).to(torch.uint8))
    assert whole.passed
    frozen = X.numpy().copy()
    frozen.flags.writeable = False
    assert audit(isotropic_classifier(), Grid(2), C(4), frozen).passed


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (X[:5], "Only 5 inputs"),
        (X[:1].repeat(20, 1, 1, 1), "All inputs are alike"),
        (noise(20, 1, 1, 1).expand(20, 1, 12, 12), "20 of 20 inputs are constant"),
        ((X + X.rot90(2, (-2, -1)))[:20], r"20 of 20 inputs are unchanged by rotation by 180°"),
    ],
)
def test_inputs_that_prove_little_are_warned_about(inputs, message):
    with pytest.warns(UserWarning, match=message):
        report = audit(plain_classifier(), Grid(2), C(4), inputs)
    assert any(word in " ".join(report.warnings) for word in (message, "unchanged"))


def test_generic_inputs_give_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert audit(isotropic_classifier(), Grid(2), C(4), X).warnings == ()


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (lambda x: x.mean((2, 3)) / 0, "not finite"),
        (lambda x: x.argmax(1), "int64"),
        (lambda x: x.mean(), "one answer an input"),
        (lambda x: (x.mean((2, 3)), x), "tuple of 2"),
        (lambda x: {"scores": x, "loss": 1}, "'scores', 'loss'"),
        (lambda x: None, "answers with nothing"),
        (lambda x: 3, "an int"),
        (7, "nn.Module or a function"),
    ],
)
def test_answers_are_refused_with_a_reason(model, message):
    with pytest.raises(SymmetryError, match=message):
        audit(model, Grid(2), C(4), X)


def test_select_picks_the_answer():
    model = isotropic_classifier()
    for wrapped, select in (
        (lambda x: (x, model(x)), 1),
        (lambda x: {"scores": model(x), "x": x}, "scores"),
        (lambda x: {"scores": model(x), "x": x}, lambda out: out["scores"]),
    ):
        assert audit(wrapped, Grid(2), C(4), X, select=select).verdict == "exact"
    with pytest.raises(InputError, match="'scores'"):
        audit(lambda x: {"scores": model(x)}, Grid(2), C(4), X, select="logits")


@pytest.mark.parametrize("group", [S(5), C(4), Relabelling(), "C4", SO(3)])
def test_groups_that_do_not_act_here_are_refused(group):
    with pytest.raises(DomainError):
        audit(lambda x: x.mean(2), Grid(1), group, noise(16, 1, 8))


def test_outputs_and_options_are_checked():
    model = isotropic_classifier()
    for output in (Invariant(3), Equivariant(10)):
        with pytest.raises(InputError, match="10"):
            audit(model, Grid(2), C(4), X, output)
    with pytest.raises(TaskError):
        audit(model, Grid(2), C(4), X, Positions())
    for wrong in (
        {"tolerance": -1.0},
        {"tolerance": float("nan")},
        {"bootstrap": -1},
        {"max_elements": 0},
        {"shifts": ["a"]},
    ):
        with pytest.raises(SymmetryError):
            audit(model, Grid(2), C(4), X, **wrong)
    with pytest.raises(SymmetryError, match="3 on axis 1"):
        audit(model, Grid(2), C(4), X, input=3)
    with pytest.warns(UserWarning, match="axes like the input"):
        audit(isotropic_field(), Grid(2), C(4), X)


def test_a_turned_oblong_that_the_model_cannot_take_is_explained():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 2, (1, 12)), nn.Flatten(), nn.Linear(16, 3)).eval()
    with pytest.raises(InputError, match=r"x after rotation by 90° \(r\) of shape \(20, 1, 12, 8\)"):
        audit(model, Grid(2), C(4), noise(20, 1, 8, 12))


def test_a_model_s_own_task_says_how_its_answer_moves():
    class Task:
        output = Equivariant(2)
        input = 1 * D(4).trivial

    model = isotropic_field()
    model.task = Task()
    assert audit(model, Grid(2), D(4), X).output == Equivariant(2)
    assert audit(model, Grid(2), D(4), X).verdict == "exact"


def test_the_dictionary_is_json_without_nan():
    for model in (plain_classifier(), lambda x: torch.ones(len(x), 1)):
        kept = json.loads(json.dumps(audit(model, Grid(2), C(4), X).to_dict(), allow_nan=False))
        assert kept["verdict"] in ("broken", "undefined")
        assert kept["settings"]["versions"]["torch"] == str(torch.__version__)
        assert kept["settings"]["seed"] == 0
        assert len(kept["verdicts"]) == len({(r["law"], r["elements"]) for r in kept["verdicts"]})


def test_a_class_that_the_lattice_keeps_in_part_has_two_rows():
    """Of the icosahedral group's turns by 120° and 180° eight and three turn the cube, and are exact."""
    report = audit(lambda x: x.amax((2, 3, 4)), Grid(3), Icosahedral(), noise(16, 1, 5, 5, 5), bootstrap=0, shifts=[])
    kept = [r for r in report.verdicts if r.elements.endswith("on the lattice")]
    assert [(r.count, r.verdict) for r in kept] == [(8, "exact"), (3, "exact")]
    between = [r for r in report.verdicts if r.elements.endswith("between the sites")]
    assert [r.count for r in between] == [12, 12]
    assert sum(r.count for r in report.judged) == 59
    assert any("0.618" in r.element for r in report.elements)
    assert not any("0.6180" in r.element for r in report.elements)
