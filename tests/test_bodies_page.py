"""The page of people who stand: its picture is drawn in small; its blocks and tables are with those on real data."""

import sys

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.data import GraphPair, GraphStore
from examples import bodies as example
from tests.skins import tube


def test_the_picture_shows_what_a_network_sees() -> None:
    torch.manual_seed(0)
    skin, builds = tube(), np.random.default_rng(0).uniform(0.8, 1.2, (3, 3))
    face = torch.from_numpy(skin.faces.T.copy())
    store = GraphStore([{"pos": torch.from_numpy(skin.vertices * build).float(), "face": face} for build in builds])
    pair = GraphPair(store, torch.from_numpy(np.tile(skin.weights.argmax(1), 3)))
    task = er.Task(er.Mesh(eigenfunctions=8), output=er.Equivariant(3))
    two = example.picture(er.derive(task, width=8, depth=1).eval(), pair, 2)
    assert two[:4] == b"RIFF" and two[8:12] == b"WEBP"
    assert example.picture(er.derive(task, width=8, depth=1).eval(), pair, 3) != two


def test_wrong_answers_are_told_apart_by_where_they_are() -> None:
    square = {
        "pos": torch.tensor([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]),
        "face": torch.tensor([[0, 0], [1, 2], [2, 3]]),
    }
    pair = GraphPair(GraphStore([square]), torch.tensor([0, 0, 0, 1]))
    right = torch.nn.functional.one_hot(pair.targets, 2).float()
    assert example.wrong_where(Saying(right.roll(1, 1)), pair) == (0.75, 0.0)
    assert example.wrong_where(Saying(right + torch.tensor([[0, 0], [0, 0], [0, 9], [0, 0.0]])), pair) == (1.0, 1.0)


class Saying(torch.nn.Module):
    """These scores, whatever it is asked."""

    def __init__(self, scores: torch.Tensor):
        super().__init__()
        self.scores = scores

    def forward(self, data: object) -> torch.Tensor:
        return self.scores


def test_without_a_run_it_says_what_it_needs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setattr(sys, "argv", ["bodies"])
    example.main()
    assert "erlangen train bodies" in capsys.readouterr().out
