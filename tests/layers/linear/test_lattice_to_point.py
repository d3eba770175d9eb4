"""All linear maps from a grid of one size to a point: as many as characters say, of unit variance, exported whole."""

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.domains import Lattice, Point
from erlangen.errors import DomainError, InputError, SpaceError
from erlangen.layers import LatticeToPoint
from erlangen.signal import Space

PLACES = [
    (er.Grid(1), er.Mirror(), (6,)),
    (er.Grid(2), er.D(4), (5, 5)),
    (er.Grid(2), er.C(4), (6, 6)),
    (er.Grid(2), er.Mirror(), (4, 7)),
    (er.HexGrid(), er.C(6), (5, 5)),
    (er.Grid(3), er.Octahedral(), (3, 3, 3)),
]


def layer_on(domain: Lattice, group: er.Group, size: tuple[int, ...], **choices: bool) -> LatticeToPoint:
    return LatticeToPoint(
        Space(domain, group.regular + group.trivial), Space(Point(), 2 * group.regular), size, **choices
    )


@pytest.mark.parametrize(("domain", "group", "size"), PLACES, ids=str)
def test_its_free_weights_are_as_many_as_the_characters_say(
    domain: Lattice, group: er.Group, size: tuple[int, ...]
) -> None:
    """dim Hom = mean over g of χ_out(g) χ_in(g⁻¹) fix(g), fix(g) the sites that g leaves where they are."""
    layer = layer_on(domain, group, size, bias=False)
    places = torch.arange(1, 1 + int(np.prod(size))).reshape(1, 1, *size) * domain.clear(torch.ones(1, 1, *size)).long()
    there = (places > 0).flatten()
    fixed = [int((domain.act(g, places) == places).flatten()[there].sum()) for g in group.elements]
    chi_in, chi_out = ([rho.character(h) for h in group.elements] for rho in (layer.source.rho, layer.target.rho))
    inverse = [group.index(~g) for g in group.elements]
    mean = np.mean([chi_out[i] * chi_in[inverse[i]] * n for i, n in enumerate(fixed)])
    assert layer.free_weights() == pytest.approx(mean)
    assert layer.unconstrained_weights() == layer.source.channels * layer.target.channels * int(there.sum())


@pytest.mark.parametrize(("domain", "group", "size"), PLACES[:4], ids=str)
def test_white_signals_give_white_answers(domain: Lattice, group: er.Group, size: tuple[int, ...]) -> None:
    energies = []
    for seed in range(24):
        torch.manual_seed(seed)
        weight = layer_on(domain, group, size).weight()
        energies.append(float(weight.detach().flatten(1).square().sum(1).mean()))
    assert abs(np.mean(energies) - 1) < 0.05


def test_exported_it_is_a_flatten_and_one_linear_layer() -> None:
    layer = layer_on(er.Grid(2), er.D(4), (6, 6)).double()
    exported = layer.export()
    assert [type(part).__name__ for part in exported] == ["Flatten", "Linear"]
    x = torch.randn(3, 9, 6, 6, dtype=torch.float64)
    assert torch.allclose(exported(x), layer(x), atol=1e-12)


def test_other_sizes_and_spaces_are_refused() -> None:
    layer = layer_on(er.Grid(2), er.C(4), (6, 6))
    with pytest.raises(InputError, match="7 × 6 sites"):
        layer(torch.randn(2, 5, 7, 6))
    with pytest.raises(DomainError, match="4 × 7"):
        layer_on(er.Grid(2), er.C(4), (4, 7))
    with pytest.raises(InputError, match="2 numbers"):
        layer_on(er.Grid(2), er.C(4), (4,))
    space = Space(er.Grid(2), er.C(4).regular)
    with pytest.raises(SpaceError, match="one point"):
        LatticeToPoint(space, space, 4)
    assert er.build(er.Blueprint([layer]).recipe).recipe == er.Blueprint([layer]).recipe
