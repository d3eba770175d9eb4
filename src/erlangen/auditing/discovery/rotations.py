"""The axes about which a function on the sphere keeps turns: the part of so(3) that its answers follow.

For the turn about a, L_a f(x) = Df(x)[X_a x] − X_a f(x) is linear in a: L_a = Σ a_i L_i. So three derivatives say how
fast turns about every axis break, √(aᵀ G a), G_ij = mean ⟨L_i f, L_j f⟩ / (2 Var f). What is kept is an algebra, of
dimension 0, 1 or 3: no axis, one, or all.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from erlangen.auditing.discovery.given import Choices, held
from erlangen.auditing.discovery.models import LADDER
from erlangen.auditing.discovery.place import OnSites
from erlangen.auditing.given import choose_input, choose_output, judged_group
from erlangen.auditing.infinitesimal import Differences, differences
from erlangen.auditing.inputs import as_inputs, warn_if_alike
from erlangen.auditing.measure import spread
from erlangen.auditing.motion import Output
from erlangen.auditing.planes import planes
from erlangen.auditing.turning import TurningSphere
from erlangen.auditing.witness import Witness
from erlangen.domains import Sphere
from erlangen.errors import InputError, SymmetryError
from erlangen.groups import SO
from erlangen.pages import number, several

GAP = 10.0
ROUNDING = 1e-7  # of a central difference in float64, per radian
FEWEST_DIGITS = 1e-2  # and in float32


@dataclass(frozen=True, eq=False)
class Rotations:
    """The axes about which turns are kept: `.axes` `[k, 3]`, orthonormal in (x, y, z), k = 0, 1 or 3.

    `rates` are how fast the answers leave what the symmetry asks for, per radian, about the three `directions` `[3, 3]`
    from the one that is kept best to the worst; 1 is as far as unrelated answers are. `gap` is the ratio across which k
    was counted; `power` the smallest planted break, in units of the answers' spread, that doubles the rates below it.

    >>> import torch, erlangen as er
    >>> noise = torch.randn(16, 1, 12, 24, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    >>> x = er.Sphere().band_limited(noise)
    >>> found = er.discover(lambda x: x.mean(3), er.Sphere(), "rotations", x)  # means along circles of latitude
    >>> found.dimension, found.axes.abs().round().tolist()
    (1, [[0.0, 1.0, 0.0]])
    """

    axes: Tensor
    rates: tuple[float, float, float]
    directions: Tensor
    gap: float
    power: float
    inputs: int
    warnings: tuple[str, ...] = ()

    @property
    def dimension(self) -> int:
        """k: 3 for every rotation, 1 for those about one axis, 0."""
        return len(self.axes)

    @property
    def generators(self) -> Tensor:
        """The skew matrices of unit turns about the axes, `[k, 3, 3]`."""
        x, y, z = self.axes.T
        zero = torch.zeros_like(x)
        return torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], dim=1).unflatten(1, (3, 3))

    @property
    def sentence(self) -> str:
        """What may be said of it, and no more."""
        on = f"on {several(self.inputs, 'input')}"
        slowest, _, fastest = (number(rate) for rate in self.rates)
        if not self.dimension:
            return (
                f"No axis was found about which turns are kept, {on}: a radian changes the answers by {slowest} to "
                f"{fastest}, where 1 is unrelated."
            )
        shown = f"a planted break of {number(self.power, 2)} of the answers' spread would have shown."
        if math.isinf(self.power):
            shown = "no planted break would have shown."
        if self.dimension == 3:
            return (
                f"Turns about every axis not rejected {on}: a radian changes the answers by at most {fastest}; {shown}"
            )
        axis = ", ".join(f"{value:.4f}".replace("-0.0000", "0.0000") for value in self.axes[0].tolist())
        return (
            f"Turns about ({axis}) not rejected {on}: a radian changes the answers by {slowest}, about axes across it "
            f"by {number(self.rates[1])} and more; {shown}"
        )

    def to_dict(self) -> dict[str, Any]:
        """As plain data; None for what is infinite."""
        return {
            "sentence": self.sentence,
            "axes": self.axes.tolist(),
            "rates": list(self.rates),
            "directions": self.directions.tolist(),
            "gap": self.gap,
            "power": None if math.isinf(self.power) else self.power,
            "inputs": self.inputs,
            "warnings": list(self.warnings),
        }

    def __str__(self) -> str:
        return self.sentence


def discover_rotations(
    model: Callable[..., Any], domain: Sphere, inputs: Any, choices: Choices, witness: Witness, told: list[str]
) -> Rotations:
    """The null space of a ↦ L_a f on so(3), f asked in float64 where it has such a twin.

    Gruver, Finzi, Goldblum, Wilson 2022, arXiv:2210.02984; Moskalev et al. 2022, arXiv:2210.04345.
    """
    x = as_inputs(inputs, domain, witness, told)
    warn_if_alike(x, told)
    witness, x = _in_double(witness, x)
    rho = choose_input(model, domain, SO(3), choices.input, x.shape[1])
    output = choose_output(model, witness(x), domain, choices.output, told)
    if judged_group(domain, SO(3), output, rho, told) != SO(3):
        raise InputError(
            "an answer or input that moves by a representation that does not know every rotation",
            "one of er.SO(3) or er.O(3)",
            "Say with output=… and input=… how they move.",
        )
    x = held(x, OnSites(domain, rho, output), told)
    moving = tuple(TurningSphere(plane, SO(3), rho, domain) for plane in planes(SO(3)))
    found = [differences(witness, generator, x) for generator in moving]
    gram, planted = _grams(moving, found, x, output, choices.seed)
    return _counted(gram, planted, moving, x, tuple(told))


def _in_double(witness: Witness, x: Tensor) -> tuple[Witness, Tensor]:
    """A twin in float64 with its inputs, where the model computes in it."""
    try:
        twin, wide = witness.twin(), x.double()
        twin(wide[:2])
    except SymmetryError:
        return witness, x
    return twin, wide


def _grams(
    moving: tuple[TurningSphere, ...], found: list[Differences], x: Tensor, output: Output, seed: int
) -> tuple[Tensor, Tensor]:
    """G of the model, and of a random reading ⟨w, x⟩ as an answer that should stay put, `[3, 3]` each."""
    y = (found[0].ahead + found[0].behind).double() / 2
    spreads = 2 * spread(y)
    if not spreads > 0:
        raise InputError("answers that are all alike", "answers that vary over the inputs", "A constant has all turns.")
    broken = [d.derivative - generator.answer(y, output) for generator, d in zip(moving, found, strict=True)]
    w = torch.randn(x[0].numel(), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    read = [d.moved.flatten(1).double() @ w for d in found]
    return _gram(broken) / spreads, _gram(read) / (2 * spread((x.flatten(1).double() @ w)[:, None]))


def _gram(parts: list[Tensor]) -> Tensor:
    flat = torch.stack([part.flatten() for part in parts])
    return flat @ flat.T / len(parts[0])


def _counted(
    gram: Tensor, planted: Tensor, moving: tuple[TurningSphere, ...], x: Tensor, told: tuple[str, ...]
) -> Rotations:
    """How many rates stand below the largest ratio: one of them, or all, beside 1 a radian."""
    rounding = ROUNDING if x.dtype == torch.float64 else FEWEST_DIGITS / GAP
    squares, vectors = torch.linalg.eigh(gram)
    rates = squares.clamp(min=0).sqrt()
    low = rates.clamp(min=rounding)
    ratios = {1: float(low[1] / low[0]), 3: float(1 / low[2])}
    count = max(ratios, key=lambda k: ratios[k])
    kept = ratios[count] >= GAP and float(low[count - 1]) * GAP <= 1
    basis = torch.as_tensor(np.stack([generator.axis for generator in moving]))
    directions = _upright(vectors.T @ basis)
    number_kept = count if kept else 0
    return Rotations(
        axes=torch.eye(3, dtype=torch.float64) if number_kept == 3 else directions[:number_kept],
        rates=(float(rates[0]), float(rates[1]), float(rates[2])),
        directions=directions,
        gap=ratios[count],
        power=_power(gram, planted, number_kept, float(low[number_kept - 1])) if number_kept else math.inf,
        inputs=len(x),
        warnings=told,
    )


def _upright(directions: Tensor) -> Tensor:
    """Each with its largest part positive: a and −a are one axis."""
    largest = directions.gather(1, directions.abs().argmax(1, keepdim=True))
    return directions * largest.sign()


def _power(gram: Tensor, planted: Tensor, count: int, below: float) -> float:
    """The smallest ε at which f beside ε times a random reading has rates twice as large."""
    for size in LADDER:
        if float(torch.linalg.eigvalsh(gram + size**2 * planted)[count - 1].clamp(min=0).sqrt()) > 2 * below:
            return size
    return math.inf
