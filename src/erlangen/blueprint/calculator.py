"""A trained potential as ASE's simulations take it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from torch import nn

from erlangen.blueprint.potential import POTENTIAL, Potential
from erlangen.blueprint.store import kind_of, load
from erlangen.errors import InputError

if TYPE_CHECKING:
    from erlangen.blueprint.ase_calculator import PotentialCalculator


def calculator(
    potential: "Potential | nn.Module | str | Path",
    elements: "Sequence[int | str] | None" = None,
    *,
    energy_unit: float = 1.0,
    length_unit: float = 1.0,
) -> "PotentialCalculator":
    """E(x) = u_E f(x / u_L), F = −∂E/∂x, σ = (1/V) ∂E/∂ε, as an ase.calculators.calculator.Calculator of atoms.

    `potential` is an `er.Potential`, a network, whose input are the `elements`, or the path of a saved one of these.
    ASE's units are eV and Å: `energy_unit` and `length_unit` say how many of them those are that the potential was
    trained in, as ase.units.Hartree and ase.units.Bohr. It has energy and free_energy (eV), forces (eV/Å) and, of atoms
    in a cell, stress (eV/Å³, Voigt's xx, yy, zz, yz, xz, xy). Needs ASE: pip install "erlangen[atoms]".

    >>> import erlangen as er
    >>> from ase import Atoms
    >>> net = er.derive(er.Task(er.Points(3, radius=4.0), input=2, output=er.Equivariant(1)), width=8)
    >>> atoms = Atoms("OH2", [(0, 0, 0), (0.96, 0, 0), (-0.24, 0.93, 0)])
    >>> atoms.calc = er.calculator(net, elements=("H", "O"))
    >>> atoms.get_forces().shape
    (3, 3)

    Hjorth Larsen et al. 2017, doi:10.1088/1361-648X/aa680e.
    """
    try:
        from erlangen.blueprint.ase_calculator import PotentialCalculator
    except ModuleNotFoundError:
        raise InputError(
            "a Python without ASE", "the package ase", 'Install it: pip install "erlangen[atoms]".'
        ) from None
    if isinstance(potential, str | Path):
        potential = Potential.load(potential) if kind_of(potential) == POTENTIAL else load(potential)
    if not isinstance(potential, Potential):
        potential = Potential(potential, elements)
    return PotentialCalculator(potential, energy_unit, length_unit)
