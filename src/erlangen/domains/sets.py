"""Sets: points in no order, as many as there are."""

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from erlangen.domains._base import Domain
from erlangen.domains.packed import Members, Packed, attribute, members_of, values_of, whole


@dataclass(frozen=True, init=False)
class Set(Packed):
    """Ω = {u_1, …, u_n} with S_n: f(π·x) = π·f(x), or f(x), for every permutation π of the points.

    Shapes: values `[points, channel]`, the sets of a batch one behind the other; what users hold is anything with `x`
    and `batch` or `ptr`, or a plain tensor, which is one set. `Set(A)` is the domain of sets of signals on A.

    >>> import torch
    >>> Set().pool(torch.tensor([[1.0], [3.0]]), None, "mean")
    tensor([[2.]])

    Zaheer, Kottur, Ravanbakhsh, Póczos, Salakhutdinov, Smola 2017, arXiv:1703.06114.
    """

    def __new__(cls, of: Domain | None = None) -> Any:
        if of is None:
            return super().__new__(cls)
        from erlangen.domains.nest import Nest

        return Nest(of)

    def read(self, data: Any) -> tuple[Tensor, Any]:
        x = data if isinstance(data, Tensor) else values_of(data)
        self.check_values(x)
        given = (None, None) if isinstance(data, Tensor) else (attribute(data, "batch"), attribute(data, "ptr"))
        members = members_of(len(x), *given, x)
        return (x if members.order is None else x[members.order]), members

    def relate(self, relation: str, values: Tensor, support: Any) -> Tensor:
        if support is None and relation == "everyone":  # one set, without its index
            return values.mean(0, keepdim=True).expand_as(values)
        return super().relate(relation, values, support)

    def pool(self, values: Tensor, support: Any, method: str) -> Tensor:
        if support is not None:
            return super().pool(values, support, method)
        return {"mean": values.mean, "max": values.amax, "sum": values.sum}[method](0, keepdim=True)

    def members(self, values: Tensor, support: Any) -> Members:
        return whole(len(values), values) if support is None else support
