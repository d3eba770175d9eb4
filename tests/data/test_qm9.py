"""QM9's tables, read from a few molecules drawn here in their form: charges, vectors, energies less their atoms."""

from pathlib import Path

import numpy as np
import pytest
import torch

from erlangen.data import load, polarizability_tensors, qm9
from erlangen.data.cache import sha256
from erlangen.errors import DataError

SIZES = (20, 5, 5)
OF_ATOMS = {"H": -0.5, "C": -38.0, "O": -75.0}


def molecule(number: int) -> dict[str, str]:
    """Between three and five atoms; the tensor has the number of the molecule in it."""
    draw = np.random.default_rng(number)
    symbols = ["O", "H", "H", "C", "H"][: 3 + number % 3]
    place = draw.normal(size=(len(symbols), 3)).round(4)
    charge = draw.normal(size=len(symbols)).round(4)
    energy = sum(OF_ATOMS[symbol] for symbol in symbols) + 0.001 * number
    return {
        "XYZ_file": f"dsgdb9nsd_{number:06}.xyz",
        "Elements": "['" + "','".join(symbols) + "']",
        "XYZ_Ang": "["
        + ",".join("[" + ",".join(f"{v:g}." if v == int(v) else f"{v:g}" for v in p) + "]" for p in place)
        + "]",
        "Mulliken_pop": "[" + ",".join(f"{q:g}" for q in charge) + "]",
        "HOMO_LUMO_gap_au": f"{0.1 + number / 100:g}",
        "InternalEnergy_0K_au": f"{energy:.6f}",
    }


def table(rows: list[dict[str, str]]) -> str:
    lines = [",".join(rows[0]), *(",".join(f'"{value}"' for value in row.values()) for row in rows)]
    return "\n".join(lines) + "\n"


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    monkeypatch.setenv("ERLANGEN_CACHE", str(tmp_path))
    folder = tmp_path / qm9.KEPT
    folder.mkdir()
    rows = [molecule(number) for number in range(30)]
    for part, name in enumerate(qm9.PARTS):
        (folder / name).write_text(table(rows[10 * part : 10 * part + 10]), encoding="utf-8")
    names = ("A_xx", "A_xy", "A_yy", "A_xz", "A_yz", "A_zz")
    tensors = [
        {"XYZ_file": row["XYZ_file"], **{name: f"{10 * i + k}" for k, name in enumerate(names)}}
        for i, row in enumerate(rows)
    ]
    (folder / qm9.TENSORS).write_text(table(tensors[::-1]), encoding="utf-8")
    monkeypatch.setattr(qm9, "DIGESTS", {file.name: sha256(file) for file in folder.iterdir()})
    monkeypatch.setattr(qm9, "ALL", SIZES)
    monkeypatch.setattr(qm9, "SOME", (12, 3, 3))
    return rows


def number_of(position: torch.Tensor, rows: list[dict[str, str]]) -> int:
    """Which molecule this is, by where its first atom is."""
    found = [abs(qm9._numbers(row["XYZ_Ang"])[:3] - position[0].numpy()).max() < 1e-4 for row in rows]
    return found.index(True)


def test_the_part_is_of_the_whole_and_every_molecule_is_in_one(tables: list[dict[str, str]]) -> None:
    whole, some = load("qm9-all"), load("qm9")
    seen = [number_of(cloud.pos, tables) for pair in whole.parts.values() for cloud in pair.inputs]
    assert sorted(seen) == list(range(30))
    for part, pair in some.parts.items():
        assert len(pair) == {"train": 12, "validation": 3, "test": 3}[part]
        assert torch.equal(pair.inputs.pos, whole.parts[part].inputs.take(range(len(pair))).pos)
    assert some.quantity == qm9.TARGETS["gap"].quantity and some.train.channels == 5 and some.train.space == 3


def test_values_go_with_their_molecules(tables: list[dict[str, str]]) -> None:
    gap, vector, charges = (load("qm9", target=name).train for name in ("gap", "vector", "charges"))
    assert charges.dense and not gap.dense and vector.targets.shape == (12, 3)
    for i, cloud in enumerate(gap.inputs):
        row = tables[number_of(cloud.pos, tables)]
        assert float(gap.targets[i]) == pytest.approx(27.211386 * float(row["HOMO_LUMO_gap_au"]), rel=1e-6)
        q = qm9._numbers(row["Mulliken_pop"])
        assert charges.take([i]).targets[:, 0].tolist() == pytest.approx(q.tolist(), rel=1e-5)
        moment = 4.803204712 * (q[:, None] * qm9._numbers(row["XYZ_Ang"]).reshape(-1, 3)).sum(0)
        assert vector.targets[i].tolist() == pytest.approx(moment.tolist(), rel=1e-4, abs=1e-4)
        symbols = ["HCNOF"[int(k)] for k in cloud.x.argmax(1)]
        assert str(symbols).replace(" ", "") == row["Elements"] and cloud.z[symbols.index("O")] == 8


def test_energies_are_less_those_of_their_atoms(tables: list[dict[str, str]]) -> None:
    data = load("qm9", target="u0")
    for pair in data.parts.values():
        for cloud, value in zip(pair.inputs, pair.targets, strict=True):
            assert abs(float(value)) < 27.3 * 0.03  # what a fit of three atoms leaves of 0.001 hartree a molecule
            assert number_of(cloud.pos, tables) < 30
    assert float(data.train.targets.mean()) == pytest.approx(0, abs=0.05)


def test_tensors_are_symmetric_and_go_with_their_molecules(tables: list[dict[str, str]]) -> None:
    clouds, tensors = polarizability_tensors(7)
    assert tensors.shape == (7, 3, 3) and torch.equal(tensors, tensors.mT)
    for cloud, tensor in zip(clouds, tensors, strict=True):
        first = 10 * number_of(cloud.pos, tables)
        assert [float(tensor[i, j]) - first for i, j in ((0, 0), (0, 1), (1, 1), (0, 2), (1, 2), (2, 2))] == [
            0,
            1,
            2,
            3,
            4,
            5,
        ]


def test_unknown_values_are_refused_with_those_there_are(tables: list[dict[str, str]]) -> None:
    with pytest.raises(DataError, match="gap, homo"):
        load("qm9", target="colour")
    with pytest.raises(DataError, match="several values"):
        load("digits", target="gap")
    assert load("qm9", limit=4).train.targets.shape == (4, 1)
