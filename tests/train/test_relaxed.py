"""A relaxed network in a run: it pays its prior, its file says so, and the report what it learnt."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

import erlangen as er
from erlangen.blueprint import Blueprint
from erlangen.blueprint.relaxed import relaxed_kernels
from erlangen.errors import ConfigError
from erlangen.train import NetworkSection, TrainSection, load_network, run, write_report
from erlangen.train.judging import judge_of
from erlangen.train.module import Learner
from erlangen.train.networks import task_of
from erlangen.train.toml import read_config
from tests.train.small import small_config, small_data

RELAXED = NetworkSection(width=8, depth=1, scales=2, choices={"relaxed": 0.5})


def learner(net: torch.nn.Module, examples: int) -> Learner:
    task, data = task_of(small_config().task), small_data()
    made = Learner(net, task, TrainSection(), 0, False, judge_of(task, data, TrainSection()), examples)
    made.log = lambda *_, **__: None  # type: ignore[method-assign]
    return made


def test_a_step_pays_the_prior_once_for_all_examples() -> None:
    torch.manual_seed(0)
    net = er.derive(task_of(small_config().task), width=8, depth=1, scales=2, relaxed=0.5)
    for _, kernel in relaxed_kernels(net):
        for block in kernel.free.blocks.values():
            torch.nn.init.normal_(block.weight)
    inputs, targets = small_data().train.batch(list(range(16)))
    alone = torch.nn.functional.cross_entropy(net(inputs), targets)
    for examples in (10, 1000):
        loss = learner(net, examples).training_step((inputs, targets), 0)
        paid = (loss - alone).detach()
        assert float(paid) == pytest.approx(float(net.prior().detach()) / examples, rel=1e-3)
    plain = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(36, 3))
    loss = learner(plain, 10).training_step((inputs, targets), 0)
    assert torch.equal(loss, torch.nn.functional.cross_entropy(plain(inputs), targets))


def test_a_run_reports_what_it_learnt(tmp_path: Path) -> None:
    config, data = small_config(network=RELAXED), small_data()
    write_report(config, data, run(config, data, tmp_path), tmp_path)
    net, _ = load_network(tmp_path / "seed-0" / "derived" / "network.safetensors")
    assert isinstance(net, Blueprint) and net.recipe["layers"][0]["choices"]["relaxed"] == 0.5
    assert all(share > 0 for share in net.relaxation().values())
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "what breaks the symmetry, derived, first seed" in page and "of layers.0" in page
    assert "free to break it where the data do" in page and "by construction" not in page
    assert "breaks it" in (tmp_path / "explain.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("written", "read"),
    [("true", {"relaxed": True}), ("0.3", {"relaxed": 0.3}), ("1", {"relaxed": 1}), ("false", {})],
)
def test_a_file_says_it(tmp_path: Path, written: str, read: dict[str, Any]) -> None:
    file = tmp_path / "mine.toml"
    task = '[task]\ndomain = "Grid(2)"\nsymmetry = "C(4)"\ninput = 1\noutput = "Invariant(3)"\n'
    file.write_text(f"{task}[network]\nrelaxed = {written}\n")
    found = read_config(file).network
    assert found == replace(NetworkSection(), choices=read)
    file.write_text(f'{task}[network]\nrelaxed = "a little"\n')
    with pytest.raises(ConfigError, match="true or false or a number"):
        read_config(file)
