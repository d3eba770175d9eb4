"""Damaged meshes: what can be mended is, and said; what comes out passes every check."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import erlangen as er
from erlangen.domains.surfaces.checks import checked
from erlangen.domains.surfaces.geometry import Geometry
from erlangen.domains.surfaces.repair import Repaired, repaired_mesh
from erlangen.errors import InputError
from tests.meshes import MESHES, Mesh, copies, geometry, potato, sheet

Random = np.random.Generator


def outward(mesh: Mesh) -> Mesh:
    made = repaired_mesh(*mesh)
    return made.vertices, made.faces


CLEAN = {name: outward(make()) for name, make in MESHES.items()}


def torn(mesh: Mesh, rng: Random) -> Mesh:
    """Each face with vertices of its own, as in STL files."""
    points, faces = mesh
    return points[faces.reshape(-1)], np.arange(faces.size).reshape(-1, 3)


def seamed(mesh: Mesh, rng: Random) -> Mesh:
    points, faces = mesh
    own = rng.random(len(faces)) < 0.3
    after = len(points) + np.arange(3 * own.sum()).reshape(-1, 3)
    faces = faces.copy()
    faces[own], extra = after, points[faces[own].reshape(-1)]
    return np.concatenate([points, extra]), faces


def flipped(mesh: Mesh, rng: Random) -> Mesh:
    points, faces = mesh
    over = rng.random(len(faces)) < 0.4
    return points, np.where(over[:, None], faces[:, ::-1], faces)


def doubled(mesh: Mesh, rng: Random) -> Mesh:
    points, faces = mesh
    again = faces[rng.integers(0, len(faces), 4)]
    return points, np.concatenate([faces, again[:2], again[2:, [1, 0, 2]]])


def thinned(mesh: Mesh, rng: Random) -> Mesh:
    points, faces = mesh
    a, b = faces[rng.integers(0, len(faces), 3), :2].T
    n = len(points)
    flat = np.stack([a, b, n + np.arange(3)], axis=1)
    return np.concatenate([points, (points[a] + points[b]) / 2]), np.concatenate([faces, flat, np.stack([a, b, b], 1)])


def littered(mesh: Mesh, rng: Random) -> Mesh:
    points, faces = mesh
    return np.concatenate([rng.standard_normal((5, 3)), points, 9 + rng.standard_normal((2, 3))]), faces + 5


def finned(mesh: Mesh, rng: Random) -> Mesh:
    """With faces that stand on edges which have their two."""
    points, faces = mesh
    a, b = faces[rng.integers(0, len(faces), 3), :2].T
    tips = (points[a] + points[b]) / 2 * 1.5 + 0.1 * rng.standard_normal((3, 3))
    return np.concatenate([points, tips]), np.concatenate([faces, np.stack([a, b, len(points) + np.arange(3)], 1)])


def pinched(mesh: Mesh, rng: Random) -> Mesh:
    """Vertices that have nothing to do with each other made one."""
    points, faces = mesh
    a, b = rng.choice(len(points), (2, 3), replace=False)
    place = np.arange(len(points))
    place[a] = b
    return points, place[faces]


DAMAGES: dict[str, Callable[[Mesh, Random], Mesh]] = {
    f.__name__: f for f in (torn, seamed, flipped, doubled, thinned, littered, finned, pinched)
}
HARMLESS = ("torn", "seamed", "flipped", "doubled", "littered")  # what was there can be found again


def area(mesh: Mesh | Repaired) -> float:
    a, b, c = (mesh[0][mesh[1][:, i]] for i in range(3))
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def repaired_unless_twisted(mesh: Mesh) -> Repaired | None:
    try:
        return repaired_mesh(*mesh)
    except InputError as refused:
        if "one side only" not in str(refused):
            raise
        return None


@pytest.mark.parametrize("shape", CLEAN)
def test_a_mesh_without_fault_comes_back_as_it_was(shape: str):
    points, faces = CLEAN[shape]
    made = repaired_mesh(points, faces.astype(np.int32))
    assert np.array_equal(made.vertices, points) and np.array_equal(made.faces, faces) and made.said == ()


@pytest.mark.parametrize("damage", HARMLESS)
@pytest.mark.parametrize("shape", CLEAN)
def test_damage_that_lost_nothing_is_undone(damage: str, shape: str):
    """The same surface: as many vertices and faces, the same Laplacian, closed parts outward."""
    points, faces = CLEAN[shape]
    made = repaired_mesh(*DAMAGES[damage]((points, faces), np.random.default_rng(1)))
    assert made.said
    assert len(made.vertices) == len(points) and len(made.faces) == len(faces)
    apart = np.linalg.norm(made.vertices[:, None] - points[None], axis=-1)
    was = apart.argmin(1)
    assert apart.min(1).max() == 0 and len(set(was.tolist())) == len(points)
    here, there = geometry((points, faces)), geometry((made.vertices, made.faces))
    assert abs(there.laplacian - here.laplacian[was][:, was]).max() < 1e-12
    alike = np.abs(there.normals - here.normals[was]).max(1) < 1e-9
    if (here.half.twin >= 0).all():
        assert alike.all()
    else:
        assert alike.all() or not alike.any()  # of an open part either side may be the outer one


@given(
    shape=st.sampled_from(sorted(CLEAN)),
    damages=st.lists(st.sampled_from(sorted(DAMAGES)), min_size=1, max_size=4),
    seed=st.integers(0, 2**16),
)
def test_what_comes_out_passes_every_check(shape: str, damages: list[str], seed: int):
    rng, mesh = np.random.default_rng(seed), CLEAN[shape]
    for damage in damages:
        mesh = DAMAGES[damage](mesh, rng)
    made = repaired_unless_twisted(mesh)
    if made is None:  # a strip pinched so that it is joined to itself the wrong way round
        assert "pinched" in damages
        return
    assert np.isfinite(Geometry(*checked(made.vertices, made.faces)).laplacian.data).all()
    assert all(sentence.endswith(".") and sentence[0].isdigit() for sentence in made.said)
    assert area(made) <= area(mesh) * (1 + 1e-9)
    if "pinched" not in damages:
        assert area(made) >= area(CLEAN[shape]) * (1 - 1e-6)


def test_every_repair_is_said():
    for damage, said in {
        "torn": "were welded to others at the same place.",
        "flipped": "were turned over, so that those of a part are oriented alike",
        "doubled": "4 faces were dropped, which had the vertices of another.",
        "thinned": "6 faces were dropped, with one vertex twice or without area.",
        "littered": "7 vertices were dropped, in no face.",
        "finned": "3 edges of three faces or more were cut, but for faces that go straight on into each other.",
        "pinched": "vertices were added, where parts touched in a point or were cut.",
    }.items():
        made = repaired_mesh(*DAMAGES[damage](CLEAN["potato"], np.random.default_rng(2)))
        assert any(said in sentence for sentence in made.said), (damage, made.said)


def test_fins_are_cut_off_and_the_surface_stays_closed():
    points, faces = CLEAN["potato"]
    made = repaired_mesh(*finned((points, faces), np.random.default_rng(0)))
    half = geometry((made.vertices, made.faces)).half
    sizes = np.bincount(half.parts[made.faces[:, 0]])
    assert sorted(sizes.tolist()) == [1, 1, 1, len(faces)]
    assert (half.twin < 0).sum() == 9


def test_two_surfaces_that_touch_in_a_point_or_along_an_edge_come_apart():
    points, faces = potato(1)
    for shared in (1, 2):
        both = np.concatenate([points, points[shared:] + np.array([5.0, 0, 0])])
        place = np.concatenate([np.arange(shared), np.arange(shared, len(points)) + len(points) - shared])
        made = repaired_mesh(both, np.concatenate([faces, place[faces]]))
        parts = geometry((made.vertices, made.faces)).half.parts
        assert parts.max() == 1 and len(made.vertices) == 2 * len(points)


def test_a_closed_surface_within_another_looks_outward_too():
    points, faces = potato(2)
    made = repaired_mesh(np.concatenate([points, 0.5 * points]), np.concatenate([faces[:, ::-1], faces + len(points)]))
    volume = np.linalg.det(made.vertices[made.faces])
    parts = made.faces[:, 0] >= len(points)
    assert volume[parts].sum() > 0 and volume[~parts].sum() > 0
    assert len(made.said) == 1 and made.said[0].startswith(f"{len(faces)} faces were turned over")


def moebius(around: int = 12) -> Mesh:
    turn = 2 * np.pi * np.arange(around) / around
    points = [
        [(1 + s * np.cos(t / 2)) * np.cos(t), (1 + s * np.cos(t / 2)) * np.sin(t), s * np.sin(t / 2)]
        for t in turn
        for s in (-0.3, 0.3)
    ]
    faces = []
    for k in range(around):
        a, b = 2 * k, 2 * k + 1
        c, d = (2 * k + 2, 2 * k + 3) if k < around - 1 else (1, 0)
        faces += [[a, c, b], [b, c, d]]
    return np.array(points), np.array(faces)


def test_one_side_only_is_cut_open_where_it_may_be():
    """At an edge that three faces have."""
    points, faces = moebius()
    tip = points[faces[5, :2]].mean(0) + np.array([0, 0, 0.5])
    made = repaired_mesh(np.concatenate([points, [tip]]), np.concatenate([faces, [[*faces[5, :2], len(points)]]]))
    assert len(made.faces) == len(faces) + 1
    assert made.said[0].startswith("1 edge of three faces or more was cut")


def test_what_cannot_be_mended_is_refused_by_name():
    with pytest.raises(InputError, match="one side only, of 24 faces, as a Möbius strip"):
        repaired_mesh(*moebius())
    points, faces = moebius()
    made = repaired_mesh(points[faces.reshape(-1)], np.arange(faces.size).reshape(-1, 3), oriented=False)
    assert len(made.vertices) == len(points) and len(made.faces) == len(faces)
    assert [word.split()[2] for word in made.said] == ["were"]
    with pytest.raises(InputError, match="nothing is left"):
        repaired_mesh(np.ones((3, 3)), [[0, 1, 2]])
    with pytest.raises(InputError, match="vertex 1 not finite"):
        repaired_mesh(np.array([[0, 0, 0], [np.nan, 0, 0], [1, 1, 0.0]]), [[0, 1, 2]])
    with pytest.raises(InputError, match="a vertex that is not there"):
        repaired_mesh(np.eye(3), [[0, 1, 3]])


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_units_mean_nothing(unit: float):
    points, faces = torn(sheet(), np.random.default_rng(0))
    here, there = repaired_mesh(points, faces), repaired_mesh(unit * points, faces)
    assert here.said == there.said and np.array_equal(here.faces, there.faces)


def test_it_is_the_mend_that_refusals_name():
    points, faces = torn(copies(potato(1), 2), np.random.default_rng(0))
    bad = np.concatenate([faces, faces[:1]])
    with pytest.raises(InputError, match=r"er\.domains\.repaired_mesh"):
        checked(points, bad)
    made = er.domains.repaired_mesh(points, bad)
    checked(made.vertices, made.faces)
