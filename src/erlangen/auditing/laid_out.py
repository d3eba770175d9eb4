"""Signals on products of domains and sets of signals, laid out on the one factor that can be drawn."""

import torch
from torch import Tensor

from erlangen.domains import Domain, Grid, Lattice, Nest, Point, Product, Sphere

MOST = 4  # of the places of the other factors


def is_compound(domain: Domain) -> bool:
    """Whether signals are laid out before they are drawn."""
    return isinstance(domain, Product | Nest)


def laid_out(domain: Domain, x: Tensor) -> tuple[Domain, Tensor]:
    """The factor of most dimensions, and x on it `[channel, …]`: of pictures four side by side, of curves four, else
    the one in the middle; where no factor can be drawn, a point and the numbers in a row.

    Shapes: x `[channel, …points]`, and where there are packed points or members these last. Between pictures there is a
    line of NaN.

    >>> from erlangen.domains import Sequence, Set
    >>> factor, shown = laid_out(Grid(2) * Sequence(), torch.zeros(1, 8, 8, 9))
    >>> factor, shown.shape
    (Grid(2), torch.Size([1, 8, 35]))
    >>> laid_out(Set() * Sequence(), torch.zeros(1, 9, 3))[1].shape
    torch.Size([3, 9])
    """
    whole = domain.of if isinstance(domain, Nest) else domain
    factors = whole.factors if isinstance(whole, Product) else (whole,)
    drawn = [i for i, factor in enumerate(factors) if isinstance(factor, Lattice | Sphere)]
    if not drawn:
        return Point(), x.flatten()
    place = max(drawn, key=lambda i: (factors[i].space, -i))
    factor, first = factors[place], 1 + sum(own.axes for own in factors[:place])
    at = list(range(first, first + factor.axes))
    others = [axis for axis in range(1, x.dim()) if axis not in at]
    moments = x.permute(0, *at, *others).flatten(1 + len(at)) if others else x[..., None]
    count = moments.shape[-1]
    chosen = torch.linspace(0, count - 1, min(MOST, count)).round().long().tolist()
    if factor.axes == 1 and factor.space == 1 and len(moments) == 1:
        return factor, moments[0][:, chosen].T
    if not isinstance(factor, Grid) or factor.dim != 2:
        return factor, moments[..., count // 2]
    gap = moments.new_full((*moments.shape[:-2], 1), torch.nan)
    parts = [part for i in chosen for part in (gap, moments[..., i])]
    return factor, torch.cat(parts[1:], dim=-1)
