"""From a signal on the sphere to one answer that moves with it, read off the coefficients that can tell."""

from collections import Counter
from collections.abc import Hashable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from erlangen.domains import Point, Sphere
from erlangen.domains.spherical_transform import in_order, up_to
from erlangen.errors import InputError, RepresentationError, SpaceError
from erlangen.given import flag, number, whole
from erlangen.layers._base import Footprint, Layer, Reason, require_space
from erlangen.layers._constants import Constants
from erlangen.layers.linear._kernel import bias_of
from erlangen.representations import Representation
from erlangen.signal import Space
from erlangen.solve.from_degrees import Reading, from_degrees
from erlangen.solve.on_sphere import adapted, kinds

Array = np.ndarray
Kind = tuple[bool, int]


class Part(NamedTuple):
    """Weights between `copies` of a field and some channels: of each degree the buffer of its maps, how many, and l."""

    copies: int
    channels: int
    dim: int
    degrees: tuple[tuple[str, int, int], ...]

    @property
    def sizes(self) -> list[int]:
        """How many weights there are of each degree."""
        return [self.copies * self.channels * maps for _, maps, _ in self.degrees]


class SphereToPoint(Constants, Layer):
    """y = Σ_l W_l c_l + b with W_l D_l(g) = ρ(g) W_l: all linear maps from the coefficients up to `band` to one answer.

    Such as the direction of a source or the axis of a planet: under SO(3) irrep(l) is read off degree l, a matrix over
    channels; a vector is what weighs the points by where they are, y_i = mean_u K x(u) u_i. Under O(3) the parity is
    that of the harmonics, (−1)^l, of scalars and of gradients, and the other of curls and of what changes its sign in
    mirrors. About the polar axis irrep(m) is read off the order m of all degrees l ≥ m, and under finite groups off
    every irrep of the kind in each degree. On the trivial representation it says what `DomainPool` does under SO(3),
    and more under smaller groups, which tell latitudes apart.

    `band` is by default that of the domain, else 16. At initialisation y has second moment gain² in every channel where
    x has second moment 1, of which every degree up to the band has the same share. A grid that lacks the degrees that y
    needs is refused.

    Shapes: `[b, source.channels, latitude, longitude]` → `[b, target.channels]`.
    Raises RepresentationError for fields that no degree up to the band can tell.

    >>> import torch, erlangen as er
    >>> maps = er.Space(er.Sphere(), 4 * er.SO(3).trivial)
    >>> direction = er.layers.SphereToPoint(maps, er.Space(er.domains.Point(), er.SO(3).irrep(1)), band=3)
    >>> direction(torch.randn(2, 4, 12, 24)).shape, direction.free_weights()
    (torch.Size([2, 3]), 4)

    Esteves, Makadia, Daniilidis 2020, arXiv:2006.10731; Schur 1905.
    """

    options = ("band", "gain")
    order: Tensor

    def __init__(self, source: Space, target: Space, band: int | None = None, bias: bool = True, gain: float = 1.0):
        domain = require_space("SphereToPoint", source).domain
        super().__init__(source, target)
        if not isinstance(domain, Sphere) or target.domain != Point():
            raise SpaceError(
                f"SphereToPoint from {source!r} to {target!r}", "a sphere and one point", "Take er.layers.linear."
            )
        domain.check_group(source.group)
        self.domain = domain
        self.band = domain.degrees if band is None else whole("band", band, InputError, least=0)
        self.gain = number("gain", gain, InputError, mend="Behind a ReLU it is √2.")
        of_channels = kinds(domain, source.rho)
        self.kinds = tuple(dict.fromkeys(of_channels))
        read = [[self._readings(field, kind) for kind in self.kinds] for field, _ in target.rho.fields]
        for (field, _), row in zip(target.rho.fields, read, strict=True):
            self._require(field, row)
        self.needs = max(min(reading.degree for readings in row for reading in readings) for row in read)
        self.sees = max(reading.degree for row in read for readings in row for reading in readings)
        self.way = adapted(domain, source.group, *self.kinds[0], self.band).way
        self._fill(read, [of_channels.count(kind) for kind in self.kinds])
        order = np.argsort([self.kinds.index(kind) for kind in of_channels], kind="stable").argsort()
        self.hold(self._maps | ({} if (order == np.arange(len(order))).all() else {"order": order}))
        self.bias = bias_of(target.rho, flag("bias", bias, InputError))

    def _readings(self, field: Representation, kind: Kind) -> tuple[Reading, ...]:
        return from_degrees(self.domain, field, *kind, self.band)

    def _require(self, field: Representation, row: Sequence[tuple[Reading, ...]]) -> None:
        if not any(row):
            raise RepresentationError(
                f"{field} of {self.source!r}, read off the degrees up to {self.band}",
                "an answer that some of them can give",
                "Every such map is zero: take a higher band, or for what mirrors move the other way channels that they "
                "change: er.Sphere().vectors(G), or G.sign.",
            )

    # ---- the weights -----------------------------------------------------------------------------------------------
    def _fill(self, read: Sequence[Sequence[tuple[Reading, ...]]], channels: Sequence[int]) -> None:
        """The parts, row by row of the target's fields, with their maps and weights."""
        self._maps: dict[str, Array] = {}
        self.parts: list[list[Part]] = []
        drawn: list[Array] = []
        for i, ((field, copies), row) in enumerate(zip(self.target.rho.fields, read, strict=True)):
            count = _how_often(row, channels)
            self.parts.append([])
            for j, readings in enumerate(row):
                degrees = []
                for l, found in groupby(readings, key=lambda reading: reading.degree):
                    same, name = list(found), f"maps_{i}_{j}_{l}"
                    self._maps[name] = np.concatenate([reading.maps for reading in same])
                    each = [np.full(len(r.maps), self._deviation(r, count[r.irrep], self.kinds[j])) for r in same]
                    degrees.append((name, len(self._maps[name]), l))
                    drawn.append(np.tile(np.concatenate(each), copies * channels[j]))
                self.parts[-1].append(Part(copies, channels[j], field.dim, tuple(degrees)))
        deviation = torch.as_tensor(np.concatenate(drawn), dtype=torch.get_default_dtype())
        self.weight = nn.Parameter(torch.randn(len(deviation)) * deviation)

    def _deviation(self, reading: Reading, count: int, kind: Kind) -> float:
        """Of each weight: `count` copies of the irrep, whose degrees have equal power each, add up to gain²."""
        degrees = self.band + 1 - kind[1]
        return self.gain * (reading.share * degrees * (2 * reading.degree + 1) / count) ** 0.5

    def matrix(self) -> Tensor:
        """The map from all coefficients up to degree `sees`, `[target.channels, source.channels · (sees + 1)²]`."""
        weights = iter(self.weight.split([size for row in self.parts for part in row for size in part.sizes]))
        rows = [torch.cat([self._part(part, weights) for part in row], dim=1) for row in self.parts]
        made = torch.cat(rows)
        made = made.index_select(1, self.order) if "order" in self._constants else made
        return made.flatten(1)

    def _part(self, part: Part, weights: Any) -> Tensor:
        """`[copies · dim, channels, n]`."""
        blocks = [self.weight.new_zeros(part.copies * part.dim, part.channels, 2 * l + 1) for l in range(self.sees + 1)]
        for name, maps, l in part.degrees:
            weight = next(weights).reshape(part.copies, part.channels, maps)
            blocks[l] = torch.einsum("ock,kim->oicm", weight, getattr(self, name)).flatten(0, 1)
        return torch.cat(blocks, dim=2)

    # ---- the map ---------------------------------------------------------------------------------------------------
    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        self._require_degrees(self.domain.size_of(values))
        spectrum = self.domain.spectrum(values, self.sees, self.source.rho)
        coefficients = in_order(up_to(spectrum, self.sees)).flatten(1)
        return F.linear(coefficients, self.matrix(), None if self.bias is None else self.bias())

    def _require_degrees(self, size: tuple[int, ...]) -> None:
        if self.domain.holds(size) < self.needs:
            least = " × ".join(map(str, self.domain.smallest(self.needs)))
            raise InputError(
                f"a grid of {' × '.join(map(str, size))}, which holds degrees up to {self.domain.holds(size)}",
                f"one that holds degree {self.needs}, off which {self.target.rho} is read: {least} or finer",
                "Sample the signals more finely.",
            )

    # ---- what it says of itself ------------------------------------------------------------------------------------
    def choices(self) -> dict[str, Any]:
        return {**super().choices(), "bias": self.bias is not None}

    def reason(self) -> Reason:
        degrees = sorted({l for row in self.parts for part in row for _, _, l in part.degrees})
        read = f"read off the degrees {', '.join(map(str, degrees))}"
        solver = "closed form: an irrep at one point hears its own copies in the harmonics alone"
        by_numbers = "the irreps in each degree, found by numbers, each to its like at one point"
        return Reason(
            prior="the task asks for one answer for the whole signal, which moves as it does",
            law="W D(g) = ρ(g) W on the coefficients of all degrees",
            solver=f"{solver if self.way in ('degrees', 'orders') else by_numbers}; {read}",
            reference="Schur 1905",
        )

    def footprint(self) -> Footprint:
        return Footprint(None)

    def unconstrained_weights(self) -> int:
        numbers = sum((self.band + 1) ** 2 - least for _, least in kinds(self.domain, self.source.rho))
        return self.target.channels * (numbers + (self.bias is not None))


def _how_often(row: Sequence[tuple[Reading, ...]], channels: Sequence[int]) -> Counter[Hashable]:
    """How many copies of each irrep there are in all channels."""
    found: Counter[Hashable] = Counter()
    for readings, count in zip(row, channels, strict=True):
        for reading in readings:
            found[reading.irrep] += count
    return found
