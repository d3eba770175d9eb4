"""Copies of the same fields mixed among themselves: to as many channels for every kind, and back."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from erlangen.layers._fields import Kinds, join_fields, split_fields


class ToChannels(nn.Module):
    """x_k ↦ V_k x_k for the kinds k of fields that are `heard`, `[n, c]` → `[n, Σ d_k, channels]`."""

    def __init__(self, kinds: Kinds, heard: Sequence[int], channels: int):
        super().__init__()
        self.kinds, self.heard = kinds, tuple(heard)
        copies = [kinds[k].copies for k in self.heard]
        self.weights = nn.ParameterList(nn.Parameter(torch.randn(m, channels) * m**-0.5) for m in copies)

    def forward(self, values: Tensor) -> Tensor:
        """Kinds one behind the other."""
        parts = split_fields(values, self.kinds)
        mixed = [parts[k].transpose(1, 2) @ weight for k, weight in zip(self.heard, self.weights, strict=True)]
        return mixed[0] if len(mixed) == 1 else torch.cat(mixed, dim=1)


class FromChannels(nn.Module):
    """y_k = U_k x_k for the kinds that are `reached`, zero for others: `[n, Σ d_k, channels]` → `[n, c]`."""

    def __init__(self, kinds: Kinds, reached: Sequence[int], channels: int, gain: float):
        super().__init__()
        self.kinds, self.reached = kinds, tuple(reached)
        made = [torch.randn(channels, kinds[k].copies) * gain * channels**-0.5 for k in self.reached]
        self.weights = nn.ParameterList(nn.Parameter(one) for one in made)

    def forward(self, values: Tensor) -> Tensor:
        """In the order of the target's channels."""
        sizes = [self.kinds[k].dim for k in self.reached]
        found = dict(zip(self.reached, values.split_with_sizes(sizes, 1), strict=True))
        parts = [values.new_zeros(values.shape[0], kind.copies, kind.dim) for kind in self.kinds]
        for k, weight in zip(self.reached, self.weights, strict=True):
            parts[k] = (found[k] @ weight).transpose(1, 2)
        return join_fields(parts, self.kinds)
