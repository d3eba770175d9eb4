"""`erlangen predict`: what a saved network answers to inputs of one's own."""

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from erlangen.cli.options import check_writable, progress_bar
from erlangen.errors import ConfigError

if TYPE_CHECKING:
    from torch import Tensor, nn

    from erlangen.task import Task
    from erlangen.train.held import Inputs

AT_ONCE = 64
NIFTI = (".nii", ".gz")
KINDS = (".csv", ".npz", *NIFTI)


def command(
    model: Annotated[str, typer.Argument(help="A saved network, or the folder of a run: its derived network.")],
    inputs: Annotated[
        str,
        typer.Argument(
            help="An .npz file with x, pictures, NIfTI volumes, XYZ files (one, or a folder), a named set's test part."
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(help="The file to write: .csv; .npz for answers of every shape; .nii.gz for labels of a volume."),
    ],
) -> None:
    """Apply a saved network to inputs and write its answers.

    The file holds, for each input, the scores of the network (before any softmax) and the class of the greatest; of
    values these themselves. Where sets, graphs or clouds are answered at their points, a row is one point, "3:0" the
    first of the fourth.

    Pictures and uint8 arrays are scaled to 0 … 1 as for training, other arrays taken as they are. A .nii.gz holds the
    class at every voxel alone, laid out so that a viewer shows it over the volume it answers.

    erlangen predict runs/demo pictures.npz --out answers.csv
    """
    check_writable(out)
    from torch import Tensor

    from erlangen.cli.given import load_model
    from erlangen.cli.hexagons import inputs_on
    from erlangen.cli.runs import columns_of, data_of, results_of
    from erlangen.pages import several
    from erlangen.train import ValueResults

    net, task = load_model(model)
    if task is None:
        raise ConfigError(f"{model}, a model without a task", "a saved network or a run", "Save one with er.save.")
    _check_kind(out, task)
    x, names = _packed(inputs, task, model) if task.domain.packed else _inputs(inputs, task)
    if isinstance(x, Tensor):
        x = inputs_on(task.domain, x, data_of(model))
    if out.suffix in NIFTI:
        _check_volume(out, inputs, len(x))
    _check(net, task, x, inputs)
    classes = columns_of(model, task.target.channels)
    scores = _answers(net, x)
    labels = None if isinstance(results_of(model), ValueResults) else _labels(task, scores)
    if out.suffix in NIFTI:
        _write_volume(out, inputs, classes, labels)
    else:
        write = _write_csv if out.suffix == ".csv" else _write_npz
        write(out, names, scores, classes, labels)
    typer.echo(f"{several(len(names), 'answer')} in {out}.")


def _inputs(inputs: str, task: "Task") -> "tuple[Inputs, list[str]]":
    """What is to be answered, and its names: signals of one size, or sequences of several lengths."""
    from erlangen.cli.given import load_inputs, load_sequences
    from erlangen.domains import Sequence

    store = load_sequences(inputs) if isinstance(task.domain, Sequence) else None
    if store is None:
        return load_inputs(inputs, task.domain, task.source.channels)
    return store, [str(i) for i in range(len(store))]


def _packed(inputs: str, task: "Task", model: str) -> "tuple[Inputs, list[str]]":
    """Sets, graphs or clouds, and the names of the rows of their answers: of points the number of each in its own."""
    from erlangen.cli.given import load_graphs
    from erlangen.data import SetStore, holds_clouds
    from erlangen.domains import Set

    store = load_graphs(inputs, task.domain, _elements(model) if holds_clouds(Path(inputs)) else None)
    if not task.target.domain.packed:
        return store, [str(i) for i in range(len(store))]
    sizes = store.counts if task.target.domain == Set() and isinstance(store, SetStore) else store.sizes
    return store, [f"{i}:{j}" for i, size in enumerate(sizes.tolist()) for j in range(size)]


def _elements(model: str) -> list[int] | None:
    """The elements of the molecules that the network of a run learnt from, where they are known."""
    from erlangen.cli.runs import config_of
    from erlangen.cli.train import load_data

    config = config_of(model)
    z = None if config is None else load_data(config).train.inputs.z
    return None if z is None else z.unique().tolist()


def _check_kind(out: Path, task: "Task") -> None:
    if out.suffix not in KINDS or (out.suffix == ".gz" and not out.name.endswith(".nii.gz")):
        raise ConfigError(f"--out {out}", "a file that ends in .csv or .npz, or .nii.gz for a volume", "Name it so.")
    if out.suffix == ".csv" and task.target.domain.axes:
        mend = f"Pass --out {out.with_suffix('.npz')}."
        raise ConfigError(f"--out {out} for an answer at every point", "an .npz file, which has axes for them", mend)


def _check_volume(out: Path, inputs: str, n: int) -> None:
    from erlangen.data import holds_volumes

    if n != 1 or not holds_volumes(Path(inputs)):
        given = f"--out {out} for {inputs}"
        raise ConfigError(given, "one NIfTI volume to answer", f"Name one file, or pass --out {_stem(out)}.npz.")


def _check(net: "nn.Module", task: "Task", x: "Inputs", inputs: str) -> None:
    """Refuse, before the work, what the network does not take: channels by their number, all else by one trial."""
    from erlangen.domains import Mesh
    from erlangen.errors import SymmetryError
    from erlangen.pages import several
    from erlangen.train.evaluate import scores
    from erlangen.train.held import example, some

    wanted, one = task.source.channels, example(x, 0)
    read_off = isinstance(task.domain, Mesh) and task.input == task.domain.natural_input(task.symmetry)
    if len(one) != wanted and not (read_off and not len(one)):
        expected = f"{several(wanted, 'channel')} on axis 1, as the network was made for"
        mend = "Save the pictures in grey." if wanted == 1 else "Bring the channels it was trained on."
        raise ConfigError(f"{inputs} with {several(len(one), 'channel')}", expected, mend)
    try:
        scores(net, some(x, range(1)))
    except SymmetryError:
        raise
    except Exception as error:  # a plain network says in its own way that an input is too small
        given = f"{inputs} of shape {tuple(one.shape)}, on which the network raises {type(error).__name__}: {error}"
        raise ConfigError(given, "inputs it can take", "Try the size it was trained on.") from error


def _answers(net: "nn.Module", x: "Inputs") -> "Tensor":
    """f(x), a batch at a time under a progress bar."""
    import torch

    from erlangen.train.evaluate import scores
    from erlangen.train.held import some

    found = []
    with progress_bar() as tell:
        for start in range(0, len(x), AT_ONCE):
            found.append(scores(net, some(x, range(start, min(len(x), start + AT_ONCE)))))
            done = len(found) * AT_ONCE / len(x)
            tell(min(1.0, done), f"{min(len(x), len(found) * AT_ONCE):,} of {len(x):,}", False)
    return torch.cat(found)


def _labels(task: "Task", scores: "Tensor") -> "Tensor | None":
    """The class of the greatest score, where the answer is one of classes and no vector."""
    from erlangen.errors import SymmetryError
    from erlangen.train.moving import check_labels

    try:
        check_labels(task)
    except SymmetryError:
        return None
    return scores.argmax(1) if scores.shape[1] > 1 else None


def _write_volume(out: Path, inputs: str, classes: tuple[str, ...], labels: "Tensor | None") -> None:
    """The classes at the voxels, by the codes they were learnt from where their names are whole numbers."""
    import torch

    from erlangen.data import read_volumes, write_nifti

    if labels is None or labels.ndim != 4:
        raise ConfigError(f"--out {out} for an answer that is no class at each voxel", ".npz", "Pass --out a.npz.")
    codes = list(map(int, classes)) if all(name.isdigit() for name in classes) else list(range(len(classes)))
    write_nifti(out, torch.tensor(codes)[labels[0]], read_volumes(Path(inputs)).affines[0])


def _stem(out: Path) -> str:
    return str(out).removesuffix(".gz").removesuffix(".nii")


def _write_csv(
    out: Path, names: list[str], scores: "Tensor", classes: tuple[str, ...], labels: "Tensor | None"
) -> None:
    from erlangen.files import write_whole

    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["input", *(["class"] if labels is not None else []), *classes])
    for i, (name, row) in enumerate(zip(names, scores.tolist(), strict=True)):
        said = [] if labels is None else [classes[int(labels[i])]]
        table.writerow([name, *said, *(f"{score:.6g}" for score in row)])
    write_whole(out, text.getvalue())


def _write_npz(
    out: Path, names: list[str], scores: "Tensor", classes: tuple[str, ...], labels: "Tensor | None"
) -> None:
    import numpy as np

    from erlangen.files import write_whole

    arrays = {"input": np.array(names), "scores": scores.numpy(), "classes": np.array(classes)}
    if labels is not None:
        arrays["label"] = labels.numpy()
    content = io.BytesIO()
    np.savez(content, **arrays)  # pyright: ignore[reportArgumentType]
    write_whole(out, content.getvalue())
