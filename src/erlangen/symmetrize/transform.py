"""What every augmentation is: a transform of one example or of a batch, drawn anew at every call."""

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor

from erlangen.domains import Domain
from erlangen.errors import InputError
from erlangen.given import instance
from erlangen.task import Equivariant, Invariant


class Transform(ABC):
    """t(x) or t(x, y): x ↦ T·x with T drawn at random for every example, and y moved along where `output` says so.

    Shapes: one example `[c, …points]` or a batch `[n, c, …points]`, floating; the same comes back. A target y that
    stays put may be anything, and is returned as it is. Drawn from `generator`, else from torch's own numbers: so
    `torch.manual_seed` repeats it, and the workers of a DataLoader, which torch seeds apart, draw apart. It holds no
    state, and can be pickled. `a.then(b)` does a, then b.

    >>> import torch, erlangen as er
    >>> teach = er.symmetrize.augment(er.Grid(2), er.C(4)).then(er.symmetrize.illumination(er.Grid(2)))
    >>> isinstance(teach, er.symmetrize.Transform), teach(torch.rand(8, 3, 6, 6)).shape
    (True, torch.Size([8, 3, 6, 6]))
    """

    domain: Domain
    output: Invariant | Equivariant | None

    @abstractmethod
    def batch(self, x: Tensor, y: Tensor | None, generator: torch.Generator | None) -> tuple[Tensor, Tensor | None]:
        """The same for a batch; y is None where there is no target that moves."""

    def __call__(self, x: Any, y: Any = None, *, generator: torch.Generator | None = None) -> Any:
        values = instance("x", x, Tensor, InputError, "Convert with torch.as_tensor(x).")
        if not values.dtype.is_floating_point:
            mend = "Convert with .float(); for pictures of bytes x.float() / 255."
            raise InputError(f"values of dtype {values.dtype}", "a floating dtype", mend)
        one = values.dim() == 1 + self.domain.axes
        self.domain.check_values(values[None] if one else values)
        moving = y is not None and isinstance(self.output, Equivariant)
        targets = _targets(y, one, len(values)) if moving else None
        moved, found = self.batch(values[None] if one else values, targets, generator)
        moved = moved[0] if one else moved
        if y is None:
            return moved
        return moved, y if found is None else _like(y, found[0] if one else found)

    def then(self, other: "Transform") -> "Transform":
        """First this, then the other; each draws for itself."""
        from erlangen.symmetrize.chain import Chain

        mend = "Such as er.symmetrize.illumination(domain)."
        return Chain((self, instance("other", other, Transform, InputError, mend)))


def uniform(
    shape: tuple[int, ...],
    reach: float,
    like: Tensor,
    generator: torch.Generator | None,
    dtype: torch.dtype | None = None,
) -> Tensor:
    """Independent numbers, uniform from −reach to reach, on the device of `like`."""
    drawn = torch.rand(shape, generator=generator, dtype=torch.float64) * 2 - 1
    return (reach * drawn).to(like.device, dtype or like.dtype)


def _targets(y: Any, one: bool, count: int) -> Tensor:
    targets = torch.as_tensor(y)
    if one:
        return targets[None]
    if not targets.dim() or len(targets) != count:
        given = f"targets of shape {tuple(targets.shape)} for {count} inputs"
        raise InputError(given, "one target for each", "For one example leave the batch axis out of both.")
    return targets


def _like(y: Any, found: Tensor) -> Any:
    """A plain number for a plain number: what a data set gives as a label."""
    return found if isinstance(y, Tensor) else found.item() if isinstance(y, int | float) else found
