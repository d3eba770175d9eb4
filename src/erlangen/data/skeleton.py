"""Skeletons: bones that turn at joints, one after the other, and all that hangs on them turns along."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from erlangen.data.skin import Skin
from erlangen.errors import DataError

TURNED = ("quat", "euler", "axisangle", "xyaxes", "zaxis")  # how else a body may say that it is turned at rest


@dataclass(frozen=True, eq=False)
class Joint:
    """A hinge: the `bone` turns about `axis` `[3]` through `place` `[3]`, both in its own frame, from `low` to `high`,
    in radians; counter-clockwise as seen against the axis."""

    name: str
    bone: int
    axis: np.ndarray
    place: np.ndarray
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Skeleton:
    """Bones, each behind its parent (−1: none) and `[3]` away from it; and joints, which act in their order."""

    bones: tuple[str, ...]
    parents: tuple[int, ...]
    away: np.ndarray
    joints: tuple[Joint, ...]

    def placed(self, angles: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Turns `[poses, bones, 3, 3]` and places `[poses, bones, 3]`, where joints are turned by angles `[poses]`.

        Joints that are left out stay as they are; angles beyond limits are cut there. Raises DataError for a joint that
        is not there.

        >>> arm = Skeleton(("a", "b"), (-1, 0), np.eye(3)[:2], (Joint("turn", 0, np.eye(3)[2], np.zeros(3), 0, 2),))
        >>> arm.placed({"turn": np.array([0.0, np.pi / 2])})[1][:, 1].round(9).tolist()
        [[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
        """
        unknown = set(angles) - {joint.name for joint in self.joints}
        if unknown:
            known = ", ".join(joint.name for joint in self.joints)
            raise DataError(f"an angle of {sorted(unknown)[0]!r}", f"joints: {known}", "Check the spelling.")
        count = max((len(values) for values in angles.values()), default=1)
        turns, places = np.empty((count, len(self.bones), 3, 3)), np.empty((count, len(self.bones), 3))
        of_bone = {bone: [joint for joint in self.joints if joint.bone == bone] for bone in range(len(self.bones))}
        for bone, parent in enumerate(self.parents):
            turn = np.broadcast_to(np.eye(3), (count, 3, 3)) if parent < 0 else turns[:, parent]
            place = (places[:, parent] if parent >= 0 else 0) + turn @ self.away[bone]
            for joint in of_bone[bone]:
                if joint.name in angles:
                    about = place + turn @ joint.place
                    turn = turn @ rotations(joint.axis, np.clip(angles[joint.name], joint.low, joint.high))
                    place = about - turn @ joint.place
            turns[:, bone], places[:, bone] = turn, place
        return turns, places

    def posed(self, skin: Skin, angles: Mapping[str, np.ndarray]) -> np.ndarray:
        """Vertices `[poses, n, 3]` of the skin; DataError where it hangs on bones that are not there."""
        lost = [bone for bone in skin.bones if bone not in self.bones]
        if lost:
            raise DataError(f"a skin on the bone {lost[0]!r}", f"bones: {', '.join(self.bones)}", "Take its skeleton.")
        chosen = [self.bones.index(bone) for bone in skin.bones]
        turns, places = self.placed(angles)
        return skin.posed(turns[:, chosen], places[:, chosen])


def rotations(axis: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """About one axis by angles `[poses]`, `[poses, 3, 3]`: I + sin a K + (1 − cos a) K².

    >>> rotations(np.array([0.0, 0.0, 2.0]), np.array([np.pi / 2]))[0].round(9).tolist()
    [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    x, y, z = np.asarray(axis, dtype=np.float64) / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    a = np.asarray(angles, dtype=np.float64)[:, None, None]
    return np.eye(3) + np.sin(a) * cross + (1 - np.cos(a)) * (cross @ cross)


def read_skeleton(path: Path, root: str) -> Skeleton:
    """The body `root` of a model of MuJoCo and all that hangs on it, from its XML file.

    Joints are hinges with limits, as their classes of defaults have it; a free joint leaves the root where it is.
    Raises DataError for what is not understood: other joints, bodies that are turned at rest.
    """
    try:
        tree = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError) as error:
        given = f"{path}, which cannot be read ({error})"
        raise DataError(given, "a model of MuJoCo in XML", "Fetch the data again.") from None
    found = next((body for body in tree.iter("body") if body.get("name") == root), None)
    if found is None:
        raise DataError(f"{path} without a body {root!r}", "a model that has it", "Check the name.")
    compiler = tree.find("compiler")
    radians = compiler is not None and compiler.get("angle") == "radian"
    try:
        return _skeleton(found, dict(_classes(tree)), 1.0 if radians else np.pi / 180)
    except ValueError as error:
        if isinstance(error, DataError):
            raise
        raise DataError(
            f"{path} with a length or a limit that is none ({error})", "numbers", "Fetch it again."
        ) from None


def _classes(tree: ElementTree.Element) -> Iterator[tuple[str, dict[str, str]]]:
    """What joints of each class have where they say nothing, what it inherits included."""

    def within(node: ElementTree.Element, inherited: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
        own = node.find("joint")
        said = inherited | (dict(own.attrib) if own is not None else {})
        yield node.get("class", "main"), said
        for child in node.findall("default"):
            yield from within(child, said)

    top = tree.find("default")
    yield from within(top, {}) if top is not None else ()


def _skeleton(root: ElementTree.Element, classes: dict[str, dict[str, str]], unit: float) -> Skeleton:
    bones: list[str] = []
    parents: list[int] = []
    away: list[np.ndarray] = []
    joints: list[Joint] = []

    def walk(body: ElementTree.Element, parent: int) -> None:
        name, here = body.get("name", ""), len(bones)
        turned = [said for said in TURNED if said in body.attrib]
        if turned:
            raise DataError(f"the body {name!r} with {turned[0]}", "bodies that are not turned at rest", "Write pos.")
        bones.append(name)
        parents.append(parent)
        away.append(_lengths(body.get("pos", "0 0 0"), 3))
        for node in body.findall("joint"):
            said = classes.get(node.get("class", "main"), {}) | dict(node.attrib)
            joints.append(_joint(said, here, unit))
        for child in body.findall("body"):
            walk(child, here)

    walk(root, -1)
    return Skeleton(tuple(bones), tuple(parents), np.stack(away), tuple(joints))


def _joint(said: Mapping[str, str], bone: int, unit: float) -> Joint:
    if said.get("type", "hinge") != "hinge":
        raise DataError(f"the joint {said.get('name')!r} of type {said['type']}", "hinges", "Others are not read.")
    low, high = unit * _lengths(said.get("range", "-360 360"), 2)
    axis, place = _lengths(said.get("axis", "0 0 1"), 3), _lengths(said.get("pos", "0 0 0"), 3)
    return Joint(said.get("name", ""), bone, axis, place, low, high)


def _lengths(text: str, count: int) -> np.ndarray:
    """So many finite numbers; else a ValueError."""
    found = np.array([float(part) for part in text.split()])
    if found.shape != (count,) or not np.isfinite(found).all():
        raise ValueError(f"{text!r} for {count} numbers")
    return found
