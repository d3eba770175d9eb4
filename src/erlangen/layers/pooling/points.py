"""Coarse-graining of clouds: points stay that are far from each other, and hear those about them; and the way back."""

from dataclasses import replace
from typing import Any

from torch import Tensor

from erlangen.domains import Points
from erlangen.domains.coarser import cluster_maxima, cluster_means
from erlangen.domains.farthest import coarsened, interpolated
from erlangen.domains.points import require_cloud, share_of
from erlangen.errors import SpaceError
from erlangen.given import whole
from erlangen.layers._base import Footprint, Layer, Reason, require_space
from erlangen.layers._fields import require_permutation
from erlangen.signal import Space

METHODS = ("mean", "max")


class PointPool(Layer):
    """y_c = Σ_u S_uc x_u / Σ_u S_uc, or the maximum: ⌈ratio · n⌉ points stay, and each stands for those about it.

    Points stay that are as far from each other as they can be, from the one farthest from the centroid on; every other
    point belongs to the nearest of them, in equal parts (S) where several are. What is tied stays together, so turned
    and relabelled clouds are pooled alike, and more points than asked for may stay. Which ones jumps where points move.
    To compilers and exports the choice is one operation, which programs that are loaded again find after
    `import erlangen.domains.farthest`.

    Shapes: `[points, c]` and a cloud → `[kept, c]` and theirs, whose neighbours are sought anew: within a radius grown
    by ratio^(−1/d). `ratio` left out: 2⁻ᵈ, as a grid is halved along every axis. Raises InputError for periodic clouds.

    >>> import torch, erlangen as er
    >>> pool = er.layers.PointPool(er.Space(er.Points(3, radius=1.0), er.O(3).trivial))
    >>> pool.target, er.Blueprint([pool])({"x": torch.ones(16, 1), "pos": torch.arange(48.0).reshape(16, 3)}).shape
    (X(Points(3, radius=2.0, level=1), trivial of O(3)), torch.Size([2, 1]))

    Qi, Yi, Su, Guibas 2017, arXiv:1706.02413; Eldar, Lindenbaum, Porat, Zeevi 1997.
    """

    kind = "pooling"
    built_from = ("source",)
    options = ("ratio", "method")
    because = Reason(
        prior="scale separation: what matters is understood from coarse features upwards",
        law="distances say which points stay, and whom the others belong to; ties are kept together",
        reference="Qi, Yi, Su, Guibas 2017, arXiv:1706.02413",
    )

    def __init__(self, source: Space, ratio: float | None = None, method: str = "mean"):
        domain = require_space("PointPool", source).domain
        if not isinstance(domain, Points) or method not in METHODS:
            given = f"PointPool({source!r}, method={method!r})"
            raise SpaceError(given, f"a cloud of points, and one of {', '.join(METHODS)}", "On graphs: er.layers.pool.")
        if method == "max":
            require_permutation(source.rho, "the maximum over a cluster", 'Take method="mean".')
        ratio = share_of(2.0**-domain.dim if ratio is None else ratio, SpaceError)
        super().__init__(source, Space(domain.thinned(ratio), source.rho))
        self.domain, self.ratio, self.method = domain, ratio, method

    def flow(self, values: Tensor, support: Any = None) -> tuple[Tensor, Any]:
        cloud = require_cloud(support, self.domain)
        coarse = coarsened(cloud, self.target.domain, self.ratio)  # type: ignore[arg-type]
        return (cluster_means if self.method == "mean" else cluster_maxima)(values, coarse.edges), coarse

    @property
    def is_linear(self) -> bool:
        return self.method == "mean"

    def footprint(self) -> Footprint:
        return Footprint(None)


class PointUpsample(Layer):
    """x_u = Σ_c w_uc y_c / Σ_c w_uc, w = 1/|x_u − x_c|²: between the `nearest` points that stayed; the way back.

    Those tied with the last of the nearest count too, so it is exact on symmetric clouds.

    Shapes: `[kept, c]` → `[points, c]`, to the level of `like`.

    >>> import torch, erlangen as er
    >>> space = er.Space(er.Points(2), er.O(2).trivial)
    >>> net = er.Blueprint([pool := er.layers.PointPool(space, 0.5), er.layers.PointUpsample(pool.target, space)])
    >>> line = torch.tensor([[0.0, 0.0], [1.0, 0.0], [4.0, 0.0], [5.0, 0.0]])
    >>> y = net({"x": torch.tensor([[1.0], [3.0], [5.0], [7.0]]), "pos": line})  # (1 + 3)/2 and (5 + 7)/2 stay
    >>> [round(value, 2) for value in y.flatten().tolist()]
    [2.0, 2.24, 5.76, 6.0]

    Qi, Yi, Su, Guibas 2017, arXiv:1706.02413; Shepard 1968.
    """

    kind = "pooling"
    options = ("nearest",)
    because = Reason(
        prior="an answer at every point is brought back to the points it is asked at",
        law="weights are read off distances, and are relabelled with the points",
        reference="Qi, Yi, Su, Guibas 2017, arXiv:1706.02413",
    )

    def __init__(self, source: Space, like: Space, nearest: int = 3):
        coarse, fine = require_space("PointUpsample", source).domain, require_space("PointUpsample", like).domain
        if not isinstance(coarse, Points) or not isinstance(fine, Points) or not _is_finer(fine, coarse):
            raise SpaceError(f"upsampling {source!r} to {like!r}", "a cloud and a finer one", "Pool it first.")
        super().__init__(source, Space(fine, source.rho))
        self.nearest = whole("nearest", nearest, SpaceError)
        self.domain, self.levels = coarse, coarse.level - fine.level

    def flow(self, values: Tensor, support: Any = None) -> tuple[Tensor, Any]:
        cloud = require_cloud(support, self.domain)
        for _ in range(self.levels):
            values, cloud = interpolated(values, cloud, self.nearest)
        return values, cloud

    def footprint(self) -> Footprint:
        return Footprint(None)


def _is_finer(fine: Points, coarse: Points) -> bool:
    at_its_level = replace(fine, radius=coarse.radius, level=coarse.level, edge_features=coarse.edge_features)
    return fine.level < coarse.level and at_its_level == coarse
