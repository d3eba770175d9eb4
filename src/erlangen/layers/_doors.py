"""Doors: each looks at a space, chooses the concrete layer, and leaves the choice to be read off the layer's reason."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from erlangen.domains import Finite, Graph, GraphEdges, Lattice, Mesh, Nest, Point, Points, Product, Set, Sphere
from erlangen.domains.packed import Packed
from erlangen.errors import SpaceError
from erlangen.given import among, flag, instance, whole
from erlangen.layers._along import Along
from erlangen.layers._base import Layer, require_space
from erlangen.layers._chain import Chain
from erlangen.layers._product import product_linear
from erlangen.layers._skip import Skip
from erlangen.layers._sum import Sum
from erlangen.layers._within import Exchange, Within
from erlangen.layers.invariant.domain import DomainPool
from erlangen.layers.invariant.fibre import FibrePool
from erlangen.layers.invariant.finite import OrbitPool
from erlangen.layers.invariant.packed import PackedPool
from erlangen.layers.linear.dense import Dense
from erlangen.layers.linear.edges import GraphToEdges
from erlangen.layers.linear.finite import FiniteLinear
from erlangen.layers.linear.graph import GraphConv
from erlangen.layers.linear.lattice import LatticeConv
from erlangen.layers.linear.mesh import MeshConv
from erlangen.layers.linear.points import PointConv
from erlangen.layers.linear.sets import SetLinear
from erlangen.layers.linear.sphere import SphereConv
from erlangen.layers.linear.sphere_local import SphereLocalConv
from erlangen.layers.linear.sphere_to_point import SphereToPoint
from erlangen.layers.linear.steerable import SteerableConv
from erlangen.layers.linear.vertices import VertexConv
from erlangen.layers.nonlinearity.fourier import FourierNonlinearity
from erlangen.layers.nonlinearity.gate import Gate
from erlangen.layers.nonlinearity.norm import NormNonlinearity
from erlangen.layers.nonlinearity.pointwise import Pointwise
from erlangen.layers.nonlinearity.sphere import SphereNonlinearity
from erlangen.layers.normalization.batch import FieldBatchNorm
from erlangen.layers.normalization.function import FunctionBatchNorm
from erlangen.layers.normalization.points import PointNorm
from erlangen.layers.normalization.sphere import SphereBatchNorm
from erlangen.layers.pooling.finite import FinitePool, FiniteUpsample
from erlangen.layers.pooling.graph import GraphClusters, GraphPartition, GraphPool, GraphUpsample
from erlangen.layers.pooling.lattice import LatticePool, LatticeUpsample
from erlangen.layers.pooling.mesh import MeshPool, MeshUpsample
from erlangen.layers.pooling.points import PointPool, PointUpsample
from erlangen.layers.pooling.sphere import SpherePool, SphereUpsample
from erlangen.layers.pooling.vertices import VertexPool, VertexUpsample
from erlangen.signal import Space


def _convolution(source: Space, target: Space, **choices: Any) -> Layer:
    """Exact and with all weights where the lattice keeps the group, else by angular frequencies."""
    exact = source.domain.preserves(source.group)
    return (LatticeConv if exact else SteerableConv)(source, target, **choices)


def _at_one_point(source: Space, target: Space, **choices: Any) -> Layer:
    """Between vectors, or from one to the points of a finite domain."""
    return (FiniteLinear if isinstance(target.domain, Finite) else Dense)(source, target, **choices)


def _from_nodes(source: Space, target: Space, **choices: Any) -> Layer:
    """Between nodes, or from them to the edges."""
    return (GraphToEdges if isinstance(target.domain, GraphEdges) else GraphConv)(source, target, **choices)


def _on_surface(source: Space, target: Space, **choices: Any) -> Layer:
    """By kernels in tangent planes; with `relations` by matrices for what is at a vertex, next to it, everywhere."""
    return (SetLinear if "relations" in choices else MeshConv)(source, target, **choices)


def _from_sphere(source: Space, target: Space, **choices: Any) -> Layer:
    """Between fields, or from them to one answer; with `rings` by a kernel of finite radius."""
    if target.domain == Point():
        return SphereToPoint(source, target, **choices)
    if "rings" not in choices:
        return SphereConv(source, target, **choices)
    subdivided = isinstance(source.domain, Sphere) and source.domain.subdivisions is not None
    return (VertexConv if subdivided else SphereLocalConv)(source, target, **choices)


def _of_product(source: Space, target: Space, **choices: Any) -> Layer:
    """Sums and compositions of the factors' layers."""
    return product_linear(linear, source, target, **choices)


