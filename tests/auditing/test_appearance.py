"""Light, colour and perspective, asked beside a group; and networks that light does not change by construction."""

from pathlib import Path

import pytest
import torch

import erlangen as er
from erlangen.auditing.appearance import Changed
from erlangen.errors import InputError, TaskError
from erlangen.layers import leaves
from tests.auditing.models import measured, noise

SQUARE = er.Grid(2)
LIGHT = er.symmetrize.illumination(SQUARE, gain=1.0, bias=0.0)
X = noise(16, 2, 9, 9)


def rows(report: er.AuditReport) -> dict[str, str]:
    return {row.law: row.verdict for row in report.verdicts if not row.judged}


def test_light_is_a_row_that_the_verdict_does_not_count(tmp_path: Path):
    relative = lambda x: x.amax((2, 3)) / x.square().mean((1, 2, 3)).sqrt()[:, None]  # noqa: E731
    report = measured(relative, SQUARE, er.C(4), X, shifts=[], beside=[LIGHT])
    assert report.verdict == "exact" and rows(report)[repr(LIGHT)] == "exact"
    absolute = measured(lambda x: x.amax((2, 3)), SQUARE, er.C(4), X, shifts=[], beside=[LIGHT])
    assert absolute.verdict == "exact" and absolute.passed and rows(absolute)[repr(LIGHT)] == "broken"
    assert "illumination" in str(absolute)
    page = absolute.to_html(tmp_path / "a.html").read_text()
    assert "<h2>Other changes</h2>" in page and "Worst change: illumination" in page and "Worst shift" not in page


def test_what_moves_targets_moves_dense_answers_by_the_same_draws():
    aside = er.symmetrize.perspective(SQUARE, 0.2, output=er.Equivariant(2))
    smooth = torch.nn.functional.avg_pool2d(noise(16, 2, 20, 20), 4, 1)
    changed = Changed(aside, er.Equivariant(2), 0)
    assert torch.allclose(changed.move(smooth), changed.answer(smooth), atol=1e-6)  # the identity keeps every change
    assert not torch.allclose(changed.move(smooth), smooth, atol=1e-2)
    report = measured(lambda x: x, SQUARE, er.C(4), smooth, er.Equivariant(2), shifts=[], beside=[aside])
    assert rows(report)[repr(aside)] == "exact"
    still = Changed(aside, er.Invariant(2), 0)
    assert torch.equal(still.answer(smooth), smooth)


def test_what_is_no_transform_is_refused():
    with pytest.raises(InputError, match="illumination"):
        measured(lambda x: x.mean((2, 3)), SQUARE, er.C(4), X, beside=[3])


@pytest.mark.parametrize("group", [er.C(4), er.D(4), er.SO(2)])
@pytest.mark.parametrize("output", [er.Invariant(3), er.Equivariant(2)])
def test_a_homogeneous_network_answers_to_brighter_pictures_as_much_brighter(group: er.Group, output: object):
    torch.manual_seed(0)
    net = er.derive(er.Task(SQUARE, group, 2, output), width=16, homogeneous=True).double().eval()
    x = X.double()
    assert not [layer for layer in leaves(net) if isinstance(layer, er.layers.FieldBatchNorm)]
    assert not [name for name, _ in net.named_parameters() if "bias" in name]
    smooth = 2e-6 if group.order is None else 0.0  # what keeps a length smooth at 0
    for a in (0.1, 3.0, 40.0):
        assert (net(a * x) - a * net(x)).abs().max() <= 1e-6 * a * net(x).abs().max() + smooth * (1 + a)
        assert torch.equal(net(a * x).argmax(1), net(x).argmax(1))
    assert (net(-x) + net(x)).abs().max() > 1e-2 * net(x).abs().max()
    assert "how bright the light was" in " ".join(str(net.explain()).split())
    again = er.build(net.recipe)
    assert [name for name, _ in again.named_parameters()] == [name for name, _ in net.named_parameters()]


@pytest.mark.parametrize(
    "choices",
    [{"normalize": True}, {"function": "gelu"}, {"nonlinearity": "gate"}, {"block": "separable"}, {"homogeneous": 1}],
)
def test_choices_that_change_with_the_light_are_refused(choices: dict):
    with pytest.raises(TaskError, match="homogeneous"):
        er.derive(er.Task(SQUARE, er.C(4), 2, er.Invariant(3)), **{"homogeneous": True, **choices})


def test_irreps_that_need_a_norm_are_refused():
    with pytest.raises(TaskError, match="pointwise or Fourier"):
        er.derive(er.Task(SQUARE, er.C(4), 2, er.Invariant(3)), fields=er.C(4).irrep(1), homogeneous=True)
