"""Two processes that share every batch end where one alone does; and what is asked of those who start them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from erlangen.errors import ConfigError
from erlangen.train import TrainSection, run
from erlangen.train.batches import Batches, Share
from erlangen.train.processes import check_world, is_first, rank, world
from tests.train import together
from tests.train.small import files_in, small_config, small_data

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


def numbers(data: Any) -> Iterator[float]:
    """All figures of a history or a result, one behind the other, but for the seconds."""
    if isinstance(data, dict):
        for key in sorted(data):
            if key != "seconds":
                yield from numbers(data[key])
    elif isinstance(data, list):
        for value in data:
            yield from numbers(value)
    elif isinstance(data, int | float):
        yield data


def test_two_processes_end_where_one_alone_does(tmp_path: Path) -> None:
    alone, shared = tmp_path / "alone", tmp_path / "shared"
    told = subprocess.run(
        [*TORCHRUN, "-m", "tests.train.together", str(shared)], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr[-3000:]
    together.main(alone)
    assert files_in(shared) == files_in(alone)
    for name in files_in(alone):
        if name.endswith(".safetensors"):
            for key, one in load_file(alone / name).items():
                torch.testing.assert_close(load_file(shared / name)[key], one, atol=2e-5, rtol=1e-3)
        if name.endswith("result.json"):
            one, two = (list(numbers(json.loads((folder / name).read_text()))) for folder in (alone, shared))
            assert two == pytest.approx(one, rel=1e-4, abs=1e-5), name


def test_shares_are_disjoint_and_make_up_the_batch() -> None:
    whole = list(Batches(46, 8, seed=1))
    parts = [list(Batches(46, 8, seed=1, share=Share(i, 3))) for i in range(3)]
    for batch, *shares in zip(whole, *parts, strict=True):
        assert sorted(chain.from_iterable(shares)) == sorted(batch)
    parts = [list(Batches(45, 8, seed=1, share=Share(i, 3))) for i in range(3)]  # the last five would leave one alone
    assert sorted(chain.from_iterable(chain.from_iterable(parts))) == list(range(45))
    assert min(len(share) for shares in parts for share in shares) >= 2


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"WORLD_SIZE": "4", "RANK": "3"}, (4, 3)),
        ({"SLURM_STEP_NUM_TASKS": "8", "SLURM_PROCID": "5"}, (8, 5)),
        ({"SLURM_NTASKS": "4", "SLURM_PROCID": "0"}, (1, 0)),
        ({"WORLD_SIZE": "2", "RANK": "0", "SLURM_STEP_NUM_TASKS": "1"}, (2, 0)),
        ({}, (1, 0)),
    ],
)
def test_who_this_is_is_told_by_torchrun_or_slurm(
    monkeypatch: pytest.MonkeyPatch, told: dict[str, str], expected: tuple[int, int]
) -> None:
    for name in ("WORLD_SIZE", "RANK", "SLURM_STEP_NUM_TASKS", "SLURM_PROCID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert (world(), rank()) == expected
    assert is_first() == (expected[1] == 0)


def test_a_run_of_fewer_processes_than_it_asks_for_is_refused(tmp_path: Path) -> None:
    settings = TrainSection(devices=2, nodes=4)
    with pytest.raises(ConfigError, match="8 processes"):
        check_world(settings)
    with pytest.raises(ConfigError, match="torchrun --nnodes 4 --nproc-per-node 2"):
        run(small_config(train=settings), small_data(), tmp_path / "run")
    assert not (tmp_path / "run").exists()
