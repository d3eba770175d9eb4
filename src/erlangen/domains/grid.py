"""The line, the square and the cubic lattice."""

from dataclasses import dataclass

from erlangen.domains.lattice import Lattice
from erlangen.errors import DomainError


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

    def _given(self) -> list[str]:
        return [str(self.dim), *super()._given()]
