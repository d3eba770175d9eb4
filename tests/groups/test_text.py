"""Groups as text: names at the command line, and data in files."""

import json

import pytest

from erlangen.errors import GroupError, RecipeError
from erlangen.groups import (
    C,
    D,
    FullOctahedral,
    Group,
    Isometries,
    Mirror,
    O,
    Relabelling,
    RigidMotions,
    S,
    TimeWarp,
    Translations,
    group_from_data,
    group_to_data,
    parse_group,
    parse_symmetry,
    symmetry_from_data,
    wreath,
)


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("C(4)", C(4)),
        (" D( 6 ) ", D(6)),
        ("C(4, axis=2)", C(4, axis=2)),
        ("C(4, axis=None)", C(4)),
        ("C4", C(4)),
        ("D12*Mirror", D(12) * Mirror()),
        ("FullOctahedral()", FullOctahedral()),
        ("O(3)", O(3)),
        ("C(4) * (Mirror() * S(3))", C(4) * Mirror() * S(3)),
        ("wreath(C(2), 3)", wreath(C(2), 3)),
    ],
)
def test_names_are_parsed(text: str, group: Group):
    assert parse_group(text) == group


@pytest.mark.parametrize(
    "text",
    [
        "",
        "C",
        "C(",
        "Q(4)",
        "C(4) + C(2)",
        "C(4)(2)",
        "C(n)",
        "C(4, 2, 1)",
        "C('4')",
        "C(4.5)",
        "C(0)",
        "C(*[4])",
        "C(**{'n': 4})",
        "C(4, size=2)",
        "S(True)",
        "C(4).order",
        "__import__('os').getcwd()",
        "(lambda: 1)()",
        "Group.from_matrices([[1]])",
        "C(4); D(4)",
        "C(4) * Relabelling()",
        "Relabelling()",
        "wreath(SO(2), 2)",
        "wreath(2, 2)",
        "a\0b",
        "(" * 500 + "C4" + ")" * 500,
        "C(" + "9" * 5000 + ")",
    ],
)
def test_what_names_no_group_is_refused(text: str):
    with pytest.raises(GroupError):
        parse_group(text)


def test_the_refusal_lists_the_names():
    with pytest.raises(GroupError, match=r"C\(n\).*SO\(2\).*Icosahedral\(\)") as caught:
        parse_group("Rotations(4)")
    assert "Relabelling" not in str(caught.value)
    with pytest.raises(GroupError, match=r"Relabelling\(\)"):
        parse_symmetry("Rotations(4)")


@pytest.mark.parametrize(
    "symmetry",
    [Translations(), Relabelling(), RigidMotions(), Isometries(), Isometries(oriented=True), TimeWarp(), C(4)],
)
def test_declarations_travel_as_well(symmetry):
    assert symmetry_from_data(json.loads(json.dumps(group_to_data(symmetry)))) == symmetry
    assert parse_symmetry(repr(symmetry)) == symmetry
    assert symmetry.is_declaration == (symmetry != C(4))
    assert hash(symmetry) == hash(parse_symmetry(repr(symmetry)))


@pytest.mark.parametrize(
    "data",
    [
        None,
        3,
        [],
        {},
        "C(",
        "Relabelling()",
        {"product": ["C(4)"]},
        {"product": ["C(4)", "Translations()"]},
        {"product": "C(4)"},
        {"permutations": [[0, 0]]},
        {"permutations": []},
        {"matrices": [[[1, 1], [0, 1]]], "cap": 2000},
        {"matrices": [[["x"]]], "cap": 2000},
        {"matrices": [[[1]]]},
        {"subgroup": {"of": "C(4)", "generators": [[[1, 1], [0, 1]]]}},
        {"subgroup": {"of": "C(4)", "generators": 3}},
        {"subgroup": {"of": "C(4)"}},
        {"semidirect": {"normal": "C(4)", "acting": "C(2)", "images": []}},
        {"semidirect": {"normal": "C(4)", "acting": "C(2)", "images": [3]}},
        {"semidirect": {"normal": "C(4)", "acting": "C(2)", "images": [[[[0, -1], [1, 1]]]]}},
        {"wreath": {"of": "C(2)", "n": "3"}},
        {"wreath": {"of": "C(2)", "n": -1}},
        {"unknown": 1},
    ],
)
def test_damaged_data_are_refused(data):
    with pytest.raises(RecipeError, match="a group written as"):
        group_from_data(data)


def test_a_kind_of_ones_own_has_no_text():
    class Unknown:
        pass

    with pytest.raises(GroupError, match="kind of its own"):
        group_to_data(Unknown())  # pyright: ignore[reportArgumentType]
