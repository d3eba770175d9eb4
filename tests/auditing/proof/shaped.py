"""Models in the shapes that people use, small: residual, ConvNeXt, vision transformer, U-Net."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from erlangen.domains import Grid
from erlangen.groups import D


class Residual(nn.Module):
    """Two residual blocks in the manner of ResNet-18: strides, batch norm, additions in place."""

    def __init__(self, mode: str = "circular", width: int = 4):
        super().__init__()
        conv = lambda i, o, s: nn.Conv2d(i, o, 3, s, 1, padding_mode=mode, bias=False)  # noqa: E731
        self.first, self.norm = conv(2, width, 1), nn.BatchNorm2d(width)
        self.a, self.na, self.b, self.nb = (
            conv(width, 2 * width, 2),
            nn.BatchNorm2d(2 * width),
            conv(2 * width, 2 * width, 1),
            nn.BatchNorm2d(2 * width),
        )
        self.down = nn.Conv2d(width, 2 * width, 1, 2, bias=False)
        self.act, self.head = nn.ReLU(inplace=True), nn.Linear(2 * width, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.norm(self.first(x)))
        y = self.nb(self.b(self.act(self.na(self.a(x)))))
        y += self.down(x)
        return self.head(torch.flatten(F.adaptive_avg_pool2d(self.act(y), 1), 1))


class ConvNeXt(nn.Module):
    """Patches, a depthwise convolution, layer norm over channels, a bottleneck, a scale a channel."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(2, 6, 2, 2)
        self.depthwise = nn.Conv2d(6, 6, 5, padding=2, groups=6, padding_mode="circular")
        self.norm, self.up, self.down = nn.LayerNorm(6, eps=1e-6), nn.Linear(6, 12), nn.Linear(12, 6)
        self.gamma, self.head = nn.Parameter(torch.full((6,), 0.1)), nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        y = (self.gamma * self.down(F.gelu(self.up(y)))).permute(0, 3, 1, 2)
        return self.head((x + y).mean((2, 3)))


class Transformer(nn.Module):
    """Patches as tokens, two blocks of attention; without positions it cannot tell where a patch was."""

    def __init__(self, positions: bool, fused: bool = True):
        super().__init__()
        self.patch, self.token = nn.Conv2d(2, 8, 2, 2), nn.Parameter(torch.randn(1, 1, 8))
        self.position = nn.Parameter(torch.randn(1, 37, 8)) if positions else None
        self.blocks = nn.ModuleList(nn.ModuleDict(self._block()) for _ in range(2))
        self.norm, self.head, self.fused = nn.LayerNorm(8), nn.Linear(8, 3), fused

    @staticmethod
    def _block() -> dict[str, nn.Module]:
        return {
            "n1": nn.LayerNorm(8),
            "qkv": nn.Linear(8, 24),
            "out": nn.Linear(8, 8),
            "n2": nn.LayerNorm(8),
            "mlp": nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 8)),
        }

    def forward(self, x: Tensor) -> Tensor:
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(len(x), -1, -1), x], 1)
        x = x if self.position is None else x + self.position
        for block in self.blocks:
            q, k, v = block["qkv"](block["n1"](x)).unflatten(2, (3, 2, 4)).permute(2, 0, 3, 1, 4)
            seen = (
                F.scaled_dot_product_attention(q, k, v)
                if self.fused
                else (q @ k.transpose(-1, -2) * 4**-0.5).softmax(-1) @ v
            )
            x = x + block["out"](seen.transpose(1, 2).flatten(2))
            x = x + block["mlp"](block["n2"](x))
        return self.head(self.norm(x)[:, 0])


class UNet(nn.Module):
    """Down by a maximum, up by interpolation, a skip; its filters averaged over D4, so that it keeps D4."""

    def __init__(self, mode: str = "bilinear"):
        super().__init__()
        self.first, self.second = nn.Conv2d(2, 4, 3, padding=1), nn.Conv2d(4, 8, 3, padding=1)
        self.norm, self.last, self.mode = nn.GroupNorm(2, 8), nn.Conv2d(12, 2, 3, padding=1), mode
        for conv in (self.first, self.second, self.last):
            weight = conv.weight.detach()
            quarter = weight.round(decimals=2) * 4  # so that a mean of eight is what it is in any order
            conv.weight = nn.Parameter(
                torch.stack([Grid(2).act(g, quarter.round() / 8) for g in D(4).elements]).mean(0)
            )

    def forward(self, x: Tensor) -> Tensor:
        x = F.leaky_relu(self.first(x), 0.1)
        y = F.silu(self.norm(self.second(F.max_pool2d(x, 2))))
        y = F.interpolate(y, scale_factor=2, mode=self.mode)
        return self.last(torch.cat([x, y], 1))
