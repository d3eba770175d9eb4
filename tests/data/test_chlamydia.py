"""The genome on a small stand-in of its file: labels of either strand, parts that no gene joins, centres of genes."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlangen.data import chlamydia, decode, load, reverse_complement
from erlangen.data.cache import sha256
from erlangen.data.chlamydia import centre, coding, stretches
from erlangen.data.sequence_files import Feature
from erlangen.errors import DataError

N = 1013  # 101 windows of 10; without 3 gaps of 7 windows there are 80


def write_genbank(path: Path, genes: list[tuple[int, int, str]]) -> str:
    letters = "".join(np.random.default_rng(0).choice(list("acgt"), N))
    places = [
        f"{start + 1}..{end}" if strand == "+" else f"complement({start + 1}..{end})" for start, end, strand in genes
    ]
    lines = [
        f"LOCUS       SMALL{N:>23} bp    DNA     circular BCT 01-JAN-2000",
        "DEFINITION  A small genome.",
        "ACCESSION   SMALL",
        "VERSION     SMALL.1",
        "FEATURES             Location/Qualifiers",
        "     tRNA            1..40",
        *[f"     CDS             {place}" for place in places],
        "ORIGIN",
        *[f"{i + 1:9} {letters[i : i + 60]}" for i in range(0, N, 60)],
        "//",
    ]
    with gzip.open(path, "wt") as stream:
        stream.write("\n".join(lines) + "\n")
    return letters.upper()


@pytest.fixture
def genome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[tuple[int, int, str]]]:
    pytest.importorskip("Bio")
    monkeypatch.setenv("ERLANGEN_CACHE", str(tmp_path))
    for name, value in (("WINDOW", 10), ("GAP", 7), ("CENTRE", 6)):
        monkeypatch.setattr(chlamydia, name, value)
    folder = tmp_path / chlamydia.KEPT
    folder.mkdir()
    genes = [
        (72, 80, "+"),
        (85, 94, "-"),
        (100, 105, "+"),
        (555, 640, "+"),
        (625, 700, "-"),
        (700, 707, "-"),
        (820, 829, "+"),
    ]
    letters = write_genbank(folder / chlamydia.FILE, genes)
    monkeypatch.setattr(chlamydia, "DIGESTS", {chlamydia.FILE: sha256(folder / chlamydia.FILE)})
    return letters, genes


def test_windows_have_a_label_at_every_letter(genome: tuple[str, list[tuple[int, int, str]]]) -> None:
    letters, _ = genome
    data = load("chlamydia-genes")
    assert [len(part) for part in data.parts.values()] == [48, 12, 20] and data.is_segmentation
    assert data.size == (10,) and data.classes == ("neither", "forward", "reverse")
    joined = ["".join(decode(x) for x in part.inputs) for part in data.parts.values()]
    assert joined == [letters[70:550], letters[620:740], letters[810:1010]]
    labels = data.validation.targets.flatten()
    assert labels[:20].unique().tolist() == [1]  # to 640 the longer gene, which is the forward one
    assert labels[20:87].unique().tolist() == [2] and labels[87:].unique().tolist() == [0]
    assert data.train.targets.flatten()[:25].tolist() == [0] * 2 + [1] * 8 + [0] * 5 + [2] * 9 + [0]


def test_genes_are_read_as_the_forward_strand_spells_them(genome: tuple[str, list[tuple[int, int, str]]]) -> None:
    """One of 5 letters is too short, and one that reaches into the gap before its stretch is in no part."""
    letters, _ = genome
    data = load("chlamydia-strand")
    spelt = [[decode(x) for x in part.inputs] for part in data.parts.values()]
    assert spelt == [[letters[73:79], letters[87:93]], [letters[660:666], letters[701:707]], [letters[821:827]]]
    assert [part.targets.tolist() for part in data.parts.values()] == [[0, 1], [1, 1], [0]]
    with pytest.raises(DataError, match="a test part of their own"):
        data.fold(0, 2, 0.1, 0)


genes = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 20), st.sampled_from("+-")).map(
        lambda drawn: Feature("CDS", ((drawn[0], drawn[0] + drawn[1]),), drawn[2], {})
    ),
    max_size=8,
)


def on_the_other_strand(gene: Feature, length: int) -> Feature:
    parts = tuple((length - end, length - start) for start, end in reversed(gene.parts))
    return gene._replace(parts=parts, strand={"+": "-", "-": "+"}[gene.strand])


@given(genes=genes)
def test_labels_of_the_other_strand_are_exchanged(genes: list[Feature]) -> None:
    there = coding(60, [on_the_other_strand(gene, 60) for gene in reversed(genes)])
    assert np.array_equal(np.array([0, 2, 1])[coding(60, genes)[::-1]], there)


@given(start=st.integers(0, 50), length=st.integers(300, 400))
def test_the_centre_of_a_gene_is_that_of_the_other_strand(start: int, length: int) -> None:
    genome = "".join(np.random.default_rng(1).choice(list("ACGT"), 450))
    gene = Feature("CDS", ((start, start + length),), "+", {})
    there = on_the_other_strand(gene, 450)
    assert reverse_complement(genome)[centre(there)] == reverse_complement(genome[centre(gene)])


@pytest.mark.parametrize("windows", [25, 100, 1018])
def test_stretches_are_apart_also_around_the_circle(windows: int) -> None:
    train, held_out, tested = stretches(windows)
    assert (train.start, tested.stop) == (6, windows)
    assert held_out.start - train.stop == tested.start - held_out.stop == 6


def test_what_has_no_windows_or_genes_for_every_part_is_refused(
    genome: tuple[str, list[tuple[int, int, str]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / chlamydia.KEPT / chlamydia.FILE
    write_genbank(file, [(72, 80, "+")])
    monkeypatch.setattr(chlamydia, "DIGESTS", {chlamydia.FILE: sha256(file)})
    with pytest.raises(DataError, match="without a gene of 6 letters between 620 and 740"):
        load("chlamydia-strand")
    monkeypatch.setattr(chlamydia, "WINDOW", 1000)
    with pytest.raises(DataError, match="a genome of 1013 letters"):
        load("chlamydia-genes")
