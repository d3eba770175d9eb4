"""Diagonal state spaces: linear systems in continuous time, told how long each step is."""

from math import pi

import torch
from torch import Tensor, nn

from erlangen.errors import SpaceError
from erlangen.given import flag, whole
from erlangen.layers._base import Reason
from erlangen.layers.linear._clocked import RATE_OF_ONE, Clocked
from erlangen.layers.linear._scan import scan
from erlangen.signal import Space


class StateSpace(Clocked):
    """dh/dt = κ s (Λ h + B v), y = Re(C h) + D v, v = W x, solved exactly while x is held (zero-order hold):

    h_t = e^(τΛ) h_{t−1} + (e^(τΛ) − 1) Λ⁻¹ B v_t, τ = Δt κ s. Each channel of v has `states` of its own, with Λ < 0, B
    = 1. With `selective` s = softplus(U x + b), and B and C are read off x too; without it they are learnt numbers, and
    Λ = −½ + iπn.

    Shapes: `[b, c, T]` → `[b, c′, T]`; a network takes `dt` and `holds` beside x. Zeros leave the zero state as it is.

    >>> import torch, erlangen as er
    >>> space = er.Space(er.Sequence(), 4 * er.Trivial().trivial)
    >>> er.layers.StateSpace(space, space, states=2)(torch.randn(1, 4, 10)).shape
    torch.Size([1, 4, 10])

    Gu, Goel, Ré 2022, arXiv:2111.00396; Gu, Gupta, Goel, Ré 2022, arXiv:2206.11893; Gu and Dao 2023, arXiv:2312.00752.
    """

    options = ("states", "selective", "slowest")
    because = Reason(
        prior="the same may happen faster or slower: the layer is a system in continuous time, and is told the time",
        law="f(x ∘ c, Δt/c′) = f(x, Δt) ∘ c at the ends of holds; without Δt, f_{Tθ}(x ∘ c) = f_θ(x) ∘ c with κ ↦ κ/c",
        reference="Gu and Dao 2023, arXiv:2312.00752",
    )

    def __init__(
        self, source: Space, target: Space, states: int = 8, selective: bool = True, slowest: float | None = None
    ):
        super().__init__(source, target, slowest)
        whole("states", states, SpaceError, mend="8 are usual.")
        self.states, self.selective = states, flag("selective", selective, SpaceError)
        width = target.channels
        self.inner = nn.Linear(source.channels, width, bias=False)
        self.skip = nn.Parameter(torch.ones(width))
        if selective:
            self.log_decay = nn.Parameter(torch.arange(1.0, states + 1).log().expand(width, states).clone())
            self.pace = nn.Linear(source.channels, width)
            nn.init.constant_(self.pace.bias, RATE_OF_ONE)
            self.write, self.read = (nn.Linear(source.channels, states, bias=False) for _ in range(2))
        else:
            self.log_decay = nn.Parameter(torch.full((width, states), 0.5).log())
            self.turn = nn.Parameter(pi * torch.arange(float(states)).expand(width, states).clone())
            self.weigh = nn.Parameter(torch.randn(width, states, 2) * states**-0.5)

    def run(self, x: Tensor, time: Tensor) -> Tensor:
        v = self.inner(x)
        read = self._selected(x, v, time) if self.selective else self._fixed(v, time)
        return read + self.skip * v

    def _selected(self, x: Tensor, v: Tensor, time: Tensor) -> Tensor:
        """Re(C h) with B, C and the pace read off x."""
        tau = (time * nn.functional.softplus(self.pace(x)))[..., None]
        h = _solved(-self.log_decay.exp(), tau, v[..., None] * self.write(x)[:, :, None, :])
        return (h * self.read(x)[:, :, None, :]).sum(-1)

    def _fixed(self, v: Tensor, time: Tensor) -> Tensor:
        """Re(C h) of a system that does not change."""
        eigenvalues = torch.complex(-self.log_decay.exp(), self.turn)
        h = _solved(eigenvalues, time[..., None], v[..., None])
        return (h * torch.view_as_complex(self.weigh)).real.sum(-1)


def _solved(eigenvalues: Tensor, tau: Tensor, driven: Tensor) -> Tensor:
    """The states `[b, T, c, n]` of dh/dt = Λ h + u, u held for the time τ in each step."""
    exponent = tau * eigenvalues
    given = torch.expm1(exponent) / eigenvalues * driven
    return scan(exponent.exp().expand_as(given).flatten(-2), given.flatten(-2)).unflatten(-1, eigenvalues.shape)
