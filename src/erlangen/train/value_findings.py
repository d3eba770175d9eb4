"""What the errors of a run say, in sentences, and its result in one line."""

from statistics import median
from typing import TYPE_CHECKING

from erlangen.pages import number, percent
from erlangen.train.evidence import ENOUGH, over, relation
from erlangen.train.headline import RIVALS, Headline, spoken, tone_of, too_few, word_of
from erlangen.train.words import words

if TYPE_CHECKING:
    from erlangen.train.value_results import ValueResults

EXACT = 1e-5  # of the spread of the answers, below which turning changes nothing but rounding


def value_headline(results: "ValueResults") -> Headline:
    """The derived network against its rivals: at all elements, for which it is made, and where nothing moves."""
    if results.tested < ENOUGH:
        return too_few(results.tested)
    learners = [model for model in results.models if learnt(results, model)]
    rivals = [model for model in RIVALS if model in results.models]
    runs = _runs(results)
    if not learners:
        blind = results.with_unit(number(results.unlooked()))
        return Headline(
            "Nothing clearly learnt", f"Without looking, answers are off by {blind}. {_means(results)}", "unsure"
        )
    if "derived" not in results.models or not rivals:
        model = results.models[0]
        worst = max(results.error(model, i).middle for i in range(len(results.elements)))
        where = f" at every {words(results).element}" if len(results.elements) > 1 else ""
        word = f"Off by {results.with_unit(number(worst))}{where}"
        return Headline(word, f"The {model} network at its worst. {runs}", "plain")
    derived = results.judged("derived")
    found = {rival: relation(derived, results.judged(rival)) for rival in rivals}
    still = relation(results.judged("derived", [0]), results.judged(rivals[0], [0]))
    won, lost = ([rival for rival, how in found.items() if how == which] for which in ("better", "worse"))
    word = spoken(word_of(rivals, won, lost, still, len(results.elements) > 1), words(results))
    return Headline(word, f"{_means(results)} {_upright(results)} {runs}", tone_of(won, lost, still))


def value_findings(results: "ValueResults") -> tuple[str, ...]:
    """Against answers without looking, who keeps the error when moved, and by how much the derived network is ahead."""
    blind = results.with_unit(number(results.unlooked()))
    sentences = [
        f"Errors are mean lengths of what is said less what is, of {results.quantity}. Answering without looking, the "
        f"mean of scalars, no vector, positions as they are, is off by {blind}.",
        *_references(results),
        *_fewer(results),
        *(_alone(results, model) for model in results.models),
    ]
    if "derived" in results.models:
        for places in ([0], None) if len(results.elements) > 1 else ([0],):
            sentences += [_gap(results, rival, places) for rival in RIVALS if rival in results.models]
    return tuple(sentences)


def _energies(results: "ValueResults", model: str) -> str:
    """Of forces what their energies are off by."""
    errors = [outcome.at[0].energy for outcome in results.of(model)]
    told = [error for error in errors if error is not None]
    if not told:
        return ""
    return f" Its energies are off by {number(median(told))} a point, in the unit of energy."


def learnt(results: "ValueResults", model: str) -> bool:
    """Whether the network is, where nothing moves, clearly better than answering without looking."""
    return over(results.judged(model, [0]), -results.unlooked())


def _references(results: "ValueResults") -> list[str]:
    """What is answered without a network, and which networks are better than all of that where nothing moves."""
    if not results.references:
        return []
    listed = ", ".join(f"{known.name} {number(known.error)}" for known in results.references)
    least = min(known.error for known in results.references)
    better = [model for model in results.models if over(results.judged(model, [0]), -least)]
    who = f"Clearly below all of them: {' and '.join(better)}" if better else "No network is clearly below all of them"
    return [f"Without a network, errors are{' in ' + results.unit if results.unit else ''}: {listed}. {who}."]


def _alone(results: "ValueResults", model: str) -> str:
    said = words(results)
    doubt = "" if learnt(results, model) else ", not clearly better than without looking"
    still = f"The {model} network is off by {results.with_unit(number(results.error(model, 0).middle))}"
    energies = _energies(results, model)
    if len(results.elements) == 1:
        return f"{still}{doubt}.{energies}"
    worst = max(range(1, len(results.elements)), key=lambda i: results.error(model, i).middle)
    at_worst = results.with_unit(number(results.error(model, worst).middle))
    changed = results.changed(model)
    kept = f"by {number(changed, 2)} of their spread" + (", which is rounding" if changed < EXACT else "")
    return (
        f"{still} {said.still}{doubt}, by {at_worst} at its worst {said.element} ({results.labels[worst]}); its "
        f"answers {said.among} differ from those {said.still}, {said.moved} along, {kept}.{energies}"
    )


def _gap(results: "ValueResults", rival: str, places: list[int] | None) -> str:
    said = words(results)
    ours, theirs = results.judged("derived", places), results.judged(rival, places)
    gap = ours.median - theirs.median  # errors have a minus, so that more is better
    verdict = {"better": "ahead", "worse": "behind"}.get(relation(ours, theirs), "no clear difference")
    where = f"over all {said.elements}" if places is None else said.still
    share = percent(abs(gap / theirs.median)) if theirs.median else "–"
    how = "less" if gap > 0 else "more"
    figure = results.with_unit(number(abs(gap)))
    return f"Derived against {rival}, {where}: {share} {how} error ({figure}): {verdict}."


def _fewer(results: "ValueResults") -> list[str]:
    said, entries = words(results), results.outcomes[0].at
    moved, tested = min(entry.tested for entry in entries), entries[0].tested
    return [f"Only the first {moved:,} of {tested:,} are tested {said.among}, too."] if moved < tested else []


def _means(results: "ValueResults") -> str:
    listed = ", ".join(f"{model} {number(results.mean_error(model).middle)}" for model in results.models)
    where = f" over all {words(results).elements}" if len(results.elements) > 1 else ""
    return f"Mean error{where}{', in ' + results.unit if results.unit else ''}: {listed}."


def _upright(results: "ValueResults") -> str:
    if len(results.elements) == 1:
        return ""
    listed = ", ".join(f"{model} {number(results.error(model, 0).middle)}" for model in results.models)
    return f"{words(results).at_first}: {listed}."


def _runs(results: "ValueResults") -> str:
    seeds, said = len(results.of(results.models[0])), words(results)
    if seeds == 1:
        return f"From one {said.run}: another may turn out otherwise."
    return f"{'Means' if results.folds else 'Medians'} over {said.runs(seeds)}."
