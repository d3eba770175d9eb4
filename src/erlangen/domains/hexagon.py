"""The hexagonal lattice, in axial coordinates."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from erlangen.domains._strides import each_channel
from erlangen.domains.lattice import Lattice
from erlangen.errors import DomainError, InputError
from erlangen.groups.subgroups import Subgroup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from erlangen.groups import Element, Group


@dataclass(frozen=True, repr=False)
class HexGrid(Lattice):
    """The lattice of (1, 0) and (½, √3/2): site (q, r) lies at q(1, 0) + r(½, √3/2) and has six nearest neighbours.

    Shapes: `[batch, channel, 2R + 1, 2R + 1]`, axis −2 = q, axis −1 = r; the sites of the hexagon are those with
    max(|q|, |r|, |q + r|) ≤ R, the corners of the array beyond it hold zeros.

    >>> from erlangen.groups import D
    >>> HexGrid().preserves(D(6))
    True
    """

    dim: int = 2

    masked = True
    halving_extent = 2
    enlarging_extent = 1.0

    def __post_init__(self) -> None:
        if self.dim != 2 or self.boundary != "open" or self.spacing is not None:
            raise DomainError(
                "HexGrid with a dimension, boundary or spacing", "HexGrid()", "A hexagon is open and equally spaced."
            )
        super().__post_init__()

    @property
    def basis(self) -> np.ndarray:
        return np.array([[1.0, 0.5], [0.0, np.sqrt(3) / 2]])

    def cartesian(self, g: "Element") -> np.ndarray | None:
        """As on every lattice, but a group made from matrices that are no isometries gave them in axial coordinates."""
        if self.action is None and g.group.dimension == self.dim and not _isometries(g.group):
            return self.from_array(g.group.matrix(g))
        return super().cartesian(g)

    def inside(self, size: int | tuple[int, ...]) -> np.ndarray:
        q, r = self.stencil(size).T
        return np.maximum(np.maximum(abs(q), abs(r)), abs(q + r)) <= max(q.max(), r.max())

    def _reaches(self, axes: tuple[int, ...]) -> tuple[tuple[int, float], ...]:
        return ((0, float(np.sqrt(3) / 2)),)

    def mask(self, values: Tensor) -> Tensor:
        """1 on the hexagon's sites, 0 in the corners of the array."""
        radius = (values.shape[-1] - 1) // 2
        along = values.new_ones(values.shape[-1], dtype=torch.float32).cumsum(0) - 1 - radius
        return ((along[:, None] + along[None, :]).abs() <= radius).to(values.dtype)

    def sites(self, side: int) -> list[int]:
        """The flat indices of the hexagon's sites in an array of that side; plain numbers, which compilers can read."""
        radius = side // 2
        return [q * side + r for q in range(side) for r in range(side) if abs(q + r - 2 * radius) <= radius]

    def act(self, g: "Element", values: Tensor) -> Tensor:
        """(g·x)(u) = x(A_g⁻¹u), a permutation of the hexagon's sites; the corners of the array become zero."""
        self._check_movable(values)
        index, valid = _pull(tuple(map(tuple, self.matrix(~g).tolist())), values.shape[-1])
        flat = values.flatten(-2)[..., torch.as_tensor(index, device=values.device)]
        outside = torch.as_tensor(~valid, device=values.device)
        return flat.unflatten(-1, values.shape[-2:]).masked_fill(outside, 0.0)

    def fade(self, at: "Sequence[np.ndarray]", size: tuple[int, ...]) -> np.ndarray:
        """0 on the two sides |q + r| = R, which are no sides of the array, and beyond."""
        return np.cos(np.pi / 2 * np.clip((at[0] + at[1]) / ((size[0] - 1) / 2), -1, 1))

    def halve(self, values: Tensor, kind: str = "average", traced: bool = False) -> Tensor:
        """R → ⌊R/2⌋: the mean (or maximum) of a site and its six neighbours, at every second site from the centre."""
        return self._sample(self._seven_maximum(values) if kind == "max" else self._seven_mean(values))

    def smooth(self, values: Tensor) -> Tensor:
        """The mean of a site and its six neighbours, of those that the hexagon has."""
        return self._seven_mean(values)

    def decimate(self, values: Tensor, traced: bool = False) -> Tensor:
        return self.halve(self.smooth(values), traced=traced)

    def enlarge(self, values: Tensor, size: tuple[int, ...]) -> Tensor:
        """Zeros between the coarse sites, then [0 ½ ½; ½ 1 ½; ½ ½ 0]: linear along the three directions.

        Divided by what the kernel finds of the coarse hexagon, so that a constant stays one up to the border.
        """
        kernel = values.new_tensor([[0.0, 0.5, 0.5], [0.5, 1.0, 0.5], [0.5, 0.5, 0.0]])
        fine = self._placed(values, size)
        found = self._spread(self._placed(self.mask(values)[None, None], size), kernel).clamp(min=0.5)
        return self._spread(fine, kernel) / found * self.mask(fine)

    @staticmethod
    def _placed(values: Tensor, size: tuple[int, ...]) -> Tensor:
        """The coarse sites at every second one of the fine, counted from the centre, and zeros between."""
        first = (size[-1] - 1) // 2 % 2
        fine = torch.stack([values, torch.zeros_like(values)], dim=-1).flatten(-2)[..., : size[-1] - 2 * first]
        fine = torch.stack([fine, torch.zeros_like(fine)], dim=-2).flatten(-3, -2)[..., : size[-2] - 2 * first, :]
        return F.pad(fine, (first, first, first, first))

    def mean(self, values: Tensor, support: Any = None) -> Tensor:
        return self.clear(values).sum(dim=(-2, -1)) / self.mask(values).sum()

    def halved_size(self, size: tuple[int, ...]) -> tuple[int, ...]:
        return tuple((n - 1) // 4 * 2 + 1 for n in size)

    def doubled_size(self, size: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(2 * n - 1 for n in size)

    def minimum_size(self, halvings: int, reach: int = 0) -> int:
        return 2 ** (halvings + 1) + 1

    def check_values(self, values: Tensor) -> None:
        super().check_values(values)
        if values.shape[-1] != values.shape[-2] or values.shape[-1] % 2 == 0:
            raise InputError(
                f"an array of {values.shape[-2]} × {values.shape[-1]}",
                "an odd side, (2R + 1) × (2R + 1)",
                "A hexagon of radius R fills such an array up to two corners.",
            )

    def _sample(self, values: Tensor) -> Tensor:
        radius = (values.shape[-1] - 1) // 2
        steps = values.new_ones(radius // 2 * 2 + 1, dtype=torch.int64).cumsum(
            0
        )  # not a slice: exporters guard its ends
        sites = 2 * steps - 2 + radius % 2
        coarse = values.index_select(-2, sites).index_select(-1, sites)
        return coarse * self.mask(coarse)

    def _seven_mean(self, values: Tensor) -> Tensor:
        mask = self.mask(values)
        kernel = _seven(values)
        count = self._spread(mask[None, None], kernel).clamp(min=1)
        return self._spread(self.clear(values), kernel) / count * mask

    def _seven_maximum(self, values: Tensor) -> Tensor:
        mask = self.mask(values)
        n = values.shape[-1]
        padded = F.pad(values.masked_fill(mask == 0, -torch.inf), (1, 1, 1, 1), value=-torch.inf)
        best = values
        for q, r in self.stencil(3)[self.inside(3)].tolist():
            best = torch.maximum(best, padded[..., 1 + q : 1 + q + n, 1 + r : 1 + r + n])
        return torch.where(mask == 0, 0.0, best)

    @staticmethod
    def _spread(values: Tensor, kernel: Tensor) -> Tensor:
        """The 3 × 3 correlation of every channel by one kernel."""
        return each_channel(F.pad(values, (1, 1, 1, 1)), kernel)


def _seven(values: Tensor) -> Tensor:
    return values.new_tensor([[0.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 0.0]])


@lru_cache(maxsize=256)
def _isometries(group: "Group") -> bool:
    """Whether the defining matrices of the group, or of the one it is a part of, keep lengths."""
    while isinstance(group, Subgroup):
        group = group.parent
    matrices = [group.matrix(g) for g in group.generators]
    return all(np.allclose(m @ m.T, np.eye(len(m)), atol=1e-6) for m in matrices)


@lru_cache(maxsize=256)
def _pull(matrix: tuple[tuple[int, ...], ...], side: int) -> tuple[np.ndarray, np.ndarray]:
    """For every site of the array the flat index of where it comes from, and whether that lies in the hexagon."""
    radius = side // 2
    q, r = np.meshgrid(*(np.arange(side) - radius,) * 2, indexing="ij")
    valid = np.abs(q + r) <= radius
    (a, b), (c, d) = matrix
    source = (a * q + b * r + radius) * side + (c * q + d * r + radius)
    return np.where(valid, source, 0).ravel(), valid
