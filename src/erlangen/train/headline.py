"""The result of a run in one line: better, equal or worse than the others, or too little known to say."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from erlangen.pages import percent, several
from erlangen.train.evidence import ENOUGH, relation
from erlangen.train.upright import learnt, upright
from erlangen.train.words import Words, words

if TYPE_CHECKING:
    from erlangen.train.results import Results

RIVALS = ("plain", "augmented", "averaged", "distances")


@dataclass(frozen=True)
class Headline:
    """A word or two, the sentences that bear them out, and a tone of the page: good, fair, bad, plain or unsure."""

    word: str
    sentence: str
    tone: str


def headline(results: "Results") -> Headline:
    """The derived network against its rivals: at all elements, since that is what it is for, and upright.

    Compared by accuracy, masks by mean Dice, as in the findings.
    """
    if results.tested < ENOUGH:
        return too_few(results.tested)
    learners = [model for model in results.models if learnt(results, model)]
    if not learners:
        return _nothing(results)
    rivals = [model for model in RIVALS if model in results.models]
    if "derived" not in results.models or not rivals:
        return _alone(results, results.models[0], learners)
    return _compared(results, rivals)


def too_few(tested: int) -> Headline:
    """That so few test examples say nothing."""
    few = f"{several(tested, 'test example')} cannot tell networks apart; it takes at least {ENOUGH}."
    return Headline("Too little is known", few, "unsure")


def _nothing(results: "Results") -> Headline:
    best = max(results.models, key=lambda model: results.accuracy(model, 0).middle)
    commonest, share = results.majority()
    right = percent(results.accuracy(best, 0).middle)
    sentence = (
        f"{words(results).at_first} the best, the {best} network, answers {right} rightly; always "
        f"answering {commonest} is right for {percent(share)}. Before something is learnt, differences mean nothing."
    )
    return Headline("Nothing clearly learnt", sentence, "unsure")


def _alone(results: "Results", model: str, learners: list[str]) -> Headline:
    worst = {
        kind: percent(min(results.accuracy(model, i).middle for i in places))
        for kind, places in results.kinds().items()
    }
    said = words(results)
    where = f" at every {said.element}" if len(results.elements) > 1 else ""
    (first, lowest), *others = worst.items()
    commonest, share = results.majority()
    sentence = (
        f"The {model} network at its worst; always answering {commonest} is right for {percent(share)} {said.still}."
    )
    sentence += "".join(f" At {kind} elements at its worst: {low}." for kind, low in others)
    word = f"{lowest}{where}{' ' + first if first else ''}"
    return Headline(word, f"{sentence} {_seeds(results)}", "plain" if learners else "unsure")


def _compared(results: "Results", rivals: list[str]) -> Headline:
    derived = results.judged("derived")
    found = {rival: relation(derived, results.judged(rival)) for rival in rivals}
    still = relation(results.judged("derived", [0]), results.judged(rivals[0], [0]))
    won = [rival for rival, how in found.items() if how == "better"]
    lost = [rival for rival, how in found.items() if how == "worse"]
    sentences = [_averages(results)] if len(results.elements) > 1 else []
    if "plain" in rivals:
        sentences.append(upright(results, seeds=False))
    word = spoken(word_of(rivals, won, lost, still, len(results.elements) > 1), words(results))
    if results.has_masks:
        word = f"By mean Dice: {word[0].lower()}{word[1:]}"
        sentences = [_dice(results), *sentences]
    return Headline(
        word,
        " ".join([*sentences, _seeds(results)]),
        tone_of(won, lost, still),
    )


def spoken(word: str, said: Words) -> str:
    """What was said of pictures, as it is said of these results.

    >>> from erlangen.train.words import STORED
    >>> spoken("Better when moved, no clear difference upright", STORED)
    'Better when relabelled, no clear difference as stored'
    """
    when = said.moved if said.moved == said.among else f"when {said.moved}"
    return word.replace("upright", said.still).replace("when moved", when)


def word_of(rivals: list[str], won: list[str], lost: list[str], still: str, moved: bool) -> str:
    """The derived network against its rivals, in a few words; `still`: how it stands to the first where nothing moves.

    >>> word_of(["plain"], ["plain"], [], "better", True)
    'Better upright and when moved'
    """
    if lost:
        return f"Worse than the {' and the '.join(lost)} network"
    if not won:
        upright = f"Better upright than the {rivals[0]} network"
        return {"worse": "Worse upright, no clear difference when moved", "better": upright}.get(
            still, "No clear difference"
        )
    if not moved:
        return f"Better than the {' and the '.join(won)} network"
    if still == "worse":
        return f"Better when moved, but the {rivals[0]} network wins upright"
    if len(won) < len(rivals):
        equal = " and the ".join(rival for rival in rivals if rival not in won)
        return f"Better than the {' and the '.join(won)} network, no clear difference to the {equal} one"
    return "Better upright and when moved" if still == "better" else "Better when moved, no clear difference upright"


def tone_of(won: list[str], lost: list[str], still: str) -> str:
    """The tone of the page for that."""
    if lost or (still == "worse" and not won):
        return "bad"
    if still == "worse":
        return "fair"
    return "good" if won or still == "better" else "plain"


def _averages(results: "Results") -> str:
    said = []
    for kind, places in results.kinds().items():
        listed = [f"{model} {percent(results.mean_accuracy(model, places).middle)}" for model in results.models]
        about = (
            f"the {several(len(places), words(results).element)} {kind}" if kind else f"all {words(results).elements}"
        )
        what = "Mean accuracy" if results.has_masks else "Mean"
        said.append(f"{what} over {about}: {', '.join(listed)}.")
    return " ".join(said)


def _dice(results: "Results") -> str:
    listed = ", ".join(f"{model} {results.judged(model).median:.3f}" for model in results.models)
    where = f" over all {words(results).elements}" if len(results.elements) > 1 else ""
    several_seeds = len(results.of("derived")) > 1
    spread = "; judged by the spread over seeds, not over test examples"
    return f"Mean Dice{where}: {listed}{spread * several_seeds}."


def _seeds(results: "Results") -> str:
    seeds = len(results.of(results.models[0]))
    said = words(results)
    if seeds == 1:
        return f"From one {said.run}: another may turn out otherwise."
    return f"{'Means' if results.folds else 'Medians'} over {said.runs(seeds)}."
