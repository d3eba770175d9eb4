"""What folds show: means over them, gaps judged fold by fold, and the words for both."""

from dataclasses import replace
from statistics import mean, stdev

import pytest

from erlangen.train import findings
from erlangen.train.evidence import Measured, error_of, over, relation
from erlangen.train.headline import headline
from erlangen.train.results import Spread
from erlangen.train.tables import table
from tests.train.small import made_results

HARD = (0.6, 0.7, 0.8, 0.9, 0.95)  # folds differ by more than networks do


def folds(*values: float, tested: int = 188) -> Measured:
    return Measured(values, 0.03, tested, len(values))


def test_a_gap_in_every_fold_is_clear_though_folds_differ() -> None:
    ahead = folds(*(value + 0.03 + 0.01 * (i % 2) for i, value in enumerate(HARD)))
    assert relation(ahead, folds(*HARD)) == "better" and relation(folds(*HARD), ahead) == "worse"
    assert relation(replace(ahead, folds=0), replace(folds(*HARD), folds=0)) == "equal"  # as seeds they overlap
    torn = folds(*(value + (0.1 if i % 2 else -0.05) for i, value in enumerate(HARD)))
    assert relation(torn, folds(*HARD)) == "equal"
    assert relation(folds(0.9, tested=188), folds(0.8, tested=188)) == "unknown"
    assert relation(replace(ahead, tested=20), folds(*HARD)) == "unknown"


def test_the_error_of_a_mean_knows_that_folds_share_what_they_learn_from() -> None:
    assert error_of(HARD, 5) == pytest.approx(stdev(HARD) * (1 / 5 + 1 / 4) ** 0.5)
    assert over(folds(*HARD), 0.5) and not over(folds(*HARD), 0.7) and not over(folds(0.9), 0.5)


def test_over_folds_means_and_deviations_are_shown() -> None:
    results = replace(made_results((97, 98, 90), (90, 91, 80), tested=60), folds=3)
    found = results.accuracy("derived", 0)
    assert found == Spread(0.97, 0.9, 0.98, mean((0.97, 0.98, 0.9)), stdev((0.97, 0.98, 0.9)))
    assert found.to_dict()["mean"] == found.middle and "mean" not in Spread(0.5, 0.5, 0.5).to_dict()
    assert results.tested == 180 and results.majority() == ("0", 0.5)
    assert table(results)[1][0][1] == "95.0 ± 4.4"
    assert results.to_dict()["folds"] == 3
    said = " ".join([headline(results).sentence, *findings(results)])
    assert "Derived less plain, fold by fold and over all elements: +21.5 points" in said and ": ahead." in said
    assert "Means over 3 folds." in said and "all folds" in said and "seed" not in said
