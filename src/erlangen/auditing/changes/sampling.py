"""What a stride samples, chosen otherwise at little cost: from both sides, or from where the signal is strongest."""

import math
from dataclasses import replace
from itertools import product

import torch
from torch import Tensor

from erlangen.auditing.changes.rewriting import Rewriting, Unchangeable
from erlangen.auditing.changes.window import Window, continued


def mirrored(window: Window, x: Tensor) -> Tensor:
    """½ (w(x) + w of the same windows counted from the other end), on each axis where they are not the same ones.

    A stride that leaves values over at the end samples one side; the mean of both commutes with turns and mirrors.
    """
    ends: list[list[tuple[int, int]]] = []
    parts = zip(x.shape[2:], window.made(tuple(x.shape[2:])), window.kernel, window.stride, strict=True)
    for (n, m, k, s), (a, b), d in zip(parts, window.padding, window.dilation, strict=True):
        over = n + a + b - d * (k - 1) - 1 - (m - 1) * s
        ends.append([(a, b - over), (a - over, b)] if over else [(a, b)])
    sampled = [replace(window, padding=chosen)(x) for chosen in product(*ends)]
    return sampled[0] if len(sampled) == 1 else torch.stack(sampled).mean(0)


def aligned(mode: Rewriting, x: Tensor, stride: tuple[int, ...]) -> Tensor:
    """Each input rolled so that of its `stride`-fold phases the one with the largest norm is sampled.

    After a shift this is the same phase, a roll of the coarse sites away (adaptive polyphase sampling; Chaman and
    Dokmanić 2020, arXiv:2011.14214). Branches of one size go together: they all take what the first has chosen.
    """
    sites, ends = mode.sites(x), mode.ends(x)
    circle = x
    for axis, ((before, _), period) in enumerate(zip(ends, sites.period, strict=True), start=2):
        circle = circle.narrow(axis, before, period)
    if any(n % s for n, s in zip(circle.shape[2:], stride, strict=True)):
        raise Unchangeable("a circle that is no multiple of the stride has phases of unlike sizes")
    key = (sites.period, stride)
    if key not in mode.phases:
        mode.phases[key] = _strongest(circle, stride)
    axes = tuple(range(1, x.dim() - 1))
    rolled = torch.stack([one.roll(shifts, axes) for one, shifts in zip(circle, mode.phases[key], strict=True)])
    return continued(rolled, sites, ends)


def _strongest(x: Tensor, stride: tuple[int, ...]) -> list[tuple[int, ...]]:
    """For each input the roll that brings its strongest phase to the start."""
    power = x.double().square().sum(1)
    for axis, step in enumerate(stride, start=1):  # each axis becomes one of phases: the coarse sites are summed over
        power = power.unflatten(axis, (-1, step)).sum(axis)
    best = power.flatten(1).argmax(1).tolist()
    strides = [math.prod(stride[i + 1 :]) for i in range(len(stride))]
    return [tuple(-(i // jump % step) for jump, step in zip(strides, stride, strict=True)) for i in best]
