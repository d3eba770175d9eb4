"""What is done to surfaces: moved and mirrored in space, cut into finer triangles, bent into other poses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from erlangen.auditing.packed.signals import DIRECTION, FACES, POSITION, Sample
from erlangen.domains.surfaces.clouds import nearest
from erlangen.domains.surfaces.simplify import Simplified, simplified
from erlangen.errors import InputError

MOST = 1 << 13  # vertices in all that are drawn together


@dataclass(frozen=True)
class MovedInSpace:
    """x ↦ R x + t of each surface as a whole, by a turn and a shift of its own; a `mirrored` one is turned over, too.

    Answers stay, but for vectors of space, `ambient`, which turn along.
    """

    seed: int
    ambient: bool = False
    mirrored: bool = False
    exact: bool = True

    @property
    def label(self) -> str:
        return f"{'mirrored, ' * self.mirrored}turned and shifted, draw {self.seed}"

    def move(self, samples: Sequence[Sample]) -> list[Sample]:
        return [self._one(sample, *drawn) for sample, drawn in zip(samples, self.drawn(samples), strict=True)]

    def _one(self, sample: Sample, matrix: Tensor, by: Tensor) -> Sample:
        points = {**sample.points, POSITION: sample.points[POSITION] @ matrix.T + by}
        if DIRECTION in points:
            points[DIRECTION] = points[DIRECTION] @ matrix.T.to(points[DIRECTION])
        faces = sample.edges[FACES][[1, 0, 2]] if self.mirrored else sample.edges[FACES]
        return replace(sample, points=points, edges={**sample.edges, FACES: faces})

    def answer(self, y: Tensor, samples: Sequence[Sample]) -> Tensor:
        if not self.ambient:
            return y
        parts = zip(y.split([sample.size for sample in samples]), self.drawn(samples), strict=True)
        return torch.cat([(part.unflatten(1, (-1, 3)) @ matrix.T.to(part)).flatten(1) for part, (matrix, _) in parts])

    def drawn(self, samples: Sequence[Sample]) -> list[tuple[Tensor, Tensor]]:
        """R and t of each sample; t about as long as it is wide; the same whenever it is asked."""
        generator, found = torch.Generator().manual_seed(self.seed), []
        for sample in samples:
            position = sample.points[POSITION]
            matrix = torch.linalg.qr(torch.randn(3, 3, generator=generator, dtype=torch.float64)).Q
            sign = torch.linalg.det(matrix).sign() * (-1.0 if self.mirrored else 1.0)
            by = (
                torch.randn(3, generator=generator, dtype=torch.float64)
                * (position - position.mean(0)).norm(dim=1).max()
            )
            found.append(((matrix * sign).to(position), by.to(position)))
        return found


@dataclass(frozen=True)
class Subdivided:
    """Every face cut in four at the middles of its edges: the same surface, known at more places.

    Features at a middle are the mean of those at its ends; answers are compared where vertices were before.
    """

    dense: bool
    label: str = "every face cut in four"
    exact: bool = False

    def move(self, samples: Sequence[Sample]) -> list[Sample]:
        return [_cut_in_four(sample) for sample in samples]

    def answer(self, y: Tensor, samples: Sequence[Sample]) -> Tensor:
        return y

    def read(self, y: Tensor, moved: Sequence[Sample], samples: Sequence[Sample]) -> Tensor:
        """The answers at the vertices that there were before."""
        if not self.dense:
            return y
        sizes = [sample.size for sample in moved]
        return torch.cat([part[: s.size] for part, s in zip(y.split(sizes), samples, strict=True)])


@dataclass(frozen=True)
class Reframed:
    """Other frames: direction 0 of every vertex is that of a vector drawn for it. Answers stay."""

    seed: int
    exact: bool = True

    @property
    def label(self) -> str:
        return f"frames turned, draw {self.seed}"

    def move(self, samples: Sequence[Sample]) -> list[Sample]:
        generator, found = torch.Generator().manual_seed(self.seed), []
        for sample in samples:
            drawn = torch.randn(sample.size, 3, generator=generator, dtype=torch.float64)
            found.append(replace(sample, points={**sample.points, DIRECTION: drawn.to(sample.points[POSITION])}))
        return found

    def answer(self, y: Tensor, samples: Sequence[Sample]) -> Tensor:
        return y


@dataclass(frozen=True)
class DrawnTogether:
    """The same surface at half of its vertices, which stay where they were; each other one was drawn into one of these.

    Answers are compared there, as that which stands for it says.
    """

    dense: bool
    fewer: tuple[Simplified, ...]
    label: str = "half of the vertices drawn into the others"
    exact: bool = False

    @classmethod
    def of(cls, samples: Sequence[Sample], dense: bool) -> "DrawnTogether | None":
        """None where one of the surfaces cannot be drawn together so far, or has one side, or that would take long."""
        if sum(sample.size for sample in samples) > MOST:
            return None
        try:
            fewer = [simplified(s.points[POSITION].numpy(), s.edges[FACES].T.numpy(), s.size // 2) for s in samples]
        except InputError:
            return None
        return cls(dense, tuple(fewer))

    def move(self, samples: Sequence[Sample]) -> list[Sample]:
        found = []
        for sample, few in zip(samples, self.fewer, strict=True):
            kept = torch.as_tensor(few.kept)
            points = {name: values[kept] for name, values in sample.points.items()}
            found.append(replace(sample, points=points, edges={FACES: torch.as_tensor(few.faces.T.copy())}))
        return found

    def answer(self, y: Tensor, samples: Sequence[Sample]) -> Tensor:
        return y

    def read(self, y: Tensor, moved: Sequence[Sample], samples: Sequence[Sample]) -> Tensor:
        """The answer of each vertex that there was before."""
        if not self.dense:
            return y
        parts = zip(y.split([sample.size for sample in moved]), self.fewer, strict=True)
        return torch.cat([part[torch.as_tensor(few.merged)] for part, few in parts])


@dataclass(frozen=True)
class Bent:
    """The same surfaces in other poses: vertex i of each is vertex i of its input.

    `poses` `[n, 3]`, one for each input; answers stay where bending changes nothing. How far a pose is from an isometry
    is said beside it, by `distortion`.

    >>> flat = Bent([torch.eye(3)], "as it was")
    >>> flat.label
    'as it was'
    """

    poses: Sequence[Tensor]
    name: str = "another pose"
    exact: bool = False

    @property
    def label(self) -> str:
        """How it is called in the rows of a report."""
        return self.name

    def move(self, samples: Sequence[Sample]) -> list[Sample]:
        """The inputs in their other poses; InputError where their number or their vertices differ."""
        if len(self.poses) != len(samples):
            raise InputError(f"{len(self.poses)} poses of {len(samples)} inputs", "one each", "In the same order.")
        return [self._one(*both) for both in zip(samples, self.poses, strict=True)]

    def _one(self, sample: Sample, given: Tensor) -> Sample:
        pose, position = torch.as_tensor(given), sample.points[POSITION]
        if pose.shape != position.shape:
            said = f"a pose {tuple(pose.shape)} of {sample.size} vertices"
            raise InputError(said, f"{tuple(position.shape)}", "Vertex i of both has to be the same point.")
        return replace(sample, points={**sample.points, POSITION: pose.to(position)})

    def answer(self, y: Tensor, samples: Sequence[Sample]) -> Tensor:
        """What should be answered to them: the same."""
        return y

    def distortion(self, samples: Sequence[Sample]) -> dict[str, float]:
        """Of the lengths of edges beside what they were the 5th, 50th and 95th of a hundred; without faces of the ways
        from points to those that are nearest."""
        ratios = torch.cat([_ratios(a, b) for a, b in zip(samples, self.move(samples), strict=True)]).double()
        low, middle, high = torch.quantile(ratios, torch.tensor([0.05, 0.5, 0.95], dtype=torch.float64)).tolist()
        return {"5 %": low, "50 %": middle, "95 %": high}


def _ratios(before: Sample, after: Sample) -> Tensor:
    ends = _edges(before)
    return _lengths(after, ends) / _lengths(before, ends).clamp(min=1e-30)


def _edges(sample: Sample) -> Tensor:
    """The sides of all faces; of a cloud the ways from points to those that are nearest, `[2, edges]`."""
    faces = sample.edges[FACES]
    if faces.numel():
        return torch.stack([faces.flatten(), faces.roll(-1, 0).flatten()])
    near = torch.as_tensor(nearest(sample.points[POSITION].double().numpy()))
    return torch.stack([torch.arange(len(near))[:, None].expand_as(near)[near >= 0], near[near >= 0]])


def _lengths(sample: Sample, ends: Tensor) -> Tensor:
    position = sample.points[POSITION]
    return (position[ends[0]] - position[ends[1]]).norm(dim=1)


def _cut_in_four(sample: Sample) -> Sample:
    corners = sample.edges[FACES]
    there = torch.stack([corners, corners.roll(-1, 0)]).sort(0).values
    ends, place = torch.unique(there.flatten(1), dim=1, return_inverse=True)
    (a, b, c), (ab, bc, ca) = corners, place.view_as(corners) + sample.size
    faces = [torch.stack(corners) for corners in ((a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca))]
    points: dict[str, Any] = {name: torch.cat([v, _means(v, ends.T)]) for name, v in sample.points.items()}
    return replace(sample, points=points, edges={FACES: torch.cat(faces, dim=1)})


def _means(values: Tensor, ends: Tensor) -> Tensor:
    return (values[ends[:, 0]] + values[ends[:, 1]]) / 2 if values.dtype.is_floating_point else values[ends[:, 0]]
