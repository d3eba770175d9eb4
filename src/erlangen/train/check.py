"""Do task and data fit? Asked before anything is written."""

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from erlangen.domains import Graph, Lattice, Mesh, Nest, Points, Product, Sequence, Set
from erlangen.domains.packed import Packed, attribute
from erlangen.domains.surfaces.checks import checked, triangles
from erlangen.domains.surfaces.operators import TUFTED
from erlangen.errors import ConfigError, InputError
from erlangen.groups import SO, C
from erlangen.task import Task
from erlangen.train.answers import channels_out, check_labels, has_dense_answer
from erlangen.train.config import AVERAGED, DISTANCES, EXTRINSIC, Config
from erlangen.train.examples import Examples
from erlangen.train.held import first, is_sequences, most_points
from erlangen.train.networks import build_network, derived_network, plain_network
from erlangen.train.plain_recurrent import PlainRecurrent
from erlangen.train.protocol import symmetry_of
from erlangen.train.spacing import check_spacing


def check(config: Config, task: Task, examples: Examples) -> None:
    """Task and data must fit: channels, classes, masks or labels, size; the mend names the key. Writes nothing."""
    if examples.quantity is None:
        check_labels(task)
    _check_pairs(config, examples)
    inputs = examples.train.inputs
    check_inputs(task, examples)
    check_spacing(task.domain, examples.spacing, examples.name, "task.domain")
    check_width(task, examples)
    if examples.train.dense != has_dense_answer(task):
        what, answer = _asked(examples)
        raise ConfigError(f"task.output = {config.task.output!r} for {what}", answer, f'Set task.output = "{answer}".')
    _check_place(config, task, examples)
    if config.train.label_smoothing >= 1:
        given = f"train.label_smoothing = {config.train.label_smoothing}"
        raise ConfigError(given, "a part of each label, below 1", "Choose about 0.1, or leave it out.")
    _check_averaged(config, task, examples)
    for model in config.train.rates or {}:
        if model not in config.train.models:
            given = f"train.rates with {model!r}"
            raise ConfigError(given, f"models that are trained: {', '.join(config.train.models)}", "Leave it out.")
    if config.train.device == "gpu" and not torch.accelerator.is_available():
        raise ConfigError('train.device = "gpu" on a machine without one', '"cpu" or "auto"', "Change train.device.")
    with torch.random.fork_rng(devices=[]):
        derived_network(task, config.network).eval()(first(inputs, 1))
        if set(config.train.models) - {"derived", DISTANCES, EXTRINSIC}:
            plain = plain_network(task, config.network, most_points(examples))  # refused where none is of its size
            _check_lengths(plain, inputs)
        if DISTANCES in config.train.models:
            if not isinstance(task.domain, Points):
                mend = 'Leave "distances" out.'
                raise ConfigError(f'train.models with "distances" on {task.domain!r}', "points", mend)
            build_network(DISTANCES, task, config.network)
        if EXTRINSIC in config.train.models:
            build_network(EXTRINSIC, task, config.network)


def _check_place(config: Config, task: Task, examples: Examples) -> None:
    """Of products and sets of signals answers may be at some of their factors: targets are to be where they are."""
    if not isinstance(task.domain, Product | Nest):
        return
    targets, values = examples.train.targets, examples.quantity is not None
    place, inputs = task.target.domain, examples.train.inputs
    members = place == Set() and hasattr(inputs, "member_rows")
    rows = len(inputs.members if members else inputs.x if place.packed else inputs)
    if len(targets) != rows or targets.ndim != 1 + values + place.axes:
        each = "value" if values else "label"
        given = f"targets of shape {tuple(targets.shape)} where task.output = {config.task.output!r}"
        axes = f", each with {place.axes} axes" if place.axes else ""
        mend = "Name in pooled=… what there is one answer for all of, as in Equivariant(3, pooled=Graph())."
        raise ConfigError(given, f"{rows} rows of {each}s on {place!r}{axes}", mend)


def check_width(task: Task, examples: Examples) -> None:
    """As many channels of the answer as there are classes, or values of each."""
    wanted = width_of(examples)
    if channels_out(task) != wanted:
        each = "values" if examples.quantity is not None else "classes"
        expected = f"one channel for each of the {wanted} {each} of {examples.name}"
        mend = f"Write {wanted} in task.output, or a representation of so many channels."
        raise ConfigError(
            f"task.output with {channels_out(task)} channels",
            expected,
            mend if examples.quantity is not None else f"Write {wanted} in task.output.",
        )


