"""One trace gives the graph that torch.export gives, in other words; and nothing that looks at values is traced."""

import pytest
import torch
from torch import nn

import erlangen as er
from erlangen.auditing.proof import program
from erlangen.auditing.proof.field import Field
from erlangen.auditing.proof.program import Program, _Answering, _traced
from erlangen.auditing.proof.values import Undecided


def whole(y: torch.Tensor) -> torch.Tensor:
    return y


NETWORKS = {
    "classes": lambda: er.derive(er.Task(er.Grid(2), er.C(4), 1, er.Invariant(3)), width=8, depth=1),
    "hexagons": lambda: er.derive(er.Task(er.HexGrid(), er.C(3), 2, er.Equivariant(2)), width=6, depth=1, scales=2),
    "strands": lambda: er.derive(er.Task(er.Dna(), None, None, er.Invariant(2)), width=8, depth=1),
    "plain": lambda: nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(), nn.Linear(147, 2)),
    "instance norm": lambda: nn.Sequential(nn.Conv2d(1, 3, 3), nn.InstanceNorm2d(3, affine=True), nn.MaxPool2d(2)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_both_graphs_compute_the_same_residues(name: str, monkeypatch: pytest.MonkeyPatch):
    net = NETWORKS[name]().eval()
    shape = {"strands": (4, 24), "hexagons": (2, 9, 9)}.get(name, (1, 9, 9))
    example = torch.zeros(1, *shape)
    wrapped, field = _Answering(net, whole).eval(), Field(0)
    assert _traced(wrapped, example) is not None, "torch.export would take several times as long"
    traced = Program(net, example, whole)
    monkeypatch.setattr(program, "_traced", lambda wrapped, example: None)
    exported = Program(net, example, whole)
    assert len(exported.graph.nodes) != len(traced.graph.nodes) or exported.names != traced.names
    x = field.random(tuple(example.shape))
    assert field.equal(traced.run(field, x), exported.run(field, x))


class Looking(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x if float(x.sum()) >= 0 else -x


class Keeping(nn.Module):
    """What it is given once is added to what it is given next."""

    def __init__(self):
        super().__init__()
        self.register_buffer("held", torch.zeros(1, 1, 4, 4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.held.add_(x)
        return self.held * 1.0


class Outside(nn.Module):
    """What numpy makes of it, as a runtime of others would."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(x.detach().cpu().numpy() * 2)


@pytest.mark.parametrize("model", [Looking(), Keeping(), Outside()])
def test_what_looks_at_values_or_writes_them_down_is_not_traced(model: nn.Module):
    assert _traced(_Answering(model, whole).eval(), torch.zeros(1, 1, 4, 4)) is None


@pytest.mark.parametrize("model", [Looking(), Outside()])
def test_a_model_that_looks_at_values_is_not_decided(model: nn.Module):
    with pytest.raises(Undecided, match="torch.export"):
        Program(model, torch.zeros(1, 1, 4, 4), whole)


def test_tracing_leaves_no_hooks_and_no_stand_ins_behind():
    net = NETWORKS["classes"]().eval()
    x = torch.randn(2, 1, 9, 9)
    before = net(x)
    Program(net, x, whole)
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in net.modules())
    assert torch.equal(net(x), before)
