"""Which fields stand between input and answer where none are named: enough, and none that the answer needs lost."""

from collections import Counter
from typing import Any

import pytest
import torch

from erlangen.blueprint import Blueprint, derive, load, save
from erlangen.blueprint.hidden import FEWEST
from erlangen.domains import Grid
from erlangen.errors import RepresentationError, TaskError
from erlangen.groups import SO, C, D, FullOctahedral, Group, Icosahedral, Mirror, O, Octahedral
from erlangen.representations import Representation
from erlangen.task import Equivariant, Invariant, Task

G = Octahedral()
TETRAHEDRAL = G.subgroup(*(g for g in G.elements if g.order == 3))
AXES = {  # by group: how many directions there are
    G: 6,
    FullOctahedral(): 12,
    Icosahedral(): 12,
    TETRAHEDRAL: 4,
}


def fibre(group: Group, output: Invariant | Equivariant | None = None, **given: Any) -> Representation:
    """One copy of the fields of the first hidden space."""
    net = derive(Task(Grid(3), group, 1, output or Invariant(2)), depth=1, scales=1, **given)
    return hidden(net)


def hidden(net: Blueprint) -> Representation:
    return next(layer.target.rho for layer in net.layers if not layer.target.rho.is_trivial)


@pytest.mark.parametrize("group", AXES, ids=str)
def test_a_large_group_of_space_has_scalars_and_directions(group: Group) -> None:
    rho = fibre(group)
    (trivial, scalars), (directions, copies) = rho.fields
    assert trivial.is_trivial and scalars == 2 * copies and rho.dim >= 32
    assert directions.dim == AXES[group] and directions.is_permutation


@pytest.mark.parametrize("group", AXES, ids=str)
def test_the_directions_tell_all_elements_apart(group: Group) -> None:
    directions = fibre(group).fields[1][0]
    assert len({tuple(directions.permutation(g).tolist()) for g in group.elements}) == group.order


def test_the_directions_of_a_cube_are_those_of_its_axes() -> None:
    assert fibre(G) == 8 * G.trivial + 4 * G.quotient(C(4, axis=2))
    full = FullOctahedral()  # twice as many, since a mirror image of what looks along an axis is something else
    assert fibre(full).fields[1][0] == full.quotient(C(4, axis=2))


@pytest.mark.parametrize(
    ("group", "once"), [(SO(3), 1 + 3 + 5), (O(3), 2 * (1 + 3 + 5)), (O(2) * Mirror(), 12)], ids=str
)
def test_of_an_infinite_group_each_irrep_stands_once(group: Group, once: int) -> None:
    counts: Counter[Representation] = Counter()
    for irrep, times in fibre(group).fields:
        counts[irrep] += times
    assert len(set(counts.values())) == 1
    assert sum(irrep.dim for irrep in counts) == once


def test_fields_are_regular_where_enough_of_them_fit_or_they_are_named() -> None:
    assert fibre(G, width=24 * FEWEST) == FEWEST * G.regular
    assert fibre(G, width=24 * (FEWEST - 1)) != (FEWEST - 1) * G.regular
    assert fibre(G, fields="regular", width=24) == G.regular
    assert fibre(SO(3), fields="regular", width=1) == SO(3).band_limited_regular(2)
    assert fibre(SO(3), fields="regular", width=1, max_frequency=1) == SO(3).band_limited_regular(1)
    assert fibre(C(4, axis=2)) == 8 * C(4, axis=2).regular


@pytest.mark.parametrize("group", [C(12, axis=2), D(12, axis=2)], ids=str)
def test_about_one_axis_no_turns_are_left_out(group: Group) -> None:
    assert fibre(group).fields[0][0] == group.regular


def test_in_the_plane_fields_are_regular_however_few() -> None:
    net = derive(Task(Grid(2), D(8), 1, Invariant(2)), depth=1, scales=1)
    assert hidden(net) == 2 * D(8).regular


def test_before_a_vector_stand_no_scalars_which_it_could_not_be_made_of() -> None:
    net = derive(Task(Grid(3), G, 1, Equivariant(G.standard, pooled=True)), depth=1, scales=1)
    assert {field for field, _ in hidden(net).fields} == {G.quotient(C(4, axis=2))}
    assert "So there are what" not in net.notes[1] and "So there is what looks along one of 6" in net.notes[1]


def test_an_answer_that_the_directions_do_not_hold_has_regular_fields() -> None:
    held = {irrep for irrep, _ in fibre(G).decompose().parts}
    for irrep in G.irreps():
        rho = fibre(G, Equivariant(irrep))
        assert (rho.fields[0][0] == G.regular) == (irrep not in held)
        assert irrep in {part for part, _ in rho.decompose().parts}


