"""What a run is asked to do: the sections of its TOML file, every default and its meaning, in this one place."""

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from textwrap import wrap
from typing import Any


def key(about: str, default: Any = MISSING, least: float | None = None, among: tuple[str, ...] = ()) -> Any:
    """A key of the file: its meaning, its default (none: it must be given), its least value or its only values."""
    metadata = {"about": about, "least": least, "among": among}
    return field(metadata=metadata) if default is MISSING else field(default=default, metadata=metadata)


MODELS = ("derived", "plain", "augmented")
DISTANCES = "distances"  # on points: the layers of EGNN, which read no directions and keep the symmetry too
EXTRINSIC = "extrinsic"  # on surfaces: derived for rigid motions alone, so that it looks at where they lie
LATER = (
    ("data", "folds"),
    ("data", "target"),
    ("train", "loss"),
    ("train", "energies"),
    ("train", "rates"),
    ("train", "accumulate"),
    ("train", "checkpoint_every"),
    ("train", "devices"),
    ("train", "nodes"),
    ("train", "workers"),
)  # keys that older runs have not
AVERAGED = "averaged"  # the augmented network, its answers averaged over the group: nothing is trained anew


@dataclass(frozen=True)
class TaskSection:
    """[task]: where the data live, what may be done to them, and what is asked, as the calls of the library.

    >>> TaskSection("HexGrid()", "Invariant(10)").symmetry is None  # the whole D(6)
    True
    """

    domain: str = key('where the data live, e.g. "Grid(2)", "HexGrid()", "Graph()", "Set()", "Mesh()"')
    output: str = key('what is asked: "Invariant(10)" classes for the whole, "Equivariant(3)" classes at each point')
    symmetry: str | None = key(
        'what leaves the meaning unchanged, e.g. "C(4)", "D(4)"; left out: the domain\'s own', None
    )
    input: int | str | None = key(
        'channels: a number, or how they move, e.g. "2 * trivial + standard"; left out: the domain\'s own', None, 1
    )


@dataclass(frozen=True)
class DataSection:
    """[data]: a name (erlangen data list), a folder of pictures or volumes, an .npz file; and how it is split.

    >>> DataSection("digits", folds=5).validation
    0.15
    """

    source: str = key(
        "a named data set, a folder (one subfolder a class, or volumes with labels) or an .npz file, beside this file",
        "digits",
    )
    validation: float = key("part kept for choosing: when to stop, which to keep", 0.15, 0)
    test: float = key("part kept for the report; ignored where the data bring their own", 0.25, 0)
    split_seed: int = key("seed of the split, the same for every run", 0, 0)
    folds: int | None = key(
        "cross-validation: seed i is tested on fold i of so many, the same for every network; left out: one test part",
        None,
        2,
    )
    target: str | None = key("of data with several: which of their values is asked for; left out: the first", None)
    limit: int | None = key("train on so many examples only; left out: on all", None, 1)
    radius: int | None = key(
        "on HexGrid(), to which pictures are resampled: sites from its centre to its corners; left out: the least that "
        "covers the picture",
        None,
        1,
    )
    spacing: float | None = key(
        "on HexGrid(): from one hexagonal pixel to the next, in sides of a square one; left out: 1.0746, equal areas",
        None,
        1e-6,
    )


@dataclass(frozen=True)
class NetworkSection:
    """[network]: what `er.derive` is told beside the task, its further choices included.

    >>> NetworkSection(width=16, choices={"kernel_size": 5}).depth
    2
    """

    width: int | None = key(
        "channels at the finest scale, fibres included; left out: the least multiple of the group's order from 32 up",
        None,
        1,
    )
    depth: int = key("convolutions at each scale", 2, 1)
    scales: int | None = key("how many scales, one more than there are halvings; left out: 3", None, 1)
    choices: dict[str, Any] = field(
        default_factory=dict,
        metadata={"about": "further choices, as in CHOICES, ON_PACKED, ON_POINTS, IN_TIME, ON_SPHERES and ON_MESHES"},
    )