def _of_members(source: Space, target: Space, gain: float = 1.0, **choices: Any) -> Layer:
    """Each member by itself, and what all have in common."""
    domain = source.domain
    assert isinstance(domain, Nest), "it was looked up by it"
    if target.domain != domain:
        raise SpaceError(f"a linear layer from {source!r} to {target!r}", "the same members", "Pool afterwards.")
    own = linear(Space(domain.of, source.rho), Space(domain.of, target.rho), gain=gain * 0.5**0.5, **choices)
    return Sum([Within(own), Exchange(source, target, gain * 0.5**0.5)])


def _finer_sphere(source: Space, like: Space) -> Layer:
    """By degrees; or by vertices, where it is their number that is known."""
    subdivided = isinstance(like.domain, Sphere) and like.domain.subdivisions is not None
    known = isinstance(source.domain, Sphere) and source.domain.subdivisions is not None
    return (VertexUpsample if subdivided and known else SphereUpsample)(source, like)


_LINEAR: dict[type, Callable[..., Layer]] = {
    **{Lattice: _convolution, Finite: FiniteLinear, Point: _at_one_point},
    **{
        Set: SetLinear,
        Graph: _from_nodes,
        GraphEdges: SetLinear,
        Points: PointConv,
        Sphere: _from_sphere,
        Mesh: _on_surface,
    },
    Product: _of_product,
    Nest: _of_members,
}
_UPSAMPLE: dict[type, Callable[[Space, Space], Layer]] = {
    **{Lattice: LatticeUpsample, Finite: FiniteUpsample, Graph: GraphUpsample, Points: PointUpsample},
    **{Sphere: _finer_sphere, Mesh: MeshUpsample},
}
_GRAPH_POOLS = {"overlapping": GraphPool, "soft": GraphClusters, "partition": GraphPartition}


def linear(source: Space, target: Space, **choices: Any) -> Layer:
    """The linear equivariant layer of the source's domain: Hom_H(source, target), all of it.

    On a product of domains it is put together of the factors' layers, by way="composition" or "sum", if not said by
    the cheaper of the two; on sets of signals it is that of a member, and what all members have in common.

    >>> import erlangen as er
    >>> grid, G = er.Grid(2), er.D(4)
    >>> type(er.layers.linear(er.Space(grid, G.trivial), er.Space(grid, G.regular), kernel_size=5)).__name__
    'LatticeConv'
    """
    return _of_domain(_LINEAR, source, "a linear layer")(source, target, **choices)


def nonlinearity(space: Space, kind: str | None = None, function: str = "relu", samples: int | None = None) -> Layer:
    """Pointwise on permutation representations, norm on every other orthogonal one; `kind` asks for one by name.

    `kind` is "pointwise", "norm", "gate" or "fourier" (with its number of `samples`); a gate gives `space` and takes it
    with one more scalar a field: ask its `source`. On a sphere pointwise functions are computed on a finer grid.

    >>> import erlangen as er
    >>> spaces = [er.Space(er.Grid(2), rho) for rho in (er.C(4).regular, er.C(4).irrep(1))]
    >>> [type(er.layers.nonlinearity(space)).__name__ for space in spaces]
    ['Pointwise', 'NormNonlinearity']
    """
    kinds = {"pointwise": Pointwise, "norm": NormNonlinearity, "gate": Gate, "fourier": FourierNonlinearity}
    chosen = "pointwise" if require_space("a nonlinearity", space).rho.is_permutation else "norm"
    if kind is not None:
        chosen = among("kind", kind, kinds, SpaceError, "Leave it out to have it chosen.")
    if samples is not None and chosen != "fourier":
        raise SpaceError(
            f"samples={samples} of a {chosen} nonlinearity", 'kind="fourier"', "Only it samples the group."
        )
    if isinstance(space.domain, Sphere) and chosen != "fourier":
        return SphereNonlinearity(space, function, way=chosen)
    if isinstance(space.domain, Nest):
        return Within(nonlinearity(Space(space.domain.of, space.rho), kind, function, samples))
    if (place := _between_places(space)) is not None:
        return Along.of(space, place, lambda part, _: nonlinearity(part, kind, function, samples))
    return kinds[chosen](space, function) if samples is None else FourierNonlinearity(space, function, samples)


