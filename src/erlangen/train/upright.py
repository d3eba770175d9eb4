"""The derived network against the plain one where nothing is moved: said as far as seeds and examples allow."""

from typing import TYPE_CHECKING

from erlangen.pages import percent, points
from erlangen.train.evidence import over, relation
from erlangen.train.words import STORED, UPRIGHT, words

if TYPE_CHECKING:
    from erlangen.train.results import Results

LEAST_SEEDS = 2  # from one seed no cause is named


def learnt(results: "Results", model: str) -> bool:
    """Whether the network is upright clearly better than always answering the commonest class."""
    return over(results.measured(model, [0]), results.majority()[1])


def upright(results: "Results", seeds: bool = True) -> str:
    """Who is ahead where nothing is moved, by how much, whether that is clear, and what follows.

    Needs "derived" and "plain".

    `seeds`: say it where there is only one.
    """
    said = words(results)
    at_first = said.at_first
    only = f", from one {said.run}" if seeds and len(results.of("plain")) == 1 else ""
    derived, plain = (results.accuracy(model, 0).middle for model in ("derived", "plain"))
    found = relation(results.measured("derived", [0]), results.measured("plain", [0]))
    digits = results.digits(0)
    if not float(points(derived, plain, digits).replace("−", "-")):
        return f"{at_first} the derived and the plain network are equal ({percent(derived, digits)})."
    ahead, better, worse = ("derived", derived, plain) if derived > plain else ("plain", plain, derived)
    shares = f"({percent(better, digits)} against {percent(worse, digits)})"
    margin = f"by {points(better, worse, digits)} points {shares}"
    if found in ("equal", "unknown"):
        return f"{at_first} the {ahead} network is ahead {margin}, which {_doubt(results, found)}."
    if found == "better":
        return f"{at_first}{' too' if said.still == UPRIGHT.still else ''} the derived network wins, {margin}{only}."
    return f"{at_first} the plain network wins {margin}{only}. {_why(results)}"


def _doubt(results: "Results", found: str) -> str:
    few = f"{results.tested:,} test examples cannot tell from chance"
    if results.folds and found == "equal":
        return "is within the spread of the differences fold by fold"
    if found == "unknown" or len(results.of("plain")) == 1:
        return few
    derived, plain = results.accuracy("derived", 0), results.accuracy("plain", 0)
    overlap = derived.low <= plain.high and plain.low <= derived.high
    return "is within the spread of the seeds" if overlap else few


def _why(results: "Results") -> str:
    """The cost of the prior, where nothing simpler explains it."""
    if len(results.of("derived")) < LEAST_SEEDS:
        return f"Too little is known to say why: it needs more {words(results).run}s."
    if not learnt(results, "derived"):
        return "That is no cost of the symmetry: the derived network has not clearly learnt anything."
    if any(outcome.best_epoch == outcome.epochs for outcome in results.of("derived")):
        return "Too little is known to say why: the derived network was still improving when its training ended."
    if words(results).still != UPRIGHT.still:
        other = "stored order" if words(results).still == STORED.still else "speed"
        return f"Whether the {other} tells of the answer, or its layers see too little, these numbers do not say."
    return "Where examples are never moved, the declared symmetry only costs."
