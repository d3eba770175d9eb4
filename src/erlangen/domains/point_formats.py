"""Clouds as other libraries hold them: atoms of ASE, pairs of tensors; as what `er.Points(dim).read` takes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from erlangen.domains.packed import attribute
from erlangen.errors import InputError
from erlangen.given import listed

_SYMBOLS = """
H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr
Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W
Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt
Ds Rg Cn Nh Fl Mc Lv Ts Og
"""
SYMBOLS = tuple(_SYMBOLS.split())


def as_points(data: Any) -> Any:
    """A dictionary of pos and what goes with it, where atoms or a tuple were given, else what was given.

    Atoms of ASE give pos (Å, float64), z, and cell and pbc where they repeat; a list of them is a batch. So does a
    molecule of RDKit, of its first conformer. A tuple is (x, pos), (x, pos, batch), or (x, atoms) with features x of
    the atoms.
    """
    if is_molecule(data) or (isinstance(data, list | tuple) and data and all(is_molecule(each) for each in data)):
        return _of_atoms([_Conformer(each) for each in (data if isinstance(data, list | tuple) else [data])])
    if is_atoms(data):
        return _of_atoms([data])
    if isinstance(data, tuple) and len(data) == 2 and isinstance(data[0], Tensor) and not isinstance(data[1], Tensor):
        return {**as_points(data[1]), "x": data[0]}
    if isinstance(data, tuple) and len(data) in (2, 3) and all(isinstance(part, Tensor) for part in data):
        return dict(zip(("x", "pos", "batch"), data, strict=False))
    if isinstance(data, list | tuple) and data and all(is_atoms(each) for each in data):
        return _of_atoms(data)
    return data


HELD = ("x", "pos", "batch", "ptr", "z", "edge_index", "cell", "pbc", "cell_offsets")


def as_dict(data: Any) -> dict[str, Any]:
    """What `er.Points(dim).read` would look at, by name.

    >>> list(as_dict((torch.zeros(2, 1), torch.zeros(2, 3))))
    ['x', 'pos']
    """
    data = as_points(data)
    held = {name: attribute(data, name) for name in HELD}
    return {name: part for name, part in held.items() if part is not None}


def symbols_of(elements: "Sequence[int | str]") -> tuple[str, ...]:
    """The symbols of elements that are named by number or symbol, or the InputError.

    >>> symbols_of((1, "O"))
    ('H', 'O')
    """
    said = (elements,) if isinstance(elements, str) else elements
    told = listed("elements", said, InputError, "symbols or atomic numbers", 'Such as ("H", "O").')
    return tuple(SYMBOLS[_number(element) - 1] for element in told)


def elements_one_hot(atoms: Any, elements: "Sequence[int | str]") -> Tensor:
    """x[i, k] = 1 where atom i is of elements[k], else 0: `[n, len(elements)]`.

    `atoms` are atoms of ASE, a list of them, or their atomic numbers; elements are numbers or symbols. Raises
    InputError for an atom of another element.

    >>> elements_one_hot([8, 1, 1], ("H", "O")).tolist()
    [[0.0, 1.0], [1.0, 0.0], [1.0, 0.0]]
    """
    known = torch.tensor([_number(element) for element in elements], dtype=torch.int64)
    if len(known.unique()) < len(known) or not len(known):
        raise InputError(f"elements={tuple(elements)!r}", "different elements", "For molecules: ('H', 'C', 'N', 'O').")
    numbers = _numbers(atoms)
    alike = numbers[:, None] == known.to(numbers.device)
    if not bool(alike.any(1).all()):
        missing = sorted({SYMBOLS[z - 1] if 0 < z <= len(SYMBOLS) else str(z) for z in numbers[~alike.any(1)].tolist()})
        raise InputError(f"atoms of {', '.join(missing)}", f"atoms of {tuple(elements)!r}", "Name them too.")
    return alike.to(torch.get_default_dtype())


def is_atoms(thing: Any) -> bool:
    """Whether it has what ASE's Atoms have."""
    return hasattr(thing, "get_positions") and hasattr(thing, "get_atomic_numbers")


def is_molecule(thing: Any) -> bool:
    """Whether it has what RDKit's Mol has."""
    return hasattr(thing, "GetConformers") and hasattr(thing, "GetAtoms")


class _Conformer:
    """A molecule of RDKit as atoms: where they are in its first conformer, alone in space."""

    pbc = False

    def __init__(self, molecule: Any):
        self.conformers = list(molecule.GetConformers())
        if not self.conformers:
            mend = "Embed it: rdkit.Chem.AllChem.EmbedMolecule(mol)."
            raise InputError("a molecule of RDKit without positions", "a conformer", mend)
        self.molecule = molecule

    def get_positions(self) -> np.ndarray:
        """Å, `[n, 3]`."""
        return np.asarray(self.conformers[0].GetPositions(), dtype=np.float64)

    def get_atomic_numbers(self) -> np.ndarray:
        """`[n]`."""
        return np.array([atom.GetAtomicNum() for atom in self.molecule.GetAtoms()], dtype=np.int64)


def _numbers(atoms: Any) -> Tensor:
    if is_atoms(atoms):
        atoms = [atoms]
    if isinstance(atoms, list | tuple) and atoms and all(is_atoms(each) for each in atoms):
        return torch.cat([torch.as_tensor(np.asarray(each.get_atomic_numbers()).astype(np.int64)) for each in atoms])
    numbers = torch.as_tensor(atoms)
    if numbers.dim() != 1 or numbers.dtype.is_floating_point or numbers.dtype == torch.bool:
        raise InputError(
            f"atoms of shape {tuple(numbers.shape)} and dtype {numbers.dtype}", "atomic numbers, [n]", "Whole numbers."
        )
    return numbers.long()


def _number(element: Any) -> int:
    if isinstance(element, str) and element in SYMBOLS:
        return SYMBOLS.index(element) + 1
    if isinstance(element, int | np.integer) and not isinstance(element, bool) and element > 0:
        return int(element)
    raise InputError(f"the element {element!r}", "an atomic number, or a symbol such as 'C'", "Check the spelling.")


def _of_atoms(atoms: "Sequence[Any]") -> dict[str, Any]:
    positions = [np.asarray(each.get_positions(), dtype=np.float64) for each in atoms]
    if not all(len(each) for each in positions):
        raise InputError("atoms without an atom", "at least one atom", "Leave them out.")
    sizes = torch.tensor([len(each) for each in positions])
    pbc = np.stack([np.broadcast_to(np.asarray(each.pbc, dtype=bool), (3,)) for each in atoms])
    made: dict[str, Any] = {
        "pos": torch.as_tensor(np.concatenate(positions)),
        "z": _numbers(list(atoms)),
        "batch": torch.repeat_interleave(torch.arange(len(sizes)), sizes),
        "x": torch.ones(int(sizes.sum()), 1),
    }
    if pbc.any():
        cells = np.stack([np.asarray(each.get_cell()[:], dtype=np.float64) for each in atoms])
        made |= {"cell": torch.as_tensor(cells), "pbc": torch.as_tensor(pbc)}
    return made
