"""What the numbers say is computed from the numbers, also where it is not what one hoped."""

from erlangen.train import Results, findings
from erlangen.train.evaluate import AtElement
from erlangen.train.results import Outcome, Spread


def outcome(model: str, seed: int, *right: int) -> Outcome:
    """An outcome with so many of 100 right at each element; the wrong answers take 6 for 9."""
    at = tuple(
        AtElement(name, r / 100, ((r - 50, 100 - r), (0, 50)), 100, r, (0,))
        for name, r in zip(("0°", "90°"), right, strict=True)
    )
    return Outcome(model, seed, 1000, 2.0, 10, 7, 0.9, at)


def results(derived: tuple[int, ...], plain: tuple[int, ...]) -> Results:
    outcomes = [outcome("derived", seed, upright, upright) for seed, upright in enumerate(derived)]
    outcomes += [outcome("plain", seed, upright, 60) for seed, upright in enumerate(plain)]
    return Results("digits", ("6", "9"), (("6", "9"),), tuple(outcomes))


def text(of: Results) -> str:
    return "\n".join(findings(of))


def test_the_winner_upright_is_named_whoever_it_is() -> None:
    assert "Upright the plain network wins by 4.0 points (99.0 % against 95.0 %)" in text(
        results((94, 95, 96), (98, 99, 99))
    )
    assert "Upright too the derived network wins, by 4.0 points" in text(results((98, 99, 99), (94, 95, 96)))
    assert "are equal (95.0 %)" in text(results((95, 95, 95), (94, 95, 96)))


def test_a_difference_that_means_little_is_said_to() -> None:
    assert "less than the seeds differ" in text(results((94, 95, 99), (96, 97, 98)))
    assert "from one seed" in text(results((94,), (97,)))


def test_the_fall_and_the_confusion_are_counted() -> None:
    said = text(results((98, 99, 100), (97, 98, 99)))
    assert "The plain network: 98.0 % upright, 60.0 % at its worst element (90°); 180 of 300" in said
    assert "6 and 9 are taken for each other (all seeds): derived 3 of 300, plain 6 of 300" in said


def test_medians_and_spread_are_over_seeds() -> None:
    found = results((94, 99, 95), (97, 98, 99))
    assert found.accuracy("derived", 0) == Spread(0.95, 0.94, 0.99)
    assert found.accuracy("plain", 1) == Spread(0.6, 0.6, 0.6)
    assert found.to_dict()["summary"]["plain"]["accuracy"]["90°"] == {"median": 0.6, "low": 0.6, "high": 0.6}