def _between_places(space: Space, masked: bool = False) -> int | None:
    """Of a product the factor along which functions of values are to be computed: on a finer grid of its own, or, if
    `masked`, where it has places that count for nothing."""
    domain = space.domain
    if not isinstance(domain, Product):
        return None
    found = [i for i, factor in enumerate(domain.factors) if factor.aliases or (masked and factor.masked)]
    return found[0] if found else None


def normalize(space: Space, functions: bool = False, kind: str = "batch", **choices: Any) -> Layer:
    """Batch normalisation with one statistic a field; `functions`: irreps that are functions on the group, as one.

    `kind="points"` normalises every point by itself.

    >>> import erlangen as er
    >>> space = er.Space(er.Grid(2), er.C(4).regular)
    >>> [type(er.layers.normalize(space, kind=kind)).__name__ for kind in ("batch", "points")]
    ['FieldBatchNorm', 'PointNorm']
    """
    among("kind", kind, ("batch", "points"), SpaceError, "Check the spelling.")
    if flag("functions", functions, SpaceError) and kind == "points":
        raise SpaceError(f"kind={kind!r}, functions={functions}", "batch, or points of fields", "Check the spelling.")
    if kind == "points":
        return PointNorm(space, **choices)
    if isinstance(require_space("normalisation", space).domain, Nest):
        return Within(normalize(Space(space.domain.of, space.rho), functions, kind, **choices))  # type: ignore[attr-defined]
    if (place := _between_places(space, masked=True)) is not None:
        return Along.of(space, place, lambda part, _: normalize(part, functions, kind, **choices))
    if not functions and isinstance(require_space("normalisation", space).domain, Sphere):
        return SphereBatchNorm(space, **choices)
    return (FunctionBatchNorm if functions else FieldBatchNorm)(space, **choices)


def pool(space: Space, factor: int = 2, method: str | None = None, blocks: Any = None, **choices: Any) -> Layer:
    """Local pooling to a grid coarser by `factor`, a power of two; `method` average, max or antialiased.

    On a finite domain `blocks` of points become points: the orbits of a subgroup, one number a point, or the smallest
    that the group moves as wholes. On a graph `method` is "overlapping" clusters (choice: ratio=0.5), "soft" ones
    (clusters=8) or a "partition". On a cloud a share `ratio` of the points stays, by default factor⁻ᵈ, and `method` is
    "mean" or "max". On a sphere `band=8` is the highest degree that is left, by default those that linear layers look
    at divided by `factor`; on one of known `subdivisions` vertices are twice as far from each other. On a product of
    domains the factors `along`, by default all that have fewer points; on sets of signals each member.

    >>> import torch, erlangen as er
    >>> layer = er.layers.pool(er.Space(er.Grid(2), er.C(4).regular), 2, "max")
    >>> layer(torch.zeros(1, 4, 8, 9)).shape, layer.target.domain.level
    (torch.Size([1, 4, 4, 5]), 1)
    """
    domain = require_space("local pooling", space).domain
    if method is not None:
        instance("method", method, str, SpaceError, "Leave it out for the usual one.")
    if isinstance(domain, Product | Nest):
        return _of_parts(space, factor=factor, method=method, blocks=blocks, **choices)
    if isinstance(domain, Graph):
        return _of_clusters(space, domain, factor, method, blocks, **choices)
    if isinstance(domain, Sphere):
        return _of_fewer_degrees(space, domain, factor, method, blocks, **choices)
    if isinstance(domain, Mesh):
        if factor != 2 or method is not None or blocks is not None or choices:
            mend = "About a quarter of the vertices stays."
            raise SpaceError(f"further choices of a pool on {domain!r}", "none", mend)
        return MeshPool(space)
    if isinstance(domain, Points):
        return _of_fewer_points(space, domain, factor, method or "mean", blocks, **choices)
    if choices:
        given = f"{', '.join(choices)} of a pool on {domain!r}"
        raise SpaceError(given, "factor, method and blocks", "Graphs have ratio=… and clusters=….")
    method = method or "average"
    if isinstance(domain, Finite):
        if factor != 2:
            raise SpaceError(f"factor={factor} of a pool on {domain!r}", "blocks of points", "Say blocks=….")
        return FinitePool(space, method, blocks)
    if blocks is not None:
        raise SpaceError(f"blocks={blocks!r} of a pool on {domain!r}", "blocks on er.Finite alone", "Say factor=2.")
    return _of_halvings(space, factor, method)


