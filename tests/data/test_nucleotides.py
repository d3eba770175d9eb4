"""Letters as channels, words of them, and files of sequences: what is read, and what is said of what cannot be."""

import gzip
from itertools import product
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import erlangen as er
from erlangen.data.nucleotides import CODES, decode, encode, encode_all, gc_share, reverse_complement
from erlangen.data.sequence_files import Interval, Record, read_bed, read_fasta, read_fastq, read_genbank
from erlangen.errors import DataError, InputError, SpaceError

H = er.Mirror()
DNA = er.Space(er.Dna(), er.Dna().natural_input(H))
sequences = st.text("ACGTURYSWKMBDHVN-acgtn", min_size=1, max_size=30)


@given(sequence=sequences)
def test_the_reverse_complement_of_letters_is_that_of_channels(sequence: str):
    there = reverse_complement(sequence)
    assert torch.equal(DNA.act(H.generators[0], encode(sequence)[None])[0], encode(there))
    assert reverse_complement(there) == sequence.replace("U", "T").replace("u", "t")


def test_codes_are_shared_out_among_what_they_mean():
    assert reverse_complement("AACGN") == "NCGTT"
    for code, letters in CODES.items():
        shares = encode(code)[:, 0]
        assert shares.count_nonzero() == len(letters) and float(shares.sum()) == pytest.approx(float(bool(letters)))
    assert decode(encode("acgtRYSWKMBDHVN-U")) == "ACGTRYSWKMBDHVN-T"
    assert encode("").shape == (4, 0)
    with pytest.raises(DataError, match="'E' at place 3 of chr1"):
        encode("ACE", "chr1")


def test_a_letter_that_is_none_is_named_wherever_it_stands():
    for letter in ("?", "é", "→", "\n", "@"):
        with pytest.raises(DataError, match="at place 700001 of a sequence") as refused:
            encode("ACGT" * 175_000 + letter + "E")
        assert repr(letter) in str(refused.value)
    whole = encode("ACGTN" * 200_000)
    assert whole.shape == (4, 1_000_000) and whole.is_contiguous()
    assert torch.equal(whole.reshape(4, -1, 5), encode("ACGTN")[:, None].expand(4, 200_000, 5))


@given(given=st.lists(sequences, min_size=1, max_size=4), longer=st.integers(-9, 9))
def test_all_stand_in_the_middle_and_their_other_strands_on_the_flip(given: list[str], longer: int):
    """Exactly so where the parities are equal; else one place further left, be it zeros or letters at the ends."""
    for sequence in given:
        length = max(1, len(sequence) + longer)
        (x,), (there,) = encode_all([sequence], length), encode_all([reverse_complement(sequence)], length)
        left = (length - len(sequence)) % 2
        assert torch.equal(there[:, : length - left], x.flip(0, 1)[:, left:])
    together = encode_all(given)
    assert together.shape == (len(given), 4, max(map(len, given))) and together.dtype == torch.float32
    for x, sequence in zip(together, given, strict=True):
        start = (together.shape[2] - len(sequence)) // 2
        assert torch.equal(x[:, start : start + len(sequence)], encode(sequence))
        assert float(x.abs().sum()) == pytest.approx(float(encode(sequence).abs().sum()))


def test_longer_ones_lose_letters_alike_at_both_ends():
    assert [decode(x) for x in encode_all(["AAACGTTT", "CG", "TTACGTAT"], 4)] == ["ACGT", "-CG-", "ACGT"]
    assert encode_all(["", "A"]).tolist() == [[[0], [0], [0], [0]], [[1], [0], [0], [0]]]
    assert encode_all([], length=3).shape == (0, 4, 3)


def test_what_no_array_can_hold_is_refused():
    with pytest.raises(DataError, match="'E' at place 2 of sequence 3 of peaks.fa"):
        encode_all(["A", "C", "AE"], where="peaks.fa")
    for some, length in (([], None), ([""], None), (["ACG"], 0)):
        with pytest.raises(DataError, match="for arrays of length 0"):
            encode_all(some, length)
    with pytest.raises(DataError, match="one string"):
        encode_all("ACGT")


