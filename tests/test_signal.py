"""A Signal knows its space, passes through torch's transforms, and refuses what would forget the symmetry."""

import copy
import math
import pickle

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.utils import _pytree

from erlangen.domains import Grid, HexGrid, Point
from erlangen.errors import InputError, SpaceError
from erlangen.groups import SO, C, D
from erlangen.layers import Chain, LatticeConv, Layer, Pointwise
from erlangen.signal import Signal, Space

SPACE = Space(Grid(2), C(4).regular)
VECTORS = Space(Point(), 2 * SO(2).irrep(1))


def signal(batch: int = 2) -> Signal:
    return Signal(torch.randn(batch, 4, 8, 8), SPACE)


def network() -> Layer:
    return Chain([LatticeConv(SPACE, SPACE), Pointwise(SPACE)])


# ---- spaces --------------------------------------------------------------------------------------------------------
def test_spaces_are_compared_by_value_and_level():
    assert Space(Grid(2), C(4).regular) == SPACE
    assert hash(Space(Grid(2), C(4).regular)) == hash(SPACE)
    others = [
        Space(Grid(2, "periodic"), C(4).regular),
        Space(Grid(2).coarser(), C(4).regular),
        Space(Grid(2, spacing=(1, 1)), C(4).regular),
        Space(HexGrid(), C(4).regular),
        Space(Grid(2), 4 * C(4).trivial),
        Space(Grid(2), D(2).regular),
    ]
    assert SPACE not in others
    assert len(set(others)) == len(others)


def test_a_space_wants_a_domain_and_a_representation():
    for wrong in ((Grid(2), 3), (C(4), C(4).regular), (C(4).regular, Grid(2))):
        with pytest.raises(SpaceError, match="a domain and a representation"):
            Space(*wrong)


def test_a_signal_moves_its_points_and_its_channels():
    x = signal()
    g = C(4).generators[0]
    moved = x.act(g)
    for channel in range(4):  # ρ(g) e_h = e_{gh}: what stood in channel h stands, turned, in the next
        assert torch.equal(moved.values[:, (channel + 1) % 4], torch.rot90(x.values[:, channel], 1, (-2, -1)))
    assert torch.equal(moved.act(~g).values, x.values)


def test_vectors_turn_by_the_matrix():
    x = Signal(torch.randn(3, 4, dtype=torch.float64), VECTORS)
    quarter = x.act(SO(2).element(np.pi / 2)).values
    assert torch.allclose(quarter[:, 0], -x.values[:, 1])
    assert torch.allclose(quarter[:, 1], x.values[:, 0])


# ---- construction --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([[1.0]], "torch.Tensor"),
        (np.zeros((1, 4, 8, 8)), "torch.Tensor"),
        (torch.zeros(1, 3, 8, 8), "4 on axis 1"),
        (torch.zeros(4, 8, 8), r"\[batch, channel, n, n\]"),
        (torch.zeros(1, 4, 8, 8, dtype=torch.int32), "floating"),
    ],
)
def test_values_that_do_not_fit_are_refused(values, why):
    with pytest.raises(InputError, match=why):
        Signal(values, SPACE)


def test_hexagons_want_an_odd_square():
    space = Space(HexGrid(), C(6).trivial)
    for shape in ((1, 1, 6, 6), (1, 1, 5, 7)):
        with pytest.raises(InputError, match="odd side"):
            Signal(torch.zeros(shape), space)


def test_signals_are_frozen_and_can_be_copied():
    x = signal()
    for change in (lambda: setattr(x, "values", 0), lambda: delattr(x, "space"), lambda: setattr(x, "new", 0)):
        with pytest.raises(SpaceError, match="frozen"):
            change()
    for again in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert again.space == x.space
        assert torch.equal(again.values, x.values)


# ---- operators -----------------------------------------------------------------------------------------------------
def test_the_linear_structure_is_kept():
    x, y = signal(), signal()
    same = {
        "sum": (x + y, x.values + y.values),
        "difference": (x - y, x.values - y.values),
        "multiple": (2 * x, 2 * x.values),
        "right multiple": (x * torch.tensor(0.5), x.values / 2),
        "left numpy number": (np.float64(2) * x, x.values * 2),
        "learned number": (torch.tensor(2.0) * x, x.values * 2),
        "python's sum": (sum([x, y]), x.values + y.values),
        "numpy number": (x * np.float32(2), x.values * 2),
        "quotient": (x / 4, x.values / 4),
        "negative": (-x, -x.values),
    }
    for name, (found, expected) in same.items():
        assert isinstance(found, Signal), name
        assert found.space == SPACE
        assert torch.equal(found.values, expected), name


