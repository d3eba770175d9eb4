"""Holm's correction, and a walk that leaves out what is broken by logic."""

import numpy as np

from erlangen.auditing.discovery.nodes import nodes_of
from erlangen.auditing.discovery.place import OnSites
from erlangen.auditing.discovery.walk import holm, rejected, walk
from erlangen.domains import Grid
from erlangen.groups import D
from erlangen.task import Invariant

NODES = nodes_of([D(4)], OnSites(Grid(2), None, Invariant(1)))


def walked(broken: set[str], alpha: float = 0.05):
    """The groups asked about, and those rejected, where p is small for what contains a broken element."""
    asked = []

    def p_of(node):
        asked.append(repr(node.group))
        return 1e-3 if broken & {str(g) for g in node.motions.values()} else 0.6

    return asked, {repr(node.group) for node in rejected(walk(NODES, p_of, alpha), alpha)}


def test_a_group_that_contains_a_broken_one_is_not_asked_about():
    asked, broken = walked({"m"})
    assert broken == {"Mirror()"}
    assert "D(2)" not in asked and "D(4)" not in asked
    assert "D(4).subgroup(r^2, r m)" in asked and "C(4)" in asked


def test_what_nothing_breaks_is_asked_about_whole():
    asked, broken = walked(set())
    assert (len(asked), broken) == (len(NODES), set())


def test_a_large_group_alone_may_be_broken():
    assert walked({"r"})[1] == {"C(4)"}


def test_nine_tests_need_a_ninth_of_alpha():
    assert walked({"m"}, alpha=0.008)[1] == set()  # 9 × 0.001 is more


def test_holm_is_that_of_the_book():
    assert holm({"a": 0.01, "b": 0.02, "c": 0.9}, 3) == {"a": 0.03, "b": 0.04, "c": 0.9}
    assert holm({"a": 0.01}, 5) == {"a": 0.05}  # what was not tested counts


def test_holm_keeps_the_chance_of_any_false_rejection():
    rng = np.random.default_rng(0)
    false = sum(min(holm(dict(enumerate(rng.random(9))), 9).values()) <= 0.05 for _ in range(2000))
    assert false / 2000 < 0.065  # 0.049 is right, and 0.0048 its standard error
