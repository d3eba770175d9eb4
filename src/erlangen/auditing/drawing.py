"""Inputs and answers as pictures: planes as images, volumes cut, lines as curves, DNA as letters, scores as bars."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from erlangen.auditing.examine import Case
from erlangen.auditing.laid_out import is_compound, laid_out
from erlangen.auditing.motion import Asked, is_dense
from erlangen.auditing.nucleotides import nucleotides
from erlangen.domains import Dna, Domain, Lattice, Sphere
from erlangen.pages import bars, cells, classes, discs, lines, mosaic, number, picture
from erlangen.task import Invariant

MOST_BARS = 24
MOST_CURVES = 4
MOST_CELLS = 2000  # above which sites are too small for their cells to be seen, and a mosaic of them too long


@dataclass(frozen=True)
class Picture:
    """One drawing with its name in symbols and a caption in words."""

    drawing: str
    name: str
    caption: str


def pictures(case: Case, domain: Domain, output: Asked) -> tuple[Picture, ...]:
    """x, g·x, f(x), f(g·x), g·f(x) and the difference of the last two, on common scales."""
    moved = f"after {case.element}"
    place, laid = _laid_out([case.x, case.gx], domain, case.axis)
    inputs, answers = signals(laid, place), [_floats(y) for y in (case.fx, case.fgx, case.gfx)]
    dense = is_dense(output) and 0 < domain.axes == answers[0].ndim - 1
    if dense:
        place, answers = _laid_out([case.fx, case.fgx, case.gfx], domain, case.axis)
    comparable = (
        answers[1][(slice(None), *(slice(-n, None) for n in answers[2].shape[1:]))]
        if answers[1].ndim > 1
        else answers[1]
    )
    difference = comparable - answers[2]
    drawn = _dense(answers, difference, place) if dense else _scores(answers, difference)
    names = (
        ("x", f"input {case.index}" + (f", the middle slice across axis {case.axis}" if place.axes == 3 else "")),
        ("g·x", moved),
        ("f(x)", "the answer to x"),
        ("f(g·x)", "the answer to g·x"),
        ("g·f(x)", "what it should be" + (": the answer to x" if isinstance(output, Invariant) else "")),
        ("f(g·x) − g·f(x)", "the difference" + _size(difference)),
    )
    return tuple(Picture(d, name, caption) for d, (name, caption) in zip([*inputs, *drawn], names, strict=True))


def _laid_out(arrays: Sequence[Tensor], domain: Domain, axis: int) -> tuple[Domain, list[np.ndarray]]:
    """Where they can be drawn, and they there: volumes with the axis of the cut first, products factor by factor."""
    if not is_compound(domain):
        return domain, [_sliced(_floats(values), domain, axis) for values in arrays]
    found = [laid_out(domain, values) for values in arrays]
    return found[0][0], [_floats(values) for _, values in found]


def _sliced(values: np.ndarray, domain: Domain, axis: int) -> np.ndarray:
    """A volume `[c, …]` with the axis across which it is cut first, so that the cut shows the motion; else as it is."""
    return np.moveaxis(values, 1 + axis, 1) if domain.axes == 3 and values.ndim == 4 else values


def signals(arrays: list[np.ndarray], domain: Domain, channel: int | None = None) -> list[str]:
    """Arrays `[c, …]` on one scale: colours where there are three channels, else one channel in grey."""
    if isinstance(domain, Dna) and len(arrays[0]) == 4:
        return nucleotides(arrays)
    if not domain.axes:
        low, high, labels = _low(arrays), _high(arrays), [str(i) for i in range(min(MOST_BARS, len(arrays[0])))]
        return [_bars(a.reshape(-1)[:MOST_BARS], labels, low, high, 1, None) for a in arrays]
    if domain.space == 1:
        return [lines(list(a[:MOST_CURVES]), low=_low(arrays), high=_high(arrays)) for a in arrays]
    if channel is None and arrays[0].shape[0] == 3:
        planes = [np.moveaxis(np.stack([plane(c, domain) for c in a]), 0, -1) for a in arrays]
    else:
        planes = [plane(a[channel or 0], domain) for a in arrays]
    low, high = _low(planes), _high(planes)
    return [pixels(p, domain, low, high) for p in planes]


def _dense(answers: list[np.ndarray], difference: np.ndarray, domain: Domain) -> list[str]:
    """Dense answers by the channel that differs most."""
    channel = int(np.nanmax(np.abs(difference).reshape(len(difference), -1), 1).argmax())
    if domain.space == 1:
        kept = [a[channel : channel + 1] for a in answers]
        bound = float(np.nanmax(np.abs(difference[channel]))) or 1.0
        curves = [lines(list(k), low=_low(kept), high=_high(kept), first=2) for k in kept]
        return [*curves, lines([difference[channel]], low=-bound, high=bound, first=6)]
    planes = [plane(a[channel], domain) for a in answers]
    apart = plane(difference[channel], domain)
    scale = float(np.nanmax(np.abs(np.stack([_low_high(p) for p in planes])))) or 1.0
    return [pixels(p, domain, -scale, scale, "signed") for p in (*planes, apart)]


def _scores(answers: list[np.ndarray], difference: np.ndarray) -> list[str]:
    """Scores as bars: all of them, or those that differ most; the largest is set off."""
    flat = [a.reshape(-1) for a in answers]
    apart = difference.reshape(-1)
    shown = np.sort(np.argsort(-np.abs(apart), kind="stable")[:MOST_BARS])
    labels = [str(i) for i in shown]
    low, high = _low(flat), _high(flat)
    drawn = [_bars(f[shown], labels, low, high, 1 if i != 1 else 2, int(f[shown].argmax())) for i, f in enumerate(flat)]
    return [*drawn, _bars(apart[shown], labels, min(low - high, 0) / 2, max(high - low, 0) / 2, 6, None)]


def _bars(values: np.ndarray, labels: list[str], low: float, high: float, series: int, strong: int | None) -> str:
    return bars(values, labels, low, high, series, strong if len(values) > 1 else None, height=200)


def plane(values: np.ndarray, domain: Domain) -> np.ndarray:
    """[row, column] of a plane, NaN where the domain has no site; of a volume the central slice, of a sphere a map."""
    if isinstance(domain, Sphere):
        return domain.mapped(values)
    if domain.axes == 3:
        return values[values.shape[0] // 2]
    mask = domain.mask(torch.as_tensor(values))
    return values if mask is None else np.where(mask.numpy() > 0, values, np.nan)


def pixels(
    flat: np.ndarray, domain: Domain, low: float | None = None, high: float | None = None, colours: str = "gray"
) -> str:
    """What `plane` gives, or three of it for colour [row, column, 3], drawn as the domain's own pixels lie.

    `colours` as in `pages.mosaic`. Square pixels become a picture; hexagons a mosaic, where they are not too many; the
    sphere two discs.
    """
    if isinstance(domain, Sphere):
        rows = domain if domain.axes == 2 else Sphere("equiangular")
        flat = _by_channel(flat, lambda channel: discs(channel, rows.colatitudes(len(channel))))
    if not isinstance(domain, Lattice):
        return classes(flat) if colours == "classes" else picture(flat, low, high, colours)
    slanted = domain.axes == 2 and not np.allclose(domain.basis, np.diag(np.diag(domain.basis)))
    if slanted and flat.shape[0] * flat.shape[1] <= MOST_CELLS:
        return mosaic(flat, domain.basis, low, high, colours)
    if slanted:
        flat = _by_channel(flat, lambda channel: cells(channel, domain.basis))
    return classes(flat) if colours == "classes" else picture(flat, low, high, colours)


def _by_channel(flat: np.ndarray, drawn: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """A plane, or three of them for colour, each drawn anew."""
    return drawn(flat) if flat.ndim == 2 else np.stack([drawn(flat[..., c]) for c in range(flat.shape[-1])], -1)


def _floats(tensor: Tensor) -> np.ndarray:
    return tensor.detach().to("cpu").double().numpy()


def _low(arrays: list[np.ndarray]) -> float:
    return float(min(np.nanmin(a) for a in arrays))


def _high(arrays: list[np.ndarray]) -> float:
    return float(max(np.nanmax(a) for a in arrays))


def _low_high(a: np.ndarray) -> np.ndarray:
    return np.array([np.nanmin(a), np.nanmax(a)])


def _size(difference: np.ndarray) -> str:
    return f", at most {number(float(np.nanmax(np.abs(difference))), 2)}"
