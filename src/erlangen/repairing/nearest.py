"""The nearest symmetric weights to given ones: the orthogonal projection onto Hom_G, by weights or by answers."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

STEPS = 200  # conjugate gradients need as many as orbits have different sizes
SMALL = 1e-13


def set_nearest(
    made: Callable[[], Tensor],
    weights: Sequence[nn.Parameter],
    given: Tensor,
    *,
    steps: int = STEPS,
    onwards: bool = False,
) -> float:
    """θ ← argmin ‖A θ − W‖, in place: of all that the symmetry allows the nearest to W.

    `made()` is A θ, linear in the parameters `weights`, of the shape of `given`. Where it is the full weight K(θ), that
    is the orthogonal projection of a weight onto Hom_G; where it is what a layer answers to examples, the projection by
    the inner product of these, ⟨K, L⟩ = E⟨K x, L x⟩. Conjugate gradients on AᵀA θ = AᵀW: of weights they take as many
    steps as orbits have different sizes, of answers so many `steps` at most. `onwards` starts at the weights as they
    are, else at nought. Returns ‖A θ − W‖/‖W‖: 0 where W is symmetric.

    >>> from erlangen.groups import C
    >>> from erlangen.domains import Point
    >>> from erlangen.layers import Dense
    >>> from erlangen.signal import Space
    >>> layer = Dense(Space(Point(), C(2).regular), Space(Point(), C(2).regular), bias=False)
    >>> round(set_nearest(layer.weight, list(layer.parameters()), torch.tensor([[1.0, 0.0], [0.0, 0.0]])), 6)
    0.707107
    >>> layer.weight().tolist()
    [[0.5, 0.0], [0.0, 0.5]]
    """
    size = float(given.norm())
    found = [weight.detach().clone() if onwards else torch.zeros_like(weight) for weight in weights]
    rest = _transposed(made, weights, given - _at(made, weights, found))
    way, left = [part.clone() for part in rest], _dot(rest, rest)
    whole = left
    for _ in range(steps):
        if left <= SMALL**2 * whole or not whole:
            break
        ahead = _transposed(made, weights, _at(made, weights, way))
        far = left / _dot(way, ahead)
        found = [a + far * b for a, b in zip(found, way, strict=True)]
        rest = [a - far * b for a, b in zip(rest, ahead, strict=True)]
        left, before = _dot(rest, rest), left
        way = [a + left / before * b for a, b in zip(rest, way, strict=True)]
    return float((_at(made, weights, found) - given).norm()) / size if size else 0.0


def _at(made: Callable[[], Tensor], weights: Sequence[nn.Parameter], values: Sequence[Tensor]) -> Tensor:
    """A θ at these θ, which stay in the parameters."""
    with torch.no_grad():
        for weight, value in zip(weights, values, strict=True):
            weight.copy_(value)
        return made()


def _transposed(made: Callable[[], Tensor], weights: Sequence[nn.Parameter], given: Tensor) -> list[Tensor]:
    """AᵀW."""
    with torch.enable_grad():
        out = made()
    found = torch.autograd.grad(out, weights, given.to(out), allow_unused=True)
    return [torch.zeros_like(w) if part is None else part for w, part in zip(weights, found, strict=True)]


def _dot(a: Sequence[Tensor], b: Sequence[Tensor]) -> float:
    return sum(float((x.double() * y.double()).sum()) for x, y in zip(a, b, strict=True))
