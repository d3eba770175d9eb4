"""The user's own volumes: a folder of NIfTI files with a label map for each, one spacing for all."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from erlangen.data.dataset import PARTS, DataSet, TensorPair
from erlangen.data.nifti import Volume, is_nifti, read_nifti
from erlangen.data.split import into_three, own_set
from erlangen.errors import DataError

MOST_CLASSES = 256
SAME = 1e-3  # relative difference of two spacings, up to which they are the same
CLOSE = 1e-3  # mm between an image's affine and that of its labels
LAYOUT = "images/NAME.nii.gz with labels/NAME.nii.gz"


@dataclass(frozen=True)
class Volumes:
    """All volumes of a folder: `inputs` [n, channel, i, j, k], the file of each, one spacing, an affine for each."""

    inputs: Tensor
    files: tuple[Path, ...]
    spacing: tuple[float, float, float]
    affines: tuple[np.ndarray, ...]


def from_volumes(path: Path, validation: float = 0.15, test: float = 0.25, seed: int = 0) -> DataSet[TensorPair]:
    """Volumes with a label at every voxel: images/NAME.nii.gz (or NAME.nii.gz) and labels/NAME.nii.gz.

    With subfolders train, test (and validation), each laid out so, these are the split; else whole volumes are drawn
    at random. Values are kept as they are. Label codes are numbered in their order and name their classes. `spacing` of
    the data set is that of the files, in mm, for the task's domain: er.Grid(3, spacing=data.spacing). DataError: a
    volume without labels, another shape, spacing or affine, NaN, labels that are no whole numbers.
    """
    tops = [part for part in PARTS if (path / part).is_dir()]
    roots = {part: path / part for part in tops} if "train" in tops else {"": path}
    if tops and "train" in tops and "test" not in tops:
        raise DataError(f"{path} with the parts {', '.join(tops)}", "train and test", "Add a folder `test`.")
    read = {part: _read_pairs(root) for part, root in roots.items()}
    _check_alike([(v.files[0], tuple(v.inputs.shape[1:]), v.spacing) for v, _ in read.values()])
    codes = sorted({int(code) for _, labels in read.values() for code in torch.unique(labels)})
    if not 2 <= len(codes) <= MOST_CLASSES:
        expected = f"2 to {MOST_CLASSES} different labels"
        raise DataError(f"{path} with {len(codes)} different labels", expected, "Check which files are label maps.")
    classes, spacing = tuple(map(str, codes)), next(iter(read.values()))[0].spacing
    parts = {part: TensorPair(v.inputs, torch.searchsorted(torch.tensor(codes), y)) for part, (v, y) in read.items()}
    if "" in parts:
        parts = into_three(parts[""], validation, test, seed)
    return own_set(parts, classes, path, validation, seed, spacing, drawn="train" not in tops)


def read_volumes(path: Path) -> Volumes:
    """One volume, or all in a folder (in its `images`, where there is one) by name; of one shape and spacing.

    >>> import tempfile
    >>> from erlangen.data import write_nifti
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = write_nifti(f"{folder}/a.nii.gz", torch.ones(4, 5, 6), np.eye(4))
    ...     read_volumes(Path(folder)).inputs.shape
    torch.Size([1, 1, 4, 5, 6])
    """
    folder = path / "images" if (path / "images").is_dir() else path
    files = (path,) if path.is_file() else tuple(_files(folder))
    if not files:
        raise DataError(f"{folder} without a NIfTI file", LAYOUT, "Check the folder.")
    return _stack([read_nifti(file) for file in files], files)


def holds_volumes(path: Path) -> bool:
    """Whether this is a NIfTI file, or there are some in the folder, in its `images`, or in its `train`.

    >>> holds_volumes(Path("/nowhere"))
    False
    """
    if path.is_file():
        return is_nifti(path)
    places = [path, path / "images", path / "train", path / "train" / "images"]
    return any(place.is_dir() and _files(place) for place in places)


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if is_nifti(file) and not file.name.startswith("."))


def _stem(file: Path) -> str:
    return file.name.removesuffix(".gz").removesuffix(".nii")


def _read_pairs(root: Path) -> tuple[Volumes, Tensor]:
    """The images of a folder and the labels [n, i, j, k] that go with them."""
    folder = root / "labels"
    named = {_stem(file): file for file in _files(folder)} if folder.is_dir() else {}
    images = read_volumes(root)
    missing = [file for file in images.files if _stem(file) not in named]
    if missing:
        raise DataError(f"{missing[0]} without labels in {folder}", LAYOUT, "Give both files the same name.")
    pairs = zip(images.files, images.affines, strict=True)
    labels = [_labels(named[_stem(file)], file, affine, images.inputs.shape[2:]) for file, affine in pairs]
    return images, torch.stack(labels)


def _labels(file: Path, image: Path, affine: np.ndarray, shape: Sequence[int]) -> Tensor:
    volume = read_nifti(file)
    values = volume.values[0, 0]
    if tuple(volume.values.shape[1:]) != (1, *shape):
        given = f"{file} of shape {tuple(volume.values.shape[1:])} beside {image} of {tuple(shape)}"
        raise DataError(given, "a label at every voxel", "Resample the labels to the image's grid.")
    if not np.allclose(volume.affine, affine, atol=CLOSE):
        where = float(np.abs(volume.affine - affine).max())
        given = f"{file}, whose affine differs from that of {image} by {where:.3g}"
        raise DataError(given, "labels on the very voxels of the image", "Resample the labels to the image's grid.")
    if not torch.equal(values, values.round()):
        given = f"{file} with values such as {float(values[values != values.round()][0]):g}"
        raise DataError(given, "whole numbers", "Resample label maps by nearest neighbours only.")
    return values.long()


def _stack(volumes: list[Volume], files: tuple[Path, ...]) -> Volumes:
    grids = [(file, tuple(v.values.shape[1:]), v.spacing) for file, v in zip(files, volumes, strict=True)]
    _check_alike(grids)
    inputs = torch.cat([volume.values for volume in volumes])
    return Volumes(inputs, files, volumes[0].spacing, tuple(volume.affine for volume in volumes))


def _check_alike(grids: Sequence[tuple[Path, tuple[int, ...], tuple[float, ...]]]) -> None:
    """One shape and one spacing for all of these files."""
    one, shape, spacing = grids[0]
    for other, its, spaced in grids[1:]:
        if its != shape:
            given = f"{other} of shape {its} beside {one} of {shape}"
            raise DataError(given, "one shape for all volumes", "Crop, pad or resample them to one grid.")
        if not np.allclose(spacing, spaced, rtol=SAME):
            given = f"{other} with voxels of {_mm(spaced)} beside {one} with {_mm(spacing)}"
            raise DataError(given, "one spacing for all volumes", "Resample them to one grid.")


def _mm(spacing: Sequence[float]) -> str:
    return " × ".join(f"{length:g}" for length in spacing) + " mm"
