"""The genome of a bacterium: which of its letters are read into protein, and on which of the two strands."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from erlangen.data.cache import cache_folder, cached, fill, from_debian
from erlangen.data.dataset import PARTS, DataSet, TensorPair
from erlangen.data.nucleotides import encode, encode_all
from erlangen.data.sequence_files import Annotated, Feature, read_genbank
from erlangen.errors import DataError

DEBIAN, KEPT = "r-cran-seqinr", "chlamydia"
FILE = "ct.gbk.gz"
INSIDE = "usr/lib/R/site-library/seqinr/sequences"
DIGESTS = {FILE: "0a80287df42fb51b41d4d21c733239d4a18c415b540891a641259129b6d0b4c3"}
LICENCE = "GPL-2 or later (the package); none is stated for the genome"
CITATION = "R. Stephens et al., Science 282, 1998, doi:10.1126/science.282.5389.754"
CODING, STRANDS = ("neither", "forward", "reverse"), ("forward", "reverse")
WINDOW, CENTRE = 1024, 300
GAP = 6  # windows: 6,144 letters, more than the longest gene (5,361) has
SHARES = (0.6, 0.15, 0.25)


def chlamydia_genes() -> DataSet[TensorPair]:
    """Windows of 1,024 letters ↦ at every letter: neither, forward or reverse; x [4, 1024], y [1024]; 600 + 150 + 250.

    Forward is what is read into protein (CDS in the file) on the strand as given, reverse what is read on the other
    one, neither the rest (10 %); of the 883 letters that are read on both, 872 have the label of the longer gene, and
    11, of two genes of one length, that of neither. On the other strand forward is reverse: the task has the output
    er.Equivariant(er.Mirror().trivial + er.Mirror().regular).

    Genome of Chlamydia trachomatis, 1,042,519 letters, 895 genes. The parts are three stretches of the genome, which
    is a circle, with 6 windows left out between each two of them: more letters than any gene has, so that none has
    letters in two parts. No 50 letters in a row are in two parts, either, on neither strand. The last 87 letters fill
    no window. Needs Biopython, which reads the file: pip install "erlangen[dna]".

    R. Stephens et al. 1998, doi:10.1126/science.282.5389.754.
    """
    genome = _genome("chlamydia-genes")
    whole = len(genome.sequence) // WINDOW * WINDOW
    x = encode(genome.sequence, genome.name)[:, :whole].reshape(4, -1, WINDOW).transpose(0, 1)
    y = torch.from_numpy(coding(len(genome.sequence), genome.features)[:whole]).reshape(-1, WINDOW)
    pairs = [TensorPair(x[places].contiguous(), y[places]) for places in _slices(len(genome.sequence))]
    return _set(pairs, CODING, "chlamydia-genes")


def chlamydia_strand() -> DataSet[TensorPair]:
    """The central 300 letters of a gene ↦ is it read on this strand or on the other? x [4, 300]; 520 + 118 + 182.

    Every gene (CDS in the file) of at least 300 letters that lies whole in one of the stretches of `chlamydia_genes`,
    as the forward strand of the genome spells it. On the other strand forward is reverse: the task has the output
    er.Equivariant(er.Mirror().regular, pooled=True), and an invariant one can only guess. Of a gene of odd length one
    letter more is left out at its end, whichever strand it is on. The excess of G over C alone separates the strands
    with an area under the curve of 0.63 on the test part. Needs Biopython: pip install "erlangen[dna]".

    R. Stephens et al. 1998, doi:10.1126/science.282.5389.754.
    """
    genome = _genome("chlamydia-strand")
    genes = [gene for gene in _genes(genome.features) if _extent(gene)[1] - _extent(gene)[0] >= CENTRE]
    pairs = []
    for places in _slices(len(genome.sequence)):
        low, high = places.start * WINDOW, places.stop * WINDOW
        inside = [gene for gene in genes if low <= _extent(gene)[0] and _extent(gene)[1] <= high]
        if not inside:
            given = f"a genome without a gene of {CENTRE} letters between {low} and {high}"
            raise DataError(given, "genes in every part", "Fetch the data again.")
        x = encode_all([genome.sequence[centre(gene)] for gene in inside], CENTRE, genome.name)
        pairs.append(TensorPair(x, torch.tensor([int(gene.strand == "-") for gene in inside])))
    return _set(pairs, STRANDS, "chlamydia-strand")


def fetch_chlamydia() -> Path:
    """Fetch seqinr's copy of the genome into the cache with Debian's clients, checked; returns the folder."""
    folder = cache_folder() / KEPT
    instead = f"On Debian run `apt-get update` first; elsewhere place {FILE} of {DEBIAN} in {folder}."
    fill(folder, DIGESTS, lambda scratch: from_debian(DEBIAN, scratch, instead) / INSIDE)
    return folder


def coding(length: int, features: Sequence[Feature]) -> np.ndarray:
    """At each letter 1 where a CDS is read on the forward strand, 2 where on the other, else 0.

    Where both are, the longer CDS has its label, and of two equally long neither has: so the labels of the other strand
    are those of this one with 1 and 2 exchanged, whatever the order of the features.

    >>> genes = [Feature("CDS", ((1, 4),), "+", {}), Feature("CDS", ((3, 5),), "-", {})]
    >>> coding(6, genes).tolist()
    [0, 1, 1, 1, 2, 0]
    """
    longest = {strand: np.zeros(length, dtype=np.int64) for strand in "+-"}
    for gene in _genes(features):
        letters = sum(end - start for start, end in gene.parts)
        for start, end in gene.parts:
            np.maximum(longest[gene.strand][start:end], letters, out=longest[gene.strand][start:end])
    forward, reverse = longest["+"], longest["-"]
    return np.where(forward > reverse, 1, np.where(reverse > forward, 2, 0))


def stretches(windows: int) -> list[slice]:
    """The windows of each part: 60, 15 and 25 % of those that are left when a gap has been kept before each part.

    >>> stretches(1018)
    [slice(6, 606, None), slice(612, 762, None), slice(768, 1018, None)]
    """
    free = windows - GAP * len(PARTS)
    borders = [round(sum(SHARES[:i]) * free) for i in range(len(PARTS) + 1)]
    return [slice(borders[i] + GAP * (i + 1), borders[i + 1] + GAP * (i + 1)) for i in range(len(PARTS))]


def centre(gene: Feature) -> slice:
    """Its central 300 letters, counted from its own start: on the other strand that is on the right.

    >>> centre(Feature("CDS", ((10, 313),), "+", {})), centre(Feature("CDS", ((10, 313),), "-", {}))
    (slice(11, 311, None), slice(12, 312, None))
    """
    start, end = _extent(gene)
    before = (end - start - CENTRE) // 2
    return (
        slice(start + before, start + before + CENTRE)
        if gene.strand == "+"
        else slice(end - before - CENTRE, end - before)
    )


def _extent(gene: Feature) -> tuple[int, int]:
    return min(start for start, _ in gene.parts), max(end for _, end in gene.parts)


def _genes(features: Sequence[Feature]) -> list[Feature]:
    return [feature for feature in features if feature.kind == "CDS" and feature.strand in ("+", "-")]


def _genome(name: str) -> Annotated:
    return read_genbank(cached(name, DIGESTS, KEPT) / FILE)[0]


def _slices(letters: int) -> list[slice]:
    found = stretches(letters // WINDOW)
    if any(places.stop - places.start < 1 for places in found):
        given, expected = f"a genome of {letters} letters", f"windows of {WINDOW} in every part"
        raise DataError(given, expected, "Fetch the data again.")
    return found


def _set(pairs: list[TensorPair], classes: tuple[str, ...], name: str) -> DataSet[TensorPair]:
    train, held_out, tested = pairs
    return DataSet(train, held_out, tested, classes, name, LICENCE, f"Debian {DEBIAN}, {INSIDE}", CITATION, "one-hot")
