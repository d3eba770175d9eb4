"""Asking a model about sets and graphs, and comparing: f(π·x, π·A) with π·f(x, A)."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from erlangen.auditing.direct import DirectExaminer, answers
from erlangen.auditing.examine import Case, Finding
from erlangen.auditing.given import choose_input
from erlangen.auditing.measure import Numbers
from erlangen.auditing.motion import Asked, is_dense
from erlangen.auditing.packed.arbitrary import excused, parts_of
from erlangen.auditing.packed.compound import MEMBERS, Gathering, Tuples
from erlangen.auditing.packed.motion import AnswersAt, Channels, PackedMotion, Relabelled, Shifted, rows_of
from erlangen.auditing.packed.reading import read_samples
from erlangen.auditing.packed.signals import DIRECTION, EDGES, FACES, POINTS, Sample, batch_of, caller
from erlangen.auditing.packed.surfaces import Bent, DrawnTogether, MovedInSpace, Reframed, Subdivided
from erlangen.auditing.packed.together import rows_answered, rows_together
from erlangen.auditing.plan import Options, Question
from erlangen.auditing.verdict import tolerance
from erlangen.auditing.witness import Witness, first_floating, warn
from erlangen.domains import Mesh, Nest, Points, Product
from erlangen.domains.packed import Packed
from erlangen.errors import InputError, TaskError
from erlangen.groups import SO, Group, Isometries, Relabelling, RigidMotions, Translations, Trivial
from erlangen.pages import number, several
from erlangen.representations import Representation
from erlangen.task import Equivariant, Forces, Invariant, Positions

Answered = list[tuple[Question, list[Finding]]]
DRAWS = 8  # relabellings of each kind, of every input; each of a surface solves anew what vibrates on it, and so
DRAWS_OF_SURFACES = 3
ENOUGH = 16
TIES = "relabelling, points alike in pairs"


@dataclass
class PackedExaminer(DirectExaminer):
    """Holds y = f(x) of all samples, a row a sample, a point or an edge as `rows` says."""

    model: Callable[..., Any]
    samples: list[Sample]
    output: Asked | None
    options: Options
    dtype: torch.dtype
    kinds: tuple[AnswersAt, ...] = ("whole", "points", "edges")  # what answers may have a row for
    y: Tensor = field(init=False)
    rows: AnswersAt = field(init=False)

    def __post_init__(self) -> None:
        self.samples = [sample.to(self.dtype) for sample in self.samples]
        self.y = self.ask(self.samples, "x")
        counts = {kind: sum(rows_of(self.samples, kind)) for kind in self.kinds}
        fitting: list[AnswersAt] = [kind for kind in self.kinds if counts[kind] == len(self.y)]
        if not fitting:
            known = {"whole": "sample", "points": "point", "edges": "edge", MEMBERS: "member"}
            raise InputError(
                f"{len(self.y)} answers",
                " or ".join(f"{counts[kind]}, a row a {known.get(kind, 'tuple of points')}" for kind in self.kinds),
                "Say with output=… whether there is an answer at every point, or pick it with select=….",
            )
        self.rows = fitting[0]

    def ask(self, samples: Sequence[Sample], where: str) -> Tensor:
        """f of all samples, in batches."""
        call, size = caller(self.model), self.options.batch_size
        batches = (samples[start : start + size] for start in range(0, len(samples), size))
        return answers(
            Witness(self.model, self.options.select),
            (lambda some=some: call(batch_of(some)) for some in batches),
            self.options.seed,
            where,
            "a model of a batch with x, edge_index, batch and ptr",
            "Wrap it: lambda data: model(data.x, data.edge_index, data.batch).",
        )

    def asked(self, motion: PackedMotion) -> tuple[list[Sample], Tensor, Tensor]:
        moved = motion.move(self.samples)
        fgx = self.ask(moved, f"x after {motion.label}")
        read = getattr(motion, "read", None)  # of those that change how many points there are
        return moved, fgx if read is None else read(fgx, moved, self.samples), motion.answer(self.y, self.samples)

    def twin(self, model: Any) -> "PackedExaminer":
        return replace(self, model=model, dtype=torch.float64)

    @cached_property
    def tied(self) -> "dict[str, PackedExaminer]":
        """The same questions about points that are alike in pairs: in all they hold, and in all but one channel."""
        one = self.samples[0]
        if FACES in one.edges or isinstance(one, Tuples | Gathering):  # vertices alike are no surface
            return {}
        made = {"the same points twice": [_in_pairs(s, None) for s in self.samples]}
        if (channels := one.points["x"][0].numel()) > 1:
            made["all but one channel twice"] = [_in_pairs(s, i % channels) for i, s in enumerate(self.samples)]
        return {name: replace(self, samples=samples) for name, samples in made.items()}

    def case(self, motion: PackedMotion, numbers: Numbers, moved: list[Sample], fgx: Tensor, gfx: Tensor) -> Case:
        """The worst sample: its features in a row, with their axes where there are some, and its answers."""
        sizes = rows_of(self.samples, self.rows)
        ends = torch.tensor(sizes).cumsum(0)
        i = int((ends > numbers.index).nonzero()[0, 0])
        rows = slice(int(ends[i]) - sizes[i], int(ends[i]))
        before, after = (_in_a_row(s.features) for s in (self.samples[i], moved[i]))
        fx, mine, wanted = (tensor[rows].flatten().clone() for tensor in (self.y, fgx, gfx))
        return Case(motion.label, i, numbers.worst, before, after, fx, mine, wanted)


def examined(
    model: Any,
    domain: Any,
    symmetry: Any,
    inputs: Any,
    output: Asked | None,
    options: Options,
    warnings: list[str],
) -> tuple[PackedExaminer, Answered]:
    """Every row's findings: of relabellings, and of the group that moves the features where one is asked about."""
    if output is None:
        output = getattr(getattr(model, "task", None), "output", None)
    output = _of_forces(output, domain, symmetry) if isinstance(output, Forces) else output
    _check_output(output, domain)
    samples = read_samples(domain, inputs)
    if isinstance(domain, Mesh) and isinstance(model, nn.Module):  # what is solved on surfaces makes rounding large
        model = deepcopy(model).double()
        warn(warnings, "On meshes it is audited in float64, a copy of the model as well.")
    example = first_floating(model)
    dtype = example.dtype if example is not None else samples[0].features.dtype
    kinds = ("whole", "points", "edges") if output is None else (_rows_of(output, domain, model, symmetry),)
    examiner = PackedExaminer(model, samples, output, options, dtype, kinds)
    _warn(samples, examiner, warnings)
    answered: Answered = []
    parts = parts_of(model, domain, examiner.samples)
    for part in parts:
        own = examiner if len(parts) == 1 else replace(examiner, samples=part.samples)
        for question in _asked_of(domain, symmetry, own, part.name):
            answered.append((question, [excused(own.examine(m), part.excuse) for m in question.motions]))
    for name, tied in examiner.tied.items():
        motions = tuple(_draws(tied, "points and edges"))
        answered.append((Question(TIES, name, motions, False), [tied.examine(motion) for motion in motions]))
    return examiner, answered


