"""Skins and skeletons: files read as they are laid out, poses by the formula, joints one after the other."""

import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from erlangen.data.gaits import GAITS, angles_of, gaits
from erlangen.data.skeleton import Joint, Skeleton, read_skeleton, rotations
from erlangen.data.skin import Skin, read_skin
from erlangen.domains.surfaces.checks import checked
from erlangen.errors import DataError
from tests.skins import tube

MODEL = """<mujoco>
<default>
  <joint axis="0 1 0"/>
  <default class="bend"><joint range="-90 90"/>
    <default class="little"><joint pos="0.5 0 0" range="-10 20"/></default>
  </default>
</default>
<worldbody><body name="b0" pos="0 0 2">
  <freejoint name="root"/>
  <body name="b1" pos="1 0 0"><joint name="one" class="bend"/><joint name="two" class="bend" axis="0 0 2"/>
    <body name="hand" pos="0 0 0"><body name="b2" pos="1 0 0"><joint name="three" class="little"/></body></body>
  </body>
</body></worldbody>
</mujoco>"""


def written(skin: Skin, path: Path) -> Path:
    """The skin as MuJoCo writes it, with a vertex of the seam twice."""
    n, bones = len(skin.vertices), len(skin.bones)
    vertices = np.concatenate([skin.vertices, skin.vertices[:1]]).astype("<f4")
    faces = skin.faces.astype("<i4").copy()
    faces[faces == 0] = np.where(np.arange((faces == 0).sum()) % 2, n, 0)
    weights = np.concatenate([skin.weights, skin.weights[:1]])
    parts = [struct.pack("<4i", n + 1, n + 1, len(faces), bones), vertices.tobytes()]
    parts += [np.zeros((n + 1, 2), "<f4").tobytes(), faces.tobytes()]
    for b, name in enumerate(skin.bones):
        held = np.flatnonzero(weights[:, b] > 0).astype("<i4")
        parts += [name.encode().ljust(40, b"\0"), skin.origins[b].astype("<f4").tobytes()]
        parts += [np.array([1, 0, 0, 0], "<f4").tobytes(), struct.pack("<i", len(held)), held.tobytes()]
        parts.append(weights[held, b].astype("<f4").tobytes())
    path.write_bytes(b"".join(parts))
    return path


def skeleton(tmp_path: Path, text: str = MODEL, root: str = "b0") -> Skeleton:
    (tmp_path / "model.xml").write_text(text, encoding="utf-8")
    return read_skeleton(tmp_path / "model.xml", root)


def test_a_file_is_read_and_welded(tmp_path: Path) -> None:
    skin = tube()
    found = read_skin(written(skin, tmp_path / "tube.skn"))
    assert found.bones == skin.bones and np.array_equal(found.faces, skin.faces)
    for name in ("vertices", "weights", "origins", "turns"):
        np.testing.assert_allclose(getattr(found, name), getattr(skin, name), atol=1e-6)
    checked(found.vertices, found.faces)
    whole = (tmp_path / "tube.skn").read_bytes()
    for damaged in (whole[:-4], whole + b"\0", whole[:9]):
        (tmp_path / "damaged.skn").write_bytes(damaged)
        with pytest.raises(DataError, match="cannot be read"):
            read_skin(tmp_path / "damaged.skn")


def test_poses_are_as_the_formula_has_them_one_by_one() -> None:
    skin, rng = tube(), np.random.default_rng(0)
    turns = np.linalg.qr(rng.standard_normal((4, 3, 3, 3)))[0]
    places = rng.standard_normal((4, 3, 3))
    rest = np.linalg.qr(rng.standard_normal((3, 3, 3)))[0]
    skin = replace(skin, turns=rest)
    found = skin.posed(turns, places)
    for t, v in ((0, 0), (1, 50), (3, 97)):
        moved = [
            skin.weights[v, b] * (turns[t, b] @ rest[b].T @ (skin.vertices[v] - skin.origins[b]) + places[t, b])
            for b in range(3)
        ]
        np.testing.assert_allclose(found[t, v], sum(moved), atol=1e-12)
    one = np.broadcast_to(turns[:1, :1], (1, 3, 3, 3))
    rigid = skin.posed(one @ rest, skin.origins @ one[0, 0].T[None])
    np.testing.assert_allclose(rigid[0], skin.vertices @ one[0, 0].T, atol=1e-12)


def test_a_skeleton_is_read_with_the_limits_of_its_classes(tmp_path: Path) -> None:
    found = skeleton(tmp_path)
    assert found.bones == ("b0", "b1", "hand", "b2") and found.parents == (-1, 0, 1, 2)
    one, two, three = found.joints
    assert (one.name, two.bone, three.bone) == ("one", 1, 3)
    assert np.array_equal(one.axis, [0, 1, 0]) and np.array_equal(two.axis, [0, 0, 2])
    assert np.degrees([one.low, one.high, three.low, three.high]) == pytest.approx([-90, 90, -10, 20])
    assert np.array_equal(three.place, [0.5, 0, 0]) and np.array_equal(one.place, [0, 0, 0])
    turned = skeleton(tmp_path, MODEL.replace("<default>\n", '<compiler angle="radian"/><default>\n', 1))
    assert turned.joints[0].high == 90