CHOICES = {
    "kernel_size": "sites of a filter along each axis, odd",
    "fields": 'how hidden channels move: "regular", or e.g. "2 * trivial + irrep(1)"; left out: chosen for the width',
    "max_frequency": "of fields on a continuous group; left out: 3 in the plane, 2 in space",
    "function": 'of each value: "relu", "gelu", "silu", "elu", "tanh" …',
    "nonlinearity": '"pointwise", "norm", "gate" or "fourier"; left out: what the fields allow',
    "samples": "of the Fourier nonlinearity; left out: two a channel",
    "pool": 'how a grid is halved: "average", "max" or "antialiased"',
    "fibre": 'pooling over the group, last: "max" or "mean"',
    "global_pool": 'how points are read for one answer: "mean", or "max", for what is somewhere',
    "normalize": "batch normalisation after each convolution",
    "window": "only the inscribed disc is seen; for turns that the grid does not keep",
    "residual": "add each block to its input where their channels agree",
    "block": '"plain" or "separable": within each field, then across',
    "dilated": "filters of a scale reach 1, 2, 4 … sites; in time they always do",
    "words": "of DNA: so many letters are read at once",
    "relaxed": "layers may break the symmetry where data do: true, or how large that is expected to be beside the "
    "rest, e.g. 0.1; true is 0.3",
    "homogeneous": "no biases, no normalisation: f(a x) = a f(x) for every a > 0",
}
ON_PRODUCTS = {
    "way": 'how layers are made of those of the factors: "composition" or "sum"; left out: the cheaper',
    **{name: CHOICES[name] for name in ("kernel_size", "fields", "function", "nonlinearity", "pool", "fibre")},
    **{name: CHOICES[name] for name in ("global_pool", "normalize", "residual")},
}
ON_PACKED = {
    "layer": 'on sets "linear", "attention" or "induced"; on graphs "convolution", "attention", "messages", '
    '"transformer", "pairs" or "products"; left out: the first of these',
    "relations": 'of a convolution: whose values are added, e.g. ["itself", "neighbours", "everyone"]',
    "aggregate": 'of messages: "mean", "sum" or "max"',
    "heads": "of attention",
    "induced": "points that induced attention goes by way of",
    "structure": "steps of walks from node to node that a transformer sees; left out: 8, elsewhere none",
    "positions": 'of nodes: "walk", "heat", "laplacian" or "none"; left out: a transformer has those of walks',
    "coarsen": 'of graphs, where scales > 1: "overlapping", "soft" or "partition"',
    "ratio": "part of the overlapping clusters that stay",
    "clusters": "how many soft ones there are",
    "pool": 'how points are read for one answer: "mean", "max" or "sum", or several joined by +',
    "fields": 'how hidden channels move: "regular", or e.g. "2 * trivial + standard"',
    "function": CHOICES["function"],
    "nonlinearity": '"pointwise", "norm" or "gate"; left out: what the fields allow',
    "fibre": CHOICES["fibre"],
    "normalize": 'batch normalisation after each layer, or "points", each by itself',
    "residual": "add each block to its input where their channels agree",
}
ON_POINTS = {
    "layer": '"convolution"; "egnn", of distances, "painn", of vectors, or "segno", a flight in depth steps, all blind '
    "to handedness",
    "fields": 'how hidden channels move, e.g. "32x0e + 16x1o"; left out: scalars and vectors as the width has room',
    "degree": "of hidden fields, where they are left out: 0 scalars, 1 vectors besides, 2 tensors",
    "highest": "degree of the harmonics of directions; left out: one more than that of the fields",
    "hidden": "width of the functions of distance; left out: 32, of egnn and painn the width, of segno 64",
    "scale": "a usual distance between neighbours, in the unit of the positions",
    "moves": "of egnn: points move from layer to layer; left out: where positions are asked for",
    "function": CHOICES["function"],
    "nonlinearity": '"gate" or "norm", or "pointwise" of what the group permutes',
    "normalize": ON_PACKED["normalize"],
    "ratio": "at several scales: what share of the points stays; left out: one in 2^d",
    "pool": 'how points are read for one answer: "mean", or "sum", which grows with the cloud',
    "residual": ON_PACKED["residual"],
}

ON_SPHERES = {
    "band": "the highest degree of the hidden signals; left out: 15, or that of the domain",
    "fields": 'how hidden channels move, e.g. "8 * trivial + 4 * tangent"; left out: vectors where the task has some',
    "layer": '"spectral", one weight a degree, or "local", kernels of finite radius',
    "rings": "how many distances local kernels tell apart; left out: 2",
    "reach": "how far apart degrees are that mix; left out: 1 about the polar axis, else all",
    "function": CHOICES["function"],
    "nonlinearity": '"pointwise", "norm" or "gate"; left out: what the fields allow',
    "oversample": "how many times finer the grid is on which functions are computed",
    "normalize": CHOICES["normalize"],
    "residual": CHOICES["residual"],
}
ON_MESHES = {
    "layer": '"diffusion", heat for times that are learnt, or "gauge", kernels in tangent planes; left out: as asked',
    "hidden": 'units at each vertex, of "diffusion"; left out: the width',
    "dropout": "share of these left out in training",
    "slopes": "whether slopes of what has spread are compared",
    "fields": 'of "gauge", e.g. "8 * trivial + 4 * irrep(1)"; left out: half scalars, the rest up to the order',
    "order": 'the highest of the fields of "gauge"',
    "rings": "how many distances a kernel tells apart",
    "function": CHOICES["function"],
    "nonlinearity": '"gate" or "norm", exact for all frames, or "fourier", nearly',
    "normalize": "batch normalisation of the input, and after each convolution",
    "residual": CHOICES["residual"],
    "pool": 'how vertices are read for one answer: "mean" by area, "max" or "mean+max"',
}
IN_TIME = {
    "layer": '"gated" or "state-space", which keep a warping of time, "lstm", "gru" or "rnn"; left out: the first',
    "slowest": "steps that channels remember to begin with, from few to so many (chrono); left out: all few",
    "gate": 'of gated layers: "rate" or "cloglog"',
    "states": "of a state space, a channel",
    "selective": "of a state space: what is let in depends on the input",
    "pool": 'how steps are read for one answer: "last" or "mean"',
    "residual": ON_PACKED["residual"],
}


