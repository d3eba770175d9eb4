"""Networks side by side on the same test examples: accuracy at every element, error of the symmetry, time, size."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn

from erlangen.errors import ConfigError, SymmetryError
from erlangen.groups import Group
from erlangen.pages import Html, count, levels, number, percent, render, write
from erlangen.pages.drawing import SERIES_COLOURS
from erlangen.task import Equivariant, Output, Task
from erlangen.train.answers import channels_out, check_labels, has_dense_answer
from erlangen.train.baselines import parameters
from erlangen.train.check import check_inputs, width_of
from erlangen.train.elements import marked
from erlangen.train.evaluate import AtElement, audited, by_verdict, evaluate
from erlangen.train.examples import Examples
from erlangen.train.held import first
from erlangen.train.memory import peak_bytes
from erlangen.train.progress import Progress, Tell, part_of
from erlangen.train.protocol import symmetry_of
from erlangen.train.reading import located, parse_domain, parse_output, parse_symmetry
from erlangen.train.spacing import check_spacing
from erlangen.train.tally import Counts, majority, mean_dice, mean_overlap, total
from erlangen.train.values import spread_of
from erlangen.train.values_at import ValuesAt, evaluate_values
from erlangen.train.words import UPRIGHT, words_of

TIMED, REPEATS = 64, 7
ABOUT_SHARES = "In per cent, from 0 to 100"
ABOUT_COMMONEST = "always answering the commonest class would score"


@dataclass(frozen=True)
class Compared:
    """One network: parameters, milliseconds for up to 64 examples, megabytes that are alive at once, answers, audit.

    `audit` is (verdict, error) for elements on the lattice and for interpolated ones, or for all under "".
    """

    name: str
    parameters: int
    milliseconds: float
    megabytes: float
    verdict: str
    error: float
    audit: dict[str, tuple[str, float]]
    at: "tuple[AtElement, ...] | tuple[ValuesAt, ...]"


@dataclass(frozen=True)
class Comparison:
    """All networks on one task and data set; `columns` and `rows` for a table, `.to_html(path)`, `.to_dict()`.

    Elements at which examples are interpolated bear a ≈. Of real values `unit` is theirs, and `commonest` nothing.
    """

    task: str
    data: str
    examples: int
    commonest: str
    networks: tuple[Compared, ...]
    unit: str | None = None

    @property
    def elements(self) -> list[str]:
        """The elements tested at; the first is the identity."""
        return [entry.element for entry in self.networks[0].at]

    @property
    def labels(self) -> list[str]:
        """The elements as they are shown."""
        return [marked(entry.element, entry.exact) for entry in self.networks[0].at]

    @property
    def columns(self) -> list[str]:
        """The heads of `rows`: one column a network."""
        head = "accuracy at" if self.unit is None else f"mean error{', ' + self.unit if self.unit else ''}"
        last = f"always “{self.commonest}”" if self.unit is None else "without looking"
        return [head, *(net.name for net in self.networks), last]

    @property
    def rows(self) -> list[list[str]]:
        """One row an element, beside what needs no look, then overlaps of masks, the audit, time and size."""
        rows = [
            [name, *(self._written(figure(net.at[i])) for net in self.networks), self._written(self._baseline(i))]
            for i, name in enumerate(self.labels)
        ]
        if self.has_masks:
            for name, measure in (("mean IoU", mean_overlap), ("mean Dice", mean_dice)):
                rows.append([name, *(number(measure(counts_of(net))) for net in self.networks), ""])
        for kind in self.networks[0].audit:
            judged, which = [net.audit[kind] for net in self.networks], f", {kind}" if kind else ""
            rows.append([f"symmetry{which}", *(verdict for verdict, _ in judged), ""])
            rows.append([f"error{which}", *(number(error) for _, error in judged), ""])
        timed = min(TIMED, self.examples)
        rows.append([f"ms for {timed}", *(f"{net.milliseconds:.1f}" for net in self.networks), ""])
        rows.append([f"MB for {timed}", *(f"{net.megabytes:.1f}" for net in self.networks), ""])
        rows.append(["parameters", *(count(net.parameters) for net in self.networks), ""])
        return rows

    @property
    def has_masks(self) -> bool:
        """Whether there is an answer at every point."""
        return self.unit is None and total(counts_of(self.networks[0])) > self.examples

    def _baseline(self, element: int) -> float:
        """What is scored without looking: always the commonest class, or the mean of the values."""
        entry = self.networks[0].at[element]
        return entry.unlooked if isinstance(entry, ValuesAt) else majority(entry.confusion)[1]

    def _written(self, value: float) -> str:
        return percent(value) if self.unit is None else number(value)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)

    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """One self-contained page at `path`, whole or not at all."""
        said = words_of(self.elements)
        at = f"{said.at} every {said.element}"
        charts = [(self._all(), f"all, {at} together", "")]
        charts += [(self._chart(net, series), net.name, "") for series, net in enumerate(self.networks, start=1)]
        apart = "" if all(entry.exact for entry in self.networks[0].at) else " Where a ≈ stands, they are interpolated."
        context = {
            "title": "Side by side",
            "lead": f"{self.task}, on {count(self.examples)} test examples of {self.data}.{apart}",
            "columns": self.columns,
            "rows": self.rows,
            "charts": charts,
            "measure": "Accuracy" if self.unit is None else "Mean error",
            "about": ABOUT_SHARES if self.unit is None else f"In {self.unit or 'their own unit'}",
            "blind": ABOUT_COMMONEST if self.unit is None else "answering without looking is off by",
            "at": at,
            "moved": f"moved by each {said.element}" if said == UPRIGHT else f"{said.still} and {said.moved}",
        }
        return write(path, render("compare.html", context))

    def _all(self) -> Html:
        """The mean over all elements, one bar a network."""
        means = [sum(map(figure, net.at)) / len(net.at) for net in self.networks]
        return levels(means, [net.name for net in self.networks], list(map(self._written, means)), self._most())

    def _chart(self, net: Compared, series: int) -> Html:
        figures = [figure(entry) for entry in net.at]
        written = [self._written(value).removesuffix(" %") for value in figures]
        marks = [self._baseline(i) for i in range(len(figures))]
        return levels(figures, self.labels, written, self._most(), (series - 1) % SERIES_COLOURS + 1, marks)

    def _most(self) -> float:
        """How far the bars of all charts go: to the whole, or to the greatest error."""
        if self.unit is None:
            return 1.0
        return max(*(figure(e) for net in self.networks for e in net.at), *map(self._baseline, range(len(self.labels))))


def figure(entry: "AtElement | ValuesAt") -> float:
    """What networks are compared by at one element: the share right, or the mean error."""
    return entry.error if isinstance(entry, ValuesAt) else entry.accuracy


def counts_of(net: Compared) -> Counts:
    """The table of what is answered to what, where nothing is moved; of values there is none."""
    entry = net.at[0]
    return [] if isinstance(entry, ValuesAt) else entry.confusion


def compare(
    networks: Mapping[str, nn.Module],
    task: Task,
    examples: Examples,
    *,
    moved: int | None = None,
    tell: Tell | None = None,
) -> Comparison:
    """Each network on the test part moved by every element of the task's symmetry, and audited for it on up to 64.

    `moved` is how many examples are moved, the first ones; left out: all. `tell(fraction, text, done)` is called as the
    audits go. SymmetryError, naming the network, where one does not take these inputs or does not score these classes.
    """
    if examples.quantity is None:
        check_labels(task)
    check_spacing(task.domain, examples.spacing, examples.name, "domain")
    compared = tuple(
        _one(name, net.eval(), task, examples, moved, part_of(tell, number, len(networks), f"audit, {name}"))
        for number, (name, net) in enumerate(networks.items())
    )
    about = f"{symmetry_of(task)} on {task.domain!r}"
    if examples.quantity is not None:
        return Comparison(about, examples.name, len(examples.test), "", compared, examples.quantity.unit)
    commonest = examples.classes[majority(counts_of(compared[0]))[0]]
    return Comparison(about, examples.name, len(examples.test), commonest, compared)


def question(tasks: Sequence[Task | None], domain: str | None, symmetry: str | None, output: str | None) -> Task:
    """The task to compare on: the first that a network brings, with what the texts say laid over it.

    >>> question([None], "Grid(2)", "C(4)", "Invariant(10)").symmetry
    C(4)
    """
    task = next((task for task in tasks if task is not None), None)
    with located("the command line"):
        place = parse_domain(domain) if domain is not None else task and task.domain
        group = parse_symmetry(symmetry) if symmetry is not None else task and task.symmetry
        if place is None or group is None or (task is None and output is None):
            given = "networks of which none says what it is for"
            raise ConfigError(given, "--domain, --symmetry and --output", 'For example --output "Invariant(10)".')
        if not isinstance(group, Group):
            raise ConfigError(f"{group!r}", "a group of rotations and mirrors", "Translations are part of every audit.")
        if task is not None and (place, group, output) == (task.domain, task.symmetry, None):
            return task
        answer = _scalar(task) if task is not None and output is None else parse_output(str(output), group)
        return Task(place, group, 1 if task is None else task.source.channels, answer)


def _scalar(task: Task) -> Output:
    """The task's answer under another group: the same channels, each of them left alone; positions move as before."""
    output = task.output
    if not isinstance(output, Equivariant):
        return output
    if not task.target.rho.is_permutation:
        given, mend = f"{output!r} under another group", 'Say it, for example --output "Equivariant(standard)".'
        raise ConfigError(given, "an output that says how it moves", mend)
    return Equivariant(task.target.channels, output.pooled)


