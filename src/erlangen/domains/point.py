"""The domain of one point: what is left of any domain after global pooling."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import Tensor

from erlangen.domains._base import Domain
from erlangen.errors import InputError

if TYPE_CHECKING:
    from erlangen.groups import Element, Group


@dataclass(frozen=True)
class Point(Domain):
    """Ω = {·}: a signal is its channels, `[batch, channel]`, and every group leaves the point where it is.

    >>> import erlangen as er
    >>> er.Task(er.Grid(2), er.C(4), input=1, output=er.Invariant(10)).target
    X(Point(), 10 × trivial of C4)
    """

    @property
    def axes(self) -> int:
        return 0

    def act(self, g: "Element", values: Tensor) -> Tensor:
        return values

    def check_group(self, group: "Group") -> None:
        return None

    def check_values(self, values: Tensor) -> None:
        if values.dim() != 2:
            raise InputError(
                f"values of shape {tuple(values.shape)}", "[batch, channel]", "A point has no axes of its own."
            )
