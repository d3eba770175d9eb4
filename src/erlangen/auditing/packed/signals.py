"""Sets and graphs as users hold them, one by one; relabelled, and joined to a batch for the model."""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from itertools import accumulate
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from erlangen.domains import Graph, Mesh, Points
from erlangen.domains.graph_formats import as_data
from erlangen.domains.mesh_formats import as_mesh
from erlangen.domains.packed import Packed, attribute
from erlangen.domains.point_formats import as_points
from erlangen.errors import InputError

POINTS, EDGES, ENDS, FACES, POSITION = "points", "edges", "edge_index", "face", "pos"
DIRECTION = "direction"  # vectors of space at the vertices of surfaces
INDEXES = (ENDS, FACES)  # tensors of numbers of points, a column an edge or a face


@dataclass(frozen=True)
class Sample:
    """One set or graph: tensors that belong to its points, to its edges, and to the whole."""

    points: dict[str, Tensor]
    edges: dict[str, Tensor]
    whole: dict[str, Tensor]

    @property
    def size(self) -> int:
        """The number of points."""
        return len(next(iter(self.points.values())))

    @property
    def features(self) -> Tensor:
        """What is known of each point besides where it is; that, where nothing is."""
        return self.points.get("x", self.points.get(POSITION, torch.zeros(0)))

    @property
    def edge_count(self) -> int:
        """The number of edges, or of faces; none in a set."""
        return next((self.edges[name].shape[1] for name in INDEXES if name in self.edges), 0)

    def moved(self, images: Tensor | None, order: Tensor | None) -> "Sample":
        """The same with point i stored as images[i], and edge order[k] as k; None leaves an order as it is."""
        points, edges = self.points, self.edges
        if images is not None:
            back = torch.argsort(images)
            points = {name: value[back] for name, value in points.items()}
            edges = {name: images[value] if name in INDEXES else value for name, value in edges.items()}
        if order is not None:
            edges = {name: value[:, order] if name in INDEXES else value[order] for name, value in edges.items()}
        return replace(self, points=points, edges=edges)

    def to(self, dtype: torch.dtype) -> "Sample":
        """All floating tensors in this dtype."""
        return Sample(
            *(
                {name: v.to(dtype) if v.dtype.is_floating_point else v for name, v in part.items()}
                for part in (self.points, self.edges, self.whole)
            )
        )


def read_samples(domain: Packed, given: Any) -> list[Sample]:
    """A list of what users hold, each read by itself. Raises InputError for fewer than two, and for what is none."""
    if isinstance(given, Tensor) and given.dim() == 3:
        given = list(given)
    if not isinstance(given, Sequence) or len(given) < 2:
        count = f"{len(given)} of them" if isinstance(given, Sequence) else f"a {type(given).__name__}"
        raise InputError(f"inputs: {count}", "a list of at least two sets or graphs, better 16 or more", _MEND)
    return [_read(domain, one, i) for i, one in enumerate(given)]


def batch_of(samples: Sequence[Sample]) -> SimpleNamespace:
    """One behind the other, with x, edge_index, batch and ptr as PyTorch Geometric names them."""
    starts = [0, *accumulate(sample.size for sample in samples)]  # as whole numbers, which tracers can follow
    made: dict[str, Any] = {name: torch.cat([s.points[name] for s in samples]) for name in samples[0].points}
    for name in samples[0].edges:
        parts = [s.edges[name] + starts[i] if name in INDEXES else s.edges[name] for i, s in enumerate(samples)]
        made[name] = torch.cat(parts, dim=int(name in INDEXES))
    made |= {name: torch.cat([s.whole[name] for s in samples]) for name in samples[0].whole}
    batch = torch.cat([torch.full((s.size,), i) for i, s in enumerate(samples)])
    ptr = torch.tensor(starts)
    return SimpleNamespace(**made, batch=batch, ptr=ptr, num_graphs=len(samples), num_nodes=starts[-1])


def caller(model: Any) -> Callable[[SimpleNamespace], Any]:
    """How the model is called on a batch: with the arguments that its forward names, else with the batch itself."""
    import inspect

    forward = getattr(model, "forward", model)
    try:
        named = [p.name for p in inspect.signature(forward).parameters.values()]
    except (TypeError, ValueError):
        named = []
    known = ("x", ENDS, "edge_attr", "edge_weight", POSITION, FACES, DIRECTION, "z", "cell", "pbc", "batch", "ptr")
    if hasattr(type(model), "recipe") or (named[:1] != ["x"] and not {POSITION, FACES} <= set(named)):
        return model
    if not {ENDS, POSITION, "batch"} & set(named):
        return lambda data: model(data.x)

    def call(data: SimpleNamespace) -> Any:
        return model(**{name: getattr(data, name) for name in known if name in named and hasattr(data, name)})

    return call


def _read(domain: Packed, given: Any, which: int) -> Sample:
    opened = next((read for kind, read in ((Points, as_points), (Mesh, as_mesh)) if isinstance(domain, kind)), as_data)
    data = {"x": given} if isinstance(given, Tensor) else opened(given)
    try:
        domain.read(data)
    except InputError as refusal:
        raise InputError(f"input {which}: {refusal.given}", refusal.expected, refusal.mend) from None
    tensors = {name: value for name, value in _attributes(data).items() if isinstance(value, Tensor)}
    if isinstance(domain, Points) and "x" not in tensors:
        tensors["x"] = tensors[POSITION].new_ones(len(tensors[POSITION]), 1)  # as `er.Points` reads it
    points, edges, whole = {name: tensors.pop(name) for name in ("x", POSITION) if name in tensors}, {}, {}
    if isinstance(domain, Mesh):
        face = tensors.pop(FACES, torch.zeros(3, 0, dtype=torch.int64))  # clouds have none
        points = {name: values for name, values in points.items() if values.numel()}  # x of no channels is none
        edges[FACES] = face if len(face) == 3 else face.T.contiguous()
    if isinstance(domain, Graph | Points) and ENDS in tensors:  # points may come with edges of their own
        edges[ENDS] = tensors.pop(ENDS)
    count, size = edges[ENDS].shape[1] if ENDS in edges else -1, len(next(iter(points.values())))
    for name, value in tensors.items():
        if name in ("batch", "ptr", "y"):
            continue
        if name.startswith(("edge_", "cell_offsets")) and len(value) == count:
            edges[name] = value
        elif value.dim() and len(value) == size:
            points[name] = value
        else:
            whole[name] = value
    return Sample(points, edges, whole)


def _attributes(data: Any) -> dict[str, Any]:
    if isinstance(data, dict):
        return data
    to_dict = getattr(data, "to_dict", None)
    if callable(to_dict):
        found: Any = to_dict()
        return dict(found)
    known = {name: attribute(data, name) for name in ("x", ENDS, "edge_attr", "edge_weight", POSITION, FACES)}
    return {**known, **getattr(copy(data), "__dict__", {})}


_MEND = "Pass [graph, graph, …], each with x and edge_index; sets as [tensor, tensor, …]."
