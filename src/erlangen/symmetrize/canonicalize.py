"""Every input is turned upright first and the answer turned back: of any model a symmetric one, at one call."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from erlangen.domains import Domain, Lattice
from erlangen.errors import DomainError, GroupError, InputError
from erlangen.given import instance, whole
from erlangen.groups import Group
from erlangen.groups.enumeration import LARGEST_ENUMERATED
from erlangen.representations import Representation
from erlangen.symmetrize.action import Action, Output
from erlangen.symmetrize.answers import Answers, leaves, read_answers, rebuilt
from erlangen.symmetrize.average import AT_ONCE
from erlangen.symmetrize.energy import Energy
from erlangen.symmetrize.learned import LearnedForm
from erlangen.symmetrize.pose import CanonicalForm, Pose

NEAR = 1e-3  # a gap below this share of the way from the best to the worst score is warned about


def canonicalize(
    model: nn.Module,
    domain: Domain,
    symmetry: Group | None = None,
    *,
    output: Output | Sequence[Any] | Mapping[str, Any] | None = None,
    input: int | Representation | None = None,
    network: nn.Module | None = None,
    batch_size: int = AT_ONCE,
) -> "Canonical":
    """F(x) = ρ_out(h) f(h⁻¹x), h = h(x) with h(g·x) = g h(x): h = argmax_g s(g⁻¹x), s a small network that learns.

    **Exact** for every finite group that the domain keeps, whatever f and s are: F(g·x) = ρ_out(g) F(x). It costs one
    call of f and |G| of s, which learns together with f (in train mode, by the straight-through estimator: see
    `LearnedForm`). `network` maps `[n, c, …points]` to `[n]`, without batch statistics; left out it is `Energy`, two
    convolutions, which sees the channels together where `input` or the model's task says how many there are. A network
    s that keeps part of the group cannot tell its elements apart: they tie.

    Ties, which symmetric inputs always have, are averaged over (a frame: 𝓕(g·x) = g 𝓕(x)), so that equivariant answers
    stay exact there. **F is not continuous**: where the best two scores meet, the frame jumps, and no choice of one
    element for each input avoids that (Dym et al.). `.margin(x)` is how far x is from there, and warns; `.jump(x)` is
    how much the answer would change.

    Shapes and arguments as of `average`; `F(x)` is the answer alone, `F(x, with_element=True)` the answer and an
    element h for each example (of ties the first in the order of the group). Nothing is kept on the module.
    Errors: SymmetryError, as `er.Task` refuses; DomainError or GroupError for what the domain does not keep.

    >>> import torch, erlangen as er
    >>> plain = torch.nn.Conv2d(1, 2, 3, padding=1).double()
    >>> F = er.symmetrize.canonicalize(plain, er.Grid(2), er.C(4), output=er.Equivariant(2))
    >>> x = torch.randn(5, 1, 8, 8, dtype=torch.float64)
    >>> torch.allclose(F(torch.rot90(x, 1, (-2, -1))), torch.rot90(F(x), 1, (-2, -1)), atol=1e-12)
    True
    >>> answer, elements = F(x, with_element=True)
    >>> _, turned = F(torch.rot90(x, 1, (-2, -1)), with_element=True)
    >>> turned[0] == er.C(4).generators[0] @ elements[0]
    True

    Kaba, Mondal, Zhang, Bengio, Ravanbakhsh 2022, arXiv:2211.06489; Puny et al. 2021, arXiv:2110.03336; Dym, Lawrence,
    Siegel 2024, arXiv:2402.16077.
    """
    mend = "Of a function make a module whose forward calls it."
    known = instance("model", model, nn.Module, InputError, mend)
    action, answers = read_answers(domain, symmetry, output, input, known)
    form = _form(action, model, network, whole("batch_size", batch_size, InputError))
    return Canonical(model, action, form, answers)


class Canonical(nn.Module):
    """The module that `canonicalize` makes; see there.

    >>> import torch, erlangen as er
    >>> plain = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(36, 2)).eval()
    >>> upright = er.symmetrize.canonicalize(plain, er.Grid(2), er.C(4), output=er.Invariant(2), input=1).eval()
    >>> x = torch.randn(4, 1, 6, 6)
    >>> isinstance(upright, er.symmetrize.Canonical), upright.margin(x).shape
    (True, torch.Size([4]))
    """

    def __init__(self, model: nn.Module, action: Action, form: CanonicalForm, answers: Answers):
        super().__init__()
        self.model, self.action, self.form, self.answers = model, action, form, answers

    def forward(self, x: Tensor, with_element: bool = False) -> Any:
        """ρ_out(h) f(h⁻¹x), the mean over ties; with the elements h, if asked for."""
        pose = self.form(self.action.check_input(x))
        answer = self._answer(pose)
        return (answer, pose.elements) if with_element else answer

    def margin(self, x: Tensor) -> Tensor:
        """max_g s(g⁻¹x) less the second greatest, `[n]`, nought at ties: near them small changes of x may turn h.

        Warns of margins below a thousandth of the way from the best to the worst score.
        """
        gap, spread = self.form.gaps(self.action.check_input(x))
        near = int((gap <= NEAR * spread).sum())
        if near:
            warnings.warn(
                f"{near} of {len(x)} inputs lie near a tie, where the canonical form jumps; .jump(x) says how far.",
                UserWarning,
                stacklevel=2,
            )
        return gap

    def jump(self, x: Tensor) -> Tensor:
        """‖ρ(h)f(h⁻¹x) − ρ(h′)f(h′⁻¹x)‖ / ‖ρ(h)f(h⁻¹x)‖, `[n]`, h the best and h′ the second: the step at their tie."""
        self.action.check_input(x)
        with torch.no_grad():
            here, there = (_flat(self._answer(self.form.ranked(x, rank))) for rank in (0, 1))
        return (here - there).norm(dim=1) / here.norm(dim=1)

    def _answer(self, pose: Pose) -> Any:
        given = [self.model(seen) for seen in pose.upright]
        parts = [self.answers.parts(y, len(seen)) for y, seen in zip(given, pose.upright, strict=True)]
        turned = [pose.back([y for _, y in same], same[0][0]) for same in zip(*parts, strict=True)]
        return rebuilt(given[0], iter(turned))

    def extra_repr(self) -> str:
        """What it is symmetric under."""
        return f"{self.action.domain!r}, {self.action.group!r}, output={self.answers.output!r}, exact but at jumps"


def _flat(answer: Any) -> Tensor:
    """All parts of an answer in one row for each example."""
    return torch.cat([part.flatten(1) for _, part in leaves(answer)], dim=1)


def _form(action: Action, model: nn.Module, network: Any, batch_size: int) -> CanonicalForm:
    """The canonical form that the domain has; lattices: a learned one."""
    domain, group = action.domain, action.group
    if not isinstance(domain, Lattice):
        raise DomainError(f"{domain!r}", "a lattice, such as er.Grid(2)", "Average over the group instead.")
    domain.check_group(group)
    if group.order is None or group.order > LARGEST_ENUMERATED:
        raise GroupError(f"{group!r}", "a group whose elements can be listed", "Name a subgroup.")
    if group.order == 1:
        raise GroupError(f"{group!r}", "at least two elements to choose from", "Name the symmetry, such as er.C(4).")
    if network is None:
        network = Energy(domain, None if action.rho_in is None else action.rho_in.dim)
        like = next((p for p in model.parameters() if p.dtype.is_floating_point), None)
        network = network if like is None else network.to(like.device, like.dtype)
    mend = "A module from [n, c, …points] to [n]; leave it out for the default."
    return LearnedForm(action, instance("network", network, nn.Module, InputError, mend), batch_size)
