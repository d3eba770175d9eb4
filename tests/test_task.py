"""A task says domain, symmetry, input and output, fills in what is natural, and refuses what contradicts itself."""

import pytest
import torch

from erlangen.domains import Dna, Grid, HexGrid, Point, Sequence
from erlangen.errors import DomainError, SymmetryError, TaskError
from erlangen.groups import SO, C, D, FullOctahedral, Mirror, Octahedral, Relabelling, Translations, Trivial
from erlangen.signal import Space
from erlangen.task import Equivariant, Invariant, Positions, Task
from tests.laws.catalogue import AXIAL, MOVED, QUATERNIONS


def test_numbers_of_channels_become_scalars():
    task = Task(Grid(2), C(4), 3, Equivariant(2))
    assert task.source == Space(Grid(2), 3 * C(4).trivial)
    assert task.target == Space(Grid(2), 2 * C(4).trivial)
    assert Task(Grid(2), C(4), 3, Invariant(5)).target == Space(Point(), 5 * C(4).trivial)
    assert Task(Grid(2), C(4), 3, Equivariant(2, pooled=True)).target == Space(Point(), 2 * C(4).trivial)


def test_representations_are_taken_as_they_are():
    task = Task(HexGrid(), D(6), D(6).standard + D(6).trivial, Equivariant(D(6).regular))
    assert task.source.rho == D(6).standard + D(6).trivial
    assert task.target.rho == D(6).regular


@pytest.mark.parametrize(
    ("domain", "group", "channels"),
    [(Grid(2), Trivial(), 1), (Sequence(), Trivial(), 1), (Dna(), Mirror(), None)],
)
def test_a_symmetry_left_out_is_the_domain_s_own(domain, group, channels):
    task = Task(domain, input=channels, output=Invariant(2))
    assert task.symmetry == group
    assert task.source.channels == (channels or 4)


def test_naming_translations_adds_nothing_on_a_grid():
    assert Task(Grid(2), Translations(), 1, Invariant(2)) == Task(Grid(2), None, 1, Invariant(2))


def test_an_action_overrides_how_the_group_moves_the_grid():
    flip = Task(Grid(2), C(2), 1, Equivariant(1), action={C(2).generators[0]: [[-1, 0], [0, 1]]})
    x = torch.randn(1, 1, 5, 6)
    assert torch.equal(flip.domain.act(C(2).generators[0], x), x.flip(-2))
    assert torch.equal(Grid(2).act(C(2).generators[0], x), x.flip(-2, -1))
    assert flip != Task(Grid(2), C(2), 1, Equivariant(1))


@pytest.mark.parametrize(
    "action",
    [{}, {"r": [[1, 0], [0, 1]]}, {C(4).generators[0]: [[2, 0], [0, 1]]}, {C(4).generators[0]: [[1, 1], [0, 1]]}],
)
def test_actions_that_are_none_are_refused(action):
    with pytest.raises(SymmetryError):
        Task(Grid(2), C(4), 1, Invariant(2), action=action)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("pictures", C(4), 1, Invariant(2)), TaskError),
        ((Grid(2), "C4", 1, Invariant(2)), TaskError),
        ((Grid(2), Relabelling(), 1, Invariant(2)), TaskError),
        ((Grid(2), C(4), None, Invariant(2)), TaskError),
        ((Grid(2), C(4), 0, Invariant(2)), TaskError),
        ((Grid(2), C(4), True, Invariant(2)), TaskError),
        ((Grid(2), C(4), D(4).regular, Invariant(2)), TaskError),
        ((Grid(2), C(4), 1, Equivariant(D(4).standard)), TaskError),
        ((Grid(2), C(4), 1, 10), TaskError),
        ((Grid(2), C(4), 1, None), TaskError),
        ((Grid(2), C(4), 1, Positions()), TaskError),
        ((Grid(2), Octahedral(), 1, Invariant(2)), DomainError),
        ((Grid(2), QUATERNIONS, 1, Invariant(2)), DomainError),
        ((Grid(2), AXIAL, 1, Invariant(2)), DomainError),
        ((Grid(1), SO(2), 1, Invariant(2)), DomainError),
        ((Sequence(), C(8), 1, Invariant(2)), DomainError),
        ((Dna(), C(8), None, Invariant(2)), DomainError),
        ((Grid(2, spacing=(1, 2)), C(4), 1, Invariant(2)), DomainError),
        ((Grid(3, spacing=(1, 1, 5)), Octahedral(), 1, Invariant(2)), DomainError),
        ((Sequence(), Mirror(), 1, Invariant(2)), DomainError),
        ((Dna(), None, 4, Invariant(2)), TaskError),
    ],
)
def test_contradictions_are_refused(arguments, error):
    with pytest.raises(error) as caught:
        Task(*arguments)
    assert caught.value.given
    assert caught.value.expected
    assert caught.value.mend


@pytest.mark.parametrize(("domain", "group", "size"), MOVED)
def test_what_moves_space_is_taken_though_the_lattice_does_not_keep_it(domain, group, size):
    task = Task(domain, group, 1, Equivariant(2))
    assert task.source == Space(domain, group.trivial)
    with pytest.raises(DomainError, match="largest subgroup"):
        domain.check_group(group)


def test_voxels_that_are_no_cubes_are_refused_as_cubes_with_what_they_keep():
    with pytest.raises(DomainError) as refused:
        Task(Grid(3, spacing=(1, 1, 5)), FullOctahedral(), 1, Invariant(2))
    assert "spacing=(1.0, 1.0, 5.0)" in refused.value.given
    assert "D(4) * Mirror()" in refused.value.mend
    assert Task(Grid(3, spacing=(1, 1, 5)), D(4) * Mirror(), 1, Invariant(2)).symmetry.order == 16


@pytest.mark.parametrize("make", [Invariant, Equivariant])
@pytest.mark.parametrize("n", [0, -1, 2.5, "3"])
def test_outputs_count_channels(make, n):
    with pytest.raises(TaskError, match="positive whole number"):
        make(n)


def test_outputs_say_how_they_move():
    g = C(4).generators[0]
    y, field = torch.randn(2, 3), torch.randn(2, 2, 4, 5)
    assert torch.equal(Invariant(3).act(g, y, Grid(2)), y)
    assert torch.equal(Equivariant(2).act(g, field, Grid(2)), torch.rot90(field, 1, (-2, -1)))
    vector = Equivariant(C(4).standard, pooled=True).act(g, y[:, :2], Grid(2))
    assert torch.allclose(vector, torch.stack([-y[:, 1], y[:, 0]], dim=1))
