"""An explanation opens with what the network cannot see, and accounts for every weight."""

import json

import pytest

from erlangen.blueprint import Blueprint, derive
from erlangen.domains import Dna, Grid
from erlangen.groups import SO, C, D, Mirror, O, Octahedral, Trivial
from erlangen.layers import LatticeConv, Pointwise
from erlangen.signal import Space
from erlangen.task import Equivariant, Invariant, Task


def explained(task: Task, **choices):
    return derive(task, **{"width": 8, "depth": 1, **choices}).explain()


@pytest.mark.parametrize(
    ("task", "words"),
    [
        (Task(Grid(2), C(4), 1, Invariant(10)), ["a turned 6 is a 9", "changes nothing"]),
        (Task(Grid(2), D(4), 1, Invariant(10)), ["a turned 6 is a 9", "handedness"]),
        (Task(Grid(2), Mirror(), 1, Invariant(10)), ["Handedness"]),
        (Task(Grid(3), Octahedral(), 1, Invariant(2)), ["Which way up"]),
        (Task(Grid(1), Mirror(), 1, Invariant(2)), ["Direction"]),
        (Task(Grid(2), Trivial(), 1, Invariant(2)), ["Nothing beyond where"]),
        (
            Task(Dna(), output=Invariant(2)),
            ["Which strand was sequenced. ", "not for RNA, splice sites", "er.Trivial()"],
        ),
        (
            Task(Dna(), output=Equivariant(2)),
            ["Which strand was sequenced. ", "not for RNA, splice sites", "er.Trivial()"],
        ),
        (Task(Dna(), output=Equivariant(2 * Mirror().regular)), ["not for RNA and whatever else has one strand only"]),
        (Task(Dna(), output=Equivariant(Mirror().sign, pooled=True)), ["not for RNA and whatever else has one strand"]),
        (Task(Dna(), Trivial(), output=Invariant(2)), ["Nothing beyond where", "Which strand was sequenced it sees."]),
        (Task(Grid(2), C(4), 1, Equivariant(2)), ["moves its answer along"]),
    ],
)
def test_it_opens_with_what_cannot_be_seen(task, words):
    text = str(explained(task))
    opening = " ".join(text.split("layer")[0].split())
    assert all(word in opening for word in words), opening
    assert "turned 6" not in opening or task.domain == Grid(2)  # it is told of pictures alone


def test_only_dna_is_told_of_strands():
    for task in (Task(Grid(1), Mirror(), 4, Invariant(2)), Task(Grid(1), Trivial(), 4, Invariant(2))):
        assert "strand" not in str(explained(task)) and "RNA" not in str(explained(task))


def test_rotations_alone_do_not_hide_handedness():
    assert "andedness" not in str(explained(Task(Grid(3), Octahedral(), 1, Invariant(2))))


@pytest.mark.parametrize("output", [Invariant(10), Equivariant(2)])
def test_its_rows_account_for_every_weight(output):
    net = derive(Task(Grid(2), D(4), 1, output), width=16)
    explanation = net.explain()
    assert explanation.free == sum(p.numel() for p in net.parameters())
    plain = derive(Task(Grid(2), Trivial(), 1, output), width=16)
    head = net[-1].unconstrained_weights() - plain[-1].unconstrained_weights()  # invariants of the fibre are fewer
    assert explanation.unconstrained == sum(p.numel() for p in plain.parameters()) + head
    for row in explanation.rows:
        assert row.prior
        assert row.law
        assert row.reference


def test_receptive_fields_grow_as_convolution_and_pooling_say():
    seen = [row.receptive_field for row in explained(Task(Grid(2), C(4), 1, Invariant(2))).rows if row.kind == "linear"]
    assert seen == [3, 3 + 1 + 4, 8 + 2 + 8, None]


def test_data_text_and_page_agree(tmp_path):
    explanation = explained(Task(Grid(2), C(4), 1, Invariant(10)))
    data = json.loads(json.dumps(explanation.to_dict()))
    assert data["free"] == explanation.free
    assert [row["name"] for row in data["rows"]] == [row.name for row in explanation.rows]
    page = explanation.to_html(tmp_path / "why.html").read_text(encoding="utf-8")
    assert f"{explanation.free:,}" in page
    assert f"{explanation.free:,}" in str(explanation)
    assert all(reference in page and reference in str(explanation) for reference in explanation.references)
    assert "http" not in page.replace("http://www.w3.org", "")


def test_a_network_composed_by_hand_is_explained_too():
    space = Space(Grid(2), 2 * C(4).regular)
    explanation = Blueprint([LatticeConv(space, space), Pointwise(space)]).explain()
    assert [row.name for row in explanation.rows] == ["LatticeConv", "Pointwise"]
    assert explanation.free == 4 * 36 + 2


def test_it_says_for_which_elements_the_law_is_exact():
    opening = str(explained(Task(Grid(2), O(2), 1, Invariant(2)))).splitlines()[0]
    assert opening.startswith("f(g·x) = f(x) exactly for g in D(4), approximately for the rest of O(2), on Grid(2)")
    assert str(explained(Task(Grid(2), D(4), 1, Invariant(2)))).startswith(
        "f(g·x) = f(x) for all g in D(4), on Grid(2)"
    )


@pytest.mark.parametrize(
    ("task", "choices", "said"),
    [
        (Task(Grid(2), D(4), 1, Invariant(2)), {}, "max over the fibre"),
        (Task(Grid(2), D(4), 1, Invariant(2)), {"fibre": "mean"}, "mean over the fibre"),
        (Task(Grid(3), Octahedral(), 1, Invariant(2)), {}, "max over the fibre"),
        *(
            (Task(Grid(G.n), G, 1, Invariant(2)), {}, "scalars as they are, the length |x| of every other field")
            for G in (SO(2), O(2), SO(3), O(3))
        ),
        (
            Task(Grid(2), D(4), 1, Invariant(2)),
            {"fields": D(4).regular + D(4).standard},
            "max over each permuted field, the length |x| of every other field",
        ),
    ],
    ids=str,
)
def test_the_invariant_is_said_as_it_is_taken(task, choices, said):
    assert explained(task, scales=1, **choices).notes[-1] == (
        f"The invariant layer comes last: {said}, mean over the domain."
    )


def test_long_fibres_have_letters(tmp_path):
    explanation = explained(Task(Grid(2), O(2), 1, Invariant(2)))
    ((letter, fibre),) = explanation.fibres
    assert letter == "F"
    assert fibre == str(O(2).band_limited_regular(3))
    table = str(explanation).split("layer", 1)[1].split("Why")[0]
    assert "X(Grid(2), F)" in table
    assert "X(Grid(2, level=1), 2 × F)" in table
    assert "irrep" not in table
    assert max(map(len, table.splitlines())) < 110
    page = explanation.to_html(tmp_path / "why.html").read_text(encoding="utf-8")
    assert page.count(fibre) == 2  # where the letter is given, and in the note on the width
    assert str(fibre) in explanation.to_dict()["rows"][0]["target"]


def test_layers_of_one_name_with_different_reasons_are_told_apart():
    named = str(explained(Task(Grid(2), SO(2), 1, Equivariant(2)))).split("Why")[1].splitlines()
    heads = [line.strip() for line in named if line.startswith("  SteerableConv")]
    total = sum(row.name == "SteerableConv" for row in explained(Task(Grid(2), SO(2), 1, Equivariant(2))).rows)
    assert heads == [f"SteerableConv, {total - 1} of {total}", f"SteerableConv, 1 of {total}"]
