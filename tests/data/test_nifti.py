"""NIfTI read and written: orientation, spacing, series, labels; and files that are not what they claim to be."""

import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from erlangen.data import read_nifti, write_nifti
from erlangen.errors import DataError


def save(path: Path, values: np.ndarray, affine: np.ndarray, unit: str = "mm") -> Path:
    image = nib.Nifti1Image(values, affine)
    image.header.set_xyzt_units(unit)
    nib.save(image, path)
    return path


def box(shape: tuple[int, ...] = (2, 3, 4)) -> np.ndarray:
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


def test_axis_0_runs_to_the_right_whatever_the_file_says(tmp_path: Path) -> None:
    """One head, stored once with axes to the right, front and head, once to the foot, left and front."""
    head, spacing = box(), (1.0, 2.0, 3.0)
    plain = read_nifti(save(tmp_path / "ras.nii", head, np.diag([*spacing, 1])))
    stored = head.transpose(2, 0, 1)[::-1, ::-1]
    affine = np.array([[0, -1, 0, 1], [0, 0, 2, 0], [-3, 0, 0, 9], [0, 0, 0, 1]], dtype=float)
    other = read_nifti(save(tmp_path / "ila.nii.gz", np.ascontiguousarray(stored), affine))
    assert torch.equal(plain.values, other.values) and plain.values.shape == (1, 1, 2, 3, 4)
    assert plain.spacing == other.spacing == spacing
    np.testing.assert_allclose(plain.affine, other.affine)
    assert plain.values[0, 0].tolist() == head.tolist()


@given(
    order=st.permutations([0, 1, 2]),
    signs=st.tuples(*[st.sampled_from([-1.0, 1.0])] * 3),
    spacing=st.tuples(*[st.sampled_from([0.5, 0.97656, 1.0, 5.0])] * 3),
)
def test_every_stored_orientation_is_read_as_one(tmp_path_factory, order, signs, spacing) -> None:
    affine = np.eye(4)
    affine[:3, :3] = np.eye(3)[list(order)].T * np.array(signs) * np.array(spacing)
    affine[:3, 3] = 7.0
    found = read_nifti(save(tmp_path_factory.mktemp("any") / "a.nii", box(), affine))
    assert found.spacing == tuple(spacing[order.index(axis)] for axis in range(3))
    corner = found.affine @ np.array([0, 0, 0, 1.0])
    value = found.values[0, 0, 0, 0, 0].item()
    index = np.argwhere(box() == value)[0]
    np.testing.assert_allclose(corner[:3], (affine @ np.array([*index, 1.0]))[:3], atol=1e-5)
    assert (np.diag(found.affine)[:3] > 0).all()


def test_a_series_has_its_times_as_channels(tmp_path: Path) -> None:
    found = read_nifti(save(tmp_path / "a.nii", box((2, 3, 4, 5)), np.eye(4)))
    assert found.values.shape == (1, 5, 2, 3, 4)
    assert found.values[0, 2].tolist() == box((2, 3, 4, 5))[..., 2].tolist()


@pytest.mark.parametrize(("unit", "spacing"), [("mm", 2.0), ("micron", 0.002), ("meter", 2000.0), ("unknown", 2.0)])
def test_spacing_is_in_millimetres(tmp_path: Path, unit: str, spacing: float) -> None:
    assert read_nifti(save(tmp_path / "a.nii", box(), np.diag([2, 2, 2, 1.0]), unit)).spacing == (spacing,) * 3


def test_an_oblique_volume_keeps_its_spacing(tmp_path: Path) -> None:
    turn, affine = np.deg2rad(20), np.eye(4)
    affine[:2, :2] = [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
    affine[:3, :3] = affine[:3, :3] @ np.diag([0.9375, 0.9375, 5])
    assert read_nifti(save(tmp_path / "a.nii", box(), affine)).spacing == (0.9375, 0.9375, 5.0)


def test_a_file_without_orientation_is_taken_as_it_lies(tmp_path: Path) -> None:
    image = nib.Nifti1Image(box(), None)
    image.header.set_zooms((1, 2, 5))
    image.set_sform(None, 0)
    image.set_qform(None, 0)
    nib.save(image, tmp_path / "a.nii")
    found = read_nifti(tmp_path / "a.nii")
    assert found.spacing == (1.0, 2.0, 5.0)
    assert found.values[0, 0].tolist() == box().tolist()


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    affine = np.array([[1, 0, 0, -90], [0, 1, 0, -125], [0, 0, 5, -71], [0, 0, 0, 1]], dtype=float)
    for values in (torch.randn(4, 5, 6), torch.randn(1, 3, 4, 5, 6), torch.randint(0, 117, (4, 5, 6))):
        found = read_nifti(write_nifti(tmp_path / "a.nii.gz", values, affine))
        assert torch.equal(found.values.flatten(0, -4), values.float().reshape(-1, 4, 5, 6))
        assert found.spacing == (1.0, 1.0, 5.0)
        np.testing.assert_allclose(found.affine, affine)
    assert nib.load(tmp_path / "a.nii.gz").get_data_dtype() == np.uint8  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a, m: (np.where(a == 5, np.nan, a), m), r"nan at voxel \(0, 1, 1\) of .*a\.nii \(1 values"),
        (lambda a, m: (a, m + np.eye(4)[[0, 0, 0, 0]] * 0 + np.outer([1, 0, 0, 0], [0, 0.1, 0, 0])), "skewed axes"),
        (lambda a, m: (a[0], m), "three axes of space"),
        (lambda a, m: (np.stack([np.stack([a] * 2, -1)] * 2, -1), m), "three axes of space"),
    ],
)
def test_volumes_that_cannot_be_used_are_refused_by_name(tmp_path: Path, change, message: str) -> None:
    values, affine = change(box(), np.eye(4))
    with pytest.raises(DataError, match=message):
        read_nifti(save(tmp_path / "a.nii", values, affine))


def test_missing_and_damaged_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="none.nii.gz, which does not exist"):
        read_nifti(tmp_path / "none.nii.gz")
    whole = save(tmp_path / "a.nii.gz", box((9, 9, 9)), np.eye(4)).read_bytes()
    for content in (b"", b"no volume", whole[: len(whole) // 2]):
        (tmp_path / "a.nii.gz").write_bytes(content)
        with pytest.raises(DataError, match="a.nii.gz, which cannot be read"):
            read_nifti(tmp_path / "a.nii.gz")


@pytest.mark.parametrize(
    ("name", "values", "affine", "message"),
    [
        ("a.png", np.zeros((2, 2, 2)), np.eye(4), "a name that ends in .nii"),
        ("a.nii", np.zeros((2, 2)), np.eye(4), r"shape \(2, 2\)"),
        ("a.nii", np.zeros((2, 2, 2)), np.eye(3), "4 × 4 numbers"),
        ("a.nii", np.full((2, 2, 2), 2**40), np.eye(4), "labels below 2³¹"),
    ],
)
def test_what_cannot_be_written_is_refused(tmp_path: Path, name, values, affine, message: str) -> None:
    with pytest.raises(DataError, match=message):
        write_nifti(tmp_path / name, values, affine)
    assert list(tmp_path.iterdir()) == []


def test_without_nibabel_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nibabel", None)
    with pytest.raises(DataError, match=r"without nibabel.*erlangen\[volumes\]"):
        read_nifti(tmp_path / "a.nii")
