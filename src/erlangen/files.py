"""Files written whole or not at all, and the folder of those that can be made again."""

import os
import uuid
from contextlib import suppress
from pathlib import Path


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
