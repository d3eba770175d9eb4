"""What a report says to type shows its worst case again."""

import inspect
from dataclasses import fields

import pytest
import torch
from torch import nn

import erlangen as er
from erlangen.auditing.plan import Options
from erlangen.auditing.replay import DEFAULTS
from tests.auditing.models import isotropic_classifier, isotropic_field, noise, plain_classifier

X = noise(16, 1, 12, 12)


def turned(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return x.flatten(1), x.mean((2, 3))


@pytest.mark.parametrize(
    ("model", "domain", "group", "x", "options"),
    [
        (plain_classifier(), er.Grid(2), er.D(4), X, {"bootstrap": 50, "seed": 2}),
        (turned, er.Grid(2), er.SO(2), X, {"select": 0, "max_elements": 6, "proof": False}),
        (nn.Conv2d(1, 1, 3), er.HexGrid(), er.D(6), noise(16, 1, 9, 9), {"proof": False}),
        (nn.Conv1d(4, 2, 3, padding=1), er.Dna(), er.Mirror(), noise(16, 4, 12), {"shifts": [1], "proof": False}),
        (
            nn.Conv3d(1, 1, 3, padding=1),
            er.Grid(3, spacing=(1, 1, 2)),
            er.C(4) * er.Mirror(),
            noise(16, 1, 5, 5, 5),
            {"output": er.Equivariant(1), "proof": False},
        ),
        (plain_classifier(), er.Grid(2, boundary="periodic"), er.Translations(), X, {"stride": 2, "proof": False}),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_call_shows_the_worst_case_again(model, domain, group, x, options):
    report = er.audit(model, domain, group, x, **options)
    assert not report.passed
    said = report.settings["replay"]
    assert " ".join(str(report).split("Replay: ")[1].split()) == " ".join(said.split())
    again = eval(said, {"er": er, "model": model, "inputs": x})
    kept = ("element", "error", "low", "high", "verdict")
    assert [getattr(again.worst, name) for name in kept] == [getattr(report.worst, name) for name in kept]
    assert again.worst.case.index == report.worst.case.index
    assert eval(again.settings["replay"], {"er": er, "model": model, "inputs": x}).error == again.error


def test_what_passes_is_replayed_whole_and_its_text_is_silent():
    report = er.audit(isotropic_classifier(), er.Grid(2), er.C(4), X, er.Invariant(10), proof=False)
    assert report.settings["replay"] == (
        "er.audit(model, er.Grid(2), er.C(4), inputs, output=er.Invariant(n=10), proof=False, seed=0)"
    )
    assert "Replay" not in str(report)


def test_what_has_no_text_stands_by_its_name():
    group = er.C(4)
    report = er.audit(
        isotropic_field(),
        er.Grid(2),
        group,
        X,
        er.Equivariant(2 * group.trivial),
        input=group.trivial,
        select=lambda y: y,
        proof=False,
    )
    said = "output=output, input=input, select=select, proof=False, seed=0)"
    assert report.settings["replay"].endswith(said)


def test_the_page_and_the_dictionary_say_it(tmp_path):
    report = er.audit(plain_classifier(), er.Grid(2), er.C(4), X, proof=False)
    page = report.to_html(tmp_path / "a.html").read_text(encoding="utf-8")
    assert "Replay:" in page
    assert "er.audit(model, er.Grid(2), er.C(4), inputs" in page
    assert report.to_dict()["settings"]["replay"] == report.settings["replay"]


def test_every_choice_of_an_audit_is_known():
    """An option that is new joins the call, too."""
    taken = inspect.signature(er.audit).parameters
    assert {*DEFAULTS, "seed"} == {field.name for field in fields(Options)}
    assert {name: taken[name].default for name in DEFAULTS} == DEFAULTS
