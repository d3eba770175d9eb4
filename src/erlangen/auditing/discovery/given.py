"""What was given to `er.discover` is read: the candidates, the inputs or the samples, and where they live."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from erlangen.auditing.discovery.nodes import finite
from erlangen.auditing.discovery.place import OnSites, OnVectors, Place
from erlangen.auditing.given import choose_input, choose_output, judged_group
from erlangen.auditing.inputs import ENOUGH, as_inputs, warn_if_alike
from erlangen.auditing.motion import is_dense
from erlangen.auditing.movable import source_of
from erlangen.auditing.witness import Witness, warn
from erlangen.domains import Lattice, Sphere
from erlangen.errors import DomainError, GroupError, InputError
from erlangen.given import flag, number, whole
from erlangen.groups import Group, Mirror, O
from erlangen.pages import percent, several
from erlangen.task import Equivariant, Invariant

FEWEST, LARGEST = 100, 400  # samples that are compared with one another, where there are more
SEEN, TINY = 1e-6, 1e-300  # shares of power
PAIRS = 4 * 10**8  # that are looked up, in all copies of the data for all groups


@dataclass(frozen=True)
class Choices:
    """What the caller of `er.discover` may choose; see there."""

    output: Any
    input: Any
    alpha: float
    tolerance: float | None
    seed: int
    proof: bool
    name: str | None

    def __post_init__(self) -> None:
        number("alpha", self.alpha, InputError, least=1e-6, below=1.0, mend="0.05 calls one of twenty wrongly.")
        number("tolerance", self.tolerance or 0.0, InputError, mend="An error: 0.05 is close.")
        whole("seed", self.seed, InputError, least=0)
        flag("proof", self.proof, InputError)


def check_domain(domain: Any) -> None:
    """Raise unless it is a lattice, a sphere or None."""
    if domain is not None and not isinstance(domain, Lattice | Sphere):
        raise DomainError(
            f"domain={domain!r}",
            "a lattice, such as er.Grid(2), a sphere, or None for vectors",
            "Whether a model keeps a group that you name: er.audit, on every domain.",
        )


def chosen(domain: Lattice | Sphere | None, candidates: Any) -> list[Group]:
    """The candidates as a list; without any, the largest group with a name that keeps the lattice, and on the sphere
    those of all turns and mirrors, about the polar axis and of space.
    """
    if candidates is None:
        if domain is None:
            raise GroupError(
                "no candidates",
                'groups that move these vectors, or "linear"',
                "For example [er.SO(3), er.Octahedral()].",
            )
        candidates = [O(2), O(3)]
        if isinstance(domain, Lattice):
            candidates = [domain.largest_subgroup(Mirror() if domain.dim == 1 else O(domain.dim))]
    groups = [candidates] if isinstance(candidates, Group) else candidates
    if not isinstance(groups, Iterable) or getattr(groups, "shape", None) == () or not (groups := list(groups)):
        raise GroupError(f"candidates={candidates!r}", "a group, or a list of groups", "For example [er.D(4)].")
    return groups


def listed(candidates: Sequence[Group], told: list[str]) -> list[Group]:
    """The finite groups that are tested, with a warning where they stand for an infinite one."""
    pairs = finite(candidates)
    for tested, meant in pairs:
        if tested != meant:
            warn(told, f"{meant!r} is infinite; {tested!r} of it was tested.")
    return [tested for tested, _ in pairs]


def place_of_model(
    witness: Witness,
    domain: Lattice | Sphere | None,
    groups: Sequence[Group],
    inputs: Any,
    choices: Choices,
    told: list[str],
) -> tuple[Place, list[Group], Tensor, Tensor]:
    """(place, groups that can be judged there, x, f(x))."""
    if inputs is None:
        raise InputError(
            "a model without inputs", "inputs [n, …] to ask it with", "Pass inputs=x; 64 are a good number."
        )
    if domain is not None:
        source, samples = source_of(inputs, domain)
        x = as_inputs(samples, domain, witness, told)
        warn_if_alike(x, told)
        y = witness(x)
        out = choose_output(witness.model, y, domain, choices.output, told)
        rho = choose_input(witness.model, domain, groups[0], choices.input, x.shape[1])
        judged = [judged_group(domain, group, out, rho, told) for group in groups]
        return OnSites(_known(domain, x), rho, out, source), judged, x, y
    x = _vectors(inputs).to(witness.dtype or torch.float64)
    y = witness(x)
    out = choices.output or Invariant(y.shape[1])
    if not isinstance(out, Invariant | Equivariant) or is_dense(out):
        raise InputError(
            f"output={out!r} of a model of vectors",
            "er.Invariant(n), or er.Equivariant(…, pooled=True)",
            "Vectors have no points that an answer could be spread over.",
        )
    return OnVectors(x.shape[1], out), list(groups), x, y


def place_of_data(x: Tensor, domain: Lattice | Sphere, groups: Sequence[Group], input: Any) -> OnSites:
    """Where samples `[n, …]` are moved."""
    rho = choose_input(None, domain, groups[0], input, x.shape[1])
    return OnSites(_known(domain, x), rho, Invariant(1))


def _known(domain: Lattice | Sphere, x: Tensor) -> Lattice | Sphere:
    """The domain, a sphere with what only moves values on the grid of x."""
    return domain.on(tuple(x.shape[2:])) if isinstance(domain, Sphere) else domain


def samples_of(given: Any, domain: Lattice | Sphere | None) -> Tensor:
    """The samples in float64, `[n, …]`, n ≥ 16."""
    x = _tensor(given)
    if domain is not None:
        domain.check_values(x)
        x = domain.clear(x)
    else:
        x = _vectors(x)
    if not x.isfinite().all():
        raise InputError("samples with NaN or infinity", "finite samples", "Leave them out.")
    if len(x) < ENOUGH:
        raise InputError(several(len(x), "sample"), f"at least {ENOUGH}", "So few say nothing of their distribution.")
    return x


def thinned(x: Tensor, copies: int, seed: int, told: list[str]) -> Tensor:
    """As many of the samples, drawn at random, as may all be compared in so many copies: from 100 to 400."""
    most = min(LARGEST, max(FEWEST, math.isqrt(2 * PAIRS // copies)))
    if len(x) <= most:
        return x
    warn(told, f"{most} of {len(x):,} samples were drawn: all pairs of them are compared.")
    return x[torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))[:most].sort().values]


def held(x: Tensor, place: OnSites, told: list[str]) -> Tensor:
    """What a grid on the sphere holds of the samples, which motions keep; with a warning where they have more."""
    if not isinstance(place.domain, Sphere):
        return x
    within = place.domain.band_limited(x, place.channels(x))
    lost = float((x - within).square().sum() / x.square().sum().clamp(min=TINY))
    if lost > SEEN:
        band = place.domain.holds(tuple(x.shape[2:]))
        warn(told, f"{percent(lost)} of the samples' power lies beyond degree {band} and was left out.")
    return within


def kept_exactly(domain: Lattice | Sphere, groups: Sequence[Group], told: list[str]) -> list[Group]:
    """What the lattice keeps of every candidate: interpolated copies would differ from the data by their blur.

    On the sphere all of it: what a grid holds is moved exactly.
    """
    if isinstance(domain, Sphere):
        for group in groups:
            domain.check_motion(group)
        return list(groups)
    found = []
    for group in groups:
        if domain.cartesian(group.identity) is None:
            domain.check_group(group)  # says why
        kept = domain.kept(group)
        if kept != group:
            warn(told, f"Of {group!r} the lattice keeps {kept!r}, which was tested: interpolated copies are blurred.")
        found.append(kept)
    return found


def _vectors(given: Any) -> Tensor:
    x = _tensor(given)
    if x.dim() != 2 or len(x) < 2 or not x.isfinite().all():
        raise InputError(
            f"inputs of shape {tuple(x.shape)} without a domain", "finite vectors [n, d]", "Name the domain."
        )
    return x


def _tensor(given: Any) -> Tensor:
    try:
        x = torch.as_tensor(given)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(
            f"{type(given).__name__}, neither a model nor samples", "a callable, or one tensor [n, …]", "Stack samples."
        ) from error
    if x.is_complex() or x.dim() < 2:
        raise InputError(f"samples of shape {tuple(x.shape)}, {x.dtype}", "real [n, …]", "One sample a row.")
    return x.detach().cpu().double()
