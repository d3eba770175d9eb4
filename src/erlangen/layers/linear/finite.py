"""The linear maps between signals on finite domains: one free weight, or matrix, for each orbit of pairs of points."""

from typing import Any

from torch import Tensor, nn

from erlangen.domains import Finite, Point
from erlangen.errors import SpaceError
from erlangen.layers._base import Footprint, Layer, Reason, require_space
from erlangen.layers._vectors import as_vectors
from erlangen.layers.linear.dense import Dense
from erlangen.signal import Space


class FiniteLinear(Layer):
    """y_i = Σ_j W[i, j] x_j + b_i with W[g·i, g·j] = ρ_out(g) W[i, j] ρ_in(g)⁻¹ and b_{g·i} = ρ_out(g) b_i.

    All such maps: where channels are scalars, one free weight for each orbit of the group on pairs of points and each
    pair of channels. A signal `[channel, n]` is a vector that moves by ρ ⊗ (the action on points), so the maps are
    those of `Dense` between such vectors. Either end may be a `Point`, for readings of the whole and what is made of
    one. `relaxed` as of `Dense`.

    Shapes: `[b, c, n]` → `[b, c′, n′]`. Raises SpaceError where no end is a finite domain.

    >>> import erlangen as er
    >>> ring = er.Finite(er.C(5), [(1, 2, 3, 4, 0)])
    >>> layer = er.layers.linear(er.Space(ring, er.C(5).trivial), er.Space(ring, er.C(5).trivial), bias=False)
    >>> layer.free_weights()  # a circular convolution
    5

    Ravanbakhsh, Schneider, Póczos 2017, arXiv:1702.08389; Zaheer et al. 2017, arXiv:1703.06114.
    """

    def __init__(
        self,
        source: Space,
        target: Space,
        bias: bool | str = True,
        gain: float = 1.0,
        offset: float = 0.0,
        relaxed: float | None = None,
    ):
        domains = [require_space("FiniteLinear", space).domain for space in (source, target)]
        if not all(isinstance(domain, Finite | Point) for domain in domains):
            raise SpaceError(
                f"FiniteLinear from {source!r} to {target!r}", "finite domains, or one point", "Take er.layers.linear."
            )
        super().__init__(source, target)
        self.dense = Dense(as_vectors(source), as_vectors(target), bias, gain, offset=offset, relaxed=relaxed)
        self.gain, self.offset = gain, offset

    def weight(self) -> Tensor:
        """The full matrix, `[c′·n′, c·n]`."""
        return self.dense.weight()

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        made = self.dense.compute(values.flatten(1))
        return made.unflatten(1, (self.target.channels, -1)) if self.target.domain.axes else made

    @property
    def is_linear(self) -> bool:
        return self.dense.is_linear

    def choices(self) -> dict[str, Any]:
        free = {} if self.dense.relaxed is None else {"relaxed": self.dense.relaxed}
        return {"bias": self.dense.biased, "gain": self.gain, "offset": self.offset, **free}

    def reason(self) -> Reason:
        within = self.dense.reason()
        return Reason(
            prior="points that the group carries to one another are treated alike, and so are pairs of them",
            law="W[g·i, g·j] = ρ_out(g) W[i, j] ρ_in(g)⁻¹",
            solver=within.solver,
            reference="Ravanbakhsh et al. 2017, arXiv:1702.08389",
            way=within.way,
        )

    def footprint(self) -> Footprint:
        return Footprint(None)

    def unconstrained_weights(self) -> int:
        return self.dense.unconstrained_weights()

    def export(self) -> nn.Module:
        inner = [nn.Flatten(1), self.dense.export()]
        shape = (self.target.channels, -1)
        return nn.Sequential(*inner, *([nn.Unflatten(1, shape)] if self.target.domain.axes else []))
