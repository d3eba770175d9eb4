"""What real-valued targets measure: a name and a unit."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Quantity:
    """What y is, in which unit: all errors of a run are in it. `unit` is empty for pure numbers.

    >>> Quantity("dipole moment", "D").with_unit("0.12")
    '0.12 D'
    """

    name: str
    unit: str = ""

    def with_unit(self, figure: str) -> str:
        """A figure with its unit behind it."""
        return f"{figure} {self.unit}".strip()

    @property
    def head(self) -> str:
        """The name and the unit, as over a column."""
        return f"{self.name}, {self.unit}" if self.unit else self.name
