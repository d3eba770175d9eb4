"""Splice borders on a small stand-in of R's file: bits to letters, repeats left out; without rdata a plain refusal."""

import importlib
from pathlib import Path

import numpy as np
import pytest

from erlangen.data import decode, load, splice
from erlangen.data.cache import sha256
from erlangen.errors import DataError

BITS = {"A": "100", "C": "010", "G": "001", "T": "000"}


def write_rda(path: Path, sequences: list[str], classes: list[str], damage: str = "") -> None:
    """The table as R has it: 180 columns of the words 0 and 1, and the class."""
    rdata, pandas = pytest.importorskip("rdata"), pytest.importorskip("pandas")
    rows = [list((damage or "".join(BITS[letter] for letter in letters)).ljust(180, "0")) for letters in sequences]
    table = pandas.DataFrame(rows, columns=[f"V{i + 1}" for i in range(180)])
    table["Class"] = classes
    rdata.write_rda(path, {"DNA": table})


def some() -> tuple[list[str], list[str]]:
    rng = np.random.default_rng(0)
    return ["".join(rng.choice(list("ACGT"), 60)) for _ in range(30)], ["ei", "ie", "n"] * 10


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ERLANGEN_CACHE", str(tmp_path))
    (tmp_path / "splice").mkdir()
    return tmp_path / "splice" / splice.FILE


def test_bits_are_letters_in_our_order_and_repeats_are_left_out(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first is there twice more with its own class, the second once more with another one."""
    sequences, classes = some()
    write_rda(file, [*sequences, sequences[0], sequences[1], sequences[0]], [*classes, "ei", "n", "ei"])
    monkeypatch.setattr(splice, "DIGESTS", {splice.FILE: sha256(file)})
    x, y = splice.read_splice(file)
    assert x.shape == (33, 4, 60) and y[:3].tolist() == [0, 1, 2]
    data = load("splice", validation=0.2, test=0.3)
    assert data.classes == ("ei", "ie", "neither") and data.channels == 4 and data.size == (60,)
    together = data.train.joined(data.validation, data.test)
    read = {decode(x): splice.CODES[int(label)] for x, label in zip(together.inputs, together.targets, strict=True)}
    wanted = dict(zip(sequences, classes, strict=True))
    del wanted[sequences[1]]
    assert read == wanted and len(together) == 29
    assert [len(part) for part in data.fold(0, 3, 0.2, 0).parts.values()] == [13, 6, 10]


def test_without_rdata_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(DataError, match=r"without rdata.*erlangen\[dna\]"):
        splice.read_splice(tmp_path / "some.rda")


def test_what_is_no_such_file_is_refused(file: Path) -> None:
    pytest.importorskip("rdata")
    file.write_bytes(b"no table")
    with pytest.raises(DataError, match="cannot be read"):
        splice.read_splice(file)
    write_rda(file, ["A"], ["ei"], damage="110")
    with pytest.raises(DataError, match="a triple of bits"):
        splice.read_splice(file)
    write_rda(file, ["A"], ["both"])
    with pytest.raises(DataError, match="cannot be read"):
        splice.read_splice(file)
