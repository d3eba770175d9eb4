"""The line, the square and the cubic lattice."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from erlangen.domains.lattice import Lattice
from erlangen.errors import DomainError, InputError

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


@dataclass(frozen=True, repr=False)
class Grid(Lattice):
    """Zᵈ for d = 1, 2, 3: sampled signals, pictures, volumes.

    Shapes: `[batch, channel, n]`, `[batch, channel, row, column]`, `[batch, channel, i, j, k]`.

    >>> from erlangen.groups import C
    >>> Grid(2).preserves(C(4)), Grid(2).preserves(C(8))
    (True, False)
    >>> Grid(2).largest_subgroup(C(8))
    C(4)
    """

    def __post_init__(self) -> None:
        if type(self.dim) is not int or self.dim not in (1, 2, 3):
            raise DomainError(
                f"Grid({self.dim!r})", "dimension 1, 2 or 3", "Fold further axes into channels or into the batch."
            )
        super().__post_init__()

    def project(self, values: "Tensor", homographies: "np.ndarray") -> "Tensor":
        """y(u) = x(p(u)), p(u) = (A u + t) / (h·u + 1), u in half sides from the centre. Bicubic; zeros outside.

        Shapes: values `[b, c, n, m]`, homographies `[b, 3, 3]`, each [[A, t], [h, 1]]. Pictures alone: a DomainError on
        lines and volumes.
        """
        from erlangen.domains._resample import project

        if self.dim != 2:
            raise DomainError(f"a perspective of {self!r}", "er.Grid(2)", "Only pictures are projections.")
        self.check_values(values)
        if homographies.shape != (len(values), 3, 3):
            given = f"homographies of shape {homographies.shape}"
            raise InputError(given, f"({len(values)}, 3, 3)", "Give one for each signal.")
        return project(values, homographies, 2)

    def _given(self) -> list[str]:
        return [str(self.dim), *super()._given()]
