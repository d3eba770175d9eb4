"""What is derived from a task: its shape, its choices, its notes, its smallest input, and what it refuses."""

import pytest
import torch

from erlangen.blueprint import Blueprint, derive
from erlangen.domains import Dna, Grid, HexGrid, Sequence
from erlangen.errors import DomainError, InputError, SpaceError, TaskError
from erlangen.groups import SO, C, D, FullOctahedral, Mirror, O, Octahedral, TimeWarp, Translations, Trivial
from erlangen.layers import (
    FieldBatchNorm,
    FieldwiseConv,
    FourierNonlinearity,
    FunctionBatchNorm,
    LatticeConv,
    LatticePool,
    NormNonlinearity,
    Pointwise,
    Skip,
    SteerableConv,
    leaves,
)
from erlangen.signal import Signal, Space
from erlangen.task import Equivariant, Invariant, Positions, Task

CLASSES = Task(Grid(2), C(4), 1, Invariant(10))


def convolutions(net: Blueprint) -> list[LatticeConv]:
    return [layer for layer in leaves(net) if isinstance(layer, LatticeConv)]


# ---- width, depth, scales ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("domain", "group", "finest"),
    [
        (Grid(1), Mirror(), 32),
        (Grid(2), Trivial(), 32),
        (Grid(2), D(4), 32),
        (HexGrid(), C(6), 36),
        (HexGrid(), D(6), 36),
        (Grid(3), Mirror(), 32),
        (Grid(3), Octahedral(), 32),
        (Grid(3), FullOctahedral(), 42),
        (Grid(3), SO(3), 36),
    ],
)
def test_the_default_width_is_the_least_multiple_of_a_fibre_above_31(domain, group, finest):
    net = derive(Task(domain, group, 1, Invariant(2)), depth=1)
    assert [conv.target.channels for conv in convolutions(net)] == [finest, 2 * finest, 4 * finest]


def test_width_is_rounded_to_whole_fibres_and_the_notes_say_so():
    net = derive(CLASSES, width=30, depth=1)
    assert convolutions(net)[0].target.channels == 32
    assert "nearest whole numbers of fibres to 30" in net.notes[0]
    assert convolutions(derive(CLASSES, width=1))[0].target.channels == 4


def test_widths_double_from_the_rounded_finest():
    net = derive(Task(Grid(2), D(4), 1, Invariant(2)), width=20, depth=1)
    assert [conv.target.channels for conv in convolutions(net)] == [16, 32, 64]


def test_an_answer_that_no_site_reaches_alone_is_read_from_its_neighbours():
    task = Task(Grid(2), C(4), 1, Equivariant(1))
    net = derive(task, fields=C(4).irrep(1), width=8, depth=1, scales=1)
    assert convolutions(net)[-1].kernel_size == (3, 3)


def test_one_width_a_scale_where_asked():
    net = derive(CLASSES, width=[8, 12, 40, 16], depth=1)
    assert [conv.target.channels for conv in convolutions(net)] == [8, 12, 40, 16]
    assert net.minimum_size == 9
    with pytest.raises(TaskError, match="one width a scale"):
        derive(CLASSES, width=[8, 16], scales=3)


@pytest.mark.parametrize(("scales", "least"), [(1, 2), (2, 3), (3, 5), (4, 9)])
def test_the_smallest_input_keeps_two_sites_on_the_coarsest_grid(scales, least):
    net = derive(CLASSES, width=4, depth=1, scales=scales).eval()
    assert net.minimum_size == least
    assert net(torch.randn(1, 1, least, least + 1)).shape == (1, 10)
    with pytest.raises(InputError, match=f"at least {least} sites"):
        net(torch.randn(1, 1, least + 3, least - 1))


def test_a_wide_kernel_on_a_ring_needs_a_ring_as_long():
    net = derive(Task(Grid(1, "periodic"), Mirror(), 1, Invariant(2)), width=4, depth=1, kernel_size=9).eval()
    assert net(torch.randn(1, 1, net.minimum_size)).shape == (1, 2)
    with pytest.raises(InputError):
        net(torch.randn(1, 1, net.minimum_size - 1))


