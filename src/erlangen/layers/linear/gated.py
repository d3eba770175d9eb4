"""The gated recurrent layer that keeps every warping of time."""

import torch
from torch import Tensor, nn

from erlangen.errors import SpaceError
from erlangen.layers._base import Reason
from erlangen.layers.linear._clocked import RATE_OF_ONE, Clocked
from erlangen.layers.linear._relaxation import EXP, SOFTPLUS, relaxed
from erlangen.signal import Space

GATES = (SOFTPLUS, EXP)


class GatedRecurrence(Clocked):
    """h_t = (1 − z_t) h_{t−1} + z_t tanh(W x_t), z_t = 1 − exp(−Δt κ r(U x_t + b)), r softplus, or exp for "cloglog".

    Within a hold of x the state relaxes towards what x says, at a rate that x says: so a hold in one step, in many, or
    with blanks of Δt = 0 in between leads to one state, to rounding. Zeros leave the zero state as it is. All steps
    are computed at once.

    Shapes: `[b, c, T]` → `[b, c′, T]`; a network takes `dt` and `holds` beside x. `slowest`: channels begin with scales
    of time uniform from 1 to it.

    >>> import torch, erlangen as er
    >>> space = er.Space(er.Sequence(), 4 * er.Trivial().trivial)
    >>> net = er.Blueprint([er.layers.GatedRecurrence(space, space)]).double()
    >>> x = torch.randn(1, 4, 6, dtype=torch.float64)
    >>> twice = net(x.repeat_interleave(2, -1), dt=torch.full((1, 12), 0.5, dtype=torch.float64))
    >>> torch.allclose(twice[..., 1::2], net(x), atol=1e-12)
    True

    Tallec and Ollivier 2018, arXiv:1804.11188; Feng, Tung, Ahmed, Bengio, Hajimirsadeghi 2024, arXiv:2410.01201.
    """

    options = ("gate", "slowest")
    because = Reason(
        prior="the same may happen faster or slower: how far a state moves in a step depends on how long the step is",
        law="f(x ∘ c, Δt/c′) = f(x, Δt) ∘ c at the ends of holds; without Δt, f_{Tθ}(x ∘ c) = f_θ(x) ∘ c with κ ↦ κ/c",
        reference="Tallec and Ollivier 2018, arXiv:1804.11188",
    )

    def __init__(self, source: Space, target: Space, gate: str = "rate", slowest: float | None = None):
        super().__init__(source, target, slowest)
        if gate not in GATES:
            raise SpaceError(f"gate={gate!r}", f"one of {', '.join(GATES)}", "Check the spelling.")
        self.gate = gate
        self.candidate = nn.Linear(source.channels, target.channels, bias=False)
        self.rate = nn.Linear(source.channels, target.channels)
        nn.init.constant_(self.rate.bias, RATE_OF_ONE if gate == SOFTPLUS else 0.0)

    def run(self, x: Tensor, time: Tensor) -> Tensor:
        weight = torch.cat([self.rate.weight, -self.candidate.weight])
        bias = torch.cat([self.rate.bias, torch.zeros_like(self.rate.bias)])
        told, away = nn.functional.linear(x, weight, bias).chunk(2, dim=-1)  # one product; the candidate with its sign
        wide = torch.promote_types(told.dtype, torch.float32)  # 1 − z of a slow gate is 1 in fewer bits
        return relaxed(told.to(wide), away.to(wide), time.to(wide), self.gate)
