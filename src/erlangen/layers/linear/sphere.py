"""Convolution on the sphere: each irrep among the harmonics by a matrix of its own over its copies."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.domains import Sphere
from erlangen.domains.spherical_transform import by_orders, in_order, up_to
from erlangen.errors import InputError, SpaceError
from erlangen.given import flag, number, whole
from erlangen.layers._base import Reason, require_space
from erlangen.layers._constants import Constants
from erlangen.layers._harmonic import Harmonic, plus_constant
from erlangen.layers.linear._irreps_on_sphere import Layout, Rows, deviations
from erlangen.signal import Space
from erlangen.solve.on_sphere import WAYS


class Step(NamedTuple):
    """Of one irrep of the target: what commutes with it, its copies there and in the source, its dimension."""

    kinds: int
    target: int
    source: int
    dim: int
    is_trivial: bool


class SphereConv(Constants, Harmonic):
    """c ↦ W c, W the linear maps between coefficients of degrees up to `band` that commute with the group: all of them.

    Fields are scalars, scalars that change their sign in mirrors (`G.sign`), and tangent vectors, whose coefficients
    are those of gradients and of curls. By the group,

    - SO(3): c_l ↦ W_l c_l, one matrix over channels a degree, (K ⋆ x)(u) = mean_v K(u·v) x(v) with K(t) =
      Σ_l W_l (2l+1) P_l(t); scalars, gradients and curls mix. Under O(3) curls mix with what changes its sign alone;
    - turns about the polar axis, SO(2), and those of them in C(n): for each order m any degrees l, l′ ≥ |m| mix, by
      complex numbers: a filter for each latitude, with winds and gradients to the east told from those to the west. A
      mirror, in O(2) and D(n), leaves real numbers;
    - other finite groups of isometries: the irreps in each degree, found by numbers.

    Where degrees mix, `reach` bounds how far apart they are: multiplying by sin(latitude) joins neighbours, reach=1.
    They are free of one another: no smoothness follows from the symmetry, and a low band costs few weights. `band` is
    by default that of the domain, else 16; degrees beyond it are left out, those that a coarse grid lacks are not
    asked: one layer is right for every grid. Infinite groups about another axis have the maps of SO(3) or O(3), exact
    and not all; `reason()` says so.

    At initialisation the mean of y² over the sphere and channels is gain² times that of x² up to the band, whatever
    the spectrum under SO(3). The bias is what the group leaves as it is: a constant, about the polar axis a function
    of latitude.

    Shapes: `[b, source.channels, latitude, longitude]` → `[b, target.channels, latitude, longitude]`.
    Raises RepresentationError for other fields, SpaceError where source and target are not on one sphere.

    >>> import torch, erlangen as er
    >>> scalars = er.Space(er.Sphere(), 2 * er.SO(3).trivial)
    >>> conv = er.layers.SphereConv(scalars, scalars, band=5, bias=False)
    >>> conv(torch.randn(1, 2, 12, 24)).shape, conv.free_weights()
    (torch.Size([1, 2, 12, 24]), 24)
    >>> winds = er.Space(er.Sphere(), er.Sphere().vectors(er.SO(3)))
    >>> er.layers.SphereConv(scalars, winds, band=5, bias=False).free_weights()  # to gradients and curls of 1 … 5
    20

    Esteves et al. 2018, arXiv:1711.06721; Esteves, Makadia, Daniilidis 2020, arXiv:2006.10731.
    """

    options = ("band", "gain", "reach")
    take: Tensor
    give: Tensor
    places: Tensor
    spread: Tensor
    constant: Tensor

    def __init__(
        self,
        source: Space,
        target: Space,
        band: int | None = None,
        bias: bool = True,
        gain: float = 1.0,
        reach: int | None = None,
    ):
        domain = require_space("SphereConv", source).domain
        super().__init__(source, target)
        if not isinstance(domain, Sphere) or target.domain != domain:
            raise SpaceError(f"SphereConv from {source!r} to {target!r}", "one sphere", "Pool or upsample first.")
        domain.check_group(source.group)
        self.domain = domain
        self.band = domain.degrees if band is None else whole("band", band, InputError, least=0)
        self.gain = number("gain", gain, InputError, mend="Behind a ReLU it is √2.")
        self.reach = None if reach is None else whole("reach", reach, InputError, least=0)
        self.there, self.back = (Layout(domain, space.rho, self.band) for space in (source, target))
        self.channels: dict[str, list[list[int]]] = {}
        self.by_degrees = self.there.keeps_degrees
        self.steps = () if self.by_degrees else self._steps()
        self.hold(self._arrays())
        self.weight = nn.Parameter(self._drawn())
        count = sum(len(rows.degrees) for rows in self.back.rows.values() if rows.copies.is_trivial)
        self.bias = nn.Parameter(torch.zeros(count)) if flag("bias", bias, InputError) else None

    # ---- the weights -----------------------------------------------------------------------------------------------
    def _pairs(self) -> list[tuple[Rows, Rows]]:
        """(rows of the source, rows of the target) of each irrep that both have."""
        return [(self.there.rows[irrep], rows) for irrep, rows in self.back.rows.items() if irrep in self.there.rows]

    def _arrays(self) -> dict[str, np.ndarray]:
        if self.by_degrees:
            return self._spread()
        pairs = self._pairs()
        take = np.concatenate([np.zeros(0, dtype=int), *(a.places.ravel() for a, _ in pairs)])
        taken = np.concatenate([np.zeros(0), *(a.signs.ravel() for a, _ in pairs)])
        where, signs = self.back.places()
        give = np.full(self.target.channels * self.back.coordinates, len(where))  # nought where there is no row
        given = np.ones(len(give))
        give[where], given[where] = np.arange(len(where)), signs
        held = {"take": take, "give": give}
        held |= {name: signs for name, signs in (("taken", taken), ("given", given)) if (signs < 0).any()}
        for name, layout in (("there_by", self.there), ("back_by", self.back)):
            changes = layout.changes()
            if changes is not None:
                held[name], kind = changes
                self.channels[name] = [np.flatnonzero(kind == k).tolist() for k in range(len(held[name]))]
        for i, rows in enumerate(self.back.rows.values()):
            if self.steps[i].source and self.steps[i].kinds > 1:
                held[f"commutant_{i}"] = rows.copies.commutant
        deviation = [deviations(*pair, self.reach).ravel() for pair in pairs]
        self.deviation = np.concatenate([np.zeros(0), *deviation]) * self.gain
        if self.reach is not None:
            free = self.deviation > 0
            held["places"] = np.where(free, np.cumsum(free) - 1, free.sum())
        return held

    def _spread(self) -> dict[str, np.ndarray]:
        """Where each number of the matrices `[degree, out, in]` stands among the weights; behind the last for noughts.

        And which channels have a bias.
        """
        pairs = self._pairs()
        sizes = np.cumsum([0, *(len(a.degrees) * len(b.degrees) for a, b in pairs)])
        spread = np.full((self.band + 1, self.target.channels, self.source.channels), sizes[-1])
        for first, last, (a, b) in zip(sizes, sizes[1:], pairs, strict=False):
            spread[a.degrees[0], b.channels[:, None], a.channels] = np.arange(first, last).reshape(
                len(b.channels), len(a.channels)
            )
        deviation = [deviations(*pair, None).ravel() for pair in pairs]
        self.deviation = np.concatenate([np.zeros(0), *deviation]) * self.gain
        constant = [rows.channels for rows in self.back.rows.values() if rows.copies.is_trivial]
        held = {"constant": np.concatenate([np.zeros(0, dtype=int), *constant])}
        whole = (spread.ravel() == np.arange(spread.size)).all()
        return held if whole else {**held, "spread": spread.ravel()}

    def _drawn(self) -> Tensor:
        deviation = torch.as_tensor(self.deviation[self.deviation > 0], dtype=torch.get_default_dtype())
        return torch.randn(len(deviation)) * deviation

    def _steps(self) -> tuple[Step, ...]:
        """What is done for each irrep of the target, in numbers alone."""
        found = []
        for irrep, rows in self.back.rows.items():
            source = self.there.rows.get(irrep)
            of_source = 0 if source is None else len(source.degrees)
            found.append(
                Step(len(rows.copies.commutant), len(rows.degrees), of_source, rows.dim, rows.copies.is_trivial)
            )
        return tuple(found)

    # ---- the map ---------------------------------------------------------------------------------------------------
    @property
    def sees(self) -> int:
        return self.band

    def through(self, spectrum: Tensor) -> Tensor:
        if self.by_degrees:
            return self._by_degree(spectrum)
        coefficients = in_order(up_to(spectrum, self.band))
        rows = self._changed(coefficients, "there_by").flatten(1).T.index_select(0, self.take)
        rows = self._signed(rows, "taken")
        answer = torch.cat([*self._mixed(rows), rows.new_zeros(1, rows.shape[1])])
        answer = self._signed(answer.index_select(0, self.give), "given")
        coefficients = self._changed(answer.T.unflatten(1, (self.target.channels, -1)), "back_by")
        return up_to(by_orders(coefficients), spectrum.shape[-1] - 1)

    def _by_degree(self, spectrum: Tensor) -> Tensor:
        """One matrix a degree for all orders at once."""
        seen = min(self.band, spectrum.shape[-1] - 1)
        weight = self.weight
        if "spread" in self._constants:
            weight = torch.cat([weight, weight.new_zeros(1)]).index_select(0, self.spread)
        weight = weight.reshape(self.band + 1, self.target.channels, self.source.channels)
        mixed = torch.einsum("loc,bclpm->bolpm", weight[: seen + 1], up_to(spectrum, seen))
        if self.bias is not None:
            constant = mixed.new_zeros(self.target.channels).index_copy(0, self.constant, self.bias.to(mixed.dtype))
            mixed = plus_constant(mixed, constant)
        return up_to(mixed, spectrum.shape[-1] - 1)

    def _changed(self, coefficients: Tensor, by: str) -> Tensor:
        """Coefficients `[b, c, …]` in the coordinates of irreps found by numbers, and back; else as they are."""
        if by not in self._constants:
            return coefficients
        changes = getattr(self, by).to(coefficients.dtype)
        changes = changes.mT if by == "there_by" else changes
        channels = self.channels[by]
        parts = [coefficients[:, there] @ change for there, change in zip(channels, changes, strict=True)]
        order = sorted(range(coefficients.shape[1]), key=[c for there in channels for c in there].__getitem__)
        return torch.cat(parts, dim=1)[:, order]

    def _signed(self, rows: Tensor, by: str) -> Tensor:
        return rows * getattr(self, by).to(rows.dtype)[:, None] if by in self._constants else rows

    def _mixed(self, rows: Tensor) -> list[Tensor]:
        """The rows of the answer, irrep by irrep: Σ_k W_k x E_kᵀ of its copies, x `[row, dim · batch]`."""
        weight = self.weight
        if self.reach is not None:
            weight = torch.cat([weight, weight.new_zeros(1)]).index_select(0, self.places)
        batch, made = rows.shape[1], []
        parts = rows.split([step.source * step.dim for step in self.steps])
        weights = weight.split([step.kinds * step.target * step.source for step in self.steps])
        for i, step in enumerate(self.steps):
            if not step.source:
                made.append(rows.new_zeros(step.target * step.dim, batch))
            elif step.kinds == 1:
                made.append(weights[i].reshape(step.target, -1) @ parts[i].reshape(step.source, step.dim * batch))
            else:
                along = getattr(self, f"commutant_{i}").to(rows.dtype)
                turned = torch.einsum("kij,rjb->krib", along, parts[i].reshape(step.source, step.dim, batch))
                each = weights[i].reshape(step.kinds, step.target, -1)
                made.append(torch.einsum("kor,krx->ox", each, turned.flatten(2)))
            made[-1] = made[-1].reshape(step.target * step.dim, batch)
            if self.bias is not None and step.is_trivial:
                made[-1] = made[-1] + self.bias[:, None]
        return made

    # ---- what it says of itself ------------------------------------------------------------------------------------
    @property
    def is_linear(self) -> bool:
        return self.bias is None

    def choices(self) -> dict[str, object]:
        return {**super().choices(), "bias": self.bias is not None}

    def reason(self) -> Reason:
        way = self.there.way
        prior = {
            "orders": "symmetry: one filter for each latitude, moved along it",
            "numbers": "symmetry: one filter for places that the group does not exchange, moved to those that it does",
        }.get(way, "symmetry: one filter, moved to every place of the sphere; it looks alike in all directions")
        return Reason(
            prior=prior,
            law="W D(g) = D(g) W on the coefficients of all degrees",
            solver=WAYS[way].format(group=self.source.group.label),
            reference="Esteves et al. 2018, arXiv:1711.06721",
        )

    def unconstrained_weights(self) -> int:
        biases = 0 if self.bias is None else self.back.numbers
        return self.there.numbers * self.back.numbers + biases
