"""The largest ball inside a grid, as plain numbers that compilers can read."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Ball:
    """|u| < r: `rows` map array coordinates to the axes of space that count; r is the least half size times `reaches`.

    `edge` is how far inside the rim the window begins to fall.
    """

    rows: tuple[tuple[float, ...], ...]
    reaches: tuple[tuple[int, float], ...]
    edge: float

    def window(self, values: Tensor) -> Tensor:
        """1 on the sites inside, falling as cos² to 0 at the rim. Shapes: `[batch, channel, n…]` → `[n…]`."""
        if not self.rows:
            return values.new_ones(())
        dim = len(self.rows[0])
        along = [_along(values, axis, dim) for axis in range(dim)]
        squares = torch.zeros_like(along[0])
        for row in self.rows:
            place = torch.zeros_like(along[0])
            for step, coordinate in zip(row, along, strict=True):
                place = place + step * coordinate
            squares = squares + place.square()
        radius = torch.stack([(along[axis].max() + 0.5) * reach for axis, reach in self.reaches]).min()
        depth = (radius - squares.sqrt()) / self.edge
        return (0.5 * torch.pi * depth.clamp(0, 1)).sin().square().to(values.dtype)


def _along(values: Tensor, axis: int, dim: int) -> Tensor:
    """The centred coordinates of the sites along an axis, shaped to broadcast; of traced sizes too."""
    wide = values.new_zeros(values.shape[2 + axis]) + values.new_ones(1, dtype=torch.float32)  # widens half alone
    sites = wide.cumsum(0)
    return (sites - sites.mean()).reshape([-1 if a == axis else 1 for a in range(dim)])
