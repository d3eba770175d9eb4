"""Handwritten digits on the sphere, upright at its north pole (NR) or each turned at random (R)."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from erlangen.data import images
from erlangen.data.dataset import DataSet, TensorPair
from erlangen.domains import Sphere

SEED = 1801
SIZE = (30, 60)  # latitudes × longitudes, which hold degrees up to 29
HALF_SIDE = 0.75  # of the picture, where the equator's image has radius 1
AT_ONCE = 1024


def spherical_digits(
    train: str = "NR", test: str = "NR", validation: float = 0.15, seed: int = 0
) -> DataSet[TensorPair]:
    """xᵢ(u) = zᵢ(p(Rᵢ⁻¹u)), p(x, y, z) = (z, x)/(1 + y) from the north to the plane, zero in the south; 30 × 60 points.

    NR: R = 1, the digit at the north pole, its foot towards longitude 0, as seen from outside; R: each has a rotation
    of its own, uniform in SO(3) and drawn by a fixed seed. The four sides of the picture lie at 0.75 of the equator's
    distance, bilinear between pixels: the protocol of Cohen et al., who drew one rotation for each 500 digits and
    sampled 60 × 60 points for the same degrees. Validation comes off the training part, and is turned like it.

    Licence of MNIST as `mnist` says it. T. Cohen, M. Geiger, J. Köhler, M. Welling 2018, arXiv:1801.10130; C. Esteves,
    C. Allen-Blanchette, A. Makadia, K. Daniilidis 2018, arXiv:1711.06721.
    """
    flat = images.mnist(validation, seed)
    turned = {"train": train, "validation": train, "test": test}
    parts = (
        TensorPair(on_sphere(pair.inputs, _rotations(len(pair), number, turned[part])), pair.targets)
        for number, (part, pair) in enumerate(flat.parts.items())
    )
    return DataSet(
        *parts,
        classes=images.DIGITS,
        name="spherical-digits" if (train, test) == ("NR", "NR") else f"spherical-digits-{train}-{test}".lower(),
        licence=flat.licence,
        source=f"made from {flat.source}, turned by seed {SEED}",
        citation="Protocol: T. Cohen, M. Geiger, J. Köhler, M. Welling, Spherical CNNs, 2018, arXiv:1801.10130; "
        "digits: Y. LeCun et al. 1998",
        units=images.GREY,
    )


def on_sphere(pictures: Tensor, rotations: Tensor | None = None, size: tuple[int, int] = SIZE) -> Tensor:
    """Pictures `[n, c, row, column]` at the north pole, then turned by `rotations` `[n, 3, 3]`: `[n, c, *size]`.

    Every value is read where its own point came from, so that nothing is interpolated twice.

    >>> on_sphere(torch.ones(2, 1, 28, 28)).amax(-1)[0, 0, [0, -1]].tolist()
    [1.0, 0.0]
    """
    points = torch.as_tensor(Sphere().points(size), dtype=torch.float32)
    if rotations is None:
        rotations = torch.eye(3).expand(len(pictures), 3, 3)
    pairs = zip(pictures.split(AT_ONCE), rotations.split(AT_ONCE), strict=True)
    return torch.cat([_read(some, torch.einsum("tpi,nij->ntpj", points, turns.float())) for some, turns in pairs])


def random_rotations(n: int, *seed: int) -> Tensor:
    """n rotations of space, uniform, `[n, 3, 3]`: from quaternions uniform on their sphere. Equal seeds, equal ones.

    >>> R = random_rotations(5, 0)
    >>> bool(torch.allclose(R @ R.mT, torch.eye(3).double())), bool((torch.linalg.det(R) > 0).all())
    (True, True)

    K. Shoemake 1992, Uniform random rotations, Graphics Gems III.
    """
    q = np.random.default_rng(seed).standard_normal((n, 4))
    w, x, y, z = (q / np.linalg.norm(q, axis=1, keepdims=True)).T
    rows = (
        (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    )
    return torch.from_numpy(np.stack([np.stack(row, -1) for row in rows], -2))


def _rotations(n: int, part: int, which: str) -> Tensor | None:
    return random_rotations(n, SEED, part) if which == "R" else None


def _read(pictures: Tensor, points: Tensor) -> Tensor:
    """The pictures at points (x, y, z), `[n, latitude, longitude, 3]`, of the unturned sphere."""
    x, y, z = points.unbind(-1)
    places = torch.stack([x, z], -1) / (1 + y).clamp_min(1e-3)[..., None] / HALF_SIDE  # column, then row, in −1 … 1
    read = F.grid_sample(pictures, places, padding_mode="zeros", align_corners=False)
    return read * (y > 0)[:, None]
