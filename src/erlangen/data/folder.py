"""The user's own pictures: a folder with one subfolder a class, or pictures alone where no class is needed."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from erlangen.data.dataset import PARTS, DataSet, TensorPair
from erlangen.data.split import into_three, own_set
from erlangen.errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image

SURFACES = (".obj", ".ply", ".off", ".stl", ".glb", ".gltf")  # of which PIL would say that they are no pictures


def from_folder(path: Path, validation: float = 0.15, test: float = 0.25, seed: int = 0) -> DataSet[TensorPair]:
    """One subfolder a class; grey pictures become one channel, all others red, green, blue; values on the scale 0 … 1.

    With subfolders named train, test (and validation) these are the split and hold the classes, else it is made here.
    EXIF turns are applied. Pictures of different sizes, transparent ones and files that are no pictures: DataError.
    """
    if not path.is_dir():
        raise DataError(f"{path}, which is not a folder", "a folder with one subfolder a class", "Check the path.")
    tops = [folder.name for folder in _subfolders(path)]
    given = "train" in tops and set(tops) <= set(PARTS)
    roots = {part: path / part for part in PARTS if part in tops} if given else {"": path}
    classes = tuple(folder.name for folder in _subfolders(next(iter(roots.values()))))
    if len(classes) < 2:
        given = f"{path} with {'one subfolder' if classes else 'no subfolder'}"
        raise DataError(given, "one subfolder a class, at least two", "Sort the pictures into subfolders.")
    ready = _stack({part: _pictures(root, classes) for part, root in roots.items()}, path)
    if not given:
        ready = into_three(ready[""], validation, test, seed, classes)
    if "test" not in ready:
        raise DataError(f"{path} with the parts {', '.join(ready)}", "train and test", "Add a folder `test`.")
    return own_set(ready, classes, path, validation, seed, drawn=not given)


def read_pictures(path: Path, channels: int | None = None) -> tuple[Tensor, list[str]]:
    """One picture, or all in a folder and its subfolders by name: [n, channel, row, column] on the scale 0 … 1, names.

    Grey pictures get three equal channels where others are coloured or three `channels` are expected.

    >>> import tempfile
    >>> from PIL import Image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Image.new("L", (4, 3), 255).save(f"{folder}/white.png")
    ...     x, names = read_pictures(Path(folder))
    >>> x.shape, x.max().item(), names
    (torch.Size([1, 1, 3, 4]), 1.0, ['white.png'])
    """
    found = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    files = [file for file in found if not any(part.startswith(".") for part in file.relative_to(path).parts)]
    pictures = [_read_picture(file) for file in files]
    needed = _channels(pictures, path)
    names = [path.name if file == path else file.relative_to(path).as_posix() for file in files]
    return _tensor(pictures, 3 if channels == 3 else needed), names


def _subfolders(path: Path) -> list[Path]:
    return sorted(entry for entry in path.iterdir() if entry.is_dir() and not entry.name.startswith("."))


def _pictures(root: Path, classes: tuple[str, ...]) -> list[tuple[np.ndarray, int]]:
    found = {folder.name for folder in _subfolders(root)}
    if found != set(classes):
        given = f"{root} with classes that differ in {', '.join(sorted(found ^ set(classes)))}"
        raise DataError(given, "the same classes in every part", "Compare the names of the subfolders.")
    files = [(file, label) for label, name in enumerate(classes) for file in sorted((root / name).iterdir())]
    return [(_read_picture(file), label) for file, label in files if not file.name.startswith(".")]


def _read_picture(file: Path) -> np.ndarray:
    """One picture as [channel, row, column] float32 on the scale 0 … 1."""
    from PIL import Image, ImageOps

    if file.suffix.lower() in SURFACES:
        mend = "Store them in an .npz file with pos, face, nodes and y, as docs/meshes.md has it."
        raise DataError(f"{file}, a surface", "pictures in folders, surfaces in an .npz file", mend)
    try:
        with Image.open(file) as opened:
            return _values(ImageOps.exif_transpose(opened), file)
    except DataError:
        raise
    except Exception as error:  # each plugin of PIL says in its own way that a file is damaged
        given = f"{file}, which is no readable picture"
        raise DataError(given, "pictures only", "Remove it or save it again.") from error


def _values(picture: "Image", file: Path) -> np.ndarray:
    if picture.has_transparency_data and np.asarray(picture.convert("RGBA"))[..., 3].min() < 255:
        given = f"{file}, which is partly transparent"
        raise DataError(given, "opaque pictures", "Flatten it onto a background first.")
    if picture.mode.startswith("I;16"):
        return np.asarray(picture).astype(np.float32)[None] / 65535
    if picture.mode in ("L", "1", "LA"):
        return np.asarray(picture.convert("L")).astype(np.float32)[None] / 255
    if picture.mode in ("I", "F"):
        given = f"{file} of mode {picture.mode}, without a known scale"
        raise DataError(given, "8- or 16-bit pictures", "Use an .npz file.")
    return np.asarray(picture.convert("RGB")).astype(np.float32).transpose(2, 0, 1) / 255


def _stack(parts: Mapping[str, list[tuple[np.ndarray, int]]], path: Path) -> dict[str, TensorPair]:
    """Stack pictures of one size; where some are coloured, grey ones get three equal channels."""
    channels = _channels([picture for pictures in parts.values() for picture, _ in pictures], path)
    return {
        part: TensorPair(_tensor([x for x, _ in pictures], channels), torch.tensor([label for _, label in pictures]))
        for part, pictures in parts.items()
    }


def _channels(pictures: list[np.ndarray], path: Path) -> int:
    """How many channels the pictures need together: those of the most coloured. All must be of one size."""
    sizes = sorted({picture.shape[1:] for picture in pictures})
    if len(sizes) != 1:
        shown = ", ".join(f"{rows} × {columns}" for rows, columns in sizes[:4]) or "no picture at all"
        given = f"{path} with pictures of {len(sizes)} sizes ({shown})"
        raise DataError(given, "one size for all", "Crop, pad or resize them to one size.")
    return max(picture.shape[0] for picture in pictures)


def _tensor(pictures: list[np.ndarray], channels: int) -> Tensor:
    return torch.from_numpy(np.stack([np.broadcast_to(x, (channels, *x.shape[1:])) for x in pictures]))
