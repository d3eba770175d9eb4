"""What goes with a sequence beside its values: how long each step is, which hold one value, how many there are."""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from erlangen.errors import InputError
from erlangen.given import instance, shortened


class Clock(NamedTuple):
    """`step` Δt of each step, `ends` whether a hold ends with it, both `[b, T]`; `length` of each sequence, `[b]`.

    None where all steps are of length 1, where each is a hold of its own, and where there are as many as the array has.
    """

    step: Tensor | None = None
    ends: Tensor | None = None
    length: Tensor | None = None


def read_clock(values: Tensor, dt: Any = None, holds: Any = None, lengths: Any = None) -> Clock | None:
    """The clock of values `[b, c, T]`: `dt` `[b, T]`, not negative; `holds` `[b, T]`, the number of the hold that each
    step belongs to, rising; `lengths` `[b]`, from 1 to T. None where none are given.

    Of T time stamps there are T − 1 lengths in between: where a value is held until the next one comes,
    dt = torch.diff(times, append=end); where it stands for the time since the one before, prepend=start.

    >>> import torch
    >>> read_clock(torch.zeros(1, 2, 4), holds=[[0, 0, 1, 2]]).ends.tolist()
    [[False, True, True, True]]
    """
    if dt is None and holds is None and lengths is None:
        return None
    instance("x", values, Tensor, InputError, "Convert with torch.as_tensor(x).")
    if values.dim() != 3:
        raise InputError(f"x of shape {tuple(values.shape)}", "[batch, channel, steps]", "Add the missing axes.")
    count, steps = values.shape[0], values.shape[-1]
    step = ends = length = None
    if dt is not None:
        step = _of_shape("dt", dt, (count, steps), values.device).to(values.dtype)
        if bool((step < 0).any()) or not bool(step.isfinite().all()):
            raise InputError("negative or infinite dt", "times from 0 up", "Of time stamps: see read_clock.")
    if holds is not None:
        number = _of_shape("holds", holds, (count, steps), values.device)
        if bool((number[:, 1:] < number[:, :-1]).any()):
            raise InputError("holds that fall", "rising numbers, the same within a hold", "For example [0, 0, 1, 2].")
        ends = torch.cat([number[:, 1:] != number[:, :-1], number.new_ones(count, 1, dtype=torch.bool)], dim=1)
    if lengths is not None:
        length = _of_shape("lengths", lengths, (count,), values.device)
        if length.dtype.is_floating_point:
            raise InputError("lengths that are no whole numbers", f"numbers from 1 to {steps}", "Count the steps.")
        length = length.to(torch.int64)
        if bool((length < 1).any()) or bool((length > steps).any()):
            raise InputError(f"lengths {length.tolist()}", f"numbers from 1 to {steps}", "Leave empty ones out.")
    if ends is not None and length is not None:
        ends[torch.arange(count, device=values.device), length - 1] = True  # the last hold ends with the sequence
    return Clock(step, ends, length)


def held(values: Tensor, clock: Clock | None) -> Tensor:
    """Of each step the value at the end of its hold, `[b, T, c]` → the same; what a hold is told is one value."""
    if clock is None or clock.ends is None:
        return values
    steps = values.shape[1]
    place = torch.arange(steps, device=values.device)
    after = torch.where(clock.ends, place, steps - 1).flip(1).cummin(1).values.flip(1)
    return values.gather(1, after[:, :, None].expand_as(values))


def durations(values: Tensor, clock: Clock | None) -> Tensor:
    """Δt of each step of `[b, T, c]` values, `[b, T, 1]`; 0 beyond the end of a sequence."""
    count, steps = values.shape[:2]
    step = values.new_ones(count, steps) if clock is None or clock.step is None else clock.step.to(values.dtype)
    inside = there(steps, clock)
    return (step if inside is None else step * inside)[:, :, None]


def there(steps: int, clock: Clock | None) -> Tensor | None:
    """Which of so many steps are of their sequence, `[b, steps]`; None where all are."""
    return None if clock is None or clock.length is None else within(steps, clock.length)


def within(steps: int, length: Tensor) -> Tensor:
    """Which of so many steps come before the end of each sequence, `[b]` → `[b, steps]`.

    >>> within(3, torch.tensor([1, 3])).tolist()
    [[True, False, False], [True, True, True]]
    """
    return torch.arange(steps, device=length.device) < length[:, None]


def _of_shape(name: str, given: Any, shape: tuple[int, ...], device: torch.device) -> Tensor:
    try:
        tensor = torch.as_tensor(given, device=device)
    except (TypeError, ValueError, RuntimeError):
        raise InputError(f"{name}={shortened(given)}", f"numbers {list(shape)}", "Or leave it out.") from None
    if tuple(tensor.shape) != shape or tensor.is_complex():
        raise InputError(
            f"{name} of shape {tuple(tensor.shape)}", f"{list(shape)}", "One for each step of each sequence."
        )
    return tensor
