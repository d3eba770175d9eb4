"""The inputs of an audit: mended where that is safe, refused where it is not; a warning where they prove little."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from erlangen.auditing.motion import Motion
from erlangen.auditing.witness import Witness, warn
from erlangen.domains import Domain
from erlangen.errors import InputError
from erlangen.signal import Signal

ENOUGH = 16
_SAME = 1e-4


def as_inputs(given: Any, domain: Domain, witness: Witness, warnings: list[str]) -> Tensor:
    """The inputs as finite floats `[n, c, …]` of the model's dtype, n ≥ 2.

    Raises InputError for NaN, fewer than two, complex numbers, and shapes that are no signals on the domain.
    """
    x = _tensor(given)
    domain.check_values(x)
    if min(x.shape) == 0:
        raise InputError(f"inputs of shape {tuple(x.shape)}", "no empty axis", "Pass at least two inputs.")
    if len(x) < 2:
        raise InputError(
            "1 input", "at least 2, better 16 or more", "The error is relative to how answers vary over inputs."
        )
    if not x.isfinite().all():
        bad = (~x.reshape(len(x), -1).isfinite().all(1)).nonzero()[:, 0].tolist()
        raise InputError(
            f"{len(bad)} of {len(x)} inputs with NaN or infinity, the first at index {bad[0]}",
            "finite inputs",
            "Leave them out.",
        )
    if len(x) < ENOUGH:
        warn(warnings, f"Only {len(x)} inputs: the error is uncertain below {ENOUGH}.")
    return _masked(_cast(x, witness, warnings), domain, warnings)


def warn_if_alike(x: Tensor, warnings: list[str]) -> None:
    """Warn of inputs that are all the same, or each constant over the domain: a break cannot show on them."""
    flat = x.reshape(len(x), -1).to(torch.float64)
    scale = float(flat.square().mean().sqrt())
    if float((flat - flat[0]).abs().max()) <= _SAME * scale:
        warn(warnings, "All inputs are alike: answers cannot vary over them.")
        return
    if x.dim() == 2:
        return  # one point: there is nothing to be constant over
    points = x.flatten(2).to(torch.float64)
    constant = int(((points - points.mean(2, keepdim=True)).abs().amax((1, 2)) <= _SAME * scale).sum())
    if constant * 10 >= len(x):
        warn(
            warnings, f"{constant} of {len(x)} inputs {_is(constant)} constant over the domain: no motion changes them."
        )


def warn_if_symmetric(x: Tensor, motions: list[Motion], warnings: list[str]) -> None:
    """Warn of inputs with g·x = x: keeping them says nothing about the model."""
    points = (x.flatten(2) if x.dim() > 2 else x[:, None]).to(torch.float64)
    spreads = (points - points.mean(2, keepdim=True)).square().sum((1, 2))
    for motion in motions:
        moved = motion.move(x)
        if moved.shape != x.shape or bool((spreads == 0).all()):
            continue
        distances = (moved.to(torch.float64) - x).reshape(len(x), -1).square().sum(1)
        same = int(((distances <= _SAME**2 * spreads) & (spreads > 0)).sum())
        if same * 10 >= len(x):
            said = f"{same} of {len(x)} inputs {_is(same)} unchanged by {motion.label}"
            warn(warnings, f"{said}: on such an input every model keeps it.")
            return


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _tensor(given: Any) -> Tensor:
    if isinstance(given, Signal):
        given = given.values
    try:
        x = given if isinstance(given, Tensor) else torch.from_numpy(np.array(given))
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(
            f"inputs of type {type(given).__name__}",
            "one tensor or array [n, channel, …]",
            "Stack them with torch.stack.",
        ) from error
    if x.is_complex():
        raise InputError(f"inputs of dtype {x.dtype}", "real numbers", "Pass real and imaginary parts as two channels.")
    if x.is_sparse or x.is_meta:
        kind = "sparse" if x.is_sparse else "meta"
        raise InputError(f"a {kind} tensor", "a dense tensor with values", "Convert with x.to_dense().")
    return x.detach().to("cpu")


def _cast(x: Tensor, witness: Witness, warnings: list[str]) -> Tensor:
    dtype = witness.dtype or (x.dtype if x.dtype.is_floating_point else torch.get_default_dtype())
    if not x.dtype.is_floating_point:
        warn(warnings, f"Inputs of dtype {x.dtype} were turned into {dtype}, unscaled.")
    cast = x.to(dtype, copy=True)
    if not cast.isfinite().all():
        raise InputError(
            f"inputs beyond the range of the model's {dtype}", "values that it can hold", "Scale them first."
        )
    return cast


def _masked(x: Tensor, domain: Domain, warnings: list[str]) -> Tensor:
    mask = domain.mask(x)
    if mask is None:
        return x
    if bool(((mask == 0) & (x != 0)).any()):
        warn(warnings, "Values in the corners of the array, outside the hexagon, were set to zero.")
    return x * mask
