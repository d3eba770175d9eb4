"""What is said of each place of a surface before anything is learnt: by its vibrations, or by how it lies in space."""

from itertools import pairwise

import torch
from torch import Tensor

from erlangen.domains._segments import segment_sum, spread
from erlangen.domains.slopes import slopes_of
from erlangen.domains.surface import Surface

FIRST, LAST = 1e-2, 1.0  # times of heat, at unit area
WIDTH = 7.0  # of bands of energy, in steps between them


def heat_signature(surface: Surface, count: int) -> Tensor:
    """How much of a unit of heat is still where it was after a time: Σ_i e^{−λ_i t} φ_i(p)², `[n, count]`.

    Times are spaced evenly on a logarithmic scale; lengths are taken in units of the square root of the area, so that
    size does not count. It stands beside what is there in the end, one over the area of the part that p is of, so that
    a speck beside a body has no larger numbers than it. Each channel is divided by its mean over the surface. Sun,
    Ovsjanikov, Guibas 2009, doi:10.1111/j.1467-8659.2009.01515.x.
    """
    times = torch.logspace(torch.tensor(FIRST).log10().item(), torch.tensor(LAST).log10().item(), count)
    values = _unit_values(surface)
    decay = torch.exp(-values[:, :, None] * times.to(surface.values))
    end = _summed((values == 0)[:, :, None].to(decay), surface)
    return _over_mean(_summed(decay, surface) / end, surface)


def wave_signature(surface: Surface, count: int) -> Tensor:
    """How likely a particle of about an energy is found at a place: Σ_i exp(−(e − log λ_i)²/2σ²) φ_i(p)², `[n, count]`.

    Energies from that of the first vibration to the last's, as many as there are channels; each divided by its mean
    over the surface. Aubry, Schlickewei, Cremers 2011, doi:10.1109/ICCVW.2011.6130444.
    """
    values = _unit_values(surface)
    there = values > 1e-6 * values.amax(1, keepdim=True)
    logs = torch.where(there, values.clamp(min=1e-30).log(), 0.0)
    low = torch.where(there, logs, torch.inf).amin(1, keepdim=True)
    high = torch.where(there, logs, -torch.inf).amax(1, keepdim=True)
    low, high = (torch.where(end.isfinite(), end, 0.0) for end in (low, high))
    sigma = WIDTH * (high - low).clamp(min=1e-6) / (28 + 1e-9)
    energies = low + (high - low) * torch.linspace(0, 1, count).to(values)
    bands = torch.exp(-((energies[:, None, :] - logs[:, :, None]) ** 2) / (2 * sigma[:, :, None] ** 2))
    return _over_mean(_summed(bands * there[:, :, None], surface), surface)


def shape_features(surface: Surface) -> Tensor:
    """How far a vertex is from the middle, and how far along its normal; mean curvature; and the way to it, along the
    surface: three scalars and a tangent vector, `[n, 5]`, lengths in units of the square root of the area.

    What rigid motions do not change, and bending does.
    """
    members = surface.members
    share = (surface.mass / spread(surface.unit.square(), members.batch))[:, None]
    middle = segment_sum(share * surface.position, members.batch, len(surface.unit))
    out = (surface.position - spread(middle, members.batch)) / spread(surface.unit, members.batch)[:, None]
    along = torch.einsum("nix,nx->ni", surface.frames, out)
    height = (out * surface.normals).sum(1, keepdim=True)
    return torch.cat([out.norm(dim=1, keepdim=True), height, _bend(surface), along], dim=1)


def _bend(surface: Surface) -> Tensor:
    """Half the divergence of the normal, by its slopes along the two directions of each frame."""
    return (slopes_of(surface.normals, surface) * surface.frames).sum((1, 2))[:, None] / 2


def _unit_values(surface: Surface) -> Tensor:
    """Eigenvalues at unit area, `[b, k]`."""
    return surface.values * surface.unit.square()[:, None]


def _summed(weight: Tensor, surface: Surface) -> Tensor:
    """Σ_i w_i(t) φ_i(p)², `[b, k, t]` → `[n, t]`."""
    squares, ends = surface.functions.square(), surface.members.ptr.tolist()
    return torch.cat([squares[start:end] @ weight[b] for b, (start, end) in enumerate(pairwise(ends))])


def _over_mean(values: Tensor, surface: Surface) -> Tensor:
    members = surface.members
    share = (surface.mass / spread(surface.unit.square(), members.batch))[:, None]
    mean = segment_sum(values * share, members.batch, len(surface.unit)).clamp(min=1e-30)
    return values / spread(mean, members.batch)
