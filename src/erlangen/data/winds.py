"""Monthly winds of the whole Earth, 1982–1992: a field of tangent vectors on the sphere, and the relief below it."""

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from erlangen.data.cache import cache_folder, cached, fill, from_debian
from erlangen.data.dataset import DataSet, TensorPair
from erlangen.data.quantity import Quantity
from erlangen.domains import Sphere
from erlangen.errors import DataError

DEBIAN, KEPT = "ferret-datasets", "winds"
LICENCE = "public domain (NOAA, Ferret licence agreement)"
DIGESTS = {
    "monthly_navy_winds.cdf": "225a9e4fed7bb1a7b558afb662abbe2dc5e3d3db4100fa019cb994f10b115faa",
    "etopo20.cdf": "ba27cb2fa5f2f2b2c76e5a576f0a291fd11ebb3da99ed9b466150c0a064a1db4",
}
FIRST_YEAR, MONTHS = 1982, 12
YEARS = {"train": (1982, 1988), "validation": (1989, 1990), "test": (1991, 1992)}
STEP = 2  # of the 73 circles of latitude and 144 meridians every second one: 5°
CELL, NEAR = 2.5, 1e-3  # degrees from a point of the coarse grid to the border of its cell, and on it


def monthly_winds(step: int = STEP) -> Tensor:
    """Mean winds of 132 months in m/s, `[month, (east, north), latitude, longitude]`, on `er.Sphere("poles")`.

    Row 0 is the north pole, column 0 longitude 0, columns run eastward. Every `step`-th of the 73 circles and 144
    meridians is taken as it is, so nothing is interpolated. The file's rows at the poles are no vectors, the same
    components in every frame; each is replaced by the mean of the vectors on the circle 2.5° from it, in the frames
    there: a cos φ + b sin φ.
    """
    folder = cached("winds", DIGESTS, KEPT)
    found = _read(folder / "monthly_navy_winds.cdf", "UWND", "VWND", "FNOCY", "FNOCX")
    values = northward(np.stack(found[:2], axis=1), found[2], found[3])
    values[:, :, 0], values[:, :, -1] = at_pole(values[:, :, 1], 1), at_pole(values[:, :, -2], -1)
    return torch.from_numpy(values[:, :, ::step, ::step].astype(np.float32))


def relief() -> Tensor:
    """Share of land, and mean height of the surface above the sea in km, `[(land, height), 37, 72]`, in cells of 5°.

    Cells about the points of `monthly_winds()`; at a pole the whole cap of 2.5°. ETOPO at 20 minutes of arc.
    """
    folder = cached("winds", DIGESTS, KEPT)
    height, latitude, longitude = _read(folder / "etopo20.cdf", "ROSE", "ETOPO20Y", "ETOPO20X1_1081")
    height, longitude = height[:, :-1], longitude[:-1]  # its last column is the first once more
    height = northward(height, latitude, longitude)
    theta, phi = np.sort(90 - latitude), np.sort(longitude % 360)
    means = np.stack([_means(part, theta, phi) for part in (height > 0, np.maximum(height, 0) / 1000)])
    means[:, [0, -1]] = means[:, [0, -1]].mean(-1, keepdims=True)
    return torch.from_numpy(means.astype(np.float32))


