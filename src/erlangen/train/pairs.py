"""Two classes that the symmetry may turn into each other: is the prior false for them, and what does that cost?"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from erlangen.train.evidence import more
from erlangen.train.upright import learnt
from erlangen.train.words import STORED, words

if TYPE_CHECKING:
    from erlangen.train.results import Results

WITH_PRIOR = ("derived", "augmented")


@dataclass(frozen=True)
class PairEvidence:
    """What a run shows of two classes.

    `element` is where the plain network, which was never shown a moved example, clearly takes one class for the other;
    None where it does not, and `doubt` says why. `costly` are the networks with the prior that upright clearly confuse
    the two more often than the plain one.
    """

    pair: tuple[str, str]
    element: int | None
    doubt: str
    costly: tuple[str, ...]


def pair_evidence(results: "Results", pair: tuple[str, str]) -> PairEvidence:
    """A prior is false for (a, b) where a moved a is a b: the plain network, which does not have it, is the witness."""
    doubt = _doubt(results, pair)
    if doubt:
        return PairEvidence(pair, None, doubt, ())
    still = results.confused("plain", 0, pair)
    moved = {i: results.confused("plain", i, pair) for i in range(1, len(results.elements))}
    worst = max(moved, key=lambda i: moved[i][0])
    guessed = max(1 / len(results.classes), _unspecific(results, "plain", worst, pair))
    element = worst if more(moved[worst], still, guessed) else None
    if element is None:
        doubt = "the plain network does not clearly take one for the other at any element"
        return PairEvidence(pair, None, doubt, ())
    costly = tuple(
        model
        for model in WITH_PRIOR
        if model in results.models
        and more(results.confused(model, 0, pair), still, _unspecific(results, model, 0, pair))
    )
    return PairEvidence(pair, element, "", costly)


def pair_finding(results: "Results", pair: tuple[str, str]) -> str:
    """The counts upright, and what they mean as far as there is evidence."""
    found = pair_evidence(results, pair)
    counts = {model: results.confused(model, 0, pair) for model in results.models}
    listed = ", ".join(f"{model} {wrong} of {total}" for model, (wrong, total) in counts.items())
    said = words(results)
    upright = f"{said.at_first}, {pair[0]} and {pair[1]} are taken for each other (all {said.run}s): {listed}."
    return f"{upright} {meaning(results, found)}"


def meaning(results: "Results", found: PairEvidence) -> str:
    """Whether the symmetry is false for the two classes, and what of the confusion is its cost."""
    a, b = found.pair
    if found.element is None:
        return f"Too little is known to name a cause: {found.doubt}."
    wrong, total = results.confused("plain", found.element, found.pair)
    false = (
        f"The plain network, shown none of them moved in training, takes {wrong} of {total} for each other at "
        f"{results.labels[found.element]}: moved so, one looks like the other. The declared symmetry is false for "
        f"{a} and {b}, and what is confused of them upright is its cost"
    )
    if not found.costly:
        return f"{false}; in this run it is too small to tell from chance."
    few = [model for model in WITH_PRIOR if model in results.models and model not in found.costly]
    rest = f", too small to tell from chance for the {few[0]} one" if few else ""
    return f"{false}: clear for the {' and the '.join(found.costly)} network{rest}."


def _unspecific(results: "Results", model: str, element: int, pair: tuple[str, str]) -> float:
    """How many would be confused by a network that answers a and b as often as it does of all the other classes."""
    counts = results.confusion(model, element)
    a, b = (results.classes.index(name) for name in pair)
    others = [line for c, line in enumerate(counts) if c not in (a, b)]
    members = max(1, sum(map(sum, others)))
    says_a, says_b = (sum(line[c] for line in others) / members for c in (a, b))
    n, m = sum(counts[a]), sum(counts[b])
    return (n * says_b + m * says_a) / max(1, n + m)


def _doubt(results: "Results", pair: tuple[str, str]) -> str:
    if "plain" not in results.models:
        return "there is no plain network to compare with"
    if len(results.elements) == 1:
        return "nothing was moved"
    if words(results).still == STORED.still:
        return "stored in another order it is the same example, so the symmetry is true"
    if not learnt(results, "plain"):
        return "the plain network is not clearly better than always answering the commonest class"
    return ""
