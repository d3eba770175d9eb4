"""A representation on the channels of a tensor, by reordering where that is all it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from erlangen.groups import Element
from erlangen.representations.base import Representation

if TYPE_CHECKING:
    from torch import Tensor


def act_on_channels(rho: Representation, g: Element, values: Tensor) -> Tensor:
    """ρ(g) applied to axis 1, by reordering channels where ρ permutes, so that nothing is rounded."""
    if rho.is_trivial:
        return values
    if rho.is_permutation:
        comes_from = np.argsort(rho.permutation(g))
        return values[:, torch.as_tensor(comes_from, device=values.device)]
    matrix = torch.as_tensor(rho(g), dtype=values.dtype, device=values.device)
    return torch.einsum("ij,bj...->bi...", matrix, values)
