"""Every chapter of the tour, learning next to nothing: what belongs to the architecture is there all the same."""

import re
from collections.abc import Mapping
from itertools import pairwise

import pytest

from erlangen.errors import ConfigError
from erlangen.tour import CHAPTERS, Chapter, chosen, page, walk

LITTLE = 0.02
EXACT, BROKEN = 1e-5, 0.3


@pytest.fixture(scope="module")
def told() -> list[tuple[float, str, bool]]:
    return []


@pytest.fixture(scope="module")
def tour(told: list[tuple[float, str, bool]]) -> dict[str, Chapter]:
    found = walk(chosen(None), LITTLE, lambda *said: told.append(said))
    return {chapter.name: chapter for chapter in found}


def like(numbers: Mapping[str, float], *words: str) -> float:
    """The one number whose name holds all these words."""
    (found,) = [value for name, value in numbers.items() if all(word in name for word in words)]
    return found


def test_every_chapter_has_a_number_a_table_and_a_picture(tour: dict[str, Chapter]):
    assert list(tour) == list(CHAPTERS)
    for chapter in tour.values():
        assert chapter.numbers and all(value == value for value in chapter.numbers.values())
        assert all(len(row) == len(t.columns) for t in chapter.tables for row in t.rows)
        drawn = [drawing for plate in chapter.plates for drawing, _, _ in plate.pictures]
        assert drawn and all(d.startswith(("data:image/png;base64,", "<svg", "<p class")) for d in drawn)
        assert sum(text.count(". ") + 1 for text in chapter.telling) >= 2
        assert chapter.headline[0] in chapter.numbers


@pytest.mark.parametrize(
    ("chapter", "words"),
    [
        ("symmetry", ("g·(h·x)",)),
        ("symmetry", ("90° and back",)),
        ("scales", ("move by D4",)),
        ("scales", ("finest texture",)),
        ("blueprint", ("what is it?",)),
        ("blueprint", ("f(g·x) = g·f(x)",)),
        ("blueprint", ("two linear layers",)),
        ("images", ("convolution, shifted",)),
        ("images", ("global pooling",)),
        ("images", ("error", "derived")),
        ("group-convolution", ("squares: the least turn",)),
        ("group-convolution", ("multiplication",)),
        ("volumes", ("24 turns of the cube, derived",)),
        ("volumes", ("mirrors",)),
        ("dna", ("tracks",)),
        ("dna", ("other strand, derived",)),
        ("dna", ("differently, derived",)),
        ("manifolds", ("flat against rolled up, derived",)),
        ("graphs", ("another order, derived",)),
        ("graphs", ("triangles: messages",)),
        ("graphs", ("points in space",)),
        ("sequences", ("derived LSTM",)),
        ("sequences", ("64 zeros",)),
        ("sequences", ("mapped",)),
        ("augmentation", ("error", "then averaged")),
        ("augmentation", ("error", "canonicalized")),
        ("augmentation", ("error", "turns, derived")),
    ],
)
def test_what_is_exact_is_exact_to_rounding(tour: dict[str, Chapter], chapter: str, words: tuple[str, ...]):
    numbers = {n: v for n, v in tour[chapter].numbers.items() if "ordinary" not in n or chapter != "group-convolution"}
    assert like(numbers, *words) <= EXACT


@pytest.mark.parametrize(
    ("chapter", "words"),
    [
        ("blueprint", ("had to stay put",)),
        ("blueprint", ("with a nonlinearity",)),
        ("images", ("convolution, turned",)),
        ("images", ("flatten",)),
        ("images", ("error", "plain")),
        ("images", ("error", "augmented")),
        ("group-convolution", ("squares: the least turn, the ordinary",)),
        ("group-convolution", ("hexagons: the least turn, the ordinary",)),
        ("volumes", ("24 turns of the cube, plain",)),
        ("dna", ("other strand, plain",)),
        ("graphs", ("another order, plain",)),
        ("sequences", ("plain RNN, the same weights",)),
        ("sequences", ("gated, exact, the same weights",)),
        ("augmentation", ("error", "turns, plain")),
    ],
)
def test_what_breaks_is_seen_to_break(tour: dict[str, Chapter], chapter: str, words: tuple[str, ...]):
    assert like(tour[chapter].numbers, *words) > BROKEN


def test_the_symmetry_says_how_many_weights_are_free(tour: dict[str, Chapter]):
    found = {name: value for name, value in tour["blueprint"].numbers.items() if name.startswith("symmetry")}
    assert list(found.values()) == [36, 6, 4, 2]
    assert (
        like(tour["graphs"].numbers, "nodes to nodes") == 2 and like(tour["graphs"].numbers, "pairs of nodes to") == 15
    )
    filters = tour["group-convolution"].numbers
    assert [filters[f"{kind}: free weights"] for kind in ("squares", "hexagons")] == [9, 7]
    dna = tour["dna"].numbers
    assert 2 * like(dna, "free weights") == like(dna, "without the symmetry")


def test_handedness_and_rings_are_seen_where_they_can_be(tour: dict[str, Chapter]):
    assert tour["volumes"].numbers["left against right screw, derived for 24 turns"] > 1e-3
    assert like(tour["graphs"].numbers, "walks") > 1e-3
    assert like(tour["symmetry"].numbers, "gh ≠ hg") == 24  # of the 64 pairs of D4, which has 5 classes, 40 commute


def test_networks_beside_each_other_have_as_many_weights(tour: dict[str, Chapter]):
    for name in ("images", "volumes", "dna", "manifolds", "graphs"):
        (trained,) = [t for t in tour[name].tables if t.columns[1] == "weights"]
        sizes = [int(row[1].replace(",", "")) for row in trained.rows]
        assert max(sizes) <= 1.05 * min(sizes)


def test_it_says_how_far_it_is(tour: dict[str, Chapter], told: list[tuple[float, str, bool]]):
    fractions = [fraction for fraction, _, _ in told]
    assert all(after >= before - 1e-9 for before, after in pairwise(fractions))
    assert fractions[-1] == pytest.approx(1.0)
    assert [text.split(":")[0] for _, text, done in told if done] == [chapter.title for chapter in tour.values()]


def test_the_page_is_one_file_without_links_outside(tour: dict[str, Chapter]):
    html = page(list(tour.values()), 12.0)
    assert html.count("<section") == len(tour) and "12 seconds" in html
    assert set(re.findall(r'(?:href|src)="([^"#]*)', html)) <= {"", "data:image/png;base64,"} | {
        found for found in re.findall(r'src="(data:image/png;base64,[^"]*)"', html)
    }
    assert not re.search(r"https?://|@import|url\(", html)
    for name in tour:
        assert f'href="#{name}"' in html and f'id="{name}"' in html


def test_an_unknown_chapter_is_refused_with_those_that_there_are():
    with pytest.raises(ConfigError, match="symmetry, scales.*--chapters images,dna"):
        chosen("imagse")
