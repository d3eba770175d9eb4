"""Where groups are sought: on a lattice or a sphere, or among vectors. Each says how an element moves."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from erlangen.auditing.motion import Motion, Output
from erlangen.auditing.movable import Movable, turn
from erlangen.domains import Lattice, Sphere
from erlangen.groups import Element, Trivial
from erlangen.representations import Representation
from erlangen.signal import act_on_channels
from erlangen.task import Equivariant


class Place(Protocol):
    """What discovery asks of a domain."""

    @property
    def dim(self) -> int:
        """The dimension of the space that elements move."""
        ...

    def matrix(self, g: Element) -> np.ndarray | None:
        """How g moves space, `[d, d]`; None if it does not."""
        ...

    def motion(self, g: Element) -> Motion:
        """g as what is done to inputs and answers."""
        ...

    def vectors(self, x: Tensor) -> Tensor:
        """Samples as vectors `[n, d]` whose lengths and angles motions keep."""
        ...


@dataclass(frozen=True)
class OnSites:
    """Elements move the points of a lattice or a sphere, and the channels by ρ where one is given."""

    domain: Lattice | Sphere
    rho_in: Representation | None
    output: Output
    source: Movable | None = None  # what the inputs are samples of, where they know it

    @property
    def dim(self) -> int:
        return self.domain.space

    def matrix(self, g: Element) -> np.ndarray | None:
        return self.domain.cartesian(g)

    def motion(self, g: Element) -> Motion:
        return turn(g, self.domain, self.rho_in, self.output, self.source)

    def vectors(self, x: Tensor) -> Tensor:
        if not isinstance(self.domain, Sphere):
            return x.flatten(1)
        return self.domain.spectrum(x, rho=self.channels(x)).flatten(1)

    def channels(self, x: Tensor) -> Representation:
        """How the channels move: ρ, or not at all."""
        return x.shape[1] * Trivial().trivial if self.rho_in is None else self.rho_in


@dataclass(frozen=True)
class OnVectors:
    """Elements move vectors `[n, d]` by their defining matrices."""

    dim: int
    output: Output

    def matrix(self, g: Element) -> np.ndarray | None:
        matrix = g.matrix
        return matrix if matrix.shape == (self.dim, self.dim) else None

    def motion(self, g: Element) -> Motion:
        return Linear(g, self.output)

    def vectors(self, x: Tensor) -> Tensor:
        return x


@dataclass(frozen=True)
class Linear:
    """x ↦ M_g x on vectors `[n, d]`; an answer stays put, or moves by its own representation."""

    g: Element
    output: Output
    exact = True

    @property
    def label(self) -> str:
        return str(self.g)

    @property
    def trivial(self) -> bool:
        return self.g == self.g.group.identity

    def move(self, x: Tensor) -> Tensor:
        return x @ torch.as_tensor(self.g.matrix.T.copy(), dtype=x.dtype, device=x.device)

    def answer(self, y: Tensor) -> Tensor:
        rho = self.output.n_or_representation if isinstance(self.output, Equivariant) else 1
        return y if isinstance(rho, int) else act_on_channels(rho, self.g, y)

    def read(self, y: Tensor) -> Tensor:
        return y

    def round_trip(self, values: Tensor, answers: bool) -> Tensor:
        return values
