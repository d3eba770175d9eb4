"""What the user gives on the command line: a model by its file, its run or its name, and inputs to try it on."""

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from erlangen.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor, nn

    from erlangen.data import GraphStore, SequenceStore, SetStore
    from erlangen.domains import Domain
    from erlangen.task import Task


PICKLES = (".pt", ".pth", ".ckpt", ".pkl", ".bin")


def load_audited(given: str) -> "tuple[Callable[..., Any], Task | None]":
    """As `load_model`, and what is no torch module: a network in an ONNX file."""
    if not given.endswith(".onnx"):
        return load_model(given)
    from erlangen.auditing import read_onnx

    return read_onnx(given), None


def load_model(given: str) -> "tuple[nn.Module, Task | None]":
    """A saved network, that of a run's folder, an exported program, or what package.module:factory makes, with its task
    if it has one.

    The module is looked for on the path and in the current folder; timm:NAME is timm's. A SymmetryError says why there
    is no model.
    """
    from erlangen.cli.runs import network_in
    from erlangen.cli.zoo import PREFIX, timm_model
    from erlangen.train.networks import load_network

    path = Path(given)
    if path.suffix in (*PICKLES, ".onnx") and not path.is_dir():
        raise _unread(given, path.suffix)
    if path.suffix == ".pt2":
        from erlangen.auditing import read_program

        return read_program(path), None
    if given.startswith(PREFIX):
        return timm_model(given), None
    if path.exists() or ":" not in given:
        return load_network(network_in(path) if path.is_dir() else path)
    made = _make(given)
    task = getattr(made, "task", None)
    return made, task


def _unread(given: str, suffix: str) -> ConfigError:
    if suffix == ".onnx":
        return ConfigError(f"{given}, which runs outside torch", "a torch model", "`erlangen audit` takes ONNX files.")
    mend = "Name a function of yours that makes the network and loads them, package.module:function."
    return ConfigError(f"{given}, weights without their network, or a pickle", "a network", mend)


def _make(given: str) -> "nn.Module":
    from torch import nn

    module, _, name = given.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        thing: Any = importlib.import_module(module)
        for part in name.split("."):
            thing = getattr(thing, part)
        made = thing if isinstance(thing, nn.Module) else thing()
    except Exception as error:  # the user's own code: whatever it raises is the answer to what was asked
        said = f"{type(error).__name__}: {error}"
        raise ConfigError(
            f"the model {given}, which raises {said}", "package.module:factory", "Mend it there."
        ) from error
    finally:
        sys.path.remove(str(Path.cwd()))
    if not isinstance(made, nn.Module):
        given = f"the model {given}, which is of type {type(made).__name__}"
        raise ConfigError(given, "a torch.nn.Module", "Return one from it.")
    return made.eval()


def load_inputs(given: str, domain: "Domain", channels: int | None = None) -> "tuple[Tensor, list[str]]":
    """All inputs of an .npz file (x), of FASTA, of a folder of pictures or volumes, or of a named set; their names.

    `channels` is how many are expected, where that is known. Volumes whose spacing is not the domain's are refused.
    """
    from erlangen.data import (
        GraphStore,
        SetStore,
        fasta_inputs,
        holds_fasta,
        holds_volumes,
        is_fasta,
        load,
        read_inputs,
        read_pictures,
        read_volumes,
    )
    from erlangen.domains import Dna
    from erlangen.train.spacing import check_spacing

    path, dim = Path(given), domain.axes
    if holds_volumes(path):
        found = read_volumes(path)
        check_spacing(domain, found.spacing, given, "domain")
        return found.inputs, [file.name for file in found.files]
    if isinstance(domain, Dna) and path.exists() and (is_fasta(path) or holds_fasta(path)):
        return fasta_inputs(path)
    if path.exists() and path.suffix != ".npz":
        return read_pictures(path, channels)
    if path.suffix == ".npz":
        inputs = read_inputs(path, dim, channels)
    else:
        data = load(given)
        check_spacing(domain, data.spacing, given, "domain")
        inputs = data.test.inputs
        if isinstance(inputs, GraphStore | SetStore):
            raise ConfigError(
                f"{given}, which holds graphs", f"signals on {domain!r}", "Name a domain such as Graph()."
            )
    return inputs, [str(i) for i in range(len(inputs))]


def load_in_time(given: str, domain: "Domain", count: int) -> "Tensor":
    """So many sequences of one length `[n, c, T]`: of several lengths the beginnings of those that are long enough."""
    from erlangen.data import SequenceStore, load, read_inputs
    from erlangen.train.evaluate import of_one_length

    inputs: Any = load_sequences(given)
    if inputs is None and Path(given).suffix == ".npz":
        inputs = read_inputs(Path(given), domain.axes)
    elif inputs is None:
        inputs = load(given, dim=domain.axes).test.inputs
    if isinstance(inputs, SequenceStore):
        return of_one_length(inputs, count)
    if inputs.ndim != 3:
        raise ConfigError(f"{given}, which holds no sequences", f"data on {domain!r}", "Pass x [n, channel, steps].")
    return inputs[[i * len(inputs) // count for i in range(count)] if len(inputs) > count else slice(None)]


def load_sequences(given: str) -> "SequenceStore | None":
    """The sequences of several lengths of an .npz file; None of another file, or of one that holds signals of one."""
    from erlangen.data import read_sequences
    from erlangen.data.npz import read_arrays
    from erlangen.data.sequence_npz import holds_sequences

    path = Path(given)
    return read_sequences(path) if path.suffix == ".npz" and holds_sequences(read_arrays(path)) else None


def load_graphs(given: str, domain: "Domain", elements: "Sequence[int] | None" = None) -> "GraphStore | SetStore":
    """The sets, graphs or clouds of a named set's test part, or all of an .npz file, with labels or without, or of XYZ
    files.

    `elements` are those that the channels of molecules stand for; left out: those of the file.
    """
    from erlangen.data import GraphStore, SetStore, clouds_of, holds_clouds, load, read_frames, read_graphs
    from erlangen.data.graph_npz import holds_graphs
    from erlangen.data.npz import read_arrays

    if holds_clouds(Path(given)):
        return clouds_of(read_frames(Path(given)), elements)
    if Path(given).suffix == ".npz":
        arrays = read_arrays(Path(given))
        if holds_graphs(arrays):
            return read_graphs(arrays, Path(given))
    inputs = load(given).test.inputs
    if not isinstance(inputs, GraphStore | SetStore):
        mend = "`erlangen data list` shows which sets hold graphs."
        raise ConfigError(f"{given}, which holds no graphs", f"data on {domain!r}", mend)
    return inputs
