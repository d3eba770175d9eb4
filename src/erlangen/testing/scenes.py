"""Analytic scenes: formulas that are moved exactly and only then sampled, so that no motion has an interpolation floor.

x(u) = f(A⁻¹(u − t)) at the sites u of a lattice: a turn by any angle, a mirror, a shift by any amount and a change of
scale are all changes of (A, t).
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from erlangen.domains import Dna, Lattice
from erlangen.errors import DomainError, InputError
from erlangen.given import flag, instance, number, whole
from erlangen.groups import Element
from erlangen.testing.profiles import Objects, drawn


def scene(
    domain: Lattice,
    *,
    n: int = 16,
    channels: int = 1,
    blobs: int = 3,
    discs: int = 1,
    boxes: int = 1,
    round_blobs: bool = False,
    seed: int = 0,
) -> "Scene":
    """f(u) = Σ_k a_k φ(L_k (u − c_k)): n random scenes of Gaussian blobs, and of ellipsoids and boxes with soft edges.

    Lengths are in units of the radius of the largest ball inside the grid, so that one scene has samples of any size;
    centres lie within ½ of the middle, half widths are 0.1 to 0.25. `round_blobs` makes all blobs isotropic.
    Raises DomainError on what has no points between its sites.

    >>> import torch, erlangen as er
    >>> s = er.testing.scene(er.Grid(2), n=2)
    >>> g = er.C(4).generators[0]
    >>> s(32).shape, torch.allclose(s.moved(g)(32), torch.rot90(s(32), 1, (2, 3)), atol=1e-6)
    (torch.Size([2, 1, 32, 32]), True)
    """
    if not isinstance(domain, Lattice) or isinstance(domain, Dna):
        raise DomainError(
            f"a scene on {domain!r}", "a lattice whose signals are sampled functions", "For pictures: er.Grid(2)."
        )
    counts = {"blob": blobs, "disc": discs, "box": boxes}
    for kind, count in counts.items():
        whole({"box": "boxes"}.get(kind, f"{kind}s"), count, InputError, least=0)
    if not sum(counts.values()):
        raise InputError("an empty scene", "at least one blob, disc or box", "For example blobs=3.")
    generator = torch.Generator().manual_seed(whole("seed", seed, InputError, least=0))
    flag("round_blobs", round_blobs, InputError)
    size = (whole("n", n, InputError), whole("channels", channels, InputError), domain.dim)
    things = [
        drawn(kind, count, *size, generator, round_blobs and kind == "blob") for kind, count in counts.items() if count
    ]
    return Scene(domain, tuple(things), np.eye(domain.dim), np.zeros(domain.dim))


@dataclass(frozen=True, eq=False)
class Scene:
    """x(u) = f(A⁻¹(u − t)): the things of a scene, and the motion that has been done to them so far.

    >>> import erlangen as er
    >>> scene = er.testing.scene(er.Grid(2), n=2)
    >>> isinstance(scene, er.testing.Scene), scene(16).shape, scene(33).shape
    (True, torch.Size([2, 1, 16, 16]), torch.Size([2, 1, 33, 33]))
    """

    domain: Lattice
    things: tuple[Objects, ...]
    linear: np.ndarray
    offset: np.ndarray

    def __call__(self, size: Any, *, area: bool = False, dtype: torch.dtype | None = None) -> Tensor:
        """The values at the sites, `[n, c, n₁ … n_d]`; with `area` their means over pixels, for round blobs on grids.

        Raises InputError for a size that the domain does not have, and for areas that have no closed form.
        """
        sizes = self._sizes(size)
        places = self._places(sizes)
        values = self._means(places, sizes) if area else self._points(places)
        values = values.reshape(*values.shape[:2], *sizes).to(dtype or torch.get_default_dtype())
        return self.domain.clear(values)

    def at(self, size: Any, *, area: bool = False, dtype: torch.dtype | None = None) -> "Sampled":
        """The samples of this size as inputs that remember their scene: `er.audit(model, domain, group, s.at(32))`."""
        self._sizes(size)
        return Sampled(self, size, area, dtype)

    # ---- motions ------------------------------------------------------------------------------------------------
    def moved(self, g: Element) -> "Scene":
        """(g·x)(u) = x(g⁻¹u), exactly, for an element of any group that acts on the domain's space."""
        instance("g", g, Element, InputError, "Take one such as er.SO(2).element(0.3).")
        matrix = self.domain.cartesian(g)
        if matrix is None:
            raise DomainError(
                f"{g!r} on {self.domain!r}", f"a motion of {self.domain.dim}-dimensional space", "For planes: er.O(2)."
            )
        return replace(self, linear=matrix @ self.linear, offset=matrix @ self.offset)

    def shifted(self, vector: Any) -> "Scene":
        """x(u − v), v in units of the scene; `step(size)` is the distance of neighbouring sites in these.

        >>> from erlangen.domains import Grid
        >>> s = scene(Grid(1), n=1)
        >>> moved = s.shifted([3 * s.step(64)])
        >>> torch.allclose(moved(64)[..., 3:], s(64)[..., :-3], atol=1e-6)
        True
        """
        along = np.asarray(vector, dtype=np.float64)
        if along.shape != (self.domain.dim,) or not np.isfinite(along).all():
            raise InputError(f"the shift {vector!r}", f"{self.domain.dim} finite numbers", "Give one an axis of space.")
        return replace(self, offset=self.offset + along)

    def scaled(self, factor: float) -> "Scene":
        """x(u / s): everything s times as large, about the middle."""
        by = number("factor", factor, InputError, least=1e-6, mend="2 is twice as large.")
        return replace(self, linear=by * self.linear, offset=by * self.offset)

    def step(self, size: Any) -> float:
        """How far one step of the lattice, of length 1, goes in a sample of this size."""
        sizes = self._sizes(size)
        inverse = np.linalg.inv(self.domain.basis)
        return float(1 / min(n / 2 / np.linalg.norm(row) for n, row in zip(sizes, inverse, strict=True)))

    # ---- sampling -----------------------------------------------------------------------------------------------
    def _sizes(self, size: Any) -> tuple[int, ...]:
        sizes = tuple(size) if isinstance(size, tuple | list) else (size,) * self.domain.dim
        if len(sizes) != self.domain.dim:
            raise InputError(f"size={size!r}", f"one number, or {self.domain.dim} of them", "For example 32.")
        sizes = tuple(whole("size", n, InputError) for n in sizes)
        self.domain.check_values(torch.empty(1, 1, *sizes, device="meta"))
        return sizes

    def _places(self, sizes: tuple[int, ...]) -> np.ndarray:
        """The places of the sites in space, `[P, d]`."""
        centred = [np.arange(n) - (n - 1) / 2 for n in sizes]
        sites = np.stack(np.meshgrid(*centred, indexing="ij"), axis=-1).reshape(-1, len(sizes))
        return self.step(sizes) * sites @ self.domain.basis.T

    def _points(self, places: np.ndarray) -> Tensor:
        own = torch.from_numpy(np.linalg.solve(self.linear, (places - self.offset).T).T.copy())
        return torch.stack([things.at(own) for things in self.things]).sum(0)

    def _means(self, places: np.ndarray, sizes: tuple[int, ...]) -> Tensor:
        """Π_a σ √(π/2) [erf((u + w/2 − c) / √2 σ) − erf((u − w/2 − c) / √2 σ)] / w: a round blob's mean over pixels."""
        scale = abs(np.linalg.det(self.linear)) ** (1 / self.domain.dim)
        basis = self.step(sizes) * self.domain.basis
        even = np.allclose(self.linear @ self.linear.T, scale**2 * np.eye(self.domain.dim), atol=1e-9)
        widths = [things.widths() for things in self.things]
        if not even or not np.allclose(basis, np.diag(np.diag(basis))) or any(width is None for width in widths):
            raise InputError(
                "a scene sampled by area",
                "round blobs on a grid of boxes, turned and scaled evenly: no others have a closed form",
                "Make it with blobs=…, discs=0, boxes=0, round_blobs=True.",
            )
        at, half = torch.from_numpy(places), torch.from_numpy(np.diag(basis) / 2)
        matrix, offset = torch.from_numpy(self.linear), torch.from_numpy(self.offset)
        total = torch.zeros(())
        for things, width in zip(self.things, widths, strict=True):
            assert width is not None
            sigma = scale * width[:, :, None, None]
            apart = at - (things.centre @ matrix.T + offset)[:, :, None]
            ends = [torch.special.erf((apart + sign * half) / (math.sqrt(2) * sigma)) for sign in (1, -1)]
            means = (sigma * math.sqrt(math.pi / 2) * (ends[0] - ends[1]) / (2 * half)).prod(-1)
            total = total + things.amplitude @ means
        return total