def width_of(examples: Examples) -> int:
    """How many classes there are, or values of each."""
    return len(examples.classes) if examples.quantity is None else examples.train.targets.shape[1]


def _asked(examples: Examples) -> tuple[str, str]:
    """What the targets are, in words, and the plainest answer that is asked for so."""
    dense, n = examples.train.dense, width_of(examples)
    values = examples.quantity is not None
    whole = "values" if values else "labels"
    pictured = isinstance(examples.train.inputs, Tensor) and not values
    at_points = "masks" if pictured else f"{whole} at every point"
    return (at_points, f"Equivariant({n})") if dense else (whole, f"Invariant({n})")


def check_inputs(task: Task, examples: Examples) -> None:
    """Channels and axes, and on graphs the features of edges; the mend names the key."""
    inputs, wanted = examples.train.inputs, task.source.channels
    _check_kind(task, examples)
    if isinstance(inputs, Tensor):
        if inputs.ndim != 2 + task.domain.axes or inputs.shape[1] != wanted:
            raise ConfigError(
                f"{examples.name} of shape {tuple(inputs.shape[1:])} where task.input has {wanted} channels",
                f"inputs [channel{', n' * task.domain.axes}] on {task.domain!r}",
                f"Set task.input = {inputs.shape[1]}, or another task.domain.",
            )
        return
    if isinstance(task.domain, Mesh):
        _check_surfaces(task, task.domain, examples)
    if isinstance(task.domain, Mesh) and not examples.train.channels:
        if task.input != task.domain.natural_input(task.symmetry):
            given = f"{examples.name} with nothing at its vertices where task.input = {task.input}"
            raise ConfigError(given, "what the domain reads off a surface", "Leave task.input out.")
        return
    if examples.train.channels != wanted:
        at = "step" if is_sequences(inputs) else "point"
        given = f"{examples.name} with {examples.train.channels} numbers a {at} where task.input has {wanted} channels"
        raise ConfigError(given, "as many", f"Set task.input = {examples.train.channels}.")
    _check_edges(task, first(inputs, 1), examples.name)


def _check_surfaces(task: Task, domain: Mesh, examples: Examples) -> None:
    """Refuse, before the work, what is no surface, by its part and number; the tufted Laplacian takes any triangles."""
    if domain.laplacian == TUFTED:
        return
    look = checked if isinstance(task.symmetry, SO | C) else triangles
    for part in ("train", "validation", "test"):
        for i, body in enumerate(getattr(examples, part).inputs):
            try:
                look(body.pos.numpy(), body.face.T.numpy())
            except InputError as error:
                given = f"surface {i} of the {part} part of {examples.name}: {error.given}"
                raise ConfigError(given, error.expected, error.mend) from None


def _check_lengths(plain: nn.Module, inputs: Any) -> None:
    """An ordinary convolution takes no lengths."""
    if is_sequences(inputs) and not isinstance(plain, PlainRecurrent):
        given = "plain networks by convolution on sequences of several lengths"
        mend = 'Set train.models = ["derived"], or network.layer = "lstm".'
        raise ConfigError(given, "recurrent ones, or sequences of one length", mend)


def _check_averaged(config: Config, task: Task, examples: Examples) -> None:
    models = config.train.models
    if AVERAGED not in models:
        return
    if examples.quantity is not None:
        raise ConfigError('train.models with "averaged" for real values', "classes", 'Leave "averaged" out.')
    if models[-1] != AVERAGED or "augmented" not in models:
        given, expected = f"train.models = {list(models)}", '"averaged" last, and "augmented" before it'
        raise ConfigError(given, expected, "It is the augmented network that is averaged.")
    if not isinstance(task.domain, Lattice) or task.symmetry.order in (None, 1):
        given = f'train.models with "averaged" under {symmetry_of(task)} on {task.domain!r}'
        raise ConfigError(given, "a finite group on a lattice", 'Leave "averaged" out.')


