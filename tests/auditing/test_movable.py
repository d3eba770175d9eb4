"""Scenes as inputs: moved before they are sampled, so that what is left is the model's and the sampling's."""

import math
from functools import cache

import pytest
import torch
from torch import nn

import erlangen as er
from erlangen import testing
from erlangen.auditing import audit
from erlangen.domains import Grid, HexGrid
from erlangen.errors import InputError
from erlangen.groups import SO, C, D, Mirror, O, Translations
from erlangen.task import Equivariant
from tests.auditing.models import measured

ROUND = {"n": 20, "discs": 0, "boxes": 0, "round_blobs": True}


@cache
def blobs():
    return testing.scene(Grid(2), **ROUND).at(32, area=True)


def mass(x):
    """Of a picture sampled by area, an integral over the plane: sampling takes nothing from its invariance."""
    return x.sum((2, 3))


def energy(x):
    """∫ x² is kept by every turn in the limit of small pixels."""
    return x.square().sum((2, 3))


def broken(x):
    at = torch.linspace(-1, 1, x.shape[-1])
    return (x * at).sum((2, 3))


def test_no_interpolation_stands_between_a_model_and_its_symmetry():
    """On the samples alone nothing can be said below the round trip; on the scenes there is no such floor."""
    turns = {"elements": [0.3, 0.7, 1.2], "shifts": []}
    plain = measured(energy, Grid(2), SO(2), blobs().values, **turns)
    scenes = measured(energy, Grid(2), SO(2), blobs(), **turns)
    assert plain.verdict == "not resolved" and plain.worst.round_trip > 0.005
    assert scenes.verdict == "approximate" and all(r.round_trip == 0 for r in scenes.elements)
    assert scenes.error < 0.1 * plain.error and scenes.error < 0.003
    assert measured(mass, Grid(2), SO(2), blobs(), **turns).error < 0.003  # what the corners cut off


def test_what_is_broken_stays_broken():
    report = measured(broken, Grid(2), SO(2), blobs(), shifts=[])
    assert report.verdict == "broken" and report.error > 0.5
    assert "on the lattice" in " ".join(r.elements for r in report.verdicts)


def test_it_agrees_with_the_error_of_a_scene():
    """The same motions, the same samples, the same number."""
    s = testing.scene(Grid(2), n=20)
    for angle in (0.2, 1.0, math.pi / 2):
        g = SO(2).element(angle)
        report = measured(energy, Grid(2), SO(2), s.at(24), elements=[g], shifts=[])
        assert report.error == pytest.approx(testing.scene_error(energy, s, g, 24).error, rel=1e-3, abs=1e-6)


