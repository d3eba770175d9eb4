"""The plain networks in time: torch's recurrent modules as they come, and a linear layer behind."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from erlangen.domains.packed import attribute
from erlangen.errors import TaskError
from erlangen.task import Task
from erlangen.train.answers import has_dense_answer
from erlangen.train.widths import TOLERANCE, match_width, parameters

CELLS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
NEAR = 4  # how far the widths of the layers before the last are sought from that which fits all


class PlainRecurrent(nn.Module):
    """y = W h_T + b, or at every step W h_t + b: h of nn.LSTM (nn.GRU, nn.RNN) with all its biases.

    Shapes: x `[b, c, T]`, or what has x and lengths `[b]`; → `[b, k]`, or `[b, k, T]`. Nothing says how long a step is.

    >>> from erlangen.domains import Sequence
    >>> from erlangen.task import Invariant
    >>> PlainRecurrent(Task(Sequence(), None, 3, Invariant(4)), "lstm", (8, 8))(torch.zeros(5, 3, 7)).shape
    torch.Size([5, 4])
    """

    def __init__(self, task: Task, cell: str, widths: tuple[int, ...], mean: bool = False):
        super().__init__()
        self.dense, self.mean = has_dense_answer(task), mean
        sources = (task.source.channels, *widths)
        pairs = zip(sources, widths, strict=False)
        self.states = nn.ModuleList(CELLS[cell](source, width, batch_first=True) for source, width in pairs)
        self.read = nn.Linear(widths[-1], task.target.channels)

    def forward(self, x: Any, lengths: Tensor | None = None) -> Tensor:
        """The scores of a batch."""
        if not isinstance(x, Tensor):
            x, lengths = attribute(x, "x"), attribute(x, "lengths")
        steps = x.shape[-1]
        lengths = torch.full((len(x),), steps) if lengths is None else lengths.cpu()
        held: Any = pack_padded_sequence(x.transpose(1, 2), lengths, batch_first=True, enforce_sorted=False)
        for layer in self.states:
            held = layer(held)[0]
        states = pad_packed_sequence(held, batch_first=True, total_length=steps)[0]
        if self.dense:
            return self.read(states).transpose(1, 2)
        if self.mean:
            return self.read(states.sum(1) / lengths[:, None].to(states))
        return self.read(states[torch.arange(len(x)), lengths.to(x.device) - 1])


def twin_in_time(wanted: int, task: Task, depth: int | None, choices: dict[str, Any]) -> nn.Module:
    """|params − wanted| ≤ 0.05 wanted: as deep as the derived network, as wide as that allows, the last layer apart.

    The cell is torch's own of the kind that was derived; nn.LSTM where none of torch's was. TaskError: no width fits.
    """
    cell = choices.get("layer")
    cell, before = cell if cell in CELLS else "lstm", (2 if depth is None else depth) - 1

    def made(widths: tuple[int, ...]) -> PlainRecurrent:
        return PlainRecurrent(task, cell, widths, choices.get("pool") == "mean")

    def count(*widths: int) -> int:
        with torch.device("meta"):
            return parameters(made(widths))

    even = match_width(lambda width: count(*[width] * (before + 1)), wanted)
    firsts = range(max(1, even - NEAR), even + NEAR + 1) if before else [even]
    found = [(*[w] * before, match_width(lambda last, w=w: count(*[w] * before, last), wanted)) for w in firsts]
    best = min(found, key=lambda widths: abs(count(*widths) - wanted))
    if abs(count(*best) - wanted) > TOLERANCE * wanted:
        given = f"a network of {wanted:,} parameters, where the nearest plain one has {count(*best):,}"
        raise TaskError(given, f"one within {TOLERANCE:.0%}", "Derive with a greater width.")
    return made(best).train()
