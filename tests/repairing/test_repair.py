"""The whole of it: measured as given, projected and repaired, beside what else could be done with the same data."""

import json
from typing import Any

import pytest
import torch
from torch import nn

import erlangen as er
from erlangen.errors import SymmetryError
from erlangen.repairing import Repaired
from erlangen.train import TrainSection
from tests.repairing.networks import disguised, pictures, trained
from tests.train.small import strokes

TASK = er.Task(er.Grid(2), er.C(2), 1, er.Invariant(3))
QUICK = TrainSection(epochs=4, learning_rate=0.01, batch_size=16, patience=4, threads=1)


def plain() -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(288, 3)),
    )


@pytest.fixture(scope="module")
def learnt() -> nn.Module:
    """A network that tells bars from crosses, if they stand to the left."""
    torch.manual_seed(0)
    net, pair = plain(), strokes(96, 0)
    optimizer = torch.optim.Adam(net.parameters(), 0.01)
    for _ in range(40):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(pair.inputs), pair.targets).backward()
        optimizer.step()
    return net.eval()


@pytest.fixture(scope="module")
def repaired(learnt: nn.Module) -> Repaired:
    examples, test = strokes(60, 1), strokes(48, 2)
    report = er.audit(learnt, er.Grid(2), er.C(2), test.inputs, er.Invariant(3))
    assert report.verdict == "broken"
    told: list[str] = []
    found = er.repair(
        learnt,
        report,
        examples.inputs,
        examples.targets,
        test=(test.inputs, test.targets),
        settings=QUICK,
        tell=told.append,
    )
    assert told == ["repaired", "canonicalized", "from scratch"]
    return found


def test_every_stage_is_measured(repaired: Repaired) -> None:
    names = ["as given", "projected", "repaired", "averaged", "canonicalized", "from scratch"]
    assert [stage.name for stage in repaired.stages] == names
    assert repaired["as given"].verdict == "broken" and repaired["averaged"].calls == 2
    for name in ("projected", "repaired", "from scratch"):
        stage = repaired[name]
        assert stage.verdict in ("proved", "exact") and stage.still == stage.moved
        assert stage.parameters < repaired["as given"].parameters
    assert repaired["repaired"].still >= repaired["projected"].still
    assert repaired["repaired"].still > 0.6


def test_what_comes_out_is_the_network_that_was_measured(repaired: Repaired) -> None:
    test = strokes(48, 2)
    right = float((repaired.net(test.inputs).argmax(1) == test.targets).double().mean())
    assert right == pytest.approx(repaired["repaired"].still)
    assert not repaired.net.training and repaired.net.task == TASK


def test_it_prints_a_table_and_goes_into_json(repaired: Repaired) -> None:
    lines = str(repaired).splitlines()
    assert lines[0].split() == ["right", "moved", "audit", "parameters", "calls", "multiply-adds"]
    assert [line.split("  ")[0] for line in lines[1:7]] == [stage.name for stage in repaired.stages]
    assert len({line.rstrip().rfind(" ") for line in lines[1:4]}) == 1  # aligned
    assert "Repaired from an ordinary network" in str(repaired)
    assert json.loads(json.dumps(repaired.to_dict()))["stages"][2]["name"] == "repaired"


def test_costs_are_counted(repaired: Repaired) -> None:
    """The repaired network costs what the model does, the averaged one as often as the group has elements."""
    cost = {stage.name: stage.multiply_adds for stage in repaired.stages}
    convolutions, read = 36 * 9 * (8 + 8 * 8), 288 * 3
    assert cost["as given"] == convolutions + read == cost["averaged"] // 2
    assert cost["repaired"] == cost["projected"] == cost["from scratch"] >= convolutions
    assert cost["canonicalized"] > cost["as given"]


def test_a_wider_one_learns_beside_what_is_asked_for(learnt: nn.Module) -> None:
    """From scratch are layers of the same width; what is not named is not computed."""
    pair = strokes(60, 1)
    found = er.repair(learnt, TASK, pair.inputs, pair.targets, width=2, compare=["from scratch"], settings=QUICK)
    assert [stage.name for stage in found.stages] == ["as given", "projected", "repaired", "from scratch"]
    narrow = er.repair(learnt, TASK, pair.inputs)
    wide, scratch = found["repaired"], found["from scratch"]
    assert wide.parameters == scratch.parameters > 1.5 * narrow["projected"].parameters
    assert wide.multiply_adds == scratch.multiply_adds > 1.5 * narrow["projected"].multiply_adds
    assert wide.verdict in ("proved", "exact") and found.to_dict()["fields"]["_0"]["free"] == [
        1,
        3,
        5,
        7,
        9,
        11,
        13,
        15,
    ]


@pytest.mark.parametrize("compare", ["averaged", ["everything"], [1]])
def test_what_cannot_stand_beside_it_is_refused(learnt: nn.Module, compare: Any) -> None:
    with pytest.raises(SymmetryError, match="from scratch"):
        er.repair(learnt, TASK, strokes(60, 1).inputs, compare=compare)


def test_without_targets_it_is_projected_and_audited() -> None:
    model = disguised(er.C(4))
    found = er.repair(model, er.Task(er.Grid(2), er.C(4), 1, er.Invariant(5)), pictures(32))
    assert [stage.verdict in ("proved", "exact") for stage in found.stages] == [True, True]
    assert "nan" not in str(found)
    assert str(found).splitlines()[1].split()[2:4] == ["–", "–"]


def test_real_values_are_learnt_too() -> None:
    model = trained(lambda: nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 1, 1))).float()
    x = pictures(40, 6).float()
    y = nn.functional.avg_pool2d(x, 3, 1, 1)
    task = er.Task(er.Grid(2), er.D(4), 1, er.Equivariant(1))
    found = er.repair(model, task, x, y, settings=QUICK, compare=False)
    assert [stage.name for stage in found.stages] == ["as given", "projected", "repaired"] and found.valued
    assert found["repaired"].still < found["projected"].still
    assert str(found).splitlines()[0].split()[0] == "error"


def test_an_audit_of_something_else_is_refused() -> None:
    sets = [torch.randn(3, 2) for _ in range(16)]
    net = er.derive(er.Task(er.Set(), None, 2, er.Invariant(2)), width=8, depth=1).eval()
    report = er.audit(net, er.Set(), er.Relabelling(), [{"x": x} for x in sets])
    with pytest.raises(SymmetryError):
        er.repair(plain(), report, torch.randn(4, 1, 6, 6))
    with pytest.raises(SymmetryError, match="model"):
        er.repair(lambda x: x, TASK, torch.randn(4, 1, 6, 6))  # type: ignore[arg-type]


def test_the_model_stays_in_its_own_mode_and_few_examples_are_refused(learnt: nn.Module) -> None:
    pair = strokes(9, 1)
    learnt.train()
    er.repair(learnt, TASK, pair.inputs)
    assert learnt.training and all(part.training for part in learnt.modules())
    with pytest.raises(SymmetryError, match="9 examples to learn from"):
        er.repair(learnt, TASK, pair.inputs, pair.targets)
    learnt.eval()
