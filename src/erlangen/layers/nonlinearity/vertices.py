"""Functions of values at the vertices of a subdivided icosahedron."""

from typing import Any

from torch import Tensor

from erlangen.layers._base import Layer, Reason
from erlangen.layers._vertices import subdivided
from erlangen.layers.nonlinearity.sphere import at_points, kind_of
from erlangen.signal import Space


class VertexNonlinearity(Layer):
    """y(p) = φ(x(p)): exact for the isometries of the icosahedron, which exchange vertices.

    For other rotations as nearly as vertices tell what φ makes of a signal; `SphereNonlinearity` computes it on a finer
    sampling. `way` is "pointwise", "norm" or "gate" as there, and so are `source` and `target`.

    Shapes: `[b, c, vertex]` → the same; of a gate `[b, c + gates, vertex]` → `[b, c, vertex]`.

    >>> import torch, erlangen as er
    >>> space = er.Space(er.Sphere("icosahedral", subdivisions=1), er.SO(3).trivial)
    >>> er.layers.VertexNonlinearity(space, "relu")(-torch.ones(1, 1, 42)).sum()
    tensor(0.)
    """

    kind = "nonlinearity"
    built_from = ("target",)

    def __init__(self, target: Space, function: str = "relu", way: str | None = None):
        subdivided(target, "VertexNonlinearity")
        here, source = at_points(target, function, way)
        super().__init__(source, target)
        self.function, self.at_points, self.way = function, here, kind_of(here)

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        return self.at_points.compute(values)

    def choices(self) -> dict[str, object]:
        return {"function": self.function, "way": self.way}

    def reason(self) -> Reason:
        law = {
            "pointwise": "φ(x)(g⁻¹p) = φ(x(g⁻¹p))",
            "norm": "|v| does not turn",
            "gate": "a scalar times a vector turns as it does",
        }
        return Reason(
            prior="without nonlinearities all linear layers would collapse to one",
            law=f"{law[self.way]} at each vertex",
            reference=self.at_points.reason().reference,
        )
