"""The packed store of surfaces: batches are the surfaces one behind the other, and done to is each as a whole."""

import pytest
import torch

from erlangen.data import DataSet, GraphPair, GraphStore
from erlangen.domains import Mesh
from erlangen.errors import DataError
from tests.meshes import MESHES, data, potato

BODIES = [data(mesh(), channels) for mesh, channels in ((MESHES["potato"], 0), (MESHES["torus"], 0), (potato, 0))]


def test_a_batch_is_the_surfaces_one_behind_the_other() -> None:
    store = GraphStore(BODIES)
    batch = store.batch([1, 0])
    n = len(BODIES[1]["pos"])
    assert batch.x.shape == (len(batch.pos), 0) and batch.ptr.tolist() == [0, n, n + len(BODIES[0]["pos"])]
    faces = torch.cat([BODIES[1]["face"], BODIES[0]["face"] + n], dim=1)
    assert torch.equal(batch.face, faces) and torch.equal(batch.pos[:n], BODIES[1]["pos"])
    for one, body in zip(GraphStore.of(batch), (BODIES[1], BODIES[0]), strict=True):
        assert torch.equal(one.face, body["face"]) and torch.equal(one.pos, body["pos"])
    assert torch.equal(store.joined(store)[4].face, BODIES[1]["face"])


def test_features_are_read_off_the_surface_where_none_are_given() -> None:
    domain = Mesh(eigenfunctions=8)
    for channels, wanted in ((0, 16), (2, 2)):
        body = data(potato(), channels)
        x, surface = domain.read(GraphStore([body])[0])
        assert x.shape == (len(body["pos"]), wanted) and surface.members.ptr.tolist() == [0, len(x)]
        assert torch.equal(x, domain.read(body)[0])


def test_faces_go_where_their_vertices_go() -> None:
    store = GraphStore(BODIES)
    moved, rows = store.reordered(torch.Generator().manual_seed(0))
    whole, before = moved.batch(range(3)), store.batch(range(3))
    assert torch.equal(whole.pos, before.pos[rows]) and not torch.equal(whole.face, before.face)

    def corners(batch: object) -> set[tuple[float, ...]]:
        return {tuple(face.flatten().tolist()) for face in batch.pos[batch.face.T]}

    assert corners(whole) == corners(before)


def test_what_is_mirrored_is_seen_from_outside_as_before() -> None:
    store = GraphStore(BODIES)
    flip = torch.diag(torch.tensor([1.0, -1.0, 1.0], dtype=torch.float64))
    both = torch.stack([torch.eye(3, dtype=torch.float64), flip, flip])
    moved = store.turned(both)

    def volume(body: object) -> float:
        return float(torch.linalg.det(body.pos[body.face.T]).sum())

    for before, after in zip(store, moved, strict=True):
        assert volume(after) == pytest.approx(volume(before)) and abs(volume(after)) > 1
    assert torch.equal(moved[0].face, BODIES[0]["face"]) and not torch.equal(moved[1].face, BODIES[1]["face"])


def test_labels_stand_at_vertices() -> None:
    store = GraphStore(BODIES)
    labels = torch.arange(len(store.x)) % 2
    pair = GraphPair(store, labels)
    assert pair.dense and pair.channels == 0 and pair.space == 3
    assert torch.equal(pair.take([2]).targets, labels[-len(BODIES[2]["pos"]) :])
    assert DataSet(pair, pair, pair, ("a", "b"), "n", "l", "s").is_segmentation


def test_faces_may_run_either_way_round_as_isometries_take_them() -> None:
    face = BODIES[0]["face"]
    turned = {**BODIES[0], "face": torch.cat([face[[1, 0, 2], :1], face[:, 1:]], dim=1)}
    assert torch.equal(GraphStore([BODIES[0], turned])[1].face, turned["face"])


def test_what_is_no_surface_is_refused_by_its_number() -> None:
    torn = {**BODIES[0], "face": BODIES[0]["face"][:, [0, 0, 1]]}
    with pytest.raises(DataError, match="graph 1: .*in no face"):
        GraphStore([BODIES[0], torn])
    with pytest.raises(DataError, match="graph 1 without face"):
        GraphStore([BODIES[0], {"pos": torch.eye(3)}])
    with pytest.raises(DataError, match=r"graph 0: x="):
        GraphStore([{**BODIES[0], "x": torch.zeros(2, 2)}])
    with pytest.raises(DataError, match="not finite"):
        GraphStore([{**BODIES[0], "pos": BODIES[0]["pos"] * torch.nan}])
    pair = GraphPair(GraphStore(BODIES[:1]), torch.tensor([0]))
    cloud = GraphPair(GraphStore([{"pos": torch.eye(3)}]), torch.tensor([0]))
    with pytest.raises(DataError, match="training part"):
        DataSet(pair, cloud, pair, ("a",), "n", "l", "s")
