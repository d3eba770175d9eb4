"""Audits of time: which models keep which law, what cannot be asked, and breaks at the first steps."""

import pytest
import torch
from torch import Tensor, nn

import erlangen as er
from erlangen.errors import DomainError, InputError

FEW = {"bootstrap": 50}
X = torch.randn(16, 3, 9, generator=torch.Generator().manual_seed(0))


def audited(model, **choices) -> er.AuditReport:
    return er.audit(model, er.Sequence(), er.TimeWarp(), X, **{**FEW, **choices})


def verdicts(report: er.AuditReport) -> dict[str, str]:
    return {row.elements: row.verdict for row in report.verdicts}


def network(layer: str, output=None, warp: bool = True, **choices) -> er.Blueprint:
    torch.manual_seed(0)
    task = er.Task(er.Sequence(), er.TimeWarp() if warp else None, input=3, output=output or er.Invariant(4))
    return er.derive(task, layer=layer, width=8, **choices).eval()


@pytest.mark.parametrize("layer", ["gated", "state-space"])
@pytest.mark.parametrize("output", [er.Invariant(4), er.Equivariant(2)], ids=["whole", "every step"])
def test_derived_networks_keep_both_laws(layer: str, output):
    report = audited(network(layer, output))
    assert set(verdicts(report).values()) == {"exact"} and report.passed and report.verdict == "exact"
    assert "TimeWarp" in str(report) and report.to_dict()["verdict"] == "exact"


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_torch_s_cells_keep_left_padding_and_neither_law(cell: str):
    report = audited(network(cell, warp=False))
    found = verdicts(report)
    assert found["zeros before"] == "exact" and found["every step again"] == "undefined"
    assert found["steps split"] == "undefined" and not report.passed  # it is not told how long a step is


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_torch_s_modules_are_asked_as_they_are(kind: type[nn.RNNBase], batch_first: bool):
    torch.manual_seed(0)
    report = audited(kind(3, 5, batch_first=batch_first).eval())
    found = verdicts(report)
    assert kind.__name__ in report.model and found["zeros before"] == "broken" and not report.passed
    assert found["every step again"] == found["steps split"] == "undefined"
    assert verdicts(audited(kind(3, 5, bias=False, batch_first=batch_first).eval()))["zeros before"] == "exact"


class Plain(nn.Module):
    """Torch's GRU as it comes, and its last state; it knows no clock."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.cell = nn.GRU(3, 8, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.cell(x.transpose(1, 2))[0]


class Last(Plain):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x)[:, -1]


class Every(Plain):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).transpose(1, 2)


def test_what_cannot_be_asked_is_undefined():
    report = audited(Last().eval())
    found = verdicts(report)
    assert found["steps split"] == found["every step again"] == found["blanks of no time"] == "undefined"
    assert report.verdict == "undefined" and "takes no dt" in str(report.to_dict())


def test_a_state_that_zeros_start_is_found_at_the_first_steps():
    """At every step, the first ones included, a candidate with a bias is seen."""
    found = verdicts(audited(Every().eval(), output=er.Equivariant(8)))
    assert found["zeros before"] in ("broken", "approximate", "not resolved")


class Leaky(nn.Module):
    """h ← h + Δt (W x − h): Euler's step, exact for blanks and for no other split."""

    def __init__(self, exact: bool):
        super().__init__()
        torch.manual_seed(2)
        self.into, self.exact = nn.Linear(3, 5, bias=False), exact

    def forward(self, x: Tensor, dt: Tensor | None = None) -> Tensor:
        time = torch.ones_like(x[:, 0]) if dt is None else dt
        h = x.new_zeros(len(x), 5)
        for t in range(x.shape[-1]):
            step = 0.7 * time[:, t, None]
            share = -torch.expm1(-step) if self.exact else step
            h = h + share * (self.into(x[..., t]) - h)
        return h


def test_a_model_of_one_s_own_is_asked_with_its_clock():
    found = verdicts(audited(Leaky(exact=True).eval()))
    assert found == {
        "steps split": "exact",
        "blanks of no time": "exact",
        "every step again": "undefined",
        "zeros before": "exact",
    }
    assert audited(Leaky(exact=True).eval()).verdict == "exact"
    euler = audited(Leaky(exact=False).eval())
    assert verdicts(euler)["blanks of no time"] == "exact" and verdicts(euler)["steps split"] != "exact"
    assert euler.verdict not in ("exact", "proved")


def test_company_in_a_batch_is_warned_of():
    class Mean(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x[..., -1] - x[..., -1].mean(0)

    with pytest.warns(UserWarning, match="what else is in the batch"):
        audited(Mean().eval())


def test_refusals():
    with pytest.raises(DomainError, match="a group of rotations"):
        er.audit(Last().eval(), er.Grid(1), er.TimeWarp(), X)
    with pytest.raises(InputError, match="not finite"):
        er.audit(Last().eval(), er.Sequence(), er.TimeWarp(), X * float("nan"))
    with pytest.raises(InputError, match="as many"):
        audited(Every().eval(), output=er.Invariant(8))


class Ends(nn.Module):
    """Says of a sequence what its last step says, blank or not."""

    def forward(self, x: Tensor, dt: Tensor | None = None) -> Tensor:
        return x[:, :2, -1]


def test_a_blank_at_the_end_is_found_out():
    assert verdicts(audited(Ends().eval()))["blanks of no time"] == "broken"


class Forgets(Plain):
    """Its last state after so many steps that the start is forgotten."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x)[:, -1]


def test_the_start_is_asked_about_where_it_is_not_forgotten():
    x = torch.randn(16, 3, 200, generator=torch.Generator().manual_seed(1))
    found = verdicts(er.audit(Forgets().eval(), er.Sequence(), er.TimeWarp(), x, **FEW))
    assert found["zeros before"] == "broken"
