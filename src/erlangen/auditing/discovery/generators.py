"""The Lie algebra of a function of vectors: the linear flows along which it does not change."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from erlangen.auditing.discovery.algebra import Algebra, closure, signature
from erlangen.auditing.witness import Witness, in_eval
from erlangen.errors import InputError
from erlangen.given import number, whole
from erlangen.pages import number as written
from erlangen.pages import several

GAP = 10.0
_LADDER = tuple(10 ** (k / 2) for k in range(-12, 1))


@dataclass(frozen=True, eq=False)
class Generators:
    """{A : ∇f(x)·A x = 0}: `.generators` `[k, d, d]`, orthonormal; `.singular_values` `[d²]` from small to large.

    `gap` is the ratio across which k was counted; `closure` how far brackets [A, B] leave the span (0: an algebra);
    `signature` counts the (negative, positive, zero) directions of the Killing form: (k, 0, 0) is compact and
    semisimple; `power` the smallest planted break, in units of the gradient, that doubles the values below the gap.

    >>> import torch, erlangen as er
    >>> x = torch.randn(64, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    >>> found = er.discover(lambda x: x.square().sum(1), None, "linear", x)  # lengths: every rotation
    >>> found.dimension, found.signature
    (3, (3, 0, 0))
    """

    generators: Tensor
    singular_values: tuple[float, ...]
    gap: float
    closure: float
    signature: tuple[int, int, int]
    power: float
    inputs: int

    @property
    def dimension(self) -> int:
        """k, how many independent flows leave f unchanged."""
        return len(self.generators)

    @property
    def sentence(self) -> str:
        """What may be said of it, and no more."""
        if not self.dimension:
            return f"No linear flow was found along which the answers stay put, on {several(self.inputs, 'input')}."
        below, above = self.singular_values[self.dimension - 1], self.singular_values[self.dimension :]
        said = f"singular values up to {written(below)}" + (f", then {written(above[0])}" if above else "")
        return (
            f"{several(self.dimension, 'generator')} not rejected on {several(self.inputs, 'input')}: {said}; brackets "
            f"leave their span by {written(self.closure)}; a planted break of {written(self.power, 2)} of the gradient "
            "would have shown."
        )

    def to_dict(self) -> dict[str, Any]:
        """As plain data; None for what is infinite."""
        return {
            "sentence": self.sentence,
            "generators": self.generators.tolist(),
            "singular_values": list(self.singular_values),
            "gap": None if math.isinf(self.gap) else self.gap,
            "closure": self.closure,
            "signature": list(self.signature),
            "power": None if math.isinf(self.power) else self.power,
            "inputs": self.inputs,
        }

    def __str__(self) -> str:
        return self.sentence


def discover_generators(
    model: Callable[..., Any], inputs: Tensor, *, gap: float = GAP, seed: int = 0, select: Any = None
) -> Generators:
    """Null space of the rows vec(∇f(x_s) x_sᵀ): the A with ∇f(x)·A x = 0, along whose flows exp(tA) f stays put.

    Shapes: inputs `[n, d]`, of which n times the answers' channels is to be at least 2 d²; the model is differentiated
    by torch, in float64 where it has such a twin. Rows are divided by mean ‖∇f‖, mean ‖x‖ and √n. k is counted below
    the largest ratio of neighbouring singular values, if that is at least `gap`; else it is 0. Of a trained network the
    values below the gap are small, not 0, and the number of generators is a reading of that gap.

    Source: Moskalev, Sepliarskaia, Sosnovik, Smeulders 2022, LieGG, arXiv:2210.04345.

    >>> x = torch.randn(200, 3, generator=torch.Generator().manual_seed(0))
    >>> found = discover_generators(lambda x: x.norm(dim=1, keepdim=True), x)
    >>> found.dimension, found.signature                     # so(3): compact
    (3, (3, 0, 0))
    """
    number("gap", gap, InputError, least=1.0)
    whole("seed", seed, InputError, least=0)
    if not isinstance(inputs, Tensor) or inputs.dim() != 2:
        given = tuple(inputs.shape) if isinstance(inputs, Tensor) else type(inputs).__name__
        raise InputError(f"inputs {given}", "vectors [n, d] in a tensor", "Flows are sought among d × d matrices.")
    if not inputs.isfinite().all():
        raise InputError("inputs with NaN or infinity", "finite inputs", "Leave them out.")
    rows = _rows(model, inputs, select)
    d = inputs.shape[1]
    if len(rows) < 2 * d * d:
        raise InputError(
            f"{several(len(inputs), 'input')} and {several(len(rows), 'gradient')}",
            f"at least {2 * d * d} gradients of {d} × {d} unknowns",
            "Pass more inputs.",
        )
    values, vectors = _null(rows)
    count, ratio = _counted(values, gap)
    algebra: Algebra = vectors[:count].reshape(count, d, d)
    return Generators(
        generators=algebra,
        singular_values=tuple(values.tolist()),
        gap=ratio,
        closure=closure(algebra),
        signature=signature(algebra),
        power=_power(rows, inputs, count, max(float(values[count - 1]), _rounding(values)), seed)
        if count
        else math.inf,
        inputs=len(inputs),
    )


def _rows(model: Callable[..., Any], inputs: Tensor, select: Any) -> Tensor:
    """vec(∇f_k(x_s) x_sᵀ), `[n · channels, d²]`, in float64."""
    witness = Witness(model, select)
    with in_eval(model):
        try:
            twin = witness.twin()
            gradients = _gradients(twin, inputs.detach().double())
        except (RuntimeError, TypeError):  # a model that computes in a dtype of its own
            gradients = _gradients(witness, inputs.detach().to(witness.dtype or torch.float32))
    x = inputs.detach().cpu().double()
    size = float(gradients.norm(dim=2).mean())
    if not size > 1e-12 or not math.isfinite(size):
        raise InputError(
            f"gradients of mean length {size:.3g}",
            "answers that change with the input, smoothly and finitely",
            "A constant has every symmetry; scores change where classes do not.",
        )
    rows = gradients[..., :, None] * x[None, :, None, :] / (size * float(x.norm(dim=1).mean()))
    return rows.reshape(-1, x.shape[1] ** 2)


def _gradients(witness: Witness, x: Tensor) -> Tensor:
    """∇f_k(x_s), `[channels, n, d]`."""
    x = x.to(witness.device).requires_grad_(True)
    with torch.enable_grad():
        y = witness.part(witness.model(x)).flatten(1)
        if not y.requires_grad:
            raise InputError("answers without a gradient", "a differentiable model", "Let it not detach or round.")
        each = [torch.autograd.grad(y[:, k].sum(), x, retain_graph=True)[0] for k in range(y.shape[1])]
    return torch.stack(each).detach().cpu().double()


def _null(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Singular values of rows/√n from small to large, and their right vectors."""
    _, values, vectors = torch.linalg.svd(rows / math.sqrt(len(rows)), full_matrices=False)
    return values.flip(0), vectors.flip(0)


def _counted(values: Tensor, gap: float) -> tuple[int, float]:
    """How many singular values stand below the largest ratio of neighbours, and that ratio."""
    held = values.clamp(min=_rounding(values))
    ratios = held[1:] / held[:-1]
    if not len(ratios) or float(ratios.max()) < gap:
        return 0, float(ratios.max()) if len(ratios) else 1.0
    return int(ratios.argmax()) + 1, float(ratios.max())


def _rounding(values: Tensor) -> float:
    """What rounding makes of a singular value of 0."""
    return max(float(values[-1]) * len(values) * torch.finfo(torch.float64).eps * 10, 1e-300)


def _power(rows: Tensor, inputs: Tensor, count: int, below: float, seed: int) -> float:
    """The smallest ε at which f + ε ⟨w, x⟩, |w| = 1 in units of mean ‖∇f‖, doubles the values below the gap."""
    x = inputs.detach().cpu().double()
    n, d = x.shape
    w = torch.randn(d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    planted = (w / w.norm())[None, :, None] * x[:, None, :] / float(x.norm(dim=1).mean())
    planted = planted.reshape(n, d * d).repeat(len(rows) // n, 1)
    for size in _LADDER:
        values, _ = _null(rows + size * planted)
        if float(values[count - 1]) > 2 * below:
            return size
    return math.inf
