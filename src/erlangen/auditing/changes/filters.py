"""Filters averaged over the group: they change no more when turned."""

from typing import cast

import torch
from torch import Tensor, nn

from erlangen.auditing.changes.change import Change
from erlangen.domains import Lattice
from erlangen.groups import Element

_CONVOLUTIONS = (
    nn.Conv1d,
    nn.Conv2d,
    nn.Conv3d,
    nn.ConvTranspose1d,
    nn.ConvTranspose2d,
    nn.ConvTranspose3d,
)


def average_filters(model: nn.Module, elements: tuple[Element, ...], domain: Lattice) -> Change | None:
    """Every filter replaced by its mean over the group; None where there is no filter or the group cannot turn it."""
    filters = [m for m in model.modules() if _has_filter(m, domain)]
    if not filters or any(len(set(_weight(m).shape[2:])) > 1 for m in filters):
        return None

    def make(changed: nn.Module) -> None:
        for module in changed.modules():
            if _has_filter(module, domain):
                turned = [domain.act(g, _weight(module)) for g in elements]
                module.weight = nn.Parameter(torch.stack(turned).mean(0))

    what = f"the filters of {len(filters)} convolution{'s' * (len(filters) > 1)} change when turned"
    return Change("filters", what, "each filter averaged over the group", make)


def _has_filter(module: nn.Module, domain: Lattice) -> bool:
    return (
        isinstance(module, _CONVOLUTIONS) and module.weight.dim() == domain.dim + 2 and max(module.weight.shape[2:]) > 1
    )


def _weight(module: nn.Module) -> Tensor:
    return cast(Tensor, module.weight).detach()
