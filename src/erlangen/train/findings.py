"""What the numbers of a run say, in sentences; a cause is named only where there is evidence for it."""

from typing import TYPE_CHECKING

from erlangen.pages import percent
from erlangen.train.config import AVERAGED
from erlangen.train.elements import INTERPOLATED
from erlangen.train.evidence import error_of, relation
from erlangen.train.headline import RIVALS
from erlangen.train.pairs import pair_finding
from erlangen.train.tally import mean_dice
from erlangen.train.upright import learnt, upright
from erlangen.train.words import words

if TYPE_CHECKING:
    from erlangen.train.results import Results


def findings(results: "Results") -> tuple[str, ...]:
    """What the numbers say: against the commonest class, who keeps the accuracy, who wins upright, what it costs."""
    sentences = [
        _baseline(results),
        *_shortcut(results),
        *_kinds(results),
        *_fewer(results),
        *(_fall(results, model) for model in results.models),
    ]
    if {"derived", "plain"} <= set(results.models):
        sentences.append(upright(results))
    sentences += _fold_by_fold(results) if results.folds else _averaged(results)
    sentences += _masks(results) if results.has_masks else []
    sentences += _missed(results)
    sentences += [pair_finding(results, pair) for pair in results.pairs]
    return tuple(sentences)


def _baseline(results: "Results") -> str:
    commonest, share = results.majority()
    what = "points of the test examples" if results.has_masks else "test examples"
    return f"Always answering {commonest}, the commonest class, is right for {percent(share)} of the {what}."


def _averaged(results: "Results") -> list[str]:
    """The derived network against the augmented one averaged over the group, which keeps the symmetry as well."""
    if not {"derived", AVERAGED} <= set(results.models) or results.has_masks:
        return []
    derived, other = (results.mean_accuracy(model) for model in ("derived", AVERAGED))
    found = relation(results.judged("derived"), results.judged(AVERAGED))
    clear = {"better": "ahead", "worse": "behind"}.get(found, "no clear difference")
    gap = 100 * (derived.middle - other.middle)
    return [f"Derived less averaged, which keeps the symmetry too at twice the work: {gap:+.1f} points: {clear}."]


def _shortcut(results: "Results") -> list[str]:
    """What one number alone scores, so that nothing more is read into what the networks do."""
    if results.shortcut is None:
        return []
    name, share = results.shortcut
    return [f"{name} alone, by logistic regression, is right for {percent(share)}: no motif is needed for so much."]


def _fall(results: "Results", model: str) -> str:
    still, digits = results.accuracy(model, 0).middle, results.digits(0)
    doubt = "" if learnt(results, model) else ", not clearly more than the commonest class"
    if len(results.elements) == 1:
        return f"The {model} network answers {percent(still, digits)} rightly{doubt}."
    parts = [_moved(results, model, kind, [i for i in places if i]) for kind, places in results.kinds().items()]
    return f"The {model} network: {percent(still, digits)} {words(results).still}{doubt}{''.join(parts)}."


def _moved(results: "Results", model: str, kind: str, places: list[int]) -> str:
    """The worst of these elements, and how many answers are those given upright."""
    if not places:
        return ""
    said = words(results)
    worst = min(places, key=lambda i: results.accuracy(model, i).middle)
    agreeing, decided = results.agreement(model, places)
    lowest = f"{percent(results.accuracy(model, worst).middle)} at its worst {said.element} ({results.labels[worst]})"
    right = percent(agreeing / max(1, decided))
    share = f"{agreeing:,} of {decided:,} decided answers {said.among} ({right})"
    return f"{'; ' + kind if kind else ','} {lowest}; {share} are those it gives {said.still}"


def _kinds(results: "Results") -> list[str]:
    """Which elements are exact and which are not, where there are both."""
    kinds = results.kinds()
    if len(kinds) == 1:
        return []
    kept, rest = (len(places) for places in kinds.values())
    said = words(results)
    what = "values to other steps" if said.element == "speed" else "sites to sites"
    return [
        f"Of the {kept + rest} {said.elements} tested, {kept} {said.kept} only move {what}, which is exact. At the "
        f"other {rest}, marked ≈, examples are {INTERPOLATED}: what changes there is the doing of the network and of "
        "the interpolation together."
    ]


def _fewer(results: "Results") -> list[str]:
    """That not all test examples were moved, where it is so: moved and upright shares are then of other examples."""
    said, entries = words(results), results.outcomes[0].at
    moved, tested = min(entry.tested for entry in entries), entries[0].tested
    if moved == tested:
        return []
    return [
        f"Only the first {moved:,} of {tested:,} test examples are tested {said.among}, too: accuracy there "
        f"and {said.still} differ by the choice of examples as well; agreement is counted on these alone."
    ]


def _masks(results: "Results") -> list[str]:
    """Mean Dice over elements and classes, and the gaps over all elements, judged as the headline judges them."""
    kinds = results.kinds().items()
    return [*(_dice(results, kind, places) for kind, places in kinds), *_gaps(results)]


def _dice(results: "Results", kind: str, places: list[int]) -> str:
    found = {model: results.of_counts(model, mean_dice, places) for model in results.models}
    listed = ", ".join(f"{model} {s.middle:.3f} ({s.low:.3f}–{s.high:.3f})" for model, s in found.items())
    return f"Mean Dice over classes and elements{', ' + kind if kind else ''}: {listed}."


def _gaps(results: "Results") -> list[str]:
    """By how much the derived network is ahead over all elements, and whether that is a difference."""
    sentences = []
    for rival in (model for model in RIVALS if model in results.models and "derived" in results.models):
        ours, theirs = results.judged("derived"), results.judged(rival)
        gap = f"The gap of the derived network to the {rival} one is {ours.median - theirs.median:+.3f}"
        found = relation(ours, theirs)
        if len(theirs.values) == 1:
            sentences.append(f"{gap}, from one seed.")
        elif found == "unknown":
            sentences.append(f"{gap}, which {ours.tested:,} test examples cannot tell from chance.")
        elif found == "equal":
            sentences.append(f"{gap}, which is within the spread of the seeds: none.")
        else:
            sentences.append(f"{gap}, outside the spread of the seeds.")
    return sentences


def _fold_by_fold(results: "Results") -> list[str]:
    """By how much the derived network is ahead in the mean over folds, and how sure that is."""
    sentences, said = [], words(results)
    for rival in (model for model in RIVALS if {model, "derived"} <= set(results.models)):
        ours, theirs = results.judged("derived"), results.judged(rival)
        gaps = [100 * (a - b) for a, b in zip(ours.values, theirs.values, strict=True)]
        verdict = {"better": "ahead", "worse": "behind"}.get(relation(ours, theirs), "no clear difference")
        how = f"standard error {error_of(gaps, results.folds):.1f}: {verdict}" if len(gaps) > 1 else "from one fold"
        gap = f"{sum(gaps) / len(gaps):+.1f} points, {how}"
        sentences.append(f"Derived less {rival}, fold by fold and over all {said.elements}: {gap}.")
    return sentences


def _missed(results: "Results") -> list[str]:
    """Classes never found by networks that have learnt something: accuracy hides them, above all in masks."""
    missing: dict[str, list[str]] = {}
    for model in results.models:
        counts = results.confusion(model, 0)
        never = [name for c, name in enumerate(results.classes) if sum(counts[c]) and not counts[c][c]]
        if never and learnt(results, model):
            missing.setdefault(" or ".join(never), []).append(model)
    said = words(results)
    return [
        f"Never found {said.still}, from any {said.run}: {classes} by the {' and the '.join(models)} network."
        for classes, models in missing.items()
    ]
