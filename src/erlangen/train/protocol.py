"""How a run was trained and tested, in words: what it learnt from, what it was tested on, and by what it was moved."""

from torch import Tensor

from erlangen.domains import Mesh, Nest, Points
from erlangen.domains.packed import Packed
from erlangen.groups import TimeWarp, Trivial
from erlangen.pages import count, several
from erlangen.task import Task
from erlangen.train.examples import Examples
from erlangen.train.held import is_sequences
from erlangen.train.on_surfaces import declared
from erlangen.train.relabelled import APART, RELABELLED
from erlangen.train.results import Results
from erlangen.train.said import AnyResults
from erlangen.train.value_results import ValueResults
from erlangen.train.words import STORED, UPRIGHT, words


def protocol(examples: Examples, results: AnyResults) -> str:
    """The paragraph above the accuracies, or the errors."""
    apart = "" if all(results.exact) else " Where a ≈ stands, inputs are interpolated, and nothing is exact."
    how = _of_classes(results) if isinstance(results, Results) else _of_values(results)
    return f"{_learnt(examples, results)}{_tested(examples, results)}.{apart} {_spread(results)}. {how}"


def _of_classes(results: Results) -> str:
    return (
        f"An answer agrees where it is the one given {words(results).still}; those whose two best scores lie within "
        "1e-4 are left out. The dashed marks and the column beside the networks are what always answering "
        f"{results.majority()[0]} would score."
    )


def _of_values(results: ValueResults) -> str:
    said = words(results)
    changed = (
        f"“changed” is the most by which answers {said.among} differ from those {said.still}, {said.moved} along, as "
        "a part of their spread: 0 where the symmetry is kept, 1 where the two have nothing to do with each other. "
    )
    return (
        f"An error is the length of what is said less what is. {changed * (len(results.elements) > 1)}The dashed marks "
        "and the column beside the networks are what answering without looking is off by."
    )


def symmetry_of(task: Task) -> str:
    """What leaves the answer as it is, or moves it along: of sets and graphs relabelling, and what moves features."""
    if task.warped:
        return str(TimeWarp())
    if isinstance(task.domain, Mesh):
        return str(declared(task))
    if isinstance(task.domain, Points):
        return str(task.symmetry) if task.symmetry != Trivial() else "Translations and relabelling"
    if not task.domain.packed:
        return str(task.symmetry)
    if task.symmetry == Trivial():
        return "Relabelling"
    if isinstance(task.domain, Nest):
        return f"Relabelling, and {task.symmetry} of each member apart"
    return f"Relabelling and {task.symmetry}{' on the features' * isinstance(task.domain, Packed)}"


def lead_on_packed(task: Task, results: AnyResults) -> str:
    """What was declared of sets, graphs, points or surfaces, and what was tested."""
    if isinstance(task.domain, Points | Mesh):
        said = words(results)
        more = len(results.elements) - 1
        tested = f"tested {said.still} and at {several(more, 'other turn')}" if more else f"tested {said.still}"
        return f"{symmetry_of(task)} on {task.domain!r}: trained {said.still}, {tested}."
    drawn = sum(name.startswith(RELABELLED) for name in results.elements)
    moved = f"in {several(drawn, 'other order')} of points and edges"
    apart = sum(name.startswith(APART) for name in results.elements)
    elements = len(results.elements) - 1 - drawn - apart
    also = f" and moved by {several(elements, 'element')} of the group" if elements else ""
    also += f", and each member by an element of its own, {several(apart, 'time')}" if apart else ""
    return f"{symmetry_of(task)}, on {task.domain!r}: trained as the data are stored, tested as stored, {moved}{also}."


def size(examples: Examples) -> str:
    """How large an example is, and what stands at each point of it."""
    inputs = examples.train.inputs
    if isinstance(inputs, Tensor):
        return f"{several(inputs.shape[1], 'channel')} of {' × '.join(map(str, inputs.shape[2:]))}"
    parts = (examples.train, examples.validation, examples.test)
    sizes = [n for part in parts for n in part.inputs.sizes.tolist()]
    least, most = min(sizes), max(sizes)
    points = count(most) if least == most else f"{count(least)} to {count(most)}"
    what = "steps" if is_sequences(inputs) else "points"
    return f"{points} {what}, {several(examples.train.channels, 'number')} at each"


def _learnt(examples: Examples, results: AnyResults) -> str:
    said, train = words(results), examples.train
    stored = " stored" if said.still == STORED.still else ""
    too = f" (the augmented network on the same, {said.moved} at random)" if "augmented" in results.models else ""
    how = f"as they are{stored}{too}"
    labels = "values" if examples.quantity is not None else "labels"
    if train.dense and is_sequences(train.inputs):
        steps = several(train.asked, "step")
        return f"Trained on the labels of {steps} of {several(len(train), 'sequence')} {how}, chosen on "
    if train.dense and not isinstance(train.inputs, Tensor):
        kind = "graph" if train.inputs.pos is None else "cloud" if train.inputs.face is None else "surface"
        graphs = f"one {kind}" if len(train) == 1 else several(len(train), kind)
        seen = " Points and edges of all parts are seen in training, labels of this part alone." * _is_one(examples)
        return f"Trained on the {labels} of {several(train.asked, 'point')} of {graphs} {how}.{seen} Chosen on "
    if results.folds:
        folds = f"Cross-validation in {several(results.folds, 'fold')}, each tested on once"
        return f"{folds}: trained on {count(len(train))} or so {how}, chosen on "
    return f"Trained on {several(len(train), 'example')} {how}, chosen on "


def _tested(examples: Examples, results: AnyResults) -> str:
    said, entries = words(results), results.outcomes[0].at
    held_out, test = examples.validation.asked, entries[0].tested
    moved = min(entry.tested for entry in entries)
    some = f"the first {count(moved)} of them {said.moved}" if moved < test else said.moved
    by = " by each element" if said == UPRIGHT else ""
    return f"{count(held_out)} for validation, tested once on {count(test)} others, {some}{by}"


def _spread(results: AnyResults) -> str:
    said, runs = words(results), len(results.of(results.models[0]))
    if results.folds:
        return f"Mean over {said.runs(runs)} ± the deviation from fold to fold"
    return f"Median over {said.runs(runs)}, in brackets the least and the greatest" if runs > 1 else "One seed"


def _is_one(examples: Examples) -> bool:
    """Whether the parts are one graph, labelled at different points."""
    return len(examples.train) == 1 and examples.train.inputs is examples.test.inputs
