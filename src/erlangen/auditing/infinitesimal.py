"""The infinitesimal error: how fast a symmetry breaks as its motion begins, per site or per radian.

L f(x) = d/dt|₀ g(−t) f(g(t) x) = Df(x)[X x] − X f(x); its size √(mean ‖L f‖² / (2 Var f)) is the audit's error of
g(t), divided by t, as t → 0. Gruver, Finzi, Goldblum, Wilson 2022, arXiv:2210.02984, without its bilinear generator.
"""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from erlangen.auditing.examine import Examiner
from erlangen.auditing.generators import Generator, generators
from erlangen.auditing.given import between_sites, check, choose_input, choose_output, judged_group
from erlangen.auditing.inputs import as_inputs
from erlangen.auditing.measure import compare
from erlangen.auditing.motion import Output, is_dense, masked
from erlangen.auditing.verdict import ROUND_TRIPS
from erlangen.auditing.witness import Select, Witness, in_eval, warn
from erlangen.domains import Lattice, Sphere
from erlangen.errors import InputError, SymmetryError
from erlangen.groups import Group, Translations
from erlangen.representations import Representation

STEPS = {torch.float32: 3e-4, torch.float64: 1e-6}  # of the difference, relative to the inputs' own variation
FEW = 4  # inputs on which the two ways to differentiate are compared: each has many sites
TINY = 1e-6  # t at which the audit's own number is taken, in float64


@dataclass(frozen=True)
class Rate:
    """How fast the answers leave what the symmetry asks for, per `unit` of one generator.

    `error` is √(mean ‖L f‖² / (2 Var f)), with its 95 % interval over inputs, and `worst` that of a single input, the
    one at `index`. `inputs` is how fast the inputs themselves change, which is the error of a model that answers with
    its input and should stay put; `floor` by how much two ways to differentiate them disagree (Fourier's and the
    quintic spline's, or the quintic and the cubic one's), or what rounding may do.
    """

    generator: str
    unit: str
    error: float
    low: float
    high: float
    worst: float
    index: int
    inputs: float
    floor: float

    @property
    def share(self) -> float:
        """The error relative to `inputs`."""
        return self.error / self.inputs if self.inputs > 0 else math.nan

    @property
    def resolved(self) -> bool:
        """Whether the error is beyond what differentiating does by itself: more than 3 × the floor."""
        return self.error > ROUND_TRIPS * self.floor


@dataclass(frozen=True)
class Infinitesimal:
    """One row for each generator of the motions that can be small.

    >>> import torch, erlangen as er
    >>> x = torch.randn(16, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    >>> report = er.audit(lambda x: x[..., 5:].mean((2, 3)), er.Grid(2), er.C(4), x, infinitesimal=True, proof=False)
    >>> [row.generator for row in report.infinitesimal.rows]
    ['circular translation along axis 0', 'circular translation along axis 1']
    """

    rows: tuple[Rate, ...]

    @property
    def error(self) -> float:
        """The largest of the rows; their units differ where translations and rotations stand together."""
        return max((row.error for row in self.rows if not math.isnan(row.error)), default=math.nan)

    def to_dict(self) -> list[dict[str, Any]]:
        """The numbers as JSON can hold them."""
        known = [{**asdict(row), "share": row.share, "resolved": row.resolved} for row in self.rows]
        return [{k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in r.items()} for r in known]

    def __str__(self) -> str:
        from erlangen.auditing.infinitesimal_text import lines

        return "\n".join(lines(self))


def lie_error(
    model: Callable[..., Any],
    domain: Lattice | Sphere,
    symmetry: Group | Translations,
    inputs: Any,
    output: Output | None = None,
    *,
    input: int | Representation | None = None,
    bootstrap: int = 1000,
    seed: int = 0,
    select: Select = None,
    batch_size: int = 64,
) -> Infinitesimal:
    """√(mean ‖L f(x)‖² / (2 Var f(x))), L f(x) = d/dt|₀ g(−t) f(g(t) x): one row for each generator of the symmetry.

    Shapes and names as in `er.audit`; `symmetry` is a continuous group or `er.Translations()`. Per radian, or per site.

    Translations are circular, by Fourier's derivative (in time by that of the quintic spline, which does not wrap);
    rotations by the slopes of the quintic spline, on periodic lattices by Fourier's, on the sphere by the coefficients,
    exactly for what the grid holds. The model is differentiated by a
    central difference: two calls for each generator, about their cost, and right to about 1 % in float32 and 1e-5 in
    float64 (networks with kinks, such as ReLU's, less than smooth ones). Raises a DomainError for a finite group.

    >>> import torch, erlangen as er
    >>> x = torch.randn(32, 1, 8, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    >>> found = er.auditing.lie_error(lambda x: x.mean((2, 3)), er.Grid(2), er.Translations(), x)
    >>> found.error < 1e-8
    True
    """
    check(model, domain, symmetry)
    warnings: list[str] = []
    with in_eval(model):
        witness = Witness(model, select, batch_size, seed)
        x = as_inputs(inputs, domain, witness, warnings)
        rho_in = choose_input(model, domain, symmetry, input, x.shape[1])
        moving = generators(domain, symmetry, rho_in, tuple(x.shape[2:]))
        found = [differences(witness, generator, x) for generator in moving]
    y = (found[0].ahead + found[0].behind) / 2
    chosen = choose_output(model, y, domain, output, warnings)
    if judged_group(domain, symmetry, chosen, rho_in, warnings) != symmetry:
        raise InputError(
            f"an answer or input that moves by a representation that does not know all of {symmetry!r}",
            f"one of {symmetry!r}",
            "Say with output=… and input=… how they move.",
        )
    asked = Examiner(witness, domain, chosen, x, bootstrap, seed, y)
    return Infinitesimal(tuple(_rate(asked, g, d) for g, d in zip(moving, found, strict=True)))


