"""Test examples as they are: what went in, what was asked, and what each network answered, drawn as the domain asks."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.auditing.drawing import pixels, plane
from erlangen.auditing.laid_out import is_compound, laid_out
from erlangen.domains import Dna, Domain, Lattice, Mesh, Sphere
from erlangen.errors import ConfigError
from erlangen.pages import CLASSES, bars, letters, lines, percent, strip
from erlangen.pages.drawing import SERIES_COLOURS
from erlangen.task import Task
from erlangen.train.config import Config
from erlangen.train.drawn_surfaces import class_colour, surface
from erlangen.train.elements import elements
from erlangen.train.evaluate import scores
from erlangen.train.examples import Examples
from erlangen.train.experiment import shown_examples
from erlangen.train.held import example
from erlangen.train.moving import UNKNOWN, inside, move, move_inputs, move_labels
from erlangen.train.results import Results

MOST_ELEMENTS = 12
MOST_CURVES = 4
MOST_BARS = 24

Drawn = list[dict[str, Any]]


def gallery(config: Config, task: Task, examples: Examples, results: Results, nets: Mapping[str, nn.Module]) -> Drawn:
    """The shown test examples, each a title and its pictures (drawing, name, caption), with the networks' answers.

    Labels: the example at each element (at most 12), with what is said of it. Masks: input, target and each answer,
    upright and at the element where the last network is worst.
    """
    shown = shown_examples(config, examples)
    if examples.test.dense:
        return [drawn for index in shown for drawn in _mask(task, examples, results, nets, index)]
    return [_label(task, examples, results, place, index) for place, index in enumerate(shown)]


def class_colours(task: Task, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """(name, colour) of the classes as the masks show them; nothing where labels are for the whole."""
    if isinstance(task.domain, Mesh):
        return [(name, class_colour(c)) for c, name in enumerate(names)]
    if not task.target.domain.axes:
        return []
    if task.domain.space == 1:
        return [(name, f"var(--series-{c % SERIES_COLOURS + 1})") for c, name in enumerate(names)]
    return [(name, f"rgb{CLASSES[c % len(CLASSES)]}") for c, name in enumerate(names)]


def _label(task: Task, examples: Examples, results: Results, place: int, index: int) -> dict[str, Any]:
    shown = examples.test.take([index])
    x, y = shown.inputs, shown.targets
    firsts = {model: results.of(model)[0] for model in results.models}
    pictures = []
    among = elements(task)
    for number in results.shown(MOST_ELEMENTS):
        g = among[number]
        said = [f"{model} {results.classes[o.at[number].said[place]]}" for model, o in firsts.items()]
        true = int(move_labels(task, g, y, x))
        name = results.labels[number] + (f", class {results.classes[true]}" if true != int(y) else "")
        pictures.append((_input(task, move_inputs(task, g, x)), name, ", ".join(said)))
    return {
        "title": f"Test example {index}, class {results.classes[int(y)]}",
        "layout": _layout(task),
        "pictures": pictures,
    }


def _mask(task: Task, examples: Examples, results: Results, nets: Mapping[str, nn.Module], index: int) -> Drawn:
    among = elements(task)
    numbers = range(len(among))
    worst = min(numbers, key=lambda i: results.accuracy(results.models[-1], i).middle)
    chosen = dict.fromkeys([0, worst or min(1, len(among) - 1)])
    return [
        {
            "title": f"Test example {index}, {results.labels[number]}",
            "layout": _layout(task),
            "pictures": _answers(task, examples, among[number], nets, index),
        }
        for number in chosen
    ]


def _answers(
    task: Task, examples: Examples, g: Any, nets: Mapping[str, nn.Module], index: int
) -> list[tuple[Any, str, str]]:
    pair = examples.test.take([index])
    x, targets = move(task, g, pair.inputs, pair.targets)
    points, y = inside(task, targets), _one(targets)
    known = y != UNKNOWN if points is None else (y != UNKNOWN) & points
    pictures = [(_input(task, x), "input", _channel(task)), (_draw_labels(task, x, y), "target", "")]
    for model, net in nets.items():
        said = _one(scores(net, x).argmax(1))
        caption = f"{percent(float((said == y)[known].double().mean()))} of the points right"
        pictures.append((_draw_labels(task, x, said), model, caption))
    return pictures


def _one(labels: Tensor) -> Tensor:
    """Of one example the labels at its points: `[1, *space]`, or of a sequence `[steps]` as it is."""
    return labels if labels.dim() == 1 else labels[0]


def _input(task: Task, inputs: Any) -> Any:
    """The first of these inputs, drawn."""
    if isinstance(task.domain, Mesh):
        return surface(inputs.batch([0]))
    return draw_input(_drawable(task), example(inputs, 0))


def draw_input(domain: Domain, x: Tensor) -> Any:
    """One input [channel, *space]: letters for DNA, curves on a line, else a picture; of a volume its central slice.

    Of a product of domains the factor of most dimensions is drawn, at a few points of the others; of sets of signals a
    few members.
    """
    if is_compound(domain):
        return draw_input(*laid_out(domain, x))
    values = x.double().numpy()
    if isinstance(domain, Dna) and set(np.unique(values)) <= {0.0, 1.0} and (values.sum(0) == 1).all():
        return letters(values.argmax(0).tolist())
    if not domain.axes:
        return bars(values[:MOST_BARS])
    if domain.space == 1:
        return lines(list(values[:MOST_CURVES]))
    planes = [plane(channel, domain) for channel in values[: 3 if len(values) == 3 else 1]]
    return pixels(planes[0] if len(planes) == 1 else np.stack(planes, -1), domain)


def _draw_labels(task: Task, inputs: Any, labels: Tensor) -> Any:
    if isinstance(task.domain, Mesh):
        return surface(inputs.batch([0]), labels)
    if task.domain.space == 1:
        return strip(labels.tolist())
    shown, domain = labels.double().masked_fill(labels == UNKNOWN, torch.nan), _drawable(task)
    if is_compound(domain):
        domain, shown = laid_out(domain, shown[None])
        shown = shown[0]
    return pixels(plane(shown.numpy(), domain), domain, colours="classes")


def _layout(task: Task) -> str:
    """How the page sets the pictures out: what stands at each place of a line stands one under the other."""
    if isinstance(task.domain, Mesh):
        return "wide"
    if task.domain.space != 1:
        return ""
    return "tracks" if task.target.domain.axes else "wide"


def _drawable(task: Task) -> Domain:
    if not isinstance(task.domain, Lattice | Sphere) and not is_compound(task.domain):
        raise ConfigError(f"{task.domain!r}", "a lattice, a sphere or a mesh", "Draw others by hand.")
    return task.domain


def _channel(task: Task) -> str:
    channels = task.source.channels
    hidden = task.domain.space > 1 and channels not in (1, 3)
    slices = "central slice" if isinstance(task.domain, Lattice) and task.domain.axes == 3 else ""
    return ", ".join(part for part in (f"channel 1 of {channels}" if hidden else "", slices) if part)
