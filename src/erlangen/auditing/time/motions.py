"""What is done to a sequence: steps split, blanks put in, everything slower, zeros before it, one at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from erlangen.pages import several

Asked = Callable[..., Any]
BEHIND = 2  # blanks behind the last step


class Retimed(Protocol):
    """One change of time: of the values, of what is told beside them, of the model, and which answers are compared."""

    @property
    def label(self) -> str:
        """How it is called in the report."""
        ...

    @property
    def exact(self) -> bool:
        """Whether nothing is rounded by it."""
        ...

    def move(self, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """The values `[n, c, T′]`, and `dt` and `holds` `[n, T′]`."""
        ...

    def of(self, model: Asked) -> Asked:
        """The model that is asked: the same, or the one for the other scale of time."""
        ...

    def read(self, y: Tensor, steps: int) -> Tensor:
        """Of an answer at every step those that are compared with the answers to `steps` steps."""
        ...

    def before(self, x: Tensor) -> Tensor:
        """The values whose answers are compared with."""
        ...


@dataclass(frozen=True)
class _Same:
    """What most changes share: the model stays, and every answer is compared."""

    exact: bool = True

    def of(self, model: Asked) -> Asked:
        """The same model."""
        return model

    def read(self, y: Tensor, steps: int) -> Tensor:
        """All of it."""
        return y

    def before(self, x: Tensor) -> Tensor:
        """All of them."""
        return x


@dataclass(frozen=True)
class Split(_Same):
    """f(x ∘ c, Δt split) = f(x) ∘ c: every step in 1 … 4 parts of random length, together as long as the step."""

    seed: int = 0

    @property
    def label(self) -> str:
        return f"steps split, draw {self.seed}"

    def move(self, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        hold, share = self._drawn(x.shape[-1])
        beside = {"dt": share.to(x).expand(len(x), -1), "holds": hold.expand(len(x), -1)}
        return x[..., hold], beside

    def read(self, y: Tensor, steps: int) -> Tensor:
        hold, _ = self._drawn(steps)
        return y[..., torch.bincount(hold).cumsum(0) - 1]

    def _drawn(self, steps: int) -> tuple[Tensor, Tensor]:
        """Of each new step which it is a part of, and how much of it."""
        generator = torch.Generator().manual_seed(self.seed)
        parts = torch.randint(1, 5, (steps,), generator=generator)
        hold = torch.arange(steps).repeat_interleave(parts)
        share = torch.rand(len(hold), generator=generator, dtype=torch.float64) + 0.1
        return hold, share / torch.zeros(steps, dtype=torch.float64).index_add(0, hold, share)[hold]


@dataclass(frozen=True)
class Blanks(_Same):
    """f(x with steps of no time between and behind) = f(x) at the others: what a blank says is another input's."""

    seed: int = 0

    @property
    def label(self) -> str:
        return f"blanks of no time, draw {self.seed}"

    def move(self, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        at, blank = self._drawn(x.shape[-1])
        values = torch.where(blank, x.roll(1, 0)[..., at], x[..., at])
        step = (~blank).to(x.dtype)
        return values, {"dt": step.expand(len(x), -1), "holds": torch.arange(len(at)).expand(len(x), -1)}

    def read(self, y: Tensor, steps: int) -> Tensor:
        return y[..., ~self._drawn(steps)[1]]

    def _drawn(self, steps: int) -> tuple[Tensor, Tensor]:
        """Of each new step which one it repeats, and whether it is a blank before it."""
        generator = torch.Generator().manual_seed(self.seed)
        count = torch.randint(0, 3, (steps,), generator=generator)
        at = torch.arange(steps).repeat_interleave(count + 1)
        last = (count + 1).cumsum(0) - 1
        blank = torch.ones(len(at) + BEHIND, dtype=torch.bool)
        blank[last] = False
        return torch.cat([at, at.new_full((BEHIND,), steps - 1)]), blank


@dataclass(frozen=True)
class Slower(_Same):
    """f_{Tθ}(x ∘ c) = f_θ(x) ∘ c: every step `factor` times, to the network that the model says is meant for it."""

    factor: int = 2

    @property
    def label(self) -> str:
        return f"every step {self.factor} times"

    def move(self, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        holds = torch.arange(x.shape[-1]).repeat_interleave(self.factor)
        return x.repeat_interleave(self.factor, -1), {"holds": holds.expand(len(x), -1)}

    def of(self, model: Any) -> Asked:
        return model.warped(self.factor)

    def read(self, y: Tensor, steps: int) -> Tensor:
        return y[..., self.factor - 1 :: self.factor]


@dataclass(frozen=True)
class Later(_Same):
    """f(0 … 0 x) = f(x), `zeros` steps later: at the first steps, too.

    `first`: of the sequence so many steps alone, for models that answer once, whose start is forgotten at its end.
    """

    zeros: int = 1
    first: int | None = None

    @property
    def label(self) -> str:
        of = f" the first {several(self.first, 'step')}" if self.first else ""
        return f"{several(self.zeros, 'zero')} before{of}"

    def move(self, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        return torch.nn.functional.pad(self.before(x), (self.zeros, 0)), {}

    def before(self, x: Tensor) -> Tensor:
        """What is compared with: the sequence, or its beginning."""
        return x if self.first is None else x[..., : self.first]

    def read(self, y: Tensor, steps: int) -> Tensor:
        return y[..., self.zeros :]
