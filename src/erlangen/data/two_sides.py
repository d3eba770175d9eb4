"""Animals are their own mirror image: skins made so to the last bit, and coarser ones that stay so."""

from dataclasses import replace

import numpy as np

from erlangen.data.skin import Skin
from erlangen.domains.surfaces.simplify import simplified
from erlangen.errors import DataError

ALIKE = 1e-6  # places nearer than this are mirror images of each other
LEVEL = 1e-6  # shares nearer than this are level


def alike(skin: Skin) -> Skin:
    """w′_vb = ½ (w_vb + w_σv,σb): shares of the bones made those of the mirror image at y = 0.

    σ brings each vertex to its mirror image, and a bone of a name that ends in _L to that which ends in _R. Raises
    DataError for a skin whose vertices or bones have no mirror image.
    """
    others = [_other_side(bone) for bone in skin.bones]
    lost = [bone for bone in others if bone not in skin.bones]
    if lost:
        raise DataError(f"a skin without the bone {lost[0]!r}", "bones in pairs _L and _R", "Take the skin as it is.")
    across = skin.weights[_images(skin.vertices)][:, [skin.bones.index(bone) for bone in others]]
    return replace(skin, weights=(skin.weights + across) / 2)


def symmetric_part(skin: Skin, half: int) -> tuple[np.ndarray, np.ndarray]:
    """Fewer vertices, by their numbers `[k]`, and faces `[m, 3]` between them, that are their mirror image at y = 0.

    The side of y ≥ 0 is made coarser to `half` vertices, its edge along the middle with it, and then mirrored. Raises
    DataError for a skin whose faces cross the middle, or whose vertices have no mirror image.
    """
    image = _images(skin.vertices)
    middle = image == np.arange(len(image))
    side = np.where(middle, 0.0, np.sign(skin.vertices[:, 1]))[skin.faces]
    if ((side.min(1) < 0) & (side.max(1) > 0)).any():
        raise DataError("a skin with faces across the middle", "edges along it", "Take the whole skin.")
    faces = skin.faces[side.max(1) > 0]
    own, corners = np.unique(faces, return_inverse=True)
    found = simplified(skin.vertices[own], corners.reshape(-1, 3), half)
    kept = own[found.kept]
    upright = ~middle[kept][found.faces].all(1)  # what lies in the middle would be there twice
    used, corners = np.unique(found.faces[upright], return_inverse=True)
    kept, corners = kept[used], corners.reshape(-1, 3)
    across = np.flatnonzero(~middle[kept])
    mirror = np.arange(len(kept))
    mirror[across] = len(kept) + np.arange(len(across))
    return np.concatenate([kept, image[kept[across]]]), np.concatenate([corners, mirror[corners][:, ::-1]])


def part_at(shares: np.ndarray, trunk: int) -> np.ndarray:
    """The number of the part that has the greatest share of each vertex, `[n, parts]` → `[n]`.

    The first parts are of the `trunk`; behind them each left one is followed by the right one. What belongs to two like
    parts alike, on the middle line, is of the trunk.

    >>> part_at(np.array([[0.2, 0.4, 0.4], [0.2, 0.5, 0.3]]), 1).tolist()
    [0, 1]
    """
    shares = shares.copy()
    left, right = shares[:, trunk::2], shares[:, trunk + 1 :: 2]
    shares[:, trunk:][np.repeat(np.abs(left - right) < LEVEL, 2, axis=1)] = 0
    return shares.argmax(1)


def _other_side(bone: str) -> str:
    return bone[:-1] + {"L": "R", "R": "L"}[bone[-1]] if bone.endswith(("_L", "_R")) else bone


def _images(vertices: np.ndarray) -> np.ndarray:
    """Of each vertex the one at its mirror image, `[n]`."""
    from scipy.spatial import KDTree

    apart, image = map(np.asarray, KDTree(vertices).query(vertices * np.array([1, -1, 1])))
    if apart.max() > ALIKE or (image[image] != np.arange(len(image))).any():
        raise DataError("a skin without like sides", "its mirror image at y = 0", "Take the whole skin.")
    return image
