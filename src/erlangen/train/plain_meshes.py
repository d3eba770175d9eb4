"""The plain network on surfaces: a PointNet, which reads where vertices are and takes no notice of the triangles."""

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from erlangen.domains import Mesh
from erlangen.domains._segments import segment_max, segment_mean, spread
from erlangen.domains.mesh_formats import as_mesh
from erlangen.domains.mesh_parts import parts_of
from erlangen.domains.packed import attribute, members_of
from erlangen.errors import TaskError
from erlangen.task import Task
from erlangen.train.answers import has_dense_answer
from erlangen.train.padded import mlp
from erlangen.train.widths import TOLERANCE, match_width, parameters


class PointNet(nn.Module):
    """y_i = φ(h_i, max_j ψ(h_j)), h_i = χ(x_i): coordinates of each vertex, and the maximum over all; or that alone.

    Of each surface the middle is at 0 and the root mean square of the distances from it is 1; features, where there
    are some, stand behind the coordinates. Shifts, scale and the order of vertices are kept, turns and bending are not.

    Shapes: a batch with pos, face and perhaps x, batch, ptr → [vertices, channels], or [surfaces, channels].

    >>> from erlangen.task import Equivariant
    >>> net = PointNet(Task(Mesh(), output=Equivariant(3)), 8, 16).eval()
    >>> net({"pos": torch.eye(3), "face": torch.tensor([[0], [1], [2]])}).shape
    torch.Size([3, 3])

    Qi, Su, Mo, Guibas 2016, arXiv:1612.00593.
    """

    def __init__(self, task: Task, width: int, wide: int, normalize: bool = True, features: int = 0):
        super().__init__()
        self.dense, self.features = has_dense_answer(task), features
        self.near = nn.Sequential(mlp(3 + features, (width, width), width, normalize), nn.ReLU())
        self.far = mlp(width, (width,), wide, normalize)
        self.read = mlp(wide + width * self.dense, (width, width), task.target.channels, normalize)

    def forward(self, data: Any) -> Tensor:
        """The scores at all vertices of a batch, or of its surfaces."""
        data = as_mesh(data)
        position, _, x = parts_of(data, clouds=True)
        members = members_of(len(position), attribute(data, "batch"), attribute(data, "ptr"), position)
        which = members.batch if members.order is None else attribute(data, "batch")
        h = self.near(torch.cat([_at_unit(position, which, members.ptr), *([] if x is None else [x])], dim=1))
        whole = segment_max(self.far(h), which, len(members.ptr) - 1)
        return self.read(torch.cat([h, spread(whole, which)], dim=1) if self.dense else whole)


def twin_on_meshes(wanted: int, task: Task, normalize: bool) -> PointNet:
    """|params − wanted| ≤ 0.05 wanted; what is taken the maximum of is about four times as wide as the rest.

    TaskError where answers are in frames, of which coordinates know nothing, and where no width comes so near.
    """
    domain = task.domain
    assert isinstance(domain, Mesh)
    if not task.target.rho.is_trivial:
        raise TaskError(f"a plain network for {task.output!r}", "scalars", 'Set train.models = ["derived"].')
    natural = task.input == domain.natural_input(task.symmetry)
    made = partial(PointNet, task, normalize=normalize, features=0 if natural else task.source.channels)

    def count(width: int, wide: int) -> int:
        with torch.device("meta"):
            return parameters(made(width, wide))

    even = match_width(lambda width: count(width, 4 * width), wanted)
    found = [(width, match_width(partial(count, width), wanted)) for width in range(max(1, even - 2), even + 3)]
    best = min(found, key=lambda widths: abs(count(*widths) - wanted))
    if abs(count(*best) - wanted) > TOLERANCE * wanted:
        given = f"a network of {wanted:,} parameters, where the nearest plain one has {count(*best):,}"
        raise TaskError(given, f"one within {TOLERANCE:.0%}", "Derive with a greater width.")
    return made(*best)


def _at_unit(position: Tensor, which: Tensor, ptr: Tensor) -> Tensor:
    """Each surface about its middle, in units of its own size."""
    out = position - spread(segment_mean(position, which, ptr), which)
    size = segment_mean(out.square().sum(1, keepdim=True), which, ptr).sqrt()
    return out / spread(size.clamp(min=1e-30), which)
