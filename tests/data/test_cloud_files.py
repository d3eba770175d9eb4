"""One's own molecules: extended XYZ through ASE, and clouds in an .npz file."""

import builtins
from pathlib import Path

import numpy as np
import pytest
import torch

from erlangen.data import clouds_of, load, read_frames
from erlangen.errors import DataError

ase = pytest.importorskip("ase")


def frames(n: int = 12) -> list:
    """Waters and hydrogens with an energy, forces, a dipole and a number of their own."""
    from ase import Atoms
    from ase.calculators.singlepoint import SinglePointCalculator

    draw, made = np.random.default_rng(0), []
    for i in range(n):
        atoms = Atoms("OH2" if i % 2 else "H2", draw.normal(size=(3 if i % 2 else 2, 3)))
        results = {"energy": float(i), "forces": draw.normal(size=(len(atoms), 3)), "dipole": draw.normal(size=3)}
        atoms.calc = SinglePointCalculator(atoms, **results)
        atoms.info["label"] = f"frame {i}"
        made.append(atoms)
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    from ase.io import write

    write(tmp_path / "mine.extxyz", frames())
    return tmp_path / "mine.extxyz"


def test_energies_forces_and_dipoles_are_read_with_their_units(file: Path) -> None:
    energy, forces, dipole = (load(file, target=name) for name in (None, "forces", "dipole"))
    assert energy.quantity is not None and energy.quantity.head == "energy, eV" and not energy.train.dense
    assert sorted(v for pair in energy.parts.values() for (v,) in pair.targets.tolist()) == [
        float(i) for i in range(12)
    ]
    assert forces.train.dense and forces.train.targets.shape[1] == 3 and forces.quantity.unit == "eV/Å"
    assert dipole.train.targets.shape == (len(dipole.train), 3) and dipole.quantity.unit == "e Å"
    assert energy.train.channels == 2 and set(energy.train.inputs.z.tolist()) == {1, 8}


def test_forces_stand_at_their_atoms(file: Path) -> None:
    data, known = load(file, target="forces"), frames()
    for pair in data.parts.values():
        for i in range(len(pair)):
            batch, targets = pair.batch([i])
            same = [a for a in known if len(a) == len(batch.pos) and np.allclose(a.positions, batch.pos, atol=1e-5)]
            assert np.allclose(same[0].get_forces(), targets, atol=1e-5)


def test_a_folder_is_read_file_by_file(file: Path) -> None:
    from ase.io import write

    write(file.parent / "other.xyz", frames(4)[0], format="extxyz")
    assert len(read_frames(file.parent)) == 13 and len(load(file.parent).train) == 8


def test_elements_may_be_those_of_a_network() -> None:
    store = clouds_of(frames(2), [1, 6, 8])
    assert store.x.shape[1] == 3 and store.x[:, 1].sum() == 0


def test_periodic_frames_bring_their_cells(tmp_path: Path) -> None:
    from ase.build import bulk
    from ase.io import write

    crystals = [bulk("Cu", a=3.6 + i / 100) for i in range(8)]
    for i, crystal in enumerate(crystals):
        crystal.info["gap"] = i / 10
    write(tmp_path / "cu.extxyz", crystals)
    data = load(tmp_path / "cu.extxyz", target="gap")
    assert data.train.inputs.cell.shape == (len(data.train), 3, 3) and bool(data.train.inputs.pbc.all())
    with pytest.raises(DataError, match="all of them or none"):
        clouds_of([*crystals, *frames(1)])


@pytest.mark.parametrize(
    ("target", "said"), [("stress", "says no stress.*energy"), ("label", "label is 'frame"), ("positions", "positions")]
)
def test_what_is_not_said_is_refused(file: Path, target: str, said: str) -> None:
    if target == "positions":
        assert load(file, target=target).train.dense
        return
    with pytest.raises(DataError, match=said):
        load(file, target=target)


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.xyz").write_text("three\natoms\n")
    with pytest.raises(DataError, match=r"bad\.xyz, which cannot be read"):
        load(tmp_path / "bad.xyz")
    with pytest.raises(DataError, match=r"gone\.xyz"):
        load(tmp_path / "gone.xyz")


def test_without_ase_it_is_said(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def none_of_ase(name: str, *rest: object, **more: object) -> object:
        if name.startswith("ase"):
            raise ImportError(name)
        return real(name, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", none_of_ase)
    with pytest.raises(DataError, match="pip install ase"):
        load(file)


def arrays(dense: bool = False, n: int = 20) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(0)
    y = draw.normal(size=(3 * n, 2)) if dense else draw.normal(size=n)
    return {"pos": draw.normal(size=(3 * n, 3)), "nodes": np.full(n, 3), "y": y}


def test_clouds_in_an_npz_file(tmp_path: Path) -> None:
    np.savez(tmp_path / "whole.npz", quantity="energy", unit="eV", z=np.ones(60, dtype=int), **arrays())
    np.savez(tmp_path / "dense.npz", **arrays(dense=True))
    whole, dense = load(tmp_path / "whole.npz"), load(tmp_path / "dense.npz")
    assert whole.quantity is not None and whole.quantity.head == "energy, eV"
    assert (
        whole.train.targets.shape == (12, 1)
        and whole.train.channels == 1
        and whole.train.inputs.z.unique().tolist() == [1]
    )
    assert dense.train.dense and dense.train.targets.shape == (36, 2) and dense.quantity.head == "y"
    classes = {**arrays(), "y": np.arange(20) % 2}
    np.savez(tmp_path / "classes.npz", **classes)
    assert load(tmp_path / "classes.npz").classes == ("0", "1") and load(tmp_path / "classes.npz").train.space == 3


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"pos": np.zeros((60, 4))}, "2 or 3 dimensions"),
        ({"z": np.zeros(5, dtype=int)}, "60 rows"),
        ({"cell": np.zeros((3, 3))}, "20 rows"),
        ({"pos": np.full((60, 3), np.nan)}, "not finite"),
    ],
)
def test_clouds_that_do_not_fit_are_refused(tmp_path: Path, wrong: dict, said: str) -> None:
    np.savez(tmp_path / "bad.npz", **{**arrays(), **wrong})
    with pytest.raises(DataError, match=said):
        load(tmp_path / "bad.npz")


def test_batches_are_ready_for_a_network(tmp_path: Path) -> None:
    import erlangen as er

    np.savez(tmp_path / "whole.npz", **arrays())
    pair = load(tmp_path / "whole.npz").train
    net = er.derive(er.Task(er.Points(3), input=1, output=er.Invariant(1)), width=8, depth=1)
    assert net(pair.batch([0, 3])[0]).shape == (2, 1) and torch.isfinite(pair.targets).all()
