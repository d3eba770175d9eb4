"""The audit is right about every row of the truth table, and proves none of its broken models."""

from contextlib import nullcontext

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from erlangen.auditing import audit
from erlangen.domains import Grid
from erlangen.groups import C, D, Translations
from tests.auditing.models import measured, noise, plain_classifier
from tests.auditing.truth_models import Head, Standard, convolution
from tests.auditing.truth_table import ALONE, KEPT, PAIRS
from tests.effort import covering


def asked(truth, **options):
    """The report on a row of the table."""
    torch.manual_seed(0)
    model = truth.model().eval()
    given = {"bootstrap": 100, "proof": False, **truth.options, **options}
    with pytest.warns(UserWarning, match=truth.warns) if truth.warns else nullcontext():
        return audit(model, truth.domain, truth.symmetry, truth.x, truth.output, **given)


@pytest.mark.parametrize("truth", [*KEPT, *ALONE, *PAIRS], ids=lambda truth: truth.id)
def test_verdict_and_causes_are_those_known_by_construction(truth):
    report = asked(truth)
    assert report.verdict == truth.verdict
    judged = {row.law for row in report.judged}
    named = {name for cause in report.causes if cause.law in judged for name in cause.name.split(" and ")}
    assert named == truth.causes
    assert ("Cause not found" in str(report)) == (truth.verdict == "broken" and not truth.causes)


@pytest.mark.parametrize("truth", covering([*ALONE, *PAIRS], [*ALONE, *PAIRS[::4]]), ids=lambda truth: truth.id)
def test_no_broken_model_is_ever_proved(truth):
    alone = {} if truth.symmetry == Translations() else {"shifts": []}
    report = asked(truth, proof=True, bootstrap=0, **alone)
    assert report.verdict == "broken"
    assert all(row.proof is None or row.proof.verdict != "proved" for row in report.judged if row.verdict == "broken")


def test_the_table_has_every_cause_alone_and_every_one_in_a_pair():
    alone = {name for truth in ALONE for name in truth.causes}
    assert all(len(truth.causes) <= 1 for truth in ALONE)
    assert all(len(truth.causes) == 2 for truth in PAIRS)
    assert alone == {name for truth in PAIRS for name in truth.causes}
    assert len(KEPT) + len(ALONE) + len(PAIRS) >= 25
    assert len({truth.id for truth in (*KEPT, *ALONE, *PAIRS)}) == len(KEPT) + len(ALONE) + len(PAIRS)


def test_statistics_of_the_batch_are_warned_about():
    torch.manual_seed(0)
    model = nn.Sequential(convolution(), nn.BatchNorm2d(6, track_running_stats=False), Head()).eval()
    with pytest.warns(UserWarning, match="what else is in its batch"):
        report = measured(model, Grid(2), D(4), noise(24, 1, 12, 12))
    assert report.verdict == "exact"  # over batch and space the statistics stay what they are


def test_what_moves_only_with_its_whole_batch_is_not_kept():
    """Alike for whole batches, each position's own statistics move along; an input alone has no such company."""
    torch.manual_seed(0)
    model, x = nn.Sequential(Standard(), convolution(), Head()).eval(), noise(24, 1, 12, 12)
    turned = x.rot90(1, (2, 3))
    with torch.no_grad():
        assert torch.allclose(model(turned), model(x), atol=1e-5)
    with pytest.warns(UserWarning, match="half of its batch stayed in place"):
        assert measured(model, Grid(2), C(4), x).verdict == "broken"


def test_dropout_that_never_ends_is_warned_about():
    torch.manual_seed(0)

    class Random(nn.Module):
        def __init__(self):
            super().__init__()
            self.features, self.head = convolution(), Head()

        def forward(self, x):
            return self.head(F.dropout(self.features(x), 0.5, training=True))

    with pytest.warns(UserWarning, match="from call to call"):
        report = measured(Random().eval(), Grid(2), D(4), noise(24, 1, 12, 12))
    assert report.verdict == "broken"
    assert report.causes == ()


def test_of_a_function_no_cause_is_found_and_the_page_says_so_once(tmp_path):
    model = plain_classifier()
    report = measured(lambda x: model(x), Grid(2), C(4), noise(24, 1, 12, 12))
    assert str(report).count("Cause not found: C4, ") == 1
    assert "(nothing that could be changed)." in str(report)
    assert report.to_html(tmp_path / "a.html").read_text("utf-8").count("Cause not found") == 1
    assert report.to_dict()["unexplained"][0]["tried"] == ()
