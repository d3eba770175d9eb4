"""Each element at its own angle, rotations and reflections apart, with its own floor."""

import math

import numpy as np
import pytest
import torch

from erlangen.auditing.angles import angle, by_angle
from erlangen.domains import Grid, HexGrid
from erlangen.groups import SO, C, D, FullOctahedral, Mirror, Octahedral
from tests.auditing.models import measured, noise

X = noise(16, 1, 9, 9)


def largest(x):
    return x.amax((2, 3))


def test_angles_of_the_plane():
    for degrees in (0, 30, 90, 200, 359):
        found, reflects = angle(SO(2).element(math.radians(degrees)), Grid(2))
        assert found == pytest.approx(degrees, abs=1e-3) and not reflects
    mirrors = [angle(g, Grid(2)) for g in D(4).elements if np.linalg.det(g.matrix) < 0]
    assert sorted(mirrors) == [(0.0, True), (45.0, True), (90.0, True), (135.0, True)]
    assert {angle(g, HexGrid())[0] for g in C(6).elements} == {0, 60, 120, 180, 240, 300}


def test_angles_of_space():
    """The octahedral group: 6 turns by 90°, 8 by 120°, 9 by 180°, and each of them with the inversion."""
    counts: dict[tuple[float | None, bool], int] = {}
    for g in FullOctahedral().elements:
        at, reflects = angle(g, Grid(3))
        assert at is not None
        counts[round(at), reflects] = counts.get((round(at), reflects), 0) + 1
    once = {0: 1, 90: 6, 120: 8, 180: 9}
    assert counts == {(a, r): n for a, n in once.items() for r in (False, True)}


def test_what_is_no_turn_has_none():
    assert angle(Mirror().generators[0], Grid(1)) == (None, False)
    report = measured(lambda x: x.amax(2), Grid(1), Mirror(), noise(16, 1, 9))
    assert by_angle(report) is None and report.worst.degrees is None
    assert all(r.degrees is None for r in report.verdicts if r.shift)


def test_rotations_and_mirrors_have_a_picture_each_with_their_floors(tmp_path):
    report = measured(largest, Grid(2), D(8), X, shifts=[])
    found = by_angle(report)
    assert found is not None and found["shaded"]
    (rotations, name, _), (mirrors, other, _) = found["pictures"]
    assert (name, other) == ("Rotations", "Mirrors")
    assert rotations.count("<circle") == 7 and rotations.count("<rect") == 4
    assert mirrors.count("<circle") == 0 and mirrors.count('z"') == 8
    assert [text for _, text in found["legend"]] == [
        "rotation, on the lattice",
        "rotation, between the sites",
        "mirror, on the lattice",
        "mirror, between the sites",
    ]
    worst = max((r for r in report.elements if not r.exact), key=lambda r: r.error)
    assert worst.element in rotations + mirrors
    page = report.to_html(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Error against angle" in page and rotations in page
    row = report.to_dict()["elements"][0]
    assert isinstance(row["degrees"], float) and isinstance(row["reflects"], bool)


def test_one_kind_alone_and_volumes(tmp_path):
    turns = by_angle(measured(largest, Grid(2), C(4), X, shifts=[]))
    assert turns is not None and not turns["shaded"]
    assert [text for _, text in turns["legend"]] == ["rotation"] and len(turns["pictures"]) == 1
    assert by_angle(measured(largest, Grid(2), C(2), X, shifts=[])) is None  # one element is no curve
    volumes = noise(16, 1, 4, 4, 4)
    found = by_angle(measured(lambda x: x[:, :, 0].amax((2, 3)), Grid(3), Octahedral(), volumes, shifts=[]))
    assert found is not None and found["pictures"][0][0].count("<circle") == 23


def test_an_error_that_is_not_known_is_left_out():
    report = measured(lambda x: torch.zeros(len(x), 1), Grid(2), D(4), X, shifts=[])
    assert report.verdict == "undefined" and by_angle(report) is None
