"""How the laws draw signals: every size that a domain takes, white noise, and the error of an equation."""

import random

import torch
from hypothesis import strategies as st
from torch import Tensor

from erlangen.domains import Domain, Finite, HexGrid, Sphere
from erlangen.errors import DomainError
from erlangen.groups import Element, Group
from erlangen.layers import Layer
from erlangen.signal import Space

SEEDS = st.integers(0, 2**32 - 1)
EXACT = {torch.float64: 1e-10, torch.float32: 1e-5}  # what "exact" means, relative to the largest value


def sizes(domain: Domain, least: int = 5, most: int = 64) -> st.SearchStrategy[tuple[int, ...]]:
    """Sizes that the domain takes, up to 64 sites an axis (17 in space): odd, even, and not square."""
    if isinstance(domain, Finite):
        return st.just(domain.size(least))
    if isinstance(domain, Sphere) and domain.subdivisions is not None:
        return st.just(domain.size(least))
    if isinstance(domain, Sphere) and domain.axes == 1:
        return st.sampled_from([(n,) for n in (12, 42, 162, 642) if domain.band_limit((n,)) >= (domain.band or 3)])
    if isinstance(domain, Sphere) and domain.band is not None:
        rows, columns = domain.smallest(domain.band)
        return st.tuples(st.integers(rows, most), st.integers(columns - 1, most))
    if isinstance(domain, HexGrid):
        return st.integers(least // 2, most // 2).map(lambda radius: (2 * radius + 1,) * 2)
    most = min(most, 17) if domain.axes == 3 else most
    return st.tuples(*[st.integers(least, most)] * domain.axes)


def noise(
    space: Space, size: tuple[int, ...], seed: int = 0, batch: int = 2, dtype: torch.dtype = torch.float64
) -> Tensor:
    """White noise in the domain, `[batch, channel, …size]`; on the sphere of its band."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(batch, space.channels, *size, generator=generator, dtype=torch.float64)
    x = space.domain.band_limited(x, space.rho)
    return space.domain.clear(x.to(dtype))


def some_of(space: Space, seed: int, most: int = 4) -> list[Element]:
    """Some elements of the space's group for which its laws hold to rounding: those that map its domain to itself."""
    domain, group = space.domain, space.group
    if domain.preserves(group):
        return some(group, seed, most)
    part = domain.kept(group)
    if group.order is None:
        return list(dict.fromkeys(group.element(part.matrix(g)) for g in some(part, seed, most)))
    fit = [g for g in group.elements if fits(domain, g)]
    return fit if len(fit) <= most else random.Random(seed).sample(fit[1:], most)


def fits(domain: Domain, g: Element) -> bool:
    """Whether g maps the domain to itself."""
    try:
        domain.act(g, torch.zeros(1, 1, *domain.size(3)))
    except DomainError:
        return False
    return True


def some(group: Group, seed: int, most: int = 4) -> list[Element]:
    """All elements of a small group; the generators and a few random elements of a larger one."""
    if group.order is not None and group.order <= most:
        return list(group.elements)
    return list(dict.fromkeys([*group.generators, *group.sample(most, seed)]))


def difference(a: Tensor, b: Tensor) -> float:
    """The largest |a − b|, relative to the largest |b|."""
    assert a.shape == b.shape
    scale = b.abs().max().clamp(min=1e-30)
    return float(((a - b).abs().max() / scale).detach())


def equivariance_error(layer: Layer, x: Tensor, elements: list[Element]) -> float:
    """The largest |f(g·x) − g·f(x)| over the elements, relative to the largest |f(x)|."""
    with torch.no_grad():
        y = layer(x)
        return max(difference(layer(layer.source.act(g, x)), layer.target.act(g, y)) for g in elements)
