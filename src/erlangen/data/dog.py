"""A dog in motion: an artist's skin on a skeleton, posed by gaits, with parts of the body at its vertices."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from erlangen.data.cache import cache_folder, cached, fill, from_wheel
from erlangen.data.dataset import DataSet
from erlangen.data.gaits import PITCH, angles_of
from erlangen.data.graph_pair import GraphPair
from erlangen.data.graphs import GraphStore
from erlangen.data.skeleton import Skeleton, read_skeleton, rotations
from erlangen.data.skin import Skin, read_skin
from erlangen.data.two_sides import alike, part_at, symmetric_part
from erlangen.errors import DataError
from erlangen.given import whole

WHEEL, KEPT = "dm-control==1.0.50", "dog"
ARCHIVE = "5434e1e51ff69016867426da7df6064b18d140e4d0a628f879bbcf0e7d0a586d"
SKIN, MODEL, ROOT = "dog_skin.skn", "dog.xml", "torso"
DIGESTS = {
    SKIN: "a583f47e969a12169917aee69022f5c5e4854c6b2ca5cae3bfee498e7803ab94",
    MODEL: "ef63b1aabd9c318e0f8302995348b2750f21a1e49234beeca27a49d50e54067f",
}
LICENCE = "Apache-2.0"
HALF = 1050  # vertices of one side, those on the middle line included: 1,948 of the whole dog
LEGS = {
    "upper foreleg": ("scapula", "upper_arm"),
    "lower foreleg": ("lower_arm", "hand", "finger"),
    "thigh": ("upper_leg",),
    "lower hind leg": ("lower_leg", "foot", "toe"),
}
TRUNK = {"head": ("skull", "jaw"), "neck": ("C",), "torso": ("torso", "L", "pelvis"), "tail": ("Ca",)}
PARTS = (*TRUNK, *(f"{side} {leg}" for leg in LEGS for side in ("left", "right")))
SEEN, CHOSEN, UNSEEN = (  # poses of each gait
    {"walk": 8, "wander": 16},
    {"trot": 6, "gallop": 8, "sit": 4, "bow": 4},
    {"shake": 6, "scratch": 4, "stalk": 6},
)


class Poses(NamedTuple):
    """Vertices `position` `[poses, n, 3]` in m, of which vertex i is the same point of the skin in all; faces `face`
    `[m, 3]`, and the number in `PARTS` of the part of the body that each vertex belongs to, `part` `[n]`."""

    position: np.ndarray
    face: np.ndarray
    part: np.ndarray


def dog_poses(gait: str = "walk", count: int = 8, seed: int | None = None, half: int | None = HALF) -> Poses:
    """So many poses of the dog, evenly through a stride of the gait: "walk", "trot", "gallop", "sit", "bow", "shake",
    "scratch", "stalk", "wander"; "rest" is as the skin was made.

    The dog stands on z = 0 and looks along x, its left side is at y > 0, lengths are in m. `half` vertices on one side,
    the other is its mirror image; None for the whole skin, 16,952 vertices. Each `seed` does it a little otherwise.
    Vertices of the coarse dog are some of those of the fine one: `dog_vertices(half)` says which. Raises DataError for
    another gait, or where the data have not been fetched.
    """
    whole("count", count, DataError, mend="How many poses, such as 8.")
    skin, skeleton = _dog(half), _skeleton()
    angles = angles_of(skeleton, gait, np.arange(count) / count, seed)
    position = skeleton.posed(skin, angles)
    if gait in PITCH:
        position = position @ rotations(np.array([0.0, 1.0, 0.0]), np.array([PITCH[gait]]))[0].T
    position[..., 2] -= position[..., 2].min(axis=1, keepdims=True)
    return Poses(position, skin.faces, parts_of(skin))


def dog_vertices(half: int = HALF) -> np.ndarray:
    """Of each vertex of the coarse dog its number in the fine one, `[n]`."""
    return symmetric_part(_dog(None), half)[0]


def dog(sides: bool = True, half: int | None = HALF) -> DataSet[GraphPair]:
    """A surface in another pose each ↦ the part of the body at every vertex, in 24 poses to learn from and 38 others.

    pos `[vertices, 3]`, face `[3, faces]`, no x: networks see what their domain lets them see. Training poses are eight
    of a walk and 16 in which every joint goes its own way within three fifths of its limits; validation poses six of a
    trot, eight of a gallop, four sitting, four of a bow; the test part is of gaits that are in neither: a dog that
    shakes itself, six poses, scratches itself, four, and stalks, six. Twelve parts: head, neck, torso, tail, and of
    each leg the upper and the lower half; with `sides` left and right are told apart, else they are one, eight parts.
    A part is where its bones together have the greatest share of the skin.

    At rest the dog is its own mirror image to the last bit, in its places and in its triangles, except for the whole
    skin (`half=None`), where 0.4 % of the triangles differ. So are the shares of its bones, once those of the two
    sides, which differ by 0.01 at most, are averaged. What tells left from right can only be an orientation.

    Y. Tassa et al. 2020, arXiv:2006.12983 (dm_control).
    """
    classes = PARTS if sides else tuple(dict.fromkeys(map(_either_side, PARTS)))
    train, held_out, tested = (
        labelled([dog_poses(gait, count, seed, half) for gait, count in gaits.items()], classes)
        for seed, gaits in enumerate((SEEN, CHOSEN, UNSEEN))
    )
    name = "dog" if sides else "dog-parts"
    return DataSet(
        train,
        held_out,
        tested,
        classes,
        name if half is not None else f"{name}-fine",
        LICENCE,
        f"PyPI {WHEEL}, dm_control/suite",
        "Y. Tassa et al. 2020, arXiv:2006.12983",
        "positions in m",
    )


def fetch_dog() -> Path:
    """Fetch the dog's skin and skeleton into the cache with pip, checked; returns the folder."""
    folder = cache_folder() / KEPT
    instead = f"Place {SKIN} and {MODEL} of the wheel {WHEEL} (dm_control/suite) in {folder}."

    def download(scratch: Path) -> Path:
        suite = from_wheel(WHEEL, (), ARCHIVE, scratch, instead) / "dm_control" / "suite"
        (suite / "dog_assets" / SKIN).rename(suite / SKIN)
        return suite

    fill(folder, DIGESTS, download)
    return folder


