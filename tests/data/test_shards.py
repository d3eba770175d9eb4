"""Data in shards: cuts are those of an array in memory, nothing else is read, and what is bad is told."""

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from erlangen.cli import main
from erlangen.data import DataSet, TensorPair, from_shards, load, write_shards
from erlangen.data.shards import Shards
from erlangen.errors import DataError
from erlangen.train import run
from tests.train.small import small_config, small_data, small_masks, untimed


def written(folder: Path, data: DataSet, rows: int = 7) -> Path:
    for part, pair in data.parts.items():
        whole = pair.inputs.numpy(), pair.targets.numpy()
        batches = zip(*(np.array_split(array, 5) for array in whole), strict=True)
        write_shards(folder, part, batches, rows)
    (folder / "classes.txt").write_text("\n".join(data.classes))
    return folder


@pytest.fixture(scope="module")
def eleven(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shards, torch.Tensor]:
    x = np.arange(11 * 6, dtype=np.float32).reshape(11, 2, 3)
    folder = tmp_path_factory.mktemp("eleven")
    files = write_shards(folder, "train", [(x, np.zeros(11, int))], rows=4)
    assert [len(np.load(file)) for file in files] == [4, 4, 3]
    return Shards(files), torch.from_numpy(x)


@given(at=st.lists(st.integers(-11, 10)), start=st.integers(-12, 12), stop=st.integers(-12, 12), step=st.integers(1, 3))
def test_cuts_are_those_of_an_array_in_memory(
    eleven: tuple[Shards, torch.Tensor], at: list[int], start: int, stop: int, step: int
) -> None:
    x, whole = eleven
    assert (x.shape, x.dtype, len(x)) == (whole.shape, whole.dtype, len(whole))
    assert torch.equal(x[at], whole[at])
    assert torch.equal(x[torch.tensor(at, dtype=torch.int64)], whole[at])
    assert torch.equal(x[start:stop:step], whole[start:stop:step])
    assert all(torch.equal(x[i], whole[i]) and torch.equal(x[i, 0], whole[i, 0]) for i in at)
    mask = torch.zeros(11, dtype=torch.bool)
    mask[at] = True
    assert torch.equal(x[mask], whole[mask])


def test_what_needs_all_of_it_is_refused(eleven: tuple[Shards, torch.Tensor]) -> None:
    x, whole = eleven
    for use in (torch.sum, torch.isfinite, lambda x: x + 1, lambda x: torch.cat([x, x])):
        with pytest.raises(DataError, match="cuts along its first axis"):
            use(x)
    again = pickle.loads(pickle.dumps(x))
    assert torch.equal(again[:], whole)
    assert "3 files" in repr(again)


def test_a_run_on_shards_is_the_run_in_memory(tmp_path: Path) -> None:
    data = from_shards(written(tmp_path / "strokes", small_data()))
    assert isinstance(data.train.inputs, Shards)
    assert data.counts() == small_data().counts()
    config = small_config()
    derived = replace(config, train=replace(config.train, models=("derived",)))
    reading = replace(derived, train=replace(derived.train, workers=1))
    expected = run(derived, small_data(), tmp_path / "memory").to_dict()
    found = run(reading, data, tmp_path / "shards").to_dict()
    assert untimed(found) == untimed(expected)


def test_masks_stay_in_shards_too(tmp_path: Path) -> None:
    data = load(written(tmp_path, small_masks()))
    assert isinstance(data, DataSet)
    assert isinstance(data.train, TensorPair)
    assert isinstance(data.train.targets, Shards)
    assert data.is_segmentation
    x, y = data.train.batch([40, 3])
    assert torch.equal(x, small_masks().train.inputs[[40, 3]])
    assert torch.equal(y, small_masks().train.targets[[40, 3]])
    (tmp_path / "classes.txt").write_text("paper\n")
    with pytest.raises(DataError, match="label 1"):
        load(tmp_path)
    (tmp_path / "classes.txt").unlink()
    with pytest.raises(DataError, match="classes.txt"):
        load(tmp_path)


def test_gigabytes_are_read_batch_by_batch(tmp_path: Path) -> None:
    folder, n = written(tmp_path, small_data()), 1 << 22
    inputs = np.lib.format.open_memmap(  # a file with holes: 3 GB that take no place on the disk
        folder / "train" / "x-00007.npy", "w+", np.float32, (n, 1, 6, 32)
    )
    inputs[-1] = 1
    np.save(folder / "train" / "y-00007.npy", np.zeros(n, np.int8))
    for file in [*folder.glob("train/?-0000[0-6].npy")]:
        file.unlink()
    for part in ("validation", "test"):
        for file in [*folder.glob(f"{part}/x-*.npy")]:
            np.save(file, np.zeros((len(np.load(file)), 1, 6, 32), np.float32))
    data = from_shards(folder)
    assert len(data.train) == n
    x, y = data.train.batch([0, n - 1, 12_345])
    assert x.sum(dim=(1, 2, 3)).tolist() == [0, 6 * 32, 0]
    assert y.tolist() == [0, 0, 0]


def test_bytes_are_scaled_and_masks_are_not(tmp_path: Path) -> None:
    x = np.full((3, 1, 4, 4), 255, np.uint8)
    files = write_shards(tmp_path, "train", [(x, x[:, 0])])
    assert float(Shards(files)[:].max()) == 1
    assert int(Shards(files, torch.int64)[:].max()) == 255


def test_bad_values_are_told_when_they_are_read(tmp_path: Path) -> None:
    bad = small_data()
    bad.train.inputs[20, 0, 1, 1] = torch.nan
    data = from_shards(written(tmp_path, bad))
    data.train.batch([0, 1])
    with pytest.raises(DataError, match="finite"):
        data.train.batch([19, 20])


def test_bad_folders_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = written(tmp_path / "mine", small_data())
    assert main(["data", "show", str(folder)]) == 0
    assert "upright" in capsys.readouterr().out
    np.save(folder / "train" / "x-00002.npy", np.zeros((7, 1, 5, 5), np.float32))
    with pytest.raises(DataError, match="x-00002"):
        load(folder)
    (folder / "train" / "x-00002.npy").write_bytes(b"no array")
    with pytest.raises(DataError, match="cannot be read"):
        load(folder)
    for file in (folder / "test").glob("*"):
        file.unlink()
    (folder / "train" / "x-00002.npy").unlink()
    with pytest.raises(DataError, match="write_shards"):
        load(folder)
    with pytest.raises(DataError, match="3 inputs and 2 targets"):
        write_shards(folder, "train", [(np.zeros((3, 1, 4, 4)), np.zeros(2))])
    with pytest.raises(DataError, match="no examples"):
        write_shards(folder, "train", [])
    with pytest.raises(DataError, match="one of train"):
        write_shards(folder, "trains", [])
