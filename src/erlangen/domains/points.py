"""Points in the plane and in space, at any positions: atoms, particles, scans. The positions are part of the signal."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor

from erlangen.domains._embedded import in_space
from erlangen.domains.cloud import Cloud, cloud_of, turned
from erlangen.domains.graph import Edges, add_along, degrees, edge_ends, features_of, sorted_edges
from erlangen.domains.neighbours import Neighbours, every_pair, nearest_edges, radius_edges
from erlangen.domains.packed import Members, Packed, attribute, members_of
from erlangen.domains.point_formats import as_points
from erlangen.errors import DomainError, GroupError, InputError, SymmetryError
from erlangen.given import instance, number, whole
from erlangen.groups import Element, Group

if TYPE_CHECKING:
    import numpy as np

    from erlangen.representations import Representation

_TOLERANCE = 1e-6


@dataclass(frozen=True, repr=False)
class Points(Packed):
    """Ω = {x_1, …, x_n} ⊂ Rᵈ, d = 2 or 3, moved by g: x ↦ R_g x, by t: x ↦ x + t, and relabelled: E(d) and S_n.

    Neighbours are all points within `radius`, in the unit of the positions, or the `neighbours` nearest and those tied
    with the last of them; where neither is said, all pairs of points of a cloud. `level` counts how often it was
    coarsened.

    Shapes: values `[points, channel]`, the clouds of a batch one behind the other. What users hold is anything with
    `pos` `[n, d]`, and perhaps `x` `[n, c]` (left out: one channel of ones), `batch` or `ptr`, `z` `[n]` (atomic
    numbers, kept beside the values), `edge_index` `[2, E]` (then these are the neighbours), `cell` `[b, d, d]` (rows
    are the vectors of a lattice) and `pbc` `[b, d]`, with edges of one's own `cell_offsets` `[E, d]`; a pair (x, pos);
    atoms of ASE, molecules of RDKit, a list of them, or a pair (x, atoms). `edge_features` says how many invariant
    numbers `edge_attr` `[E, k]` has beside `edge_index`; without it they are not read. Raises InputError for positions
    that are not finite.

    >>> square = {"pos": torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])}
    >>> x, cloud = Points(2, radius=1.1).read(square)
    >>> cloud.source.tolist(), cloud.target.tolist()
    ([1, 3, 0, 2, 1, 3, 0, 2], [0, 0, 1, 1, 2, 2, 3, 3])

    Thomas, Smidt, Kearnes, Yang, Li, Kohlhoff, Riley 2018, arXiv:1802.08219.
    """

    dim: int = 3
    radius: float | None = None
    neighbours: int | None = None
    level: int = 0
    edge_features: int = 0
    relations: ClassVar[tuple[str, ...]] = ("itself", "neighbours", "everyone")

    def __post_init__(self) -> None:
        if type(self.dim) is not int or self.dim not in (2, 3):
            raise DomainError(f"Points({self.dim!r})", "dimension 2 or 3", "Give further numbers as channels of x.")
        if self.radius is not None and self.neighbours is not None:
            given = f"radius={self.radius!r}, neighbours={self.neighbours!r}"
            raise DomainError(given, "one of them", "Or neither, for all pairs of points.")
        if self.radius is not None:
            mend = "In the unit of the positions."
            radius = number("radius", self.radius, DomainError, mend=mend)
            if radius == 0:
                raise DomainError("radius=0", "a length above 0", mend)
            object.__setattr__(self, "radius", radius)
        if self.neighbours is not None:
            whole("neighbours", self.neighbours, DomainError, mend="How many of the nearest points.")
        whole("level", self.level, DomainError, least=0, mend="A cloud as it is given is of level 0.")
        whole("edge_features", self.edge_features, DomainError, least=0, mend="The number of channels of edge_attr.")

    def __repr__(self) -> str:
        said = {"radius": self.radius, "neighbours": self.neighbours}
        said |= {name: getattr(self, name) or None for name in ("level", "edge_features")}
        return f"Points({', '.join([str(self.dim), *(f'{k}={v}' for k, v in said.items() if v is not None)])})"

    @property
    def coarsens(self) -> bool:
        return True

    # ---- symmetry ------------------------------------------------------------------------------------------------
    def natural_symmetry(self) -> Group:
        from erlangen.groups import O

        return O(self.dim)

    def cartesian(self, g: Element) -> "np.ndarray | None":
        """R_g `[d, d]`: the defining matrix where it fits, that of a group of the plane in the first two axes of space,
        Mirror on the last axis; None if it does not fit."""
        return in_space(g, self.dim)

    def check_group(self, group: Group) -> None:
        """Raise the DomainError that says which groups move Rᵈ by isometries, if this one does not."""
        import numpy as np

        instance("group", group, Group, GroupError, "For all turns and mirrors: er.O(3).")
        moves = [self.cartesian(g) for g in group.generators]
        if all(m is not None and np.allclose(m @ m.T, np.eye(self.dim), atol=_TOLERANCE) for m in moves):
            return
        named = [f"er.O({self.dim})", f"er.SO({self.dim})", "er.C(n)", "er.D(n)", "er.Mirror()"]
        named += ["er.Octahedral()", "er.FullOctahedral()", "er.Icosahedral()"] if self.dim == 3 else []
        raise DomainError(
            f"{group!r} on {self!r}",
            f"a group that moves R{'²³'[self.dim - 2]} and keeps lengths: {', '.join(named)}",
            "Or er.Group.from_matrices with orthogonal ones. That points have no order is kept without a group.",
        )

    def vectors(self, group: Group) -> "Representation":
        """The representation by which a group moves vectors of Rᵈ: rho(g) = R_g.

        >>> from erlangen.groups import C
        >>> Points(3).vectors(C(4))
        standard + trivial of C4
        """
        self.check_group(group)
        if group.order == 1:
            return self.dim * group.trivial
        missing = self.dim - group.dimension
        if not missing:
            return group.standard
        return group.standard + group.trivial if group.dimension == 2 else missing * group.trivial + group.standard

    def moved(self, g: Element, cloud: Cloud) -> Cloud:
        """x ↦ R_g x for every point of a cloud, with the same edges. Raises DomainError where g does not move Rᵈ."""
        self.check_group(g.group)
        matrix = torch.as_tensor(self.cartesian(g), dtype=cloud.position.dtype, device=cloud.position.device)
        return turned(cloud, matrix)

    def move_support(self, g: Element, support: Any) -> Any:
        return None if support is None else self.moved(g, require_cloud(support, self))

    # ---- scale ---------------------------------------------------------------------------------------------------
    @property
    def coarser(self) -> "Points":
        """The domain of a share 2⁻ᵈ of the points, as a grid is halved along every axis: the radius doubles."""
        return self.thinned(2.0**-self.dim)

    def thinned(self, share: float) -> "Points":
        """The domain of a share s of the points: of radius r·s^(−1/d), so that as many are within it, and no features.

        >>> Points(3, radius=2.0).thinned(1 / 8)
        Points(3, radius=4.0, level=1)
        """
        share = share_of(share, DomainError)
        radius = None if self.radius is None else self.radius * share ** (-1 / self.dim)
        return replace(self, radius=radius, level=self.level + 1, edge_features=0)

    # ---- what users hold -----------------------------------------------------------------------------------------
    def read(self, data: Any) -> tuple[Tensor, Cloud]:
        data = as_points(data)
        position = self.positions(data)
        x = attribute(data, "x")
        x = position.new_ones(len(position), 1) if x is None else x
        if not isinstance(x, Tensor) or x.dim() < 1 or len(x) != len(position):
            raise InputError(f"x={_said(x)} for {len(position)} positions", "x [points, channel]", "One row a point.")
        self.check_values(x)
        members = members_of(len(x), attribute(data, "batch"), attribute(data, "ptr"), x)
        z = _numbers(attribute(data, "z"), len(x))
        if members.order is not None:
            x, position, z = x[members.order], position[members.order], None if z is None else z[members.order]
        cell, pbc = self.cells(attribute(data, "cell"), attribute(data, "pbc"), len(members.ptr) - 1, position)
        edges, offset = self._edges(data, position, members, cell, pbc)
        dtype = x.dtype if x.dtype.is_floating_point else position.dtype
        return x, cloud_of(edges, position, offset, cell, pbc, z, dtype)

    def _edges(
        self, data: Any, position: Tensor, members: Members, cell: Tensor | None, pbc: Tensor | None
    ) -> tuple[Edges, Tensor | None]:
        """Those that are given, with what they are told, or else those between neighbours; and cells in between."""
        index = attribute(data, "edge_index")
        if index is not None:
            edges = sorted_edges(*edge_ends(index, members, len(position)), members)
            features = features_of(attribute(data, "edge_attr"), edges, self.edge_features, self)
            edges = edges._replace(features=features)
            return edges, self._offsets(attribute(data, "cell_offsets"), edges, cell)
        if self.edge_features:
            raise InputError(f"a cloud on {self!r} without edges", "edge_index and edge_attr", "Or leave both out.")
        found = self._search(position, members, cell, pbc)
        return sorted_edges(found.source, found.target, members), found.offset

    def join(self, position: Tensor, members: Members) -> Edges:
        """The edges between neighbours among points that are given, sorted by clouds; none through periodic walls."""
        found = self._search(position, members, None, None)
        return sorted_edges(found.source, found.target, members)

    def _search(self, position: Tensor, members: Members, cell: Tensor | None, pbc: Tensor | None) -> Neighbours:
        if self.radius is not None:
            return radius_edges(position, members, self.radius, cell, pbc)
        if cell is not None:
            raise InputError(
                f"a periodic cloud on {self!r}", f"er.Points({self.dim}, radius=…)", "Or leave cell out, or give edges."
            )
        return every_pair(members) if self.neighbours is None else nearest_edges(position, members, self.neighbours)

    def positions(self, data: Any) -> Tensor:
        """The positions of what users hold, finite floating numbers `[n, d]`, or the error."""
        position = attribute(data, "pos")
        if not isinstance(position, Tensor):
            raise InputError(
                f"a {type(data).__name__} without a tensor pos",
                f"what has pos [points, {self.dim}], as torch_geometric.data.Data does, or a dictionary of it",
                "Or a pair (x, pos), or atoms of ASE.",
            )
        if position.dim() != 2 or position.shape[1] != self.dim or not position.dtype.is_floating_point:
            raise InputError(f"pos={_said(position)}", f"floating numbers [points, {self.dim}]", "One row a point.")
        return _finite("positions", position)

    def cells(self, cell: Any, pbc: Any, clouds: int, position: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """The cells of so many clouds, `[b, d, d]`, and along which vectors each repeats, `[b, d]`; None for both where
        nothing repeats."""
        along = None if pbc is None else torch.as_tensor(pbc, dtype=torch.bool, device=position.device)
        if cell is None:
            if along is not None and bool(along.any()):
                raise InputError("pbc without a cell", "cell [b, d, d]", "Its rows are the vectors of the lattice.")
            return None, None
        made = torch.as_tensor(cell, device=position.device).to(position.dtype)
        if (
            made.dim() not in (2, 3)
            or made.shape[-1] != self.dim
            or made.numel() not in (self.dim**2, clouds * self.dim**2)
        ):
            raise InputError(
                f"cell={_said(made)}", f"[{clouds}, {self.dim}, {self.dim}]", "One a cloud; its rows are the vectors."
            )
        made = _finite("cells", made).reshape(-1, self.dim, self.dim).expand(clouds, -1, -1)
        if along is None:
            return made, torch.ones(clouds, self.dim, dtype=torch.bool, device=position.device)
        if along.numel() not in (1, self.dim, clouds * self.dim):
            raise InputError(f"pbc={_said(along)}", f"[{clouds}, {self.dim}]", "Along which vectors each cell repeats.")
        along = along.expand(self.dim) if along.numel() == 1 else along
        along = along.reshape(-1, self.dim).expand(clouds, -1)
        return (made, along) if bool(along.any()) else (None, None)

    def _offsets(self, given: Any, edges: Edges, cell: Tensor | None) -> Tensor | None:
        """Of edges of one's own how many cells lie between their ends, in the order by target."""
        if cell is None:
            return None
        if not isinstance(given, Tensor) or tuple(given.shape) != (len(edges.order), self.dim):
            raise InputError(
                f"edge_index in a periodic cell with cell_offsets={_said(given)}",
                f"whole numbers [{len(edges.order)}, {self.dim}], the vector being x_j + o·cell − x_i",
                "Or leave edge_index out, to have neighbours found within a radius.",
            )
        return given[edges.order]

    # ---- signals -------------------------------------------------------------------------------------------------
    def members(self, values: Tensor, support: Any) -> Members:
        return require_cloud(support, self).members

    def relate(self, relation: str, values: Tensor, support: Any) -> Tensor:
        """Of each point the mean over its neighbours, 0 where it has none; the rest as on every packed domain."""
        if relation != "neighbours":
            return super().relate(relation, values, support)
        edges = require_cloud(support, self).edges
        return add_along(values, edges) / degrees(edges, values).clamp(min=1)[:, None]


