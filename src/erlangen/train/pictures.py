"""The plain network on the sphere: a CNN on the picture of latitudes × longitudes, whose columns go round."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from erlangen.domains._icosahedral import next_to_each_other
from erlangen.errors import TaskError

CHOICES = ("function", "normalize", "residual")  # those of a sphere that a picture has, too


class RoundConv2d(nn.Conv2d):
    """Torch's convolution of a picture whose last column stands beside the first; zeros above and below.

    >>> import torch
    >>> conv = RoundConv2d(1, 1, 3, padding=1, bias=False)
    >>> x = torch.randn(1, 1, 4, 6)
    >>> bool(torch.allclose(conv(x).roll(1, -1), conv(x.roll(1, -1)), atol=1e-6))
    True
    """

    def forward(self, input: Tensor) -> Tensor:  # named as in torch
        rows, columns = (int(side) for side in self.padding)
        around = F.pad(input, (columns, columns, 0, 0), mode="circular")
        return F.conv2d(around, self.weight, self.bias, self.stride, (rows, 0), self.dilation, self.groups)


class OnPicture(nn.Module):
    """A network of pictures for signals at vertices of an icosahedron: each point of the picture has the value of the
    vertex next to it, and where the answer is a picture each vertex that of the point next to it."""

    def __init__(self, net: nn.Module):
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        there, back = (torch.as_tensor(index, device=x.device) for index in next_to_each_other(x.shape[-1]))
        y = self.net(x[..., there])
        return y.flatten(2)[..., back] if y.dim() == 4 else y


def going_round(net: nn.Module) -> nn.Module:
    """The same network with the same weights, its columns closed to a ring: on the sphere longitude 360° is 0°."""
    for parent in list(net.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Conv2d):
                parent._modules[name] = _round(child)
    return net


def choices_on_picture(choices: dict[str, Any]) -> dict[str, Any]:
    """Of the choices a network on the sphere was derived with those that mean something on a picture."""
    return {name: choices[name] for name in CHOICES if name in choices}


def _round(conv: nn.Conv2d) -> RoundConv2d:
    if isinstance(conv.padding, str):
        raise TaskError(f"padding={conv.padding!r}", "a number of points", "Export the network first.")
    made = RoundConv2d(1, 1, 1)
    made.__dict__.update(conv.__dict__)
    return made
