"""Free runs of ethanol with a trained potential: how far its total energy drifts, by the step of velocity Verlet.

Usage: python benchmarks/forces.py runs/xtb-forces    (a finished run of `erlangen train xtb-forces`; needs ASE)
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from ase import Atoms, units
from ase.md.verlet import VelocityVerlet

import erlangen as er
from erlangen.data.xtb import ELEMENTS, MASSES, NUMBERS, START
from erlangen.train import load_network

RESULTS = Path(__file__).parent / "results" / "forces.json"
STEPS, PICOSECONDS, KELVIN = (1.0, 0.5, 0.25), 2.0, 300.0  # fs


def drift(net: torch.nn.Module, step: float) -> dict[str, float]:
    """In meV: the greatest change and the spread of the total energy, and the slope of a straight line, by ps."""
    atoms = Atoms(NUMBERS, START, masses=MASSES)
    atoms.calc = er.calculator(net, ELEMENTS)
    spread = np.sqrt(units.kB * 2 * KELVIN * MASSES)[:, None]  # half of it becomes potential energy
    atoms.set_momenta(spread * np.random.default_rng(0).standard_normal((9, 3)))
    found = [atoms.get_total_energy()]
    run = VelocityVerlet(atoms, step * units.fs)
    run.attach(lambda: found.append(atoms.get_total_energy()), interval=1)
    run.run(round(PICOSECONDS * 1000 / step))
    energy = 1000 * np.array(found[1:])
    time = np.arange(len(energy)) * step / 1000
    return {
        "step_fs": step,
        "greatest": float(np.abs(energy - energy[0]).max()),
        "spread": float(energy.std()),
        "per_ps": float(np.polyfit(time, energy, 1)[0]),
    }


def main(folder: Path) -> None:
    """Measure the derived network of the first seed, in float64, and keep what was found."""
    torch.set_num_threads(1)
    net, _ = load_network(folder / "seed-0" / "derived" / "network.safetensors")
    rows = [drift(net.double(), step) for step in STEPS]
    kept = {"rows": rows, "picoseconds": PICOSECONDS, "kelvin": KELVIN, "erlangen": er.__version__}
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    for row in rows:
        sys.stdout.write(f"{row}\n")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        main(Path(sys.argv[1]))
    else:
        sys.stdout.write(f"{(__doc__ or '').strip()}\n")
