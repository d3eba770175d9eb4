"""Tangent planes: exact where the surface is flat, curvature where it is not, and nothing of how it lies in space."""

from itertools import pairwise

import numpy as np
import pytest

from erlangen.domains._icosphere import icosphere
from erlangen.domains.surfaces.tangents import SMALL, Tangents
from tests.meshes import MESHES, cone, geometry, pillow, potato, sheet, torus

SHAPES = pytest.mark.parametrize("shape", MESHES)


def tangents(mesh) -> Tangents:
    return Tangents(geometry(mesh))


def turn_along(made: Tangents, way: list[int]) -> float:
    """By how much a vector turns that is carried along a way, in (−π, π]."""
    carried = {(q, p): g for q, p, g in zip(made.source, made.target, made.transport, strict=True)}
    total = sum(carried[step] for step in pairwise(way))
    return float(np.angle(np.exp(1j * total)))


@SHAPES
def test_every_edge_is_there_both_ways_and_carries_back_what_it_carried(shape: str):
    made = tangents(MESHES[shape]())
    there = {(p, q): g for p, q, g in zip(made.target, made.source, made.transport, strict=True)}
    assert len(there) == len(made.target) and (np.diff(made.target) >= 0).all()
    assert max(abs(np.exp(1j * (g + there[q, p])) - 1) for (p, q), g in there.items()) < 1e-14


@SHAPES
def test_directions_rise_round_each_vertex_and_close_at_two_pi(shape: str):
    made = tangents(MESHES[shape]())
    half = made.geometry.half
    around = np.bincount(half.tail, made.geometry.angles)
    for p in range(half.count):
        mine = made.direction[made.target == p]
        assert mine[0] == 0 and (np.diff(mine) > 0).all()
        if half.fans.last[p] >= 0:
            assert mine[-1] == pytest.approx(around[p], rel=1e-12)
        else:
            assert mine[-1] < 2 * np.pi


@pytest.mark.parametrize(("sides", "height"), [(3, 0.5), (5, 1.0), (9, 0.3), (4, 0.0)])
def test_round_a_vertex_vectors_turn_by_what_its_angles_lack(sides: int, height: float):
    made = tangents(cone(sides, height))
    lacks = 2 * np.pi - made.geometry.angles[made.geometry.half.tail == 0].sum()
    rim = [1 + k % sides for k in range(sides + 1)]
    assert turn_along(made, rim) == pytest.approx(float(np.angle(np.exp(1j * lacks))), abs=1e-12)


@pytest.mark.parametrize(("mesh", "euler"), [(potato(2), 2), (torus(), 0), (icosphere(2), 2)])
def test_all_faces_of_a_closed_surface_together_turn_by_two_pi_euler(mesh: tuple, euler: int):
    made = tangents(mesh)
    turns = [turn_along(made, [*face, face[0]]) for face in mesh[1].tolist()]
    assert max(map(abs, turns)) < np.pi / 2
    assert sum(turns) == pytest.approx(2 * np.pi * euler, abs=1e-9)


def test_a_flat_sheet_has_the_vectors_of_its_plane():
    points, faces = sheet()
    points[:, 0] += 0.4 * points[:, 1]
    made = tangents((points, faces))
    frames, apart = made.frames[made.target], points[made.source] - points[made.target]
    offset = np.stack([made.length * np.cos(made.direction), made.length * np.sin(made.direction)], axis=1)
    assert np.abs(np.einsum("eix,ex->ei", frames, apart) - offset).max() < 1e-13
    turned = np.einsum("eix,ejx->eij", frames, made.frames[made.source])
    cosine, sine = np.cos(made.transport), np.sin(made.transport)
    assert np.abs(turned - np.stack([cosine, -sine, sine, cosine], axis=1).reshape(-1, 2, 2)).max() < 1e-13


def test_slopes_of_linear_functions_everywhere_on_a_flat_sheet():
    points, faces = sheet()
    points[:, 0] += 0.4 * points[:, 1]
    made, slope = tangents((points, faces)), np.array([0.7, -1.2, 0.0])
    x = points @ slope + 5
    apart = (x[made.source] - x[made.target])[:, None] * made.slopes
    found = np.stack([np.bincount(made.target, part) for part in apart.T], axis=1)
    expected = made.frames @ slope
    assert np.abs(found - expected).max() < 20 * SMALL * np.linalg.norm(slope)
    flat_again = np.einsum("ni,nix->nx", found, made.frames)
    assert np.abs(flat_again - slope).max() < 20 * SMALL * np.linalg.norm(slope)


def test_bending_turning_and_size_change_nothing_but_lengths():
    flat, bent = tangents(sheet()), tangents(sheet(bends=True))
    points, faces = sheet()
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    moved = tangents((3 * points @ turn.T + 1, faces))
    for other, unit in ((bent, 1.0), (moved, 3.0)):
        assert np.abs(other.length - unit * flat.length).max() < 1e-13 * unit
        assert np.abs(other.direction - flat.direction).max() < 1e-13
        assert np.abs(np.exp(1j * other.transport) - np.exp(1j * flat.transport)).max() < 1e-13
        assert np.abs(other.slopes * unit - flat.slopes).max() < 1e-11


@pytest.mark.parametrize("mesh", [*(make() for make in MESHES.values()), pillow(), cone(3), cone(40, 0.1)])
@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_frames_are_right_handed_and_all_is_finite_in_every_unit(mesh: tuple, unit: float):
    made = tangents((unit * mesh[0], mesh[1]))
    first, second = made.frames[:, 0], made.frames[:, 1]
    assert np.abs(np.cross(first, second) - made.geometry.normals).max() < 1e-12
    assert np.abs((first * second).sum(1)).max() < 1e-12 and np.abs((first**2).sum(1) - 1).max() < 1e-12
    for part in (made.slopes, made.transport, made.direction):
        assert np.isfinite(part).all()
    assert np.abs(made.slopes).max() < 1 / (np.sqrt(SMALL) * made.length.min())
