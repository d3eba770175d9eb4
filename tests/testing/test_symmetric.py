"""`er.testing.assert_symmetric` passes where the audit passes and says why not where it does not."""

import pytest
import torch
from torch import nn

import erlangen as er
from erlangen import testing
from erlangen.domains import Grid, HexGrid
from erlangen.errors import InputError
from erlangen.groups import C, D, Translations
from erlangen.task import Equivariant
from tests.auditing.models import Hexagonal, isotropic_classifier, isotropic_field, noise, plain_classifier


def test_a_symmetric_model_passes_without_inputs_of_one_s_own():
    report = testing.assert_symmetric(isotropic_classifier(), Grid(2), D(4))
    assert report.passed
    assert report.settings["shape"] == [1, 16, 16]
    assert testing.assert_symmetric(isotropic_field(3, group=C(4)), Grid(3), C(4), output=Equivariant(2)).passed
    hexagonal = testing.random_inputs(Hexagonal(), HexGrid(), 0)
    assert [tuple(x.shape) for x in hexagonal] == [(16, 1, 17, 17)]


def test_a_broken_model_fails_with_the_report():
    x = noise(16, 1, 12, 12)
    with pytest.raises(AssertionError, match=r"BROKEN: A chain of 7 layers \(Sequential\) under C\(4\)") as caught:
        testing.assert_symmetric(plain_classifier(), Grid(2), C(4), x)
    assert "Cause: flatten" in str(caught.value)


def test_an_undefined_answer_does_not_pass():
    with pytest.raises(AssertionError, match="UNDEFINED"):
        testing.assert_symmetric(lambda x: torch.ones(len(x), 2), Grid(2), C(4))


def test_a_break_at_even_sizes_only_is_found():
    """Stride 2 samples an odd grid symmetrically about its centre and an even one not."""
    strided = nn.Sequential(isotropic_field()[0], nn.AvgPool2d(1, stride=2), nn.AdaptiveAvgPool2d(1)).eval()
    odd, even = testing.random_inputs(strided, Grid(2), 0)
    assert testing.assert_symmetric(strided, Grid(2), D(4), odd, shifts=[2]).passed
    with pytest.raises(AssertionError):
        testing.assert_symmetric(strided, Grid(2), D(4), even)
    with pytest.raises(AssertionError):
        testing.assert_symmetric(strided, Grid(2), D(4))


def test_a_tolerance_lets_an_approximate_symmetry_pass():
    circular = isotropic_field(padding_mode="circular")

    def nearly(x):
        return circular(x) + 0.01 * x[..., :1, :1]

    with pytest.raises(AssertionError, match="APPROXIMATE"):
        testing.assert_symmetric(nearly, Grid(2), Translations(), output=Equivariant(2))
    assert testing.assert_symmetric(nearly, Grid(2), Translations(), output=Equivariant(2), tolerance=0.1).passed


def test_a_model_that_cannot_take_the_random_inputs_says_so():
    with pytest.raises(InputError, match="model raised"):
        testing.assert_symmetric(plain_classifier(), Grid(2), C(4))


def test_the_random_inputs_can_be_made_again():
    def corner(x):
        return x[..., 0, 0]

    with pytest.raises(AssertionError) as caught:
        testing.assert_symmetric(corner, Grid(2), D(4), seed=5)
    call = " ".join(str(caught.value).split("Replay: ")[1].split())
    assert "er.testing.random_inputs(model, er.Grid(2), 5)[0]" in call
    assert eval(call, {"er": er, "model": corner}).verdict == "broken"