def winds(name: str = "winds") -> DataSet[TensorPair]:
    """This month's wind ↦ how it changes until the next, in m/s, over the whole Earth: 83 + 24 + 24 months, by year.

    Inputs `[n, 6, 37, 72]` on `er.Sphere("poles")`: east and north; land and height as `relief` has them; cosine and
    sine of 2π (month asked for)/12, the same everywhere. "winds-with-axis" has before the season the sine of latitude,
    y, and the eastward vector e_y × u of length cos(latitude), `[n, 9, 37, 72]`: the axis, for a network that has no
    sense of direction of its own. "winds-alone" has wind and season only, `[n, 4, 37, 72]`. Targets `[n, 2, 37, 72]`:
    east and north of next month's wind less this month's, so that a forecast is this month's wind and the answer, and
    as far off as it.

    Years 1982–1988 are learnt from, 1989–1990 choose, 1991–1992 test; the first month of a part is asked for from the
    last of the part before. References on the test part: "persistence", that the wind stays as it is; "climatology",
    that it becomes the mean of that calendar month in the training years. The Earth is one planet, so nothing is
    known of how it would be turned. U.S. Navy (FNOC) monthly winds; ETOPO; as Ferret's example data.
    """
    values = monthly_winds()
    months = torch.arange(len(values))
    size = values.shape[-2:]
    told_of = {"winds": [relief], "winds-with-axis": [relief, lambda: _axis(size)], "winds-alone": []}
    still = torch.cat([torch.zeros(0, *size), *(told() for told in told_of[name])])
    season = 2 * np.pi * (months % MONTHS) / MONTHS
    told = torch.stack([season.cos(), season.sin()], dim=1)[:, :, None, None].expand(-1, -1, *values.shape[-2:])
    parts, asked = [], {}
    for part, (first, last) in YEARS.items():
        asked[part] = months[(months // MONTHS >= first - FIRST_YEAR) & (months // MONTHS <= last - FIRST_YEAR)]
        asked[part] = asked[part][asked[part] > 0]
        at = asked[part]
        inputs = torch.cat([values[at - 1], still.expand(len(at), *still.shape), told[at]], dim=1)
        parts.append(TensorPair(inputs, values[at] - values[at - 1]))
    known = values[: MONTHS * (YEARS["train"][1] - FIRST_YEAR + 1)]
    mean = known.unflatten(0, (-1, MONTHS)).mean(0)
    return DataSet(
        *parts,
        classes=(),
        name=name,
        licence=LICENCE,
        source=f"Debian {DEBIAN}, usr/share/ferret-vis/data",
        citation="U.S. Navy Fleet Numerical Oceanography Center, monthly winds 1982–1992; NGDC, ETOPO5; with NOAA's "
        "Ferret",
        units="m/s; share; km",
        quantity=Quantity("change of the wind", "m/s"),
        references={
            "persistence": torch.zeros_like(values[asked["test"]]),
            "climatology": mean[asked["test"] % MONTHS] - values[asked["test"] - 1],
        },
    )


def fetch_winds() -> Path:
    """Fetch winds and relief into the cache with Debian's clients, checked; returns the folder."""
    folder = cache_folder() / KEPT
    instead = f"On Debian run `apt-get update` first; elsewhere place {', '.join(DIGESTS)} of {DEBIAN} in {folder}."

    def download(scratch: Path) -> Path:
        return from_debian(DEBIAN, scratch, instead) / "usr" / "share" / "ferret-vis" / "data"

    fill(folder, DIGESTS, download)
    return folder


def northward(values: np.ndarray, latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
    """`[…, latitude, longitude]` with the northernmost row first, and columns from the first at or east of 0°.

    >>> northward(np.array([[1, 2], [3, 4]]), np.array([-45.0, 45]), np.array([180.0, 360])).tolist()
    [[4, 3], [2, 1]]
    """
    values = values[..., np.argsort(-latitude), :]
    return values[..., np.argsort(longitude % 360)].copy()


def at_pole(circle: np.ndarray, side: int) -> np.ndarray:
    """The mean of the vectors `[…, (east, north), longitude]` on a small circle about a pole, in the frames there.

    `side` is 1 at the north pole, where frames turn with longitude by −φ in the plane seen from outside, −1 at the
    south pole.

    >>> phi = 2 * np.pi * np.arange(8) / 8
    >>> flow = np.stack([np.cos(phi), -np.sin(phi)])  # over the pole, the same vector everywhere
    >>> bool(np.allclose(at_pole(flow, 1), flow)), bool(np.allclose(at_pole(flow, -1), 0))
    (True, True)
    """
    n = circle.shape[-1]
    frames = np.exp(1j * side * 2 * np.pi * np.arange(n) / n)
    mean = ((circle[..., 0, :] + 1j * circle[..., 1, :]) * frames).mean(-1, keepdims=True) * frames.conj()
    return np.stack([mean.real, mean.imag], axis=-2)


def _axis(size: Any) -> Tensor:
    """y and e_y × u, eastward of length cos(latitude): (height, east, north), `[3, *size]`; smooth at the poles."""
    theta = torch.as_tensor(Sphere("poles").colatitudes(size[0]), dtype=torch.float32)[:, None].expand(*size)
    return torch.stack([theta.cos(), theta.sin(), torch.zeros_like(theta)])


def _means(values: np.ndarray, theta: np.ndarray, phi: np.ndarray) -> np.ndarray:
    """The mean of each cell of 5°, by area; what lies on a border belongs to both sides by halves."""
    total, mass = np.zeros((37, 72)), np.zeros((37, 72))
    area = np.broadcast_to(np.sin(np.deg2rad(theta))[:, None], values.shape)
    for down, right in product((-NEAR, NEAR), repeat=2):
        rows = np.clip((theta + CELL + down) // (2 * CELL), 0, 36).astype(int)
        columns = ((phi + CELL + right) // (2 * CELL)).astype(int) % 72
        places = np.broadcast_arrays(rows[:, None], columns[None, :])
        np.add.at(total, places, values * area)
        np.add.at(mass, places, area)
    return total / mass


def _read(path: Path, *names: str) -> list[np.ndarray]:
    """Variables of a netCDF file, in float64; a value that is missing is a DataError."""
    from scipy.io import netcdf_file

    with netcdf_file(path, mmap=False) as file:
        found = {name: file.variables[name] for name in names}
        values = [found[name][:].astype(np.float64) for name in names]
        missing = [getattr(found[name], "missing_value", None) for name in names]
    for name, value, absent in zip(names, values, missing, strict=True):
        if not np.isfinite(value).all() or (absent is not None and (value == absent).any()):
            raise DataError(f"{name} in {path} with missing values", "a value at every point", "Fetch the data again.")
    return values
