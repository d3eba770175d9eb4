"""Meshes as other libraries hold them: trimesh, meshio, pairs of arrays; as what `er.Mesh().read` takes."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from erlangen.domains.packed import attribute
from erlangen.errors import InputError

FLAT = ("quad", "polygon")  # cells of meshio that are faces, and no triangles


def as_mesh(data: Any) -> Any:
    """A dictionary of pos and face where another kind of mesh was given, else what was given.

    A pair is (pos, face), a triple (x, pos, face), of tensors or of arrays. trimesh has vertices and faces, or a scene
    of such, meshio points and cells; positions of arrays are float32. Where vertices have no faces, as in the clouds of
    trimesh, there is no face either. Raises InputError for what is none of these, and for faces that are no triangles.

    >>> sorted(as_mesh((torch.eye(3), torch.tensor([[0, 1, 2]]))))
    ['face', 'pos']
    >>> as_mesh((np.eye(3), np.array([[0, 1, 2]])))["pos"].dtype
    torch.float32
    """
    if isinstance(data, tuple) and len(data) in (2, 3) and all(isinstance(part, Tensor) for part in data):
        return dict(zip(("x", "pos", "face")[3 - len(data) :], data, strict=True))
    if isinstance(data, tuple) and len(data) == 2 and all(isinstance(part, np.ndarray) for part in data):
        return _numbers(*data)
    whole = getattr(data, "to_mesh", None)  # of the parts of a scene
    if whole is not None and hasattr(data, "geometry"):
        data = whole()
    vertices, faces = getattr(data, "vertices", None), getattr(data, "faces", None)
    if vertices is not None:
        return _numbers(vertices, faces)
    points, cells = getattr(data, "points", None), getattr(data, "get_cells_type", None)
    if points is not None and cells is not None:
        return _numbers(points, _triangles(data))
    if attribute(data, "pos") is None:
        said = f"{str(data)!r}, a text" if isinstance(data, str) else f"a {type(data).__name__}"
        mend = "Several are one batch, as torch_geometric.data.Batch makes it; files are read by trimesh."
        raise InputError(said, "a mesh: what has pos and face, a pair of these, or a mesh of trimesh or meshio", mend)
    return data


def _triangles(data: Any) -> Any:
    """The triangles of a mesh of meshio that has no other faces."""
    others = sorted({cells.type for cells in data.cells if cells.type.startswith(FLAT)})
    if others:
        raise InputError(f"cells of the kind {', '.join(others)}", "triangles", "Cut each of them into triangles.")
    return data.get_cells_type("triangle")


def _numbers(points: Any, faces: Any) -> dict[str, Tensor]:
    position = torch.as_tensor(np.asarray(points, dtype=np.float32))
    if faces is None or not len(faces):
        return {"pos": position}
    corners = np.asarray(faces)
    if corners.dtype.kind not in "iu" or corners.ndim != 2 or corners.shape[1] != 3:
        given = f"faces of shape {corners.shape} and dtype {corners.dtype}"
        raise InputError(given, "whole numbers [faces, 3]", "Triangles, by the numbers of their vertices.")
    return {"pos": position, "face": torch.as_tensor(corners.astype(np.int64)).T}
