"""Every reader of files, with a maker of a small valid file or folder: a reader added here is fuzzed."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

import erlangen as er
from erlangen.blueprint import potential
from erlangen.data import (
    DataSet,
    fasta_inputs,
    load,
    read_bed,
    read_fasta,
    read_fastq,
    read_frames,
    read_genbank,
    read_graphs,
    read_inputs,
    read_nifti,
    read_pictures,
    read_sequences,
    read_ts,
    write_nifti,
    write_shards,
)
from erlangen.data.cells import read_h5ad
from erlangen.data.idx import read_idx
from erlangen.data.npz import read_arrays
from erlangen.data.nuclei import read_grey
from erlangen.data.sdf import as_graph, read_sdf
from erlangen.data.skeleton import read_skeleton
from erlangen.data.skin import read_skin
from erlangen.data.splice import read_splice
from erlangen.data.tudataset import read_tudataset
from erlangen.domains.surfaces import operators as kept
from erlangen.train import read_config, read_results
from erlangen.train.experiment import read_run
from erlangen.train.networks import build_network, load_network, save_network, task_of
from erlangen.train.value_results import ValueOutcome, ValueResults
from erlangen.train.values_at import Reference, ValuesAt
from tests.data.test_cells import write_h5ad
from tests.data.test_nucleotides import GENBANK
from tests.data.test_skin import MODEL, written
from tests.data.test_splice import some, write_rda
from tests.meshes import potato
from tests.skins import tube
from tests.train.small import made_results, small_config


@dataclass(frozen=True)
class Reader:
    """`make(folder)` writes a valid sample and gives its path, `read(path)` reads it; `same(first, again)` says whether
    what was read in spite of damage is what was there, where a checksum is to see to that."""

    make: Callable[[Path], Path]
    read: Callable[[Path], Any]
    same: Callable[[Any, Any], bool] | None = None
    inside: bool = True  # whether archives are opened, damaged and closed with right checksums


def text(name: str, content: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        packed = gzip.compress(content.encode(), mtime=0) if name.endswith(".gz") else content.encode()
        (folder / name).write_bytes(packed)
        return folder / name

    return make


def arrays(**named: Any) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        np.savez(folder / "sample.npz", **named)
        return folder / "sample.npz"

    return make


def pictures(*endings: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        from PIL import Image

        for label in ("a", "b"):
            (folder / "set" / label).mkdir(parents=True)
            for i in range(7):
                values = np.arange(64, dtype=np.uint8).reshape(8, 8) * (i + 1)
                Image.fromarray(values).save(folder / "set" / label / f"{i}{endings[i % len(endings)]}")
        return folder / "set"

    return make


def volumes(folder: Path) -> Path:
    for name in ("images", "labels"):
        (folder / name).mkdir()
        for i in range(8):
            values = np.arange(27).reshape(3, 3, 3) % (2 if name == "labels" else 9)
            write_nifti(folder / name / f"{i}.nii", values.astype(np.int16), np.diag([1.0, 1, 2, 1]))
    return folder


def nifti(name: str, folder: Path) -> Path:
    return write_nifti(folder / name, np.arange(24.0).reshape(2, 3, 4), np.diag([1.0, 1, 2, 1]))


def shards(folder: Path) -> Path:
    for part in ("train", "validation", "test"):
        write_shards(folder, part, [(RNG.normal(size=(6, 1, 5, 5)), np.arange(6) % 2)], rows=4)
    (folder / "classes.txt").write_text("a\nb\n")
    return folder


def classes(folder: Path) -> Path:
    for name, letters in (("bound", "GATTACA"), ("free", "CCG")):
        (folder / f"{name}.fa").write_text("".join(f">{i}\n{letters}\n" for i in range(8)))
    return folder


def collection(folder: Path) -> Path:
    lines = {"A": "1, 2\n2, 1\n", "graph_indicator": "1\n1\n2\n", "graph_labels": "-1\n1\n"}
    for key, content in {**lines, "node_labels": "0\n1\n0\n", "edge_labels": "0\n0\n"}.items():
        (folder / f"T_{key}.txt").write_text(content)
    return folder


def idx(name: str, folder: Path) -> Path:
    content = bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, *range(12)])
    (folder / name).write_bytes(gzip.compress(content, mtime=0) if name.endswith(".gz") else content)
    return folder / name


def cells(folder: Path) -> Path:
    write_h5ad(folder / "a.h5ad")
    return folder / "a.h5ad"


def splices(folder: Path) -> Path:
    write_rda(folder / "a.rda", *some())
    return folder / "a.rda"


def network(folder: Path) -> Path:
    task = er.Task(er.Grid(2), er.C(2), input=1, output=er.Invariant(2))
    er.save(er.derive(task, width=2, depth=1, scales=1), folder / "net.safetensors")
    return folder / "net.safetensors"


def energies(folder: Path) -> Path:
    task = er.Task(er.Points(3, radius=2.0), er.O(3), input=1, output=er.Equivariant(1))
    net = er.derive(task, width=4, depth=1)
    er.Potential(net, elements=("H",)).save(folder / "net.safetensors")
    return folder / "net.safetensors"


def plain(folder: Path) -> Path:
    config = small_config()
    save_network(build_network("plain", task_of(config.task), config.network), folder / "net.safetensors", config)
    return folder / "net.safetensors"


def results(found: Any, folder: Path) -> Path:
    return _json(folder / "results.json", found.to_dict())


def configuration(folder: Path) -> Path:
    return _json(folder / "config.json", small_config().to_dict()).parent


def outcome(folder: Path) -> Path:
    from erlangen.train.folder import RESULT

    return _json(folder / RESULT, {**made_results((90,), (80,)).outcomes[0].to_dict(), "history": []})


def _json(path: Path, data: Any) -> Path:
    import json

    path.write_text(json.dumps(data, indent=1))
    return path


def _outcome(path: Path) -> Any:
    from erlangen.train.experiment import _read_outcome

    return _read_outcome(path)


def _results(path: Path) -> Any:
    """Whatever is read can be told of, too."""
    found = read_results(path)
    from erlangen.train import findings
    from erlangen.train.report import table

    found.to_dict()
    table(found)
    findings(found)
    return found


def made_values() -> ValueResults:
    """Two networks' errors of an energy, upright and turned."""
    at = tuple(ValuesAt(g, 40, 0.1, 0.02, 0.12, 0.9, 0.0, ((0.1, 0.2), (0.3, 0.4))) for g in ("0°", "90°"))
    outcomes = tuple(ValueOutcome(model, 0, 10, 1.0, 5, 3, 0.1, at) for model in ("derived", "plain"))
    return ValueResults("mine", "energy", "eV", outcomes, references=(Reference("all stays", 0.3, 0.4),))


