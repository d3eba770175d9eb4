"""Gates: scalars that the network computes open and close the fields beside them."""

from typing import Any

import torch
from torch import Tensor

from erlangen.layers._base import ON_A_FINER_GRID, Layer, Reason, refuse_aliasing, require_space
from erlangen.layers._fields import join_fields, kinds_of, require_orthogonal, split_fields
from erlangen.layers.nonlinearity.pointwise import function_named, gain_beside
from erlangen.signal import Space

_OPEN = 1.846  # 1 / √E[σ(z)²] for z ~ N(0, 1)


class Gate(Layer):
    """y = x · c σ(s) for each field x and its own scalar s; permutation fields get a pointwise function instead,
    scaled so that beside the others it too gives white input the second moment 1.

    A scalar times a field moves as the field does, for every representation. `target` is the space that is wanted; the
    layer's `source` has, behind it, one trivial channel more for each field that is not permuted.

    Shapes: `[b, c + gates, …]` → `[b, c, …]`.

    >>> import erlangen as er
    >>> gate = er.layers.Gate(er.Space(er.Grid(2), 3 * er.C(4).irrep(1)))
    >>> gate.source.channels, gate.target.channels
    (9, 6)

    Weiler et al. 2018, arXiv:1807.02547.
    """

    kind = "nonlinearity"
    built_from = ("target",)
    options = ("function",)
    because = Reason(
        prior="without nonlinearities all linear layers would collapse to one",
        law="s invariant, x ↦ ρ(h) x: s x ↦ ρ(h) s x",
        reference="Weiler et al. 2018, arXiv:1807.02547",
    )

    def __init__(self, target: Space, function: str = "relu"):
        require_space("Gate", target)
        require_orthogonal(target.rho, "a gate nonlinearity")
        kinds = kinds_of(target.rho)
        gates = sum(kind.copies for kind in kinds if not kind.permuted)
        rho = target.rho + gates * target.group.trivial if gates else target.rho
        super().__init__(Space(target.domain, rho), target)
        refuse_aliasing("Gate", target, ON_A_FINER_GRID)
        self.kinds, self.gates = kinds, gates
        self.function, self.phi = function, function_named(function)
        self.beside = gain_beside(target.rho, function)

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        fields = values.narrow(1, 0, self.target.channels)
        gates = values.narrow(1, self.target.channels, self.gates)
        runs, used = [], 0
        for kind, run in zip(self.kinds, split_fields(fields, self.kinds), strict=True):
            if kind.permuted:
                runs.append(self.beside * self.phi(run))
                continue
            runs.append(run * (_OPEN * torch.sigmoid(gates[:, used : used + kind.copies].unsqueeze(2))))
            used += kind.copies
        return self.source.domain.clear(join_fields(runs, self.kinds))
