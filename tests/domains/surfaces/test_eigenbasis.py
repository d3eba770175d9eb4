"""Vibrations of a surface: they solve their equation, none is left out, and equal ones stay together."""

import numpy as np
import pytest
from scipy.sparse import diags_array
from scipy.sparse.linalg import splu

from erlangen.domains._icosphere import icosphere
from erlangen.domains.surfaces.eigenbasis import Eigenbasis, eigenbasis
from erlangen.domains.surfaces.geometry import Geometry
from erlangen.errors import InputError
from tests.meshes import MESHES, copies, geometry, pillow, potato, sheet, shuffled, torus

LARGE = {
    "potato": lambda: potato(4),
    "sphere": lambda: icosphere(4),
    "torus": lambda: torus(40, 50),
    "sheet": lambda: sheet(40, 50),
    "folded": lambda: sheet(40, 50, bends=True),
    "strip": lambda: sheet(5, 600),
    "three alike": lambda: copies(potato(3), 3),
}
ALL = pytest.mark.parametrize("shape", [*MESHES, *LARGE])


def named(shape: str) -> Geometry:
    return geometry({**MESHES, **LARGE}[shape]())


def lower_than(made: Geometry, value: float) -> int:
    """How many eigenvalues are, by the signs of a factorisation: Sylvester's law, no eigenvalue computed."""
    system = made.laplacian - value * diags_array(made.mass)
    solver = splu(system.tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    assert (solver.perm_r == solver.perm_c).all()
    return int((solver.U.diagonal() < 0).sum())


def spread(basis: Eigenbasis, made: Geometry, x: np.ndarray) -> np.ndarray:
    """Heat after a time, in a unit of its own."""
    decay = np.exp(-basis.values * made.mass.sum() / 100)[:, None]
    return basis.functions @ (decay * (basis.functions.T @ (made.mass[:, None] * x)))


@ALL
@pytest.mark.parametrize("count", [7, 60])
def test_they_solve_the_equation_are_orthonormal_and_complete(shape: str, count: int):
    made = named(shape)
    values, functions = eigenbasis(made, count)
    root = np.sqrt(made.mass)[:, None]
    left = (made.laplacian @ functions - made.mass[:, None] * functions * values) / root
    assert np.linalg.norm(left, axis=0).max() < 1e-10 * values[-1]
    assert np.abs(functions.T @ (made.mass[:, None] * functions) - np.eye(len(values))).max() < 1e-12
    assert (np.diff(values) >= 0).all() and values[0] < 1e-10 * values[-1]
    assert lower_than(made, values[-1] * (1 + 1e-5)) == len(values) <= count


@pytest.mark.parametrize("level", [2, 4])
def test_a_sphere_has_l_l_plus_1_two_l_plus_1_times_and_is_cut_between_them(level: int):
    made = geometry(icosphere(level))
    for count, kept in ((1, 1), (3, 1), (4, 4), (8, 4), (9, 9), (11, 9)):
        values, functions = eigenbasis(made, count)
        assert len(values) == kept == functions.shape[1]
    degrees = np.repeat(np.arange(3), 2 * np.arange(3) + 1)
    assert np.abs(values - degrees * (degrees + 1)).max() < 0.6 / 4 ** (level - 2)


@ALL
@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_the_order_of_vertices_and_the_unit_of_length_mean_nothing(shape: str, unit: float):
    points, faces = {**MESHES, **LARGE}[shape]()
    (moved, other), images = shuffled((unit * points, faces))
    here, there = geometry((points, faces)), geometry((moved, other))
    mine, yours = eigenbasis(here, 30), eigenbasis(there, 30)
    assert len(mine.values) == len(yours.values)
    assert np.abs(mine.values - yours.values * unit**2).max() < 1e-10 * mine.values[-1]
    x = np.random.default_rng(0).standard_normal((here.half.count, 2))
    moved_x = np.empty_like(x)
    moved_x[images] = x
    expected = spread(mine, here, x)
    assert np.abs(spread(yours, there, moved_x)[images] - expected).max() < 1e-10 * np.abs(expected).max()


def test_dense_and_sparse_ways_agree(monkeypatch: pytest.MonkeyPatch):
    made = geometry(potato(3))
    sparse = eigenbasis(made, 40)
    monkeypatch.setattr("erlangen.domains.surfaces.eigenbasis.DENSE", 10_000)
    dense = eigenbasis(made, 40)
    assert np.abs(sparse.values - dense.values).max() < 1e-10 * dense.values[-1]
    agree = np.abs(sparse.functions.T @ (made.mass[:, None] * dense.functions))
    assert np.abs(agree - np.eye(40)).max() < 1e-8


def test_a_small_surface_has_as_many_as_vertices():
    for mesh in (pillow(), (np.eye(3), np.array([[0, 1, 2]]))):
        values, functions = eigenbasis(geometry(mesh), 128)
        assert len(values) == 3 and np.isfinite(functions).all()


def test_each_part_has_a_constant_of_its_own():
    made = geometry(copies(potato(3), 3))
    values, functions = eigenbasis(made, 10)
    assert (values[:3] < 1e-10 * values[-1]).all() and values[3] > 0.1 * values[-1]
    for part in range(3):
        within = functions[made.half.parts == part, :3]
        assert np.abs(within - within[0]).max() < 1e-9 * np.abs(functions).max()
    with pytest.raises(InputError, match=r"3 parts that do not touch, and 2 eigenfunctions.*eigenfunctions=3"):
        eigenbasis(made, 2)
