"""Finite domains: how points and vectors move, blocks, and what is refused."""

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.domains._blocks import congruence, finest_blocks
from erlangen.domains.text import domain_from_data, domain_to_data
from erlangen.errors import DomainError, InputError, RepresentationError, SymmetryError
from erlangen.groups import C, D, Group, S, Trivial
from tests.laws.catalogue import BOARD, CUBE, FINITE, LARGE_FINITE, RING


@pytest.mark.parametrize(("domain", "group"), [*FINITE, *LARGE_FINITE])
def test_it_is_a_left_action_and_plain_data(domain: er.Finite, group: Group):
    er.testing.check_domain(domain, group)
    again = domain_from_data(domain_to_data(domain), Trivial())
    assert again == domain and hash(again) == hash(domain) and repr(again) == repr(domain)
    assert domain.size(9) == ((domain.points,) if domain.axes else ())
    assert domain.preserves(group) and domain.kept(group) == group and domain.natural_symmetry() == domain.group


def test_points_go_to_their_images():
    """(g·x)(g·j) = x(j), of the generators as given."""
    images = (2, 0, 1, 4, 3)
    domain = er.Finite(C(6), [images])
    x = torch.arange(5.0).reshape(1, 1, 5)
    moved = domain.act(C(6).generators[0], x)
    assert all(moved[0, 0, images[j]] == x[0, 0, j] for j in range(5))


def test_a_board_is_moved_as_a_picture_is():
    x = torch.randn(2, 3, 3, 3)
    for g in D(4).elements:
        assert torch.equal(BOARD.act(g, x.flatten(2)), er.Grid(2).act(g, x).flatten(2))


def test_vectors_move_by_their_matrices():
    turned = er.Finite(C(4), [[[0, -1], [1, 0]]])
    task = er.Task(turned, output=er.Invariant(1))
    x = torch.randn(5, 2, dtype=torch.float64)
    for g in C(4).elements:
        assert torch.allclose(task.source.act(g, x), x @ torch.as_tensor(g.matrix).T)
    pair = er.Finite(C(4), [((1, 0), (1, -1))])
    assert er.Task(pair, output=er.Invariant(1)).source.rho(C(4).generators[0]).tolist() == [[0, -1], [1, 0]]
    assert er.Finite(D(4), D(4).standard).is_linear and not er.Finite(S(3), S(3).standard).is_linear


def test_what_is_no_action_is_refused_with_the_relation_that_fails():
    with pytest.raises(RepresentationError, match=r"r\^3 is not"):
        er.Finite(C(3), [(1, 0, 2)])
    with pytest.raises(RepresentationError, match=r"matrices .* r\^4 is not"):
        er.Finite(C(4), [np.diag([1.0, 2.0])])


@pytest.mark.parametrize("action", [None, 3, [None], [[[[1]]]], [(1, 0), (1, 0)], ["ab"], [np.zeros((0, 0, 0))]])
def test_what_says_nothing_of_the_generators_is_refused(action: object):
    with pytest.raises(SymmetryError):
        er.Finite(C(2), action)  # type: ignore[arg-type]
    with pytest.raises(DomainError, match="a finite group"):
        er.Finite("C2", [(1, 0)])  # type: ignore[arg-type]
    with pytest.raises(DomainError, match="a representation of"):
        er.Finite(C(2), C(3).regular)


def test_other_groups_are_refused_though_they_look_alike():
    for group in (C(3), er.Mirror(), D(6)):
        assert not RING.preserves(group)
    assert RING.preserves(C(6).subgroup(C(6).generators[0] ** 2)) and RING.preserves(Trivial())


def test_values_of_another_shape_are_refused():
    for shape in ((2, 1, 5), (2, 6), (2, 1, 6, 1)):
        with pytest.raises(InputError):
            RING.check_values(torch.zeros(shape))


def test_blocks_are_the_finest_that_the_group_moves_as_wholes():
    assert RING.blocks().tolist() == [0, 1, 2, 0, 1, 2]
    assert RING.coarser().points == 3  # three points are moved in no blocks
    with pytest.raises(DomainError, match="coarser"):
        RING.coarser().coarser()
    corners, edges = np.bincount(np.bincount(CUBE.blocks()))[[3, 2]]
    assert (corners, edges, CUBE.coarser().points) == (8, 12, 20)  # the cubelets


def test_blocks_can_be_named():
    thirds = C(6).subgroup(C(6).generators[0] ** 2)
    assert RING.blocks(thirds).tolist() == [0, 1, 0, 1, 0, 1]
    assert RING.blocks([5, 3, 5, 3, 5, 3]).tolist() == [0, 1, 0, 1, 0, 1]
    for torn in ([0, 0, 1, 1, 2, 3], D(4).subgroup(D(4).generators[1])):
        domain = RING if isinstance(torn, list) else BOARD
        with pytest.raises(DomainError, match="tears one apart"):
            domain.blocks(torn)
    with pytest.raises(DomainError, match="one a point"):
        RING.blocks([0, 1])


def test_congruences_agree_with_brute_force():
    """The finest partition with i ~ j that is kept: found here as the closure of a relation as a matrix."""
    for param in [p for p in FINITE if not p.values[0].is_linear]:
        domain = param.values[0]
        moves = [domain.action.permutation(g) for g in domain.group.generators]
        n = domain.points
        for j in range(n):
            related = np.eye(n, dtype=bool)
            related[0, j] = related[j, 0] = True
            while True:
                grown = related | (related.astype(int) @ related > 0)
                for move in moves:
                    grown[np.ix_(move, move)] |= related
                if (grown == related).all():
                    break
                related = grown
            parts = congruence(moves, n, [(0, j)])
            assert np.array_equal(parts[:, None] == parts, related)


def test_primitive_domains_have_no_blocks():
    moves = [np.array(g.key) for g in S(5).generators]
    assert finest_blocks(moves, 5).tolist() == [0, 1, 2, 3, 4]
