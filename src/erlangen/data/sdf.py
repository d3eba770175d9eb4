"""Molecules in SDF files (V2000): atoms, bonds, charges and named values, from text of fixed columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from erlangen.errors import DataError

END = "$$$$"
ORDERS = 4  # single, double, triple, aromatic


@dataclass(frozen=True)
class Molecule:
    """Elements and formal charges of the atoms, bonds (i, j, order) with i, j from 0, and what else is said of it."""

    elements: tuple[str, ...]
    charges: tuple[int, ...]
    bonds: tuple[tuple[int, int, int], ...]
    says: dict[str, str]


def read_sdf(path: Path) -> list[Molecule]:
    """All molecules of a file, without their coordinates. What is no SDF V2000: a DataError with the molecule's number.

    >>> import tempfile; from pathlib import Path
    >>> atom = "    0.0000    0.0000    0.0000 {}   0  0"
    >>> lines = ["water", "", "", "  2  1  0  0  0  0            999 V2000", atom.format("O"), atom.format("H")]
    >>> lines += ["  1  2  1  0", "M  CHG  1   1  -1", "M  END", "> <SOL>", "0.5", "", "$$$$", ""]
    >>> with tempfile.TemporaryDirectory() as d:
    ...     _ = (Path(d) / "one.sdf").write_text("\\n".join(lines))
    ...     read_sdf(Path(d) / "one.sdf")
    [Molecule(elements=('O', 'H'), charges=(-1, 0), bonds=((0, 1, 1),), says={'SOL': '0.5'})]
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}, which cannot be read ({error})", "an SDF file", "Check the path.") from None
    ends = [i for i, line in enumerate(lines) if line.startswith(END)]
    found = []
    for number, (start, end) in enumerate(zip([0, *(i + 1 for i in ends)], ends, strict=False), start=1):
        try:
            found.append(_molecule(lines[start:end]))
        except (ValueError, IndexError) as error:
            given = f"molecule {number} of {path} ({error})"
            raise DataError(given, "a table of atoms and bonds, V2000", "Write the file again.") from None
    if not found:
        raise DataError(f"{path} without a molecule", f"molecules that end in {END}", "Check the path.")
    return found


def as_graph(molecule: Molecule, elements: Sequence[str]) -> dict[str, torch.Tensor]:
    """x: one-hot of the elements, whether it is another one, the charge; edges both ways, one-hot of the order.

    Shapes: x [atoms, len(elements) + 2], edge_index [2, 2 bonds], edge_attr [2 bonds, 4].

    >>> graph = as_graph(Molecule(("C", "Sn"), (0, 1), ((0, 1, 2),), {}), ["C", "O"])
    >>> graph["x"].tolist(), graph["edge_index"].tolist(), graph["edge_attr"][0].tolist()
    ([[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]], [[0, 1], [1, 0]], [0.0, 1.0, 0.0, 0.0])
    """
    known = {element: i for i, element in enumerate(elements)}
    x = torch.zeros(len(molecule.elements), len(elements) + 2)
    for i, (element, charge) in enumerate(zip(molecule.elements, molecule.charges, strict=True)):
        x[i, known.get(element, len(elements))] = 1
        x[i, -1] = charge
    ends = [(i, j) for i, j, _ in molecule.bonds] + [(j, i) for i, j, _ in molecule.bonds]
    orders = torch.tensor([order - 1 for _, _, order in molecule.bonds], dtype=torch.int64).repeat(2)
    index = torch.tensor(ends, dtype=torch.int64).reshape(-1, 2).T.contiguous()
    return {"x": x, "edge_index": index, "edge_attr": torch.eye(ORDERS)[orders]}


def _molecule(lines: list[str]) -> Molecule:
    counts = lines[3]
    if "V2000" not in counts:
        raise ValueError(f"its fourth line is {counts!r}")
    atoms, bonds = int(counts[:3]), int(counts[3:6])
    table, after = lines[4 : 4 + atoms], lines[4 + atoms :]
    elements = tuple(line[31:34].strip() for line in table)
    if len(elements) < atoms or not all(elements):
        raise ValueError("an atom without an element")
    joined = tuple(_bond(line, atoms) for line in after[:bonds])
    end = after.index("M  END")
    return Molecule(elements, _charges(after[bonds:end], atoms), joined, _named(after[end:]))


def _bond(line: str, atoms: int) -> tuple[int, int, int]:
    i, j, order = int(line[:3]) - 1, int(line[3:6]) - 1, int(line[6:9])
    if not (0 <= i < atoms and 0 <= j < atoms and 1 <= order <= ORDERS):
        raise ValueError(f"the bond {line!r}")
    return i, j, order


def _charges(lines: list[str], atoms: int) -> tuple[int, ...]:
    """Of the lines "M  CHG  n  atom charge  atom charge …", which alone are written today."""
    charges = [0] * atoms
    for line in lines:
        if line.startswith("M  CHG"):
            numbers = list(map(int, line[6:].split()))[1:]
            for atom, charge in zip(numbers[::2], numbers[1::2], strict=True):
                charges[atom - 1] = charge
    return tuple(charges)


def _named(lines: list[str]) -> dict[str, str]:
    """> <NAME>, and its value on the next line."""
    heads = [i for i, line in enumerate(lines[:-1]) if line.startswith(">") and "<" in line]
    return {lines[i].split("<")[1].split(">")[0]: lines[i + 1].strip() for i in heads}