@dataclass(frozen=True)
class TrainSection:
    """[train]: AdamW with a one-cycle learning rate; validation loss decides on stopping and on the best checkpoint.

    >>> TrainSection(seeds=(0,), rates={"plain": 0.003}).of("plain").learning_rate
    0.003
    """

    seeds: tuple[int, ...] = key("one run for each", (0, 1, 2), 0)
    models: tuple[str, ...] = key(
        'which networks are trained side by side; "averaged", last, is the augmented one averaged over the group; '
        '"distances", on points, has layers as EGNN; "extrinsic", on surfaces, sees how they lie in space',
        MODELS,
        among=(*MODELS, DISTANCES, EXTRINSIC, AVERAGED),
    )
    epochs: int = key("at most so many passes over the training data", 40, 1)
    batch_size: int = key("examples a step", 64, 2)
    learning_rate: float = key("its greatest value", 0.01, 1e-9)
    rates: Mapping[str, float] | None = key(
        "of single models another, e.g. { plain = 0.003 }, so that each has what serves it; left out: the same for all",
        None,
        1e-9,
        (*MODELS, DISTANCES, EXTRINSIC),
    )
    weight_decay: float = key("of AdamW", 0.01, 0)
    loss: str | None = key(
        'of real values: "square" or "absolute", of errors in the spread of the values; left out: "square"',
        None,
        among=("square", "absolute"),
    )
    energies: float | None = key(
        "of forces: what squared errors of energies weigh beside those of forces, each by its spread; left out: 0.1",
        None,
        0,
    )
    label_smoothing: float = key("part of each label that is shared out among all classes", 0.0, 0)
    patience: int = key("stop after so many epochs without a better validation loss", 15, 1)
    accumulate: int = key("so many batches make one step, their gradients added up", 1, 1)
    checkpoint_every: int | None = key(
        "steps between two checkpoints within an epoch, for long ones; left out: one at each epoch's end", None, 1
    )
    device: str = key(
        'where to compute: "cpu", "gpu" or "auto": CUDA where there is some',
        "auto",
        among=("cpu", "gpu", "auto"),
    )
    devices: int = key("processes on each machine, a GPU each where there are some, that share every batch", 1, 1)
    nodes: int = key("machines, each with so many processes, started by torchrun or SLURM", 1, 1)
    workers: int = key("further processes that read batches ahead; for data in shards", 0, 0)
    precision: str = key(
        "of the products while training; bfloat16 is faster where the processor has it. Tests are in float32",
        "float32",
        among=("float32", "bfloat16"),
    )
    threads: int = key("threads of the processor for one run; 0 leaves torch's own choice", 0, 0)

    def of(self, model: str) -> "TrainSection":
        """As it is for this model, with the learning rate that it has.

        >>> TrainSection(rates={"plain": 0.003}).of("plain").learning_rate
        0.003
        """
        return replace(self, learning_rate=(self.rates or {}).get(model, self.learning_rate))


@dataclass(frozen=True)
class ReportSection:
    """[report]: what the page calls out.

    >>> ReportSection(pairs=(("6", "9"),)).examples
    4
    """

    hope: str | None = key("metric, baseline and gap hoped for, said before the run and shown beside what came", None)
    pairs: tuple[tuple[str, str], ...] = key('classes whose confusion is called out, e.g. [["6", "9"]]', ())
    examples: int = key("how many test examples are shown as pictures; none of sets, graphs and points", 4, 0)
    moved: int | None = key("how many test examples are tested moved, too; left out: all", None, 1)


