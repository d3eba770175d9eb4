"""The user's own arrays and pictures: read, split, or refused with the mend."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from erlangen.data import TensorPair, load, read_inputs, read_pictures
from erlangen.errors import DataError


def save(path: Path, **arrays: np.ndarray) -> Path:
    np.savez(path, **arrays)  # pyright: ignore[reportArgumentType]
    return path


def pictures(root: Path, classes: dict[str, int], size: tuple[int, int] = (6, 5), mode: str = "L") -> Path:
    rng = np.random.default_rng(0)
    for name, count in classes.items():
        (root / name).mkdir(parents=True)
        for i in range(count):
            shape = size if mode == "L" else (*size, 3)
            Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8)).save(root / name / f"{i}.png")
    return root


# ---- .npz


def test_bytes_are_scaled_and_floats_are_kept(tmp_path: Path) -> None:
    y = np.arange(12) % 3
    scaled = load(save(tmp_path / "a.npz", x=np.full((12, 4, 4), 255, np.uint8), y=y))
    kept = load(save(tmp_path / "b.npz", x=np.full((12, 2, 4, 4), 7.5), y=y))
    assert scaled.train.inputs.unique().tolist() == [1.0]
    assert kept.train.inputs.unique().tolist() == [7.5]
    assert (scaled.channels, kept.channels, kept.name) == (1, 2, "b")


def test_a_given_split_is_kept_and_validation_comes_off_training(tmp_path: Path) -> None:
    y = np.arange(20) % 2
    path = save(tmp_path / "a.npz", x_train=np.zeros((20, 4, 4)), y_train=y, x_test=np.ones((10, 4, 4)), y_test=y[:10])
    data = load(path, validation=0.2)
    assert {part: len(pair) for part, pair in data.parts.items()} == {"train": 16, "validation": 4, "test": 10}
    assert data.test.inputs.min() == 1


def test_masks_and_the_line(tmp_path: Path) -> None:
    masks = load(save(tmp_path / "a.npz", x=np.zeros((9, 4, 4)), y=np.arange(144).reshape(9, 4, 4) % 3))
    line = load(save(tmp_path / "b.npz", x=np.zeros((9, 4, 30)), y=np.arange(9) % 2), dim=1)
    assert masks.is_segmentation and masks.classes == ("0", "1", "2")
    assert (line.channels, line.size) == (4, (30,))


def test_class_names_may_be_given(tmp_path: Path) -> None:
    path = save(tmp_path / "a.npz", x=np.zeros((8, 4, 4)), y=np.arange(8) % 2, classes=np.array(["cat", "dog"]))
    assert load(path).classes == ("cat", "dog")


def test_nan_is_refused_with_its_index(tmp_path: Path) -> None:
    x = np.zeros((12, 4, 4))
    x[7, 2, 3] = np.nan
    with pytest.raises(DataError, match=r"nan at index \(7, 0, 2, 3\)"):
        load(save(tmp_path / "a.npz", x=x, y=np.arange(12) % 2))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.zeros((8, 4, 4))}, "Add y"),
        ({"x": np.zeros((8, 4)), "y": np.zeros(8, int)}, "axes of space"),
        ({"x": np.zeros((8, 4, 4)), "y": np.zeros(8)}, "training loop of your own"),
        ({"x": np.zeros((8, 4, 4)), "y": np.arange(7) % 2}, "as many targets"),
        ({"x": np.zeros((8, 4, 4)), "y": np.array([0, 0, 0, 0, 2, 2, 2, 2])}, "without gaps"),
        ({"x": np.zeros((8, 4, 4)), "y": np.array([-1, 1] * 4)}, "numpy.unique"),
        ({"x": np.array([["a"] * 4] * 4), "y": np.zeros(4, int)}, "numbers"),
        ({"x_train": np.zeros((8, 4, 4)), "y_train": np.arange(8) % 2}, "x_test"),
        ({"x": np.zeros((8, 4, 4)), "y": np.arange(8) % 2, "classes": np.array(["one"])}, "labels 0 … 0"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, arrays: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(save(tmp_path / "a.npz", **arrays))


def test_damaged_pickled_and_missing_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "damaged.npz").write_bytes(b"PK\x03\x04 no more")
    np.savez(tmp_path / "pickled.npz", x=np.array([{}], dtype=object), y=np.zeros(1, int))
    for name in ("damaged.npz", "pickled.npz", "missing.npz", "unknown-set"):
        with pytest.raises(DataError):
            load(tmp_path / name)


# ---- folders


def test_a_folder_has_one_subfolder_a_class(tmp_path: Path) -> None:
    data = load(pictures(tmp_path / "shapes", {"round": 10, "square": 10}))
    assert (data.classes, data.channels, data.size, data.name) == (("round", "square"), 1, (6, 5), "shapes")
    assert data.train.inputs.dtype == torch.float32
    assert 0.9 < data.train.inputs.max() <= 1


def test_a_folder_may_bring_its_split_and_colours(tmp_path: Path) -> None:
    for part, count in (("train", 10), ("test", 4)):
        pictures(tmp_path / part, {"a": count, "b": count}, mode="RGB")
    data = load(tmp_path, validation=0.2)
    assert data.channels == 3
    assert {part: len(pair) for part, pair in data.parts.items()} == {"train": 16, "validation": 4, "test": 8}


def test_exif_turns_are_applied(tmp_path: Path) -> None:
    pictures(tmp_path, {"a": 4, "b": 4}, size=(6, 5))
    turned = Image.fromarray(np.zeros((5, 6), np.uint8))
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(tmp_path / "a" / "turned.png", exif=exif)
    assert load(tmp_path).size == (6, 5)


def test_different_sizes_are_refused_with_the_sizes(tmp_path: Path) -> None:
    pictures(tmp_path, {"a": 4, "b": 4})
    Image.fromarray(np.zeros((7, 7), np.uint8)).save(tmp_path / "a" / "large.png")
    with pytest.raises(DataError, match="6 × 5, 7 × 7"):
        load(tmp_path)


def test_what_is_no_picture_or_transparent_is_refused(tmp_path: Path) -> None:
    pictures(tmp_path, {"a": 4, "b": 4})
    (tmp_path / "b" / "notes.txt").write_text("no picture")
    with pytest.raises(DataError, match=r"notes.txt"):
        load(tmp_path)
    (tmp_path / "b" / "notes.txt").unlink()
    Image.fromarray(np.zeros((6, 5, 4), np.uint8)).save(tmp_path / "b" / "glass.png")
    with pytest.raises(DataError, match="transparent"):
        load(tmp_path)


def test_a_folder_without_classes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="subfolder a class"):
        load(tmp_path)


def test_masks_of_another_size_than_their_pictures_are_refused(tmp_path):
    path = tmp_path / "odd.npz"
    y = np.arange(20 * 6 * 8).reshape(20, 6, 8) % 2
    np.savez(path, x=np.ones((20, 3, 8, 8), dtype=np.float32), y=y)
    with pytest.raises(DataError, match=r"masks of shape \(6, 8\) beside inputs of \(8, 8\)"):
        load(str(path))


def test_pictures_alone_need_no_classes_and_keep_their_names(tmp_path: Path) -> None:
    pictures(tmp_path, {"b": 2, "a": 1})
    (tmp_path / "a" / ".notes").write_text("hidden")
    grey, names = read_pictures(tmp_path)
    assert (tuple(grey.shape), names) == ((3, 1, 6, 5), ["a/0.png", "b/0.png", "b/1.png"])
    assert 0.9 < grey.max() <= 1
    assert torch.equal(read_pictures(tmp_path, 3)[0], grey.expand(3, 3, 6, 5))
    one, name = read_pictures(tmp_path / "b" / "1.png")
    assert torch.equal(one[0], grey[2]) and name == ["1.png"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no picture at all"):
        read_pictures(tmp_path / "empty")


# ---- layouts


@pytest.mark.parametrize(
    ("shape", "dim", "axes"),
    [((8, 6, 6, 3), 2, "0, 3, 1, 2"), ((8, 30, 4), 1, "0, 2, 1"), ((8, 5, 6, 7, 1), 3, "0, 4, 1, 2, 3")],
)
def test_channels_that_come_last_are_noticed(tmp_path: Path, shape: tuple[int, ...], dim: int, axes: str) -> None:
    path = save(tmp_path / "a.npz", x=np.zeros(shape), y=np.arange(8) % 2)
    for read in (load, read_inputs):
        with pytest.raises(DataError, match=rf"channel axis to the front: x.transpose\({axes}\)"):
            read(path, dim=dim)
        with pytest.raises(DataError, match="channel axis to the front"):
            read(path, dim=dim, channels=shape[-1])
    assert load(path, dim=dim, channels=shape[1]).channels == shape[1]
    assert read_inputs(path, dim, shape[1]).shape[1] == shape[1]


@pytest.mark.parametrize("shape", [(8, 3, 6, 6), (8, 1, 6, 4), (8, 3, 24, 4), (8, 2, 2, 2), (8, 16, 6, 6)])
def test_channels_that_come_first_are_taken_as_they_are(tmp_path: Path, shape: tuple[int, ...]) -> None:
    assert load(save(tmp_path / "a.npz", x=np.zeros(shape), y=np.arange(8) % 2)).channels == shape[1]


def test_arrays_where_tensors_or_files_are_expected_are_refused_with_the_mend() -> None:
    with pytest.raises(DataError, match=r"inputs of type ndarray.*torch.as_tensor\(inputs\)"):
        TensorPair(np.zeros((2, 1, 4, 4)), torch.zeros(2))  # pyright: ignore[reportArgumentType]
    with pytest.raises(DataError, match=r"targets of type list.*torch.as_tensor\(targets\)"):
        TensorPair(torch.zeros(2, 1, 4, 4), [0, 1])  # pyright: ignore[reportArgumentType]
    with pytest.raises(DataError, match="data of type ndarray.*numpy.savez"):
        load(np.zeros((2, 1, 4, 4)))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("name", ["a.obj", "b.STL"])
def test_a_folder_of_surfaces_is_told_where_they_go(tmp_path: Path, name: str) -> None:
    for kind in ("cat", "dog"):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / name).write_text("v 0 0 0")
    with pytest.raises(DataError, match="a surface; expected .*npz.*docs/meshes.md"):
        load(tmp_path)
