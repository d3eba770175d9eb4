"""What is asked of meshes as users hold them: where vertices are, which of them make faces, what is known of them."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from erlangen.domains.packed import attribute
from erlangen.errors import InputError

CLOSE = 1e-6  # beside the largest coordinate: numbers that are the same


def parts_of(data: Any, clouds: bool = False) -> tuple[Tensor, Tensor, Tensor | None]:
    """Positions `[n, 3]`, faces `[m, 3]` and features `[n, c]`, None where there are none or they have no channels.

    Without faces it is a cloud of points, if `clouds` are taken: then m is 0.

    >>> position, face, x = parts_of({"pos": torch.eye(3), "face": torch.tensor([[0], [1], [2]])})
    >>> face.tolist(), x
    ([[0, 1, 2]], None)
    """
    position, x = _position(attribute(data, "pos")), attribute(data, "x")
    face = attribute(data, "face")
    if face is None and clouds:
        face = torch.zeros(0, 3, dtype=torch.int64, device=position.device)
    face = _face(face, len(position))
    if x is None:
        return position, face, None
    if not isinstance(x, Tensor) or x.dim() != 2 or len(x) != len(position):
        raise InputError(f"x={_said(x)} for {len(position)} vertices", "[vertices, channel]", "One row a vertex.")
    return position, face, x if x.shape[1] else None


def _position(given: Any) -> Tensor:
    if not isinstance(given, Tensor) or given.dim() != 2 or given.shape[1] != 3 or not given.dtype.is_floating_point:
        raise InputError(f"pos={_said(given)}", "a floating tensor [vertices, 3]", "One row a vertex.")
    return given


def _face(given: Any, count: int) -> Tensor:
    """`[m, 3]`, from that or `[3, m]` as PyTorch Geometric has it, which 3 × 3 are taken for."""
    whole_numbers = isinstance(given, Tensor) and given.dtype in (torch.int64, torch.int32, torch.int16, torch.uint8)
    if not whole_numbers or given.dim() != 2 or 3 not in given.shape:
        mend = "Triangles, by their vertices."
        mend = 'er.Mesh(laplacian="tufted") takes points without.' if given is None else mend
        raise InputError(f"face={_said(given)}", "int64 [3, faces], or [faces, 3]", mend)
    face = (given.T if len(given) == 3 else given).long()
    if face.numel() and (int(face.min()) < 0 or int(face.max()) >= count):
        raise InputError(
            f"faces with vertices {int(face.min())} … {int(face.max())}", f"0 … {count - 1}", "Vertices count from 0."
        )
    return face


def holds(x: Tensor, position: Tensor) -> bool:
    """Whether three channels in a row are the positions."""
    wide = position.to(x.dtype)
    size = wide.abs().max().clamp(min=1e-30)
    return any(bool((x[:, i : i + 3] - wide).abs().max() <= CLOSE * size) for i in range(x.shape[1] - 2))


def _said(given: Any) -> str:
    if isinstance(given, Tensor | np.ndarray):
        return f"{'a tensor' if isinstance(given, Tensor) else 'an array'} {tuple(given.shape)} of {given.dtype}"
    return "None" if given is None else f"a {type(given).__name__}"
