"""The mean over the group: of any model a symmetric one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from torch import Tensor, nn

from erlangen.domains import Domain
from erlangen.errors import InputError
from erlangen.given import instance, whole
from erlangen.groups import Group
from erlangen.representations import Representation
from erlangen.symmetrize.action import Action, Output
from erlangen.symmetrize.answers import Answers, read_answers, rebuilt
from erlangen.symmetrize.orbit import Orbit, Step, in_calls, orbit

AT_ONCE = 256


def average(
    model: nn.Module,
    domain: Domain,
    symmetry: Group | None = None,
    *,
    output: Output | Sequence[Any] | Mapping[str, Any] | None = None,
    input: int | Representation | None = None,
    samples: int | None = None,
    batch_size: int = AT_ONCE,
    seed: int = 0,
) -> "Average":
    """F(x) = 1/|G| Σ_g ρ_out(g) f(g⁻¹x): the Reynolds operator, f any module of one tensor, F a module alike.

    **Exact** for a finite group that maps the domain to itself: F(g·x) = ρ_out(g) F(x) to rounding, whatever f is, and
    F = f where f is symmetric already. It costs |G| times f. With batch statistics in train mode F is as exact as the
    calls are few (all of the orbit in one).

    On spheres that is so for signals without degrees beyond those of their grid, as `domain.project(x)` leaves them.

    **Approximate** elsewhere, and its `repr` says so: elements that fall between the sites are interpolated, and of an
    infinite group `samples` elements are drawn once, by `seed`, and kept. Exact stays what the lattice keeps, K: the
    elements averaged over are K times the drawn ones, at least `samples`. For the plane a finite group is better than
    drawing, `symmetry=er.C(16)`: even steps integrate low frequencies without an error of chance.

    Shapes: x `[n, c, …points]` → `[n, k]` for `er.Invariant(k)` and pooled answers, `[n, k, …points]` for dense ones,
    also at another resolution. g⁻¹x of a picture that is not square may have another shape, which f has to take. A
    model that answers with a tuple or dictionary is given back such: `output` is one for each part, in a tuple or
    dictionary alike, or one for all. `output` left out is that of the model's own task; `input` says how the input's
    channels move (left out: as the domain's natural channels do, else not at all). As many g⁻¹x as make `batch_size`
    signals go through f in one call, at least one whole batch. `state_dict` holds f's own under "model.". Errors:
    SymmetryError, as `er.Task` refuses; a GroupError where samples are missing; an InputError for inputs or answers of
    another shape.

    >>> import torch, erlangen as er
    >>> plain = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.Flatten(), torch.nn.Linear(144, 2))
    >>> F = er.symmetrize.average(plain.double(), er.Grid(2), er.C(4), output=er.Invariant(2))
    >>> x = torch.randn(5, 1, 8, 8, dtype=torch.float64)
    >>> torch.allclose(F(torch.rot90(x, 1, (-2, -1))), F(x), atol=1e-12)
    True

    Reynolds 1895, doi:10.1098/rsta.1895.0004; Yarotsky 2018, arXiv:1804.10306; Puny et al. 2021, arXiv:2110.03336.
    """
    mend = "Of a function make a module whose forward calls it."
    known = instance("model", model, nn.Module, InputError, mend)
    action, answers = read_answers(domain, symmetry, output, input, known)
    over, size = orbit(action, samples, seed), whole("batch_size", batch_size, InputError)
    return Average(model, action, over, size, answers)


class Average(nn.Module):
    """The module that `average` makes; see there.

    >>> import torch, erlangen as er
    >>> plain = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(36, 2)).eval()
    >>> mean = er.symmetrize.average(plain, er.Grid(2), er.C(4), output=er.Invariant(2))
    >>> x = torch.randn(4, 1, 6, 6)
    >>> isinstance(mean, er.symmetrize.Average), torch.allclose(mean(x), mean(x.rot90(1, (2, 3))), atol=1e-6)
    (True, True)
    """

    def __init__(self, model: nn.Module, action: Action, over: Orbit, batch_size: int, answers: Answers):
        super().__init__()
        self.model, self.action, self.over, self.batch_size, self.answers = model, action, over, batch_size, answers
        self.training = model.training  # a model that was being tested goes on being tested

    def forward(self, x: Tensor) -> Any:
        """1/|G| Σ_g ρ_out(g) f(g⁻¹x)."""
        self.action.check_input(x)
        answer: Any = None
        totals: list[Any] = []
        for steps, moved in in_calls(self._pulled(x), self.batch_size):
            answer = self.model(moved)
            sums = [_sum(steps, action, y, len(x)) for action, y in self.answers.parts(answer, len(moved))]
            totals = [a + b for a, b in zip(totals, sums, strict=True)] if totals else sums
        return rebuilt(answer, iter([total / len(self.over.steps) for total in totals]))

    def _pulled(self, x: Tensor) -> Iterator[tuple[Step, Tensor]]:
        return ((step, step.pull(self.action, x)) for step in self.over.steps)

    def extra_repr(self) -> str:
        """What is averaged over, and how exactly."""
        group, count = self.action.group, len(self.over.steps)
        told = f"{self.action.domain!r}, {group!r}, output={self.answers.output!r}, "
        if self.over.exact:
            of_what = " on signals of the degrees that their grid holds" * self.action.domain.aliases
            return told + f"exact{of_what}: all {count} elements"
        which = f"{count} drawn elements" if self.over.drawn else f"all {count} elements, interpolated"
        return told + f"approximate: {which}" + f"; exact on {self.over.kept!r}" * (self.over.kept.order != 1)


def _sum(steps: list[Step], action: Action, answers: Tensor, count: int) -> Any:
    """Σ_g ρ_out(g) y_g of one call."""
    each = answers.reshape(len(steps), count, *answers.shape[1:])
    return sum(step.push(action, y) for step, y in zip(steps, each, strict=True))
