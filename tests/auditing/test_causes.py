"""Causes are named by counterfactuals, only where the number moves, and never by guess."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from erlangen.auditing.changes import ZERO_PADDING, average_positions, changed, find_flattens, survey
from erlangen.auditing.witness import Witness
from erlangen.domains import Grid
from erlangen.groups import C, D, Translations
from erlangen.task import Equivariant
from tests.auditing.models import isotropic_classifier, isotropic_field, noise, plain_classifier, turned_mean
from tests.auditing.models import measured as audit
from tests.auditing.truth_models import Head, Shuffled, chain, convolution
from tests.auditing.truth_table import ALONE, PAIRS, ROLLS

X = noise(24, 1, 12, 12)


class Flattened(nn.Module):
    """Isotropic, periodic features, then flatten and a linear layer, written with functions and not with modules."""

    def __init__(self, inplace=False):
        super().__init__()
        torch.manual_seed(0)
        self.features = turned_mean(nn.Conv2d(1, 6, 3, padding=1, padding_mode="circular"))
        self.head = nn.Linear(6 * 144, 10)
        self.inplace = inplace

    def forward(self, x):
        features = F.relu(self.features(x), inplace=self.inplace)
        return self.head(features.reshape(len(x), -1))


@pytest.mark.parametrize("inplace", [False, True])
@pytest.mark.parametrize("group", [D(4), Translations()])
def test_flatten_breaks_what_the_features_keep_and_is_named(group, inplace):
    report = audit(Flattened(inplace).eval(), Grid(2), group, X)
    assert report.verdict == "broken"
    cause = report.causes[0]
    assert cause.name == "flatten"
    assert cause.before > 0.5
    assert cause.after < 1e-5
    assert "'head'" in cause.what
    assert (
        float(cause.evidence.split("error of ")[1].rstrip(".").replace("·10⁻⁷", "e-7").replace("·10⁻⁸", "e-8")) < 1e-5
    )
    assert "flatten" in str(report)


def test_global_pooling_keeps_invariance_and_nothing_is_named():
    report = audit(isotropic_classifier(padding_mode="circular"), Grid(2), D(4), X)
    assert report.verdict == "exact"
    assert report.causes == ()


def test_two_causes_that_only_together_explain_a_break_are_named_together():
    causes = {c.law: c for c in audit(plain_classifier(), Grid(2), C(4), X).causes}
    assert causes["C4"].name == "flatten and filters"
    assert causes["C4"].after < 1e-4
    stride = causes["circular roll by 2, the total stride"]
    assert stride.name == "flatten and zero padding"
    assert stride.after < 1e-4


def test_filters_are_named_for_turns_and_the_border_for_shifts():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 2, 3, padding=1)).eval()
    causes = {c.law: c for c in audit(model, Grid(2), C(4), X, Equivariant(2)).causes}
    assert causes["C4"].name == "filters"
    assert causes["C4"].after < 1e-5
    assert causes["circular roll by 1"].name == "zero padding"
    assert causes["circular roll by 1"].after < 1e-5


def test_a_break_by_something_else_has_no_name():
    torch.manual_seed(0)
    model = nn.Sequential(Shuffled(), isotropic_field(padding_mode="circular")).eval()
    report = audit(model, Grid(2), C(4), X, Equivariant(2))
    assert report.verdict == "broken"
    assert report.causes == ()


def strided():
    """Rows whose strides can be made harmless without a look at every site."""
    rows = [truth for truth in (*ALONE, *PAIRS) if "stride" in truth.causes and isinstance(truth.domain, Grid)]
    return [truth for truth in rows if truth.symmetry != ROLLS or not isinstance(truth.output, Equivariant)]


@pytest.mark.parametrize("truth", strided(), ids=lambda truth: truth.id)
def test_strides_are_named_where_a_look_at_every_site_is_too_dear(truth, monkeypatch):
    monkeypatch.setattr("erlangen.auditing.causes._affordable", lambda seen, count: 0)
    torch.manual_seed(0)
    report = audit(truth.model().eval(), truth.domain, truth.symmetry, truth.x, truth.output, **truth.options)
    judged = {row.law for row in report.judged}
    causes = [cause for cause in report.causes if cause.law in judged]
    assert {name for cause in causes for name in cause.name.split(" and ")} == truth.causes
    assert all("every site" not in cause.instead and cause.after <= 1e-5 for cause in causes)


def test_strides_that_do_no_harm_are_not_named_for_being_changeable(monkeypatch):
    monkeypatch.setattr("erlangen.auditing.causes._affordable", lambda seen, count: 0)
    torch.manual_seed(0)
    model = chain(Shuffled(), convolution(stride=2), Head()).eval()
    for symmetry in (D(4), Translations()):
        report = audit(model, Grid(2), symmetry, X, shifts=[2])
        assert report.verdict == "broken"
        assert report.causes == ()


def test_a_model_that_cannot_be_copied_still_has_its_verdict():
    class Stubborn(nn.Module):
        def __init__(self):
            super().__init__()
            self.model = plain_classifier()

        def __deepcopy__(self, memo):
            raise RuntimeError("not to be copied")

        def forward(self, x):
            return self.model(x)

    with pytest.warns(UserWarning, match="layers could not be measured"):
        report = audit(Stubborn().eval(), Grid(2), C(4), X)
    assert report.verdict == "broken"
    assert report.causes == ()


def test_pools_that_pad_are_closed_too():
    torch.manual_seed(0)
    for layers in (
        [nn.Conv1d(1, 3, 3, padding=1), nn.MaxPool1d(3, stride=1, padding=1)],
        [nn.Conv2d(1, 3, 3, padding="same"), nn.AvgPool2d(3, stride=1, padding=1)],
        [nn.MaxPool3d(3, stride=1, padding=(0, 1, 1)), nn.Conv3d(1, 2, 3, padding=(1, 0, 1), padding_mode="circular")],
    ):
        model = nn.Sequential(*layers)
        dim = int(type(layers[0]).__name__[-2])
        x = noise(2, 1, *(6,) * dim)
        assert "zeros" in survey(Witness(model), x, dim).met
        closed = changed(model, (ZERO_PADDING,), dim)
        plain, shifted = closed(x), closed(x.roll(2, -1))
        assert torch.allclose(shifted, plain.roll(2, -1), atol=1e-6)
    assert survey(Witness(nn.Sequential(nn.Flatten(), nn.Linear(36, 2))), noise(2, 1, 6, 6), 2).met == set()


def test_flattening_the_input_itself_is_found_and_averaged():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(144, 5)).eval()
    found = find_flattens(Witness(model), X, 2)
    assert [(f.linear, f.features, f.positions) for f in found] == [("1", 0, 144)]
    pooled = changed(model, (average_positions(found),), 2)
    assert torch.allclose(pooled(X.roll(5, -1)), pooled(X), atol=1e-5)
    assert not torch.allclose(model(X.roll(5, -1)), model(X), atol=1e-2)