def rates(
    examiner: Examiner, symmetry: Any, rho_in: Representation | None, warnings: list[str]
) -> Infinitesimal | None:
    """The translations' rows, and those of a continuous group; None, with a warning that says why, where none is."""
    domain, sizes = between_sites(examiner.domain, "infinitesimal"), tuple(examiner.x.shape[2:])
    turns = isinstance(symmetry, Group) and (symmetry.order is None or isinstance(domain, Sphere))
    asked = [*([Translations()] if isinstance(domain, Lattice) else []), *([symmetry] if turns else [])]
    try:
        moving = [g for each in asked for g in generators(domain, each, rho_in, sizes)]
        found = [differences(examiner.witness, generator, examiner.x) for generator in moving]
    except SymmetryError as reason:
        warn(warnings, f"The infinitesimal error was left out: {reason}")
        return None
    return Infinitesimal(tuple(_rate(examiner, g, d) for g, d in zip(moving, found, strict=True)))


@dataclass(frozen=True)
class Differences:
    """f(x + h X x) and f(x − h X x), h `[n]` one for each input, and X x."""

    ahead: Tensor
    behind: Tensor
    steps: Tensor
    moved: Tensor

    @property
    def derivative(self) -> Tensor:
        """Df(x)[X x], in float64."""
        apart = self.ahead.to(torch.float64) - self.behind.to(torch.float64)
        return apart / _each(2 * self.steps, apart)


def differences(witness: Witness, generator: Generator, x: Tensor) -> Differences:
    """Two calls. The step is a share of the input's variation, neither lost in its rounding nor past many kinks."""
    share = STEPS.get(x.dtype)
    if share is None:
        raise InputError(
            f"inputs of {x.dtype}".replace("torch.", ""),
            "float32 or float64, which a difference needs",
            "Use .float().",
        )
    moved = generator.move(x)
    speeds = _lengths(moved)
    sizes = _lengths(x - x.mean(tuple(range(2, x.dim())), keepdim=True))
    steps = torch.where(speeds > 0, share * sizes / speeds, 1.0)
    step = _each(steps, x).to(x.dtype) * moved
    ahead, behind = (witness(x + sign * step, f"x moved a little by a {generator.label}") for sign in (1, -1))
    return Differences(ahead, behind, steps, moved)


def _rate(examiner: Examiner, generator: Generator, found: Differences) -> Rate:
    domain, output, y = examiner.domain, examiner.output, examiner.y
    broken = masked(domain, output, found.derivative - generator.answer(y.to(torch.float64), output))
    still = masked(domain, output, y.to(torch.float64))
    mask = domain.mask(still) if is_dense(output) else None
    eps = torch.finfo(examiner.dtype).eps
    numbers = compare(still + TINY * broken, still, examiner.draws, examiner.seed, False, mask, eps)
    disagree = _speed(examiner.x, generator.move(examiner.x[:FEW], other=True) - found.moved[:FEW])
    rounding = numbers.floor / float(found.steps.median())
    return Rate(
        generator=generator.label,
        unit=generator.unit,
        error=numbers.error / TINY,
        low=numbers.low / TINY,
        high=numbers.high / TINY,
        worst=numbers.worst / TINY,
        index=numbers.index,
        inputs=_speed(examiner.x, found.moved),
        floor=max(rounding, 0.0 if math.isnan(disagree) else disagree),
    )


def _speed(x: Tensor, moved: Tensor) -> float:
    """√(mean ‖X x‖² / (2 Var x)), NaN where the inputs are all alike."""
    spread = float(_lengths(x - x.mean(0)).square().sum()) / (len(x) - 1)
    return math.sqrt(float(_lengths(moved).square().mean()) / (2 * spread)) if spread > 0 else math.nan


def _lengths(values: Tensor) -> Tensor:
    """‖x‖ of each `[n]`, in float64."""
    return torch.linalg.vector_norm(values.flatten(1), dim=1, dtype=torch.float64)


def _each(numbers: Tensor, like: Tensor) -> Tensor:
    return numbers.reshape(-1, *(1,) * (like.dim() - 1))
