"""Models whose symmetry is known: the walk finds it, neither more nor less, and what it does not reject it can tell."""

import math

import pytest
import torch
from torch import nn

from erlangen.auditing import discover
from erlangen.domains import Dna, Grid, HexGrid
from erlangen.groups import SO, C, D, FullOctahedral, Group, Mirror, Octahedral
from erlangen.task import Equivariant
from tests.auditing.models import Hexagonal, isotropic_classifier, isotropic_field, noise, plain_classifier, turned_mean

X = noise(16, 1, 12, 12)


def classifier(group: Group, seed: int = 0) -> nn.Module:
    """Keeps that part of D(4) and no more: a window of 5 × 5 tells C(4) from D(4), which one of 3 × 3 does not."""
    torch.manual_seed(seed)
    first, second = (turned_mean(nn.Conv2d(i, 6, 5, padding=2), group) for i in (1, 6))
    return nn.Sequential(first, nn.Tanh(), second, nn.Tanh(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 3))


R, M = D(4).generators
DIAGONAL = D(4).subgroup(R**2, R @ M)


def turns(group: Group) -> set[tuple[float, ...]]:
    """Its motions of the plane."""
    return set(map(tuple, group.matrices.round().reshape(group.order, -1).tolist()))


@pytest.mark.parametrize("group", [D(4), C(4), D(2), DIAGONAL, C(2), Mirror()], ids=str)
def test_the_whole_of_what_is_kept_and_no_more(group: Group):
    found = discover(classifier(group), Grid(2), D(4), X)
    assert [turns(g) for g in found.largest] == [turns(group)]
    assert {row.verdict for row in found.groups} <= {"proved", "broken"}


def test_a_model_that_keeps_nothing():
    found = discover(plain_classifier(), Grid(2), None, X)
    assert found.largest == ()
    assert "all are broken" in found.sentence
    assert found.row(D(4)).note == "contains C2, which is broken"


def test_one_small_asymmetry_is_found():
    model = isotropic_classifier()
    with torch.no_grad():
        model[2].weight[0, 0, 0, 1] += 0.01
    found = discover(model, Grid(2), D(4), X)
    assert [repr(g) for g in found.largest] == ["Mirror()"]  # the site above the centre is on the mirror's axis


def test_what_is_too_small_to_measure_is_not_proved():
    model = isotropic_classifier()
    with torch.no_grad():
        model[2].weight[0, 0, 0, 0] += 1e-8
        row = discover(model.double(), Grid(2), C(4), X, tolerance=1e-3).row(C(4))
    assert row.verdict == "not rejected" and "no identity" in row.note


def test_dense_answers_and_hexagons():
    found = discover(isotropic_field(), Grid(2), D(4), X, Equivariant(2))
    assert found.largest == (D(4),)
    x = HexGrid().clear(noise(16, 1, 11, 11))
    found = discover(Hexagonal(), HexGrid(), None, x, Equivariant(2))
    assert found.largest == (D(6),) and found.row(D(6)).verdict == "proved"


def test_volumes():
    model = isotropic_field(3, group=D(4))
    found = discover(model, Grid(3), FullOctahedral(), noise(16, 1, 5, 5, 5), Equivariant(2))
    assert found.largest == (D(4),) and found.row(D(4)).verdict == "proved"
    assert "more, in .groups" in str(found)


def test_dna_moves_its_channels():
    both = lambda x: (x + x.flip((1, 2))).square().mean(2)  # noqa: E731
    found = discover(lambda x: both(x)[:, :2] + both(x)[:, 2:].flip(1), Dna(), None, noise(16, 4, 9))
    assert found.largest == (Mirror(),)
    assert discover(lambda x: x.mean(2), Dna(), None, noise(16, 4, 9)).largest == ()


def test_vectors():
    x = noise(64, 3, dtype=torch.float64)
    with pytest.warns(UserWarning, match=r"SO\(3\) is infinite"):
        found = discover(lambda x: x.norm(dim=1, keepdim=True), None, [SO(3)], x)
    assert {g.order for g in found.largest} == {24, 60}
    cubic = discover(lambda x: x.pow(4).sum(1), None, FullOctahedral(), x)
    assert cubic.largest == (FullOctahedral(),) and cubic.row(FullOctahedral()).verdict == "proved"
    handed = discover(lambda x: x[:, 0] * x[:, 1] * x[:, 2], None, FullOctahedral(), x)
    assert [g.order for g in handed.largest] == [24] and handed.largest != (Octahedral(),)  # the tetrahedron's mirrors
    vector = discover(lambda x: x * x.norm(dim=1, keepdim=True), None, D(4, axis=2), x,
                      Equivariant(D(4, axis=2).standard, pooled=True))  # fmt: skip
    assert vector.largest == (D(4, axis=2),)


def test_the_power_is_what_it_says():
    """A break of three times the smallest one found is found; of a hundredth it is not."""
    model = classifier(D(4))
    row = discover(model, Grid(2), D(4), X).row(D(4))
    assert 1e-6 <= row.power <= 1e-3
    w = noise(12, 12, seed=5)
    y = model(X).detach()
    scale = float((X[:, 0] * w).sum((1, 2)).std()) / float(y.var(0).sum().sqrt())

    def broken(size):
        return lambda x: model(x).detach() + size * (x[:, 0] * w).sum((1, 2))[:, None] / scale / math.sqrt(3)

    assert discover(broken(3 * row.power), Grid(2), D(4), X, proof=False).largest == ()
    assert discover(broken(row.power / 100), Grid(2), D(4), X, proof=False).largest == (D(4),)


def test_turns_between_the_pixels_are_not_called_kept_without_their_power():
    with pytest.warns(UserWarning, match="infinite"):
        found = discover(classifier(D(4)), Grid(2), SO(2), X)
    assert found.row(C(4)).verdict == "proved"
    assert found.row(C(24)).verdict == "not rejected"
    assert "the largest proved C(4)" in found.sentence and "proves nothing" in found.sentence


def test_rounding_is_not_a_break():
    """Of twenty symmetric networks in float32 none is called broken."""
    for seed in range(20):
        found = discover(classifier(C(4), seed), Grid(2), C(4), noise(16, 1, 9, 9, seed=seed), proof=False)
        assert found.largest == (C(4),), found


def test_a_tolerance_lets_a_small_break_pass():
    model = lambda x: torch.stack([x.square().mean((1, 2, 3)), x.mean((1, 2, 3)) + 1e-3 * x[:, 0, 0, 0]], 1)  # noqa: E731
    assert discover(model, Grid(2), D(4), X).largest != (D(4),)
    assert discover(model, Grid(2), D(4), X, tolerance=0.1).largest == (D(4),)


def test_answers_that_do_not_vary_say_so():
    with pytest.warns(UserWarning, match="vary too little"):
        found = discover(lambda x: torch.ones(len(x), 2), Grid(2), C(4), X, proof=False)
    assert found.row(C(4)).power == math.inf
    assert "planted breaks were not all found" in found.sentence
