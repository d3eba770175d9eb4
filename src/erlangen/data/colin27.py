"""One head (colin27, MRI) with the left and right structures of an atlas: where a mirror exchanges the labels."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from erlangen.data.blocks import cut, halved, shares
from erlangen.data.cache import cache_folder, cached, fill, from_debian
from erlangen.data.dataset import DataSet, TensorPair
from erlangen.data.nifti import read_nifti
from erlangen.errors import DataError

DEBIAN, KEPT = "mricron-data", "colin27"
DIGESTS = {
    "ch2.nii.gz": "a009051127f64dc3dd554d5f5b589870ea72106d9642c21b4e7093e478cfc309",
    "aal.nii.gz": "b512dcd3f36b77f56be7a9a038134096e66314b7e8c31d25875b96bcf6991454",
    "aal.nii.txt": "1788d6556a9ec056de9867b2382cf1ce1b51b87ae4cfd9cd25de48ae4dde709e",
}
LICENCE = "BSD-3-Clause (the package); colin27 and AAL have terms of their own: use, do not pass on"
SIDES = ("other", "left", "right")
SIZE, SPACING = 20, (2.0, 2.0, 2.0)
COLUMNS, ROWS = (5, 25, 46, 66), (2, 22, 42, 62)  # where blocks begin; columns are a mirror image of themselves
OVERLAPPING = (5, 15, 25, 46, 56, 66), range(2, 63, 10)
SLABS = {"train": (46, 88), "validation": (4,), "test": (25, 67)}  # from back to front, one voxel between them
LEAST = 0.02  # of a block has to be labelled left or right


def colin27_sides(symmetric: bool = False) -> DataSet[TensorPair]:
    """T1-weighted MRI ↦ other, left or right: 20³ voxels of 2 mm, the sides those of AAL's 54 paired structures.

    With `symmetric` head and labels are those of `colin27_head(symmetric=True)`, exactly equal to their mirror image
    with left and right exchanged. Parts are slabs from back to front; training blocks overlap one another by half, test
    blocks do not, and they come in pairs that the mirror exchanges. Under a mirror left becomes right: a task that says
    so has the output trivial + quotient(Octahedral()) of FullOctahedral(), and labels that stay are the wrong prior.
    One head. C. Holmes et al. 1998, doi:10.1097/00004728-199803000-00032; N. Tzourio-Mazoyer et al. 2002,
    doi:10.1006/nimg.2001.0978 (AAL).
    """
    name = "colin27-mirrored" if symmetric else "colin27-sides"
    x, y = (tensor[0].squeeze(0).numpy() for tensor in colin27_head(symmetric))
    columns, rows = OVERLAPPING
    return DataSet(
        cut(x, y, (columns, SLABS["train"], rows), SIZE, LEAST),
        cut(x, y, (COLUMNS, SLABS["validation"], ROWS), SIZE, LEAST),
        cut(x, y, (COLUMNS, SLABS["test"], ROWS), SIZE, LEAST),
        SIDES,
        name,
        LICENCE,
        f"Debian {DEBIAN}, usr/share/mricron/templates",
        "C. Holmes et al. 1998, doi:10.1097/00004728-199803000-00032; N. Tzourio-Mazoyer et al. 2002, "
        "doi:10.1006/nimg.2001.0978",
        "T1-weighted brightness, 0 to 1",
        SPACING,
    )


def colin27_head(symmetric: bool = False) -> tuple[Tensor, Tensor]:
    """The whole head at 2 mm, [1, 1, 91, 109, 91], and its labels [1, 91, 109, 91]: 0 other, 1 left, 2 right.

    Axis 0 runs to the right, and the plane between the sides is its voxel 45: σ = flip(axis 0) maps voxels to voxels.
    With `symmetric` the head is (x + σx)/2 and each voxel takes the side that has most of it in labels and mirrored
    labels together, none where the two are level (so on the plane itself): σx = x and σy = y with left and right
    exchanged, to the last bit.
    """
    folder = cached("colin27-mirrored" if symmetric else "colin27-sides", DIGESTS, KEPT)
    head, atlas = (read_nifti(folder / f"{kind}.nii.gz").values[0, 0].numpy() for kind in ("ch2", "aal"))
    if head.shape != atlas.shape:
        given = f"a head of {head.shape} beside an atlas of {atlas.shape}"
        raise DataError(given, "one grid", "Fetch the data again.")
    of_code = sides((folder / "aal.nii.txt").read_text(encoding="utf-8"))
    if int(atlas.max()) >= len(of_code):
        raise DataError(f"the code {int(atlas.max())} in the atlas", "a code with a name", "Fetch the data again.")
    x, parts = halved(head) / 255, shares(of_code[atlas.astype(int)], len(SIDES))
    x, y = mirrored(x, parts) if symmetric else (x, parts.argmax(0))
    return torch.from_numpy(x.astype(np.float32))[None, None], torch.from_numpy(y.astype(np.int64))[None]


def fetch_colin27() -> Path:
    """Fetch colin27 and AAL into the cache with Debian's clients, checked; returns the folder."""
    folder = cache_folder() / KEPT
    instead = f"On Debian run `apt-get update` first; elsewhere place {', '.join(DIGESTS)} of {DEBIAN} in {folder}."

    def download(scratch: Path) -> Path:
        return from_debian(DEBIAN, scratch, instead) / "usr" / "share" / "mricron" / "templates"

    fill(folder, DIGESTS, download)
    return folder


def sides(table: str) -> np.ndarray:
    """Code ↦ 1 where the structure's name ends in _L, 2 in _R, else 0; from lines "code name number".

    >>> sides("1 Amygdala_L 4201\\r\\n2 Amygdala_R 4202\\r\\n3 Vermis_3 9110\\r\\n\\r\\n").tolist()
    [0, 1, 2, 0]
    """
    named = [line.split() for line in table.splitlines() if line.strip()]
    found = np.zeros(max(int(words[0]) for words in named) + 1, dtype=np.int64)
    for words in named:
        found[int(words[0])] = {"L": 1, "R": 2}.get(words[1].rpartition("_")[2], 0)
    return found


def mirrored(x: np.ndarray, parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(x + σx)/2 and the labels of (p + σp)/2, σ the flip of axis 0 that exchanges left and right.

    >>> x, y = mirrored(np.array([1.0, 2, 5]), np.array([[0.0, 1, 0.5], [1, 0, 0], [0, 0, 0.5]]))
    >>> x.tolist(), y.tolist()
    ([3.0, 2.0, 3.0], [1, 0, 2])
    """
    left = (parts[1] + parts[2][::-1]) / 2
    right = left[::-1]
    other = 1 - left - right
    side = np.where(left > right, 1, 2)
    return (x + x[::-1]) / 2, np.where((left != right) & (np.maximum(left, right) > other), side, 0)