def _of_forces(output: Forces, domain: Packed, symmetry: Any) -> Equivariant:
    """An invariant energy and a vector, as the group that is asked about moves it; under no group so many channels."""
    group = SO(domain.dim) if symmetry == RigidMotions() and isinstance(domain, Points) else symmetry
    rho = output.space(domain, group if isinstance(group, Group) else domain.natural_symmetry()).rho
    return Equivariant(rho if isinstance(group, Group) else rho.dim)


def _check_output(output: Any, domain: Packed) -> None:
    if output is None or isinstance(output, Invariant | Equivariant):
        return
    if not isinstance(output, Positions) or not isinstance(domain, Points):
        known = "er.Invariant(n) or er.Equivariant(n)" + ", or er.Positions()" * isinstance(domain, Points)
        raise TaskError(f"output={output!r}", known, "Say whether it moves along.")


def _rows_of(output: Asked, domain: Any, model: Any, symmetry: Any) -> AnswersAt:
    if isinstance(domain, Product | Nest):
        return rows_answered(domain, output, _group_of(domain, model, symmetry))
    if isinstance(output, Positions):
        return "points"
    if not is_dense(output):
        return "whole"
    return "edges" if isinstance(output, Equivariant) and output.edges else "points"


def _group_of(domain: Product | Nest, model: Any, symmetry: Any) -> Group:
    """The group that moves signals: the one asked about, else the model's own, else none."""
    if isinstance(symmetry, Group):
        return symmetry
    own = getattr(getattr(model, "task", None), "symmetry", None)
    return own if isinstance(own, Group) else Trivial()


