"""Sets and graphs as users hold them, one by one; relabelled, and joined to a batch for the model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

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

    def count(self, rows: Any) -> int:
        """How many rows an answer has that is one of the whole, or one at each point or edge."""
        return {"whole": 1, "points": self.size, "edges": self.edge_count}[rows]

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

    @staticmethod
    def joined(samples: "Sequence[Sample]") -> SimpleNamespace:
        """A batch of these."""
        starts = [0, *accumulate(sample.size for sample in samples)]  # as whole numbers, which tracers can follow
        made: dict[str, Any] = {name: torch.cat([s.points[name] for s in samples]) for name in samples[0].points}
        for name in samples[0].edges:
            parts = [s.edges[name] + starts[i] if name in INDEXES else s.edges[name] for i, s in enumerate(samples)]
            made[name] = torch.cat(parts, dim=int(name in INDEXES))
        made |= {name: torch.cat([s.whole[name] for s in samples]) for name in samples[0].whole}
        batch = torch.cat([torch.full((s.size,), i) for i, s in enumerate(samples)])
        ptr = torch.tensor(starts)
        return SimpleNamespace(**made, batch=batch, ptr=ptr, num_graphs=len(samples), num_nodes=starts[-1])

    def to(self, dtype: torch.dtype) -> "Sample":
        """All floating tensors in this dtype."""
        return Sample(
            *(
                {name: v.to(dtype) if v.dtype.is_floating_point else v for name, v in part.items()}
                for part in (self.points, self.edges, self.whole)
            )
        )


def batch_of(samples: Sequence[Sample]) -> SimpleNamespace:
    """One behind the other, with x, edge_index, batch and ptr as PyTorch Geometric names them."""
    return samples[0].joined(samples)


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
