"""ASE's calculator of a potential; loaded by `er.calculator` alone, since it needs ASE."""

from typing import Any

import torch
from ase.calculators.calculator import Calculator, all_changes
from ase.stress import full_3x3_to_voigt_6_stress

from erlangen.blueprint.potential import Potential
from erlangen.domains.point_formats import as_dict
from erlangen.errors import InputError
from erlangen.given import number


class PotentialCalculator(Calculator):
    """Energies, forces and stress of a potential for ASE: see `er.calculator`."""

    implemented_properties = ["energy", "free_energy", "forces", "stress"]  # noqa: RUF012 as ASE declares it
    ignored_changes = {"initial_magmoms", "initial_charges"}  # noqa: RUF012

    def __init__(self, potential: Potential, energy_unit: float = 1.0, length_unit: float = 1.0):
        super().__init__()
        self.potential = potential.eval()
        self.units = tuple(
            number(name, given, InputError, least=1e-30, mend="How many eV, or Å, it is.")
            for name, given in (("energy_unit", energy_unit), ("length_unit", length_unit))
        )

    def calculate(self, atoms: Any = None, properties: Any = None, system_changes: Any = all_changes) -> None:
        """All of it at once: forces and stress come of one backward pass."""
        super().calculate(atoms, properties or ["energy"], system_changes)
        energy_unit, length_unit = self.units
        held = as_dict(self.atoms)
        for name in held.keys() & {"pos", "cell"}:
            held[name] = held[name] / length_unit
        weight = next(self.potential.parameters(), held["pos"])
        held = {name: part.to(weight.device) if isinstance(part, torch.Tensor) else part for name, part in held.items()}
        energy, forces, stress = self.potential(held)
        self.results = {
            "energy": energy.item() * energy_unit,
            "forces": forces.cpu().numpy() * (energy_unit / length_unit),
        }
        self.results["free_energy"] = self.results["energy"]
        if stress is not None:
            full = stress[0].cpu().numpy() * (energy_unit / length_unit**3)
            self.results["stress"] = full_3x3_to_voigt_6_stress(full)
