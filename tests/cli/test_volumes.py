"""A folder of NIfTI volumes from the command line: shown, trained on, audited, answered as a label map."""

from pathlib import Path

import numpy as np
import pytest

from erlangen.cli import main
from erlangen.data import read_nifti, write_nifti
from tests.train.small import files_in

AFFINE = np.array([[-1.0, 0, 0, 90], [0, 1, 0, -20], [0, 0, 5, 3], [0, 0, 0, 1]])
RUN = """
[task]
domain = "Grid(3, spacing=(1.0, 1.0, 5.0))"
symmetry = "D(4) * Mirror()"
input = 1
output = "Equivariant(2)"
[data]
source = "heads"
[network]
width = 16
depth = 1
scales = 2
[train]
seeds = [0]
models = ["derived"]
epochs = 1
batch_size = 4
threads = 1
"""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Volumes stored with axis 0 to the left, labels of the code 17, and a run on them."""
    place = tmp_path_factory.mktemp("volumes")
    rng = np.random.default_rng(0)
    for kind in ("images", "labels"):
        (place / "heads" / kind).mkdir(parents=True)
    for i in range(8):
        labels = np.zeros((8, 8, 5), int)
        labels[1:4, 2:6, 1:4] = 17
        write_nifti(place / f"heads/images/p{i}.nii.gz", labels / 17 + rng.normal(0, 0.2, labels.shape), AFFINE)
        write_nifti(place / f"heads/labels/p{i}.nii.gz", labels, AFFINE)
    (place / "mine.toml").write_text(RUN)
    assert main(["train", str(place / "mine.toml"), "--out", str(place / "run")]) == 0
    return place


def test_what_is_in_the_folder_is_shown(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "show", str(here / "heads")]) == 0
    shown = capsys.readouterr().out
    assert "8 × 8 × 5" in shown and "17" in shown


def test_a_volume_is_answered_by_a_label_map_that_lies_over_it(here: Path, tmp_path: Path) -> None:
    run, volume = str(here / "run"), str(here / "heads/images/p3.nii.gz")
    assert main(["predict", run, volume, "--out", str(tmp_path / "said.nii.gz")]) == 0
    assert main(["predict", run, volume, "--out", str(tmp_path / "said.npz")]) == 0
    said, asked = read_nifti(tmp_path / "said.nii.gz"), read_nifti(volume)
    labels = np.load(tmp_path / "said.npz")["label"][0]
    assert np.array_equal(said.values[0, 0].numpy(), 17.0 * labels)
    assert said.spacing == asked.spacing and np.allclose(said.affine, asked.affine)


def test_a_folder_is_audited_and_answered_in_arrays(here: Path, tmp_path: Path) -> None:
    run, folder = str(here / "run"), str(here / "heads")
    assert main(["audit", run, "--inputs", folder]) == 0
    assert main(["predict", run, folder, "--out", str(tmp_path / "all.npz")]) == 0
    assert np.load(tmp_path / "all.npz")["input"].tolist() == [f"p{i}.nii.gz" for i in range(8)]


@pytest.mark.parametrize(
    ("inputs", "out", "said"),
    [
        ("heads", "all.nii.gz", "one NIfTI volume to answer"),
        ("heads/images/p3.nii.gz", "all.gz", "ends in .csv or .npz, or .nii.gz"),
        ("heads/images/p3.nii.gz", "all.csv", "an answer at every point"),
        ("even.nii", "all.npz", "whose voxels are 1 × 1 × 1"),
        ("x.npz", "all.nii.gz", "one NIfTI volume to answer"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_written(
    here: Path, tmp_path: Path, inputs: str, out: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_nifti(here / "even.nii", np.zeros((8, 8, 5)), np.eye(4))
    np.savez(here / "x.npz", x=np.zeros((1, 1, 8, 8, 5)))
    assert main(["predict", str(here / "run"), str(here / inputs), "--out", str(tmp_path / out)]) == 2
    captured = capsys.readouterr().err
    assert said in captured and len(captured.splitlines()) == 1
    assert files_in(tmp_path) == set()
