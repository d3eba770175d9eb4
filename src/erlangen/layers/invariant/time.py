"""Readings of a whole sequence: its last state, or the mean over its time."""

from typing import Any

import torch
from torch import Tensor

from erlangen.domains import Point, Sequence
from erlangen.domains.clock import durations, held
from erlangen.errors import SpaceError
from erlangen.layers._base import Footprint, Layer, Reason, require_space
from erlangen.signal import Space

METHODS = ("last", "mean")


class TimePool(Layer):
    """y = h_T, the state at the end of each sequence; or y = Σ_t Δt h_t / Σ_t Δt, states as they are at ends of holds.

    The last state does not change when zeros are put before a sequence; the mean does. Neither changes when a hold is
    split into more steps, nor by blanks of no time: the last step that lasts is the last.

    Shapes: `[b, c, T]` → `[b, c]`.

    >>> import torch, erlangen as er
    >>> space = er.Space(er.Sequence(), er.Trivial().trivial)
    >>> er.Blueprint([er.layers.TimePool(space)])(torch.tensor([[[1.0, 2.0, 3.0]]]), lengths=[2])
    tensor([[2.]])
    """

    kind = "invariant"
    built_from = ("source",)
    options = ("method",)
    because = Reason(
        prior="the task asks for one answer for the whole, whenever it happened",
        law="zeros before a sequence leave its last state as it is, and so does any split of its steps",
        reference="Bronstein, Bruna, Cohen, Veličković 2021, arXiv:2104.13478",
    )

    def __init__(self, source: Space, method: str = "last"):
        if not isinstance(require_space("TimePool", source).domain, Sequence) or method not in METHODS:
            given = f"TimePool({source!r}, {method!r})"
            raise SpaceError(given, f"an er.Sequence(), and one of {', '.join(METHODS)}", "Elsewhere: DomainPool.")
        super().__init__(source, Space(Point(), source.rho))
        self.method = method

    def flow(self, values: Tensor, support: Any = None) -> tuple[Tensor, Any]:
        return self.compute(values, support), None

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        x = values.transpose(1, 2)
        if self.method == "mean":
            time = durations(x, support)
            return (time * held(x, support)).sum(1) / time.sum(1).clamp(min=1e-12)
        if support is None or (support.length is None and support.step is None):
            return x[:, -1]
        return x.gather(1, _last(x, support)[:, None, None].expand(-1, 1, x.shape[2]))[:, 0]

    def footprint(self) -> Footprint:
        return Footprint(None)


def _last(x: Tensor, clock: Any) -> Tensor:
    """Of each sequence its last step that takes time, `[b]`; the first where none does."""
    lasts = durations(x, clock)[..., 0] > 0
    place = torch.arange(x.shape[1], device=x.device)
    return (lasts * place).amax(1)