def share_of(given: Any, error: type[SymmetryError]) -> float:
    """What part of the points stays, above 0 and up to 1, or the error."""
    if isinstance(given, int | float) and not isinstance(given, bool) and 0 < given <= 1:
        return float(given)
    raise error(f"share={given!r}", "a number above 0, up to 1", "What part of the points stays, such as 0.25.")


def require_cloud(support: Any, domain: Points) -> Cloud:
    """The cloud of a signal; refused where it came without."""
    if not isinstance(support, Cloud):
        raise InputError(
            f"a signal on {domain!r} without positions",
            "x and pos",
            "Call the network on data, or pass pos=…; er.Set() has no positions.",
        )
    return support


def _numbers(given: Any, count: int) -> Tensor | None:
    if given is None:
        return None
    if not isinstance(given, Tensor) or given.numel() != count or given.dtype.is_floating_point:
        raise InputError(f"z={_said(given)} for {count} points", "whole numbers [points]", "Atomic numbers, say.")
    return given.reshape(count)


def _finite(what: str, given: Tensor) -> Tensor:
    if not bool(given.isfinite().all()):
        raise InputError(f"{what} that are not finite", "numbers", "Look for a NaN in them.")
    return given


def _said(given: Any) -> str:
    return f"a tensor {tuple(given.shape)} of {given.dtype}" if isinstance(given, Tensor) else repr(given)
