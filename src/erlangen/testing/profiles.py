"""What stands in a scene: ellipsoids and boxes with soft edges, and Gaussian blobs, as functions of their own frame."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

EDGE = 0.15  # the width of a soft edge, of the half width of what it bounds
_SOFT = math.sqrt(2) * EDGE


def blob(v: Tensor) -> Tensor:
    """exp(−|v|² / 2).

    >>> blob(torch.zeros(1, 2)).item()
    1.0
    """
    return torch.exp(-v.square().sum(-1) / 2)


def disc(v: Tensor) -> Tensor:
    """½ erfc((|v| − 1) / √2 e): 1 within the unit ball, 0 outside, ½ on its rim.

    >>> round(disc(torch.tensor([[0.0, 1.0]])).item(), 6)
    0.5
    """
    return torch.special.erfc((v.norm(dim=-1) - 1) / _SOFT) / 2


def box(v: Tensor) -> Tensor:
    """Π ½ [erf((v + 1) / √2 e) − erf((v − 1) / √2 e)]: the cube [−1, 1]ᵈ blurred by a Gaussian of width e, exactly.

    >>> round(box(torch.tensor([[0.0, 1.0]])).item(), 6)
    0.5
    """
    return ((torch.special.erf((v + 1) / _SOFT) - torch.special.erf((v - 1) / _SOFT)) / 2).prod(-1)


PROFILES: dict[str, Callable[[Tensor], Tensor]] = {"blob": blob, "disc": disc, "box": box}


@dataclass(frozen=True, eq=False)
class Objects:
    """Σ_k a_k φ(L_k (u − c_k)): K things of one kind in each of n scenes.

    Shapes: amplitude a `[n, c, K]`, centre c `[n, K, d]`, form L `[n, K, d, d]`, which takes a thing to its own frame.
    """

    kind: str
    amplitude: Tensor
    centre: Tensor
    form: Tensor

    def at(self, places: Tensor) -> Tensor:
        """The values at places `[P, d]`, `[n, c, P]`: one scene after another, since all at once would be large."""
        profile = PROFILES[self.kind]
        found = []
        for amplitude, centre, form in zip(self.amplitude, self.centre, self.form, strict=True):
            own = (places[None] - centre[:, None]) @ form.mT
            found.append(amplitude @ profile(own))
        return torch.stack(found)

    def widths(self) -> Tensor | None:
        """σ `[n, K]` of blobs that are round; None where one of them is not, or where they are no blobs."""
        first = self.form[..., 0, 0]
        eye = torch.eye(self.form.shape[-1], dtype=self.form.dtype)
        round_ones = torch.allclose(self.form, first[..., None, None] * eye, atol=1e-12)
        return 1 / first if self.kind == "blob" and round_ones else None


def drawn(
    kind: str, count: int, n: int, channels: int, dim: int, generator: torch.Generator, round_ones: bool
) -> Objects:
    """Random things: centres within ½ of the middle, half widths 0.1 to 0.25 along axes in a random pose."""

    def uniform(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator, dtype=torch.float64)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    centre = normal(n, count, dim)
    centre = centre / centre.norm(dim=-1, keepdim=True) * 0.5 * uniform(n, count, 1) ** (1 / dim)
    inverse = 1 / (0.1 + 0.15 * uniform(n, count, dim))
    turned = torch.linalg.qr(normal(n, count, dim, dim))[0]
    form = inverse[..., None] * turned
    if round_ones:
        form = inverse[..., :1, None] * torch.eye(dim, dtype=torch.float64)
    return Objects(kind, 0.5 + uniform(n, channels, count), centre, form)
