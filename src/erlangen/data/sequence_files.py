"""Files of sequences: FASTA, FASTQ, BED and GenBank, plain or gzipped; what is wrong is said with its line."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from erlangen.data.nucleotides import CODES
from erlangen.errors import DataError

_LETTERS = frozenset(CODES) | frozenset(code.lower() for code in CODES)


class Record(NamedTuple):
    """A sequence and what the file says of it; `quality` is Phred's, of each letter, where it is given."""

    name: str
    sequence: str
    quality: tuple[int, ...] | None = None

    @property
    def id(self) -> str:
        """The first word of the name, by which other files speak of it."""
        return self.name.split()[0] if self.name.split() else self.name


class Interval(NamedTuple):
    """`start` ≤ place < `end` of a sequence, places from 0; `strand` "+", "-" or "." where it is not known."""

    sequence: str
    start: int
    end: int
    name: str = ""
    strand: str = "."


class Feature(NamedTuple):
    """What a GenBank record says of a part of its sequence: places from 0, parts in the order of the sequence."""

    kind: str
    parts: tuple[tuple[int, int], ...]
    strand: str
    qualifiers: dict[str, list[str]]


class Annotated(NamedTuple):
    """A GenBank record: its name, its sequence and its features."""

    name: str
    sequence: str
    features: tuple[Feature, ...]


def read_fasta(path: str | Path) -> list[Record]:
    """`>name …`, then lines of letters, joined; spaces in between are dropped. DataError with file and line.

    `record.id` is the first word of the name. A name without letters below it is an error.

    >>> import tempfile; from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "two.fa"
    ...     _ = file.write_text(">one first\\nACG\\nTN \\n>two\\nacgt\\n")
    ...     read_fasta(file)[0]
    Record(name='one first', sequence='ACGTN', quality=None)
    """
    found: list[tuple[str, list[str]]] = []
    begun = number = 0
    for number, line in _lines(path):
        if line.startswith(">"):
            _check_letters(found, path, begun)
            begun = number
            found.append((line[1:].strip(), []))
        elif line.strip() and not line.startswith(";"):
            if not found:
                raise _bad(path, number, "letters before the first name", "a line that begins with >")
            found[-1][1].append(_checked("".join(line.split()), path, number))
    _check_letters(found, path, begun)
    return _not_empty([Record(name, "".join(parts)) for name, parts in found], path)


def _check_letters(found: list[tuple[str, list[str]]], path: str | Path, number: int) -> None:
    if found and not found[-1][1]:
        raise _bad(path, number, f"{found[-1][0]!r} without letters", "letters below each name")


def read_fastq(path: str | Path) -> list[Record]:
    """Four lines a read: @name, letters, +, qualities (Phred, 33 is 0). DataError with file and line.

    >>> import tempfile; from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "one.fq"
    ...     _ = file.write_text("@one\\nACG\\n+\\nI!5\\n")
    ...     read_fastq(file)
    [Record(name='one', sequence='ACG', quality=(40, 0, 20))]
    """
    lines = list(_lines(path))
    while lines and not lines[-1][1].strip():
        lines.pop()
    found = []
    for start in range(0, len(lines), 4):
        read = lines[start : start + 4]
        number = read[0][0]
        if len(read) < 4 or not read[0][1].startswith("@") or not read[2][1].startswith("+"):
            raise _bad(path, number, "a read that is not @name, letters, +, qualities", "four lines a read")
        sequence, quality = (read[i][1].strip() for i in (1, 3))
        if len(sequence) != len(quality):
            given = f"{len(sequence)} letters with {len(quality)} qualities"
            raise _bad(path, read[3][0], given, "one quality a letter")
        phred = tuple(ord(mark) - 33 for mark in quality)
        if min(phred, default=0) < 0:
            raise _bad(path, read[3][0], f"the qualities {quality!r}", "marks from ! on, none a space")
        found.append(Record(read[0][1][1:].strip(), _checked(sequence, path, read[1][0]), phred))
    return _not_empty(found, path)


