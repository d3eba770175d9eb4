"""DNA from the command line: a folder of FASTA files, trained on, audited and predicted from."""

from pathlib import Path

import torch

from erlangen.cli import main

RUN = """
[task]
domain = "Dna()"
output = "Invariant(2)"
[data]
source = "mine"
[network]
width = 16
depth = 1
scales = 2
[train]
seeds = [0]
models = ["derived", "plain", "augmented", "averaged"]
epochs = 2
batch_size = 8
threads = 1
"""


def test_a_folder_of_fasta_files_is_all_that_a_run_needs(tmp_path: Path, capsys) -> None:
    draw = torch.Generator().manual_seed(0)
    (tmp_path / "mine").mkdir()
    for name in ("bound", "free"):
        drawn = torch.randint(4, (24, 20), generator=draw).tolist()
        text = "".join(f">{name}{i}\n{''.join('ACGT'[k] for k in row)}\n" for i, row in enumerate(drawn))
        (tmp_path / "mine" / f"{name}.fa").write_text(text)
    (tmp_path / "mine.toml").write_text(RUN)
    run = str(tmp_path / "run")
    assert main(["train", str(tmp_path / "mine.toml"), "--out", run]) == 0
    assert "GC content alone" in capsys.readouterr().out
    assert main(["audit", run, "--inputs", str(tmp_path / "mine")]) == 0
    out = tmp_path / "said.csv"
    assert main(["predict", run, str(tmp_path / "mine" / "free.fa"), "--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8").splitlines()[1].startswith("free0,")
    assert main(["data", "show", str(tmp_path / "mine")]) == 0
