"""NIfTI, the format of medical volumes: values, voxel spacing and orientation, read and written through nibabel."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from erlangen.errors import DataError

ENDINGS = (".nii", ".nii.gz")
MILLIMETRES = {"meter": 1000.0, "mm": 1.0, "micron": 0.001, "unknown": 1.0}
SKEW = 1e-3  # cosine between two axes of an array, above which a spacing along them says too little


@dataclass(frozen=True)
class Volume:
    """x on a box of voxels: `values` [1, channel, i, j, k] float32, `spacing` in mm, `affine` [4, 4] (index ↦ mm).

    The axes run to the right, to the front and to the head, as nearly as the array's own axes do.

    >>> Volume(torch.zeros(1, 1, 4, 5, 6), (1.0, 1.0, 5.0), np.diag([1.0, 1, 5, 1])).values.shape
    torch.Size([1, 1, 4, 5, 6])
    """

    values: Tensor
    spacing: tuple[float, float, float]
    affine: np.ndarray


def is_nifti(path: Path) -> bool:
    """Whether the name ends as those of NIfTI files do.

    >>> is_nifti(Path("head.nii.gz")), is_nifti(Path("head.png"))
    (True, False)
    """
    return path.name.endswith(ENDINGS)


def read_nifti(path: str | os.PathLike[str]) -> Volume:
    """The volume in a .nii or .nii.gz file: [1, 1, i, j, k], of a series in time [1, t, i, j, k].

    Axes are exchanged and flipped, never resampled, until axis 0 runs to the patient's right, axis 1 to the front and
    axis 2 to the head as nearly as may be (RAS+, the closest canonical orientation); `affine` and `spacing` follow.
    `spacing` are the lengths of the affine's columns to five digits, the file's unit brought to mm. A file that
    declares no orientation is taken as it lies, its spacing from the header: what is left in it nobody knows.
    Needs nibabel (`pip install 'erlangen[volumes]'`). DataError: no such file, no volume, skewed axes, NaN.

    >>> import tempfile; from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as d:
    ...     file = write_nifti(Path(d) / "a.nii.gz", torch.ones(4, 5, 6), np.diag([-1.0, 1, 5, 1]))
    ...     read_nifti(file).spacing
    (1.0, 1.0, 5.0)
    """
    nib, path = _nibabel(), Path(path)
    try:
        image = nib.load(path)
        affine = _affine(image)
        image = nib.as_closest_canonical(nib.Nifti1Image(np.asanyarray(image.dataobj), affine, image.header))
        values = np.asarray(image.dataobj)
    except FileNotFoundError:
        raise DataError(f"{path}, which does not exist", "a NIfTI file", "Check the path.") from None
    except DataError:
        raise
    except Exception as error:  # nibabel, zlib and numpy each say in their own way that a file is damaged
        given = f"{path}, which cannot be read ({type(error).__name__}: {error})"
        raise DataError(given, "a whole NIfTI file, .nii or .nii.gz", "Save it again.") from None
    return Volume(_tensor(values, path), _spacing(image, path), np.asarray(image.affine, dtype=np.float64))


def write_nifti(path: str | os.PathLike[str], values: Tensor | np.ndarray, affine: np.ndarray) -> Path:
    """Write [i, j, k], [t, i, j, k] or [1, t, i, j, k] with the affine that a volume was read with; returns the path.

    Whole numbers stay whole (labels), all else is float32. A viewer lays what is written over the volume it answers.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = write_nifti(f"{folder}/labels.nii.gz", torch.ones(4, 5, 6, dtype=torch.int64), np.eye(4))
    ...     file.name, read_nifti(file).values.shape
    ('labels.nii.gz', torch.Size([1, 1, 4, 5, 6]))
    """
    nib, path = _nibabel(), Path(path)
    array = values.detach().cpu().numpy() if isinstance(values, Tensor) else np.asarray(values)
    if array.ndim == 5 and len(array) == 1:
        array = array[0]
    if array.ndim not in (3, 4) or array.dtype.kind not in "fiub" or not is_nifti(path):
        raise DataError(
            f"values of shape {array.shape} and dtype {array.dtype} for {path}",
            "numbers [i, j, k], [t, i, j, k] or [1, t, i, j, k] and a name that ends in .nii or .nii.gz",
            "Write one volume a file.",
        )
    if np.shape(affine) != (4, 4):
        given = f"an affine of shape {np.shape(affine)}"
        raise DataError(given, "4 × 4 numbers", "Pass the affine of the volume, or numpy.diag([*spacing, 1]).")
    kept = array.astype(np.float32 if array.dtype.kind == "f" else _least(array))
    image = nib.Nifti1Image(np.moveaxis(kept, 0, -1) if array.ndim == 4 else kept, np.asarray(affine, float))
    image.header.set_xyzt_units("mm")
    nib.save(image, path)
    return path


def _nibabel() -> Any:
    try:
        import nibabel
    except ImportError:
        mend = "Install it: pip install 'erlangen[volumes]'."
        raise DataError("a NIfTI file without nibabel", "the optional package nibabel", mend) from None
    return nibabel


def _affine(image: Any) -> np.ndarray:
    """Index ↦ space; where the file declares no orientation, its spacing alone, so that nothing is flipped."""
    header = image.header
    declared = [int(header[code]) for code in ("sform_code", "qform_code") if code in header]
    return np.diag([*header.get_zooms()[:3], 1.0]) if declared and not any(declared) else image.affine


def _spacing(image: Any, path: Path) -> tuple[float, float, float]:
    columns = np.asarray(image.affine, dtype=np.float64)[:3, :3]
    lengths = np.linalg.norm(columns, axis=0)
    if not np.isfinite(columns).all() or (lengths <= 0).any():
        given = f"{path} with the affine {np.asarray(image.affine).tolist()}"
        raise DataError(given, "a voxel size along each axis", "Mend its header.")
    cosines = (columns / lengths).T @ (columns / lengths) - np.eye(3)
    if np.abs(cosines).max() > SKEW:
        expected = "axes at right angles, whose spacing says all about the voxels"
        raise DataError(f"{path} with skewed axes", expected, "Resample it to a grid with right angles.")
    factor = MILLIMETRES.get(image.header.get_xyzt_units()[0], 1.0)
    first, second, third = (float(f"{length * factor:.5g}") for length in lengths)
    return first, second, third


def _tensor(values: np.ndarray, path: Path) -> Tensor:
    if values.ndim < 3 or values.dtype.kind not in "fiub" or values.size == 0 or any(n != 1 for n in values.shape[4:]):
        given = f"{path} of shape {values.shape} and dtype {values.dtype}"
        raise DataError(given, "numbers on three axes of space, with or without one of time", "Save it as such.")
    values = values.reshape(*values.shape[:3], -1)
    finite = np.isfinite(values)
    if not finite.all():
        index = tuple(int(i) for i in np.argwhere(~finite)[0])[:3]
        given = f"{values[~finite][0]} at voxel {index} of {path} ({int((~finite).sum())} values are not finite)"
        raise DataError(given, "finite numbers", "Fill these voxels, or leave the file out.")
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(values.astype(np.float32), -1, 0)))[None]


def _least(array: np.ndarray) -> type:
    """The smallest type that holds these whole numbers and that every viewer knows."""
    kinds = (np.uint8, np.int16, np.int32)
    low, high = (int(array.min()), int(array.max())) if array.size else (0, 0)
    for kind in kinds:
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return kind
    raise DataError(f"labels up to {max(-low, high)}", "labels below 2³¹", "Number them anew.")
