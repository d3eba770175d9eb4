"""Class maps and class labels that move along: never interpolated, each point takes the class of the greatest share."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from erlangen.domains import Domain
from erlangen.errors import InputError
from erlangen.groups import Element
from erlangen.representations import Representation
from erlangen.symmetrize.action import Action, Gs

UNKNOWN = -100  # the label of a point that came from beyond the border; torch's cross-entropy passes it over


def move_labels(action: Action, g: Gs, labels: Tensor, unknown: int = UNKNOWN) -> Tensor:
    """(g·y)(u) = ρ(g) y(g⁻¹u) for class labels y, ρ permuting the classes: by index where the domain keeps g.

    Elsewhere a point takes the class of the greatest interpolated share, and `unknown` where most of it comes from
    beyond the border or from unknown points. Shapes: whole numbers `[n, …points]`, or `[n]` for labels of the whole.

    >>> import torch, erlangen as er
    >>> from erlangen.symmetrize.action import read_action
    >>> action = read_action(er.Grid(2), er.C(4), er.Equivariant(3), 1)
    >>> move_labels(action, er.C(4).generators[0], torch.tensor([[[0, 1], [2, 2]]])).tolist()
    [[[1, 2], [0, 2]]]
    """
    labels = _renamed(action.rho_out, g, labels)
    if not action.dense:
        return labels
    place = action.place
    if isinstance(g, Element) and action.keeps(g) and not place.aliases:
        return place.act(g, labels[:, None])[:, 0]
    return read_labels(
        lambda shares: action.points(g, shares),
        labels,
        action.answer_channels,
        points_of(place, labels),
        unknown,
    )


def read_labels(
    move: Callable[[Tensor], Tensor], labels: Tensor, classes: int, points: Tensor | None, unknown: int = UNKNOWN
) -> Tensor:
    """argmax over classes k of move(1[y = k]): the class of the greatest share, or `unknown` beyond the border.

    Shapes: labels `[n, …points]`; `move` maps `[n, k, …points]` to the same; `points` `[…points]` are those that the
    domain has, None where the array is full.
    """
    if labels.dtype.is_floating_point or labels.dtype == torch.bool or torch.iinfo(labels.dtype).min > unknown:
        given, expected = f"class labels of dtype {labels.dtype}", f"whole numbers, {unknown} among them"
        raise InputError(given, expected, "Convert with .long(), or name another label by unknown=….")
    known = labels != unknown
    held = labels.masked_fill(~known, 0).long()
    if held.numel() and (int(held.min()) < 0 or int(held.max()) >= classes):
        given = f"class labels from {int(held.min())} to {int(held.max())}"
        raise InputError(given, f"0 … {classes - 1}, or {unknown}", "Say the number of classes in output=….")
    shares = F.one_hot(held, classes).movedim(-1, 1).float() * known[:, None]
    moved = move(shares).argmax(1)
    return moved.masked_fill(~arrived(move, known, points), unknown).to(labels.dtype)


def arrived(move: Callable[[Tensor], Tensor], known: Tensor, points: Tensor | None) -> Tensor:
    """Which places `[n, …points]` of the moved arrays hold what came from known points of the domain."""
    there = known if points is None else known & points
    came = move(there[:, None].float())[:, 0] > 0.5
    return came if points is None else came & points


def points_of(domain: Domain, labels: Tensor) -> Tensor | None:
    """Which places `[…points]` are of the domain, where the array has others besides: the corners about a hexagon."""
    mask = domain.mask(torch.empty(1, 1, *labels.shape[1:], device=labels.device))
    return None if mask is None else mask > 0


def _renamed(rho: Representation | None, g: Gs, labels: Tensor) -> Tensor:
    """Class k becomes the class to which ρ(g) sends it."""
    if rho is None:
        return labels
    if not rho.is_permutation:
        given, expected = f"class labels that move by {rho}", "a representation that permutes the classes"
        raise InputError(given, expected, "Pass fields of values `[n, c, …]` as floating tensors.")
    gs: Sequence[Element] = (g,) * len(labels) if isinstance(g, Element) else g
    tables = torch.stack([torch.as_tensor(rho.permutation(one)) for one in gs]).to(labels.device)
    flat = labels.reshape(len(labels), -1)
    named = (flat >= 0) & (flat < rho.dim)
    sent = tables.gather(1, flat.long().where(named, 0)).to(labels.dtype)
    return sent.where(named, flat).reshape(labels.shape)