@dataclass(frozen=True, eq=False)
class Sampled:
    """S s: what is moved is the scene, and then it is sampled again."""

    scene: Scene
    size: Any
    area: bool = False
    dtype: torch.dtype | None = None

    @property
    def domain(self) -> Lattice:
        """Where the scene is sampled."""
        return self.scene.domain

    @property
    def values(self) -> Tensor:
        """The samples, `[n, c, n₁ … n_d]`."""
        return self.scene(self.size, area=self.area, dtype=self.dtype)

    def moved(self, g: Element) -> "Sampled":
        """S(g·s)."""
        return replace(self, scene=self.scene.moved(g))

    def shifted(self, sites: Any) -> "Sampled":
        """S(x(u − v)), v in sites of this sample, one number an axis, whole or not.

        >>> from erlangen.domains import Grid
        >>> s = scene(Grid(1), n=1).at(64)
        >>> torch.allclose(s.shifted([3]).values[..., 3:], s.values[..., :-3], atol=1e-6)
        True
        """
        along = np.asarray(sites, dtype=np.float64)
        if along.shape != (self.domain.dim,):
            raise InputError(f"the shift {sites!r}", f"{self.domain.dim} numbers of sites", "Give one an axis.")
        return replace(self, scene=self.scene.shifted(self.scene.step(self.size) * self.domain.basis @ along))
