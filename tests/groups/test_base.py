"""What every kind of group inherits, on a kind that a user might write; what the room loads; its thin members."""

import subprocess
import sys
import time
from dataclasses import dataclass, replace

import numpy as np
import pytest

from erlangen.errors import MissingError
from erlangen.groups import SO, C, D, Element, Group, Octahedral, S, semidirect


@dataclass(frozen=True, repr=False)
class Units(Group):
    """The units modulo n, by multiplication; matrices [[u]] would not multiply, so the regular ones."""

    n: int

    @property
    def order(self) -> int:
        return sum(np.gcd(k, self.n) == 1 for k in range(self.n))

    def unit(self):
        return 1

    def generator_keys(self):
        return [k for k in range(2, self.n) if np.gcd(k, self.n) == 1]

    def multiply(self, a, b):
        return a * b % self.n

    def invert(self, a):
        return pow(a, -1, self.n)

    def matrix_of(self, a):
        matrix = np.zeros((self.n, self.n))
        matrix[np.arange(self.n) * a % self.n, np.arange(self.n)] = 1
        return matrix

    def text_of(self, a):
        return str(a)


def test_seven_methods_make_a_group():
    group = Units(20)
    assert repr(group) == "Units(20)" and group == Units(20) != Units(15)
    assert len(group.elements) == group.order == 8 and len(group.conjugacy_classes) == 8
    g = group.element(Element(group, 3))
    assert group.element(g.matrix) == g and g.order == 4 and group.subgroup(g).order == 4
    assert (group * C(2)).order == 16 and group.element(tuple(np.arange(20) * 3 % 20)) == g


def test_groups_and_elements_do_not_change():
    with pytest.raises(AttributeError):
        C(4).n = 5  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(AttributeError):
        C(4).identity.key = 1  # pyright: ignore[reportAttributeAccessIssue]
    matrix = Octahedral().identity.matrix
    matrix[0, 0] = 7  # a copy
    assert Octahedral().identity.matrix[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        C(4).matrices[0, 0, 0] = 7
    assert not hasattr(C(4).identity, "__dict__")
    assert replace(C(4), n=5) == C(5)


def test_elements_sort_into_sets_and_dicts():
    assert {C(4).identity, C(4).generators[0] ** 4} == {C(4).identity}
    assert len({*C(4).elements, *C(8).elements}) == 12
    assert C(4).generators[0].matrix is not C(4).generators[0].matrix


@pytest.mark.parametrize("group", [C(2000), D(1000), semidirect(C(1000), C(2), lambda h: lambda n: ~n), C(40) * D(25)])
def test_two_thousand_elements_are_listed_at_once(group: Group):
    start = time.perf_counter()
    assert group.table.shape == (2000, 2000)
    assert time.perf_counter() - start < 5  # about a tenth of a second; a table by 4e6 products would take longer


def test_the_room_is_light():
    work = "from erlangen.groups import *; S(5).table; Group.from_permutations([(1, 2, 0)]).sample(3)"
    script = f"import sys; {work}; sys.exit(not {{'torch', 'scipy', 'sympy'}}.isdisjoint(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_representations_of_a_group():
    group = D(4)
    assert group.trivial.dim == 1 and group.regular.dim == 8 and group.standard.dim == 2 and group.sign.dim == 1
    assert group.quotient(group.subgroup(group.generators[1])).dim == 4
    assert group.irrep(1, 1).dim == 2 and len(group.irreps()) == 5 and len(SO(2).irreps(3)) == 4
    with pytest.raises(MissingError):
        _ = C(4).sign
    assert S(3).sign.dim == 1
