"""Do vectors or tensors stand in the frame of the positions that they are told with? Asked of the data alone.

Files often give a molecule as it was drawn and its tensor as the program had turned it. A network that keeps turns can
learn nothing of such a tensor, and one that does not learns by heart; lengths and eigenvalues are right all the same.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from erlangen.domains import Points
from erlangen.domains.neighbours import every_pair
from erlangen.errors import InputError

SHARED, DIFFER, UNKNOWN_FRAME = "one frame", "frames differ", "not resolved"
BINS = 4  # of distances, by Gaussians
CLEAR, KNOWN = 0.1, 0.3  # shares of variance
RIDGE = 0.1  # of the square of each B, so that what few clouds have does not run wild on others
LEAST = 40  # clouds


@dataclass(frozen=True)
class Frames:
    """Shares of variance explained on clouds that were left out of the fit, 1 being all of it.

    `explained`: of the values, by vectors or tensors made of the positions; `by_chance`: of the same values, each
    turned at random; `invariants`: of their lengths, by lengths. `verdict` is "one frame" where the first is clearly
    above the second, "frames differ" where it is not although the lengths are well explained, else "not resolved".

    >>> frames = Frames(explained=0.98, by_chance=0.03, invariants=0.99, verdict="one frame")
    >>> print(frames)  # as `shared_frame` finds them
    one frame: 98.0 % of the values is explained by what turns with the positions (3.0 % where each is turned at
    random), 99.0 % of their lengths
    """

    explained: float
    by_chance: float
    invariants: float
    verdict: str

    def __str__(self) -> str:
        return (
            f"{self.verdict}: {_share(self.explained)} of the values is explained by what turns with the positions "
            f"({_share(self.by_chance)} where each is turned at random), {_share(self.invariants)} of their lengths"
        )


def shared_frame(clouds: Any, values: Tensor, seed: int = 0) -> Frames:
    """y_b ≈ Σ_k c_k B_k(x_b), c by least squares on every second cloud, B_k built of the positions so as to turn with
    them: how much of the others does it explain?

    B are Σ_{i,j} x_ic x_jd φ(|r_ij|) r_ij for vectors `[n, d]`, and with r_ij ⊗ r_ij less its trace for symmetric
    tensors `[n, d, d]`, of which the trace is left out; φ some Gaussians of the distance. `clouds` are what
    `er.Points(d).read` takes: positions, and features x that are scalars, such as which element. Where the values turn
    with the clouds, as much is explained as these B can say; where they do not, nothing but chance. Raises InputError
    for other shapes.

    >>> generator = torch.Generator().manual_seed(0)
    >>> pos, q = torch.randn(60, 4, 3, generator=generator), torch.randn(60, 4, 1, generator=generator)
    >>> q = q - q.mean(1, keepdim=True)
    >>> data = {"pos": pos.flatten(0, 1), "x": q.flatten(0, 1), "batch": torch.arange(60).repeat_interleave(4)}
    >>> [shared_frame(data, dipoles).verdict for dipoles in ((q * pos).sum(1), (q * pos).sum(1).roll(1, 1))]
    ['one frame', 'frames differ']
    """
    x, position, members = _read(clouds, values)
    n, d = len(members.ptr) - 1, position.shape[1]
    made = _built(x, position, members, values.dim() == 3)
    told = _traceless(values.double()) if values.dim() == 3 else values.double()
    told = told.reshape(n, -1)
    generator = torch.Generator().manual_seed(seed)
    turns = torch.linalg.qr(torch.randn(n, d, d, generator=generator, dtype=torch.float64)).Q
    by_chance = _explained(made, _turned(told, turns, values.dim() == 3))
    explained = _explained(made, told)
    sums = torch.zeros(n, x.shape[1], dtype=torch.float64).index_add(0, members.batch, x)
    sizes = torch.cat([made.norm(dim=2), made.norm(dim=2).square(), sums, torch.ones(n, 1)], dim=1)
    invariants = _explained(sizes[:, :, None], _centred(told.norm(dim=1, keepdim=True)))
    return Frames(explained, by_chance, invariants, _verdict(explained, by_chance, invariants))


def _share(value: float) -> str:
    """In per cent; less than nothing is nothing."""
    return f"{max(0.0, value):.1%}".replace("%", " %")


def _verdict(explained: float, by_chance: float, invariants: float) -> str:
    if explained > max(by_chance, 0.0) + CLEAR:
        return SHARED
    return DIFFER if invariants > KNOWN else UNKNOWN_FRAME


def _read(clouds: Any, values: Tensor) -> tuple[Tensor, Tensor, Any]:
    d = values.shape[-1] if values.dim() in (2, 3) else 0
    if d not in (2, 3) or (values.dim() == 3 and values.shape[1] != d):
        given = f"values of shape {tuple(values.shape)}"
        raise InputError(given, "vectors [n, d] or symmetric tensors [n, d, d], d = 2 or 3", "One for each cloud.")
    x, cloud = Points(d).read(clouds)
    count = len(cloud.members.ptr) - 1
    if count != len(values) or count < LEAST:
        given = f"{len(values)} values for {count} clouds"
        raise InputError(given, f"one for each, of at least {LEAST}", "Half of them are left out of the fit.")
    return x.double(), cloud.position.double(), cloud.members


def _built(x: Tensor, position: Tensor, members: Any, tensors: bool) -> Tensor:
    """B `[n, k, d or d²]`: for each pair of features and each Gaussian of the distance what turns with the cloud."""
    edges = every_pair(members)
    arrows = position[edges.source] - position[edges.target]
    length = arrows.norm(dim=1)
    centres = torch.quantile(length[:: max(1, len(length) // 10_000)], torch.linspace(0.05, 0.95, BINS).double())
    width = (centres[-1] - centres[0]) / BINS + 1e-12
    near = torch.exp(-(((length[:, None] - centres) / width) ** 2))
    x = torch.cat([x, torch.ones(len(x), 1, dtype=x.dtype)], dim=1) if x.shape[1] < 2 else x
    said = (x[edges.target][:, :, None] * x[edges.source][:, None])[:, :, :, None] * near[:, None, None]
    turning = _traceless(arrows[:, :, None] * arrows[:, None]).flatten(1) if tensors else arrows
    found = torch.zeros(len(members.ptr) - 1, said[0].numel(), turning.shape[1], dtype=torch.float64)
    which = members.batch[edges.target]
    for k, weights in enumerate(said.flatten(1).T):
        found[:, k].index_add_(0, which, weights[:, None] * turning)
    return found


def _explained(made: Tensor, told: Tensor) -> float:
    """1 − |y − B c|²/|y|² on every second cloud, c from the others."""
    learnt, left = (rows.reshape(-1, made.shape[1]) for rows in (made[::2].mT, made[1::2].mT))
    scale = torch.cat([learnt, left]).square().mean(0).sqrt().clamp(min=1e-12)
    learnt, left = learnt / scale, left / scale
    aim, true = told[::2].reshape(-1, 1), told[1::2].reshape(-1, 1)
    square = learnt.T @ learnt + RIDGE * len(learnt) * torch.eye(learnt.shape[1], dtype=torch.float64)
    said = left @ torch.linalg.solve(square, learnt.T @ aim)
    return 1 - float((true - said).square().sum() / true.square().sum().clamp(min=1e-300))


def _turned(told: Tensor, turns: Tensor, tensors: bool) -> Tensor:
    d = turns.shape[1]
    if not tensors:
        return (turns @ told[:, :, None])[:, :, 0]
    return (turns @ told.reshape(-1, d, d) @ turns.mT).flatten(1)


def _traceless(tensors: Tensor) -> Tensor:
    """T − ⅓ tr T."""
    d = tensors.shape[-1]
    trace = tensors.diagonal(dim1=-2, dim2=-1).mean(-1)
    return tensors - trace[:, None, None] * torch.eye(d, dtype=tensors.dtype)


def _centred(values: Tensor) -> Tensor:
    return values - values.mean(0)
