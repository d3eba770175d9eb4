"""Circular harmonics of many vectors of the plane at once, up to a degree, with gradients to any order."""

import torch
from torch import Tensor

from erlangen.errors import InputError


def circular_harmonics(highest: int, vectors: Tensor) -> Tensor:
    """1, then √2 (cos lφ, sin lφ) for l = 1 … highest, φ the angle of v from the first axis: |Y_l|² = 2.

    At v = 0, which has no direction, all but the first are zero, and so is every gradient.
    Shapes: vectors [..., 2] → [..., 1 + 2 highest].

    >>> circular_harmonics(2, torch.tensor([[0.0, 3.0]])).round(decimals=3).tolist()
    [[1.0, 0.0, 1.4140000343322754, -1.4140000343322754, 0.0]]
    """
    if vectors.shape[-1] != 2:
        raise InputError(f"vectors of shape {tuple(vectors.shape)}", "[..., 2]", "In space: harmonics.")
    there = vectors.square().sum(-1, keepdim=True) > 0
    safe = torch.where(there, vectors, torch.ones_like(vectors))
    x, y = torch.where(there, safe / safe.norm(dim=-1, keepdim=True), torch.zeros_like(vectors)).unbind(-1)
    columns, real, imaginary = [torch.ones_like(x)], torch.ones_like(x), torch.zeros_like(x)
    for _ in range(highest):
        real, imaginary = real * x - imaginary * y, real * y + imaginary * x
        columns += [2**0.5 * real, 2**0.5 * imaginary]
    return torch.stack(columns, dim=-1)