@pytest.mark.parametrize(
    "operation",
    [
        lambda x: x + 1,
        lambda x: 1 - x,
        lambda x: x + torch.ones(1),
        lambda x: torch.ones(1) + x,
        lambda x: x * x,
        lambda x: x * torch.ones(4, 1, 1),
        lambda x: torch.ones(4, 1, 1) * x,
        lambda x: x / "2",
        lambda x: x + Signal(torch.zeros(2, 4, 8, 8), Space(Grid(2), 4 * C(4).trivial)),
    ],
)
def test_other_arithmetic_is_refused_with_the_reason(operation):
    with pytest.raises(SpaceError):
        operation(signal())


# ---- foreign functions ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "call",
    [
        lambda x: torch.relu(x),
        lambda x: torch.relu(input=x),
        lambda x: torch.cat([x, x]),
        lambda x: torch.cat(tensors=[x, x], dim=1),
        lambda x: torch.stack((x, x)),
        lambda x: torch.einsum("bcij->bc", x),
        lambda x: torch.nn.functional.dropout(x, p=0.5),
        lambda x: torch.where(torch.ones(1, dtype=torch.bool), x, x),
        lambda x: torch.nn.Conv2d(4, 4, 3)(x),
    ],
)
def test_torch_functions_are_refused_by_name_and_representation(call):
    with pytest.raises(
        SpaceError, match=r"knows nothing of regular of C4, so it may break the symmetry; use .* \.values"
    ):
        call(signal())


@pytest.mark.parametrize("call", [np.asarray, np.array, np.mean, lambda x: np.add(x, 1), lambda x: np.ones(3) + x])
def test_numpy_is_refused(call):
    with pytest.raises(SpaceError):
        call(signal())


# ---- through torch's transforms --------------------------------------------------------------------------------------
def test_a_signal_is_a_tree_of_its_values():
    x = signal()
    leaves, tree = _pytree.tree_flatten(x)
    assert len(leaves) == 1
    assert leaves[0] is x.values
    held = Signal(x.values, SPACE, {"edges": torch.arange(3)})
    assert len(_pytree.tree_leaves(held)) == 2
    assert torch.equal(_pytree.tree_map(lambda leaf: leaf + 1, held).support["edges"], torch.arange(1, 4))
    again = _pytree.tree_unflatten(leaves, tree)
    assert again.space == x.space
    doubled = _pytree.tree_map(lambda leaf: 2 * leaf if isinstance(leaf, Tensor) else leaf, x)
    assert torch.equal(doubled.values, 2 * x.values)


def test_vmap_sees_through_it():
    net, x = network(), torch.randn(3, 2, 4, 8, 8)
    mapped = torch.func.vmap(lambda values: net(Signal(values, SPACE)))(x)
    assert isinstance(mapped, Signal)
    assert torch.allclose(mapped.values, torch.stack([net(one) for one in x]), atol=1e-6)
    grads = torch.func.grad(lambda s: net(s).values.square().sum())(signal())
    assert isinstance(grads, Signal)


def test_compile_sees_through_it():
    torch._dynamo.reset()
    net, x = network(), signal()
    compiled = torch.compile(net, fullgraph=True, backend="aot_eager")(x)
    assert compiled.space == SPACE
    assert torch.allclose(compiled.values, net(x).values, atol=1e-6)


def test_export_takes_and_returns_it():
    net, x = network(), signal()
    program = torch.export.export(net, (x,)).module()
    answer = program(x)
    assert isinstance(answer, Signal)
    assert answer.space == SPACE
    assert torch.allclose(answer.values, net(x).values, atol=1e-6)


def test_the_kind_of_tree_can_be_written_and_read():
    tree = _pytree.tree_flatten({"x": signal(), "v": Signal(torch.zeros(1, 4), VECTORS)})[1]
    assert _pytree.treespec_loads(_pytree.treespec_dumps(tree)) == tree


def test_what_a_group_reads_as_an_element_moves_a_signal():
    space = Space(Grid(2), C(4).regular)
    x = Signal(torch.randn(1, 4, 5, 6), space)
    turn = C(4).generators[0]
    for same in (math.pi / 2, turn.matrix):
        assert torch.equal(x.act(same).values, x.act(turn).values)
    assert (+x) is x