def _of_halvings(space: Space, factor: int, method: str) -> Layer:
    halvings = whole("factor", factor, SpaceError, mend="2 halves the grid.").bit_length() - 1
    if factor < 2 or factor != 1 << halvings:
        mend = "Only halvings stay symmetric for every size."
        raise SpaceError(f"factor={factor}", "a power of two: 2, 4, 8, …", mend)
    if not isinstance(space.domain, Lattice):
        known = "a domain that has one: Lattice, Finite, Graph, Points, Sphere, Mesh"
        raise SpaceError(f"local pooling on {space!r}", known, "Pool over all.")
    return LatticePool(space, method, halvings)


def _of_clusters(space: Space, domain: Graph, factor: int, method: str | None, blocks: Any, **choices: Any) -> Layer:
    kind = _GRAPH_POOLS.get(method or "overlapping")
    if kind is None or factor != 2 or blocks is not None:
        given = f"pool(…, factor={factor}, method={method!r}, blocks={blocks!r}) on {domain!r}"
        raise SpaceError(given, f"method one of {', '.join(_GRAPH_POOLS)}", "Its size is ratio=… or clusters=….")
    return kind(space, **choices)


def _of_parts(space: Space, along: "int | Sequence[int] | None" = None, **choices: Any) -> Layer:
    """Of members, or along the factors of a product: those that are named, else all that have fewer points."""
    if isinstance(space.domain, Nest):
        return Within(pool(Space(space.domain.of, space.rho), **choices))
    domain: Any = space.domain
    fewer = [i for i, factor in enumerate(domain.factors) if factor.coarsens]
    places = fewer if along is None else [along] if isinstance(along, int) else list(along)
    if not places:
        raise SpaceError(f"local pooling on {space!r}", "a factor that coarsens", "Pool over all.")
    made: list[Layer] = []
    for place in places:
        here = made[-1].target if made else space
        made.append(Along.of(here, place, lambda part, _: pool(part, **choices)))
    return made[0] if len(made) == 1 else Chain(made)


def _of_fewer_points(
    space: Space, domain: Points, factor: int, method: str, blocks: Any, ratio: float | None = None, **choices: Any
) -> Layer:
    if blocks is not None or choices:
        given = f"blocks={blocks!r} or {list(choices)} of a pool on {domain!r}"
        raise SpaceError(given, "factor or ratio, and method", "What share of the points stays: ratio=0.25.")
    factor = whole("factor", factor, SpaceError, least=2, mend="2: twice as far from each other.")
    return PointPool(space, float(factor) ** -domain.dim if ratio is None else ratio, method)


