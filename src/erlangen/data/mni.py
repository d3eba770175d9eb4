"""An average head (MNI152, MRI) with grey and white matter: tissue at every voxel, in blocks split in space."""

from pathlib import Path

import numpy as np

from erlangen.data.blocks import cut, halved, shares
from erlangen.data.cache import cache_folder, cached, fill, from_wheel
from erlangen.data.dataset import DataSet, TensorPair
from erlangen.data.nifti import read_nifti
from erlangen.errors import DataError

WHEEL, KEPT = "nilearn==0.14.1", "mni152"
WHEEL_ARCHIVE = "725206484e9fb3f6691f9c2d20204a068759d5072f12055324702ee0cb2bbe8a"
NAME = "mni_icbm152_{}_tal_nlin_sym_09a_converted.nii.gz"
DIGESTS = {
    NAME.format("t1"): "421a10e872fd6cadae7f61d358dffbcc1795a497d61ee76c5dda2503e1a1e9e6",
    NAME.format("gm"): "97a5ca69bd24db37a9cb7b32525e1733a209af904129bf1cd36da06d24243bed",
    NAME.format("wm"): "382d92812de4744f9c86c7a0e4f680dc317a0a50e4da1f0153618a6798c7b7db",
}
LICENCE = "BSD-3-Clause (the package); the template has permissive terms of its own"
TISSUES = ("outside", "other", "grey matter", "white matter")
HALF = 128  # of 255: what is less than half grey or white matter is something else
SIZE, SPACING = 16, (2.0, 2.0, 2.0)
COLUMNS, ROWS = (9, 25, 41, 57, 73), (0, 16, 32, 48, 64)  # where blocks begin, from left to right and from foot to head
SLABS = {"train": (31, 71), "validation": (11,), "test": (51, 91)}  # where they begin from back to front
LEAST = 0.02  # of a block has to lie inside the head


def mni_tissue() -> DataSet[TensorPair]:
    """T1-weighted MRI ↦ tissue: 16³ voxels of 2 mm, four classes at each, from one head averaged over many people.

    Labels at 1 mm: outside where T1 = 0 (it is skull-stripped), else other where both probabilities are below a half,
    else grey or white matter, whichever is likelier; then image and labels are brought to 2 mm by binomial means, a
    voxel taking the class that has most of it. Values are divided by 255. Parts are slabs from back to front with 4
    voxels (8 mm) between them; training blocks overlap one another by half, test blocks do not.

    The split is not from left to right: this template is exactly symmetric under that mirror, so that one half would be
    a copy of the other. One head: what is learnt says nothing of other people or scanners. V. Fonov et al. 2011,
    doi:10.1016/j.neuroimage.2010.07.033.
    """
    folder = cached("mni-tissue", DIGESTS, KEPT)
    t1, grey, white = (read_nifti(folder / NAME.format(kind)).values[0, 0].numpy() for kind in ("t1", "gm", "wm"))
    if not t1.shape == grey.shape == white.shape:
        raise DataError(f"volumes of {t1.shape}, {grey.shape}, {white.shape}", "one shape", "Fetch the data again.")
    x = (halved(t1) / 255).astype(np.float32)
    y = shares(tissue(t1, grey, white), len(TISSUES)).argmax(0)
    columns, rows = (range(starts[0], starts[-1] + 1, SIZE // 2) for starts in (COLUMNS, ROWS))
    return DataSet(
        cut(x, y, (columns, SLABS["train"], rows), SIZE, LEAST),
        cut(x, y, (COLUMNS, SLABS["validation"], ROWS), SIZE, LEAST),
        cut(x, y, (COLUMNS, SLABS["test"], ROWS), SIZE, LEAST),
        TISSUES,
        "mni-tissue",
        LICENCE,
        f"PyPI {WHEEL}, nilearn/datasets/data",
        "V. Fonov et al., NeuroImage 54, 2011, doi:10.1016/j.neuroimage.2010.07.033",
        "T1-weighted brightness, 0 to 1",
        SPACING,
    )


def fetch_mni() -> Path:
    """Fetch the MNI152 template in nilearn's wheel into the cache with pip, checked; returns the folder."""
    folder = cache_folder() / KEPT
    instead = f"Place {', '.join(DIGESTS)} of the wheel {WHEEL} (nilearn/datasets/data) in {folder}."

    def download(scratch: Path) -> Path:
        return from_wheel(WHEEL, (), WHEEL_ARCHIVE, scratch, instead) / "nilearn" / "datasets" / "data"

    fill(folder, DIGESTS, download)
    return folder


def tissue(t1: np.ndarray, grey: np.ndarray, white: np.ndarray) -> np.ndarray:
    """0 outside, 1 other, 2 grey matter, 3 white matter, from a skull-stripped image and two maps of 0 … 255.

    >>> tissue(np.array([0, 9, 9, 9]), np.array([0, 9, 200, 128]), np.array([0, 9, 10, 129])).tolist()
    [0, 1, 2, 3]
    """
    inside = np.where(np.maximum(grey, white) < HALF, 1, np.where(grey >= white, 2, 3))
    return np.where(t1 == 0, 0, inside)
