"""Meshes as other libraries hold them: trimesh, meshio, pairs of tensors; as what `er.Mesh().read` takes."""

from typing import Any

import numpy as np
import torch
from torch import Tensor


def as_mesh(data: Any) -> Any:
    """A dictionary of pos and face where another kind of mesh was given, else what was given.

    A pair is (pos, face), a triple (x, pos, face). trimesh has vertices and faces, meshio points and cells; positions
    are float32. Where vertices have no faces, as in the clouds of trimesh, there is no face either.

    >>> sorted(as_mesh((torch.eye(3), torch.tensor([[0, 1, 2]]))))
    ['face', 'pos']
    """
    if isinstance(data, tuple) and len(data) in (2, 3) and all(isinstance(part, Tensor) for part in data):
        return dict(zip(("x", "pos", "face")[3 - len(data) :], data, strict=True))
    vertices, faces = getattr(data, "vertices", None), getattr(data, "faces", None)
    if vertices is not None:
        return _numbers(vertices, faces)
    points, cells = getattr(data, "points", None), getattr(data, "get_cells_type", None)
    if points is not None and cells is not None:
        return _numbers(points, cells("triangle"))
    return data


def _numbers(points: Any, faces: Any) -> dict[str, Tensor]:
    position = torch.as_tensor(np.asarray(points, dtype=np.float32))
    if faces is None or not len(faces):
        return {"pos": position}
    corners = torch.as_tensor(np.asarray(faces, dtype=np.int64))
    return {"pos": position, "face": corners.reshape(-1, 3).T}