def read_bed(path: str | Path) -> list[Interval]:
    """sequence, start, end, and perhaps name, score, strand, tabs between; places from 0, the end not included.

    >>> import tempfile; from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "one.bed"
    ...     _ = file.write_text("chr1\\t5\\t9\\tpeak\\t0\\t-\\n")
    ...     read_bed(file)
    [Interval(sequence='chr1', start=5, end=9, name='peak', strand='-')]
    """
    found = []
    for number, line in _lines(path):
        if not line.strip() or line.startswith("#") or line.split()[0] in ("track", "browser"):
            continue
        cells = line.split("\t") if "\t" in line else line.split()
        if len(cells) < 3 or not (cells[1].strip().isdigit() and cells[2].strip().isdigit()):
            raise _bad(path, number, line[:60], "sequence, start and end, with tabs between")
        start, end, strand = int(cells[1]), int(cells[2]), (cells[5].strip() if len(cells) > 5 else ".")
        if start >= end or strand not in ("+", "-", "."):
            raise _bad(path, number, line[:60], "start < end, and a strand +, - or .")
        found.append(Interval(cells[0].strip(), start, end, cells[3].strip() if len(cells) > 3 else "", strand))
    return _not_empty(found, path)


def read_genbank(path: str | Path) -> list[Annotated]:
    """The records of a GenBank file with their features, by Biopython (`pip install erlangen[dna]`).

    >>> import tempfile
    >>> from Bio import SeqIO
    >>> from Bio.SeqRecord import SeqRecord
    >>> from Bio.Seq import Seq
    >>> record = SeqRecord(Seq("GATTACA"), "mine", annotations={"molecule_type": "DNA"})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = SeqIO.write([record], f"{folder}/mine.gb", "genbank")
    ...     [(found.name, found.sequence) for found in read_genbank(f"{folder}/mine.gb")]
    [('mine', 'GATTACA')]
    """
    try:
        from Bio import SeqIO
    except ModuleNotFoundError:
        raise DataError(f"{path} without Biopython", "it installed", "pip install 'erlangen[dna]'.") from None
    with _opened(path) as stream:
        try:
            records = [_annotated(record) for record in SeqIO.parse(stream, "genbank")]
        except Exception as error:  # Biopython raises errors of many kinds for files of another format
            raise DataError(f"{path}, at which Biopython says: {error}", "a GenBank file", "Check it.") from None
    return _not_empty(records, path)


def _annotated(record: Any) -> Annotated:
    features = []
    for feature in record.features:
        parts = tuple(sorted((int(part.start), int(part.end)) for part in feature.location.parts))
        strand = {1: "+", -1: "-"}.get(feature.location.strand, ".")
        features.append(Feature(feature.type, parts, strand, dict(feature.qualifiers)))
    return Annotated(record.id, str(record.seq), tuple(features))


def _opened(path: str | Path) -> IO[str]:
    """Plain or gzipped text."""
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path}, which is no file", "a file of sequences", "Check the path.")
    return gzip.open(path, "rt", encoding="utf-8-sig") if path.suffix == ".gz" else path.open(encoding="utf-8-sig")


def _lines(path: str | Path) -> Iterator[tuple[int, str]]:
    with _opened(path) as stream:
        try:
            for number, line in enumerate(stream, start=1):
                yield number, line.rstrip("\r\n")
        except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
            raise DataError(f"{path}, which cannot be read ({error})", "whole text", "Fetch it again.") from None


def _checked(letters: str, path: str | Path, number: int) -> str:
    for place, letter in enumerate(letters, start=1):
        if letter not in _LETTERS:
            raise _bad(path, number, f"{letter!r} at place {place}", "letters of nucleotides (IUPAC), - and .")
    return letters


def _bad(path: str | Path, number: int, given: str, expected: str) -> DataError:
    return DataError(f"{path}, line {number}: {given}", expected, "Mend the line, or take it out.")


def _not_empty(found: list[Any], path: str | Path) -> list[Any]:
    if not found:
        raise DataError(f"{path} without records", "at least one", "Is it of another format?")
    return found
