"""Within each field and nothing across: against the full convolution with the same kernel, and torch's own groups."""

import pytest
import torch
from torch import nn

import erlangen as er
from erlangen.domains import Dna, Grid, HexGrid, Point, Sequence
from erlangen.errors import DomainError, InputError, SpaceError
from erlangen.groups import SO, C, D, Mirror, Octahedral, Trivial
from erlangen.layers import FieldwiseConv, LatticeConv
from erlangen.signal import Space

CASES = [
    (Grid(1), Mirror(), (8,)),
    (Grid(2), C(4), (6, 7)),
    (Grid(2, "periodic"), D(4), (5, 6)),
    (HexGrid(), D(6), (7, 7)),
    (Grid(3), Octahedral(), (4, 3, 5)),
    (Dna(), Mirror(), (9,)),
    (Sequence(), Trivial(), (9,)),
]


def regular(group):
    return 3 * group.regular


def mixed(group):
    return 2 * group.trivial + group.regular + 2 * group.irreps()[-1] + group.trivial


@pytest.mark.parametrize("fields", [regular, mixed])
@pytest.mark.parametrize(("domain", "group", "size"), CASES, ids=lambda value: repr(value))
def test_it_is_the_full_convolution_with_zeros_between_the_fields(domain, group, size, fields):
    layer = FieldwiseConv(Space(domain, fields(group)), kernel_size=3).double()
    for parameter in layer.parameters():
        nn.init.normal_(parameter)
    full = LatticeConv(layer.source, layer.target, kernel_size=3).double()
    x = domain.clear(torch.randn(2, layer.source.channels, *size, dtype=torch.float64))
    whole, bias = layer.weight(), layer.bias() if layer.bias is not None else None
    expected = domain.clear(full.way.convolve(x, whole, bias))
    assert torch.allclose(layer(x), expected, atol=1e-13)
    assert torch.allclose(layer.export()(x), expected, atol=1e-13)
    places = [(first, field.dim) for field, first in zip(_each(layer), _firsts(layer), strict=True)]
    for first, dim in places:
        whole = whole.clone()
        whole[first : first + dim, first : first + dim] = 0
    assert not whole.any()


def _each(layer: FieldwiseConv) -> list:
    return [field for field, m in layer.source.rho.fields for _ in range(m)]


def _firsts(layer: FieldwiseConv) -> list[int]:
    dims = [field.dim for field in _each(layer)]
    return [sum(dims[:i]) for i in range(len(dims))]


def test_each_field_has_the_weights_of_one_full_convolution():
    one = Space(Grid(2), D(4).regular)
    alone = LatticeConv(one, one, kernel_size=5).free_weights()
    layer = FieldwiseConv(Space(Grid(2), 6 * D(4).regular), kernel_size=5)
    assert layer.free_weights() == 6 * alone
    assert layer.unconstrained_weights() == 6 * LatticeConv(one, one, kernel_size=5).unconstrained_weights()
    assert isinstance(layer.export(), nn.Conv2d) and layer.export().groups == 6
    assert "one kernel a field" in layer.reason().law


def test_it_keeps_variance_strides_and_comes_back_from_a_recipe():
    space = Space(Grid(2), 24 * C(4).regular)
    x = torch.randn(4, space.channels, 24, 24)
    assert float(FieldwiseConv(space)(x).detach()[..., 2:-2, 2:-2].square().mean()) == pytest.approx(1, rel=0.1)
    strided = FieldwiseConv(space, 3, stride=2)
    assert strided(space) == Space(space.domain.coarser(), space.rho)
    net = er.Blueprint([FieldwiseConv(space, 3, dilation=2, bias=False), strided])
    again = er.build(net.recipe)
    again.load_state_dict(net.state_dict())
    assert torch.equal(again(x), net(x))


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: FieldwiseConv(Space(Point(), C(4).regular)), SpaceError),
        (lambda: FieldwiseConv(Space(Grid(2), SO(3).trivial)), DomainError),
        (lambda: FieldwiseConv(Space(Grid(2), C(4).regular), 4), InputError),
        (lambda: FieldwiseConv(Space(Grid(2), C(4).regular), way="isotypic"), InputError),
        (lambda: FieldwiseConv(C(4).regular), SpaceError),
    ],
)
def test_what_cannot_be_is_refused(make, error):
    with pytest.raises(error):
        make()