def test_on_a_ring_every_axis_has_a_need_of_its_own():
    task = Task(Grid(2, "periodic"), D(2), 1, Invariant(2))
    net = derive(task, width=4, depth=1, scales=1, kernel_size=(3, 15)).eval()
    assert net.minimum_size == 7
    assert net(torch.randn(1, 1, 4, 32)).shape == net(torch.randn(1, 1, 2, 7)).shape == (1, 2)
    with pytest.raises(InputError, match="4 × 6; expected at least 2 × 7 sites. A kernel would wrap") as refused:
        net(torch.randn(1, 1, 4, 6))
    assert "scales" not in str(refused.value)
    with pytest.raises(InputError, match="at least 2 × 7 sites. Its coarsest grid would be too small; resize.$"):
        net(torch.randn(1, 1, 1, 7))
    wide = derive(task, width=4, depth=1, scales=2, kernel_size=(3, 15)).eval()
    assert wide.minimum_size == 13
    with pytest.raises(InputError, match="2 × 13; expected at least 3 × 13 sites. .* or take fewer than 2 scales"):
        wide(torch.randn(1, 1, 2, 13))
    with pytest.raises(InputError, match="take a smaller kernel_size or fewer scales"):
        wide(torch.randn(1, 1, 3, 12))


# ---- the shape of the answer ---------------------------------------------------------------------------------------
def test_masks_have_the_size_of_the_picture_and_a_u_of_skips():
    net = derive(Task(Grid(2), D(4), 3, Equivariant(2)), width=8, depth=1).eval()
    assert net(torch.randn(2, 3, 13, 22)).shape == (2, 2, 13, 22)
    assert sum(isinstance(layer, Skip) for layer in net.modules()) == 2


def test_a_vector_of_the_whole_turns_with_the_picture():
    net = derive(Task(Grid(2), C(4), 1, Equivariant(C(4).standard, pooled=True)), width=8).double().eval()
    x = torch.randn(3, 1, 12, 12, dtype=torch.float64)
    turned = net(torch.rot90(x, 1, (-2, -1)))
    quarter = torch.tensor([[0.0, -1.0], [1.0, 0.0]], dtype=torch.float64)
    assert torch.allclose(turned, net(x) @ quarter.T, atol=1e-12)
    assert net(x).std() > 0


def test_on_a_causal_sequence_nothing_looks_ahead_and_dilation_doubles():
    net = derive(Task(Sequence(), input=2, output=Equivariant(3)), width=8, depth=3).double().eval()
    assert [conv.dilation for conv in convolutions(net)] == [1, 2, 4, 1]
    x = torch.randn(1, 2, 40, dtype=torch.float64)
    later = x.clone()
    later[..., 25:] += 1
    assert torch.equal(net(x)[..., :25], net(later)[..., :25])
    assert not torch.equal(net(x)[..., 25:], net(later)[..., 25:])
    with pytest.raises(TaskError, match="look ahead"):
        derive(Task(Sequence(), input=2, output=Equivariant(3)), scales=2)


def test_dna_needs_neither_symmetry_nor_input():
    net = derive(Task(Dna(), output=Invariant(2)), width=8).double().eval()
    x = torch.randn(2, 4, 31, dtype=torch.float64)
    assert torch.allclose(net(x.flip(1, 2)), net(x), atol=1e-12)


# ---- choices -------------------------------------------------------------------------------------------------------
def test_each_choice_reaches_the_layers():
    irreps = C(4).trivial + C(4).irrep(1)
    net = derive(CLASSES, width=12, kernel_size=5, fields=irreps, pool="antialiased", residual=True, normalize=False)
    parts = list(leaves(net))
    assert {conv.kernel_size for conv in convolutions(net)} == {(5, 5)}
    assert all(conv.bias is not None for conv in convolutions(net))
    assert any(isinstance(part, NormNonlinearity) for part in parts)
    assert not any(isinstance(part, FieldBatchNorm) for part in parts)
    assert {part.method for part in parts if isinstance(part, LatticePool)} == {"antialiased"}
    assert sum(isinstance(part, Skip) for part in net) == 3
    gelu = derive(CLASSES, width=8, function="gelu")
    assert {part.function for part in leaves(gelu) if isinstance(part, Pointwise)} == {"gelu"}


