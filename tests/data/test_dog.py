"""The dog on a stand-in of its files, a tube with two legs on either side; and the real one, where it was fetched."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from erlangen.data import catalogue, dog_poses, dog_vertices, load
from erlangen.data.dog import CHOSEN, KEPT, PARTS, SEEN, UNSEEN, _skeleton, dog, part_of, parts_of
from erlangen.data.gaits import WANDERS, angles_of
from erlangen.data.skin import Skin
from erlangen.data.two_sides import alike, symmetric_part
from erlangen.domains import Mesh, metric_distortion
from erlangen.domains.surfaces.checks import checked
from erlangen.errors import DataError
from tests.meshes import torus

fetched = pytest.mark.skipif(not catalogue()["dog"].is_here, reason="needs `erlangen data fetch dog`")


def halves(bones: tuple[str, ...] = ("torso",)) -> Skin:
    """A ring whose triangles have edges along y = 0, each side the mirror image of the other."""
    points, faces = torus(12, 20)
    points[np.abs(points) < 1e-9] = 0
    side = points[:, 1][faces]
    upper = faces[(side > -1e-9).all(1) & (side > 1e-9).any(1)]
    own, corners = np.unique(upper, return_inverse=True)
    corners, half = corners.reshape(-1, 3), points[own]
    middle = np.abs(half[:, 1]) < 1e-9
    across = np.flatnonzero(~middle)
    mirror = np.arange(len(half))
    mirror[across] = len(half) + np.arange(len(across))
    vertices = np.concatenate([half, half[across] * [1, -1, 1]])
    both = np.concatenate([corners, mirror[corners][:, ::-1]])
    weights = np.full((len(vertices), len(bones)), 1 / len(bones))
    still = np.broadcast_to(np.eye(3), (len(bones), 3, 3))
    return Skin(vertices, both, weights, bones, np.zeros((len(bones), 3)), still)


def test_a_coarser_skin_is_its_mirror_image_to_the_last_bit() -> None:
    skin = halves()
    checked(skin.vertices, skin.faces)
    kept, faces = symmetric_part(skin, 70)
    coarse = skin.vertices[kept]
    checked(coarse, faces)
    assert 100 < len(kept) < 140 and len(set(kept.tolist())) == len(kept)
    places = {tuple(vertex): i for i, vertex in enumerate(coarse.tolist())}
    image = np.array([places[(x, -y or 0.0, z)] for x, y, z in coarse.tolist()])
    assert {frozenset(face) for face in faces.tolist()} == {frozenset(face) for face in image[faces].tolist()}


def test_what_is_not_symmetric_is_refused() -> None:
    skin = halves()
    with pytest.raises(DataError, match="like sides"):
        symmetric_part(replace(skin, vertices=skin.vertices + np.array([0, 0.1, 0])), 40)
    across = np.concatenate([skin.faces, [[int(skin.vertices[:, 1].argmax()), int(skin.vertices[:, 1].argmin()), 0]]])
    with pytest.raises(DataError, match="across the middle"):
        symmetric_part(skin.with_surface(np.arange(len(skin.vertices)), across), 40)


def test_shares_of_bones_are_made_alike_on_both_sides() -> None:
    skin = halves(("torso", "hip_L", "hip_R"))
    weights = np.random.default_rng(0).dirichlet(np.ones(3), len(skin.vertices))
    even = alike(replace(skin, weights=weights))
    image = np.linalg.norm(skin.vertices[:, None] - skin.vertices * [1, -1, 1], axis=2).argmin(1)
    assert np.array_equal(even.weights, even.weights[image][:, [0, 2, 1]])
    np.testing.assert_allclose(even.weights.sum(1), 1)
    assert np.array_equal(alike(even).weights, even.weights)
    with pytest.raises(DataError, match="'hip_R'"):
        alike(halves(("torso", "hip_L")))


def test_parts_are_where_their_bones_together_weigh_most() -> None:
    bones = ("skull", "Ca_1", "Ca_2", "upper_leg_L", "upper_leg_R", "pelvis")
    weights = np.array([[0.4, 0.3, 0.3, 0, 0, 0], [0, 0, 0, 0.6, 0.3, 0.1], [0, 0, 0, 0.4, 0.4, 0.2]])
    skin = Skin(np.eye(3), np.array([[0, 1, 2]]), weights, bones, np.zeros((6, 3)), np.zeros((6, 3, 3)))
    assert [PARTS[number] for number in parts_of(skin)] == ["tail", "left thigh", "torso"]
    assert len(PARTS) == 12 and part_of("finger_R") == "right lower foreleg" and part_of("L_7") == "torso"
    with pytest.raises(DataError, match="'wing'"):
        part_of("wing")


def test_what_was_not_fetched_says_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from erlangen.data import dog as module

    monkeypatch.setenv("ERLANGEN_CACHE", str(tmp_path))
    monkeypatch.setattr(module, "_dog", module._dog.__wrapped__)
    with pytest.raises(DataError, match="erlangen data fetch dog"):
        dog_poses()
    with pytest.raises(DataError, match="count=0"):
        dog_poses(count=0)


@fetched
def test_the_dog_is_as_it_was_counted() -> None:
    fine = dog_poses("walk", 2, half=None)
    assert fine.position.shape == (2, 16_952, 3) and fine.face.shape == (33_900, 3)
    coarse = dog_poses("walk", 2)
    assert coarse.position.shape == (2, 1_948, 3) and coarse.face.shape == (3_892, 3)
    still = dog_poses("rest", 2).position
    assert np.array_equal(still[0], still[1]) and not np.array_equal(still[0], coarse.position[0])
    for poses in (fine, coarse):
        checked(poses.position[1], poses.face)
        assert poses.position[..., 2].min() == 0 and 0.75 < np.ptp(poses.position[0, :, 2]) < 0.9
    places = dog_vertices()
    apart = fine.position[:, places] - coarse.position  # but for how far each stands above the ground
    assert np.ptp(apart[..., 2], axis=1).max() < 1e-12 and np.abs(apart[..., :2]).max() < 1e-12
    assert np.array_equal(fine.part[places], coarse.part)


@fetched
def test_its_sides_are_alike_and_its_parts_are_in_pairs() -> None:
    data = load("dog")
    counts = data.counts()["test"]
    assert data.classes == PARTS and min(counts) > 1_000 and data.is_segmentation
    assert counts[4::2] == counts[5::2] and all(PARTS[i].startswith("left") for i in range(4, 12, 2))
    first, _ = data.train.batch([0])
    labels = data.train.targets[: len(first.pos)]
    assert [len(part) for part in data.parts.values()] == [24, 22, 16] and data.train.channels == 0
    assert float(first.pos[labels == PARTS.index("left thigh"), 1].min()) > -0.01
    either = load("dog-parts")
    assert len(either.classes) == 8 and sum(either.counts()["test"]) == sum(counts)
    assert torch.equal(either.train.inputs.pos, data.train.inputs.pos)


@fetched
def test_gaits_hardly_stretch_it_and_differ() -> None:
    rest = dog_poses("rest", 1)
    for gait in ("walk", "gallop", "sit", "shake", "scratch", "stalk"):
        found = metric_distortion(rest.position[0], dog_poses(gait, 2).position, rest.face)
        assert 0.75 < found.edges[1] < found.edges[3] < 1.35 and found.vibrations < 0.05
    one, other = (dog_poses("wander", 2, seed).position for seed in (1, 2))
    assert np.abs(one - other).max() > 0.05
    assert np.array_equal(one, dog_poses("wander", 2, 1).position)


@fetched
@pytest.mark.parametrize("gait", UNSEEN)
def test_gaits_to_be_tested_on_keep_within_three_fifths_of_every_joint(gait: str) -> None:
    skeleton, t = _skeleton(), np.arange(64) / 64
    joints = {joint.name: joint for joint in skeleton.joints}
    for seed in (None, 2, 3, 4):
        for name, angles in angles_of(skeleton, gait, t, seed).items():
            assert WANDERS * joints[name].low <= angles.min() <= angles.max() <= WANDERS * joints[name].high, name


def test_no_gait_is_in_two_parts() -> None:
    assert len({*SEEN, *CHOSEN, *UNSEEN}) == len(SEEN) + len(CHOSEN) + len(UNSEEN)


@fetched
def test_left_and_right_are_the_same_to_what_sees_lengths_alone() -> None:
    """The heat at a vertex is that at its mirror image: nothing intrinsic but an orientation tells them apart."""
    poses = dog_poses("bow", 1)  # legs step together, so that the pose is its own mirror image
    place = torch.from_numpy(poses.position[0])
    image = torch.cdist(place * torch.tensor([1.0, -1.0, 1.0]).double(), place).argmin(1)
    x, _ = Mesh(eigenfunctions=24).read({"pos": place, "face": torch.from_numpy(poses.face)})
    assert float((x - x[image]).abs().max()) < 1e-7
    assert float((x - x.mean(0)).abs().max()) > 0.5
    assert KEPT == "dog" and len(dog(sides=False).classes) == 8