def parts_of(skin: Skin) -> np.ndarray:
    """The number in `PARTS` of the part whose bones together have the greatest weight at each vertex, `[n]`.

    What belongs to a left and a right leg alike, on the middle line, is of the trunk.
    """
    shares = np.zeros((len(skin.vertices), len(PARTS)))
    for bone, weights in zip(skin.bones, skin.weights.T, strict=True):
        shares[:, PARTS.index(part_of(bone))] += weights
    return part_at(shares, len(TRUNK))


def part_of(bone: str) -> str:
    """The part of the body that a bone is in.

    >>> part_of("upper_leg_L"), part_of("C_3"), part_of("Ca_12")
    ('left thigh', 'neck', 'tail')
    """
    stem, _, end = bone.rpartition("_")
    for leg, bones in LEGS.items():
        if stem in bones:
            return f"{'left' if end == 'L' else 'right'} {leg}"
    found = [part for part, bones in TRUNK.items() if bone in bones or stem in bones]
    if not found:
        raise DataError(f"the bone {bone!r}", "a bone of the dog", "Fetch the data again.")
    return found[0]


def _either_side(part: str) -> str:
    """The name of a part without its side."""
    return part.removeprefix("left ").removeprefix("right ")


def labelled(found: Sequence[Poses], classes: Sequence[str] = PARTS) -> GraphPair:
    """A surface for each pose, and the part at each vertex, by its number in `classes`: those of `PARTS`, or these
    without their sides."""
    numbers = torch.tensor([classes.index(part if part in classes else _either_side(part)) for part in PARTS])
    face = torch.from_numpy(found[0].face.T.copy())
    places = [torch.from_numpy(place.astype(np.float32)) for poses in found for place in poses.position]
    labels = numbers[torch.from_numpy(found[0].part)]
    return GraphPair(GraphStore([{"pos": place, "face": face} for place in places]), labels.repeat(len(places)))


@cache
def _skeleton() -> Skeleton:
    return read_skeleton(cached(KEPT, DIGESTS) / MODEL, ROOT)


@cache
def _dog(half: int | None) -> Skin:
    """The skin as it is, or with fewer vertices."""
    if half is None:
        return alike(read_skin(cached(KEPT, DIGESTS) / SKIN))
    return _dog(None).with_surface(*symmetric_part(_dog(None), half))
