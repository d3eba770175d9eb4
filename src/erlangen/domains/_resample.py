"""Moving an image by a matrix that does not map pixels to pixels: measured, never called exact."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F


def resample(values: Tensor, pull: np.ndarray, dim: int) -> Tensor:
    """y(u) = x(M u), `pull` = M in centred array coordinates: bicubic in the plane, linear otherwise, zeros outside.

    Shapes: `[batch, channel, n₁ … n_d]` → the same; M `[d, d]`, or `[batch, d, d]` with one for each signal.
    """
    sites = _sites(values, dim)
    matrix = torch.as_tensor(pull.swapaxes(-1, -2).copy(), dtype=values.dtype, device=values.device)
    pulled = sites.flatten(0, -2) @ matrix.reshape(-1, dim, dim)
    return _read(values, pulled.reshape(-1, *sites.shape) / _halves(values, dim), dim)


def project(values: Tensor, pull: np.ndarray, dim: int) -> Tensor:
    """y(u) = x(p(u)), p(u) = (A u + t) / (h·u + 1), u in half sides from the centre: interpolated as `resample` does.

    Shapes: `[batch, channel, n₁ … n_d]` → the same; `pull` `[batch, d + 1, d + 1]`, the matrix [[A, t], [h, 1]].
    """
    sites = _sites(values, dim) / _halves(values, dim)
    matrix = torch.as_tensor(pull.swapaxes(-1, -2).copy(), dtype=values.dtype, device=values.device)
    homogeneous = F.pad(sites.flatten(0, -2), (0, 1), value=1.0) @ matrix
    pulled = homogeneous[..., :-1] / homogeneous[..., -1:]
    return _read(values, pulled.reshape(-1, *sites.shape), dim)


def _sites(values: Tensor, dim: int) -> Tensor:
    """The centred coordinates of every site, `[n₁ … n_d, d]`."""
    sizes = values.shape[-dim:]
    axes = [torch.arange(n, dtype=values.dtype, device=values.device) - (n - 1) / 2 for n in sizes]
    return torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)


def _halves(values: Tensor, dim: int) -> Tensor:
    return torch.tensor([n / 2 for n in values.shape[-dim:]], dtype=values.dtype, device=values.device)


def _read(values: Tensor, places: Tensor, dim: int) -> Tensor:
    """The values at `places` `[1 or batch, n₁ … n_d, d]`, in half sides from the centre."""
    grid = places.flip(-1)
    if dim == 1:  # grid_sample knows planes and volumes only: a line is a plane one pixel high
        grid = torch.stack([grid[..., 0], torch.zeros_like(grid[..., 0])], dim=-1).unsqueeze(1)
        values = values.unsqueeze(-2)
    grid = grid.expand(values.shape[0], *grid.shape[1:])
    mode = "bicubic" if dim == 2 else "bilinear"
    moved = F.grid_sample(values, grid, mode=mode, padding_mode="zeros", align_corners=False)
    return moved.squeeze(-2) if dim == 1 else moved