def surface(folder: Path) -> Path:
    """The operators of a sphere, as they are kept: read by asking for them again."""
    path = folder / "surfaces" / "sphere.npz"
    path.parent.mkdir()
    path.write_bytes(kept._bytes(_operators()))
    return path


def _operators() -> Any:
    return kept.computed(*potato(1), kept.Asked(3))


def _graphs(path: Path) -> Any:
    found = read_arrays(path)
    return read_graphs(found, path)


def _whole_set(path: Path, **asked: Any) -> DataSet:
    data = load(path, **asked)
    for part in data.parts.values():
        assert len(part) > 0
        part.batch([0])
    data.counts()
    return data


def _network(path: Path) -> Any:
    return er.load(path).state_dict()


def _potential(path: Path) -> Any:
    return potential.Potential.load(path).state_dict()


def _any_network(path: Path) -> Any:
    return load_network(path)[0].state_dict()


def _equal(first: Any, again: Any) -> bool:
    return list(first) == list(again) and all(torch.equal(value, again[name]) for name, value in first.items())


def _equal_arrays(first: Any, again: Any) -> bool:
    return again is None or all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))


RNG = np.random.default_rng(0)
PAIRS = np.stack([np.arange(24), np.arange(24) ^ 1])
TRIANGLE = np.array([[0, 1, 2], [0, 1, 2]]).T
FACES = np.concatenate([np.array([[0, 0, 0, 1], [1, 2, 3, 3], [2, 3, 1, 2]]) + 4 * i for i in range(8)], axis=1)
SDF = "\n".join(
    [
        *("water", "", "", "  2  1  0  0  0  0            999 V2000"),
        *(f"    0.0000    0.0000    0.0000 {symbol}   0  0" for symbol in "OH"),
        *("  1  2  1  0", "M  CHG  1   1  -1", "M  END", "> <SOL>", "0.5", "", "$$$$", ""),
    ]
)
XYZ = '3\nLattice="5 0 0 0 5 0 0 0 5" Properties=species:S:1:pos:R:3:forces:R:3 energy=-1.5 pbc="T T T"\n' + "".join(
    f"{symbol} {i} 0.5 0.25 0.1 0.2 {-i}\n" for i, symbol in enumerate("OHH")
)
TOML = """name = "mine"
[task]
domain = "Grid(2)"
symmetry = "C(4)"
output = "Invariant(3)"
input = "2 * trivial + standard"
[data]
source = "digits"
validation = 0.2
[network]
width = 16
kernel_size = 5
[train]
seeds = [0, 1]
models = ["derived", "plain"]
epochs = 3
learning_rate = 1e-3
[report]
pairs = [["0", "1"]]
"""
TS = "@problemName two\n@classLabel true a b\n@data\n1,2,3:4,5,6:a\n1,2:3,4:b\n"

