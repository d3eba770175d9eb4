"""Modules, functions and methods are read alike; steps become a chain with branches."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from erlangen.errors import TaskError
from erlangen.repairing.channels import Channels
from erlangen.repairing.steps import steps_of
from erlangen.repairing.tree import Beside, steps_in, tree_of
from tests.repairing.networks import Residual, U


class InFunctions(nn.Module):
    """Every function that is read."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm, self.read = nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.conv(x)).relu_()
        x = F.avg_pool2d(F.gelu(x), kernel_size=2)
        x = F.dropout(F.interpolate(x, scale_factor=2.0, mode="bilinear"), 0.1, training=False)
        x = F.max_pool2d(torch.tanh(x) + F.silu(x), 4, 4)
        return self.read(F.adaptive_avg_pool2d(torch.sigmoid(x), (1, 1)).reshape(x.shape[0], -1))


def test_functions_and_methods_are_read() -> None:
    found = steps_of(InFunctions())
    kinds = [step.kind for step in found.steps.values()]
    first = ["convolution", "norm", "function", "function", "pool", "up", "same", "function", "function", "add"]
    assert kinds == [*first, "pool", "function", "whole", "flatten", "dense"]
    pools = [(step["method"], step["halvings"]) for step in found.steps.values() if step.kind == "pool"]
    assert pools == [("average", 1), ("max", 2)]


def test_groups_are_written_out() -> None:
    conv = nn.Conv2d(6, 4, 3, padding=1, groups=2)
    step = next(iter(steps_of(nn.Sequential(conv)).steps.values()))
    x = torch.randn(2, 6, 5, 5)
    assert torch.allclose(F.conv2d(x, step["weight"], step["bias"], padding=1), conv(x), atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (nn.Conv2d(1, 2, 3, stride=3), "Conv2d"),
        (nn.Conv2d(1, 2, 3, stride=(1, 2)), "Conv2d"),
        (nn.MaxPool2d(3, 3), "MaxPool2d"),
        (nn.MaxPool2d(2, 1), "MaxPool2d"),
        (nn.AdaptiveAvgPool2d(2), "AdaptiveAvgPool2d"),
        (nn.LeakyReLU(0.3), "LeakyReLU"),
        (nn.Upsample(scale_factor=3), "Upsample"),
        (nn.BatchNorm2d(1, track_running_stats=False), "BatchNorm2d"),
        (nn.Flatten(2), "Flatten"),
    ],
    ids=str,
)
def test_a_step_that_has_no_symmetric_counterpart_is_named(layer: nn.Module, said: str) -> None:
    with pytest.raises(TaskError, match=said):
        steps_of(nn.Sequential(layer))


class Deciding(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x if x.sum() > 0 else -x


def test_what_decides_by_its_values_cannot_be_traced() -> None:
    with pytest.raises(TaskError, match="cannot be traced"):
        steps_of(Deciding())


def test_branches_stand_beside_each_other() -> None:
    tree = tree_of(steps_of(Residual()))
    beside = [part for part in tree if isinstance(part, Beside)]
    assert [[len(branch) for branch in part.branches] for part in beside] == [[0, 2], [3, 1]]
    assert {step.name for step in steps_in(tree)} == set(steps_of(Residual()).steps)
    (u,) = [part for part in tree_of(steps_of(U())) if isinstance(part, Beside)]
    assert u.join.kind == "concatenate" and [len(branch) for branch in u.branches] == [4, 0]


def test_sums_tie_channels_and_concatenations_line_them_up() -> None:
    found = steps_of(Residual())
    channels = Channels(found)
    tied = [name for name in found.steps if channels.bundles_at(name) == channels.bundles_at("stem")]
    assert {"stem", "first", "norm", "add"} <= set(tied)
    assert channels.bundles_at("second") == channels.bundles_at("shortcut") != channels.bundles_at("down")
    lined = Channels(steps_of(U()))
    assert lined.bundles_at("cat") == (*lined.bundles_at("coarse"), *lined.bundles_at("fine"))


# ---- what is read, and what only looks as if it could be ----------------------------------------------------------
class Adding(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.add(x, torch.relu(x), alpha=2)


class Rows(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x).mean(2)


class Ends(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.flatten(torch.relu(x), 1, 2)


class Batch(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x).view(1, -1)


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (Adding(), "add"),
        (Ends(), "flatten"),
        (Batch(), "view"),
        (nn.Sequential(nn.MaxPool2d(2, 3)), "MaxPool2d"),
        (nn.Sequential(nn.MaxPool2d(2, 2, padding=1)), "MaxPool2d"),
        (nn.Sequential(nn.MaxPool2d(3, 2, padding=1, dilation=2)), "MaxPool2d"),
        (nn.Sequential(nn.AvgPool2d(4, 4, padding=2)), "AvgPool2d"),
        (nn.Sequential(nn.Conv2d(1, 2, 3, padding=2)), "Conv2d"),
        (nn.Sequential(nn.Upsample(scale_factor=2.0, mode="bicubic")), "Upsample"),
    ],
    ids=str,
)
def test_what_only_looks_like_a_step_is_refused(layer: nn.Module, said: str) -> None:
    with pytest.raises(TaskError, match=said):
        steps_of(layer)


def test_a_mean_over_rows_alone_is_not_one_over_all_places() -> None:
    (relu, mean) = steps_of(Rows()).steps.values()
    assert (relu.kind, mean.kind, mean["axes"]) == ("function", "whole", 1)
