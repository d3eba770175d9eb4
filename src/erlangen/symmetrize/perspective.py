"""A picture seen a little from aside: small homographies."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from erlangen.domains import Domain, Grid
from erlangen.errors import DomainError, InputError, TaskError
from erlangen.given import number
from erlangen.symmetrize.action import Output
from erlangen.symmetrize.augment import said
from erlangen.symmetrize.labels import UNKNOWN, read_labels
from erlangen.symmetrize.transform import Transform, uniform
from erlangen.task import Equivariant, Invariant

CORNERS = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])


def perspective(
    domain: Domain, strength: float = 0.1, *, output: Output | None = None, unknown: int = UNKNOWN
) -> "Perspective":
    """(P·x)(u) = x(p(u)), p(u) = (A u + t) / (h·u + 1): the homography that moves each corner of the picture a little.

    Drawn for each example: every corner by up to `strength` along each axis, uniform, in half sides of the picture,
    below 0.5, so that no quadrangle folds. Bicubic, with zeros beyond the border: approximate, as every resampling is.
    With `output=er.Equivariant(n)` targets move along: class maps by the class of the greatest share, fields of n
    scalar channels as the picture is. Homographies near the identity are a part of a group, PGL(3), and not one
    themselves.

    Shapes and use as of every `Transform`. Errors: DomainError beyond squares, InputError for the strength, TaskError
    for channels that are no scalars, which a perspective would have to shear.

    >>> import torch, erlangen as er
    >>> t = er.symmetrize.perspective(er.Grid(2), 0.1)
    >>> torch.allclose(er.symmetrize.perspective(er.Grid(2), 0.0)(torch.ones(1, 8, 8)), torch.ones(1, 8, 8))
    True
    """
    if not isinstance(domain, Grid) or domain.dim != 2:
        raise DomainError(f"a perspective of {domain!r}", "er.Grid(2)", "Only pictures are projections.")
    if isinstance(output, Equivariant) and (output.pooled or not isinstance(output.n_or_representation, int)):
        raise TaskError(
            f"output={output!r}", "er.Equivariant(n), scalars at each point", "Leave targets that stay out."
        )
    mend = "In half sides; 0.1 is a view from slightly aside."
    return Perspective(domain, number("strength", strength, InputError, below=0.5, mend=mend), output, unknown)


@dataclass(frozen=True, repr=False)
class Perspective(Transform):
    """The transform that `perspective` makes; see there."""

    domain: Grid  # pyright: ignore[reportIncompatibleVariableOverride]  # pictures alone
    strength: float
    output: Invariant | Equivariant | None = None
    unknown: int = UNKNOWN

    def batch(self, x: Tensor, y: Tensor | None, generator: torch.Generator | None) -> tuple[Tensor, Tensor | None]:
        drawn = uniform((len(x), 4, 2), self.strength, x, generator, torch.float64)
        maps = homographies(CORNERS + drawn.cpu().numpy())

        def move(values: Tensor) -> Tensor:
            return self.domain.project(values, maps)

        if y is None or not isinstance(self.output, Equivariant):
            return move(x), y
        classes = self.output.n_or_representation
        if y.dtype.is_floating_point or not isinstance(classes, int):
            return move(x), move(y)
        return move(x), read_labels(move, y, classes, None, self.unknown)

    def __repr__(self) -> str:
        return f"perspective({self.domain!r}, {self.strength:g}{said(self.output)})"


def homographies(targets: np.ndarray) -> np.ndarray:
    """The maps [[A, t], [h, 1]] `[n, 3, 3]` that send the corners (±1, ±1), in order, to `targets` `[n, 4, 2]`.

    >>> homographies(CORNERS[None] / 2)[0].tolist()
    [[0.5, 0.0, 0.0], [0.0, 0.5, 0.0], [0.0, 0.0, 1.0]]
    """
    corners = np.concatenate([CORNERS, np.ones((4, 1))], axis=1)
    zero = np.zeros_like(corners)
    rows = []
    for axis in (0, 1):  # targets[axis] (h·u + 1) = (A u + t)[axis], linear in the eight unknown numbers
        places = [corners, zero] if axis == 0 else [zero, corners]
        known = np.broadcast_to(np.concatenate(places, axis=1), (len(targets), 4, 6))
        rows.append(np.concatenate([known, -targets[:, :, axis, None] * CORNERS], axis=2))
    wanted = np.concatenate([targets[:, :, 0], targets[:, :, 1]], axis=1)
    found = np.linalg.solve(np.concatenate(rows, axis=1), wanted[..., None])[..., 0]
    return np.concatenate([found, np.ones((len(targets), 1))], axis=1).reshape(-1, 3, 3) + 0.0