def _of_fewer_degrees(
    space: Space, domain: Sphere, factor: int, method: str | None, blocks: Any, band: int | None = None, **choices: Any
) -> Layer:
    if method is not None or blocks is not None or choices:
        given = f"a method, blocks or {list(choices)} of a pool on {domain!r}"
        raise SpaceError(given, "band, or factor", "Degrees beyond the band are left out: band=8.")
    factor = whole("factor", factor, SpaceError, least=2, mend="2 halves the degrees.")
    if domain.subdivisions is not None and domain.band is None and band is None:
        halvings = factor.bit_length() - 1
        if factor != 1 << halvings:
            raise SpaceError(f"factor={factor}", "a power of two: 2, 4, 8, …", "Each leaves one subdivision out.")
        return VertexPool(space, halvings)
    return SpherePool(space, domain.degrees // factor if band is None else band)


def upsample(space: Space, like: Space) -> Layer:
    """The interpolation of `space` back to the level of `like`.

    >>> import torch, erlangen as er
    >>> fine = er.Space(er.Grid(2), er.C(4).regular)
    >>> coarse = er.layers.pool(fine).target
    >>> er.layers.upsample(coarse, fine).target == fine
    True
    """
    return _of_domain(_UPSAMPLE, space, "upsampling")(space, like)


def skip(
    inner: Layer | Sequence[Layer], join: str = "concatenate", shortcut: Layer | Sequence[Layer] | None = None
) -> Layer:
    """x, or what the shortcut makes of it, joined with what `inner` makes of it, brought back to that size.

    >>> import erlangen as er
    >>> fine, G = er.Space(er.Grid(2), er.C(4).regular), er.C(4)
    >>> pool = er.layers.pool(fine)
    >>> joined = er.layers.skip([pool, er.layers.linear(pool.target, pool.target)])
    >>> joined.target.channels, joined.target.domain == fine.domain
    (8, True)
    """
    return Skip(inner, join, shortcut)


def invariant(space: Space, method: str = "max", global_pool: str = "mean") -> Layer:
    """The invariant layer: pooled over the fibre, then over the domain, `[batch, invariants]`.

    `method` is that of the fibre; `global_pool`, "mean" or "max", that of a lattice, the others have `method` alone.

    >>> import torch, erlangen as er
    >>> layer = er.layers.invariant(er.Space(er.Grid(2), 3 * er.C(4).regular))
    >>> layer(torch.zeros(2, 12, 5, 5)).shape
    torch.Size([2, 3])
    """
    if isinstance(require_space("an invariant layer", space).domain, Finite):
        return OrbitPool(space, method)
    if isinstance(space.domain, Nest):
        inner = invariant(Space(space.domain.of, space.rho), method, global_pool)
        return Chain([made := Within(inner), PackedPool(made.target)])
    if isinstance(space.domain, Product):
        fibre = FibrePool(space, method)
        return Chain([fibre, *pooled_over(fibre.target, method=global_pool)])
    if isinstance(space.domain, Packed):
        return PackedPool(space, method) if space.rho.is_trivial else _packed(FibrePool(space, method))
    fibre = FibrePool(space, method)
    return fibre if space.domain == Point() else Chain([fibre, DomainPool(fibre.target, global_pool)])


def pooled_over(space: Space, places: "Sequence[int] | None" = None, method: str = "mean") -> list[Layer]:
    """The mean or the maximum over factors of a product, one after another: `DomainPool`, `PackedPool` along each.

    >>> import erlangen as er
    >>> film = er.Task(er.Grid(2) * er.Sequence(), er.C(4), input=1, output=er.Invariant(2)).source
    >>> [layer.target for layer in er.layers.pooled_over(film, [0])]
    [X(Point() * Sequence(), trivial of C4)]
    """
    domain = space.domain
    if not isinstance(domain, Product):
        raise SpaceError(f"pooling over factors of {space!r}", "a product of domains", "A * B.")
    every = [i for i, factor in enumerate(domain.factors) if not isinstance(factor, Point)]
    made: list[Layer] = []
    for place in every if places is None else places:
        here = made[-1].target if made else space
        over = PackedPool if domain.factors[place].packed else DomainPool
        made.append(Along.of(here, place, lambda part, _, over=over: over(part, method)))
    return made


def _packed(fibre: FibrePool) -> Layer:
    return Chain([fibre, PackedPool(fibre.target)])


def _of_domain(table: Mapping[type, Callable[..., Layer]], space: Space, what: str) -> Any:
    for domain, layer in table.items():
        if isinstance(require_space(what, space).domain, domain):
            return layer
    known = ", ".join(domain.__name__ for domain in table)
    raise SpaceError(f"{what} on {space!r}", f"a domain that has one: {known}", "Pool or map to such a domain first.")