def _asked_of(domain: Any, symmetry: Any, examiner: PackedExaminer, of: str) -> list[Question]:
    if not isinstance(domain, Product | Nest):
        return _questions(domain, symmetry, examiner, of)
    group, channels = _group_of(domain, examiner.model, symmetry), examiner.samples[0].points["x"].shape[1]
    rho = choose_input(examiner.model, domain, group, examiner.options.input, channels)
    rho = channels * group.trivial if rho is None else rho
    if rho.group != group:
        mend = f"Pass input=, a representation of {group!r}."
        raise TaskError(f"features that move by {rho}", f"a representation of {group!r}", mend)
    return rows_together(domain, symmetry, rho, examiner)


def _questions(domain: Packed, symmetry: Any, examiner: PackedExaminer, of: str) -> list[Question]:
    """The rows to be, each with its motions; `of` names the samples where they are not all."""
    relabelling, shifts = symmetry == Relabelling(), symmetry in (Translations(), RigidMotions())
    if isinstance(domain, Mesh):
        return [Question(law, name, tuple(m), judged) for law, name, m, judged in _of_surfaces(symmetry, examiner)]
    found: list[tuple[str, str, list[PackedMotion], bool]] = []
    group = SO(domain.dim) if symmetry == RigidMotions() and isinstance(domain, Points) else symmetry
    if not relabelling and not (symmetry == Translations() and isinstance(domain, Points)):
        motions = _of_group(domain, group, examiner)
        found.append((str(symmetry), several(len(motions), "element") + of, motions, True))
    orders = {"points relabelled": {POINTS}}
    if examiner.samples[0].edges:
        orders |= {"edges in another order": {EDGES}, "points and edges": {POINTS, EDGES}}
    if isinstance(domain, Points):
        draws = range(examiner.options.seed + 1, examiner.options.seed + 4)
        along = isinstance(examiner.output, Positions)
        found.append(("Translations()", "clouds shifted" + of, [Shifted(seed, along) for seed in draws], shifts))
    for name, what in orders.items():
        found.append(("Relabelling()", name + of, [*_draws(examiner, name, frozenset(what))], relabelling))
    return [Question(law, name, tuple(m), judged) for law, name, m, judged in found]


def _of_surfaces(symmetry: Any, examiner: PackedExaminer) -> list[tuple[str, str, list[Any], bool]]:
    """Rigid motions, mirrors where left is not told from right, other orders; and beside the verdict what is finer."""
    if not isinstance(symmetry, Isometries | RigidMotions | Relabelling):
        known = "er.Isometries(), er.RigidMotions() or er.Relabelling()"
        raise TaskError(f"symmetry={symmetry!r} on meshes", known, "Frames are a matter of each network alone.")
    output, seeds = examiner.output, range(examiner.options.seed + 1, examiner.options.seed + 1 + DRAWS_OF_SURFACES)
    ambient = isinstance(output, Equivariant) and output.ambient
    rho = output.n_or_representation if isinstance(output, Equivariant) else 1
    if not ambient and isinstance(rho, Representation) and not rho.is_trivial:
        mend = "Ask for vectors of space: er.Equivariant(rho, ambient=True)."
        raise TaskError(f"output={output!r}", "answers that rest on no choice of frames", mend)
    moves, blind = not isinstance(symmetry, Relabelling), symmetry == Isometries()
    found: list[tuple[str, str, list[Any], bool]] = [
        ("RigidMotions()", "surfaces turned and shifted", [MovedInSpace(seed, ambient) for seed in seeds], moves)
    ]
    if not ambient:
        mirrors = [MovedInSpace(seed, mirrored=True) for seed in seeds]
        found.append(("Isometries(oriented=False)", "surfaces mirrored", mirrors, blind))
    cut = all(sample.edge_count for sample in examiner.samples)  # or there are clouds of points among them
    orders = {"vertices": {POINTS}, "faces": {EDGES}, "vertices and faces": {POINTS, EDGES}}
    for name, what in orders.items() if cut else [("points", {POINTS})]:
        draws = _draws(examiner, name, frozenset(what), DRAWS_OF_SURFACES)
        found.append(("Relabelling()", f"{name} in another order", [*draws], symmetry == Relabelling() or moves))
    if hasattr(type(examiner.model), "recipe") and DIRECTION not in examiner.samples[0].points:
        found.append(("gauge", "frames turned at every vertex", [Reframed(seed) for seed in seeds], moves))
    dense = examiner.rows == "points"
    if cut:
        found.append(("subdivision", "the same surface, finer", [Subdivided(dense)], False))
    if fewer := DrawnTogether.of(examiner.samples, dense):
        found.append(("remeshing", "the same surface, coarser", [fewer], False))
    bent = [change for change in examiner.options.beside if isinstance(change, Bent)]
    for change in bent:
        said = ", ".join(
            f"{share} of edges ×{ratio:.2f}" for share, ratio in change.distortion(examiner.samples).items()
        )
        found.append(("bending", f"{change.name} ({said})", [change], False))
    return found


