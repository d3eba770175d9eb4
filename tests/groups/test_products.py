"""Direct, semidirect and wreath products."""

import itertools

import numpy as np
import pytest

from erlangen.errors import GroupError
from erlangen.groups import SO, C, D, FullOctahedral, Mirror, O, S, Trivial, semidirect, wreath


def class_sizes(group) -> list[int]:
    return sorted(len(members) for members in group.conjugacy_classes)


def test_a_direct_product_is_pairs():
    group = C(4) * Mirror()
    r, m = group.generators
    assert group.order == 8 and r @ m == m @ r
    assert group.parts(r @ m) == (C(4).generators[0], Mirror().generators[0])
    assert group.element((C(4).generators[0], Mirror().generators[0])) == r @ m
    assert group.element([np.pi, [[-1]]]) == r @ r @ m
    assert np.array_equal((r @ m).matrix, [[0, -1, 0], [1, 0, 0], [0, 0, -1]])
    assert not group.contains(np.ones((3, 3))) and not group.contains((np.pi, np.pi, np.pi))
    assert (repr(group), str(group)) == ("C(4) * Mirror()", "C4 × Mirror")


def test_products_flatten_and_keep_their_order():
    assert (C(2) * C(3)) * C(4) == C(2) * (C(3) * C(4)) != C(4) * C(3) * C(2)
    assert len((C(2) * C(3) * C(4)).factors) == 3


def test_products_with_infinite_factors():
    group = SO(2) * Mirror()
    g = group.element((0.5, [[-1]]))
    assert group.order is None and g @ g == group.element((1.0, Mirror().identity))
    assert group.subgroup(group.element((np.pi, [[-1]]))).order == 2
    with pytest.raises(GroupError, match="infinite"):
        _ = group.elements


def test_semidirect_products_of_small_order():
    """D_n, the quaternions' cousin and the Frobenius group, by the sizes of their classes."""
    for n in (3, 4, 5):
        dihedral = semidirect(C(n), C(2), lambda h: lambda r: ~r)
        assert class_sizes(dihedral) == class_sizes(D(n)) and dihedral.degree == n
    assert class_sizes(semidirect(C(7), C(3), lambda h: lambda n: n**2)) == [1, 3, 3, 7, 7]
    direct = semidirect(C(4), C(2), lambda h: lambda r: r)
    assert class_sizes(direct) == [1] * 8 and direct.degree == 6


def test_the_action_is_conjugation():
    normal, acting = C(2) * C(2) * C(2), S(3)

    def action(h):
        return lambda n: normal.element(tuple(normal.parts(n)[acting.element(~h).key[i]] for i in range(3)))

    group = semidirect(normal, acting, action)
    assert group.order == 48 and class_sizes(group) == class_sizes(wreath(C(2), 3)) == class_sizes(FullOctahedral())
    for n, h in itertools.product(normal.generators, acting.generators):
        inside = group.element((n, acting.identity))
        outside = group.element((normal.identity, h))
        assert outside @ inside @ ~outside == group.element((action(h)(n), acting.identity))
        assert group.parts(inside @ outside) == (n, h)


def test_actions_as_mappings():
    turns, mirror = C(4), Mirror()
    (r,), (m,) = turns.generators, mirror.generators
    by_elements = semidirect(turns, mirror, {m: {r: ~r}})
    by_things = semidirect(turns, mirror, {m: {np.pi / 2: -np.pi / 2}})
    assert by_elements == by_things == semidirect(turns, mirror, {m: lambda g: ~g})
    assert repr(by_elements) == "semidirect(C(4), Mirror(), {m: {r: r^3}})"


@pytest.mark.parametrize(
    ("normal", "acting", "action", "reason"),
    [
        (C(4), C(2), lambda h: lambda n: n**2, "two elements to one"),
        (C(5), C(3), lambda h: lambda n: ~n, "r r r = e"),
        (S(3), C(2), lambda h: lambda n: S(3).element((1, 2, 0)), "does not keep"),
        (C(4), C(2), {}, "the automorphism for r"),
        (C(4), C(2), {C(2).generators[0]: {}}, "the image of r under r"),
        (C(4), C(2), 3, "the automorphism for r"),
        (C(4), C(2), lambda h: lambda n: 1.0, "an element of C"),
        (SO(2), C(2), lambda h: lambda n: ~n, "infinite"),
        (C(2), O(2), lambda h: lambda n: n, "infinite"),
    ],
)
def test_what_is_no_action_is_refused(normal, acting, action, reason: str):
    with pytest.raises(GroupError, match=reason):
        semidirect(normal, acting, action)


def test_semidirect_with_the_trivial_group():
    assert semidirect(C(5), Trivial(), {}).order == 5
    assert semidirect(Trivial(), C(5), lambda h: {}).order == 5


def test_large_semidirect_products():
    group = semidirect(C(500), C(2), lambda h: lambda n: ~n)
    g = group.sample(1, 0)[0]
    assert group.element(g.matrix) == g and group.element(group.images_of(g.key)) == g
    assert len(group.elements) == 1000


def test_wreath_products():
    for part, n, degree in ((C(2), 3, 6), (S(3), 2, 6), (Mirror(), 4, 8), (D(3), 2, 12)):
        group = wreath(part, n)
        order = part.order
        assert order is not None
        assert group.order == len(group.elements) == order**n * len(S(n).elements) and group.degree == degree
    assert class_sizes(wreath(C(2), 2)) == class_sizes(D(4))


def test_large_wreath_products():
    group = wreath(S(5), 6)
    g = group.sample(1, 0)[0]
    assert group.order == 120**6 * 720 and group.element(group.images_of(g.key)) == g
    mixed = list(range(30))
    mixed[0], mixed[7] = 7, 0
    assert not group.contains(tuple(mixed))


def test_wreath_refuses():
    with pytest.raises(GroupError, match="finite"):
        wreath(SO(2), 2)
    with pytest.raises(GroupError, match="whole number"):
        wreath(C(2), 0)