def test_other_nonlinearities_of_a_finite_group_have_regular_fields() -> None:
    assert fibre(G, nonlinearity="fourier").fields[0][0] == G.regular


def test_a_number_of_frequencies_bounds_them() -> None:
    assert fibre(SO(3), max_frequency=1, width=4).dim == 1 + 3
    with pytest.raises(TaskError, match="max_frequency=1"):
        fibre(SO(3), fields=SO(3).trivial, max_frequency=1)


@pytest.mark.parametrize(
    ("domain", "irrep", "frequency"),
    [
        (Grid(2), SO(2).irrep(4), 4),
        (Grid(2), SO(2).irrep(2), 3),
        (Grid(2), O(2).irrep(1, 5), 5),
        (Grid(3), SO(3).irrep(4), 4),
        (Grid(3), O(3).irrep(3, 1), 3),
        (Grid(3), O(3).irrep(1, 1), 2),
        (Grid(2), SO(2).irrep(2).tensor(SO(2).irrep(2)), 4),
    ],
    ids=str,
)
@pytest.mark.parametrize("pooled", [True, False])
def test_fields_go_as_high_as_the_answer_needs(
    domain: Grid, irrep: Representation, frequency: int, pooled: bool
) -> None:
    usual = 2 if domain.dim == 3 else 3
    net = derive(Task(domain, irrep.group, 1, Equivariant(irrep, pooled)), depth=1, scales=1, width=1).eval()
    parts = {part for part, _ in net[0].target.rho.fields}
    assert parts == set(irrep.group.irreps(frequency))
    assert f"up to frequency {frequency}" in net.notes[1]
    assert ("since the answer needs it" in net.notes[1]) == (frequency > usual)
    assert net(torch.randn(2, 1, *(7,) * domain.dim)).abs().max() > 0


def test_beyond_what_can_be_sampled_the_mend_is_another_nonlinearity() -> None:
    task = Task(Grid(3), SO(3), 1, Equivariant(SO(3).irrep(6), pooled=True))
    with pytest.raises(RepresentationError, match="or a norm or gate nonlinearity"):
        derive(task, depth=1, scales=1, width=1)
    assert derive(task, depth=1, scales=1, width=1, nonlinearity="norm").target.channels == 13


def test_the_notes_say_why() -> None:
    small = derive(Task(Grid(3), G, 1, Invariant(2)), depth=1, scales=1)
    assert "fewer than 4 would fit" in small.notes[1] and "6 directions" in small.notes[1]
    sphere = derive(Task(Grid(3), SO(3), 1, Invariant(2)), depth=1, scales=1, nonlinearity="norm")
    assert "each irrep once, up to frequency 2" in sphere.notes[1] and "the nonlinearity, norm" in sphere.notes[1]
    assert "up to frequency 2, as functions on the sphere do" in sphere.notes[1]
    both = derive(Task(Grid(3), O(3), 1, Invariant(2)), depth=1, scales=1)
    assert "both parities, as a function and a pseudo-function on the sphere do together" in both.notes[1]
    neither = derive(Task(Grid(3), O(2) * Mirror(), 1, Invariant(2)), depth=1, scales=1)
    assert "each irrep once" in neither.notes[1] and "sphere" not in neither.notes[1]
    assert "Regular fields" in derive(Task(Grid(3), G, 1, Invariant(2)), width=96, depth=1, scales=1).notes[1]


@pytest.mark.parametrize("group", [G, FullOctahedral(), TETRAHEDRAL], ids=str)
@pytest.mark.parametrize("output", [Invariant(2), Equivariant(2)], ids=str)
def test_what_is_derived_is_exact_and_sees_the_signal(group: Group, output: Invariant | Equivariant) -> None:
    task = Task(Grid(3), group, 1, output)
    net = derive(task, width=16, depth=1, scales=2).double().eval()
    x = torch.randn(2, 1, 8, 8, 8, dtype=torch.float64)
    with torch.no_grad():
        y = net(x)
        for g in group.generators:
            moved = net(task.domain.act(g, x))
            wanted = task.domain.act(g, y) if task.target.domain.axes else y
            assert (moved - wanted).abs().max() < 1e-11 * y.abs().max()
        assert (y[0] - y[1]).abs().max() > 1e-3 * y.abs().max()


@pytest.mark.parametrize("group", [G, Icosahedral(), SO(3)], ids=str)
def test_what_is_chosen_is_saved_and_loaded(group: Group, tmp_path) -> None:
    net = derive(Task(Grid(3), group, 1, Invariant(2)), depth=1, scales=1).eval()
    save(net, tmp_path / "net.safetensors")
    again = load(tmp_path / "net.safetensors").eval()
    x = torch.randn(1, 1, 7, 7, 7)
    with torch.no_grad():
        assert torch.equal(net(x), again(x))
