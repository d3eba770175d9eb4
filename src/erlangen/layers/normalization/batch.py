"""Batch normalisation by fields: one statistic a field, shared over its fibre, by torch's own kernel."""

from typing import Any

import torch
from torch import Tensor, nn

from erlangen.layers._base import Layer, Reason
from erlangen.layers._fields import join_fields, require_orthogonal, split_fields
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

    def __init__(self, source: Space, momentum: float = 0.1, eps: float = 1e-5):
        super().__init__(source, source)
        require_orthogonal(source.rho, "batch normalisation")
        self.momentum, self.eps = momentum, eps
        self.norms, self.scales = nn.ModuleList(), nn.ParameterList()
        for field, m in source.rho.fields:
            self.norms.append(nn.BatchNorm1d(m, eps=eps, momentum=momentum, affine=field.is_permutation))
            self.scales.append(nn.Parameter(torch.ones(0 if field.is_permutation else m)))

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        if self.source.domain.masked:
            return self._on_sites(values)
        return self._normalise(values)

    def _normalise(self, values: Tensor) -> Tensor:
        runs = []
        for i, run in enumerate(split_fields(values, self.source.rho)):
            flat = run.flatten(2)
            if self.source.rho.fields[i][0].is_permutation:
                flat = self.norms[i](flat)
            else:
                both = self.norms[i](torch.cat([flat, -flat]))
                flat = both[: flat.shape[0]] * self.scales[i].unsqueeze(-1)
            runs.append(flat.reshape(run.shape))
        return join_fields(runs)

    def _on_sites(self, values: Tensor) -> Tensor:
        """The same over the domain's own sites, so that the array's corners count for nothing."""
        mask = self.source.domain.mask(values)
        if not self.training:
            return self._normalise(values) * mask
        sites = torch.as_tensor(self.source.domain.sites(values.shape[-1]), device=values.device)
        flat = values.flatten(2)
        normal = self._normalise(flat.index_select(2, sites))
        return torch.zeros_like(flat).index_copy(2, sites, normal).reshape(values.shape)

    def choices(self) -> dict[str, Any]:
        return {"momentum": self.momentum, "eps": self.eps}

    @classmethod
    def remake(cls, source: Space, target: Space, choices: dict[str, Any]) -> "FieldBatchNorm":
        return cls(source, **choices)

    def reason(self) -> Reason:
        return Reason(
            prior="keeps unit variance through depth; one statistic a field, or the fibre's elements would differ",
            law="mean and variance over fibre and points are invariant",
            reference="Ioffe and Szegedy 2015, arXiv:1502.03167",
        )

    def unconstrained_weights(self) -> int:
        return 2 * self.source.channels

    def export(self) -> nn.Module:
        kinds = (nn.BatchNorm1d, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
        norm = kinds[self.source.domain.axes](self.source.channels, eps=self.eps, momentum=self.momentum)
        weights, biases, means, variances = [], [], [], []
        for (field, _), bn, scale in zip(self.source.rho.fields, self.norms, self.scales, strict=True):
            permuted = field.is_permutation
            zero = torch.zeros_like(bn.running_mean)
            weights.append((bn.weight if permuted else scale).repeat_interleave(field.dim))
            biases.append((bn.bias if permuted else zero).repeat_interleave(field.dim))
            means.append((bn.running_mean if permuted else zero).repeat_interleave(field.dim))
            variances.append(bn.running_var.repeat_interleave(field.dim))
        norm = norm.to(weights[0])
        with torch.no_grad():
            for target, parts in zip(
                (norm.weight, norm.bias, norm.running_mean, norm.running_var),
                (weights, biases, means, variances),
                strict=True,
            ):
                target.copy_(torch.cat(parts))
        return nn.Sequential(norm, Cleared(self.source.domain)) if self.source.domain.masked else norm


class Cleared(nn.Module):
    """Zeros where the array has places that the domain does not have."""

    def __init__(self, domain: Any):
        super().__init__()
        self.domain = domain

    def forward(self, values: Tensor) -> Tensor:
        return values * self.domain.mask(values)
