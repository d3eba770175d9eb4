"""Files written whole or not at all, and the folder of those that can be made again."""

import os
import uuid
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


def cache_folder() -> Path:
    """$ERLANGEN_CACHE, else $XDG_CACHE_HOME/erlangen, else ~/.cache/erlangen. Not created here.

    >>> cache_folder().name != ""
    True
    """
    own = os.environ.get("ERLANGEN_CACHE")
    shared = os.environ.get("XDG_CACHE_HOME")
    return Path(own) if own else Path(shared or Path.home() / ".cache") / "erlangen"
