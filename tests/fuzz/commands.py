"""Lines of the command that work, or nearly, and the files that they speak of; none of them trains or fetches."""

import shlex
from pathlib import Path

import numpy as np

import erlangen as er
from tests.fuzz.damage import Below
from tests.fuzz.readers import TOML
from tests.fuzz.texts import another_text

TASK = "--domain Grid(2) --symmetry C(2) --output Invariant(2)"
COMMANDS = tuple(
    shlex.split(line.replace("(", "\\(").replace(")", "\\)"))
    for line in (
        f"derive {TASK} --input 1 --width 4 --depth 1 --scales 1 --choice kernel_size=3 --save new.safetensors",
        "derive run.toml --width 4 --depth 1 --scales 1 --choice pool=max",
        "derive --domain Points(3) --output Equivariant(1) --input 1 --width 4 --depth 1",
        "train --defaults",
        "train run.toml --seeds 0,1 --epochs 2 --out runs/mine",
        "train run.toml --resume",
        "predict net.safetensors x.npz --out answers.csv",
        "predict net.safetensors x.npz --out answers.npz",
        "audit net.safetensors --inputs x.npz --count 2 --no-proof --shifts none --json audit.json",
        f"audit net.safetensors --inputs x.npz --count 2 --no-proof --shifts 1 {TASK} --junit audit.xml --seed 1",
        f"compare net.safetensors average:net.safetensors --data nowhere.npz {TASK} --json compared.json",
        "data list",
        "data show x.npz",
    )
)


def prepare(folder: Path) -> None:
    """The files that the lines speak of."""
    task = er.Task(er.Grid(2), er.C(2), input=1, output=er.Invariant(2))
    er.save(er.derive(task, width=2, depth=1, scales=1), folder / "net.safetensors")
    rng = np.random.default_rng(0)
    np.savez(folder / "x.npz", x=rng.normal(size=(16, 5, 5)), y=np.arange(16) % 2)
    (folder / "run.toml").write_text(TOML.replace('"digits"', '"nowhere.npz"'))


def another_line(line: list[str], below: Below) -> list[str]:
    """One or two of the words are others, gone, doubled, or have changed places."""
    line = list(line)
    for _ in range(1 + below(2)):
        at, other = below(len(line)) if line else 0, below(len(line)) if line else 0
        match below(5):
            case 0:
                line[at : at + 1] = []
            case 1:
                line[at : at + 1] = line[at : at + 1] * 2
            case 2 if line:
                line[at], line[other] = line[other], line[at]
            case _ if line:
                line[at] = another_text(line[at], below)
            case _:
                line.append("derive")
    return line
