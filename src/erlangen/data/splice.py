"""Where genes are spliced: 60 letters around a border between exon and intron, or around none."""

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import torch

from erlangen.data.cache import cache_folder, cached, fill, from_debian
from erlangen.data.dataset import DataSet, TensorPair
from erlangen.data.split import into_three
from erlangen.errors import DataError

DEBIAN, KEPT = "r-cran-mlbench", "splice"
FILE, TABLE = "DNA.rda", "DNA"
INSIDE = "usr/lib/R/site-library/mlbench/data"
DIGESTS = {FILE: "df941ad89a49f705a29bf38e52c91dc34029539cedb13fa24f803f1224278c9e"}
LICENCE = "GPL-2 (the package); none is stated for the sequences"
CODES = ("ei", "ie", "n")  # in the file
LENGTH = 60
LETTERS = np.eye(4, 3)  # bits of the file: A 100, C 010, G 001, T 000


def splice(validation: float = 0.15, test: float = 0.25, seed: int = 0) -> DataSet[TensorPair]:
    """60 letters around the middle ↦ ei (exon then intron, 679), ie (intron then exon, 669), neither (1,652).

    x [4, 60]: A, C, G, T. **The strand matters**: genes are spliced as they are read, GT begins an intron (letters 31
    and 32 of 671 of the ei) and AG ends it (29 and 30 of 665 of the ie), and the reverse complement of a border is no
    border. So a task on er.Dna(), whose answer is the same for both strands, states the wrong prior here.

    Of the file's 3,186 rows 186 are left out before the parts are drawn at random: 184 that repeat an earlier one, and
    the two of a sequence that is there both as ie and as neither. None of the rest is the reverse complement of
    another, so that no sequence is in two parts; but 340 of them share 30 letters in a row with another one. Needs
    rdata, which reads the file: pip install "erlangen[dna]".

    M. Noordewier, G. Towell, J. Shavlik 1991: Training knowledge-based neural networks to recognize genes in DNA
    sequences, NIPS 3.
    """
    x, y = read_splice(cached("splice", DIGESTS) / FILE)
    kept = without_repeats(x, y)
    classes = ("ei", "ie", "neither")
    everything = TensorPair(torch.from_numpy(x[kept]), torch.from_numpy(y[kept]))
    parts = into_three(everything, validation, test, seed, classes)
    return DataSet(
        parts["train"],
        parts["validation"],
        parts["test"],
        classes,
        "splice",
        LICENCE,
        f"Debian {DEBIAN}, {INSIDE}",
        "M. Noordewier, G. Towell, J. Shavlik, NIPS 3, 1991; UCI Machine Learning Repository, Molecular Biology "
        "(Splice-junction Gene Sequences)",
        "one-hot",
        drawn=True,
    )


def fetch_splice() -> Path:
    """Fetch mlbench's copy of the file into the cache with Debian's clients, checked; returns the folder."""
    folder = cache_folder() / KEPT
    instead = f"On Debian run `apt-get update` first; elsewhere place {FILE} of {DEBIAN} in {folder}."
    fill(folder, DIGESTS, lambda scratch: from_debian(DEBIAN, scratch, instead) / INSIDE)
    return folder


def read_splice(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """x [n, 4, 60], channels A, C, G, T, and labels [n], from R's table of 180 bits a row with a column Class."""
    try:
        table = _rdata().read_rda(path, default_encoding="ascii")[TABLE]
        bits = table.drop(columns="Class").to_numpy().astype(int).reshape(-1, LENGTH, 3)
        labels = np.array([CODES.index(code) for code in table["Class"]], dtype=np.int64)
    except DataError:
        raise
    except Exception as error:  # rdata raises errors of many kinds for files of another format
        given = f"{path}, which cannot be read ({error})"
        raise DataError(given, f"an .rda file with the table {TABLE}", "Fetch the data again.") from None
    equal = (bits[:, :, None] == LETTERS).all(-1)
    if not equal.any(-1).all():
        raise DataError(f"{path}, with a triple of bits that is no letter", "100, 010, 001 or 000", "Fetch it again.")
    return np.ascontiguousarray(equal.transpose(0, 2, 1), dtype=np.float32), labels


def without_repeats(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Places of the first of each different input, in rising order; of those with two labels, none.

    >>> without_repeats(np.array([[5], [3], [5], [4], [3]]), np.array([0, 1, 0, 2, 2])).tolist()
    [0, 3]
    """
    flat = x.reshape(len(x), -1)
    _, first, group = np.unique(flat, axis=0, return_index=True, return_inverse=True)
    other = y != y[first][group.ravel()]
    return np.sort(np.delete(first, np.unique(group.ravel()[other])))


def _rdata() -> Any:
    try:
        return importlib.import_module("rdata")
    except ModuleNotFoundError:
        expected = "rdata, which reads R's files"
        raise DataError("an installation without rdata", expected, 'pip install "erlangen[dna]".') from None
