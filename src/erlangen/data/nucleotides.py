"""Letters and channels: A, C, G, T and what is not known of them, as shares of four that the other strand mirrors."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from erlangen.domains.nucleotides import gc_share as gc_share
from erlangen.errors import DataError
from erlangen.given import bounded, instance, listed, whole

LETTERS = "ACGT"
MOST_LETTERS = 1 << 32  # of a sequence
CODES = {
    **{letter: letter for letter in LETTERS},
    **{"U": "T", "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC"},
    **{"B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT", "-": "", ".": ""},
}
COMPLEMENT = str.maketrans("ACGTURYSWKMBDHVNacgturyswkmbdhvn", "TGCAAYRSWMKVHDBNtgcaayrswmkvhdbn")
_COLUMNS = {code: [float(letter in means) / max(len(means), 1) for letter in LETTERS] for code, means in CODES.items()}
_OF_BYTE = np.full((4, 256), np.nan, dtype=np.float32)  # a genome is encoded by one look into this table
for _code, _column in _COLUMNS.items():
    _OF_BYTE[:, ord(_code)] = _OF_BYTE[:, ord(_code.lower())] = _column


def encode(sequence: str, where: str = "a sequence") -> Tensor:
    """x[i, p] = 1 / |S_p| for every nucleotide i that the letter at p may mean, else 0; `[4, length]`, float32.

    Capital and small letters are the same, U is T; an ambiguity code of IUPAC is shared out among what it may mean, N
    a quarter each; gaps (- and .) are zeros. So the complement of a code is the complement of its shares. DataError
    with the place (from 1) for any other letter; `where` says of what.

    >>> encode("aCN-").tolist()
    [[1.0, 0.0, 0.25, 0.0], [0.0, 1.0, 0.25, 0.0], [0.0, 0.0, 0.25, 0.0], [0.0, 0.0, 0.25, 0.0]]

    Cornish-Bowden 1985: nomenclature for incompletely specified bases.
    """
    instance("sequence", sequence, str, DataError, 'Letters such as "ACGT".')
    codes = np.frombuffer(sequence.encode("ascii", errors="replace"), dtype=np.uint8)  # "?", no nucleotide, if replaced
    columns = np.take(_OF_BYTE, codes, axis=1)
    unknown = np.flatnonzero(np.isnan(columns[0]))
    if len(unknown):
        place = int(unknown[0])
        expected = f"one of {''.join(code for code in CODES if code.isalpha())}, - and ."
        given = f"the letter {sequence[place]!r} at place {place + 1} of {where}"
        raise DataError(given, expected, "Is it a protein?")
    return torch.from_numpy(columns)


def encode_all(sequences: Sequence[str], length: int | None = None, where: str = "the list") -> Tensor:
    """x[i, :, k + ⌊(length − nᵢ)/2⌋] = encode(sᵢ)[:, k], nᵢ the length of sᵢ, else 0; `[n, 4, length]`, float32.

    So every sequence stands in the middle: a shorter one gets zeros alike at both ends, a longer one loses letters
    alike at both ends. `length` left out is that of the longest. Where the parity of nᵢ is not that of `length` there
    is no middle, and one zero more stands on the right (one letter more is lost on the left): the other strand of such
    a sequence stands one place further left than the flip of the array has it. On arrays the symmetry is exact anyway;
    for it to be exact in the step from letters to arrays, too, give `length` the parity of your sequences, or take
    those of even and of odd length one after the other. No sequences, or a length below 1: DataError; a letter that is
    none: DataError with its place and the number of the sequence (from 1) in `where`.

    >>> encode_all(["ACG", "C"])[1].tolist()
    [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    >>> [decode(x) for x in encode_all(["AACGG", "ACGT", "C"], length=3)]
    ['ACG', 'CGT', '-C-']
    """
    if not isinstance(sequences, str):
        for sequence in listed("sequences", sequences, DataError, "texts", 'Such as ["ACGT", "AC"].'):
            instance("a sequence", sequence, str, DataError, 'Letters such as "ACGT".')
    if length is not None:
        bounded("length", length, MOST_LETTERS, DataError)
        whole("length", length, DataError, least=0)
    longest = max((len(sequence) for sequence in sequences), default=0)
    length = longest if length is None else length
    if isinstance(sequences, str) or length < 1:
        given = f"{len(sequences)} sequences for arrays of length {length}"
        given = "one string" if isinstance(sequences, str) else given
        raise DataError(given, "a list of sequences, and a length of 1 or more", "Check the list.")
    x = torch.zeros(len(sequences), 4, length)
    for i, sequence in enumerate(sequences):
        values, start = encode(sequence, f"sequence {i + 1} of {where}"), (length - len(sequence)) // 2
        kept = values[:, max(0, -start) :][:, :length]
        x[i, :, max(0, start) : max(0, start) + kept.shape[1]] = kept
    return x


def decode(values: Tensor) -> str:
    """The way back: the code whose shares are nearest at every place, `[4, length]`.

    >>> decode(encode("ACGTN-R"))
    'ACGTN-R'
    """
    codes = [code for code in CODES if code not in ("U", ".")]
    table = torch.tensor([_COLUMNS[code] for code in codes], dtype=values.dtype)
    nearest = torch.cdist(values.T, table).argmin(dim=1)
    return "".join(codes[i] for i in nearest.tolist())


def reverse_complement(sequence: str) -> str:
    """The other strand, read from its own start, in DNA: U is complemented by A, and A by T.

    DataError for what is no letter of nucleotides.

    >>> reverse_complement("AACGN"), reverse_complement("RYK")
    ('NCGTT', 'MRY')
    """
    encode(sequence)  # which says what is no letter, and where
    return sequence.translate(COMPLEMENT)[::-1]