def _one(
    name: str, net: nn.Module, task: Task, examples: Examples, moved: int | None, progress: Progress | None
) -> Compared:
    _check(name, net, task, examples)
    inputs = examples.test.inputs
    report = audited(net, task, inputs, name, progress)
    return Compared(
        name=name,
        parameters=parameters(net),
        milliseconds=_milliseconds(net, first(inputs, TIMED)),
        megabytes=peak_bytes(net, first(inputs, TIMED)) / 1e6,
        verdict=report.verdict,
        error=report.error,
        audit=by_verdict(report, task),
        at=_evaluated(net, task, examples, moved),
    )


def _evaluated(
    net: nn.Module, task: Task, examples: Examples, moved: int | None
) -> tuple[AtElement, ...] | tuple[ValuesAt, ...]:
    """Answers on the test part at every element, as classes or as values."""
    if examples.quantity is None:
        return evaluate(net, task, examples.test, moved=moved)
    return evaluate_values(net, task, examples.test, spread_of(task, examples.train)[0], moved)


def _check(name: str, net: nn.Module, task: Task, examples: Examples) -> None:
    check_inputs(task, examples)
    inputs, wanted = first(examples.test.inputs, 2), channels_out(task)
    if wanted != width_of(examples):
        each = "values" if examples.quantity is not None else "classes"
        given = f"{examples.name} with {width_of(examples)} {each}"
        raise ConfigError(given, f"the {wanted} of the task", "Pass the --output of the data.")
    try:
        with torch.inference_mode():
            answer = net(inputs)
    except SymmetryError as error:
        raise ConfigError(f"{error.given} (in {name})", error.expected, error.mend) from error
    except Exception as error:  # a foreign network says in its own way that it does not take these inputs
        said = f"{type(error).__name__}: {error}"
        shape = f" of shape {tuple(inputs.shape)}" if isinstance(inputs, Tensor) else ""
        given = f"{name} on inputs{shape}, which raises {said}"
        raise ConfigError(given, "a network for such inputs", "Choose other --data.") from error
    points = inputs.shape[2:] if isinstance(inputs, Tensor) and task.target.domain.axes else ()
    rows = len(inputs) if isinstance(inputs, Tensor) or not has_dense_answer(task) else len(inputs.x)
    shape = (rows, wanted, *points)
    if not isinstance(answer, Tensor) or tuple(answer.shape) != shape:
        given = f"{name} answering {tuple(answer.shape) if isinstance(answer, Tensor) else type(answer).__name__}"
        raise ConfigError(given, f"a tensor of shape {shape}", "Compare networks of one task.")


def _milliseconds(net: nn.Module, inputs: Any) -> float:
    times = []
    with torch.inference_mode():
        for _ in range(REPEATS):
            start = time.perf_counter()
            net(inputs)
            times.append(1000 * (time.perf_counter() - start))
    return median(times)
