"""Files written whole or not at all, arrays read whole or not at all, and the folder of what can be made again."""

import errno
import math
import os
import sys
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

MOST_PACKED = 1032  # bytes that one byte of DEFLATE can stand for


def write_whole(path: str | os.PathLike[str], content: str | bytes) -> Path:
    """`content` at `path` in one step: a draft beside it takes its place, so that no reader ever meets a half.

    Folders on the way are made. Text is UTF-8 with one line ending on every system.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_whole(Path(folder) / "new" / "page.html", "<p>hello").read_text(encoding="utf-8")
    '<p>hello'
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")
    try:
        draft.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    return target


def read_arrays(path: str | os.PathLike[str]) -> "dict[str, np.ndarray]":
    """The arrays of an .npz file by name; no pickle. Raises whatever zipfile and NumPy raise for what is none.

    Memory is asked for where the file is as long as its header says alone, and each array is read to its end, where
    its checksum is compared.

    >>> import tempfile, numpy
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     numpy.savez(f"{folder}/a.npz", x=[1, 2])
    ...     read_arrays(f"{folder}/a.npz")["x"].tolist()
    [1, 2]
    """
    most = MOST_PACKED * os.path.getsize(path)
    with zipfile.ZipFile(path) as held:
        return {info.filename.removesuffix(".npy"): _read_array(held, info, most) for info in held.infolist()}


def _read_array(held: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> "np.ndarray":
    from numpy.lib import format as npy

    with held.open(info) as stream:
        major = npy.read_magic(stream)[0]
        shape, _, dtype = (npy.read_array_header_1_0 if major == 1 else npy.read_array_header_2_0)(stream)
        told = stream.tell() + math.prod(shape) * dtype.itemsize
        if not dtype.hasobject and (told != info.file_size or told > most):
            raise ValueError(f"{info.filename} of shape {shape} where there are {info.file_size} bytes")
    with held.open(info) as stream:
        found = npy.read_array(stream, allow_pickle=False)
        stream.read()
    return found


@contextmanager
def locked(folder: str | os.PathLike[str]) -> Iterator[bool]:
    """Whether this process alone holds the lock on a folder that is there, from here to the end of the block.

    The system holds it: a process that is killed leaves none behind. On Windows, which locks no folders, it is on a
    file `.lock` in it that goes again. False where another has it; True where a file system knows no locks, as without
    one.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, locked(folder) as first, locked(folder) as other:
    ...     print(first, other)
    True False
    """
    windows = sys.platform == "win32"
    name = os.path.join(folder, ".lock") if windows else folder
    descriptor = os.open(name, os.O_RDWR | os.O_CREAT if windows else os.O_RDONLY)
    try:
        yield _lock(descriptor)
    finally:
        os.close(descriptor)  # and with it the lock
        if windows:
            with suppress(OSError):  # another has it
                os.unlink(name)


def _lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)
    return True


def clear_drafts(folder: str | os.PathLike[str]) -> None:
    """Remove, in the folder and below it, the drafts of writers that were killed. Nobody may be writing there.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / ".page.html.0.part").write_text("<p>hel")
    ...     clear_drafts(folder)
    ...     os.listdir(folder)
    []
    """
    for draft in Path(folder).rglob(".*.part"):
        draft.unlink(missing_ok=True)


def keep_latest(folder: str | os.PathLike[str], limit: int) -> None:
    """Of the files in `folder` those go that were changed longest ago, until the others take at most `limit` bytes.

    The last one stays, whatever it takes; what another has removed meanwhile, or holds open where that forbids it, is
    passed over. Raises OSError where there is no such folder.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for time, name in enumerate("abc"):
    ...         os.utime(write_whole(Path(folder) / name, "1234"), (time, time))
    ...     keep_latest(folder, limit=8)
    ...     sorted(os.listdir(folder))
    ['b', 'c']
    """
    found = []
    for entry in os.scandir(folder):
        with suppress(OSError):
            known = entry.stat()
            found.append((known.st_mtime_ns, known.st_size, entry.path))
    taken = sum(size for _, size, _ in found)
    for _, size, path in sorted(found)[:-1]:
        if taken <= limit:
            break
        with suppress(OSError):
            os.unlink(path)
        taken -= size


def cache_folder() -> Path:
    """$ERLANGEN_CACHE, else $XDG_CACHE_HOME/erlangen, else ~/.cache/erlangen. Not created here.

    >>> cache_folder().name != ""
    True
    """
    own = os.environ.get("ERLANGEN_CACHE")
    shared = os.environ.get("XDG_CACHE_HOME")
    return Path(own) if own else Path(shared or Path.home() / ".cache") / "erlangen"