def _of_group(domain: Packed, symmetry: Any, examiner: PackedExaminer) -> list[PackedMotion]:
    """The elements of a group that moves the features."""
    rho = examiner.options.input or getattr(getattr(examiner.model, "task", None), "input", None)
    said = isinstance(rho, Representation) and not rho.is_trivial
    if isinstance(domain, Points) and isinstance(symmetry, Group) and not said:
        rho = examiner.samples[0].points["x"].shape[1] * symmetry.trivial  # what is not said to move stays
    if not isinstance(symmetry, Group) or not isinstance(rho, Representation) or rho.group != symmetry:
        raise TaskError(
            f"symmetry={symmetry!r} on {domain!r}",
            "er.Relabelling(), or a group and input=, the representation by which it moves the features"
            + "; or er.RigidMotions(), er.Translations()" * isinstance(domain, Points),
            "Relabelling is reported beside every group.",
        )
    output = examiner.output or Invariant(examiner.y.shape[1])
    if isinstance(domain, Points):
        domain.check_group(symmetry)
    return [Channels(g, rho, output, domain) for g in _elements(symmetry, examiner.options) if g != symmetry.identity]


def _elements(group: Group, options: Options) -> list[Any]:
    if options.elements is not None:
        return [group.element(g) for g in options.elements]
    if group.order is not None and group.order <= options.max_elements:
        return list(group.elements)
    return group.sample(min(options.max_elements, ENOUGH), options.seed)


def _draws(
    examiner: PackedExaminer, name: str, what: frozenset[str] = frozenset({POINTS, EDGES}), most: int = DRAWS
) -> list[Relabelled]:
    count = min(most, examiner.options.max_elements)
    seeds = range(examiner.options.seed + 1, examiner.options.seed + 1 + count)
    return [Relabelled(f"{name}, draw {i}", what, seed, examiner.rows) for i, seed in enumerate(seeds)]


def _in_pairs(sample: Sample, but: int | None) -> Sample:
    """Every second point with the features of the one before, but for one channel: ties for whatever sorts."""
    x = sample.points["x"]
    twice = x[torch.arange(len(x)) // 2 * 2]
    if but is not None:
        twice.flatten(1)[:, but] = x.flatten(1)[:, but]
    return Sample({**sample.points, "x": twice}, sample.edges, sample.whole)


def _warn(samples: list[Sample], examiner: PackedExaminer, warnings: list[str]) -> None:
    if len(samples) < ENOUGH:
        warn(warnings, f"Only {len(samples)} inputs: the error is uncertain below {ENOUGH}.")
    single = sum(sample.size == 1 for sample in samples)
    if single * 10 >= len(samples):
        warn(warnings, f"{single} of {len(samples)} inputs have one point alone: no relabelling changes them.")
    if all(s.size == samples[0].size and torch.equal(s.features, samples[0].features) for s in samples):
        warn(warnings, "All inputs have the same points: answers vary by their edges alone.")
    alone = examiner.ask(examiner.samples[:1], "one input alone")
    together = examiner.y[: len(alone)]
    far = float((alone - together).abs().max())
    if far > 1e3 * tolerance(examiner.y.dtype) * (1e-12 + float(together.abs().max())):
        warn(warnings, f"The answer to an input depends on what else is in its batch (by {number(far)}).")


def _in_a_row(features: Tensor) -> Tensor:
    """`[rows, channel]` as one row of numbers; with axes besides `[channel, …, rows]`."""
    return (features.flatten() if features.dim() == 2 else features.movedim(0, -1)).clone()
