"""Bodies between sculpted ones: one mesh, many bodies as differences from it, mixed by who a person is."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np

from erlangen.errors import DataError

SEXES = ("female", "male")
AGES = ("baby", "child", "young", "old")
ORIGINS = ("african", "asian", "caucasian")
MUSCLES, WEIGHTS = (tuple(f"{size}{what}" for size in ("min", "average", "max")) for what in ("muscle", "weight"))
HEIGHTS = ("minheight", "", "maxheight")


class Person(NamedTuple):
    """Who somebody is to a sculptor: `sex` from 0 (female) to 1 (male); `age` from 0 (a baby) by 1 (a child) and 2 (a
    young adult) to 3 (old); `muscle`, `weight` and `height` from 0 to 1, ½ is the mean; shares of three origins."""

    sex: float = 0.5
    age: float = 2.0
    muscle: float = 0.5
    weight: float = 0.5
    height: float = 0.5
    origins: tuple[float, float, float] = (1 / 3, 1 / 3, 1 / 3)


def shares(person: Person) -> dict[str, float]:
    """c_t of all sculpted bodies t that count: products of what each says of sex, age, build and origin, each linear
    from one of its values to the next.

    >>> found = shares(Person(sex=1, age=2.5, origins=(0, 0, 1)))
    >>> found["caucasian-male-young"], found["universal-male-old-averagemuscle-averageweight"], len(found)
    (0.5, 0.5, 4)
    """
    sex, age = _between(SEXES, person.sex), _between(AGES, 1 / 3 * person.age)
    muscle, weight, height = (
        _between(names, value)
        for names, value in zip((MUSCLES, WEIGHTS, HEIGHTS), (person.muscle, person.weight, person.height), strict=True)
    )
    origin = dict(zip(ORIGINS, person.origins, strict=True))
    build = product(sex.items(), age.items(), muscle.items(), weight.items())
    found = {f"{o}-{s}-{a}": q * p * r for (o, q), (s, p), (a, r) in product(origin.items(), sex.items(), age.items())}
    for (s, p), (a, r), (m, u), (w, v) in build:
        found[f"universal-{s}-{a}-{m}-{w}"] = p * r * u * v
        found |= {f"height/{s}-{a}-{m}-{w}-{h}": p * r * u * v * share for h, share in height.items() if h}
    return {name: share for name, share in found.items() if share > 0}


def _between(names: Sequence[str], value: float) -> dict[str, float]:
    """How much each of some values counts, which are evenly spaced from 0 to 1."""
    at = value * (len(names) - 1)
    return {name: max(0.0, 1.0 - abs(at - i)) for i, name in enumerate(names)}


@dataclass(frozen=True, eq=False)
class Sculpture:
    """x = x₀ + Σ_t c_t d_t: `vertices` `[n, 3]`, `faces` `[m, 3]`, `targets` `[t, n, 3]` with their `names`, and the
    `part` of the body at each vertex, `[n]`."""

    vertices: np.ndarray
    faces: np.ndarray
    names: tuple[str, ...]
    targets: np.ndarray
    part: np.ndarray

    def body(self, person: Person) -> np.ndarray:
        """The vertices of a person, `[n, 3]`, with the lowest one at z = 0."""
        found = shares(person)
        missing = sorted(set(found) - set(self.names))
        if missing:
            raise DataError(f"{person}, who needs {missing[0]!r}", "a sculpted body of this name", "Fetch again.")
        mixed = np.array([found.get(name, 0.0) for name in self.names])
        points = self.vertices + np.tensordot(mixed, self.targets, 1)
        return points - np.array([0, 0, points[:, 2].min()])

    def at(self, kept: np.ndarray, faces: np.ndarray) -> "Sculpture":
        """These of the vertices alone, with other faces between them."""
        held = {"vertices": self.vertices[kept], "targets": self.targets[:, kept], "part": self.part[kept]}
        return replace(self, faces=faces, **held)


def read_obj(path: Path, group: str) -> tuple[np.ndarray, np.ndarray]:
    """Vertices `[n, 3]` and faces, as they are, of one group of a Wavefront file whose vertices are the first ones."""
    points, corners, now = [], [], ""
    for words in map(str.split, path.read_text(encoding="utf-8").splitlines()):
        if words[:1] == ["v"]:
            points.append([float(word) for word in words[1:4]])
        elif words[:1] == ["g"]:
            now = words[1]
        elif words[:1] == ["f"] and now == group:
            corners.append([int(word.split("/")[0]) - 1 for word in words[1:]])
    faces = np.array(corners)
    return np.array(points)[: faces.max() + 1], faces


def read_target(path: Path, count: int) -> np.ndarray:
    """By how much each of the first so many vertices is moved, `[count, 3]`: lines of a number and three lengths."""
    lines = gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()
    told = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    rows = np.array(told, dtype=np.float64).reshape(-1, 4)
    rows = rows[rows[:, 0] < count]
    moved = np.zeros((count, 3))
    moved[rows[:, 0].astype(np.int64)] = rows[:, 1:]
    return moved


def read_shares(path: Path, count: int) -> dict[str, np.ndarray]:
    """Of each bone how much of each of the first so many vertices it holds, `[count]`."""
    found = {}
    for bone, pairs in json.loads(path.read_text(encoding="utf-8"))["weights"].items():
        held = np.zeros(count)
        for vertex, share in pairs:
            if vertex < count:
                held[vertex] = share
        found[bone] = held
    return found


def triangles(faces: np.ndarray) -> np.ndarray:
    """Each square cut in two, triangles as they are.

    >>> triangles(np.array([[0, 1, 2, 3]])).tolist()
    [[0, 1, 2], [0, 2, 3]]
    """
    return np.concatenate([faces[:, [0, i, i + 1]] for i in range(1, faces.shape[1] - 1)])
