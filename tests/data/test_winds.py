"""Winds and relief: which way is which, poles that are vectors, parts by year, from small files of the same form."""

from pathlib import Path

import numpy as np
import pytest
import torch

from erlangen.data import load, winds
from erlangen.data.cache import sha256
from erlangen.data.winds import at_pole, monthly_winds, northward, relief
from erlangen.domains import Sphere
from erlangen.errors import DataError
from tests.data.test_catalogue import cache as cache  # a fixture


def write(path: Path, **variables: tuple[tuple[str, ...], np.ndarray]) -> None:
    """A netCDF file, big-endian as the real ones."""
    from scipy.io import netcdf_file

    with netcdf_file(path, "w") as file:
        for names, values in variables.values():
            for name, size in zip(names, values.shape, strict=True):
                if name not in file.dimensions:
                    file.createDimension(name, size)
        for name, (names, values) in variables.items():
            held = file.createVariable(name, ">f4", names)
            held[:] = values
            held.missing_value = np.float32(-99.9)


@pytest.fixture
def small(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """East of month t: t + latitude/100, north: longitude; nonsense at the poles. Land: 30° E to 120° E, north."""
    folder = cache / winds.KEPT
    folder.mkdir(parents=True)
    latitude, longitude = np.linspace(-90, 90, 73), 20 + 2.5 * np.arange(144)
    east = np.arange(132)[:, None, None] + latitude[:, None] / 100 + 0 * longitude
    north = np.broadcast_to(longitude % 360, east.shape).copy()
    east[:, [0, -1]], north[:, [0, -1]] = 77, 77
    axes = ("TIME", "FNOCY", "FNOCX")
    write(
        folder / "monthly_navy_winds.cdf",
        UWND=(axes, east),
        VWND=(axes, north),
        FNOCY=(axes[1:2], latitude),
        FNOCX=(axes[2:], longitude),
    )
    fine_latitude, fine_longitude = -90 + (np.arange(540) + 0.5) / 3, 20 + (np.arange(1081) + 0.5) / 3
    inside = (fine_longitude % 360 > 30) & (fine_longitude % 360 < 120)
    height = np.where((fine_latitude[:, None] > 0) & inside, 2000.0, -3000.0)
    axes = ("ETOPO20Y", "ETOPO20X1_1081")
    write(
        folder / "etopo20.cdf",
        ROSE=(axes, height),
        ETOPO20Y=(axes[:1], fine_latitude),
        ETOPO20X1_1081=(axes[1:], fine_longitude),
    )
    monkeypatch.setattr(winds, "DIGESTS", {file.name: sha256(file) for file in folder.iterdir()})
    return folder


def test_rows_go_south_and_columns_east_from_longitude_0(small: Path):
    values = monthly_winds()
    assert values.shape == (132, 2, 37, 72) and values.dtype == torch.float32
    latitude = np.linspace(90, -90, 37)
    np.testing.assert_allclose(values[3, 0, 1:-1, 5], 3 + latitude[1:-1] / 100, rtol=1e-5)
    np.testing.assert_allclose(values[3, 1, 18], np.arange(0, 360, 5), atol=1e-4)
    assert monthly_winds(1).shape == (132, 2, 73, 144)


def test_at_the_poles_stands_one_vector(small: Path):
    """Two components that follow a wave of once around, and none of the file's nonsense."""
    values = monthly_winds()[7]
    for row, side in ((0, 1), (-1, -1)):
        pole = values[:, row].double().numpy()
        np.testing.assert_allclose(at_pole(pole, side), pole, atol=1e-5)
        assert np.abs(pole).max() < 77 and pole.std() > 1


@pytest.mark.parametrize("side", [1, -1])
def test_a_flow_over_the_pole_keeps_its_direction(side: int):
    """The vector (1, 0, 0) of space, east and north of it around a pole, is at the pole what it is close by."""
    points = Sphere("poles").points((181, 12))[1 if side == 1 else -2]
    x, y, z = points.T
    east = np.stack([z, 0 * y, -x], 1) / np.hypot(x, z)[:, None]
    north = np.cross(points, east)
    near = np.stack([east[:, 0], north[:, 0]])
    np.testing.assert_allclose(at_pole(near, side), near, atol=2e-3)
    np.testing.assert_allclose(at_pole(near, -side), 0, atol=2e-3)  # the other way about nothing is left


def test_relief_is_the_mean_of_each_cell(small: Path):
    land, height = relief()
    assert land.shape == (37, 72)
    assert land[10, 12] == 1 and height[10, 12] == 2 and land[10, 40] == 0 == height[10, 40]
    assert float(land[18, 12]) == pytest.approx(0.5, abs=0.01)  # half of a cell at the equator
    assert float(land[10, 6]) == pytest.approx(0.5, abs=0.01)  # and at its western coast
    assert len(land[0].unique()) == 1 and 0 < float(land[0, 0]) < 1
    assert float(Sphere("poles").mean(land[None, None])) == pytest.approx(1 / 8, abs=0.01)


def test_parts_are_years_and_next_month_is_asked_for(small: Path):
    data, values = load("winds"), monthly_winds()
    assert [len(pair) for pair in data.parts.values()] == [83, 24, 24]
    assert torch.equal(data.train.inputs[:, :2], values[:83]) and torch.equal(
        data.train.targets, values[1:84] - values[:83]
    )
    assert torch.equal(data.test.inputs[:, :2], values[107:131]) and torch.equal(
        data.test.targets, values[108:] - values[107:131]
    )
    assert not data.references["persistence"].any()
    climatology = torch.stack([values[month:84:12].mean(0) for month in range(12)])
    forecast = data.test.inputs[:, :2] + data.references["climatology"]
    torch.testing.assert_close(forecast, climatology.repeat(2, 1, 1, 1), atol=1e-4, rtol=1e-4)
    season = data.test.inputs[:, 4:, 0, 0]
    np.testing.assert_allclose(season[0], [1, 0], atol=1e-6)  # January is asked for
    np.testing.assert_allclose(season[3], [0, 1], atol=1e-6)
    assert torch.equal(data.train.inputs[5, 2:4], relief())


def test_the_axis_is_told_by_its_height_and_by_the_turn_about_it_or_nothing_is_told(small: Path):
    told = load("winds-with-axis").train.inputs[0, 4:7]
    points = torch.as_tensor(Sphere("poles").points((37, 72))).float()
    torch.testing.assert_close(told[0], points[..., 1])
    torch.testing.assert_close(told[1], points[..., [0, 2]].norm(dim=-1), atol=1e-6, rtol=1e-5)
    assert not told[2].any()
    assert torch.equal(load("winds-alone").train.inputs, load("winds").train.inputs[:, [0, 1, 4, 5]])


def test_missing_values_are_refused(small: Path, monkeypatch: pytest.MonkeyPatch):
    axes = ("ETOPO20Y", "ETOPO20X1_1081")
    write(
        small / "etopo20.cdf",
        ROSE=(axes, np.full((2, 3), -99.9)),
        ETOPO20Y=(axes[:1], np.zeros(2)),
        ETOPO20X1_1081=(axes[1:], np.zeros(3)),
    )
    monkeypatch.setattr(winds, "DIGESTS", {file.name: sha256(file) for file in small.iterdir()})
    with pytest.raises(DataError, match="ROSE in .* missing values"):
        relief()


def test_rows_and_columns_are_put_in_order():
    held = np.arange(6).reshape(2, 3)
    assert northward(held, np.array([-1.0, 1.0]), np.array([350.0, 360.0, 370.0])).tolist() == [[4, 5, 3], [1, 2, 0]]
