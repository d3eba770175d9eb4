"""Real cell nuclei under the microscope, with a mask: one picture, cut into tiles that are split in space."""

from pathlib import Path

import numpy as np
import torch

from erlangen.data.cache import cache_folder, cached, fill, from_wheel
from erlangen.data.dataset import DataSet, TensorPair
from erlangen.errors import DataError

WHEEL, KEPT = "stardist==0.9.2", "stardist"
WHEEL_ARCHIVE = "2316c0feb7bd5621e7a277cb3868df475c338943c591925c420ee3622c42f023"
WHEEL_OPTIONS = ("--python-version", "3.11", "--platform", "manylinux_2_28_x86_64")  # any serves: only data are read
DIGESTS = {
    "img2d.tif": "f9ccc1571b92c861ff87e28463068b43f61bd47357ed0503f711e5cd1eb97750",
    "mask2d.tif": "59ad5e820b7982ca9d13e946fa6e7f64e2714899e00a2ae6c69aa79aad53d46f",
}
TILE = 64
LOW, HIGH = 1.0, 99.8  # percentiles that become 0 and 1
HELD_OUT_ROWS = 2  # rows of tiles at the foot of the left half that are for validation


def nuclei(borders: bool = False) -> DataSet[TensorPair]:
    """512 × 512 pixels, 125 nuclei, in tiles of 64 × 64: 24 to learn from and 8 for validation left, 32 to test right.

    One picture, split in space: no tile overlaps another, and the two halves share nothing but a line and the nuclei
    that lie across it. Brightness is scaled by x = (v − q₁) / (q₉₉.₈ − q₁), percentiles of the left half alone.
    Classes: background and nucleus; with `borders` background, inside and border, the latter being those pixels of a
    nucleus that touch, by side or corner, one that is not of it. What is learnt here says nothing of other microscopes.

    Licence BSD-3-Clause (the wheel of stardist); the picture is from the Data Science Bowl 2018, stage 1, BBBC038v1.
    J. Caicedo et al. 2019, doi:10.1038/s41592-019-0612-7; U. Schmidt et al. 2018, arXiv:1806.03535.
    """
    folder = cached("nuclei-borders" if borders else "nuclei", DIGESTS, KEPT)
    picture, instances = (read_grey(folder / name) for name in ("img2d.tif", "mask2d.tif"))
    half = picture.shape[1] // 2
    x = scaled(picture.astype(np.float32), picture[:, :half])
    y = inside_and_border(instances) if borders else (instances > 0).astype(np.int64)
    left, right = (tiles(x[:, part], y[:, part], TILE) for part in (slice(half), slice(half, None)))
    held_out = HELD_OUT_ROWS * (half // TILE)
    return DataSet(
        left.take(list(range(len(left) - held_out))),
        left.take(list(range(len(left) - held_out, len(left)))),
        right,
        ("background", "inside", "border") if borders else ("background", "nucleus"),
        "nuclei-borders" if borders else "nuclei",
        "BSD-3-Clause (the package)",
        f"PyPI {WHEEL}, stardist/data/images",
        "J. Caicedo et al., Nature Methods 16, 2019, doi:10.1038/s41592-019-0612-7; "
        "U. Schmidt et al., MICCAI 2018, arXiv:1806.03535",
        "brightness, 0 and 1 at percentiles 1 and 99.8 of the left half",
    )


def fetch_nuclei() -> Path:
    """Fetch stardist's example picture and its mask into the cache with pip, checked; returns the folder."""
    folder = cache_folder() / KEPT
    instead = f"Place img2d.tif and mask2d.tif of the wheel {WHEEL} (stardist/data/images) in {folder}."

    def download(scratch: Path) -> Path:
        unpacked = from_wheel(WHEEL, WHEEL_OPTIONS, WHEEL_ARCHIVE, scratch, instead)
        return unpacked / "stardist" / "data" / "images"

    fill(folder, DIGESTS, download)
    return folder


def read_grey(path: Path) -> np.ndarray:
    """A grey picture as it lies in its file [row, column], not scaled; DataError where it is none."""
    from PIL import Image

    try:
        with Image.open(path) as opened:
            values = np.asarray(opened)
    except Exception:  # each plugin of PIL says in its own way that a file is damaged
        raise DataError(f"{path}, which is no readable picture", "a grey picture", "Fetch the data again.") from None
    if values.ndim != 2:
        raise DataError(f"{path} of shape {values.shape}", "a grey picture", "Fetch the data again.")
    return values


def scaled(values: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """(v − q₁) / (q₉₉.₈ − q₁), the percentiles q those of `reference`: few very bright or dark values do not set them.

    >>> scaled(np.array([0.0, 50.0]), np.arange(101.0)).tolist()  # q₁ = 1, q₉₉.₈ = 99.8
    [-0.01..., 0.49...]
    """
    low, high = (float(q) for q in np.percentile(reference, [LOW, HIGH]))
    if high <= low:
        raise DataError("a picture of one brightness", "one with something on it", "Fetch the data again.")
    return ((values - low) / (high - low)).astype(np.float32)


def inside_and_border(instances: np.ndarray) -> np.ndarray:
    """0 where there is no instance, 2 where one of the eight neighbours is of another or of none, else 1.

    >>> inside_and_border(np.pad(np.ones((3, 3), int), 1))[2].tolist()
    [0, 2, 1, 2, 0]
    """
    around = np.pad(instances, 1, mode="edge")
    rows, columns = instances.shape
    shifted = [around[i : i + rows, j : j + columns] for i in range(3) for j in range(3)]
    alone = np.all([neighbour == instances for neighbour in shifted], axis=0)
    return np.where(instances == 0, 0, np.where(alone, 1, 2))


def tiles(x: np.ndarray, y: np.ndarray, size: int) -> TensorPair:
    """Squares of `size` that lie side by side, row after row; what is left over at the right and the foot is left out.

    >>> tiles(np.zeros((5, 4), np.float32), np.zeros((5, 4), int), 2).targets.shape
    torch.Size([4, 2, 2])
    """
    corners = [(i, j) for i in range(0, x.shape[0] - size + 1, size) for j in range(0, x.shape[1] - size + 1, size)]
    cut = [[a[i : i + size, j : j + size] for i, j in corners] for a in (x, y)]
    inputs, targets = (torch.from_numpy(np.stack(squares)) for squares in cut)
    return TensorPair(inputs.float()[:, None], targets.long())
