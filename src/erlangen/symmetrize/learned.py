"""The canonical form of an image by a learned energy: of all g⁻¹x the one that a small network likes best."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from erlangen.errors import InputError
from erlangen.groups import Element
from erlangen.symmetrize.action import Action
from erlangen.symmetrize.orbit import in_calls
from erlangen.symmetrize.pose import Pose

TIED = 1e3  # scores this many rounding units apart, of the larger of 1 and the scores, are equal


class LearnedForm(nn.Module):
    """𝓕(x) = argmax_g s(g⁻¹x), all g that share the maximum, s the `network`: finite groups that the domain keeps.

    s(h⁻¹·gx) = s((g⁻¹h)⁻¹·x), so 𝓕(g·x) = g 𝓕(x), whatever s is. The argmax has no slope, so in train mode s learns by
    the straight-through estimator: forward the frame, backward as if x were seen in the mean Σ_g p_g g⁻¹x and the
    answer turned back by Σ_g p_g ρ_out(g), p = softmax(s). Of pictures that are not square only those of one shape are
    added up. The slope with respect to x stays that of F.

    Shapes: x `[n, c, …points]`; the network maps such batches to `[n]` or `[n, 1]`.

    Bengio, Léonard, Courville 2013, arXiv:1308.3432, for the estimator.
    """

    def __init__(self, action: Action, network: nn.Module, batch_size: int):
        super().__init__()
        self.action, self.network, self.batch_size = action, network, batch_size

    @property
    def elements(self) -> tuple[Element, ...]:
        """All of the group, in the order of the scores."""
        return self.action.group.elements

    def scores(self, x: Tensor) -> Tensor:
        """s(g⁻¹x) for every example and element, `[n, |G|]`."""
        pulled = ((g, self.action.inputs(~g, x)) for g in self.elements)
        found = [self._score(moved, len(names)) for names, moved in in_calls(pulled, self.batch_size)]
        return torch.cat(found, dim=1)

    def forward(self, x: Tensor) -> Pose:
        """The pose of every signal; learning, in train mode."""
        with torch.set_grad_enabled(self.training and torch.is_grad_enabled()):
            scores = self.scores(x.detach())
        return self._pose(x, tied(scores), _zeros(scores.softmax(1)) if scores.requires_grad else None)

    def gaps(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """s of the best less s of the second, `[n]`, nought at ties; and s of the best less that of the worst."""
        with torch.no_grad():
            ranked = self.scores(x).sort(dim=1, descending=True).values
        gap = ranked[:, 0] - ranked[:, 1]
        return gap.masked_fill(tied(ranked)[:, 1], 0.0), ranked[:, 0] - ranked[:, -1]

    def ranked(self, x: Tensor, rank: int) -> Pose:
        """The pose by the best element alone (0), or by the second best (1)."""
        with torch.no_grad():
            place = self.scores(x).argsort(dim=1, descending=True, stable=True)[:, rank]
        return self._pose(x, nn.functional.one_hot(place, len(self.elements)).bool(), None)

    def _score(self, moved: Tensor, copies: int) -> Tensor:
        scores = self.network(moved)
        if not isinstance(scores, Tensor) or scores.numel() != len(moved):
            given = f"scores of shape {tuple(scores.shape)}" if isinstance(scores, Tensor) else f"{scores!r}"
            raise InputError(given, f"[{len(moved)}], one for each input", "End the network in one number.")
        return scores.reshape(copies, -1).T

    def _pose(self, x: Tensor, chosen: Tensor, slopes: Tensor | None) -> Pose:
        shapes = [self.action.inputs(~g, x[:1]).shape for g in self.elements]
        upright, frame = [], []
        for shape in dict.fromkeys(shapes):
            alike = [j for j, other in enumerate(shapes) if other == shape]
            parts = [_Part(j, alike, rows) for j in alike if len(rows := chosen[:, j].nonzero()[:, 0])]
            if not parts:
                continue
            seen = [self.action.inputs(~self.elements[p.j], x[p.rows]) for p in parts]
            if slopes is not None:
                every = self._sum(alike, slopes, [self.action.inputs(~self.elements[i], x.detach()) for i in alike])
                seen = [y + every[p.rows] for y, p in zip(seen, parts, strict=True)]
            upright.append(torch.cat(seen))
            frame.append(parts)

        def back(answers: Sequence[Tensor], action: Action) -> Tensor:
            sizes = [[len(p.rows) for p in parts] for parts in frame]
            given = [y for answer, size in zip(answers, sizes, strict=True) for y in answer.split(size)]
            parts = [p for group in frame for p in group]
            turned = torch.cat([self._turned(p, y, slopes, action) for p, y in zip(parts, given, strict=True)])
            total = turned.new_zeros(len(x), *turned.shape[1:])
            return _times(1 / chosen.sum(1), total.index_add(0, torch.cat([p.rows for p in parts]), turned))

        return Pose(tuple(upright), back, tuple(self.elements[j] for j in chosen.int().argmax(1).tolist()))

    def _turned(self, part: "_Part", y: Tensor, slopes: Tensor | None, action: Action) -> Tensor:
        """ρ_out(h) y, with the slope of Σ_g p_g ρ_out(g) y."""
        turned = action.answers(self.elements[part.j], y)
        if slopes is None or not (action.dense or action.rho_out):
            return turned
        others = [action.answers(self.elements[i], y.detach()) for i in part.alike]
        return turned + self._sum(part.alike, slopes[part.rows], others)

    @staticmethod
    def _sum(alike: Sequence[int], slopes: Tensor, values: Sequence[Tensor]) -> Tensor:
        """Σ_g slope_g v_g: nought, with slopes."""
        return torch.stack([_times(slopes[:, i], v) for i, v in zip(alike, values, strict=True)]).sum(0)


@dataclass(frozen=True)
class _Part:
    """The examples whose frame holds element j, and the elements that give arrays of the same shape."""

    j: int
    alike: list[int]
    rows: Tensor


def tied(scores: Tensor) -> Tensor:
    """Which scores `[n, m]` are the greatest of their row, up to rounding.

    >>> tied(torch.tensor([[1.0, 2.0, 2.0], [3.0, 0.0, 1.0]])).tolist()
    [[False, True, True], [True, False, False]]
    """
    scores = scores.detach()
    largest = scores.abs().max(1, keepdim=True).values.clamp(min=1)
    return scores >= scores.max(1, keepdim=True).values - TIED * torch.finfo(scores.dtype).eps * largest


def _zeros(p: Tensor) -> Tensor:
    """0, with the slope of p."""
    return p - p.detach()


def _times(factors: Tensor, values: Tensor) -> Tensor:
    """Each example times its own factor."""
    return values * factors.to(values.dtype).reshape(-1, *(1,) * (values.dim() - 1))
