"""Several transforms, one after the other."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from erlangen.domains import Domain
from erlangen.errors import InputError
from erlangen.symmetrize.transform import Transform
from erlangen.task import Equivariant, Invariant


@dataclass(frozen=True, repr=False)
class Chain(Transform):
    """(t₂ ∘ t₁)(x, y) = t₂(t₁(x, y)), all on one domain.

    >>> import torch, erlangen as er
    >>> t = er.symmetrize.augment(er.Grid(2), er.D(4)).then(er.symmetrize.illumination(er.Grid(2)))
    >>> t
    augment(Grid(2), D(4)).then(illumination(Grid(2), gain=0.2, bias=0.1))
    >>> t(torch.rand(1, 8, 8)).shape
    torch.Size([1, 8, 8])
    """

    parts: tuple[Transform, ...]

    def __post_init__(self) -> None:
        domains = {repr(part.domain) for part in self.parts}
        if len(domains) > 1:
            given = " and ".join(sorted(domains))
            raise InputError(f"transforms on {given}", "transforms on one domain", "Name the same domain in all.")

    @property
    def domain(self) -> Domain:  # pyright: ignore[reportIncompatibleVariableOverride]
        """That of all the parts."""
        return self.parts[0].domain

    @property
    def output(self) -> Invariant | Equivariant | None:  # pyright: ignore[reportIncompatibleVariableOverride]
        """How targets move, as the first part that moves them says."""
        return next((p.output for p in self.parts if isinstance(p.output, Equivariant)), self.parts[0].output)

    def __call__(self, x: Any, y: Any = None, *, generator: torch.Generator | None = None) -> Any:
        if y is None:
            for part in self.parts:
                x = part(x, generator=generator)
            return x
        for part in self.parts:
            x, y = part(x, y, generator=generator)
        return x, y

    def batch(self, x: Tensor, y: Tensor | None, generator: torch.Generator | None) -> tuple[Tensor, Tensor | None]:
        return (self(x, generator=generator), None) if y is None else self(x, y, generator=generator)

    def __repr__(self) -> str:
        first, *rest = map(repr, self.parts)
        return first + "".join(f".then({part})" for part in rest)
