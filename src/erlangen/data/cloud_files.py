"""The user's own molecules and crystals: extended XYZ, a file or a folder of them, read by ASE."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from erlangen.data.dataset import DataSet
from erlangen.data.graph_pair import GraphPair
from erlangen.data.graphs import GraphStore
from erlangen.data.quantity import Quantity
from erlangen.data.split import into_three, own_set
from erlangen.domains.point_formats import elements_one_hot
from erlangen.errors import DataError

ENDINGS = (".xyz", ".extxyz")
UNITS = {"energy": "eV", "free_energy": "eV", "forces": "eV/Å", "dipole": "e Å", "charges": "e", "magmoms": "μB"}
AT_ATOMS = ("forces", "charges", "magmoms")  # of what a calculation results in
PROPERTIES = re.compile(r'Properties="?([^\s"]*)')  # of a frame: name:kind:columns, and so on
MOST_COLUMNS = 10_000


def holds_clouds(path: Path) -> bool:
    """Whether this is an XYZ file, or a folder with some.

    >>> holds_clouds(Path("water.extxyz"))
    True
    """
    return path.suffix in ENDINGS or (path.is_dir() and any(file.suffix in ENDINGS for file in path.iterdir()))


def from_xyz(
    path: Path, validation: float = 0.15, test: float = 0.25, seed: int = 0, target: str | None = None
) -> DataSet[GraphPair]:
    """All frames of the file, or of the files of a folder by name: pos in Å, z, x one-hot of the elements, cell, pbc.

    `target` names what is asked for, left out "energy": what the files say of each frame, a value or several, or of
    each atom, as "forces" are. Frames are parted at random; of a trajectory neighbouring ones are nearly alike, so
    bring parts that are apart in time. Needs ASE; raises DataError without it, and for frames that do not say the
    target.

    >>> import tempfile
    >>> frame = "1\\nProperties=species:S:1:pos:R:3 energy={}\\nH 0 0 0\\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "atoms.extxyz"
    ...     _ = path.write_text("".join(frame.format(-i) for i in range(10)))
    ...     data = from_xyz(path)
    >>> len(data.train), len(data.validation), len(data.test), data.quantity
    (6, 2, 2, Quantity(name='energy', unit='eV'))
    """
    frames = read_frames(path)
    name = "energy" if target is None else target
    said = [_said(atoms, name, f"frame {number} of {path}") for number, atoms in enumerate(frames)]
    dense = all(_is_of_atoms(atoms, name) for atoms in frames)
    rows = [values.reshape(len(atoms) if dense else 1, -1) for values, atoms in zip(said, frames, strict=True)]
    if len({row.shape[1] for row in rows}) != 1:
        given = f"{name} of {', '.join(sorted({str(row.shape[1]) for row in rows}))} numbers in {path}"
        raise DataError(given, "as many numbers in every frame", "Leave the others out.")
    pair = GraphPair(clouds_of(frames), torch.from_numpy(np.concatenate(rows)).float())
    parts = into_three(pair, validation, test, seed)
    return own_set(
        parts, (), path, validation, seed, drawn=True, quantity=Quantity(name.replace("_", " "), UNITS.get(name, ""))
    )


def read_frames(path: Path) -> list[Any]:
    """The atoms of ASE in a file, or in the files of a folder one behind the other; at least one.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "atoms.xyz"
    ...     _ = path.write_text("1\\n\\nH 0 0 0\\n1\\n\\nO 0 0 1\\n")
    ...     [str(atoms.symbols) for atoms in read_frames(path)]
    ['H', 'O']
    """
    read = _reader(path)
    files = sorted(f for f in path.iterdir() if f.suffix in ENDINGS) if path.is_dir() else [path]
    found: list[Any] = []
    for file in files:
        try:
            _check_columns(file)
            found += read(file, index=":")
        except Exception as error:  # ASE raises many kinds, each of which says that this is no such file
            given = f"{file}, which cannot be read ({type(error).__name__}: {error})"
            raise DataError(given, "an extended XYZ file", "Check the path, or write it again.") from None
    if not found:
        raise DataError(f"{path} without a frame", "at least one", "Check the path.")
    return found


def _check_columns(file: Path) -> None:
    """ValueError where the columns that a frame announces are none, or more than memory should be taken for."""
    with file.open(encoding="utf-8") as lines:
        for said in (match[1] for line in lines if (match := PROPERTIES.search(line))):
            parts = said.split(":")
            if len(parts) % 3 or any(not count.isdecimal() or int(count) > MOST_COLUMNS for count in parts[2::3]):
                raise ValueError(f"the columns {said}")


def clouds_of(frames: Sequence[Any], elements: Sequence[int] | None = None) -> GraphStore:
    """The frames as clouds of points, x one-hot of these elements; left out: of all there are, by their numbers.

    >>> from ase import Atoms
    >>> clouds = clouds_of([Atoms("H2O", [[0, 0, 0], [0, 0, 1], [0, 1, 0]])])
    >>> len(clouds), clouds.batch([0]).x.tolist()
    (1, [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    """
    elements = elements or sorted({int(z) for atoms in frames for z in atoms.get_atomic_numbers()})
    periodic = [bool(np.any(atoms.pbc)) for atoms in frames]
    if any(periodic) and not all(periodic):
        given = f"{sum(periodic)} of {len(frames)} frames in a periodic cell"
        raise DataError(given, "all of them or none", "Keep the two kinds in two files.")
    made = []
    for atoms in frames:
        cloud = {
            "pos": torch.from_numpy(np.asarray(atoms.get_positions())).float(),
            "x": elements_one_hot(atoms, elements),
            "z": torch.from_numpy(np.asarray(atoms.get_atomic_numbers()).astype(np.int64)),
        }
        if any(periodic):
            cell = np.asarray(atoms.get_cell()[:], dtype=np.float32)
            cloud |= {"cell": torch.from_numpy(cell), "pbc": torch.from_numpy(np.asarray(atoms.pbc))}
        made.append(cloud)
    return GraphStore(made)


def _reader(path: Path) -> Any:
    try:
        from ase.io import read
    except ImportError:
        mend = "pip install ase; or bring an .npz file with pos, nodes and y."
        raise DataError(f"{path}, where ASE is not installed", "ASE, which reads XYZ files", mend) from None
    return read


def _is_of_atoms(atoms: Any, name: str) -> bool:
    """Whether a frame says this of each atom, and not of the whole."""
    return name in atoms.arrays or name in AT_ATOMS


def _said(atoms: Any, name: str, where: str) -> np.ndarray:
    """What a frame says under this name: of each atom, of the whole, or as a result of a calculation."""
    results = getattr(atoms.calc, "results", {}) if atoms.calc is not None else {}
    held = {**atoms.arrays, **atoms.info, **results}
    if name not in held:
        known = sorted(set(held) - {"numbers", "positions"})
        mend = f"Name another by data.target: {', '.join(known)}." if known else "Write it into the file first."
        raise DataError(f"{where}, which says no {name}", "a value in every frame", mend)
    try:
        return np.asarray(held[name], dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(f"{where}, whose {name} is {held[name]!r}", "numbers", "Name another by data.target.") from None
