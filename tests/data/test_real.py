"""The real files, where they have been fetched: what was counted when they were first opened."""

import numpy as np
import pytest
import torch

from erlangen.data import cache_folder, catalogue, colin27_head, load, mni, read_nifti


def fetched(name: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not catalogue()[name].is_here, reason=f"needs `erlangen data fetch {name}`")


@fetched("rotated-mnist")
def test_rotated_mnist() -> None:
    data = load("rotated-mnist")
    assert [len(pair) for pair in data.parts.values()] == [10_000, 2_000, 50_000]
    assert data.counts()["train"] == [1011, 1117, 960, 1006, 986, 878, 955, 1060, 1008, 1019]


@fetched("nuclei")
def test_nuclei() -> None:
    data = load("nuclei")
    assert [len(pair) for pair in data.parts.values()] == [24, 8, 32]
    assert data.counts() == {"train": [78157, 20147], "validation": [23459, 9309], "test": [108302, 22770]}
    assert load("nuclei-borders").counts()["test"] == [108302, 17881, 4889]


@fetched("mni-tissue")
def test_mni_tissue() -> None:
    folder, kinds = cache_folder() / mni.KEPT, ("t1", "gm", "wm")
    t1, grey, white = (read_nifti(folder / mni.NAME.format(kind)).values[0, 0].numpy() for kind in kinds)
    assert np.bincount(mni.tissue(t1, grey, white).ravel()).tolist() == [6_788_750, 174_936, 1_079_599, 632_004]
    assert np.array_equal(t1, t1[::-1])  # why the parts are not apart from left to right
    assert [len(pair) for pair in load("mni-tissue").parts.values()] == [155, 12, 33]


@fetched("colin27-sides")
def test_colin27() -> None:
    x, y = colin27_head()
    mean = [float((y[0] == side).nonzero()[:, 0].double().mean()) for side in (1, 2)]
    assert mean[0] < 45 < mean[1] and not torch.equal(x, x.flip(2))
    x, y = colin27_head(symmetric=True)
    assert torch.equal(x, x.flip(2)) and torch.equal(torch.tensor([0, 2, 1])[y.flip(1)], y)
    assert [len(pair) for pair in load("colin27-mirrored").parts.values()] == [64, 8, 30]


@fetched("mutag")
def test_mutag() -> None:
    data = load("mutag")
    pool = data.train.joined(data.validation, data.test)
    assert [int((pool.targets == c).sum()) for c in (0, 1)] == [63, 125]
    assert len(pool.inputs.x) == 3371 and pool.inputs.edge_index.shape == (2, 7442)
    assert (data.channels, data.train.edge_features) == (7, 4)
    tested = [data.fold(i, 10, 0.1, 0).test for i in range(10)]
    assert sum(map(len, tested)) == 188 and {len(part) for part in tested} == {18, 19}


@fetched("solubility")
def test_solubility() -> None:
    data = load("solubility")
    assert [len(pair) for pair in data.parts.values()] == [871, 154, 257]
    assert data.counts()["test"] == [102, 115, 40] and data.channels == 12


@fetched("cells")
def test_cells() -> None:
    pytest.importorskip("h5py")
    data = load("cells")
    assert [pair.asked for pair in data.parts.values()] == [207, 142, 351] and len(data.classes) == 10
    assert data.train.inputs.edge_index.shape == (2, 9992) and len(data.train.inputs.x) == 700
