"""What a canonical form gives: inputs as they are seen upright, and how the answers are turned back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from erlangen.groups import Element
from erlangen.symmetrize.action import Action


@dataclass(frozen=True)
class Pose:
    """h⁻¹x for every h of the frame of x, and the way back: F(x) = mean over h of ρ_out(h) f(h⁻¹x).

    `upright` are batches, each of one shape, which together hold h⁻¹x for every example and each h of its frame; `back`
    maps f's answers to them, batch by batch, that move by the given action, to F(x). `elements`: one h of each
    example's frame.

    >>> import torch, erlangen as er
    >>> upright = er.symmetrize.canonicalize(torch.nn.Flatten(), er.Grid(2), er.C(4), output=er.Invariant(36), input=1)
    >>> pose = upright.form(torch.randn(3, 1, 6, 6))
    >>> [batch.shape for batch in pose.upright]
    [torch.Size([3, 1, 6, 6])]
    """

    upright: tuple[Tensor, ...]
    back: Callable[[Sequence[Tensor], Action], Tensor]
    elements: tuple[Element, ...]


class CanonicalForm(Protocol):
    """A frame x ↦ 𝓕(x) ⊂ G with 𝓕(g·x) = g 𝓕(x): what a domain brings so that models on it can be canonicalised.

    >>> import torch, erlangen as er
    >>> upright = er.symmetrize.canonicalize(torch.nn.Flatten(), er.Grid(2), er.C(4), output=er.Invariant(36), input=1)
    >>> len(upright.form(torch.randn(3, 1, 6, 6)).elements)
    3
    """

    def __call__(self, x: Tensor) -> Pose:
        """The pose of every signal of a batch."""
        ...

    def gaps(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """How far each signal `[n]` is from where the frame jumps, in the form's own unit, and that unit."""
        ...

    def ranked(self, x: Tensor, rank: int) -> Pose:
        """The pose by one element of the frame (0), and the one just beyond the nearest jump (1)."""
        ...
