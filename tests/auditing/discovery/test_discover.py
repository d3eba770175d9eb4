"""The door: what it takes, what it refuses, and a result that says no more than it knows."""

import json

import pytest
import torch
from torch import nn

import erlangen as er
from erlangen.auditing import Discovery
from erlangen.errors import DomainError, GroupError, InputError, TaskError
from tests.auditing.models import isotropic_classifier, noise

X = noise(16, 1, 9, 9)


def mean(x):
    return x.flatten(2).mean(2)


def test_the_result_is_plain_data_and_text():
    found = er.discover(isotropic_classifier(), er.Grid(2), [er.D(4)], X, name="Mine")
    assert isinstance(found, Discovery)
    said = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert said["largest"] == ["D(4)"] and len(said["groups"]) == 9 and said["tests"] == 6
    assert str(found).startswith("Mine: Of 9 candidate groups on Grid(2) the largest that stand: D(4) proved for all")
    assert "⟨r m⟩" in str(found)
    assert max(map(len, str(found).splitlines())) <= 120
    with pytest.raises(AttributeError):
        found.largest = ()  # pyright: ignore[reportAttributeAccessIssue]


def test_data_are_never_said_to_hold():
    found = er.discover(noise(100, 2), None, [er.C(4)])
    assert found.largest == (er.C(4),)
    assert "C(4) not rejected on 100 inputs, which proves nothing" in found.sentence
    assert "in one pose are found 4 times of 5" in found.sentence
    assert "hold" not in str(found).replace("Holm", "")


def test_equal_seeds_give_equal_results():
    x = noise(40, 2)
    assert er.discover(x, None, er.C(4), seed=3) == er.discover(x, None, er.C(4), seed=3)


def test_a_model_is_given_back_as_it_was():
    model = isotropic_classifier().train()
    er.discover(model, er.Grid(2), er.C(2), X)
    assert model.training and all(p.grad is None for p in model.parameters())


def test_the_groups_that_the_answer_s_representation_knows_are_judged():
    with pytest.warns(UserWarning, match=r"Only C\(2\) was judged"):
        found = er.discover(
            lambda x: x[:, :, 4, 4] * 0 + (x - x.flip((2, 3))).sum((2, 3)), er.Grid(2), [er.D(4)], X,
            er.Equivariant(er.C(2).irrep(1), pooled=True),
        )  # fmt: skip
    assert [row.group for row in found.groups] == [er.C(2)]


def test_a_derived_network_keeps_what_was_declared():
    task = er.Task(er.Grid(2), er.C(4), 1, er.Invariant(3))
    found = er.discover(er.derive(task, width=8, depth=2), er.Grid(2), er.D(4), X)
    assert found.largest == (er.C(4),) and found.row(er.C(4)).verdict == "proved"


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ((nn.Identity(), er.Grid(2), er.D(4)), InputError, "a model without inputs"),
        ((X, er.Grid(2), er.D(4), X), InputError, "data alone"),
        ((nn.Identity(), "plane", er.D(4), X), DomainError, "a lattice"),
        ((nn.Identity(), er.Grid(2), [], X), GroupError, "a list of groups"),
        ((nn.Identity(), er.Grid(2), ["D4"], X), GroupError, "a group with elements"),
        ((mean, er.Grid(2), [er.C(1)], X), InputError, "at least two motions"),
        ((nn.Identity(), er.Grid(2), "linear", X), InputError, "with domain None"),
        ((nn.Identity(), None, None, X[:, 0, 0]), GroupError, "no candidates"),
        ((nn.Identity(), None, er.C(2), X), InputError, "vectors"),
        ((mean, er.Sequence(), None, X[:, 0]), InputError, "at least two motions"),
        (("words", er.Grid(2), er.D(4)), InputError, "neither a model nor samples"),
        ((mean, er.Grid(2), er.D(4), X, "invariant"), TaskError, "Invariant"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, error, said):
    with pytest.raises(error, match=said):
        er.discover(*arguments)


@pytest.mark.parametrize("wrong", [{"alpha": 0}, {"alpha": 2}, {"tolerance": -1}, {"seed": -1}, {"proof": 1}])
def test_choices_out_of_range_are_refused(wrong):
    with pytest.raises(InputError):
        er.discover(lambda x: torch.ones(len(x), 1), er.Grid(2), er.C(4), X, **wrong)
