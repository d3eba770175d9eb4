"""Results as plain data: medians and spread over seeds, what noise they have, and the tables made of them."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from erlangen.errors import RecipeError
from erlangen.pages import points
from erlangen.train import Results, findings, read_results, tally
from erlangen.train.evaluate import AtElement
from erlangen.train.evidence import relation
from erlangen.train.headline import headline
from erlangen.train.results import Outcome, Spread
from erlangen.train.tables import class_table, table
from tests.train.small import made_results


def test_medians_and_spread_are_over_seeds() -> None:
    found = made_results(derived=(94, 99, 95), plain=(97, 98, 99))
    assert found.accuracy("derived", 0) == Spread(0.95, 0.94, 0.99)
    assert found.accuracy("plain", 1) == Spread(0.6, 0.6, 0.6)
    assert found.to_dict()["summary"]["plain"]["accuracy"]["90°"] == {"median": 0.6, "low": 0.6, "high": 0.6}


def test_the_noise_is_that_of_the_test_examples() -> None:
    found = made_results(derived=(100,), plain=(80,))
    assert found.measured("plain", [0]).noise == pytest.approx(0.4 / 400**0.5)
    assert found.measured("derived", [0]).noise == 1 / 400  # what all have right is not known beyond one answer
    assert found.measured("plain").values == (0.7,)
    assert found.majority(0) == ("0", 0.5)


def test_tables_show_what_the_commonest_class_would_score() -> None:
    columns, rows = table(made_results(derived=(94, 99, 95), plain=(97, 98, 99)))
    assert columns == ["accuracy in %", "derived", "plain", "always “0”"]
    assert rows[0] == ["0°", "95.0 (94.0–99.0)", "98.0 (97.0–99.0)", "50.0"]
    assert all(len(row) == 4 for row in rows)


def masks(*confusion: tuple[int, ...]) -> Results:
    right = sum(confusion[i][i] for i in range(2)) / 4000
    at = AtElement("0°", 40, right, 0.1, confusion, 0, 0, ())
    outcomes = tuple(Outcome("derived", seed, 10, 1.0, 5, 3, 0.9, (at,)) for seed in range(2))
    return Results("masks", ("paper", "ink"), (), outcomes)


def test_masks_show_how_much_of_each_class_is_found() -> None:
    columns, rows = class_table(masks((3000, 200), (600, 200)))
    assert columns[1:] == ["derived", "always “paper”"]
    assert rows == [
        ["paper (80.0 %)", "0.789, 0.882, 93.8 %", "0.800, 0.889, 100 %"],
        ["ink (20.0 %)", "0.200, 0.333, 25.0 %", "0.000, 0.000, 0 %"],
        ["mean IoU", "0.495", "0.400"],
        ["mean Dice", "0.608", "0.444"],
    ]
    found = masks((3000, 200), (600, 200))
    assert ["mean IoU upright", "0.495", ""] in table(found)[1]
    assert ["mean Dice upright", "0.608", ""] in table(found)[1]
    assert not any("over all" in row[0] for row in table(found)[1])
    assert found.to_dict()["summary"]["derived"]["mean_dice"]["median"] == pytest.approx((15 / 17 + 1 / 3) / 2)


def test_overlaps_are_those_of_the_masks_themselves() -> None:
    """Against sklearn, and against the sets of points that the definitions speak of."""
    from sklearn.metrics import f1_score, jaccard_score

    rng = np.random.default_rng(0)
    true, said = rng.integers(0, 4, 500), rng.integers(0, 3, 500)
    counts = np.bincount(true * 4 + said, minlength=16).reshape(4, 4).tolist()
    assert tally.mean_dice(counts) == pytest.approx(f1_score(true, said, average="macro"))
    assert tally.mean_overlap(counts) == pytest.approx(jaccard_score(true, said, average="macro"))
    for c in range(4):
        a, b = set(np.flatnonzero(true == c)), set(np.flatnonzero(said == c))
        assert tally.dice(counts, c) == pytest.approx(2 * len(a & b) / (len(a) + len(b)))
    assert math.isnan(tally.dice([[3, 0], [0, 0]], 1))
    assert tally.mean_dice([[3, 0], [0, 0]]) == 1


def moved_masks(derived: tuple[int, ...], plain: tuple[int, ...]) -> Results:
    """40 examples of 100 points, half of each class; so many per cent of each right when moved, one number a seed."""

    def at(right: int) -> AtElement:
        counts = ((20 * right, 2000 - 20 * right), (2000 - 20 * right, 20 * right))
        return AtElement("0°", 40, right / 100, 0.1, counts, 0, 0, ())

    outcomes = [
        Outcome(model, seed, 10, 1.0, 5, 3, 0.9, (at(90), at(right)))
        for model, seeds in (("derived", derived), ("plain", plain))
        for seed, right in enumerate(seeds)
    ]
    return Results("masks", ("paper", "ink"), (), tuple(outcomes))


@pytest.mark.parametrize(
    ("derived", "plain", "said"),
    [
        ((90, 90, 90), (70, 60, 72), "the plain one is +0.100, outside the spread of the seeds"),
        ((70, 90, 80), (71, 60, 72), "the plain one is +0.045, which is within the spread of the seeds: none."),
        ((60, 60, 60), (70, 80, 72), "the plain one is -0.060, outside the spread of the seeds"),
        ((90,), (70,), "the plain one is +0.100, from one seed."),
    ],
)
def test_a_gap_of_dice_within_the_spread_of_the_seeds_is_none(derived, plain, said: str) -> None:
    found = moved_masks(derived, plain)
    assert said in "\n".join(findings(found))
    assert any(row[0] == "mean Dice over all 2" for row in table(found)[1])


@pytest.mark.parametrize(
    ("derived", "plain", "word", "tone"),
    [
        ((90, 90, 90), (70, 60, 72), "By mean Dice: better when moved, no clear difference upright", "good"),
        ((70, 90, 80), (71, 60, 72), "By mean Dice: no clear difference", "plain"),
        ((60, 60, 60), (70, 80, 72), "By mean Dice: worse than the plain network", "bad"),
        ((90,), (70,), "By mean Dice: no clear difference", "plain"),
    ],
)
def test_the_headline_of_masks_is_of_the_gaps_that_are_told(derived, plain, word: str, tone: str) -> None:
    found = headline(moved_masks(derived, plain))
    assert (found.word, found.tone) == (word, tone)
    assert found.sentence.startswith("Mean Dice over all elements: derived 0.")
    assert ("From one seed" in found.sentence) == (len(plain) == 1)


def test_a_gap_of_dice_counts_though_accuracy_leaves_it_in_doubt() -> None:
    """Examples that differ much make a share of right points uncertain, while the gap of Dice is told as one."""
    found = moved_masks((80, 81, 82), (70, 71, 72))
    noisy = [replace(o, at=tuple(replace(entry, deviation=0.45) for entry in o.at)) for o in found.outcomes]
    found = replace(found, outcomes=tuple(noisy))
    assert relation(found.measured("derived"), found.measured("plain")) == "equal"
    assert "outside the spread" in "\n".join(findings(found))
    assert headline(found).word.startswith("By mean Dice: better")


def test_a_class_that_masks_never_find_is_named() -> None:
    said = "\n".join(findings(masks((3950, 10), (40, 0))))
    assert "80.0 % of the points" in "\n".join(findings(masks((3200, 0), (400, 400))))
    assert "Never found" not in said  # 98.8 % where paper alone is 99 %: nothing is learnt that could be missing
    many = AtElement("0°", 40, 0.9, 0.05, ((2400, 0, 0), (0, 1200, 0), (300, 100, 0)), 0, 0, ())
    found = Results("masks", ("sky", "sea", "ship"), (), (Outcome("derived", 0, 10, 1.0, 5, 3, 0.9, (many,)),))
    assert "Never found upright, from any seed: ship by the derived network." in findings(found)


def test_differences_are_those_of_the_numbers_shown() -> None:
    assert points(0.97349, 0.95751) == "1.5"  # 97.3 and 95.8, though 1.598 apart
    assert points(0.9999, 0.99949) == "0.0"  # both shown as 99.9
    assert points(0.5, 0.5004) == "0.0"


def test_results_of_another_version_are_refused(tmp_path: Path) -> None:
    data = made_results(derived=(95,), plain=(95,)).to_dict()
    for outcome in data["outcomes"]:
        for entry in outcome["at"]:
            del entry["tested"]
    (tmp_path / "results.json").write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(RecipeError, match="cannot be read"):
        read_results(tmp_path / "results.json")


def test_many_test_examples_are_worth_a_decimal_more() -> None:
    many = made_results(derived=(98,), plain=(95,), tested=50_000)
    assert table(many)[1][0][1:3] == ["98.00", "95.00"]
    assert "by 3.00 points (98.00 % against 95.00 %)" in "".join(findings(many))
    assert table(made_results(derived=(98,), plain=(95,)))[1][0][1:3] == ["98.0", "95.0"]