@given(given=st.lists(sequences, min_size=1, max_size=4))
def test_the_share_of_c_and_g_is_that_of_the_other_strand(given: list[str]):
    one, other = gc_share(encode_all(given)), gc_share(encode_all([reverse_complement(letters) for letters in given]))
    assert torch.allclose(one, other, equal_nan=True)
    letters = [[encode(letter).sum() for letter in sequence] for sequence in given]
    assert torch.equal(one.isnan(), torch.tensor([sum(each) == 0 for each in letters]))
    assert gc_share(encode_all(["GCSA", "ATW"])).tolist() == [0.75, 0]


@pytest.mark.parametrize("k", [1, 2, 3])
def test_words_are_read_on_the_other_strand(k: int):
    layer = er.layers.Kmers(DNA, k)
    x = encode("ACGTTGCANRACGGT")[None]
    y, there = layer(x), layer(DNA.act(H.generators[0], x))
    assert torch.equal(layer.target.act(H.generators[0], y), there)
    names = ["".join(word) for word in product("ACGT", repeat=k)]
    for place in range(3):
        (word,) = y[0, :, place].nonzero()[:, 0].tolist()
        assert names[word] == "ACGTTGCA"[place : place + k]
    rho = layer.target.rho
    for i, name in enumerate(names):
        assert names[int(rho.permutation(H.generators[0])[i])] == reverse_complement(name)


RING = er.Space(er.Dna(boundary="periodic"), er.Dna().natural_input(H))


def test_on_a_ring_words_go_round_and_shifts_are_exact():
    layer, x = er.layers.Kmers(RING, 3), encode("ACGTTGCAAC")[None]
    y = layer(x)
    assert torch.equal(y[0].argmax(0), layer(encode("CACGTTGCAACA")[None])[0, :, 1:-1].argmax(0))  # C A… and …C A
    assert torch.equal(layer(x.roll(4, -1)), y.roll(4, -1))
    assert torch.equal(layer(x.flip(1, 2)), layer.target.act(H.generators[0], y))
    net = er.derive(er.Task(RING.domain, output=er.Invariant(2)), width=8, scales=1, words=3).double().eval()
    z = torch.randn(2, 4, 11, dtype=torch.float64)
    assert str(net.translation_law) == "exact for any whole shift"
    assert torch.allclose(net(z.roll(4, -1)), net(z), atol=1e-12)
    with pytest.raises(SpaceError, match="an odd k"):
        er.layers.Kmers(RING, 2)


@pytest.mark.parametrize(("space", "scales"), [(DNA, 1), (DNA, 3), (RING, 1), (RING, 2)])
@pytest.mark.parametrize("words", [1, 3, 5])
def test_a_network_of_words_takes_what_it_says_and_refuses_less(space: er.Space, scales: int, words: int):
    net = er.derive(er.Task(space.domain, output=er.Invariant(2)), width=8, scales=scales, words=words).eval()
    assert net(torch.randn(2, 4, net.minimum_size)).isfinite().all()
    with pytest.raises(InputError, match=f"at least {net.minimum_size} sites"):
        net(torch.randn(2, 4, net.minimum_size - 1))


def test_words_of_other_channels_are_refused():
    for space, k in ((er.Space(er.Dna(), H.regular), 2), (DNA, 9), (DNA, 0)):
        with pytest.raises(SpaceError):
            er.layers.Kmers(space, k)
    with pytest.raises(InputError, match="2 letters; expected at least 3"):
        er.layers.Kmers(DNA, 3)(encode("AC")[None])


# ---- files ---------------------------------------------------------------------------------------------------------
def test_fasta_and_fastq_are_read_plain_and_gzipped(tmp_path: Path):
    text = ">one two\r\nACGT \nnnRY\n\n; a comment\n>three\nacg\n"
    (tmp_path / "a.fa").write_text(text)
    with gzip.open(tmp_path / "a.fa.gz", "wt") as stream:
        stream.write(text)
    wanted = [Record("one two", "ACGTnnRY"), Record("three", "acg")]
    assert read_fasta(tmp_path / "a.fa") == wanted == read_fasta(tmp_path / "a.fa.gz")
    (tmp_path / "a.fq").write_text("@r1\nACG\n+r1\n!I@\n@r2\nT\n+\n+\n")
    assert read_fastq(tmp_path / "a.fq") == [Record("r1", "ACG", (0, 40, 31)), Record("r2", "T", (10,))]


