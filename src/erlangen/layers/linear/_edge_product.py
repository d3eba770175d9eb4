"""The product of what a neighbour says with the harmonics of where it is: all equivariant ones, a weight each."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from erlangen.domains import Points
from erlangen.errors import SpaceError
from erlangen.layers._constants import Constants
from erlangen.layers._fields import kinds_of, split_fields
from erlangen.representations import Representation
from erlangen.representations.sums import direct_sum
from erlangen.solve.angular import angular_maps, places_of


class Path(NamedTuple):
    """Of one kind of field to another: how many products there are, and how many components the result has."""

    out: int
    products: int
    dim: int


class EdgeProduct(Constants):
    """m_p,u = w_p,u Σ_l B_p (x_u ⊗ Y_l) for every copy u of a field and every product p, summed over p with one target.

    Depth-wise: copies do not mix. `middle` is the representation of what comes out: of each kind of field of the target
    as many copies as the source has of each kind that reaches it. Each is of second moment 1, as x, Y and w are.
    """

    def __init__(self, rho_in: Representation, rho_out: Representation, domain: Points, highest: int):
        super().__init__()
        self.kinds_in, self.kinds_out = kinds_of(rho_in), kinds_of(rho_out)
        self.paths: list[list[Path]] = []
        tables = {}
        for i, kind in enumerate(self.kinds_in):
            maps = [
                [angular_maps(kind.field, out.field, domain, degree) for degree in range(highest + 1)]
                for out in self.kinds_out
            ]
            counts = [sum(map(len, found)) for found in maps]
            self.paths.append([Path(c, n, self.kinds_out[c].dim) for c, n in enumerate(counts) if n])
            tables[f"maps_{i}"] = _table(maps, domain, highest)
        self.middle = self._middle()
        self.weights = sum(kind.copies * _total(paths) for kind, paths in zip(self.kinds_in, self.paths, strict=True))
        self.hold(tables)

    def _middle(self) -> Representation:
        reached = [
            (out.field, kind.copies)
            for c, out in enumerate(self.kinds_out)
            for kind, paths in zip(self.kinds_in, self.paths, strict=True)
            if any(path.out == c for path in paths)
        ]
        if not reached:
            given = f"a convolution from {[k.field.name for k in self.kinds_in]}"
            raise SpaceError(given, "fields that harmonics join to those of the target", "Take a greater highest=….")
        return direct_sum(*reached)

    def forward(self, values: Tensor, angular: Tensor, weights: Tensor) -> Tensor:
        """x of the sources `[E, c]`, Y `[E, s]`, w `[E, weights]` → `[E, middle.dim]`."""
        results: dict[tuple[int, int], Tensor] = {}
        used = 0
        for i, (kind, run) in enumerate(zip(self.kinds_in, split_fields(values, self.kinds_in), strict=True)):
            paths, n = self.paths[i], kind.copies
            if not paths:
                continue
            table = self.get_buffer(f"maps_{i}")
            maps = (angular @ table).unflatten(1, (-1, kind.dim))
            made = torch.bmm(maps, run.transpose(1, 2))  # all products of all copies, `[E, rows, n]`
            count = _total(paths)
            own = weights[:, used : used + count * n].unflatten(1, (count, n))
            used += count * n
            for c, part in self._summed(paths, made, own):
                results[c, i] = part.transpose(1, 2).flatten(1)
        return torch.cat([results[key] for key in sorted(results)], dim=1)

    @staticmethod
    def _summed(paths: list[Path], made: Tensor, own: Tensor) -> "list[tuple[int, Tensor]]":
        """Of each target its products, weighed and summed, `[E, dim, n]`."""
        found, row, place = [], 0, 0
        for path in paths:
            part = made[:, row : row + path.products * path.dim].unflatten(1, (path.products, path.dim))
            found.append((path.out, (part * own[:, place : place + path.products, None]).sum(1)))
            row, place = row + path.products * path.dim, place + path.products
        return found


def _total(paths: list[Path]) -> int:
    return sum(path.products for path in paths)


def _table(maps: "list[list[np.ndarray]]", domain: Points, highest: int) -> np.ndarray:
    """`[components of Y, rows · dim]`, rows (target, product, component): each scaled to second moment 1."""
    size, columns = places_of(domain, highest).stop, []
    for found in maps:
        count = sum(map(len, found))
        for degree, some in enumerate(found):
            for one in some:
                rows = np.zeros((size, *one.shape[:2]))
                rows[places_of(domain, degree)] = (one.shape[0] / count) ** 0.5 * np.moveaxis(one, 2, 0)
                columns.append(rows.reshape(size, -1))
    return np.concatenate(columns, axis=1) if columns else np.zeros((size, 0))
