"""Irreps of space as texts: read, written and read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import erlangen as er
from erlangen.errors import ConfigError, RepresentationError
from erlangen.groups import SO, C, O
from erlangen.representations import direct_sum, written
from erlangen.train.reading import parse_channels, parse_output

LABELS = st.tuples(st.integers(0, 12), st.sampled_from([1, -1]))
TERMS = st.lists(st.tuples(st.integers(1, 200), LABELS), min_size=1, max_size=6)
SPACE = st.sampled_from(["", " ", "  "])


def test_they_are_the_sums_they_say():
    assert er.irreps("16x0e + 8x1o") == 16 * O(3).irrep(0, 1) + 8 * O(3).irrep(1, -1)
    assert er.irreps("1o+0e+1o") == O(3).irrep(1, -1) + O(3).trivial + O(3).irrep(1, -1)
    assert er.irreps("16x0 + 8x1") == er.irreps("16×0+8×1", SO(3)) == 16 * SO(3).trivial + 8 * SO(3).irrep(1)
    assert er.irreps(" 2 x 3e ", O(3)) == 2 * O(3).irrep(3, 1)


@given(TERMS, SPACE)
def test_they_are_written_and_read_again(terms: list[tuple[int, tuple[int, int]]], space: str):
    mirrored = direct_sum(*((O(3).irrep(*labels), times) for times, labels in terms))
    turned = direct_sum(*((SO(3).irrep(labels[0]), times) for times, labels in terms))
    for rho in (mirrored, turned):
        text = written(rho)
        assert er.irreps(text) == er.irreps(text, rho.group) == rho
        assert er.irreps(text.replace("+", f"{space}+{space}").replace("x", f"{space}x{space}")) == rho
        assert written(er.irreps(text)) == text
        assert parse_channels(text, rho.group) == rho


@given(TERMS)
def test_they_are_e3nns(terms: list[tuple[int, tuple[int, int]]]):
    o3 = pytest.importorskip("e3nn.o3")
    rho = direct_sum(*((O(3).irrep(*labels), times) for times, labels in terms))
    theirs = o3.Irreps(written(rho))
    assert theirs.dim == rho.dim
    assert er.irreps(str(theirs)) == rho


def test_sign_and_standard_are_written_as_what_they_are():
    for rho in (O(3).sign, O(3).standard, SO(3).standard):
        again = er.irreps(written(rho))
        for g in rho.group.sample(3, 0):
            assert abs(again(g) - rho(g)).max() < 1e-12


@pytest.mark.parametrize(
    "text",
    ["", "+", "2x1e+", "1E", "1y", "-1x1e", "0x1e", "1e1", "x1e", "2xe", "81e", "9999999999x0e", "1x1e, 1x2e", "1e-1o"],
)
def test_what_cannot_be_read_is_refused(text: str):
    with pytest.raises(RepresentationError, match="Given .*; expected"):
        er.irreps(text, O(3))


def test_a_parity_stands_where_there_is_one():
    with pytest.raises(RepresentationError, match=r"of O\(3\); expected .*parity"):
        er.irreps("16x0", O(3))
    with pytest.raises(RepresentationError, match=r"of SO\(3\); expected .*16x0 \+ 8x1"):
        er.irreps("16x0e", SO(3))
    with pytest.raises(RepresentationError, match=r"of O\(3\)"):
        er.irreps("2x0e + 1")


@pytest.mark.parametrize("group", [C(4), SO(2), O(2), "O(3)", 3])
def test_other_groups_are_refused(group: object):
    with pytest.raises(RepresentationError, match=r"O\(3\) or SO\(3\)"):
        er.irreps("1o", group)


@pytest.mark.parametrize("rho", [C(4).regular, O(2).irrep(1, 1), SO(3).standard.tensor(SO(3).standard), "1o", None])
def test_what_is_no_sum_of_irreps_of_space_is_not_written(rho: object):
    with pytest.raises(RepresentationError, match=r"sum of irreps of O\(3\) or SO\(3\)"):
        written(rho)


def test_run_files_read_them():
    vector = O(3).irrep(1, -1)
    assert parse_channels("16x0e+8x1o", O(3)) == er.irreps("16x0e + 8x1o")
    assert parse_channels("1o", O(3)) == vector
    assert parse_channels("'8x1o' + trivial", O(3)) == 8 * vector + O(3).trivial
    assert parse_output("Equivariant('1x1o', pooled=True)", O(3)) == er.Equivariant(vector, pooled=True)
    assert parse_channels("3", SO(3)) == 3
    assert parse_channels("2x0 + 1", SO(3)) == 2 * SO(3).trivial + SO(3).irrep(1)
    with pytest.raises(ConfigError):
        parse_channels("16x0e", C(4))
    with pytest.raises(RepresentationError, match=r"O\(3\)"):
        parse_channels("16x0", O(3))
