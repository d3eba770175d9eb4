"""The small network by which a picture is turned upright: one number for each picture."""

import torch
from torch import Tensor, nn

from erlangen.domains import Domain
from erlangen.errors import TaskError
from erlangen.given import bounded

WIDTH, SIDE = 16, 5
MOST_CHANNELS = 1 << 20


class Energy(nn.Module):
    """s(x) = w · mean_u relu(K₂ ⋆ relu(K₁ ⋆ x))(u): two convolutions of free filters, `[n, c, …points]` → `[n]`.

    It keeps no symmetry but shifts, so that it can tell an image from its turned ones. Takes every size. `channels`
    None: each channel by the same filters, and the numbers are added, for any number of channels. No batch statistics:
    the number of one picture must not depend on others.

    >>> import torch, erlangen as er
    >>> Energy(er.Grid(2), 3)(torch.randn(4, 3, 8, 9)).shape, Energy(er.Grid(1), None)(torch.randn(4, 2, 8)).shape
    (torch.Size([4]), torch.Size([4]))
    """

    def __init__(self, domain: Domain, channels: int | None):
        super().__init__()
        bounded("input", channels, MOST_CHANNELS, TaskError)
        self.domain, self.channels = domain, channels
        convolution = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[domain.axes - 1]
        self.first = convolution(channels or 1, WIDTH, SIDE, padding=SIDE // 2)
        self.second = convolution(WIDTH, WIDTH, SIDE, padding=SIDE // 2)
        self.last = nn.Linear(WIDTH, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """s(x)."""
        one = x if self.channels else x.flatten(0, 1).unsqueeze(1)
        seen = torch.relu(self.second(torch.relu(self.first(one))))
        scores = self.last(self.domain.mean(seen))[:, 0]
        return scores if self.channels else scores.reshape(x.shape[:2]).sum(1)
