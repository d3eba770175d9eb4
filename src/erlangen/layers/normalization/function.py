"""Batch normalisation of functions on the group: one statistic for all the frequencies that a function holds."""

from typing import Any

import torch
from torch import Tensor, nn

from erlangen.errors import InputError
from erlangen.given import number
from erlangen.layers._base import Cleared, Layer, Reason, require_space
from erlangen.layers._fields import require_orthogonal
from erlangen.layers._functions import channels_of_functions
from erlangen.signal import Space


class FunctionBatchNorm(Layer):
    """y = γ (f − μ)/√(v + ε) + β for functions f on the group: μ their mean, which is the trivial coefficient, and
    v = E|x|²/D − μ² by Parseval, over the batch, the points and all D coefficients x of f.

    Frequencies keep their proportion: one statistic an irrep would raise those that are hardly there, and with them
    what the grid did to them. Shapes: `[b, c, …]` → the same; γ and β one number a function.

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
    running_mean: Tensor
    running_var: Tensor
    members: Tensor
    owner: Tensor
    constant: Tensor

    def __init__(self, source: Space, momentum: float = 0.1, eps: float = 1e-5):
        require_orthogonal(require_space("FunctionBatchNorm", source).rho, "batch normalisation")
        super().__init__(source, source)
        self.momentum = number("momentum", momentum, InputError, below=1 + 1e-12)
        self.eps = number("eps", eps, InputError)
        members, constant = channels_of_functions(source.rho)
        self.functions = len(members)
        owner = torch.empty(source.channels, dtype=torch.int64)
        owner[members] = torch.arange(self.functions)[:, None].expand_as(members)
        for name, index in (("members", members), ("owner", owner), ("constant", constant)):
            self.register_buffer(name, index, persistent=False)
        self.weight, self.bias = nn.Parameter(torch.ones(self.functions)), nn.Parameter(torch.zeros(self.functions))
        self.register_buffer("running_mean", torch.zeros(self.functions))
        self.register_buffer("running_var", torch.ones(self.functions))

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        mean, var = self._measured(values) if self.training else (self.running_mean, self.running_var)
        scale = (self.weight * (var + self.eps).rsqrt())[self.owner]
        shift = torch.zeros_like(scale)
        if len(self.constant):
            moved = self.bias - mean * scale[self.constant]
            shift = shift.index_copy(0, self.constant, moved)
        shape = (-1,) + (1,) * self.source.domain.axes
        return self.source.domain.clear(torch.addcmul(shift.reshape(shape), values, scale.reshape(shape)))

    def _measured(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance of each function; corners that the domain does not have hold zeros and are not counted."""
        flat, mask = values.flatten(2), self.source.domain.mask(values)
        count = flat.shape[0] * (flat.shape[2] if mask is None else mask.sum())
        square = torch.linalg.vector_norm(flat, dim=(0, 2)).square() / count
        mean = torch.zeros_like(self.running_mean)
        if len(self.constant):
            mean = flat[:, self.constant].sum(dim=(0, 2)) / count
        size = self.members.shape[1]
        var = (square[self.members].sum(dim=1) - mean.square()) / size
        with torch.no_grad():
            self.running_mean.lerp_(mean.to(self.running_mean.dtype), self.momentum)
            self.running_var.lerp_(var.to(self.running_var.dtype), self.momentum)
        return mean, var

    def unconstrained_weights(self) -> int:
        return 2 * self.source.channels

    def export(self) -> nn.Module:
        kinds = (nn.BatchNorm1d, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
        norm = kinds[self.source.domain.axes](self.source.channels, eps=self.eps, momentum=self.momentum)
        spread = {"weight": self.weight[self.owner], "running_var": self.running_var[self.owner]}
        for name, of_mean in (("bias", self.bias), ("running_mean", self.running_mean)):
            spread[name] = torch.zeros_like(spread["weight"])
            if len(self.constant):
                spread[name] = spread[name].index_copy(0, self.constant, of_mean)
        norm = norm.to(self.weight)
        norm.load_state_dict({**{k: v.detach() for k, v in spread.items()}, "num_batches_tracked": torch.tensor(0)})
        return nn.Sequential(norm, Cleared(self.source.domain)) if self.source.domain.masked else norm