def test_joints_turn_what_hangs_on_them_in_their_order(tmp_path: Path) -> None:
    found = skeleton(tmp_path)
    turns, places = found.placed({"one": np.array([0.0, np.pi / 2, 9.0]), "two": np.array([0, np.pi / 2, 0])})
    assert places[0].tolist() == [[0, 0, 2], [1, 0, 2], [1, 0, 2], [2, 0, 2]]
    np.testing.assert_allclose(turns[1, 3] @ [1, 0, 0], [0, 1, 0], atol=1e-12)  # y of the first, then on to z of it
    np.testing.assert_allclose(places[2, 3], [1, 0, 1], atol=1e-12)  # cut at a right angle
    _, places = found.placed({"three": np.array([0.1])})
    about = np.array([2.5, 0, 2])
    expected = about + rotations(np.array([0, 1, 0]), np.array([0.1]))[0] @ (np.array([2, 0, 2]) - about)
    np.testing.assert_allclose(places[0, 3], expected, atol=1e-12)


def test_what_is_not_understood_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="euler"):
        skeleton(tmp_path, MODEL.replace('name="hand"', 'name="hand" euler="0 90 0"'))
    with pytest.raises(DataError, match="hinges"):
        skeleton(tmp_path, MODEL.replace('name="one"', 'name="one" type="slide"'))
    with pytest.raises(DataError, match="in XML"):
        skeleton(tmp_path, MODEL[:-9])
    with pytest.raises(DataError, match="without a body"):
        skeleton(tmp_path, root="tail")
    with pytest.raises(DataError, match="an angle of 'knee'"):
        skeleton(tmp_path).placed({"knee": np.zeros(1)})
    lost = replace(tube(), bones=("b0", "b9", "b2"))
    with pytest.raises(DataError, match="bone 'b9'"):
        skeleton(tmp_path).posed(lost, {})


def test_a_skin_follows_its_skeleton(tmp_path: Path) -> None:
    skin = tube()
    bones = skeleton(tmp_path)
    still = bones.posed(skin, {})
    np.testing.assert_allclose(still[0], skin.vertices + np.array([0, 0, 2]), atol=1e-12)
    bent = bones.posed(skin, {"one": np.array([0.0, 0.5, 1.0])})
    assert bent.shape == (3, *skin.vertices.shape)
    np.testing.assert_allclose(bent[0], still[0], atol=1e-12)
    assert bent[2, -1, 2] < bent[1, -1, 2] < 2  # the far end sinks
    for pose in bent:
        checked(pose, skin.faces)


# ---- gaits
def legs() -> Skeleton:
    """Four hips and a spine, as far as gaits know them."""
    names = ("hip_L_extend", "hip_R_extend", "shoulder_L_extend", "shoulder_R_extend", "L_1_bend", "knee_L")
    joints = tuple(Joint(name, 0, np.eye(3)[1], np.zeros(3), -1.0, 0.5) for name in names)
    return Skeleton(("body",), (-1,), np.zeros((1, 3)), joints)


def test_legs_step_when_the_gait_has_them_step() -> None:
    t = np.arange(16) / 16
    walk, trot = (angles_of(legs(), gait, t) for gait in ("walk", "trot"))
    np.testing.assert_allclose(np.roll(walk["hip_L_extend"], -8), walk["hip_R_extend"], atol=1e-12)
    np.testing.assert_allclose(np.roll(walk["shoulder_L_extend"], -8), walk["shoulder_R_extend"], atol=1e-12)
    swing = trot["hip_L_extend"] - trot["hip_L_extend"].mean()
    np.testing.assert_allclose(swing, 0.5 * np.sin(2 * np.pi * t), atol=1e-12)
    assert set(walk) == {joint.name for joint in legs().joints}
    assert walk["L_1_bend"].max() == pytest.approx(0.05)


def test_a_stride_ends_where_it_began_and_seeds_do_it_otherwise() -> None:
    for gait in gaits():
        ends = angles_of(legs(), gait, np.array([0.0, 1.0]), 3)
        assert all(abs(values[0] - values[1]) < 1e-9 for values in ends.values())
        first, again, other = (angles_of(legs(), gait, np.array([0.3]), seed) for seed in (1, 1, 2))
        assert first == again and (first != other) == (gait != "rest")
    assert set(GAITS) < set(gaits())
    with pytest.raises(DataError, match="rest, walk, trot"):
        angles_of(legs(), "hop", np.zeros(1))


def test_wandering_keeps_within_limits_and_uses_them() -> None:
    t = np.linspace(0, 1, 200)
    found = angles_of(legs(), "wander", t, 0)
    for joint in legs().joints:
        assert 0.05 * joint.low > found[joint.name].min() > 0.7 * joint.low
        assert 0.05 * joint.high < found[joint.name].max() < 0.7 * joint.high
