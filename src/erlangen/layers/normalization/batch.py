"""Batch normalisation by fields: one statistic a field, shared over its fibre, by torch's own kernel."""

from typing import Any

import torch
from torch import Tensor, nn

from erlangen.errors import InputError
from erlangen.given import number
from erlangen.layers._base import Cleared, Layer, Reason, refuse_aliasing
from erlangen.layers._fields import in_channel_order, join_fields, kinds_of, require_orthogonal, split_fields
from erlangen.signal import Space


class FieldBatchNorm(Layer):
    """y = γ (x − μ)/√(v + ε) + β with one μ, v, γ, β a field; for fields that are not permuted μ = β = 0, v = E|x|²/d.

    A statistic shared over the fibre does not change when the group reorders or turns it. It is torch's BatchNorm on
    the view `[batch, field, fibre · points]`; a field that is turned is given as x and −x together, whose mean is zero.

    Shapes: `[b, c, …]` → the same.

    >>> import erlangen as er
    >>> er.layers.FieldBatchNorm(er.Space(er.Grid(2), 16 * er.D(4).regular)).free_weights()
    32

    Ioffe and Szegedy 2015, arXiv:1502.03167.
    """

    kind = "normalization"
    built_from = ("source",)
    options = ("momentum", "eps")
    because = Reason(
        prior="keeps unit variance through depth; one statistic a field, or the fibre's elements would differ",
        law="mean and variance over fibre and points are invariant",
        reference="Ioffe and Szegedy 2015, arXiv:1502.03167",
    )

    def __init__(self, source: Space, momentum: float = 0.1, eps: float = 1e-5):
        super().__init__(source, source)
        refuse_aliasing("FieldBatchNorm", source, "Take er.layers.normalize(space), which weighs the points.")
        require_orthogonal(source.rho, "batch normalisation")
        self.momentum = number("momentum", momentum, InputError, below=1 + 1e-12)
        self.eps = number("eps", eps, InputError)
        self.kinds = kinds_of(source.rho)
        self.norms, self.scales = nn.ModuleList(), nn.ParameterDict()
        for i, kind in enumerate(self.kinds):
            self.norms.append(nn.BatchNorm1d(kind.copies, eps=eps, momentum=momentum, affine=kind.permuted))
            if not kind.permuted:
                self.scales[str(i)] = nn.Parameter(torch.ones(kind.copies))

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        if self.source.domain.masked:
            return self._on_sites(values)
        there = self.source.domain.present(values, support) if self.training else None
        return self._normalise(values) if there is None else self._where(values, there)

    def _normalise(self, values: Tensor) -> Tensor:
        runs = []
        for i, run in enumerate(split_fields(values, self.kinds)):
            flat = run.flatten(2)
            if self.kinds[i].permuted:
                flat = self.norms[i](flat)
            else:
                both = self.norms[i](torch.cat([flat, -flat]))
                flat = both[: flat.shape[0]] * self.scales[str(i)].unsqueeze(-1)
            runs.append(flat.reshape(run.shape))
        return join_fields(runs, self.kinds)

    def _where(self, values: Tensor, there: Tensor) -> Tensor:
        """The same over the points that there are: what fills up shorter signals counts for nothing."""
        normal = self._normalise(values.movedim(1, -1)[there].unsqueeze(-1)).squeeze(-1)
        return torch.zeros_like(values).movedim(1, -1).index_put((there,), normal).movedim(-1, 1)

    def _on_sites(self, values: Tensor) -> Tensor:
        """The same over the domain's own sites, so that the array's corners count for nothing."""
        if not self.training:
            return self.source.domain.clear(self._normalise(values))
        sites = torch.tensor(self.source.domain.sites(values.shape[-1]), device=values.device)
        flat = values.flatten(2)
        normal = self._normalise(flat.index_select(2, sites))
        return torch.zeros_like(flat).index_copy(2, sites, normal).reshape(values.shape)

    def unconstrained_weights(self) -> int:
        return 2 * self.source.channels

    def export(self) -> nn.Module:
        kinds = (nn.BatchNorm1d, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
        axes = self.source.domain.axes
        norm: Any = kinds[axes if axes < len(kinds) else 1](self.source.channels, eps=self.eps, momentum=self.momentum)
        spread: dict[str, list[Tensor]] = {}
        for i, (kind, bn) in enumerate(zip(self.kinds, self.norms, strict=True)):
            known = bn.state_dict()
            if not kind.permuted:
                zero = torch.zeros_like(self.scales[str(i)])
                known |= {"weight": self.scales[str(i)], "bias": zero, "running_mean": zero}
            for name in ("weight", "bias", "running_mean", "running_var"):
                spread.setdefault(name, []).append(known[name].detach().repeat_interleave(kind.dim))
        whole = {name: in_channel_order(parts, self.kinds, 0) for name, parts in spread.items()}
        norm = norm.to(whole["weight"])
        norm.load_state_dict({**whole, "num_batches_tracked": torch.tensor(0)})
        norm = norm if axes < len(kinds) else _InOneRow(norm)
        return nn.Sequential(norm, Cleared(self.source.domain)) if self.source.domain.masked else norm


class _InOneRow(nn.Module):
    """A norm of `[b, c, n]` on more axes than torch has one for."""

    def __init__(self, norm: nn.Module):
        super().__init__()
        self.norm = norm

    def forward(self, values: Tensor) -> Tensor:
        return self.norm(values.flatten(2)).reshape(values.shape)
