"""Ten people do seven exercises with a watch on their wrist, each at a pace of their own: which exercise is it?"""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from erlangen.data.cache import cache_folder, cached, fill, from_wheel
from erlangen.data.dataset import PARTS, DataSet
from erlangen.data.sequence_pair import SequencePair
from erlangen.data.sequences import SequenceStore
from erlangen.errors import DataError

WHEEL, KEPT, FILE = "seglearn==1.2.5", "watch", "watch_dataset.npy"
WHEEL_ARCHIVE = "ec6b952c85c9627050102854b372d85951563d3b990df677d7c55547e87413dd"
DIGESTS = {FILE: "eb122f23cdf06ef6bd6c6c5312958ec5cf9d038e2e6d457b8081662c75a42537"}
EXERCISES = (
    *("pendulum", "abduction", "forward elevation", "internal rotation"),
    *("external rotation", "trapezius extension", "upright row"),
)
EVERY, STEPS, LEAST = 2, 128, 64  # of the recorded steps every second; steps of a piece, and of the last at least


def watch(validation: float = 0.15, test: float = 0.25, seed: int = 0) -> DataSet[SequencePair]:
    """140 recordings of how a wrist moves, in pieces of 64 to 128 steps, of the recorded ones every second.

    x 6 channels: acceleration along three axes, angular velocity about them, each divided by its root mean square over
    the training part. Split by person: nobody is in two parts, so that paces of the test part are of other people.
    `validation` and `test` are parts of the ten people, one at least; who is where depends on the seed.

    D. Burns et al. 2018, doi:10.1088/1361-6579/aacfd9.
    """
    recorded = _recordings(cached(KEPT, DIGESTS) / FILE)
    people = np.unique(recorded["subject"])
    counts = [max(1, round(part * len(people))) for part in (validation, test)]
    if sum(counts) >= len(people):
        given = f"{counts[0]} + {counts[1]} of {len(people)} people for validation and test"
        raise DataError(given, "someone to learn from", "Take smaller parts.")
    order = np.random.default_rng(seed).permutation(people)
    held_out, tested, learnt = np.split(order, np.cumsum(counts))
    chosen = dict(zip(PARTS, (learnt, held_out, tested), strict=True))
    pieces = {part: _pieces(recorded, set(who.tolist())) for part, who in chosen.items()}
    spread = np.sqrt(np.mean(np.concatenate([x for x, _ in pieces["train"]]) ** 2, axis=0))
    pairs = {part: _pair(found, spread) for part, found in pieces.items()}
    return DataSet(
        pairs["train"],
        pairs["validation"],
        pairs["test"],
        EXERCISES,
        "watch",
        "BSD-3-Clause (the package); none is stated for the recordings",
        f"PyPI {WHEEL}, seglearn/data/{FILE}",
        "D. Burns et al., Physiological Measurement 39, 2018, doi:10.1088/1361-6579/aacfd9",
        "each channel divided by its root mean square",
    )


def fetch_watch() -> Path:
    """Fetch seglearn's recordings into the cache with pip, checked; returns the folder."""
    folder = cache_folder() / KEPT
    instead = f"Place {FILE} of the wheel {WHEEL} (seglearn/data) in {folder}."
    fill(folder, DIGESTS, lambda scratch: from_wheel(WHEEL, (), WHEEL_ARCHIVE, scratch, instead) / "seglearn/data")
    return folder


def _recordings(path: Path) -> dict[str, Any]:
    """What the file holds. It is a pickle: only this very file, whose digest was compared, is ever opened."""
    return np.load(path, allow_pickle=True).item()


def _pieces(recorded: dict[str, Any], people: set[Any]) -> list[tuple[np.ndarray, int]]:
    """The recordings of these people in pieces [steps, channel], each with its exercise; a short rest is left out."""
    found = []
    for x, exercise, who in zip(recorded["X"], recorded["y"], recorded["subject"], strict=True):
        if who in people:
            kept = np.asarray(x, dtype=np.float32)[::EVERY]
            parts = [kept[start : start + STEPS] for start in range(0, len(kept), STEPS)]
            found += [(part, int(exercise)) for part in parts if len(part) >= LEAST]
    return found


def _pair(pieces: list[tuple[np.ndarray, int]], spread: np.ndarray) -> SequencePair:
    store = SequenceStore([torch.from_numpy((x / spread).T.astype(np.float32)) for x, _ in pieces])
    return SequencePair(store, torch.tensor([exercise for _, exercise in pieces]))
