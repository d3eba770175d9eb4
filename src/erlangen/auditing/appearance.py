"""Changes that are no motions of space: light, colour, perspective, or any transform that is drawn for each input.

What `er.symmetrize.illumination` and `perspective` make is asked here as they are: a callable t(x, y, generator=…) that
changes inputs and moves what is to be moved of their answers. Nothing of that room is imported.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from erlangen.auditing.motion import Output, is_dense
from erlangen.errors import InputError


@dataclass(frozen=True)
class Changed:
    """x ↦ t(x), drawn once for each input by a seed; the answer stays, or moves along where t moves targets."""

    transform: Any
    output: Output
    seed: int
    exact = False
    trivial = False

    @property
    def label(self) -> str:
        """As the transform calls itself."""
        return repr(self.transform)

    def move(self, x: Tensor) -> Tensor:
        """t(x)."""
        return self.transform(x, generator=self._drawn())

    def answer(self, y: Tensor) -> Tensor:
        """What t makes of a dense answer, by the same draws; any other stays."""
        if not is_dense(self.output) or getattr(self.transform, "output", None) is None:
            return y
        return self.transform(torch.zeros_like(y), y, generator=self._drawn())[1]

    def read(self, y: Tensor) -> Tensor:
        """As it is."""
        return y

    def round_trip(self, values: Tensor, answers: bool) -> Tensor:
        """There is no way back to measure a floor by: what a transform loses is part of it."""
        return values

    def _drawn(self) -> torch.Generator:
        return torch.Generator().manual_seed(self.seed)


def changes(given: Iterable[Any], output: Output, seed: int) -> list[Changed]:
    """The changes to be asked about. Raises InputError for what is no transform."""
    found = list(given) if isinstance(given, Iterable) else [given]
    for transform in found:
        if not callable(transform):
            raise InputError(
                f"beside={transform!r}",
                "transforms of inputs, t(x, generator=…)",
                "For example beside=[er.symmetrize.illumination(er.Grid(2))].",
            )
    return [Changed(transform, output, seed) for transform in found]
