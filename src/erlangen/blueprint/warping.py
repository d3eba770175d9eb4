"""The class law of time: for a network and a warp, the weights that do on the warped signal what these do on it."""

from copy import deepcopy
from typing import TYPE_CHECKING

import torch

from erlangen.errors import TaskError
from erlangen.layers import LatticeConv, Layer, TimePool, leaves

if TYPE_CHECKING:
    from erlangen.blueprint._blueprint import Blueprint


def warped(net: "Blueprint", factor: float) -> "Blueprint":
    """T_c: a copy whose layers that keep time have the weights of another scale of it; the others are as they were."""
    slower = deepcopy(net)
    for layer in leaves(slower):
        made = getattr(layer, "warped", None)
        if callable(made):
            with torch.no_grad():
                for mine, other in zip(layer.parameters(), made(factor).parameters(), strict=True):  # type: ignore[attr-defined]
                    mine.copy_(other)
        elif not _one_step(layer):
            raise TaskError(
                f"{type(layer).__name__}, which has no map of its weights for another scale of time",
                "gated or state-space layers, and those that see one step at a time",
                "Derive with er.TimeWarp(); an LSTM has to be trained again.",
            )
    return slower


def _one_step(layer: Layer) -> bool:
    """Whether it treats every step by itself, or all of them by the time they take."""
    pointwise = layer.footprint().extent == 0 and not isinstance(layer, LatticeConv)
    return (
        pointwise or isinstance(layer, TimePool) or (isinstance(layer, LatticeConv) and set(layer.kernel_size) == {1})
    )
