"""ASE's simulations with a potential: units and signs, runs that conserve energy, runs in a bath."""

import builtins
import copy
import pickle
import sys
from typing import Any

import numpy as np
import pytest
import torch
from ase import Atoms, units
from ase.calculators.calculator import PropertyNotImplementedError
from ase.calculators.lj import LennardJones
from ase.md.langevin import Langevin
from ase.md.verlet import VelocityVerlet
from torch import Tensor, nn

import erlangen as er
from erlangen.domains import Points
from erlangen.domains.graph import at_targets
from erlangen.errors import InputError

RADIUS = 3.0


class Pairs(nn.Module):
    """Lennard-Jones at each point, ½ Σ_j 4 (r⁻¹² − r⁻⁶) + c, cut at the radius as by ASE, as a network."""

    def forward(self, data: Any) -> Tensor:
        _, cloud = Points(3, radius=RADIUS).read({**data, "x": data["x"].double()})
        shift = 4 * (RADIUS**-12 - RADIUS**-6)
        return at_targets(2 * (cloud.length**-12 - cloud.length**-6)[:, None] - shift / 2, cloud.edges)


def crystal() -> Atoms:
    atoms = Atoms("Ar4", [(0, 0, 0), (0.8, 0.8, 0), (0.8, 0, 0.8), (0, 0.8, 0.8)], cell=[1.6, 1.7, 1.65], pbc=True)
    atoms.rattle(0.03, seed=1)
    return atoms


def cluster(n: int = 5) -> Atoms:
    made = Atoms(
        f"Ar{n}", 1.15 * np.array([(0, 0, 0), (1, 0, 0), (0.5, 0.87, 0), (0.5, 0.3, 0.8), (0.5, 0.3, -0.8)])[:n]
    )
    made.rattle(0.05, seed=2)
    return made


@pytest.mark.parametrize("make", [crystal, cluster])
def test_lennard_jones_as_a_network_is_that_of_ase(make: Any) -> None:
    """Energy, forces, sign and order of stress, against ASE's own calculator."""
    ours, theirs = make(), make()
    ours.calc = er.calculator(Pairs())
    theirs.calc = LennardJones(rc=RADIUS)
    assert np.isclose(ours.get_potential_energy(), theirs.get_potential_energy(), rtol=1e-12)
    assert np.isclose(ours.get_potential_energy(force_consistent=True), theirs.get_potential_energy(), rtol=1e-12)
    assert np.allclose(ours.get_forces(), theirs.get_forces(), atol=1e-10)
    if ours.pbc.any():
        assert np.allclose(ours.get_stress(), theirs.get_stress(), atol=1e-10)
        assert np.abs(ours.get_stress()).max() > 1e-2
    else:
        with pytest.raises(PropertyNotImplementedError):
            ours.get_stress()


def test_units_are_turned_into_those_of_ase() -> None:
    """The same physics in other units: lengths u times as long, energies v times as large."""
    known, other = crystal(), crystal()
    length, energy = units.Bohr, units.Hartree
    other.set_cell(other.cell * length, scale_atoms=True)
    known.calc, other.calc = er.calculator(Pairs()), er.calculator(Pairs(), energy_unit=energy, length_unit=length)
    assert np.isclose(other.get_potential_energy(), known.get_potential_energy() * energy)
    assert np.allclose(other.get_forces(), known.get_forces() * energy / length)
    assert np.allclose(other.get_stress(), known.get_stress() * energy / length**3)


def network() -> er.Blueprint:
    torch.manual_seed(0)
    return er.derive(er.Task(Points(3, radius=2.5), input=1, output=er.Equivariant(1)), width=8, depth=1, hidden=6)


def test_it_computes_anew_when_atoms_move_and_only_then() -> None:
    atoms, net = cluster(), network()
    atoms.calc = calc = er.calculator(net, elements=["Ar"])
    first, forces = atoms.get_potential_energy(), atoms.get_forces()
    found = calc.results
    assert atoms.get_potential_energy() == first and calc.results is found
    atoms.set_initial_charges([1.0] * 5)
    assert atoms.get_potential_energy() == first and calc.results is found
    atoms.positions[0] += 0.1
    assert atoms.get_potential_energy() != first and not np.allclose(atoms.get_forces(), forces)
    assert forces.dtype == np.float64 and np.abs(forces.sum(0)).max() < 1e-5


def test_it_is_copied_pickled_and_made_of_a_file(tmp_path: Any) -> None:
    potential = er.Potential(network(), ["Ar"], {"Ar": -3.0}, 0.5)
    potential.save(tmp_path / "argon.safetensors")
    calcs = [er.calculator(potential), er.calculator(tmp_path / "argon.safetensors")]
    calcs += [copy.deepcopy(calcs[0]), pickle.loads(pickle.dumps(calcs[0]))]
    found = []
    for calc in calcs:
        atoms = cluster()
        atoms.calc = calc
        found.append(atoms.get_potential_energy())
    assert len(set(found)) == 1


def energies(atoms: Atoms) -> float:
    return atoms.get_potential_energy() + atoms.get_kinetic_energy()


def test_a_run_without_a_bath_conserves_energy() -> None:
    """With ASE's own velocity Verlet; half the step, a quarter of the error."""
    errors = []
    for step in (2.0, 1.0):
        atoms = cluster()
        atoms.calc = er.calculator(er.Potential(network().double(), ["Ar"]))
        spread = np.sqrt(units.kB * 300 * atoms.get_masses())[:, None]
        atoms.set_momenta(spread * np.random.default_rng(0).standard_normal((5, 3)))
        start, found = energies(atoms), []
        run = VelocityVerlet(atoms, step * units.fs)
        run.attach(lambda atoms=atoms, found=found: found.append(energies(atoms)))
        run.run(int(60 / step))
        errors.append(max(abs(e - start) for e in found))
    assert 3.3 < errors[0] / errors[1] < 4.7 and errors[1] < 2e-2


def test_a_run_in_a_bath_goes_on() -> None:
    atoms = cluster()
    atoms.calc = er.calculator(Pairs(), energy_unit=0.1)
    start = atoms.positions.copy()
    rng = np.random.default_rng(0)
    Langevin(atoms, 0.5 * units.fs, temperature_K=30, friction=0.02, rng=rng, fixcm=False).run(20)
    assert np.isfinite(atoms.positions).all() and np.abs(atoms.positions - start).max() > 1e-3


def test_what_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="energy_unit"):
        er.calculator(Pairs(), energy_unit=0.0)
    with pytest.raises(InputError, match="atoms of Ar"):
        er.calculator(network(), elements=["He"]).calculate(cluster())

    def missing(name: str, *rest: Any) -> Any:
        if name.startswith("ase."):
            raise ModuleNotFoundError(name)
        return known(name, *rest)

    known = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", missing)
    monkeypatch.delitem(sys.modules, "erlangen.blueprint.ase_calculator")
    with pytest.raises(InputError, match=r"erlangen\[atoms\]"):
        er.calculator(Pairs())