def test_separable_blocks_stand_behind_the_first_convolution():
    net = derive(CLASSES, width=16, depth=2, scales=2, block="separable")
    fieldwise = [conv for conv in convolutions(net) if isinstance(conv, FieldwiseConv)]
    across = [conv for conv in convolutions(net) if conv.kernel_size == (1, 1)]
    assert type(convolutions(net)[0]) is LatticeConv and convolutions(net)[0].kernel_size == (5, 5)
    assert len(fieldwise) == 3 and len(across) == 6
    assert {conv.kernel_size for conv in fieldwise} == {(5, 5)}
    assert sum(isinstance(part, Skip) for part in net) == 2  # where the width doubles, nothing can be added
    assert any("Separable blocks" in note for note in net.notes)
    assert "FieldwiseConv" in str(net.explain())
    small = derive(CLASSES, width=16, block="separable", kernel_size=3)
    assert {conv.kernel_size for conv in convolutions(small)} == {(3, 3), (1, 1)}


@pytest.mark.parametrize(
    ("choices", "why"),
    [
        ({"block": "dense"}, "plain, separable"),
        ({"kernel": 5}, "Did you mean kernel_size"),
        ({"width": 0}, "positive whole number"),
        ({"depth": -1}, "positive whole number"),
        ({"scales": 1.5}, "positive whole number"),
        ({"width": [8, "x"]}, "positive whole number"),
        ({"fields": "spherical"}, "regular"),
        ({"pool": "median"}, "antialiased"),
        ({"fibre": "median"}, "max, mean"),
        ({"normalize": "no"}, "True or False"),
        ({"kernel_size": 3.0}, "whole number"),
        ({"max_frequency": 2}, "continuous group"),
        ({"max_frequency": -1}, "0 or more"),
        ({"samples": 0}, "positive whole number"),
        ({"fields": D(4).regular}, "a representation of C\\(4\\)"),
    ],
)
def test_choices_that_do_not_exist_are_refused(choices, why):
    with pytest.raises(TaskError, match=why):
        derive(CLASSES, **choices)


def test_other_wrong_choices_are_refused_by_the_layer_that_knows():
    with pytest.raises(InputError, match="no centre site"):
        derive(CLASSES, kernel_size=4)
    with pytest.raises(ValueError, match="relu"):
        derive(CLASSES, function="reluu")


def test_tasks_that_cannot_be_are_refused():
    with pytest.raises(DomainError, match="largest subgroup"):
        Task(Grid(2), Octahedral(), 1, Invariant(2))
    with pytest.raises(TaskError):
        Task(Grid(2), C(4), 1, Positions())
    with pytest.raises(TaskError):
        Task(Grid(2), TimeWarp(), 1, Invariant(2))
    with pytest.raises(TaskError):
        derive("a picture classifier")
    assert derive(Task(Grid(2), Translations(), 1, Invariant(2))).source.group == Trivial()


# ---- groups that move space but not the lattice ----------------------------------------------------------------------
def test_for_turns_that_the_lattice_does_not_keep_filters_are_smooth_and_the_notes_say_what_is_exact():
    net = derive(Task(Grid(2), C(8), 1, Invariant(2)), depth=1)
    assert all(isinstance(conv, SteerableConv) and conv.kernel_size == (5, 5) for conv in convolutions(net))
    assert {part.method for part in leaves(net) if isinstance(part, LatticePool)} == {"antialiased"}
    assert any("keeps C(4) of C(8)" in note for note in net.notes)
    assert any(isinstance(part, Pointwise) for part in leaves(net))
    assert not any(isinstance(conv, SteerableConv) for conv in convolutions(derive(CLASSES, depth=1)))


