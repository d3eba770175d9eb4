"""Two kinds of site in human DNA: where it winds around a nucleosome, and where it lies open to an enzyme."""

from pathlib import Path

import torch

from erlangen.data.cache import cache_folder, cached, fill, from_sdist
from erlangen.data.dataset import DataSet, TensorPair
from erlangen.data.nucleotides import encode_all
from erlangen.data.sequence_files import read_fasta
from erlangen.data.split import into_three
from erlangen.errors import DataError

SDIST, KEPT = "repDNA==1.1.4", "dna-sites"
SDIST_ARCHIVE = "04c30b511822bde924c664d9488b70f33f806f613f69df205a08bbbc7155400a"
INSIDE = "repDNA/example"
DIGESTS = {
    "H_sapiens_pos.fasta": "53af7f099a2edd4f3e1cff725393100689c77d46c105f1bc5c6a1ce57dda9a9b",
    "H_sapiens_neg.fasta": "7c24223f8e779426ccc50488333d1e66c6621418f2b26b34306dcbac3d724f56",
    "hs.fasta": "442c30be28318960afa4653a7e200cdb712e35a87f0b277a752eda7649bedf5a",
    "non-hs.fasta": "0c8595c87cc6ecec1a6a6d0635dea79e0a3623e6772ba848e3de8069c48e2096",
}
LICENCE = "GPL-3 (the package); none is stated for the sequences"
AROUND = 147  # letters of DNA around one nucleosome


def nucleosomes(validation: float = 0.15, test: float = 0.25, seed: int = 0) -> DataSet[TensorPair]:
    """4,572 human sequences of 147 letters ↦ linker (2,300) or nucleosome (2,272); x [4, 147]: A, C, G, T.

    The strand does not matter: a sequence and its reverse complement have the same label. Of the files' 4,573 the one
    of 78 letters is left out, since its length alone would tell its class. The parts are drawn at random. No sequence
    occurs twice, on neither strand, so that none is in two parts; but 213 of them share 50 letters in a row with
    another one, as repeats of the genome do. The share of C and G alone separates the classes with an area under the
    curve of 0.70: see `gc_share`, which a network has to beat.

    S.-H. Guo et al. 2014, doi:10.1093/bioinformatics/btu083.
    """
    names = ("H_sapiens_neg.fasta", "H_sapiens_pos.fasta")
    given = [[letters for letters in some if len(letters) == AROUND] for some in _read("nucleosomes", names)]
    return _drawn(
        given,
        ("linker", "nucleosome"),
        (validation, test, seed),
        "nucleosomes",
        "S.-H. Guo et al., Bioinformatics 30, 2014, doi:10.1093/bioinformatics/btu083",
    )


def dnase(validation: float = 0.15, test: float = 0.25, seed: int = 0) -> DataSet[TensorPair]:
    """1,017 human sequences ↦ closed (737) or open to the enzyme DNase I (280); x [4, 275]: A, C, G, T.

    They have 220 to 275 letters, 453 of them an even number; shorter ones stand in the middle with zeros at both ends
    (see `encode_all`), and the length alone does not tell the class (area under the curve 0.48). The strand does not
    matter. The parts are drawn at random. No sequence occurs twice, on neither strand, so that none is in two parts; 4
    of them share 50 letters in a row with another one. The share of C and G alone separates the classes with an area
    under the curve of 0.72: see `gc_share`.

    W. Noble et al. 2005, doi:10.1093/bioinformatics/bti1047.
    """
    return _drawn(
        _read("dnase", ("non-hs.fasta", "hs.fasta")),
        ("closed", "open"),
        (validation, test, seed),
        "dnase",
        "W. Noble et al., Bioinformatics 21, 2005, doi:10.1093/bioinformatics/bti1047",
    )


def fetch_dna_sites() -> Path:
    """Fetch repDNA's example sequences into the cache with pip, checked; returns the folder."""
    folder = cache_folder() / KEPT
    instead = f"Place {', '.join(DIGESTS)} of the source of {SDIST} ({INSIDE}) in {folder}."

    def download(scratch: Path) -> Path:
        return from_sdist(SDIST, SDIST_ARCHIVE, scratch, instead) / SDIST.replace("==", "-") / INSIDE

    fill(folder, DIGESTS, download)
    return folder


def _read(name: str, files: tuple[str, str]) -> list[list[str]]:
    """The sequences of each file, one file a class."""
    folder = cached(name, DIGESTS, KEPT)
    return [[record.sequence for record in read_fasta(folder / file)] for file in files]


def _drawn(
    given: list[list[str]], classes: tuple[str, str], drawn: tuple[float, float, int], name: str, citation: str
) -> DataSet[TensorPair]:
    if not all(given):
        expected = f"sequences of {' and '.join(classes)}"
        raise DataError(f"files of {name} without any that can be taken", expected, "Fetch the data again.")
    labels = torch.tensor([label for label, some in enumerate(given) for _ in some])
    everything = TensorPair(encode_all([letters for some in given for letters in some], where=name), labels)
    parts = into_three(everything, *drawn, classes)
    return DataSet(
        parts["train"],
        parts["validation"],
        parts["test"],
        classes,
        name,
        LICENCE,
        f"PyPI {SDIST}, {INSIDE}",
        citation,
        "one-hot",
        drawn=True,
    )
