"""What a node of the graph holds: residues where it depends on the inputs, else a constant that torch computed."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

from torch import Tensor
from torch.utils import _pytree as pytree

from erlangen.auditing.proof.field import Field, Residues

T = TypeVar("T")


class Undecided(Exception):
    """What stopped the proof, in words."""


class Truth:
    """Truth values that depend on the inputs, as 1 and 0 in the field: they choose and combine, and are no numbers."""

    def __init__(self, residues: Residues):
        self.residues = residues

    @property
    def shape(self) -> Any:
        """That of the tensor."""
        return self.residues.shape


class Known:
    """A constant tensor as torch computes it, and `exactly` as residues once they are asked for.

    Weights are `learned`: residues from the start, so that what a model makes of them (a kernel turned, a mean of
    filters) is exact. Other constants (coordinates, their weights) are the numbers that torch computes; whole numbers
    and truth values, which index and choose, stay what they are.
    """

    def __init__(self, native: Tensor, exactly: Callable[[], Residues], learned: bool = False):
        self.native, self._exactly, self.learned = native, exactly, learned

    @cached_property
    def residues(self) -> Residues:
        """The same numbers in the field."""
        return self._exactly()

    @property
    def chooses(self) -> bool:
        """Whether it indexes or chooses, and is no number to compute with."""
        return not self.native.dtype.is_floating_point

    @property
    def shape(self) -> Any:
        """That of the tensor."""
        return self.native.shape


def known(field: Field, native: Tensor, name: str, learned: bool = False) -> Known:
    """A constant that is exactly what torch says. Its residues raise Undecided where it is not finite."""

    def exactly() -> Residues:
        try:
            return field.constant(native)
        except ValueError as reason:
            raise Undecided(f"{reason}: {name}") from reason

    return Known(native, exactly, learned)


def in_field(given: T) -> T:
    """Floating constants as residues; whole numbers and truth values as tensors."""
    return pytree.tree_map_only(Known, lambda k: k.native if k.chooses else k.residues, given)


def as_torch(given: T) -> T:
    """Constants as tensors."""
    return pytree.tree_map_only(Known, lambda k: k.native, given)
