"""What was computed of a mesh is found again, by its content alone, whatever happened to the file."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import igl
import numpy as np
import pytest

from erlangen.domains._icosphere import icosphere
from erlangen.domains._recent import Recent
from erlangen.domains.surfaces import operators as module
from erlangen.domains.surfaces.operators import COTANGENT, DELAUNAY, TUFTED, Asked, Operators, operators
from tests.clouds import sphere
from tests.meshes import Mesh, moebius, pages, potato, sheet

COUNT = 8


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own, and files of small meshes too."""
    monkeypatch.setenv("ERLANGEN_CACHE", str(tmp_path))
    monkeypatch.setattr(module, "WORTH_KEEPING", 10)
    monkeypatch.setattr(module, "_known", Recent(module.IN_MEMORY))
    return tmp_path / "surfaces"


def forget() -> None:
    module._known.clear()


def equal(a: Operators, b: Operators) -> bool:
    return all(x.dtype == y.dtype and np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def computed_never(*_: object) -> Operators:
    raise AssertionError("computed, and not found")


@pytest.mark.parametrize("radius", [None, 0.5])
def test_what_was_kept_is_what_was_computed(cache: Path, radius: float | None, monkeypatch: pytest.MonkeyPatch):
    made = operators(*potato(1), Asked(COUNT, radius))
    assert len(list(cache.iterdir())) == 1
    monkeypatch.setattr(module, "computed", computed_never)
    assert operators(*potato(1), Asked(COUNT, radius)) is made
    forget()
    again = operators(*potato(1), Asked(COUNT, radius))
    assert again is not made and equal(again, made)


@pytest.mark.parametrize("make", [pages, lambda: (sphere(90), np.zeros((0, 3), dtype=np.int64))])
def test_what_makes_no_surface_is_kept_too(make: Callable[[], Mesh], cache: Path, monkeypatch: pytest.MonkeyPatch):
    made = operators(*make(), Asked(COUNT, None, TUFTED))
    assert len(list(cache.iterdir())) == 1
    monkeypatch.setattr(module, "computed", computed_never)
    forget()
    assert equal(operators(*make(), Asked(COUNT, None, TUFTED)), made)


def test_another_mesh_count_radius_or_laplacian_is_another_file(cache: Path):
    points, faces = potato(1)
    moved = points.copy()
    moved[0, 0] += 1e-15
    for mesh in [(points, faces), (moved, faces), (points, np.roll(faces, 1, 0))]:
        operators(*mesh, Asked(8))
    for asked in [Asked(7), Asked(8, 0.5), Asked(8, 0.25), Asked(8, None, DELAUNAY)]:
        operators(points, faces, asked)
    assert len(list(cache.iterdir())) == 7


def test_a_damaged_file_is_made_anew(cache: Path):
    made = operators(*potato(1), Asked(COUNT))
    (path,) = cache.iterdir()
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    damaged = [b"", b"not a file of arrays", whole[: len(whole) // 2], whole[:-1], whole[100:]]
    for _ in range(60):
        bits = bytearray(whole)
        bits[rng.integers(len(bits))] ^= 1 << rng.integers(8)
        damaged.append(bytes(bits))
    for k in (30, 50, 80, 100, 128, 130, 140):  # headers
        damaged.append(whole[:k] + b"\xff\x00\x7f" + whole[k + 3 :])
    for content in damaged:
        path.write_bytes(content)
        forget()
        assert equal(operators(*potato(1), Asked(COUNT)), made)
    assert path.read_bytes() == content or path.read_bytes() == whole


def test_a_file_of_another_mesh_in_its_place_is_not_believed(cache: Path):
    made = operators(*potato(1), Asked(COUNT))
    (path,) = cache.iterdir()
    operators(*potato(2), Asked(COUNT))
    (other,) = set(cache.iterdir()) - {path}
    path.write_bytes(other.read_bytes())
    forget()
    assert equal(operators(*potato(1), Asked(COUNT)), made)


def _write(_: int) -> bool:
    forget()
    return len(operators(*potato(2), Asked(COUNT)).mass) == 162


def test_writers_do_not_meet(cache: Path):
    """Each writes the file whole, or finds it so; no draft is left."""
    with ThreadPoolExecutor(4) as writers:
        assert all(writers.map(_write, range(12)))
    made = operators(*potato(2), Asked(COUNT))
    assert equal(made, module.computed(*potato(2), Asked(COUNT)))
    assert all(path.suffix == ".npz" and not path.name.startswith(".") for path in cache.iterdir())


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def _spheres(count: int) -> list[Mesh]:
    return [(points * (1 + k), faces) for points, faces in [potato(1)] for k in range(count)]


def test_files_that_were_used_longest_ago_go(cache: Path, monkeypatch: pytest.MonkeyPatch):
    first, second, third = _spheres(3)
    operators(*first, Asked(COUNT))
    (one,) = _names(cache)
    operators(*second, Asked(COUNT))
    (two,) = _names(cache) - {one}
    for age, name in enumerate((two, one), 1):
        os.utime(cache / name, (1e9 - age, 1e9 - age))
    forget()
    operators(*first, Asked(COUNT))  # found, and so used after the second
    monkeypatch.setattr(module, "IN_FILES", int(2.5 * (cache / one).stat().st_size))
    operators(*third, Asked(COUNT))
    assert len(_names(cache)) == 2 and one in _names(cache) and two not in _names(cache)
    monkeypatch.setattr(module, "IN_FILES", 1)
    forget()
    operators(*second, Asked(COUNT))
    assert _names(cache) == {two}


def test_writers_that_make_room_do_not_meet(cache: Path, monkeypatch: pytest.MonkeyPatch):
    """What one removes another may be about to read or to remove: it is computed, or passed over."""
    meshes = _spheres(6)
    operators(*meshes[0], Asked(COUNT))
    (path,) = cache.iterdir()
    monkeypatch.setattr(module, "IN_FILES", int(2.5 * path.stat().st_size))
    made = {k: module.computed(*mesh, Asked(COUNT)) for k, mesh in enumerate(meshes)}

    def ask(turn: int) -> bool:
        forget()
        return equal(operators(*meshes[turn % 6], Asked(COUNT)), made[turn % 6])

    with ThreadPoolExecutor(4) as writers:
        assert all(writers.map(ask, range(48)))
    operators(meshes[0][0] * 7, meshes[0][1], Asked(COUNT))
    assert len(_names(cache)) == 2 and all(name.endswith(".npz") for name in _names(cache))


def test_a_folder_that_cannot_be_written_costs_time_alone(cache: Path):
    cache.parent.mkdir(exist_ok=True)
    cache.write_text("a file where the folder should be")
    assert len(operators(*potato(1), Asked(COUNT)).mass) == 42


def test_small_meshes_leave_no_file(cache: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "WORTH_KEEPING", 43)
    operators(*potato(1), Asked(COUNT))
    assert not cache.exists()


def test_memory_holds_the_last_that_were_used(monkeypatch: pytest.MonkeyPatch):
    one = sum(part.nbytes for part in operators(*potato(1), Asked(COUNT)))
    monkeypatch.setattr(module, "_known", Recent(int(2.5 * one)))
    made = [operators(points * scale, faces, Asked(COUNT)) for points, faces in [potato(1)] for scale in (1.0, 2.0)]
    assert operators(*potato(1), Asked(COUNT)) is made[0]
    operators(3 * potato(1)[0], potato(1)[1], Asked(COUNT))
    assert operators(*potato(1), Asked(COUNT)) is made[0]
    assert operators(2 * potato(1)[0], potato(1)[1], Asked(COUNT)) is not made[1]
    monkeypatch.setattr(module, "_known", Recent(1))
    assert operators(*potato(1), Asked(COUNT)) is operators(*potato(1), Asked(COUNT))


def test_recent_counts_what_is_put_twice_once():
    known = Recent[str](10)
    for _ in range(5):
        known.put("a", "A", 6)
    known.put("b", "B", 4)
    assert known.get("a") == "A" and known.size == 10
    known.put("c", "C", 1)
    assert known.get("b") is None and len(known) == 2 and known.size == 7
    known.clear()
    assert known.get("a") is None and known.size == 0


# ---- which Laplacian -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("make", [potato, sheet, moebius])
def test_of_delaunay_triangles(make: Callable[[], Mesh]):
    """L φ = λ M φ with the Laplacian of libigl, on triangles that lean; all else is measured on them as they are."""
    points, faces = make()
    leaning = points @ np.array([[1.0, 0, 0], [1.6, 1, 0], [0, 0.4, 1]])
    made, before = (module.computed(leaning, faces, Asked(12, None, kind)) for kind in (DELAUNAY, COTANGENT))
    theirs = -igl.intrinsic_delaunay_cotmatrix(leaning, faces)[0]
    flow = theirs @ made.functions - made.mass[:, None] * made.functions * made.values
    assert np.abs(flow).max() < 1e-7 * made.values.max()
    assert np.abs((made.functions * made.mass[:, None]).T @ made.functions - np.eye(len(made.values))).max() < 1e-9
    assert made.mass.sum() == pytest.approx(before.mass.sum(), rel=1e-12)
    assert np.array_equal(made.slopes, before.slopes) and np.array_equal(made.offset, before.offset)
    assert np.abs(made.mass - before.mass).max() > 1e-4


def test_where_triangles_are_good_both_are_one():
    points, faces = icosphere(2)
    one, other = (module.computed(points, faces, Asked(9, None, kind)) for kind in (DELAUNAY, COTANGENT))
    assert np.abs(one.mass - other.mass).max() < 1e-15 and np.abs(one.values - other.values).max() < 1e-9
