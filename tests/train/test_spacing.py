"""A task on volumes says what their voxels are: other proportions are refused, another unit is not."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from erlangen.data import DataSet, TensorPair
from erlangen.domains import Grid, HexGrid
from erlangen.errors import ConfigError
from erlangen.train import ReportSection, TaskSection, run
from erlangen.train.evaluate import scores
from erlangen.train.held import BATCH, POINTS, at_once
from erlangen.train.spacing import check_spacing
from tests.train.small import files_in, small_config


@pytest.mark.parametrize(
    ("domain", "spacing", "fits"),
    [
        (Grid(3), None, True),
        (Grid(3, spacing=(1, 1, 5)), None, True),
        (Grid(3), (2.0, 2.0, 2.0), True),
        (Grid(3, spacing=(1, 1, 5)), (0.5, 0.5, 2.5), True),
        (Grid(3, spacing=(1, 1, 5)), (0.5, 0.5, 2.5004), True),
        (Grid(3), (1.0, 1.0, 5.0), False),
        (Grid(3, spacing=(1, 1, 5)), (1.0, 1.0, 1.0), False),
        (Grid(3, spacing=(1, 1, 5)), (5.0, 1.0, 1.0), False),
        (Grid(2), (1.0, 2.0), False),
        (HexGrid(), (1.0, 1.0), True),
    ],
)
def test_proportions_count_and_units_do_not(domain, spacing, fits: bool) -> None:
    if fits:
        check_spacing(domain, spacing, "heads", "task.domain")
    else:
        with pytest.raises(ConfigError, match=r"whose voxels are .*Set task.domain = .Grid\(\d, spacing="):
            check_spacing(domain, spacing, "heads", "task.domain")


def slices() -> DataSet:
    """Where is it bright? Volumes of thick slices."""
    x = [torch.rand(n, 1, 6, 6, 4, generator=torch.Generator().manual_seed(n)) for n in (8, 2, 3)]
    parts = [TensorPair(part, (part[:, 0] > 0.5).long()) for part in x]
    return DataSet(*parts, ("dark", "bright"), "slices", "CC0", "made here", spacing=(1.0, 1.0, 5.0))


def test_a_run_on_volumes_asks_for_their_spacing_and_keeps_its_group(tmp_path: Path) -> None:
    task = TaskSection("Grid(3)", "Equivariant(2)", "D(4) * Mirror()", 1)
    config = small_config(task=task, report=ReportSection())
    with pytest.raises(ConfigError, match=r"Grid\(3\) for slices.*1 × 1 × 5"):
        run(config, slices(), tmp_path / "run")
    assert files_in(tmp_path) == set()
    told = replace(config, task=replace(task, domain="Grid(3, spacing=(1, 1, 5))"))
    told = replace(told, network=replace(config.network, width=16), train=replace(config.train, epochs=1))
    results = run(told, slices(), tmp_path / "run")
    assert len(results.elements) == 16
    agreeing, decided = results.agreement("derived")
    assert agreeing == decided > 0


def test_large_inputs_go_through_in_small_batches() -> None:
    seen = []

    class Net(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            seen.append(len(x))
            return x.flatten(1).sum(1, keepdim=True)

    large = torch.zeros(5, 2, 128, 128, 32)
    assert scores(Net(), large).shape == (5, 1)
    assert at_once(large) == POINTS // (128 * 128 * 32) == 2 and seen == [2, 2, 1]
    assert at_once(torch.zeros(1, 1, 8, 8)) == BATCH