def _check_kind(task: Task, examples: Examples) -> None:
    """Signals on a lattice, sets or graphs, or sequences: as the domain has them."""
    inputs, domain = examples.train.inputs, task.domain
    if isinstance(inputs, Tensor):
        held, fits = f"signals on {inputs.ndim - 2} axes", not domain.packed and not task.warped
    elif isinstance(domain, Product | Nest):
        axes = inputs.x.ndim - 2
        held, fits = f"sets or graphs of signals on {axes} axes", domain.packed and domain.axes == axes
        _check_compound(domain, inputs, examples.name)
    elif is_sequences(inputs):
        held, fits = "sequences", isinstance(domain, Sequence)
    elif isinstance(domain, Points):
        space = 0 if inputs.pos is None else inputs.pos.shape[1]
        held = f"clouds in {space} dimensions" if space else "sets or graphs without positions"
        fits = space == domain.dim
    elif isinstance(domain, Mesh):
        held, fits = "graphs or clouds without faces", inputs.face is not None
    else:
        held = "sets of graphs" if hasattr(inputs, "member_rows") else "sets or graphs"
        fits = isinstance(domain, Packed) and inputs.x.ndim == 2 and held != "sets of graphs"
    if not fits:
        mend = 'Set task.domain, for example "Graph()", "Set()", "Points(3)", "Mesh()" or "Grid(2)".'
        mend = 'Set task.domain = "Sequence()".' if is_sequences(inputs) else mend
        if task.warped and isinstance(inputs, Tensor):
            mend = "Make sequences of signals of one length: erlangen.data.in_time(data)."
        raise ConfigError(f"{examples.name}, which holds {held}", f"data on {domain!r}", mend)


def _check_compound(domain: Product | Nest, inputs: Any, name: str) -> None:
    """Runs read what stands in one store of graphs: products with one packed factor, sets of what has axes alone."""
    inside = domain.of if isinstance(domain, Nest) else domain
    factors = inside.factors if isinstance(inside, Product) else (inside,)
    packed = [factor for factor in factors if factor.packed]
    if len(packed) > 1 or any(isinstance(factor, Mesh) for factor in packed):
        expected = "products with one packed factor, sets of such signals, of graphs, of clouds or of sets"
        raise ConfigError(f"a run on {domain!r}", expected, "Derive its network by er.derive, and train that by hand.")
    sets = hasattr(inputs, "member_rows")
    if sets != (isinstance(domain, Nest) and bool(packed)):
        mend = "Say by `sets` how many graphs each set has." if not sets else f'Set task.domain = "Set({packed[0]!r})".'
        held = "sets of graphs" if sets else "graphs that are in no sets"
        raise ConfigError(f"{name}, which holds {held}", f"data on {domain!r}", mend)
    space = 0 if inputs.pos is None else inputs.pos.shape[1]
    wanted = next((factor.dim for factor in packed if isinstance(factor, Points)), 0)
    if space != wanted:
        held = f"clouds in {space} dimensions" if space else "sets or graphs without positions"
        raise ConfigError(f"{name}, which holds {held}", f"data on {domain!r}", "Set another task.domain.")


def _check_edges(task: Task, batch: Any, name: str) -> None:
    inside = task.domain.of if isinstance(task.domain, Nest) else task.domain
    factors = inside.factors if isinstance(inside, Product) else (inside,)
    domain = next((factor for factor in factors if isinstance(factor, Graph | Points)), None)
    if domain is None:
        return
    if attribute(batch, "edge_index") is None and isinstance(domain, Graph):
        raise ConfigError(f"{name}, whose sets have no edges", "graphs", 'Set task.domain = "Set()".')
    attr = attribute(batch, "edge_attr")
    held = 0 if attr is None else attr.reshape(len(attr), -1).shape[1]
    if domain.edge_features not in (0, held):
        given = f"{domain!r} for {name}, whose edges have {held} features"
        said = replace(domain, edge_features=held), replace(domain, edge_features=0)
        mend = f'Set task.domain = "{said[0]!r}", or "{said[1]!r}" to leave them out.'
        raise ConfigError(given, "as many", mend)


def _check_pairs(config: Config, examples: Examples) -> None:
    for name in (name for pair in config.report.pairs for name in pair):
        if name not in examples.classes:
            expected = f"classes of {examples.name}: {', '.join(examples.classes)}"
            raise ConfigError(f"report.pairs with {name!r}", expected, "Check the spelling.")
