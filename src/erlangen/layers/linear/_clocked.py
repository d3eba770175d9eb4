"""What recurrent layers that keep a warping of time have in common: a clock, a rate, and the map of its weights."""

from copy import deepcopy
from math import e, log
from typing import Any, Self

import torch
from torch import Tensor, nn

from erlangen.domains import Sequence
from erlangen.domains.clock import Clock, durations, held
from erlangen.errors import InputError, SpaceError
from erlangen.given import number
from erlangen.layers._base import Footprint, Layer, require_space
from erlangen.signal import Space

RATE_OF_ONE = log(e - 1)  # softplus of it is 1: so κ is the rate at which zeros fade


class Clocked(Layer):
    """h_t = a_t h_{t−1} + (1 − a_t) …, a_t = exp(−Δt κ r(x_t)): exact for every way to split a hold into steps.

    κ = exp(`log_rate`) is learnt for each channel. A signal that runs c times slower is met by κ/c: `warped(c)`.
    """

    zero_is_fixed = True
    keeps_clock = True

    def __init__(self, source: Space, target: Space, slowest: float | None):
        scalars_in_time(type(self).__name__, source, target)
        super().__init__(source, target)
        self.slowest = slowest
        self.log_rate = nn.Parameter(-scales_of_time(target.channels, slowest).log())

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        clock: Clock | None = support
        x, rate = held(values.transpose(1, 2).contiguous(), clock), self.log_rate.exp()
        even = clock is None or (clock.step is None and clock.length is None)
        return self.run(x, rate if even else durations(x, clock) * rate).transpose(1, 2)

    def run(self, x: Tensor, time: Tensor) -> Tensor:
        """The states of inputs `[b, T, c]`, κ Δt of each step and channel given, `[b, T, c′]` or `[c′]`."""
        raise SpaceError(f"{type(self).__name__} without a run", "a recurrence", "Write its run(x, time).")

    def warped(self, factor: float) -> Self:
        """T_c: a copy for signals that run `factor` times slower, f_{Tθ}(x ∘ warp) = f_θ(x) ∘ warp."""
        number("factor", factor, InputError, least=1e-6, mend="2: every step twice.")
        slower = deepcopy(self)
        with torch.no_grad():
            slower.log_rate -= log(factor)
        return slower

    def footprint(self) -> Footprint:
        return Footprint(None)


def scales_of_time(count: int, slowest: float | None) -> Tensor:
    """How many steps each channel remembers to begin with: uniform from 1 to the slowest; 1 where none is given.

    Tallec and Ollivier 2018, arXiv:1804.11188.
    """
    if slowest is None:
        return torch.ones(count)
    number("slowest", slowest, SpaceError, least=1.0, mend="About the length of what depends on each other.")
    return torch.empty(count).uniform_(1.0, float(slowest))


def scalars_in_time(who: str, source: Space, target: Space) -> None:
    """Refuse what is no map between scalars on one sequence."""
    domain = require_space(who, source).domain
    scalars = source.rho.is_trivial and require_space(who, target).rho.is_trivial
    if not isinstance(domain, Sequence) or target.domain != domain or not scalars:
        raise SpaceError(f"{who} from {source!r} to {target!r}", "scalars on one er.Sequence()", "Time has no group.")
