"""What layers on clouds share that hear neighbours: the scale of distances, and sums over those within reach."""

from functools import lru_cache

from torch import Tensor

from erlangen.domains import Points
from erlangen.domains.graph import Edges, at_targets
from erlangen.errors import InputError, SpaceError
from erlangen.given import number
from erlangen.layers.linear._radial import mean_over_ball
from erlangen.signal import Space


def one_cloud(who: str, source: Space, target: Space) -> Points:
    """The domain of both spaces, if it is one of points; else a SpaceError."""
    if not isinstance(source.domain, Points) or target.domain != source.domain:
        raise SpaceError(f"{who} from {source!r} to {target!r}", "one cloud of points on both sides", "Pool first.")
    return source.domain


def usual_distance(domain: Points, scale: float) -> float:
    """Half of the radius; without one the `scale` that is given, in the unit of the positions."""
    scale = number("scale", scale, InputError, mend="A usual distance, in the unit of the positions.")
    if scale == 0:
        raise InputError("scale=0", "a length above 0", "A usual distance, in the unit of the positions.")
    return scale if domain.radius is None else domain.radius / 2


@lru_cache(maxsize=4)
def offset_gain(dim: int, within: bool) -> float:
    """g with second moment 1 of the components of g (x_i − x_j)/s, s the usual distance: at s itself, or in a ball.

    >>> round(offset_gain(3, False) ** 2, 6), round(offset_gain(3, True), 2)
    (3.0, 1.67)
    """
    if not within:
        return dim**0.5
    return (dim / mean_over_ball(lambda u: (2 * u).square(), dim)) ** 0.5


def heard(messages: Tensor, smooth: Tensor, edges: Edges, domain: Points) -> Tensor:
    """Σ_j f_ij m_ij / √(1 + Σ_j f_ij²), `[E, c]` and f `[E, 1]` → `[n, c]`: keeps second moments of unlike messages.

    Where all points are joined, messages draw to the middle of the cloud and are alike: then it is a mean.
    """
    if domain.radius is None and domain.neighbours is None:
        return averaged(messages, smooth, edges)[0]
    weight = at_targets(smooth.square(), edges)
    return at_targets(messages * smooth, edges) * (1 + weight).rsqrt()


def averaged(messages: Tensor, smooth: Tensor, edges: Edges) -> tuple[Tensor, Tensor]:
    """Σ_j f_ij m_ij / √(1 + (Σ_j f_ij)²), a mean where there are many, and log(1 + Σ_j f_ij) `[n, 1]`, how many."""
    count = at_targets(smooth, edges)
    return at_targets(messages * smooth, edges) * (1 + count.square()).rsqrt(), count.log1p()
