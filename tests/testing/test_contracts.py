"""The contract tests pass what is right and name what is wrong: each is given one thing that breaks its law."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch

from erlangen.domains import Dna, Graph, Grid, HexGrid, Points, Sequence, Set
from erlangen.errors import InputError
from erlangen.groups import SO, C, D, Element, Mirror, Octahedral, S, Trivial
from erlangen.layers import (
    GatedRecurrence,
    Kmers,
    LatticeConv,
    Layer,
    PointPool,
    Pointwise,
    Recurrent,
    StateSpace,
    TimePool,
)
from erlangen.representations import Representation
from erlangen.signal import Space
from erlangen.testing import check_domain, check_group, check_layer, check_representation
from tests.effort import covering
from tests.laws.relabelled import PACKED_LAYERS, PACKED_NETWORKS


@pytest.mark.parametrize("group", [C(6), D(3), S(4), Octahedral(), C(2) * D(3)], ids=repr)
def test_groups_of_the_library_pass(group):
    check_group(group)
    check_representation(group.regular + group.standard)


def test_a_group_whose_product_is_no_product_is_named(monkeypatch):
    group = D(3)
    monkeypatch.setattr(type(group), "matrix", lambda self, g: np.eye(2) * (1 + (g != self.identity)))
    with pytest.raises(AssertionError, match="matrices of"):
        check_group(group)


@dataclass(frozen=True, repr=False)
class Doubled(Representation):
    """ρ(g) = 2 unless g = e: no homomorphism."""

    dim = 1
    name = "doubled"

    def _matrix(self, g: Element) -> np.ndarray:
        return np.array([[1.0 if g == self.group.identity else 2.0]])


def test_a_representation_that_is_no_homomorphism_is_named():
    with pytest.raises(AssertionError, match="ρ\\(gh\\) = ρ\\(g\\) ρ\\(h\\)"):
        check_representation(Doubled(C(4)))


@dataclass(frozen=True, repr=False)
class Lopsided(Grid):
    """A grid that keeps every other site from the first on, so that even sizes lose their centre."""

    def halve(self, values: torch.Tensor, kind: str = "average") -> torch.Tensor:
        return values[..., ::2, ::2]


def test_a_domain_that_coarsens_off_centre_is_named():
    check_domain(Grid(2), D(4))
    check_domain(HexGrid(), C(6))
    with pytest.raises(AssertionError, match="halve"):
        check_domain(Lopsided(2), D(4))


class Tilted(Layer):
    """A layer that adds a ramp along one axis."""

    def compute(self, values: torch.Tensor, support: object = None) -> torch.Tensor:
        return values + torch.arange(values.shape[-1], dtype=values.dtype)


class Constant(Layer):
    """A layer that answers zero: symmetric, and good for nothing."""

    def compute(self, values: torch.Tensor, support: object = None) -> torch.Tensor:
        return torch.zeros_like(values)


def test_a_layer_that_knows_left_from_right_or_says_nothing_is_named():
    space = Space(Grid(2), C(4).regular)
    check_layer(LatticeConv(space, space))
    check_layer(Pointwise(space, "gelu"))
    with pytest.raises(AssertionError, match=r"f\(g·x\) = g·f\(x\)"):
        check_layer(Tilted(space, space))
    with pytest.raises(AssertionError, match="varies"):
        check_layer(Constant(space, space))


class Ahead(Layer):
    """A layer in time that hears the next step."""

    def compute(self, values: torch.Tensor, support: object = None) -> torch.Tensor:
        return values + values.roll(-1, -1)


class Started(Layer):
    """A layer in time that says that zeros leave it zero, and begins at one."""

    zero_is_fixed = True

    def compute(self, values: torch.Tensor, support: object = None) -> torch.Tensor:
        return values.cumsum(-1) + 1


def test_words_and_states_pass_and_what_hears_the_future_is_named():
    space = Space(Sequence(), 3 * Trivial().trivial)
    nucleotides = Dna().natural_input(Mirror())
    assert nucleotides is not None
    check_layer(Kmers(Space(Dna(), nucleotides), 3))
    for layer in (Recurrent(space, space, "gru"), GatedRecurrence(space, space), StateSpace(space, space)):
        check_layer(layer)
    check_layer(TimePool(space))
    with pytest.raises(AssertionError, match="no step of Ahead hears a later one"):
        check_layer(Ahead(space, space))
    with pytest.raises(AssertionError, match=r"0 … 0 f\(x\) for Started"):
        check_layer(Started(space, space))


EVERY = [*PACKED_LAYERS, *PACKED_NETWORKS]


@pytest.mark.parametrize("make", covering(EVERY, EVERY[::8]))  # tests/laws asks it of all, other draws
def test_what_the_library_has_on_packed_domains_passes(make):
    check_layer(make())


class Numbered(Layer):
    """A layer that knows where in the store a point is."""

    def compute(self, values: torch.Tensor, support: object = None) -> torch.Tensor:
        return values + torch.arange(len(values), dtype=values.dtype)[:, None]


class Overheard(Layer):
    """A layer that hears the other signals of a batch."""

    def compute(self, values: torch.Tensor, support: object = None) -> torch.Tensor:
        return values - values.mean(0)


class Placed(Layer):
    """A layer that knows where the origin is, or an axis."""

    along = slice(None)

    def compute(self, values: torch.Tensor, support: Any = None) -> torch.Tensor:
        return values + support.position[:, self.along].square().sum(1, keepdim=True)


class Upright(Placed):
    along = slice(1)


@pytest.mark.parametrize(
    ("layer", "domain", "group", "said"),
    [
        (Numbered, Set(), Trivial(), "however points and edges are stored"),
        (Overheard, Graph(), Trivial(), "a signal as it does alone"),
        (Placed, Points(3), SO(3), "wherever the points are"),
        (Upright, Points(3), SO(3), r"f\(g·x\) = g·f\(x\)"),
        (Constant, Set(), Trivial(), "varies"),
    ],
)
def test_a_layer_of_points_that_breaks_a_law_of_theirs_is_named(layer, domain, group, said):
    space = Space(domain, 3 * group.trivial)
    with pytest.raises(AssertionError, match=said):
        check_layer(layer(space, space))


def test_points_that_were_chosen_are_compared_together_with_the_way_back():
    space = Space(Points(3, radius=2.0), 3 * SO(3).trivial)
    with pytest.raises(InputError, match="together with the way back"):
        check_layer(PointPool(space))
