"""Which elements a network is tested at: exact and interpolated ones told apart, always the same."""

import pytest

from erlangen.domains import Domain, Grid, HexGrid, Sphere
from erlangen.groups import SO, C, D, Group, Icosahedral, O, Octahedral, S
from erlangen.task import Invariant, Task
from erlangen.train.elements import by_kind, elements, is_exact, marked, name_of


@pytest.mark.parametrize(
    ("domain", "group", "tested", "exact"),
    [
        (Grid(2), C(4), 4, 4),
        (Grid(2), C(8), 8, 4),
        (Grid(2), D(8), 16, 8),
        (Grid(2), SO(2), 16, 4),
        (Grid(2), O(2), 16, 8),
        (HexGrid(), SO(2), 12, 6),
        (HexGrid(), O(2), 24, 12),
        (Grid(3), SO(2), 16, 4),
        (Grid(3), SO(3), 32, 24),
        (Grid(3), O(3), 56, 48),
        (Grid(3), Octahedral(), 24, 24),
        (Grid(3), Icosahedral(), 60, 12),
        (Grid(2), C(100), 12, 4),
        (Sphere(), SO(3), 9, 9),
        (Sphere(), O(3), 9, 9),
        (Sphere(), SO(2), 16, 16),
        (Sphere(), C(5), 5, 5),
    ],
    ids=str,
)
def test_what_the_lattice_keeps_is_tested_whole_and_others_beside_it(
    domain: Domain, group: Group, tested: int, exact: int
) -> None:
    task = Task(domain, group, 1, Invariant(3))
    found = elements(task)
    assert found[0] == group.identity
    assert all(g.group == group for g in found)
    assert all(a != b for i, a in enumerate(found) for b in found[:i])
    assert (len(found), sum(is_exact(task, g) for g in found)) == (tested, exact)
    assert found == elements(task)


def test_groups_that_no_table_holds_are_drawn_from() -> None:
    from erlangen.domains import Point

    assert len(elements(Task(Point(), S(6), 1, Invariant(3)))) == 64


def test_angles_are_named_to_a_tenth_of_a_degree() -> None:
    task = Task(Grid(2), O(2), 1, Invariant(3))
    assert [name_of(task, g) for g in elements(task)[:3]] == ["0°", "45°", "90°"]
    task = Task(Grid(2), SO(2), 1, Invariant(3))
    assert [name_of(task, g) for g in elements(task)[:3]] == ["0°", "22.5°", "45°"]
    assert name_of(task, SO(2).element(-1e-9)) == "0°"
    space = Task(Grid(3), SO(3), 1, Invariant(3))
    assert name_of(space, elements(space)[0]) == "upright"


def test_kinds_are_told_apart_only_where_there_are_two() -> None:
    assert by_kind([True, True]) == {"": [0, 1]}
    assert by_kind([True, False, True]) == {"on the lattice": [0, 2], "interpolated": [1]}
    assert marked("45°", False) == "≈ 45°"


def test_turns_of_the_sphere_are_named_by_their_angle_or_their_axis():
    turns = Task(Sphere(), SO(2), 1, Invariant(3))
    assert [name_of(turns, g) for g in elements(turns)[:2]] == ["0°", "22.5°"]
    every = Task(Sphere(), SO(3), 1, Invariant(3))
    first, second = (name_of(every, g) for g in elements(every)[:2])
    assert first == "upright" and second.startswith("rotation by 158.5° about (")
