"""Torch's recurrent modules as every other model of sequences is asked: channels first, states at every step."""

from typing import Any

from torch import Tensor, nn


class Recurrent(nn.Module):
    """y `[n, h, T]` = the states at every step that nn.RNN, nn.GRU or nn.LSTM gives to x `[n, c, T]`."""

    def __init__(self, cell: nn.RNNBase):
        super().__init__()
        self.cell = cell

    def forward(self, x: Tensor) -> Tensor:
        """Asked from the zero state, time where the module has it."""
        steps = x.transpose(1, 2) if self.cell.batch_first else x.permute(2, 0, 1)
        states = self.cell(steps)[0]
        return states.transpose(1, 2) if self.cell.batch_first else states.permute(1, 2, 0)


def as_asked(model: Any) -> Any:
    """The model itself, or torch's recurrent module behind a door that takes `[n, c, T]`.

    >>> import torch
    >>> as_asked(nn.LSTM(3, 5))(torch.zeros(2, 3, 7)).shape
    torch.Size([2, 5, 7])
    """
    return Recurrent(model) if isinstance(model, nn.RNNBase) else model
