"""The user's own sequences of DNA: a folder with one FASTA file a class."""

from pathlib import Path

import torch
from torch import Tensor

from erlangen.data.dataset import DataSet, TensorPair
from erlangen.data.nucleotides import encode_all
from erlangen.data.sequence_files import Record, read_fasta
from erlangen.data.split import into_three, own_set
from erlangen.errors import DataError

ENDINGS = (".fa", ".fasta", ".fna", ".ffn")


def is_fasta(path: Path) -> bool:
    """Whether a file is one by its name, plain or gzipped.

    >>> is_fasta(Path("genome.fa.gz")), is_fasta(Path("genome.txt"))
    (True, False)
    """
    return path.name.lower().removesuffix(".gz").endswith(ENDINGS)


def holds_fasta(path: Path) -> bool:
    """Whether a folder has FASTA files in it.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     holds_fasta(Path(folder))
    False
    """
    return path.is_dir() and any(is_fasta(file) for file in path.iterdir())


def from_fasta(path: Path, validation: float = 0.15, test: float = 0.25, seed: int = 0) -> DataSet[TensorPair]:
    """One file a class, named as the class: x [n, 4, length], zeros at both ends of what is shorter than the longest.

    Channels A, C, G, T, see `encode_all`. Fewer than two files, and what cannot be read: DataError with file and line.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, letters in (("bound", "GATTACA"), ("free", "CCG")):
    ...         _ = (Path(folder) / f"{name}.fa").write_text("".join(f">{i}\\n{letters}\\n" for i in range(8)))
    ...     found = from_fasta(Path(folder))
    >>> found.classes, found.train.inputs.shape
    (('bound', 'free'), torch.Size([10, 4, 7]))
    """
    files = sorted(file for file in path.iterdir() if is_fasta(file))
    if len(files) < 2:
        given = f"{path} with {len(files)} FASTA file"
        raise DataError(given, "one file a class, at least two", "Put the sequences of each class in a file.")
    records = {file.name.lower().removesuffix(".gz").rpartition(".")[0]: read_fasta(file) for file in files}
    labels = [label for label, found in enumerate(records.values()) for _ in found]
    letters = [record.sequence for found in records.values() for record in found]
    pair = TensorPair(encode_all(letters), torch.tensor(labels))
    classes = tuple(records)
    return own_set(into_three(pair, validation, test, seed, classes), classes, path, validation, seed, drawn=True)


def fasta_inputs(path: Path) -> tuple[Tensor, list[str]]:
    """The sequences of one FASTA file, or of all in a folder: [n, 4, length] as in `from_fasta`, and their names.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "two.fa"
    ...     _ = file.write_text(">one\\nGATTACA\\n>two\\nCCGCCGC\\n")
    ...     x, names = fasta_inputs(file)
    >>> x.shape, names
    (torch.Size([2, 4, 7]), ['one', 'two'])
    """
    files = [path] if path.is_file() else sorted(file for file in path.iterdir() if is_fasta(file))
    records: list[Record] = [record for file in files for record in read_fasta(file)]
    return encode_all([record.sequence for record in records]), [record.id for record in records]