def test_bed_is_read(tmp_path: Path):
    (tmp_path / "a.bed").write_text("track name=x\n# c\nchr1\t0\t5\nchr2\t3\t9\tpeak\t7\t-\n")
    assert read_bed(tmp_path / "a.bed") == [Interval("chr1", 0, 5), Interval("chr2", 3, 9, "peak", "-")]


@pytest.mark.parametrize(
    ("read", "text", "words"),
    [
        (read_fasta, "ACGT\n", "line 1: letters before the first name"),
        (read_fasta, ">a\nACGT\nAC!T\n", "line 3: '!' at place 3"),
        (read_fasta, "", "without records"),
        (read_fastq, "@a\nACG\n+\nII\n", "line 4: 3 letters with 2 qualities"),
        (read_fastq, "@a\nACG\n+\n", "line 1: a read that is not"),
        (read_fastq, ">a\nACG\n+\nIII\n", "line 1: a read that is not"),
        (read_bed, "chr1\t5\n", "line 1"),
        (read_bed, "chr1\t5\t9\nchr1\t9\t5\n", "line 2"),
        (read_bed, "chr1\t5\t9\tn\t0\t?\n", "a strand"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, read, text: str, words: str):
    (tmp_path / "bad").write_text(text)
    with pytest.raises(DataError, match=words):
        read(tmp_path / "bad")
    with pytest.raises(DataError, match="no file"):
        read(tmp_path / "nowhere")


GENBANK = """LOCUS       TINY                      24 bp    DNA     linear   BCT 01-JAN-2000
DEFINITION  A tiny record.
ACCESSION   TINY
VERSION     TINY.1
FEATURES             Location/Qualifiers
     gene            complement(4..12)
                     /gene="abc"
     CDS             join(1..3,7..9)
                     /product="p"
ORIGIN
        1 acgtacgtac gtacgtacgt acgt
//
"""


def test_genbank_is_read_with_its_features(tmp_path: Path):
    pytest.importorskip("Bio")
    (tmp_path / "a.gb").write_text(GENBANK)
    (record,) = read_genbank(tmp_path / "a.gb")
    assert record.name == "TINY.1" and record.sequence.upper() == "ACGTACGTACGTACGTACGTACGT"
    gene, cds = record.features
    assert (gene.kind, gene.parts, gene.strand) == ("gene", ((3, 12),), "-") and gene.qualifiers["gene"] == ["abc"]
    assert (cds.parts, cds.strand) == (((0, 3), (6, 9)), "+")
    (tmp_path / "bad.gb").write_text("hello\n")
    with pytest.raises(DataError):
        read_genbank(tmp_path / "bad.gb")


def test_what_is_no_letter_has_no_complement():
    with pytest.raises(DataError, match="place 3"):
        reverse_complement("AC!")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.fa", ">one\n>two\nACGT\n", "line 1: 'one' without letters"),
        ("a.fa", ">one\nACGT\n>two\n", "line 3: 'two' without letters"),
        ("a.fq", "@one\nAC\n+\nI \n", "none a space|one quality a letter"),
    ],
)
def test_records_without_letters_and_qualities_that_are_none_are_refused(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(DataError, match=said):
        (read_fastq if name.endswith("q") else read_fasta)(file)


def test_names_marks_of_order_and_reads_of_no_length_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.fa").write_bytes(b"\xef\xbb\xbf>chr1 dna:chromosome\nACGT\n")
    (record,) = read_fasta(tmp_path / "a.fa")
    assert record.id == "chr1" and record.name == "chr1 dna:chromosome"
    (tmp_path / "a.fq").write_text("@one\n\n+\n\n@two\nAC\n+\nII\n\n")
    assert [read.sequence for read in read_fastq(tmp_path / "a.fq")] == ["", "AC"]
    (tmp_path / "a.bed").write_text("track name=x\ntrack1\t0\t4\n")
    assert [interval.sequence for interval in read_bed(tmp_path / "a.bed")] == ["track1"]
