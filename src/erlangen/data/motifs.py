"""Binding sites as they are measured, planted on either strand of random letters: which protein binds here?"""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from erlangen.data.cache import cache_folder, cached, fill, from_wheel
from erlangen.data.dataset import DataSet, TensorPair
from erlangen.errors import DataError

WHEEL, KEPT = "pyjaspar==4.0.0", "motifs"
WHEEL_ARCHIVE = "01b393f668c3cb552d3d58262a50005b1410e389e0a6bf5d570e976fbdaf01b3"
FILE, INSIDE = "JASPAR2026.sqlite", "pyjaspar/data"
DIGESTS = {FILE: "4fde0cc35fa91725e8ffb4e4baa51b9af74aab07a1577ecf7f645d6f6026668e"}
LICENCE = "MIT (the package); none is stated there for the profiles"
PLANTED = {"CTCF": "MA0139", "SPI1": "MA0080", "GATA1": "MA0035"}
SIZES, LENGTH, SEED = (1200, 600, 3000), 200, 2026  # train, validation, test


def motifs() -> DataSet[TensorPair]:
    """**Drawn, not measured**: 200 random letters ↦ the protein whose site is planted in them: none, CTCF, SPI1, GATA1.

    x [4, 200]: A, C, G, T; 1,200 + 600 + 3,000 sequences, a quarter of each class. Letters are uniform and independent;
    a site takes the letter i in its column j with the share of i in column j of the protein's profile (see `profile`;
    15, 13 and 7 columns), stands at a uniformly random place and, by a fair coin, on the other strand. One fixed seed.
    So the reverse complement of a sequence is exactly as likely under each class as the sequence: here invariance is
    not an assumption. And the best that any classifier can do is known, since the law of the draw is: an accuracy of
    0.83 (by the class of greatest likelihood); random letters hold sites by chance, above all the short ones of GATA1.

    The profiles: JASPAR 2026, https://jaspar.elixir.no.
    """
    rng = np.random.default_rng(SEED)
    profiles = [profile(base_id).numpy() for base_id in PLANTED.values()]
    train, held_out, tested = (_draw(profiles, n, rng) for n in SIZES)
    return DataSet(
        train,
        held_out,
        tested,
        ("none", *PLANTED),
        "motifs",
        LICENCE,
        f"drawn from profiles of PyPI {WHEEL}, {INSIDE}/{FILE}, by seed {SEED}",
        "JASPAR 2026, https://jaspar.elixir.no",
        "one-hot",
    )


def profile(base_id: str) -> Tensor:
    """c[i, j] = how many of the known sites have the nucleotide i (A, C, G, T) at place j; `[4, columns]`, float32.

    `base_id` is the name of a profile of the collection CORE of JASPAR 2026 without its version, such as "MA0139"
    (CTCF); the newest version is taken. It is read from the file that `erlangen data fetch motifs` fetches. No such
    profile: DataError.
    """
    path = cached("motifs", DIGESTS) / FILE
    newest = "SELECT ID FROM MATRIX WHERE COLLECTION = 'CORE' AND BASE_ID = ? ORDER BY VERSION DESC LIMIT 1"
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as base:
            query = f"SELECT val FROM MATRIX_DATA WHERE ID = ({newest}) ORDER BY row, col"
            counts = [float(value) for (value,) in base.execute(query, (base_id,))]
    except sqlite3.Error as error:
        raise DataError(f"{path}, which cannot be read ({error})", "JASPAR's tables", "Fetch it again.") from None
    if not counts or len(counts) % 4:
        expected = "the name of a profile without its version, such as MA0139"
        raise DataError(f"the profile {base_id!r}", expected, "Look it up at https://jaspar.elixir.no.")
    return torch.tensor(counts).reshape(4, -1)


def fetch_motifs() -> Path:
    """Fetch pyjaspar's copy of JASPAR 2026 into the cache with pip, checked; returns the folder."""
    folder = cache_folder() / KEPT
    instead = f"Place {FILE} of the wheel {WHEEL} ({INSIDE}) in {folder}."
    fill(folder, DIGESTS, lambda scratch: from_wheel(WHEEL, (), WHEEL_ARCHIVE, scratch, instead) / INSIDE)
    return folder


def plant(letters: np.ndarray, counts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Numbers of letters `[n, length]` with a site of the profile `[4, columns]` written into each.

    >>> rng = np.random.default_rng(4)
    >>> plant(np.full((2, 6), 1), np.array([[9, 0], [0, 0], [0, 9], [0, 0]]), rng).tolist()  # AG is CT there
    [[1, 1, 1, 0, 2, 1], [1, 1, 1, 1, 1, 3]]
    """
    n, length = letters.shape
    columns = counts.shape[1]
    below = (counts / counts.sum(axis=0)).cumsum(axis=0)[:3]
    sites = (rng.random((n, 1, columns)) >= below).sum(axis=1)
    other = rng.random(n) < 0.5
    sites[other] = 3 - sites[other, ::-1]
    places = rng.integers(0, length - columns + 1, n)[:, None] + np.arange(columns)
    planted = letters.copy()
    np.put_along_axis(planted, places, sites, axis=1)
    return planted


def _draw(profiles: list[np.ndarray], n: int, rng: np.random.Generator) -> TensorPair:
    """n sequences, as many of each class as of every other, the classes in turn."""
    letters = rng.integers(0, 4, (n, LENGTH))
    labels = np.arange(n) % (len(profiles) + 1)
    for label, counts in enumerate(profiles, start=1):
        letters[labels == label] = plant(letters[labels == label], counts, rng)
    x = np.eye(4, dtype=np.float32)[letters].transpose(0, 2, 1)
    return TensorPair(torch.from_numpy(x.copy()), torch.from_numpy(labels.astype(np.int64)))
