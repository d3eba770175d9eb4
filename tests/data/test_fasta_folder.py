"""A folder with one FASTA file a class: read, split, refused; and inputs by their names."""

from pathlib import Path

import pytest
import torch

from erlangen.data import TensorPair, decode, fasta_inputs, load
from erlangen.data.fasta_folder import is_fasta
from erlangen.errors import DataError


def written(place: Path, **classes: list[str]) -> Path:
    place.mkdir(exist_ok=True)
    for name, sequences in classes.items():
        text = "".join(f">{name}{i} of {name}\n{letters}\n" for i, letters in enumerate(sequences))
        (place / f"{name}.fa").write_text(text)
    return place


def test_a_file_is_a_class_and_shorter_sequences_stand_in_the_middle(tmp_path: Path) -> None:
    folder = written(tmp_path / "mine", bound=["GATTACA"] * 8, free=["CCG"] * 8)
    data = load(folder)
    assert isinstance(data.train, TensorPair) and data.classes == ("bound", "free") and data.name == "mine"
    assert data.train.inputs.shape[1:] == (4, 7) and sum(map(len, data.parts.values())) == 16
    free = data.test.inputs[data.test.targets == 1][0]
    assert decode(free) == "--CCG--"
    assert [len(data.fold(i, 4, 0.2, 0).test) for i in range(4)] == [4, 4, 4, 4]


def test_inputs_go_by_the_first_word_of_their_names(tmp_path: Path) -> None:
    folder = written(tmp_path / "mine", bound=["GATT", "ACGT"], free=["CCGG"])
    x, names = fasta_inputs(folder)
    assert names == ["bound0", "bound1", "free0"] and x.shape == (3, 4, 4)
    one, names = fasta_inputs(folder / "free.fa")
    assert names == ["free0"] and torch.equal(one[0], x[2])


def test_one_class_alone_and_letters_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="at least two"):
        load(written(tmp_path / "one", bound=["ACGT"]))
    with pytest.raises(DataError, match="line 2"):
        load(written(tmp_path / "bad", bound=["AC!T"], free=["ACGT"]))
    assert is_fasta(Path("a.FASTA.gz")) and not is_fasta(Path("a.fastq"))
