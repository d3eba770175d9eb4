"""The page of the dog says what was found, and the examples that find and draw it run in small."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.data.dog import SEEN, UNSEEN, Poses
from examples import dog as example
from examples import moving_dog
from tests.skins import tube

PAGE = Path(__file__).parent.parent / "docs" / "dog.md"


def swaying(gait: str, count: int, seed: int | None = None, half: int | None = None) -> Poses:
    """A tube of which one end goes up and down; its parts are thirds."""
    skin, up = tube(), {"rest": 0.0}.get(gait, 0.3)
    turns = np.broadcast_to(np.eye(3), (count, 3, 3, 3))
    lift = up * np.sin(2 * np.pi * np.arange(count) / count + (seed or 0))
    places = skin.origins + np.stack([0 * lift, 0 * lift, lift], 1)[:, None] * np.array([0, 0.5, 1])[:, None]
    return Poses(skin.posed(turns, places), skin.faces, skin.weights.argmax(1))


def test_the_page_says_what_was_found() -> None:
    rows = json.loads(example.RESULTS.read_text(encoding="utf-8"))["rows"]
    page = PAGE.read_text(encoding="utf-8")
    assert f"<!-- gaits -->\n{example.table(rows['gaits'])}\n<!-- end -->" in page
    assert f"<!-- meshes -->\n{example.table_of_meshes(rows['meshes'])}\n<!-- end -->" in page
    assert f"<!-- turned -->\n{example.table_of_precisions(rows['turned'])}\n<!-- end -->" in page
    roles = {gait: row["role"] for gait, row in rows["gaits"].items()}
    assert roles == {gait: role for role, gaits in example.ROLES.items() for gait in gaits}
    assert all(len(right) == 3 for row in rows["gaits"].values() for right in row["right"].values())


def test_what_is_lost_from_the_poses_learnt_from_to_the_unseen_is_what_the_page_says() -> None:
    rows, page = json.loads(example.RESULTS.read_text(encoding="utf-8"))["rows"]["gaits"], PAGE.read_text("utf-8")

    def mean(poses: dict[str, int], name: str) -> np.ndarray:
        return np.average([rows[gait]["right"][name] for gait in poses], axis=0, weights=list(poses.values()))

    lost = {name: mean(SEEN, name) - mean(UNSEEN, name) for name in ("derived", "extrinsic", "plain")}
    said = {name: f"{off.min():.1f} to {off.max():.1f}" for name, off in lost.items()}
    assert f"the derived network loses {said['derived']} points" in " ".join(page.split())
    assert f"the network of rigid motions {said['extrinsic']}" in " ".join(page.split())
    assert f"the PointNet {lost['plain'].min():.0f} to {lost['plain'].max():.0f}" in " ".join(page.split())
    assert lost["derived"].max() < 1 and min(mean(SEEN, "derived")) > 95


def test_accuracy_stands_beside_how_far_a_gait_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(example, "dog_poses", swaying)
    torch.manual_seed(0)
    domain = er.Mesh(eigenfunctions=8)
    net = er.derive(er.Task(domain, output=er.Equivariant(12)), width=8, depth=1).eval()
    rows = example.by_gait({"derived": [net], "other": [net]})
    assert all(row["edges"][0] < 1 < row["edges"][4] and row["vibrations"] > 0 for row in rows.values())
    assert all(row["right"]["derived"] == row["right"]["other"] for row in rows.values())
    meshes = example.by_mesh([net, net], {"98": 49})
    assert example.table(rows).count("\n") == 1 + len(rows)
    assert f"| % right | {meshes['98'][0]:.1f} (" in example.table_of_meshes(meshes)
    turn = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64)).Q
    poses = swaying("walk", 2)
    turned = example.by_precision([net], example.labelled([poses]).inputs, [turn, -turn])
    assert all(row["asked"] == 4 * len(poses.part) for row in turned.values())
    assert (
        turned["double"]["changed"] == 0 and turned["double"]["furthest"] < 1e-8 < turned["single"]["furthest"] < 0.05
    )
    assert example.table_of_precisions(turned).count("\n") == 3
    pair = example.labelled([poses])
    said = net(pair.inputs.batch([0, 1])).argmax(1)
    assert example.accuracy(net, pair) == pytest.approx(100 * float((said == pair.targets).float().mean()))


def test_the_moving_picture_shows_every_pose_and_what_stays_put() -> None:
    poses = swaying("walk", 3, 1)
    warm = moving_dog.heat(poses.position, poses.face)
    assert warm.shape == (3, len(poses.part)) and warm.min() == 0 and warm.max() == 1
    assert np.abs(warm[0] - warm[1]).max() < 0.1 < np.ptp(warm[0])
    images = moving_dog.pictures(poses.position, poses.face, [("heat", warm)])
    assert len(images) == 3 and images[0].size == (640, 256)
    assert len({image.tobytes() for image in images}) == 3
    written = moving_dog.animated(images)
    assert written.startswith(b"GIF89a") and b"NETSCAPE2.0" in written
