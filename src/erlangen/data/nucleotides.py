"""Letters and channels: A, C, G, T and what is not known of them, as shares of four that the other strand mirrors."""

import torch
from torch import Tensor

from erlangen.errors import DataError

LETTERS = "ACGT"
CODES = {
    **{letter: letter for letter in LETTERS},
    **{"U": "T", "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC"},
    **{"B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT", "-": "", ".": ""},
}
COMPLEMENT = str.maketrans("ACGTURYSWKMBDHVNacgturyswkmbdhvn", "TGCAAYRSWMKVHDBNtgcaayrswmkvhdbn")
_COLUMNS = {code: [float(letter in means) / max(len(means), 1) for letter in LETTERS] for code, means in CODES.items()}


def encode(sequence: str, where: str = "a sequence") -> Tensor:
    """x[i, p] = 1 / |S_p| for every nucleotide i that the letter at p may mean, else 0; `[4, length]`, float32.

    Capital and small letters are the same, U is T; an ambiguity code of IUPAC is shared out among what it may mean, N
    a quarter each; gaps (- and .) are zeros. So the complement of a code is the complement of its shares. DataError
    with the place (from 1) for any other letter; `where` says of what.

    >>> encode("aCN-").tolist()
    [[1.0, 0.0, 0.25, 0.0], [0.0, 1.0, 0.25, 0.0], [0.0, 0.0, 0.25, 0.0], [0.0, 0.0, 0.25, 0.0]]

    Cornish-Bowden 1985: nomenclature for incompletely specified bases.
    """
    columns = []
    for place, letter in enumerate(sequence.upper(), start=1):
        if letter not in _COLUMNS:
            expected = f"one of {''.join(code for code in CODES if code.isalpha())}, - and ."
            raise DataError(f"the letter {letter!r} at place {place} of {where}", expected, "Is it a protein?")
        columns.append(_COLUMNS[letter])
    return torch.tensor(columns, dtype=torch.float32).reshape(-1, 4).T.contiguous()


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
    """The other strand, read from its own start.

    >>> reverse_complement("AACGN"), reverse_complement("RYK")
    ('NCGTT', 'MRY')
    """
    return sequence.translate(COMPLEMENT)[::-1]