@dataclass(frozen=True)
class Config:
    """One run, whole: its name and its sections. Frozen and compared by value, so that `--resume` knows its own run.

    >>> Config("mine", TaskSection("Grid(2)", "Invariant(10)")).train.seeds
    (0, 1, 2)
    """

    name: str
    task: TaskSection
    data: DataSection = DataSection()
    network: NetworkSection = NetworkSection()
    train: TrainSection = TrainSection()
    report: ReportSection = ReportSection()

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as JSON and TOML know it; keys of later date only where given, so that older runs are known."""
        found = _plain(asdict(self))
        for section, name in LATER:
            if found[section][name] == getattr(SECTIONS[section], name):  # a frozen default stands in its class
                del found[section][name]
        return found


SECTIONS: dict[str, type] = {
    "task": TaskSection,
    "data": DataSection,
    "network": NetworkSection,
    "train": TrainSection,
    "report": ReportSection,
}


def defaults() -> str:
    """Every key with its default and its meaning, as a TOML file to start from; it has still to say domain and output.

    >>> import tomllib
    >>> tomllib.loads(defaults())["train"]["seeds"]
    [0, 1, 2]
    """
    lines = [
        "# Every key of a run with its default. Those behind a # have none; domain and",
        "# output must be given. To begin: erlangen train --defaults > mine.toml",
        "",
        *_line("name", None, "of the run and its folder; left out: the file's"),
    ]
    for name, section in SECTIONS.items():
        lines += ["", *wrap((section.__doc__ or "").strip(), 78, initial_indent="# ", subsequent_indent="# ")]
        lines.append(f"[{name}]")
        for entry in fields(section):
            if entry.name != "choices":
                lines += _line(entry.name, entry.default, entry.metadata["about"])
        if section is NetworkSection:
            lines += _further_choices()
    return "\n".join(lines) + "\n"


# kinds of networks, by what may be chosen
LATTICE, PACKED, POINTS, TIME, SPHERE, MESH = "lattice", "packed", "points", "time", "sphere", "mesh"
PRODUCT = "product"


def choices_on(kind: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The further choices of `er.derive` with their defaults, and what they mean: on a "lattice"; "packed", on sets and
    graphs; on "points"; in "time", of recurrent layers; on the "sphere"; on a "mesh"; on a "product" of domains
    or a set of signals.

    >>> [choices_on(kind)[0]["pool"] for kind in (LATTICE, PACKED, TIME)]
    ['average', 'mean+max', 'last']
    """
    from erlangen.blueprint.mesh_plan import MeshChoices
    from erlangen.blueprint.packed_plan import PackedChoices
    from erlangen.blueprint.plan import Choices
    from erlangen.blueprint.point_plan import PointChoices
    from erlangen.blueprint.product_plan import ProductChoices
    from erlangen.blueprint.recurrent import RecurrentChoices
    from erlangen.blueprint.sphere_plan import SphereChoices

    kinds: dict[str, tuple[type, dict[str, str]]] = {
        LATTICE: (Choices, CHOICES),
        PACKED: (PackedChoices, ON_PACKED),
        POINTS: (PointChoices, ON_POINTS),
        TIME: (RecurrentChoices, IN_TIME),
        SPHERE: (SphereChoices, ON_SPHERES),
        MESH: (MeshChoices, ON_MESHES),
        PRODUCT: (ProductChoices, ON_PRODUCTS),
    }
    chosen, about = kinds[kind]
    return {entry.name: entry.default for entry in fields(chosen)}, about


def _further_choices() -> list[str]:
    known, about = choices_on(LATTICE)
    lines = [line for name, text in about.items() for line in _line(name, known[name], text)]
    for kind, where in (
        (PACKED, "On Set() and Graph()"),
        (POINTS, "On Points(…)"),
        (TIME, "Of recurrent layers on Sequence()"),
        (SPHERE, "On Sphere(…)"),
        (MESH, "On Mesh(…)"),
        (PRODUCT, "On products A * B, and Set(A)"),
    ):
        others, about = choices_on(kind)
        apart = [name for name in about if name not in CHOICES or others[name] != known[name]]
        lines.append(f"# {where} these instead:")
        lines += [line for name in apart for line in _line(name, others[name], about[name], live=False)]
    return lines


def _line(name: str, default: Any, about: str, live: bool = True) -> list[str]:
    """The key with its value, and what it means beside it, on as many lines as that takes; behind a # if not live."""
    unknown = default is MISSING or default is None
    shown = f"# {name} =" if unknown else f"{'' if live else '# '}{name} = {_toml(default)}"
    first, *further = wrap(("must be given; " if default is MISSING else "") + about, 50)
    beside = f"{shown:27} # {first}"
    start = [beside] if len(beside) <= 80 else [shown, f"{'':28}# {first}"]
    return [*start, *(f"{'':28}# {text}" for text in further)]


def _toml(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value
