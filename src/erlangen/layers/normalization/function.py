"""Batch normalisation of functions on the group: one statistic for all the frequencies that a function holds."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.errors import InputError
from erlangen.given import number
from erlangen.layers._base import Cleared, Layer, Reason, refuse_aliasing, require_space
from erlangen.layers._constants import Constants
from erlangen.layers._fields import require_orthogonal
from erlangen.layers._functions import channels_of_functions
from erlangen.layers.normalization._statistics import Places, Standardised, rescaled, standardised
from erlangen.signal import Space


class FunctionBatchNorm(Constants, Layer):
    """y = γ (x − μ)/√(v + ε) + β for functions on the group of D coefficients x: μ and β only of the trivial one, which
    is the mean over the group, and v = (E|x|² − μ²)/D by Parseval, over the batch, the points and the group.

    Frequencies keep their proportion: one statistic an irrep would raise those that are hardly there, and with them
    what the grid did to them. Shapes: `[b, c, …]` → the same; γ and β one number a function, held with the running
    statistics by a BatchNorm of torch's, so that what torch does to all of those reaches them.
    Raises RepresentationError for fields that are no such functions.

    >>> import erlangen as er
    >>> space = er.Space(er.Grid(2), 16 * er.SO(2).band_limited_regular(3))
    >>> er.layers.FunctionBatchNorm(space).free_weights()
    32

    Ioffe and Szegedy 2015, arXiv:1502.03167; Weiler and Cesa 2019, arXiv:1911.08251.
    """

    kind = "normalization"
    built_from = ("source",)
    options = ("momentum", "eps")
    because = Reason(
        prior="keeps unit variance through depth, and of each function the proportion of its frequencies",
        law="mean and length of a function on the group are invariant",
        reference="Ioffe and Szegedy 2015, arXiv:1502.03167",
    )
    members: Tensor
    owner: Tensor
    constant: Tensor

    def __init__(self, source: Space, momentum: float = 0.1, eps: float = 1e-5):
        require_orthogonal(require_space("FunctionBatchNorm", source).rho, "batch normalisation")
        super().__init__(source, source)
        refuse_aliasing("FunctionBatchNorm", source, "Take er.layers.normalize(space), which weighs the points.")
        self.momentum = number("momentum", momentum, InputError, below=1 + 1e-12)
        self.eps = number("eps", eps, InputError)
        members, constant = channels_of_functions(source.rho)
        self.functions = len(members)
        owner, trivial = np.empty(source.channels, dtype=np.int64), np.zeros(source.channels)
        owner[members] = np.arange(self.functions)[:, None]
        trivial[constant] = 1
        self.hold({"members": members, "owner": owner, "constant": trivial})
        self.norm = nn.BatchNorm1d(self.functions, eps=self.eps, momentum=self.momentum)

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        norm, flat = self.norm, _flat(values)
        places = Places(self.members, self.owner, self.constant)
        if norm.training or norm.running_mean is None or norm.running_var is None:
            given = flat, norm.weight, norm.bias, self._count(values), self.eps
            compiling = torch.compiler.is_compiling()
            made, mean, var = standardised(*given, places) if compiling else Standardised.apply(*given, *places)
            self._remember(mean.detach(), var.detach())
        else:
            scale = norm.weight * (norm.running_var + self.eps).rsqrt()
            made = rescaled(flat, norm.running_mean, scale, norm.bias, places)
        return self.source.domain.clear(made.reshape(values.shape))

    def _count(self, values: Tensor) -> Any:
        """How many points the batch has; corners that the domain does not have hold zeros and are not counted."""
        mask = self.source.domain.mask(values)
        return values.shape[0] * (_flat(values).shape[2] if mask is None else mask.sum(dtype=torch.float32))

    def _remember(self, mean: Tensor, var: Tensor) -> None:
        """The running statistics as torch keeps them: with momentum None, as `update_bn` sets it, the plain mean."""
        norm = self.norm
        if norm.running_mean is None or norm.running_var is None or norm.num_batches_tracked is None:
            return
        norm.num_batches_tracked.add_(1)
        part = norm.momentum if norm.momentum is not None else 1.0 / norm.num_batches_tracked.item()
        norm.running_mean.lerp_(mean.to(norm.running_mean.dtype), part)
        norm.running_var.lerp_(var.to(norm.running_var.dtype), part)

    def unconstrained_weights(self) -> int:
        return 2 * self.source.channels

    def export(self) -> nn.Module:
        kinds = (nn.BatchNorm1d, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
        norm = kinds[self.source.domain.axes](self.source.channels, eps=self.eps, momentum=self.momentum)
        ours = self.norm.state_dict()
        spread = {name: ours[name][self.owner] for name in ("weight", "running_var")}
        for name, of_mean in (("bias", ours["bias"]), ("running_mean", ours["running_mean"])):
            spread[name] = of_mean[self.owner] * self.constant
        norm = norm.to(self.norm.weight)
        norm.load_state_dict({**{k: v.detach() for k, v in spread.items()}, "num_batches_tracked": torch.tensor(0)})
        return nn.Sequential(norm, Cleared(self.source.domain)) if self.source.domain.masked else norm


def _flat(values: Tensor) -> Tensor:
    """`[b, c, points]`."""
    return values.flatten(2) if values.dim() > 2 else values.unsqueeze(2)
