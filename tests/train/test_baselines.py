"""The plain network has as many parameters as the derived one and is made of torch's own layers."""

from typing import Any

import pytest
import torch
from torch import nn

from erlangen.blueprint import derive
from erlangen.domains import Grid, HexGrid, Sphere
from erlangen.errors import TaskError
from erlangen.groups import C, D, Mirror, Octahedral
from erlangen.task import Equivariant, Invariant, Task
from erlangen.train import plain_twin
from erlangen.train.baselines import parameters
from erlangen.train.pictures import RoundConv2d

CASES: list[tuple[Task, tuple[int, ...], dict[str, Any]]] = [
    (Task(Grid(2), C(4), 1, Invariant(10)), (8, 8), {"width": 16}),
    (Task(Grid(2), D(4), 3, Invariant(4)), (9, 12), {"width": 32, "scales": 2, "pool": "max", "kernel_size": 5}),
    (Task(Grid(2), C(4), 1, Equivariant(3)), (9, 9), {"width": 16, "depth": 1, "scales": 2}),
    (Task(Grid(1), Mirror(), 2, Invariant(3)), (20,), {"width": 16, "depth": 1}),
    (Task(Grid(3), Octahedral(), 1, Invariant(2)), (5, 5, 5), {"width": 48, "depth": 1, "scales": 2}),
    (Task(HexGrid(), C(6), 1, Invariant(3)), (9, 9), {"width": 24, "scales": 2}),
    (Task(Grid(2), C(4), 1, Invariant(3)), (8, 8), {"width": 16, "fields": C(4).regular, "fibre": "mean"}),
]


@pytest.mark.parametrize(("task", "size", "choices"), CASES)
def test_the_twin_has_as_many_parameters_and_the_same_shapes(task: Task, size: tuple[int, ...], choices: dict) -> None:
    net = derive(task, **choices)
    shape = {name: value for name, value in choices.items() if name != "width"}
    twin = plain_twin(net, task, **shape)
    assert abs(parameters(twin) / parameters(net) - 1) <= 0.05
    x = torch.randn(2, task.source.channels, *size)
    assert twin(x).shape == net(x).shape
    twin(x).sum().backward()
    assert all(p.grad is not None for p in twin.parameters())


def test_the_twin_is_made_of_torchs_own_layers_and_sees_orientation() -> None:
    task = Task(Grid(2), C(4), 1, Invariant(10))
    twin = plain_twin(derive(task, width=16), task)
    learning = {type(m) for m in twin.modules() if any(True for _ in m.parameters(recurse=False))}
    assert learning == {nn.Conv2d, nn.BatchNorm2d, nn.Linear}
    x = torch.randn(4, 1, 8, 8)
    twin.eval()
    assert (twin(x) - twin(torch.rot90(x, 1, (-2, -1)))).abs().max() > 1e-3


def test_searching_does_not_change_the_weights_drawn() -> None:
    task = Task(Grid(2), C(4), 1, Invariant(10))
    net = derive(task, width=16)
    twins = []
    for _ in range(2):
        torch.manual_seed(5)
        twins.append(plain_twin(net, task).state_dict())
    assert all(torch.equal(a, b) for a, b in zip(twins[0].values(), twins[1].values(), strict=True))


def test_a_network_that_no_width_matches_is_refused() -> None:
    task = Task(Grid(2), D(4), 1, Invariant(2))
    with pytest.raises(TaskError, match="greater width"):
        plain_twin(nn.Linear(2, 2), task)


@pytest.mark.parametrize("output", [Invariant(10), Equivariant(2)])
def test_on_the_sphere_it_is_a_cnn_on_the_picture_whose_columns_go_round(output: Invariant | Equivariant) -> None:
    twin = plain_twin(nn.Linear(200, 200), Task(Sphere(), None, 3, output), 1, 1).eval()
    assert abs(parameters(twin) / parameters(nn.Linear(200, 200)) - 1) <= 0.05
    assert all(isinstance(m, RoundConv2d) for m in twin.modules() if isinstance(m, nn.Conv2d))
    x = torch.randn(2, 3, 9, 18)
    answers, moved = twin(x), twin(x.roll(5, -1))
    torch.testing.assert_close(moved, answers if answers.dim() == 2 else answers.roll(5, -1), rtol=1e-4, atol=1e-5)
    tilted = x.transpose(-1, -2)[..., :9, :]  # another picture
    assert (twin(torch.cat([tilted, tilted], -1)) - answers).abs().max() > 1e-3
