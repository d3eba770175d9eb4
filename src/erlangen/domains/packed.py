"""Packed domains: signals of different sizes, one behind the other, `[n, c]`, and which row belongs to which."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from erlangen.domains._base import Domain
from erlangen.domains._segments import lengths, segment_max, segment_mean, segment_sum, spread, starts
from erlangen.domains._stored import stored
from erlangen.errors import InputError
from erlangen.given import instance

if TYPE_CHECKING:
    from erlangen.groups import Element, Group

POOLS = ("mean", "max", "sum")


@stored
class Members(NamedTuple):
    """Row i belongs to signal batch[i], which is rows ptr[b] … ptr[b + 1] − 1; `order` sorted the rows that were given,
    where they were not."""

    batch: Tensor
    ptr: Tensor
    order: Tensor | None = None


class Packed(Domain):
    """Ω = the points of a signal, in an order that means nothing: every permutation of them is a symmetry.

    A layer is equivariant to relabelling because it treats points by their relations alone; the group of a space acts
    on the channels. A further kind of packed domain names its `relations` and writes `relate`.
    """

    relations: ClassVar[tuple[str, ...]] = ("itself", "everyone")

    @property
    def axes(self) -> int:
        return 0

    @property
    def packed(self) -> bool:
        return True

    def act(self, g: "Element", values: Tensor) -> Tensor:
        return values

    def check_group(self, group: "Group") -> None:
        return None

    def check_values(self, values: Tensor) -> None:
        if values.dim() != 2:
            raise InputError(
                f"values of shape {tuple(values.shape)}",
                "[points, channel], the points of all signals one behind the other",
                "Say with batch=… which belongs to which.",
            )

    @abstractmethod
    def read(self, data: Any) -> tuple[Tensor, Any]:
        """Values and support of what users hold."""

    @abstractmethod
    def members(self, values: Tensor, support: Any) -> Members:
        """Which row belongs to which signal; of plain values they are all of one."""

    def order(self, values: Tensor, support: Any) -> Tensor | None:
        """What sorted the rows that were given; None where they came sorted."""
        return self.members(values, support).order

    def relate(self, relation: str, values: Tensor, support: Any) -> Tensor:
        """Of each point the mean of the values of those that it has this relation to, `[n, c]` → `[n, c]`."""
        if relation == "itself":
            return values
        members = self.members(values, support)
        return spread(segment_mean(values, members.batch, members.ptr), members.batch)

    def pool(self, values: Tensor, support: Any, method: str) -> Tensor:
        """The mean, maximum or sum over the points of each signal, `[n, c]` → `[b, c]`."""
        members = self.members(values, support)
        if method == "mean":
            return segment_mean(values, members.batch, members.ptr)
        count = members.ptr.shape[0] - 1
        return (segment_max if method == "max" else segment_sum)(values, members.batch, count)


def members_of(count: int, batch: Tensor | None, ptr: Tensor | None, like: Tensor) -> Members:
    """From what users hold: batch numbers in any order, or where each signal begins, or neither for a single signal.

    Raises InputError for numbers of another length, and for signals without points.
    """
    if count == 0:
        raise InputError("a signal without points", "at least one point", "Leave it out.")
    if batch is None and ptr is not None:
        ptr = torch.as_tensor(ptr, device=like.device)
        if ptr.dim() != 1 or int(ptr[0]) != 0 or int(ptr[-1]) != count or bool((lengths(ptr) < 0).any()):
            raise InputError(f"ptr={ptr.tolist()}", f"rising numbers from 0 to {count}", "Or pass batch instead.")
        _refuse_empty(lengths(ptr))
        return Members(torch.repeat_interleave(torch.arange(len(ptr) - 1, device=like.device), lengths(ptr)), ptr)
    if batch is None:
        return whole(count, like)
    instance("batch", batch, Tensor, InputError, "One int64 number for each point.")
    if batch.dim() != 1 or len(batch) != count or batch.dtype != torch.int64 or bool((batch < 0).any()):
        raise InputError(
            f"batch of shape {tuple(batch.shape)} and dtype {batch.dtype}",
            f"{count} int64 numbers from 0",
            "One for each point.",
        )
    sizes = torch.bincount(batch, minlength=0 if ptr is None else len(ptr) - 1)
    _refuse_empty(sizes)
    made = starts(sizes)
    if bool((batch[1:] >= batch[:-1]).all()):
        return Members(batch, made)
    order = torch.argsort(batch, stable=True)
    return Members(batch[order], made, order)


def whole(count: int, like: Tensor) -> Members:
    """All rows of one signal."""
    batch = torch.zeros(count, dtype=torch.int64, device=like.device)
    return Members(batch, torch.tensor([0, count], device=like.device))


def place_in(members: Members) -> Tensor:
    """The place of each row in its own signal, from 0 on."""
    return torch.arange(len(members.batch), device=members.batch.device) - members.ptr[members.batch]


def attribute(data: Any, name: str) -> Any:
    """data.name or data[name]; None where there is neither."""
    return data.get(name) if isinstance(data, dict) else getattr(data, name, None)


def values_of(data: Any) -> Tensor:
    """The values of what users hold, `[n, c]`."""
    x = attribute(data, "x")
    if not isinstance(x, Tensor):
        raise InputError(
            f"a {type(data).__name__} without a tensor x",
            "what has x [points, channel], as torch_geometric.data.Data does, or a dictionary of it",
            "Points without features take a channel of ones.",
        )
    return x


def _refuse_empty(sizes: Tensor) -> None:
    if bool((sizes == 0).any()):
        empty = (sizes == 0).nonzero()[:, 0].tolist()
        raise InputError(f"{len(empty)} signals without points, the first number {empty[0]}", "none", "Leave them out.")
