"""What the numbers say is computed from them, also where it is not what one hoped; a cause needs evidence."""

from dataclasses import replace

import pytest

from erlangen.train import Results, findings
from erlangen.train.evidence import Measured, more, over, relation
from erlangen.train.headline import headline
from erlangen.train.pairs import pair_evidence
from tests.train.small import made_results

COST = "the declared symmetry only costs"


def text(of: Results) -> str:
    return "\n".join(findings(of))


def test_the_winner_upright_is_named_whoever_it_is() -> None:
    plain_wins = text(made_results(derived=(80, 81, 82), plain=(97, 98, 99)))
    assert "Upright the plain network wins by 17.0 points (98.0 % against 81.0 %)." in plain_wins
    assert COST in plain_wins
    assert "Upright too the derived network wins, by 17.0 points" in text(
        made_results(derived=(97, 98, 99), plain=(80, 81, 82))
    )
    assert "are equal (95.0 %)" in text(made_results(derived=(95, 95, 95), plain=(94, 95, 96)))


def test_a_difference_that_means_little_is_said_to() -> None:
    within = text(made_results(derived=(94, 95, 99), plain=(96, 97, 98)))
    assert "the plain network is ahead by 2.0 points (97.0 % against 95.0 %), which is within the spread" in within
    assert "400 test examples cannot tell from chance" in text(made_results(derived=(96, 96), plain=(97, 97)))
    assert "20 test examples cannot tell" in text(made_results(derived=(50, 50), plain=(97, 97), tested=20))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"derived": (80,), "plain": (98,)}, "it needs more seeds"),
        ({"derived": (51, 52), "plain": (98, 98)}, "has not clearly learnt anything"),
        ({"derived": (80, 80), "plain": (98, 98), "best_epoch": 10}, "still improving when its training ended"),
    ],
)
def test_why_the_plain_network_wins_is_said_only_with_evidence(changes: dict, reason: str) -> None:
    said = text(made_results(**changes))
    assert "the plain network wins" in said
    assert reason in said
    assert COST not in said


def test_the_fall_is_counted() -> None:
    said = text(made_results(derived=(98, 99, 100), plain=(97, 98, 99)))
    assert "The plain network: 98.0 % upright, 60.0 % at its worst element (90°); 720 of 1,200" in said
    assert "Always answering 0, the commonest class, is right for 50.0 % of the test examples." in said


def test_what_is_at_chance_is_said_to_be() -> None:
    said = text(made_results(derived=(51, 52), plain=(50, 50)))
    assert said.count("not clearly more than the commonest class") == 2


# ---- the headline


@pytest.mark.parametrize(
    ("derived", "plain", "tone", "word"),
    [
        ((97, 98, 99), (97, 98, 99), "good", "Better when moved, no clear difference upright"),
        ((97, 98, 99), (80, 81, 82), "good", "Better upright and when moved"),
        ((85, 85, 85), (98, 98, 98), "fair", "Better when moved, but the plain network wins upright"),
        ((70, 70, 70), (95, 95, 95), "bad", "Worse than the plain network"),
        ((79, 80, 81), (98, 99, 100), "bad", "Worse upright, no clear difference when moved"),
        ((60, 61, 62), (60, 61, 62), "plain", "No clear difference"),
        ((51, 52, 50), (50, 50, 51), "unsure", "Nothing clearly learnt"),
    ],
)
def test_colour_and_words_follow_the_result(derived: tuple, plain: tuple, tone: str, word: str) -> None:
    found = headline(made_results(derived=derived, plain=plain))
    assert (found.word, found.tone) == (word, tone)


def test_the_headline_says_that_plain_wins_upright_and_how_many_seeds() -> None:
    found = headline(made_results(derived=(85, 85, 85), plain=(98, 98, 98)))
    assert "Upright the plain network wins by 13.0 points (98.0 % against 85.0 %)" in found.sentence
    assert "Medians over 3 seeds." in found.sentence
    assert "From one seed" in headline(made_results(derived=(85,), plain=(98,))).sentence


def test_the_headline_counts_augmentation_as_a_rival() -> None:
    equal = headline(made_results(derived=(98, 98), plain=(98, 98), augmented=(97, 99)))
    assert equal.word == "Better than the plain network, no clear difference to the augmented one"
    worse = headline(made_results(derived=(85, 85), plain=(98, 98), augmented=(97, 99)))
    assert (worse.word, worse.tone) == ("Worse than the augmented network", "bad")


def test_few_test_examples_give_no_verdict() -> None:
    found = headline(made_results(derived=(100, 100), plain=(50, 50), tested=20))
    assert (found.word, found.tone) == ("Too little is known", "unsure")


def test_a_network_alone_is_compared_with_the_commonest_class() -> None:
    alone = made_results(derived=(90, 92), plain=(90, 92))
    alone = replace(alone, outcomes=alone.of("derived"))
    assert headline(alone).word == "91.0 % at every element"
    assert "always answering 0 is right for 50.0 %" in headline(alone).sentence


# ---- two classes for which the prior is false


def digits(turned: int, derived: int, plain: int = 0, upright: int = 100, others: int = 0) -> Results:
    """Three seeds on 6, 9 and 1, 150 of each: `turned` is how many the plain network confuses when moved."""
    return made_results(
        derived=(98,) * 3,
        plain=(upright,) * 3,
        tested=450,
        classes=("6", "9", "1"),
        confused={"derived": (derived, derived), "plain": (plain, turned)},
        others=others,
    )


def test_a_false_prior_is_shown_by_the_network_that_does_not_have_it() -> None:
    found = digits(turned=200, derived=20)
    assert pair_evidence(found, ("6", "9")).element == 1
    said = text(found)
    assert "6 and 9 are taken for each other (all seeds): derived 60 of 900, plain 0 of 900." in said
    assert "takes 600 of 900 for each other at 90°" in said
    assert "is its cost: clear for the derived network." in said


def test_a_cost_of_one_example_is_no_cost() -> None:
    said = text(digits(turned=200, derived=1))
    assert "false for 6 and 9" in said
    assert "too small to tell from chance" in said


def test_no_cause_without_evidence() -> None:
    for found, reason in (
        (digits(turned=1, derived=1), "does not clearly take one for the other"),
        (digits(turned=200, derived=20, upright=34), "is not clearly better than always answering"),
        (digits(turned=150, derived=20, others=150), "does not clearly take one for the other"),  # 6 for everything
    ):
        said = text(found)
        assert f"Too little is known to name a cause: the plain network {reason}" in said
        assert "is false" not in said
        assert "cost" not in said.partition("Upright, 6 and 9")[2]


def test_evidence_has_its_thresholds() -> None:
    good, bad = Measured((0.9, 0.91), 0.02, 400), Measured((0.8, 0.81), 0.02, 400)
    assert (relation(good, bad), relation(bad, good)) == ("better", "worse")
    assert relation(good, replace(bad, tested=29)) == "unknown"
    assert relation(good, replace(bad, noise=0.06)) == "equal"
    assert relation(good, replace(bad, values=(0.8, 0.95, 0.8))) == "equal"
    assert over(good, 0.8)
    assert not over(good, 0.88)
    assert not more((4, 10), (0, 1000))
    assert not more((50, 100), (0, 100), chance=0.5)
