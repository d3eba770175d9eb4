"""Lattices: the points that integers reach along d vectors. Line, square, cube and hexagon are one implementation.

Coordinates are doubled and centred, u = 2i − (n − 1) on every axis: whole numbers for odd and even n alike, so an
integer matrix maps sites to sites exactly and the origin of a finite grid is always its centre.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from erlangen.domains._ball import Ball
from erlangen.domains._base import Domain
from erlangen.domains._embedded import in_space
from erlangen.domains._preserved import integral_matrix, largest_preserving, preserving_named
from erlangen.domains._strides import SMALL, along_axes, between, decimation, each_channel, pairs, smoothed
from erlangen.errors import DomainError, GroupError, InputError
from erlangen.given import among, instance, whole
from erlangen.groups import Element, Group
from erlangen.groups.arguments import as_array

if TYPE_CHECKING:
    from collections.abc import Sequence

    from erlangen.domains.deformations import Deformations
    from erlangen.representations import Representation


EXACT_DIGITS = 17  # significant ones, which tell any two float64 numbers apart


@dataclass(frozen=True)
class Lattice(Domain):
    """{E n : n ∈ Zᵈ}, E the columns `basis`; finite, centred, at a `level` of coarsening.

    Shapes: a signal is `[batch, channel, n₁ … n_d]`. `boundary` is "open" (zeros beyond the border) or "periodic";
    `spacing` the distance of neighbours along each axis, in the user's unit; `action` a representation of the group
    by integer matrices, where the defining one is not meant.

    >>> import erlangen as er
    >>> [isinstance(domain, er.domains.Lattice) for domain in (er.Grid(3), er.HexGrid(), er.Dna(), er.Set())]
    [True, True, True, False]
    """

    dim: int
    boundary: str = "open"
    spacing: tuple[float, ...] | None = None
    level: int = 0
    action: "Representation | None" = None

    causal = False
    halving_extent = 1  # how many further sites an axis a site of the halved grid sees
    enlarging_extent = 1.5  # twice how far an enlarged site looks, in sites of the coarse grid: ¾ where n is even

    def __post_init__(self) -> None:
        among("boundary", self.boundary, ("open", "periodic"), DomainError, "Open means zeros beyond the border.")
        if self.spacing is not None:
            object.__setattr__(self, "spacing", _lengths(self.spacing, self.dim))
        whole("level", self.level, DomainError, least=0, mend="Levels come from .coarser(); the finest is 0.")
        if self.action is not None and getattr(self.action, "dim", None) != self.dim:
            raise DomainError(
                f"action={self.action!r}",
                f"a representation by {self.dim} × {self.dim} matrices of whole numbers",
                "Give it as er.Task(…, action={generator: matrix}).",
            )

    # ---- points -------------------------------------------------------------------------------------------------
    @property
    def coarsens(self) -> bool:
        return not self.causal

    @property
    def axes(self) -> int:
        return self.dim

    @property
    def basis(self) -> np.ndarray:
        """E `[d, d]`: its columns are the steps from a site to the next along each array axis."""
        return np.diag(self.spacing or (1.0,) * self.dim)

    def stencil(self, size: int | tuple[int, ...]) -> np.ndarray:
        """The sites of a kernel of `size` as centred offsets `[P, d]`, in the array's order; whole where it is odd.

        On an open line it may be even: its sites lie halfway between, and so do those that a convolution leads to.
        """
        sizes = (size,) * self.dim if not isinstance(size, tuple) else size
        even = self.dim == 1 and self.boundary == "open"
        if len(sizes) != self.dim or any(type(s) is not int or s < 1 or (s % 2 == 0 and not even) for s in sizes):
            wanted = "a positive whole number" if even else f"one odd number, or {self.dim} of them"
            raise InputError(f"kernel_size={size!r}", wanted, "An even kernel has no centre site.")
        grids = np.meshgrid(*(np.arange(s) - (s // 2 if s % 2 else (s - 1) / 2) for s in sizes), indexing="ij")
        return np.stack([g.ravel() for g in grids], axis=1)

    def inside(self, size: int | tuple[int, ...]) -> np.ndarray:
        """Which sites of `stencil(size)` belong to the kernel: all of them, but on hexagons only the hexagon's."""
        return np.ones(len(self.stencil(size)), dtype=bool)

    # ---- symmetry -----------------------------------------------------------------------------------------------
    def matrix(self, g: "Element") -> np.ndarray:
        """A_g `[d, d]`, whole numbers: how g moves array coordinates. standard(g) = E A_g E⁻¹.

        Raises DomainError naming the largest subgroup that maps this lattice to itself, if g does not.
        """
        matrix = integral_matrix(self, instance("g", g, Element, GroupError, "Take one from group.elements."))
        if matrix is None:
            raise self._refusal(g.group)
        return matrix

    def keeps(self, g: "Element") -> bool:
        """Whether g maps this lattice to itself: then `act` moves it by index, else `warp` interpolates."""
        return integral_matrix(self, g) is not None

    def check_group(self, group: "Group") -> None:
        instance("group", group, Group, GroupError, "For quarter turns: er.C(4).")
        if not self._keeps(group):
            raise self._refusal(group)

    def _keeps(self, group: "Group") -> bool:
        return group.order is not None and all(integral_matrix(self, g) is not None for g in group.generators)

    def check_motion(self, group: "Group") -> None:
        """Raise unless `group` maps the lattice to itself, or moves space by isometries that unequal steps leave alone.

        The first is exact; of the second the lattice keeps a part, `kept(group)`, and the rest is approximate. A group
        that equal spacing would keep is refused, since whoever declares it takes the voxels for cubes.
        """
        if self.preserves(group):
            return
        if not self._is_moved(group):
            raise self._refusal(group)

    def _is_moved(self, group: "Group") -> bool:
        """Whether the group moves space by isometries, and would not keep the lattice if its steps were equal."""
        moves = [self.cartesian(g) for g in group.generators]
        isometric = all(m is not None and np.allclose(m @ m.T, np.eye(self.dim), atol=1e-6) for m in moves)
        return isometric and not self.causal and self.dim > 1 and not self._even()._keeps(group)

    def kept(self, group: "Group") -> "Group":
        return group if self.preserves(group) else self.largest_subgroup(group)

    def _even(self) -> "Lattice":
        """The same lattice with equal steps along all axes."""
        return self if self.spacing is None else replace(self, spacing=None)

    def turned_axes(self, group: "Group") -> tuple[int, ...]:
        """The axes of space that some element takes out of their own line."""
        moves = [np.abs(m) for g in group.generators if (m := self.cartesian(g)) is not None]
        return tuple(a for a in range(self.dim) if any(m[a, a] < 1 - 1e-9 for m in moves))

    def ball(self, group: "Group") -> Ball:
        """The largest ball, or cylinder, inside the grid that the group turns; its rim is two steps wide."""
        axes = self.turned_axes(group)
        rows = tuple(tuple(float(step) for step in self.basis[a]) for a in axes)
        edge = 2 * float(np.linalg.norm(self.basis, axis=0).min())
        return Ball(rows, self._reaches(axes), edge)

    def _reaches(self, axes: tuple[int, ...]) -> tuple[tuple[int, float], ...]:
        """How far the grid's cells reach along these axes, by site of its half size."""
        return tuple((a, float(self.basis[a, a])) for a in axes)

    def largest_subgroup(self, group: "Group") -> "Group":
        """The largest subgroup of `group` that maps this lattice to itself, by its name where it has one."""
        instance("group", group, Group, GroupError, "For quarter turns: er.C(4).")
        return largest_preserving(replace(self, level=0), group)

    def cartesian(self, g: "Element") -> np.ndarray | None:
        """How g moves space `[d, d]`: E A_g E⁻¹ by `action`, else the defining matrices; None if they do not fit.

        Mirror flips the last axis; the plane groups on a cube turn the plane of the first two axes.
        """
        if self.action is not None and self.action.group.contains(g):
            return self.from_array(self.action(g))
        return in_space(g, self.dim)

    def from_array(self, matrix: np.ndarray) -> np.ndarray | None:
        """E A E⁻¹: how space moves where array coordinates move by A; None if A has another dimension."""
        if matrix.shape != (self.dim, self.dim):
            return None
        return self.basis @ matrix @ np.linalg.inv(self.basis)

    def act(self, g: "Element", values: Tensor) -> Tensor:
        """(g·x)(u) = x(A_g⁻¹u): axes change places and are flipped; nothing is interpolated.

        >>> from erlangen.groups import C
        >>> from erlangen.domains import Grid
        >>> x = torch.arange(6.0).reshape(1, 1, 2, 3)
        >>> torch.equal(Grid(2).act(C(4).generators[0], x), torch.rot90(x, 1, (-2, -1)))
        True
        """
        matrix = self.matrix(g)
        self._check_movable(values)
        goes_to = np.abs(matrix).argmax(axis=0)
        lead = values.dim() - self.dim
        comes_from = [0] * self.dim
        for source, target in enumerate(goes_to):
            comes_from[target] = lead + source
        flipped = [lead + int(target) for source, target in enumerate(goes_to) if matrix[target, source] < 0]
        return values.permute(*range(lead), *comes_from).flip(flipped)

    def warp(self, g: "Element | Sequence[Element]", values: Tensor) -> Tensor:
        """(g·x)(u) = x(g⁻¹u) by interpolation, where g does not map the lattice to itself. Approximate; zeros outside.

        Bicubic in the plane, linear otherwise. Its round trip is the floor below which nothing can be claimed. Of
        several elements each moves the signal at its place.
        """
        from erlangen.domains._resample import resample

        if isinstance(g, Element):
            return resample(values, self._pulled(g), self.dim)
        if len(g) != len(values):
            raise InputError(f"{len(g)} elements for {len(values)} signals", "one for each", "Or one for all of them.")
        return resample(values, np.stack([self._pulled(each) for each in g]), self.dim)

    def _pulled(self, g: "Element") -> np.ndarray:
        """E⁻¹ g⁻¹ E: where in the array each of its places comes from."""
        cartesian = self.cartesian(g)
        if cartesian is None:
            raise self._refusal(g.group)
        return np.linalg.inv(np.linalg.solve(self.basis, cartesian @ self.basis))

    def deformations(self, size: tuple[int, ...], count: int, seed: int = 0) -> "Deformations":
        """`count` random smooth displacement fields τ for signals of this size, each scaled to sup |∇τ| = 1."""
        from erlangen.domains.deformations import draw

        return draw(self, tuple(size), count, seed)

    def deform(self, values: Tensor, displacement: np.ndarray, order: int = 5) -> Tensor:
        """x_τ(u) = x(u − τ(u)) by splines of that order (1 … 5), which lose less the higher it is.

        Shapes: values `[b, c, n₁ … n_d]`, displacement `[b or 1, d, n₁ … n_d]` in steps along the axes. A periodic
        lattice wraps; on an open one τ should be 0 on the border, as those of `deformations` are.

        >>> from erlangen.domains import Grid
        >>> x = torch.arange(5.0)[None, None]
        >>> Grid(1).deform(x, np.array([[[0.0, 0.5, 0.25, 0.0, 0.0]]]), order=1)
        tensor([[[0.0000, 0.5000, 1.7500, 3.0000, 4.0000]]])
        """
        from erlangen.domains._interpolate import read_at

        self.check_values(values)
        points, given = tuple(values.shape[2:]), np.asarray(displacement, dtype=np.float64)
        if given.ndim != 2 + self.dim or given.shape[1:] != (self.dim, *points) or len(given) not in (1, len(values)):
            expected = f"[1 or {len(values)}, {', '.join(map(str, (self.dim, *points)))}]"
            raise InputError(
                f"a displacement of shape {given.shape}", expected, "Take it from deformations(…).on(size)."
            )
        if not np.isfinite(given).all():
            raise InputError("a displacement that is not finite", "finite steps", "Look for a NaN in it.")
        if order not in range(1, 6):
            raise InputError(f"order={order!r}", "a whole number from 1 to 5", "Leave it out for 5.")
        return self.clear(read_at(values, np.indices(points) - given, self.boundary == "periodic", order))

    def fade(self, at: "Sequence[np.ndarray]", size: tuple[int, ...]) -> np.ndarray | float:
        """What a field that is 0 on the sides of the array is multiplied by to be 0 on the whole border."""
        return 1.0

    def roll(self, values: Tensor, shifts: tuple[int, ...]) -> Tensor:
        """The circular translation of the point axes by whole sites, one number an axis."""
        self._check_movable(values)
        whole_steps = isinstance(shifts, list | tuple) and all(isinstance(by, int | np.integer) for by in shifts)
        if not whole_steps or len(shifts) != self.dim:
            raise InputError(f"shifts={shifts!r}", f"{self.dim} whole numbers", "Give one an axis, 0 to stay.")
        return values.roll(shifts, tuple(range(values.dim() - self.dim, values.dim())))

    # ---- scale --------------------------------------------------------------------------------------------------
    def coarser(self) -> "Lattice":
        """The same domain one level up: half the sites along every axis."""
        return replace(self, level=self.level + 1)

    def finer(self) -> "Lattice":
        """The same domain one level down."""
        return replace(self, level=self.level - 1)

    def halvings_to(self, coarse: Domain) -> int | None:
        """How many times this lattice is halved to give `coarse`; None if it never is."""
        if not isinstance(coarse, Lattice) or replace(coarse, level=self.level) != self or coarse.level < self.level:
            return None
        return coarse.level - self.level

    def halve(self, values: Tensor, kind: str = "average", traced: bool = False) -> Tensor:
        """n → ⌈n/2⌉ on every axis: (x[::2] + x[1 − n % 2::2]) / 2, symmetric about the centre for every n.

        For even n pairs are averaged, for odd n every second site is taken; `kind="max"` takes the larger of a pair.
        One expression in n and no branch, so that one exported network is right for every size; `traced` asks for the
        way that is written into exported networks.
        """
        for axis in range(-self.dim, 0):
            first, second = pairs(values, axis, traced or torch.compiler.is_exporting())
            values = torch.maximum(first, second) if kind == "max" else (first + second) * 0.5
        return values

    def smooth(self, values: Tensor) -> Tensor:
        """The binomial low-pass [1 2 1]/4 along every axis, the border repeated: anti-aliased pooling begins so."""
        if self.dim == 2:  # where a depthwise convolution is the fastest way
            mode = "circular" if self.boundary == "periodic" else "replicate"
            line = values.new_tensor([0.25, 0.5, 0.25])
            return each_channel(F.pad(values, (1, 1, 1, 1), mode=mode), line[:, None] * line)
        for axis in range(2, 2 + self.dim):
            values = smoothed(values, axis, self.boundary == "periodic")
        return values

    def decimate(self, values: Tensor, traced: bool = False) -> Tensor:
        """`smooth`, then `halve`. On small grids as one product an axis with the matrix of both: several times faster.

        Compilers are shown the two steps, which are right for every size.
        """
        size = values.shape[-self.dim :]
        if traced or torch.compiler.is_compiling() or max(size) > SMALL:
            return self.halve(self.smooth(values), traced=traced)
        ring = self.boundary == "periodic"
        made = [torch.as_tensor(decimation(n, ring), dtype=values.dtype, device=values.device) for n in size]
        return along_axes(values, made)

    def halved_size(self, size: tuple[int, ...]) -> tuple[int, ...]:
        """The size of the grid that `halve` makes of one of this size."""
        return tuple((n + 1) // 2 for n in size)

    def doubled_size(self, size: tuple[int, ...]) -> tuple[int, ...]:
        """The size that a signal is brought back to where nothing else says which."""
        return tuple(2 * n for n in size)

    def enlarge(self, values: Tensor, size: tuple[int, ...]) -> Tensor:
        """⌈n/2⌉ → n on every axis by linear interpolation, symmetric about the centre: the way back from `halve`.

        It reads between where `halve` wrote: at pairs of sites for even n, at every second site for odd n. So shifts
        by two sites stay exact for both, which torch's own interpolation keeps for even n alone; on a ring it runs
        across the seam. One expression in n, as in `halve`.
        """
        axes = range(self.dim)
        for a in axes:
            values = between(values, 2 + a, size[a] % 2, self.boundary == "periodic")
        # The identity: it names the length by n, since symbolic shapes cannot see that 2⌈n/2⌉ is n + n % 2.
        values = F.interpolate(values, size=tuple(size[a] + size[a] % 2 + 2 for a in axes))
        for a in axes:
            values = values.narrow(2 + a, 1, size[a])
        return values

    def minimum_size(self, halvings: int, reach: int = 0) -> int:
        """The smallest size whose coarsest grid, after `halvings`, keeps 2 sites (periodic: `reach`) an axis."""
        coarsest = max(2, reach if self.boundary == "periodic" else 2)
        return (coarsest - 1) * 2**halvings + 1

    # ---- checks -------------------------------------------------------------------------------------------------
    def check_values(self, values: Tensor) -> None:
        if values.dim() != 2 + self.dim:
            raise InputError(
                f"values of shape {tuple(values.shape)}",
                f"[batch, channel{', n' * self.dim}] on {self!r}",
                "Add the missing axis, for one signal x[None].",
            )
        if 0 in tuple(values.shape[2:]):
            raise InputError(f"values of shape {tuple(values.shape)}", "at least one site an axis", "Give a signal.")

    def _check_movable(self, values: Tensor) -> None:
        instance("values", values, Tensor, InputError, "Convert with torch.as_tensor(values).")
        if values.is_sparse:
            raise InputError("a sparse tensor", "a dense one", "Convert with values.to_dense().")
        if values.dim() < self.dim:
            raise InputError(
                f"values of shape {tuple(values.shape)}", f"{self.dim} axes of points last", "Add the missing axes."
            )

    def _refusal(self, group: "Group") -> DomainError:
        largest = self.largest_subgroup(group)
        known = ", ".join(map(repr, preserving_named(replace(self, level=0)))) or "Trivial()"
        turned = f"; or, as approximate, one that turns its space, such as SO({self.dim})"
        if self.cartesian(group.identity) is None:
            return DomainError(
                f"{group!r}, which moves {group.dimension} dimensions, on {self!r}",
                f"a group that maps the lattice to itself: {known}, or a part of one"
                f"{turned if self.dim > 1 and not self.causal else ''}",
                f"The largest subgroup that does is {largest!r}; say another motion by action={{generator: matrix}}.",
            )
        approximate = " As approximate, er.derive and SteerableConv take it, and domain.warp moves by it."
        return DomainError(
            f"{group!r} on {self!r}{self._uneven(group)}",
            f"a group that maps the lattice to itself: {known}, or a part of one",
            f"The largest subgroup that does is {_called(largest, group)}.{approximate * self._is_moved(group)}",
        )

    def _uneven(self, group: "Group") -> str:
        """That the spacing is what breaks the group, where the same lattice with equal spacing keeps it."""
        if self.spacing is None or not replace(self, spacing=None).preserves(group):
            return ""
        matrices = [replace(self, spacing=None).matrix(g) for g in group.generators if integral_matrix(self, g) is None]
        exchanged = {(int(i), int(j)) for m in matrices for i, j in np.argwhere(m)}
        a, b = min((i, j) for i, j in exchanged if self.spacing[i] > self.spacing[j])
        lengths = ", ".join(_told_apart(self.spacing, 6))
        ratio, _ = _told_apart((self.spacing[a] / self.spacing[b], 1.0), 3)
        longer = f"{ratio} times as long along axis {a} as along axis {b}"
        steps = {2: "pixels", 3: "voxels"}[self.dim]
        return f", where the spacing ({lengths}) makes {steps} {longer}, which {group!r} exchanges"

    def __repr__(self) -> str:
        given = self._given()
        if self.level:
            given.append(f"level={self.level}")
        return f"{type(self).__name__}({', '.join(given)})"

    def _given(self) -> list[str]:
        given = [] if self.boundary == "open" else [f"boundary={self.boundary!r}"]
        if self.spacing is not None:
            given.append(f"spacing={self.spacing}")
        if self.action is not None:
            given.append("action=…")
        return given


def _told_apart(numbers: tuple[float, ...], digits: int) -> list[str]:
    """The numbers with so many digits, or with as many as it takes for different ones to look different."""
    texts = [f"{number:.{digits}g}" for number in numbers]
    alike = len(set(texts)) < len(set(numbers)) and digits < EXACT_DIGITS
    return _told_apart(numbers, digits + 1) if alike else texts


def _called(largest: "Group", group: "Group") -> str:
    """How to write a subgroup; one without a name of its own is asked of the domain."""
    if ".subgroup(" not in repr(largest):
        return repr(largest)
    return f"{largest!r}, {largest.order} elements, as domain.largest_subgroup({group!r})"


def _lengths(spacing: Any, dim: int) -> tuple[float, ...]:
    """One positive finite length an axis; a single number stands for all of them."""
    given = as_array(spacing)
    lengths = () if given is None or given.ndim > 1 else tuple(np.atleast_1d(given).tolist())
    lengths = lengths * dim if given is not None and given.ndim == 0 else lengths
    if len(lengths) != dim or not all(0 < s < np.inf for s in lengths):
        raise DomainError(f"spacing={spacing!r}", f"{dim} positive lengths", "Give one length an axis.")
    return lengths
