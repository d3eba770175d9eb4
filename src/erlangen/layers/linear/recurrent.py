"""Recurrent layers by torch's own kernels, whose zero state zeros leave as it is."""

from typing import Any

import torch
from torch import Tensor, nn

from erlangen.errors import SpaceError
from erlangen.layers._base import Footprint, Layer, Reason
from erlangen.layers.linear._clocked import scalars_in_time, scales_of_time
from erlangen.signal import Space

PARTS = {"lstm": 4, "gru": 3, "rnn": 1}
FREE = {"lstm": (0, 1, 3), "gru": (0, 1), "rnn": ()}  # whose bias may be what it likes: the gates, not the candidate


class Recurrent(Layer):
    """h_t = R(x_t, h_{t−1}), h_0 = 0, R(0, 0) = 0: a `cell` "lstm", "gru" or "rnn" that zeros on the left do not start.

    A shift of a sequence is kept if and only if h_0 = R(0, h_0). The zero state is left as it is by zeros where the
    candidate has no bias; the gates keep theirs, which multiply what is zero. `slowest` sets the gates' biases so that
    to begin with the channels remember from 2 to so many steps, uniformly (chrono).

    Shapes: `[b, c, T]` → `[b, c′, T]`, from the zero state.

    >>> import torch, erlangen as er
    >>> space = er.Space(er.Sequence(), 4 * er.Trivial().trivial)
    >>> layer = er.layers.Recurrent(space, space, "gru")
    >>> x = torch.randn(1, 4, 6)
    >>> later = layer(torch.nn.functional.pad(x, (3, 0)))
    >>> bool(later[..., :3].eq(0).all()), torch.allclose(later[..., 3:], layer(x), atol=1e-6)
    (True, True)

    Hochreiter and Schmidhuber 1997; Cho et al. 2014, arXiv:1406.1078; Tallec and Ollivier 2018, arXiv:1804.11188.
    """

    options = ("cell", "slowest")
    zero_is_fixed = True
    because = Reason(
        prior="what was before is summed up in a state that every step changes in the same way",
        law="f(0 … 0 x) = 0 … 0 f(x): the zero state is a fixed point of zero input",
        reference="Bronstein, Bruna, Cohen, Veličković 2021, arXiv:2104.13478",
    )

    def __init__(self, source: Space, target: Space, cell: str = "lstm", slowest: float | None = None):
        scalars_in_time("Recurrent", source, target)
        if cell not in PARTS:
            raise SpaceError(f"cell={cell!r}", f"one of {', '.join(PARTS)}", "Check the spelling.")
        if slowest is not None and cell == "rnn":
            raise SpaceError(f"slowest={slowest} of a plain RNN", "a gated cell", "A plain RNN has no gate to set.")
        super().__init__(source, target)
        self.cell, self.slowest, width = cell, slowest, target.channels
        bound = width**-0.5
        self.into = nn.Parameter(torch.empty(PARTS[cell] * width, source.channels).uniform_(-bound, bound))
        self.again = nn.Parameter(torch.empty(PARTS[cell] * width, width).uniform_(-bound, bound))
        self.gates = nn.Parameter(torch.zeros(len(FREE[cell]), width)) if FREE[cell] else None
        if slowest is not None:
            self._chrono(scales_of_time(width, slowest - 1.0))

    def _chrono(self, steps: Tensor) -> None:
        """A gate that keeps σ(b) of a state remembers 1 + eᵇ steps. Torch's GRU keeps z h, z its second gate."""
        assert self.gates is not None
        with torch.no_grad():
            if self.cell == "gru":
                self.gates[1] = steps.log()
            else:
                self.gates[0], self.gates[1] = -steps.log(), steps.log()

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        x = values.transpose(1, 2)
        start = x.new_zeros(1, len(x), self.target.channels)
        weights = [self.into, self.again, *self._biases()]
        further = (bool(self.gates is not None), 1, 0.0, self.training, False, True)
        if self.cell == "lstm":
            return torch.lstm(x, (start, start), weights, *further)[0].transpose(1, 2)
        run = torch.gru if self.cell == "gru" else torch.rnn_tanh
        return run(x, start, weights, *further)[0].transpose(1, 2)

    def _biases(self) -> tuple[Tensor, ...]:
        """Torch adds two biases: all of it in the first, zeros for the candidate, zeros in the second."""
        if self.gates is None:
            return ()
        nought = self.gates.new_zeros(self.gates.shape[1])
        rows = dict(zip(FREE[self.cell], self.gates, strict=True))
        whole = torch.cat([rows.get(part, nought) for part in range(PARTS[self.cell])])
        return whole, torch.zeros_like(whole)

    def footprint(self) -> Footprint:
        return Footprint(None)
