"""Planted sites on a small stand-in of JASPAR's tables: the newest profile, either strand, the law of the draw."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import torch

from erlangen.data import decode, load, motifs, profile, reverse_complement
from erlangen.data.cache import sha256
from erlangen.errors import DataError


def spelling(site: str) -> dict[tuple[str, int], float]:
    return {(row, col): 12.5 * (letter == row) for col, letter in enumerate(site, start=1) for row in "ACGT"}


def write_tables(path: Path, profiles: list[tuple[str, str, int, str]]) -> None:
    """Collection, name, version and the one site that the profile spells."""
    with closing(sqlite3.connect(path)) as base:
        base.execute("CREATE TABLE MATRIX (ID INTEGER, COLLECTION TEXT, BASE_ID TEXT, VERSION INTEGER)")
        base.execute("CREATE TABLE MATRIX_DATA (ID INTEGER, row TEXT, col INTEGER, val FLOAT)")
        for number, (collection, base_id, version, site) in enumerate(profiles):
            base.execute("INSERT INTO MATRIX VALUES (?, ?, ?, ?)", (number, collection, base_id, version))
            rows = [(number, *place, value) for place, value in sorted(spelling(site).items(), reverse=True)]
            base.executemany("INSERT INTO MATRIX_DATA VALUES (?, ?, ?, ?)", rows)
        base.commit()


SITES = ("GATTACAGATTACA", "CCCGGGAAATTTC", "TTTTTGGGGGAAA")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ERLANGEN_CACHE", str(tmp_path / "a # strange ? folder"))
    file = tmp_path / "a # strange ? folder" / "motifs" / motifs.FILE
    file.parent.mkdir(parents=True)
    newest = [("CORE", base_id, 10, site) for base_id, site in zip(motifs.PLANTED.values(), SITES, strict=True)]
    write_tables(file, [("CORE", "MA0139", 9, "AC"), *newest, ("OTHER", "MA0139", 11, "GT")])
    monkeypatch.setattr(motifs, "DIGESTS", {motifs.FILE: sha256(file)})
    return file


def test_a_profile_is_the_newest_of_its_collection(file: Path) -> None:
    counts = profile("MA0139")
    assert counts.shape == (4, 14) and counts.dtype == torch.float32
    assert decode(counts / 12.5) == SITES[0] and counts.sum(0).unique().tolist() == [12.5]
    with pytest.raises(DataError, match="the profile 'MA9999'"):
        profile("MA9999")


def test_a_file_without_the_tables_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_bytes(b"no tables" * 1000)
    monkeypatch.setattr(motifs, "DIGESTS", {motifs.FILE: sha256(file)})
    with pytest.raises(DataError, match="cannot be read"):
        profile("MA0139")


def test_each_class_has_its_site_on_one_of_the_strands(file: Path) -> None:
    data = load("motifs")
    assert data.counts() == {"train": [300] * 4, "validation": [150] * 4, "test": [750] * 4}
    assert data.size == (200,) and torch.equal(data.train.inputs, load("motifs").train.inputs)
    strands = np.zeros((4, 2), dtype=int)
    for x, label in zip(data.train.inputs, data.train.targets, strict=True):
        letters = decode(x)
        found = [[site in some for some in (letters, reverse_complement(letters))] for site in SITES]
        assert [any(each) for each in found] == [int(label) == i for i in (1, 2, 3)]  # 26 bits are in no random letters
        strands[int(label)] += found[int(label) - 1] if label else [0, 0]
    assert strands[0].sum() == 0 and (strands[1:].sum(1) == 300).all() and (strands[1:] > 110).all()


def test_letters_follow_the_profile_on_either_strand_at_every_place() -> None:
    counts = np.array([[6.0, 0], [2, 1], [1, 2], [1, 7]])
    planted = motifs.plant(np.full((40_000, 3), 9), counts, np.random.default_rng(0))
    first = planted[:, 0] == 9
    assert abs(first.mean() - 0.5) < 0.01 and ((planted == 9).sum(1) == 1).all()
    sites = np.where(first[:, None], planted[:, 1:], planted[:, :2])
    shares = np.stack([np.bincount(sites[:, j], minlength=4) for j in (0, 1)], axis=1) / len(sites)
    law = counts / counts.sum(0)
    assert np.abs(shares - (law + law[::-1, ::-1]) / 2).max() < 0.01


def test_the_law_of_the_draw_is_that_of_the_other_strand() -> None:
    """A profile that is its own reverse complement gives sites that say nothing of the coin."""
    counts = np.eye(4)[:, [0, 1, 2, 3]]  # ACGT
    planted = motifs.plant(np.zeros((5, 4), int), counts, np.random.default_rng(0))
    assert (planted == np.arange(4)).all()
