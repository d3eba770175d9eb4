"""The page on which place is which says what was found; its small version and the example run in small."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.data import GraphStore
from examples import correspondence as example
from tests.skins import tube
from tests.written import run_blocks

PAGE = Path(__file__).parent.parent / "docs" / "correspondence.md"


def test_the_page_says_what_was_found() -> None:
    rows, page = json.loads(example.RESULTS.read_text(encoding="utf-8"))["rows"], PAGE.read_text(encoding="utf-8")
    said = {measure: example.table(rows["rows"], measure) for measure in example.MEASURES}
    said |= {"meshes": example.table_of_meshes(rows["meshes"]), "hope": f"Said before the run: {example.HOPE}"}
    for name, text in said.items():
        assert f"<!-- {name} -->\n{text}\n<!-- end -->" in page
    names = {name for name, _, _ in example.networks(0)}
    assert set(rows["rows"]) == {example.SIGNATURES, *names}
    assert all(len(rows["rows"][name]) == len(example.SEEDS) for name in names)


def test_the_block_of_the_page_runs() -> None:
    run_blocks(PAGE, er__derive=1, er__solve__functional_map=2)


def bent(angle: float) -> np.ndarray:
    """A tube of which one end goes up: its own mirror image at y = 0."""
    skin = tube(14, 10)
    lift = np.array([0, 0, angle])[None, :] * np.array([0, 0.3, 1])[:, None]
    still = np.broadcast_to(np.eye(3), (1, 3, 3, 3))
    return skin.posed(still, (skin.origins + lift)[None])[0]


def store(*angles: float) -> GraphStore:
    face = torch.from_numpy(tube(14, 10).faces.T.copy())
    return GraphStore([{"pos": torch.from_numpy(bent(angle)).float(), "face": face} for angle in angles])


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"CHANNELS": 8, "WIDTH": 8, "DEPTH": 1, "SIZE": 10, "STEP": 5, "ASKED": 20}.items():
        monkeypatch.setattr(example, name, value)
    monkeypatch.setattr(example, "MESH", er.Mesh(eigenfunctions=20))


def test_right_places_are_right_and_mirror_images_on_the_other_side() -> None:
    points, faces = bent(0.0), tube(14, 10).faces
    truth = example.truth_of(points, faces, np.arange(len(points)))
    np.testing.assert_allclose(points[truth.mirrored], points * [1, -1, 1], atol=1e-12)
    assert example.judged(truth.places, truth) == {"off": 0.0, "near": 100.0, "flipped": 0.0}
    across = example.judged(truth.mirrored, truth)
    assert across["flipped"] == 100.0 and across["off"] > 10
    assert across["near"] == pytest.approx(100 * (np.abs(points[:, 1]) < 1e-9).mean())


@pytest.mark.usefixtures("small")
def test_every_network_learns_and_is_measured_in_every_way() -> None:
    bodies, points = store(0.0, 0.2, 0.4), bent(0.0)
    truth = example.truth_of(points, tube(14, 10).faces, np.arange(len(points)))
    rows = {example.SIGNATURES: [example.measured(example.signatures, [(bodies[0], bodies[1])], truth)]}
    for name, net, turning in example.networks(0):
        before = [p.clone() for p in net.parameters()]
        example.learn(net, bodies, 0, turning, steps=3)
        assert any(not torch.equal(p, q) for p, q in zip(net.parameters(), before, strict=True))
        told = lambda some, net=net: example.features(net, some)  # noqa: E731
        rows[name] = [example.measured(told, [(bodies[0], bodies[1]), (bodies[2], bodies[0])], truth)]
        assert all(row[measure] >= 0 for row in rows[name][0].values() for measure in example.MEASURES)
        if name == "derived":
            turned = bodies.turned(example.rotations(3, torch.Generator().manual_seed(1)))
            torch.testing.assert_close(told(turned.batch([1])), told(bodies.batch([1])), atol=1e-3, rtol=0)
    assert len(rows) == 6
    for measure in example.MEASURES:
        assert example.table(rows, measure).count("\n") == 1 + len(rows)
    carried = {"all": torch.arange(len(points)), "one": torch.zeros(len(points), dtype=torch.int64)}
    picture = example.pictures(bodies[0], bodies[1], torch.arange(len(points)) % 5, carried)
    assert picture[:4] == b"RIFF" and picture[8:12] == b"WEBP"


def test_rotations_are_turns_of_space() -> None:
    drawn = example.rotations(200, torch.Generator().manual_seed(0)).double()
    torch.testing.assert_close(drawn @ drawn.mT, torch.eye(3).double().expand(200, 3, 3), atol=1e-5, rtol=0)
    torch.testing.assert_close(torch.linalg.det(drawn), torch.ones(200).double(), atol=1e-5, rtol=0)
    assert drawn.mean(0).abs().max() < 0.15


def test_numbers_are_found_where_they_stand() -> None:
    assert example.places_in(np.array([7, 3, 9, 1]), np.array([9, 7, 1])).tolist() == [2, 0, 3]
    with pytest.raises(AssertionError):
        example.places_in(np.array([7, 3]), np.array([5]))