READERS: dict[str, Reader] = {
    "images": Reader(arrays(x=RNG.normal(size=(12, 2, 5, 5)), y=np.arange(12) % 2), _whole_set),
    "bytes": Reader(arrays(x=np.zeros((12, 5, 5), np.uint8), y=np.zeros((12, 5, 5), np.int64)), _whole_set),
    "parts": Reader(
        arrays(
            **{f"x_{part}": RNG.normal(size=(6, 5, 5)) for part in ("train", "validation", "test")},
            **{f"y_{part}": np.arange(6) % 2 for part in ("train", "validation", "test")},
            classes=np.array(["a", "b"]),
        ),
        _whole_set,
    ),
    "shards": Reader(shards, _whole_set),
    "inputs": Reader(arrays(x=RNG.normal(size=(4, 5, 5))), read_inputs),
    "graphs": Reader(
        arrays(
            **{"x": np.ones((24, 2)), "nodes": np.full(12, 2), "y": np.arange(12) % 2, "edge_index": PAIRS},
            **{"edge_attr": np.ones((24, 1)), "edge_weight": np.ones(24)},
        ),
        _whole_set,
    ),
    "one graph": Reader(arrays(x=np.ones((24, 2)), y=np.arange(24) % 2, edge_index=PAIRS), _whole_set),
    "sets of graphs": Reader(
        arrays(x=np.ones((24, 2)), nodes=np.full(24, 1), sets=np.full(12, 2), y=np.arange(12) % 2), _whole_set
    ),
    "clouds": Reader(
        arrays(
            **{"pos": RNG.normal(size=(24, 3)), "z": np.ones(24, int), "nodes": np.full(12, 2)},
            **{"cell": np.stack([9 * np.eye(3)] * 12), "pbc": np.ones((12, 3), bool), "y": RNG.normal(size=12)},
            **{"quantity": np.array("energy"), "unit": np.array("eV")},
        ),
        _whole_set,
    ),
    "meshes": Reader(
        arrays(pos=RNG.normal(size=(32, 3)), face=FACES, nodes=np.full(8, 4), y=np.arange(8) % 2), _whole_set
    ),
    "graphs alone": Reader(arrays(x=np.ones((6, 2)), nodes=np.array([2, 4]), edge_index=PAIRS[:, :6]), _graphs),
    "sequences": Reader(
        arrays(
            **{"x": RNG.normal(size=(24, 2)), "steps": np.full(12, 2), "y": np.arange(12) % 2},
            **{"dt": np.ones(24), "holds": np.arange(24), "classes": np.array(["a", "b"])},
        ),
        _whole_set,
    ),
    "sequences alone": Reader(arrays(x=np.ones((6, 2)), steps=np.array([2, 4])), read_sequences),
    "fasta": Reader(text("a.fa", ">one first\nACG\nTN \n>two\nacgt\n"), read_fasta),
    "fasta.gz": Reader(text("a.fa.gz", ">one first\nACG\nTN \n>two\nacgt\n"), read_fasta),
    "fasta inputs": Reader(text("a.fa", ">one first\nACG\nTN \n>two\nacgt\n"), fasta_inputs),
    "fasta folder": Reader(classes, _whole_set),
    "fastq": Reader(text("a.fq", "@one\nACG\n+\nI!5\n@two\nAC\n+two\nII\n"), read_fastq),
    "bed": Reader(text("a.bed", "track x\nchr1\t5\t9\tpeak\t0\t-\nchr2\t1\t2\n"), read_bed),
    "genbank": Reader(text("a.gb", GENBANK), read_genbank),
    "sdf": Reader(text("a.sdf", SDF), lambda path: [as_graph(found, ["C", "O"]) for found in read_sdf(path)]),
    "ts": Reader(text("a.ts", TS), read_ts),
    "idx": Reader(partial(idx, "a"), read_idx),
    "idx.gz": Reader(partial(idx, "a.gz"), read_idx),
    "tudataset": Reader(collection, lambda path: read_tudataset(path, "T")),
    "nifti": Reader(partial(nifti, "a.nii"), read_nifti),
    "nifti.gz": Reader(partial(nifti, "a.nii.gz"), read_nifti),
    "volumes": Reader(volumes, _whole_set),
    "xyz": Reader(text("a.xyz", XYZ * 8), lambda path: _whole_set(path, target="forces")),
    "xyz energies": Reader(text("a.extxyz", XYZ * 8), _whole_set),
    "frames": Reader(text("a.xyz", XYZ), read_frames),
    "pictures": Reader(pictures(".png", ".jpg", ".tif", ".gif", ".bmp"), _whole_set),
    "pictures alone": Reader(pictures(".png", ".webp", ".ppm"), read_pictures),
    "grey": Reader(lambda folder: pictures(".tif")(folder) / "a" / "0.tif", read_grey),
    "h5ad": Reader(cells, read_h5ad),
    "rda": Reader(splices, read_splice),
    "skin": Reader(lambda folder: written(tube(5, 4, 2), folder / "a.skn"), read_skin),
    "skeleton": Reader(text("a.xml", MODEL), lambda path: read_skeleton(path, "b0")),
    "toml": Reader(text("a.toml", TOML), lambda path: task_of(read_config(path).task)),
    "network": Reader(network, _network, _equal),
    "potential": Reader(energies, _potential, _equal),
    "plain network": Reader(plain, _any_network, _equal),
    "results": Reader(partial(results, made_results((90, 92), (80, 81))), _results),
    "values": Reader(partial(results, made_values()), _results),
    "result": Reader(outcome, _outcome),
    "config": Reader(configuration, read_run),
    "operators": Reader(surface, lambda path: kept._read(path, 42), _equal_arrays, inside=False),
}