def test_quarter_turns_of_scenes_are_proved():
    net = nn.Sequential(nn.Conv2d(1, 2, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()).eval()
    assert audit(net, Grid(2), D(4), blobs(), shifts=[]).verdict == "proved"
    report = audit(net, Grid(2), D(8), blobs(), shifts=[])
    assert {r.verdict for r in report.elements if r.exact} == {"proved"}
    between = [r for r in report.elements if not r.exact]
    assert between and all(r.verdict in ("exact", "approximate") for r in between)
    assert f"The lattice itself keeps {D(4)!r} of {D(8)!r}: proved" in str(report)


def test_the_search_moves_the_scene_too():
    plain = measured(broken, Grid(2), O(2), blobs(), shifts=[], max_elements=3)
    found = measured(broken, Grid(2), O(2), blobs(), shifts=[], max_elements=3, search=6)
    row = found.verdicts[-1]
    assert row.elements == "worst found by search, 6 calls" and row.round_trip == 0
    assert row.error >= max(r.error for r in plain.elements if not r.exact) * (1 - 1e-6)
    assert row.low < row.error < row.high


@pytest.mark.parametrize("n", [20, 40], ids=["all", "more than causes are sought on"])
def test_fractions_of_a_site_are_of_the_scene(n):
    s = testing.scene(Grid(2), **{**ROUND, "n": n}).at(32, area=True)
    report = measured(mass, Grid(2), C(4), s, shifts=[0.5, (0.25, -1.5), 1])
    names = [r.law for r in report.verdicts if r.shift]
    assert names == ["shift by 0.5, before sampling", "shift by (0.25, -1.5), before sampling", "circular roll by 1"]
    half = next(r for r in report.verdicts if "0.5" in r.law)
    assert half.round_trip == 0 and half.error < 0.003
    moved = s.shifted([0.5, 0] if half.element == "shift by (0.5, 0)" else [0, 0.5]).values
    assert torch.equal(half.case.gx, moved[half.case.index])
    net = nn.Sequential(nn.Conv2d(1, 3, 3, stride=2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()).eval()
    assert measured(net, Grid(2), Translations(), s, shifts=[0.5]).verdict == "approximate"


def test_a_shift_by_whole_sites_is_the_shift_by_index_inside():
    for domain, size in ((Grid(2, spacing=(1.0, 2.0)), 24), (HexGrid(), 21)):
        s = testing.scene(domain, n=2).at(size)
        inside = (slice(None), slice(None), slice(6, -6), slice(6, -6))
        off = s.shifted((2, -1)).values - domain.roll(s.values, (2, -1))
        at = torch.arange(size) - size // 2
        far = (at[:, None] + at).abs() > size // 2 - 4
        off = off.masked_fill(far & (domain == HexGrid()), 0.0)
        assert float(off[inside].abs().max()) < 1e-5, domain


def test_a_dense_answer_is_interpolated_and_its_round_trip_counts():
    report = measured(lambda x: x.square(), Grid(2), SO(2), blobs(), Equivariant(1), elements=[0.4], shifts=[0.5])
    assert report.worst.round_trip > 0
    half = next(r for r in report.verdicts if r.shift)
    assert half.error < 0.05


def test_a_line_and_a_vector_answer():
    s = testing.scene(Grid(1), n=20).at(64)
    assert audit(lambda x: x.square().mean(2), Grid(1), Mirror(), s).verdict == "proved"
    at = torch.linspace(-1, 1, 32)
    moment = lambda x: torch.stack([(x * at[:, None]).mean((1, 2, 3)), (x * at).mean((1, 2, 3))], 1)  # noqa: E731
    vector = Equivariant(SO(2).standard, pooled=True)
    assert measured(moment, Grid(2), SO(2), blobs(), vector, shifts=[]).error < 0.02  # what the corners cut off


def test_the_report_says_that_they_were_scenes(tmp_path):
    report = measured(broken, Grid(2), SO(2), blobs(), elements=[0.3], shifts=[])
    assert report.settings["scenes"] and report.to_dict()["settings"]["scenes"] is True
    assert "20 scenes of 1 × 32 × 32, float32, sampled after the exact motion (no interpolation floor)" in str(report)
    again = eval(report.settings["replay"], {"er": er, "model": broken, "scenes": blobs()})
    assert again.error == pytest.approx(report.error, rel=1e-6)
    page = report.to_html(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Scenes" in page and "no interpolation floor" in page
    plain = measured(broken, Grid(2), SO(2), blobs().values, elements=[0.3], shifts=[])
    assert "scene" not in str(plain) and not plain.settings["scenes"]


def test_scenes_are_checked_as_other_inputs_are():
    with pytest.raises(InputError, match="scenes on HexGrid"):
        audit(mass, Grid(2), C(4), testing.scene(HexGrid()).at(15))
    with pytest.raises(InputError, match="at least 2"):
        audit(mass, Grid(2), C(4), testing.scene(Grid(2), n=1).at(16))
    with pytest.raises(InputError, match="numbers of sites"):
        blobs().shifted([1])
    with pytest.warns(UserWarning, match="Only 4 inputs"):
        audit(mass, Grid(2), C(4), testing.scene(Grid(2), n=4).at(16), shifts=[])
    with pytest.warns(UserWarning, match="those of the samples"):
        report = audit(mass, Grid(2), SO(2), blobs(), elements=[0.3], shifts=[], infinitesimal=True)
    assert report.infinitesimal is not None and "those of the samples" in str(report)
