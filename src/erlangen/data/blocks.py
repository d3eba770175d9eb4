"""One large volume made coarser and cut into blocks, whose parts are apart in space."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import torch

from erlangen.data.dataset import TensorPair
from erlangen.errors import DataError


def halved(x: np.ndarray) -> np.ndarray:
    """n → (n + 1)/2 on each axis: the binomial mean [1 2 1]/4 at every second voxel, the border repeated.

    For odd n the middle voxel stays the middle one, so mirroring before and after is the same, to the last bit where
    the values are whole numbers over a power of two.

    >>> halved(np.array([[[0.0, 0, 4, 0, 0]]])).ravel().tolist()
    [0.0, 2.0, 0.0]
    """
    for axis in range(x.ndim):
        wide = np.pad(x, [(int(a == axis),) * 2 for a in range(x.ndim)], mode="edge")
        n = x.shape[axis]
        before, here, after = (np.take(wide, range(start, start + n, 2), axis) for start in (0, 1, 2))
        x = (before + 2 * here + after) / 4
    return x


def shares(labels: np.ndarray, classes: int) -> np.ndarray:
    """p(c) of each coarser voxel: how much of it, by the weights of `halved`, has the label c. [classes, *space].

    >>> shares(np.array([0, 1, 0]), 2).tolist()
    [[0.75, 0.75], [0.25, 0.25]]
    """
    return np.stack([halved((labels == c).astype(np.float32)) for c in range(classes)])


def cut(
    values: np.ndarray, labels: np.ndarray, starts: Sequence[Sequence[int]], size: int, least: float = 0.0
) -> TensorPair:
    """The cubes of `size` s that begin at every combination of `starts`, one list an axis.

    Shapes: x [n, 1, s, s, s] float32, y [n, s, s, s] int64. Cubes of which less
    than `least` has labels other than 0 are left out.

    >>> cut(np.zeros((4, 4, 4), np.float32), np.ones((4, 4, 4), int), [(0, 2), (0,), (0, 2)], 2).targets.shape
    torch.Size([4, 2, 2, 2])
    """
    boxes = [tuple(slice(start, start + size) for start in corner) for corner in product(*starts)]
    kept = [box for box in boxes if (labels[box] > 0).mean() >= least]
    if not kept or any(labels[box].shape != (size,) * labels.ndim for box in kept):
        given = f"a volume of {labels.shape}"
        raise DataError(given, f"blocks of {size} voxels an axis with labels in them", "Fetch the data again.")
    x, y = (torch.from_numpy(np.stack([a[box] for box in kept])) for a in (values, labels))
    return TensorPair(x.float()[:, None], y.long())
