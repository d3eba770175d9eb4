"""A folder of volumes with label maps: paired by name, on one grid, with its spacing; or refused by file name."""

from pathlib import Path

import numpy as np
import pytest
import torch

from erlangen.data import load, read_volumes, write_nifti
from erlangen.errors import DataError

AFFINE = np.diag([1.0, 1.0, 5.0, 1.0])


def volumes(root: Path, n: int = 6, shape: tuple[int, int, int] = (5, 6, 4), codes: tuple[int, ...] = (0, 7)) -> Path:
    rng = np.random.default_rng(0)
    (root / "labels").mkdir(parents=True)
    (root / "images").mkdir()
    for i in range(n):
        labels = np.asarray(codes)[rng.integers(0, len(codes), shape)]
        labels[0, 0, : len(codes)] = codes
        write_nifti(root / "images" / f"head{i}.nii.gz", (labels + rng.normal(0, 0.1, shape)).astype("f4"), AFFINE)
        write_nifti(root / "labels" / f"head{i}.nii.gz", labels, AFFINE)
    return root


def test_images_and_labels_are_paired_by_name(tmp_path: Path) -> None:
    data = load(volumes(tmp_path / "heads"), seed=1)
    assert [len(pair) for pair in data.parts.values()] == [3, 1, 2]
    assert (data.size, data.channels, data.spacing, data.classes) == ((5, 6, 4), 1, (1.0, 1.0, 5.0), ("0", "7"))
    for pair in data.parts.values():
        assert torch.equal(pair.targets, (pair.inputs[:, 0] > 3.5).long())


def test_images_may_lie_beside_the_labels_and_bring_their_split(tmp_path: Path) -> None:
    for part, n in (("train", 4), ("test", 2)):
        root = volumes(tmp_path / part, n)
        for file in (root / "images").iterdir():
            file.rename(root / file.name)
        (root / "images").rmdir()
    data = load(tmp_path, validation=0.25)
    assert [len(pair) for pair in data.parts.values()] == [3, 1, 2]
    assert data.spacing == (1.0, 1.0, 5.0)


def test_volumes_alone_are_read_with_their_names_and_affines(tmp_path: Path) -> None:
    found = read_volumes(volumes(tmp_path))
    assert [file.name for file in found.files] == [f"head{i}.nii.gz" for i in range(6)]
    assert found.inputs.shape == (6, 1, 5, 6, 4) and found.spacing == (1.0, 1.0, 5.0)
    assert all((affine == AFFINE).all() for affine in found.affines)
    assert torch.equal(read_volumes(found.files[2]).inputs[0], found.inputs[2])


def rewrite(kind: str, values: np.ndarray, affine: np.ndarray = AFFINE):
    def change(root: Path) -> None:
        write_nifti(root / kind / "head3.nii.gz", values, affine)

    return change


SHIFTED = AFFINE + np.outer([1, 0, 0, 0], [0, 0, 0, 0.5])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda root: (root / "labels" / "head3.nii.gz").unlink(), r"head3.nii.gz without labels in .*labels"),
        (rewrite("labels", np.zeros((5, 6, 5), int)), r"labels.head3.nii.gz of shape \(1, 5, 6, 5\).*images.head3"),
        (rewrite("labels", np.zeros((5, 6, 4), int), SHIFTED), "labels.head3.nii.gz, whose affine differs .* by 0.5"),
        (rewrite("labels", np.full((5, 6, 4), 0.5)), "head3.nii.gz with values such as 0.5.*nearest"),
        (rewrite("images", np.full((5, 6, 4), np.nan)), r"nan at voxel \(0, 0, 0\) of .*head3.nii.gz"),
        (rewrite("images", np.zeros((5, 6, 9))), "head3.nii.gz of shape .* beside .*head0.nii.gz"),
        (rewrite("images", np.zeros((5, 6, 4)), np.eye(4)), "1 × 1 × 1 mm beside .* 1 × 1 × 5 mm"),
    ],
)
def test_pairs_that_do_not_fit_are_refused_by_name(tmp_path: Path, change, message: str) -> None:
    root = volumes(tmp_path)
    change(root)
    with pytest.raises(DataError, match=message):
        load(root)


def test_label_maps_with_one_or_too_many_codes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="1 different labels"):
        load(volumes(tmp_path / "one", codes=(3,)))
    root = volumes(tmp_path / "many", shape=(9, 9, 9))
    rewrite("labels", np.arange(729).reshape(9, 9, 9))(root)
    with pytest.raises(DataError, match="2 to 256 different labels"):
        load(root)


def test_a_split_needs_a_test_part_and_a_folder_volumes(tmp_path: Path) -> None:
    volumes(tmp_path / "train")
    with pytest.raises(DataError, match="Add a folder `test`"):
        load(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="without a NIfTI file"):
        read_volumes(tmp_path / "empty")
