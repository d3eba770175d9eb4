"""Nucleosomes and open sites on small stand-ins of their files: lengths, classes, the middle, folds, the source."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from erlangen.data import catalogue, decode, dna_sites, load
from erlangen.data.cache import from_sdist, sha256
from erlangen.errors import DataError

SITE = "ACGTTGCAAT" * 14 + "ACGTTGC"


def records(*sequences: str) -> str:
    """FASTA as the files have it: a space at the end of a line, lines that end as in DOS."""
    return "".join(f">misc_{i}\r\n{letters[:70]} \r\n{letters[70:]} \r\n\r\n" for i, letters in enumerate(sequences))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ERLANGEN_CACHE", str(tmp_path))
    folder = tmp_path / dna_sites.KEPT
    folder.mkdir()
    texts = {
        "H_sapiens_pos.fasta": records(*[SITE] * 10, SITE[:78]),
        "H_sapiens_neg.fasta": records(*[SITE.lower()] * 10),
        "hs.fasta": records(*["acgtA"] * 10),
        "non-hs.fasta": records(*["CG"] * 10),
    }
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())
    take(folder, monkeypatch)
    return folder


def take(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dna_sites, "DIGESTS", {file.name: sha256(file) for file in folder.iterdir()})


def test_nucleosomes_are_those_of_one_length(folder: Path) -> None:
    data = load("nucleosomes", validation=0.2, test=0.3)
    assert (data.channels, data.size, data.classes) == (4, (147,), ("linker", "nucleosome"))
    assert data.counts() == {"train": [5, 5], "validation": [2, 2], "test": [3, 3]}
    assert decode(data.test.inputs[0]) == SITE
    assert [len(part) for part in data.fold(1, 5, 0.2, 0).parts.values()] == [12, 4, 4]


def test_shorter_sites_stand_in_the_middle(folder: Path) -> None:
    data = load("dnase", validation=0.2, test=0.3)
    assert data.size == (5,) and data.classes == ("closed", "open")
    letters = {decode(x): int(label) for x, label in zip(data.train.inputs, data.train.targets, strict=True)}
    assert letters == {"ACGTA": 1, "-CG--": 0}


def test_files_without_a_sequence_to_take_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "H_sapiens_pos.fasta").write_text(records(SITE[:78]))
    with pytest.raises(DataError, match="is damaged.*erlangen data fetch nucleosomes"):
        load("nucleosomes")
    take(folder, monkeypatch)
    with pytest.raises(DataError, match="files of nucleosomes without any"):
        load("nucleosomes")


def test_both_sets_are_cut_from_one_folder(folder: Path) -> None:
    assert {catalogue()[name].kept for name in ("nucleosomes", "dnase")} == {folder.name}
    assert catalogue()["dnase"].is_here


def test_a_source_is_asked_for_by_its_digest_and_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The digest goes to pip, since pip runs the setup.py of what it has downloaded."""
    with zipfile.ZipFile(tmp_path / "a-1.zip", "w") as content:
        content.writestr("a-1/data.txt", "here")
    archive, asked = sha256(tmp_path / "a-1.zip"), []
    monkeypatch.setattr("erlangen.data.cache.run_client", lambda command, *_: asked.append(command))
    assert (from_sdist("a==1", archive, tmp_path, "Do this.") / "a-1" / "data.txt").read_text() == "here"
    assert (tmp_path / "asked.txt").read_text() == f"a==1 --hash=sha256:{archive}\n"
    assert {"--require-hashes", "--no-binary=a", "--no-deps"} < set(asked[0])
    other = hashlib.sha256(b"other").hexdigest()
    with pytest.raises(DataError, match=f"another archive than the source of a==1.*{other}.*Do this"):
        from_sdist("a==1", other, tmp_path, "Do this.")
