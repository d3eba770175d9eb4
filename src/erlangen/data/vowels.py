"""Nine men say two vowels: who speaks? Sequences of 7 to 29 steps."""

from pathlib import Path

import torch

from erlangen.data.cache import cache_folder, cached, fill, from_wheel
from erlangen.data.dataset import DataSet
from erlangen.data.sequence_pair import SequencePair
from erlangen.data.sequences import SequenceStore
from erlangen.data.split import split
from erlangen.data.ts_file import read_ts

WHEEL, KEPT = "aeon==1.6.0", "vowels"
WHEEL_ARCHIVE = "d05227086706f80111ac5fee8de4d5d3115bb3bcfd1c786c8629393055816409"
INSIDE = "aeon/datasets/data/JapaneseVowels"
DIGESTS = {
    "JapaneseVowels_TRAIN.ts": "68a430eabd919cc77f40b1f5f3bc0dcafacc1486bca9260785aeb7d262cc78cd",
    "JapaneseVowels_TEST.ts": "b3d41d6a0ca3bcad3afb9ca7d4365382aa51341e2e58bae2a574babdda5b9462",
}
SPEAKERS = 9


def vowels(validation: float = 0.15, seed: int = 0) -> DataSet[SequencePair]:
    """640 times a man says "ae": 12 coefficients of a linear prediction at each step; which of 9 men is it?

    x 12 channels, 7 to 29 steps. The official parts: 30 of each speaker to learn from, 24 to 88 to test on; validation
    comes off the former. Both parts are of the same speakers, whom the question is about.

    M. Kudo, J. Toyama, M. Shimbo 1999, doi:10.1016/S0167-8655(99)00077-X.
    """
    folder = cached(KEPT, DIGESTS)
    learnt, tested = (_pair(folder / f"JapaneseVowels_{part}.ts") for part in ("TRAIN", "TEST"))
    classes = tuple(f"speaker {i + 1}" for i in range(SPEAKERS))
    train, held_out = split(learnt, [validation], seed, classes)
    return DataSet(
        train,
        held_out,
        tested,
        classes,
        "vowels",
        "BSD-3-Clause (the package); none is stated for the recordings",
        f"PyPI {WHEEL}, {INSIDE}",
        "M. Kudo, J. Toyama, M. Shimbo, Pattern Recognition Letters 20, 1999, doi:10.1016/S0167-8655(99)00077-X",
        "coefficients of a linear prediction",
    )


def fetch_vowels() -> Path:
    """Fetch aeon's copy of the Japanese vowels into the cache with pip, checked; returns the folder."""
    folder = cache_folder() / KEPT
    instead = f"Place {', '.join(DIGESTS)} of the wheel {WHEEL} ({INSIDE}) in {folder}."
    fill(folder, DIGESTS, lambda scratch: from_wheel(WHEEL, (), WHEEL_ARCHIVE, scratch, instead) / INSIDE)
    return folder


def _pair(path: Path) -> SequencePair:
    series, labels = read_ts(path)
    return SequencePair(SequenceStore(series), torch.tensor([int(label) - 1 for label in labels]))
