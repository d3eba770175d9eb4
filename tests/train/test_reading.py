"""Texts name domains, groups, channels and answers; nothing in them is executed."""

import pytest

from erlangen.domains import Dna, Grid, HexGrid, Points, Sphere
from erlangen.errors import ConfigError, SymmetryError
from erlangen.groups import SO, C, D, FullOctahedral, O, Octahedral, Trivial
from erlangen.task import Equivariant, Invariant
from erlangen.train.reading import located, parse_channels, parse_domain, parse_output, parse_task


def test_texts_are_the_calls_of_the_library() -> None:
    assert parse_domain(' Grid(2, boundary="periodic") ') == Grid(2, boundary="periodic")
    assert parse_domain("HexGrid()") == HexGrid()
    assert [parse_domain(text) for text in ("grid3", " Grid2", "hex", "DNA")] == [Grid(3), Grid(2), HexGrid(), Dna()]
    assert parse_domain("Points(3, radius=5.0)") == Points(3, radius=5.0) and parse_domain("points") == Points(3)
    assert parse_domain("Points(2, neighbours=8)") == Points(2, neighbours=8)
    assert parse_output("Invariant(10)", C(4)) == Invariant(10)
    assert parse_output("Equivariant(standard, pooled=True)", D(4)) == Equivariant(D(4).standard, pooled=True)
    assert parse_channels("3", C(4)) == 3
    assert parse_channels("2 * regular + irrep(1)", C(4)) == 2 * C(4).regular + C(4).irrep(1)
    assert parse_channels("trivial + standard * 2", D(4)) == D(4).trivial + 2 * D(4).standard
    sides = parse_channels("trivial + quotient(Octahedral())", FullOctahedral())
    assert sides == FullOctahedral().trivial + FullOctahedral().quotient(Octahedral())


def test_a_task_needs_no_symmetry_and_takes_translations() -> None:
    assert parse_task("Grid(2)", None, 1, "Invariant(3)").symmetry == Trivial()
    assert parse_task("Grid(2)", "Translations()", 1, "Invariant(3)").symmetry == Trivial()
    assert parse_task("Points(3)", None, "2 * trivial + standard", "Equivariant(standard)").symmetry == O(3)
    assert parse_task("Dna()", None, None, "Invariant(2)").source.channels == 4


@pytest.mark.parametrize(
    "text",
    [
        "Gird(2)",
        "Grid",
        "Grid(",
        "grid4",
        "hexes",
        "Grid(2",
        "Lattice(2)",
        "__import__('os')",
        "Grid(open('x'))",
        "Grid(2, colour=1)",
        "",
        "1",
    ],
)
def test_domains_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(SymmetryError):
        parse_domain(text)


@pytest.mark.parametrize(
    "text", ["Invariant()", "Invariant(0)", "Invariant(x)", "Invariant(3, 4)", "Positions(3)", "Invariant(2.5)"]
)
def test_answers_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(SymmetryError):
        parse_output(text, C(4))


@pytest.mark.parametrize(
    "text", ["regular * regular", "os.getcwd()", "irrep(9)", "irrep('a')", "sign", "lambda: 1", "[1]"]
)
def test_channels_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(SymmetryError):
        parse_channels(text, C(4))


def test_the_mend_is_an_example_of_what_was_asked() -> None:
    with pytest.raises(ConfigError, match=r'Write it as in "Grid\(2\)"'):
        parse_domain("Plane")
    with pytest.raises(ConfigError, match=r'Write it as in "Invariant\(10\)"'):
        parse_output("10", C(4))
    with pytest.raises(ConfigError, match=r'Write it as in "2 \* trivial"'):
        parse_channels("2 trivial", C(4))


def test_the_place_is_said() -> None:
    with pytest.raises(ConfigError, match=r"'Gird\(2\)' \(mine.toml\).*Did you mean 'Grid'"), located("mine.toml"):
        parse_domain("Gird(2)")


def test_tangent_vectors_of_the_sphere_have_a_name():
    vectors = Sphere().vectors(SO(2))
    assert parse_channels("tangent + 4 * trivial", SO(2)) == vectors + 4 * SO(2).trivial
    assert parse_output("Equivariant(tangent)", SO(2)) == Equivariant(vectors)