@pytest.mark.parametrize(
    ("domain", "group", "fibre"), [(Grid(2), SO(2), 7), (HexGrid(), O(2), 14), (Grid(3), SO(3), 35)]
)
def test_continuous_groups_have_functions_for_fields(domain, group, fibre):
    net = derive(Task(domain, group, 1, Invariant(2)), width=1, depth=1, scales=1, fields="regular")
    (conv,) = convolutions(net)
    assert conv.target.channels == fibre
    kinds = [type(part) for part in leaves(net)]
    assert kinds[:3] == [SteerableConv, FunctionBatchNorm, FourierNonlinearity]
    assert any("functions on the group" in note for note in net.notes)


def test_thick_slices_take_the_kernel_that_the_refusal_advises():
    task = Task(Grid(3, spacing=(1, 1, 3)), SO(3), 1, Invariant(2))
    with pytest.raises(InputError, match=r"Take kernel_size=\(7, 7, 3\)"):
        derive(task, depth=1, scales=1)
    net = derive(task, depth=1, scales=1, kernel_size=(7, 7, 3))
    assert convolutions(net)[0].kernel_size == (7, 7, 3)
    assert any("7 × 7 × 3 sites" in note for note in net.notes)
    for wrong in ((7, 0, 3), (), "big", 2.5, (7, "3", 3)):
        with pytest.raises(TaskError, match="kernel_size"):
            derive(task, kernel_size=wrong)


def test_choices_for_continuous_groups_reach_the_layers():
    task = Task(Grid(2), SO(2), 1, Invariant(2))
    net = derive(task, width=1, depth=1, scales=1, max_frequency=1, samples=12, function="tanh", kernel_size=7)
    (active,) = [part for part in leaves(net) if isinstance(part, FourierNonlinearity)]
    assert (active.samples, active.function, active.source.channels) == (12, "tanh", 3)
    assert convolutions(net)[0].kernel_size == (7, 7)
    norms = derive(task, width=1, depth=1, scales=1, nonlinearity="norm")
    assert any(isinstance(part, NormNonlinearity) for part in leaves(norms))
    assert not any(isinstance(part, FunctionBatchNorm) for part in leaves(norms))
    regular = derive(Task(Grid(2), C(8), 1, Invariant(2)), width=8, depth=1, scales=1, nonlinearity="fourier")
    assert any(isinstance(part, FieldBatchNorm) for part in leaves(regular))


# ---- at the door ---------------------------------------------------------------------------------------------------
def test_tensors_give_tensors_signals_signals_and_spaces_spaces():
    net = derive(CLASSES, width=8).eval()
    x = torch.randn(2, 1, 9, 9)
    answer = net(Signal(x, net.source))
    assert isinstance(answer, Signal)
    assert answer.space == net.target == net(net.source)
    assert torch.equal(answer.values, net(x))


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (torch.randn(2, 3, 9, 9), "3 channels"),
        (torch.randn(2, 9, 9), r"\[batch, channel, n, n\]"),
        (torch.zeros(2, 1, 9, 9, dtype=torch.uint8), "floating"),
        (torch.zeros(2, 1, 9, 9, dtype=torch.float64), "dtype"),
        (torch.randn(2, 1, 4, 9), "at least 5 sites"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(given, why):
    with pytest.raises(InputError, match=why):
        derive(CLASSES, width=8)(given)


def test_signals_of_another_space_are_refused():
    net = derive(CLASSES, width=8)
    other = Space(Grid(2), D(4).trivial)
    with pytest.raises(SpaceError, match="D4"):
        net(Signal(torch.randn(1, 1, 9, 9), other))
    with pytest.raises(SpaceError):
        net(other)
    with pytest.raises(SpaceError):
        net([1, 2, 3])


def test_equal_seeds_give_equal_networks():
    found = []
    for _ in range(2):
        torch.manual_seed(3)
        found.append(derive(CLASSES, width=8).eval()(torch.ones(1, 1, 9, 9)))
    assert torch.equal(*found)


def test_a_network_that_no_memory_holds_is_refused_before_any_of_it_is_built():
    with pytest.raises(TaskError, match="fewer scales"):
        derive(Task(Grid(2), C(4), 1, Invariant(2)), scales=40)
