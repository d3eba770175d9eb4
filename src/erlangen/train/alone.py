"""One run a folder: while one process writes there, another is refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from erlangen.errors import ConfigError
from erlangen.files import locked


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """The folder, made where it is not there, is this process's alone until the block ends, or the process does.

    Raises ConfigError where another run is at work there, or where it is no folder.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with alone_in(Path(folder)), alone_in(Path(folder)):
    ...         pass
    Traceback (most recent call last):
    erlangen.errors.ConfigError: Given ..., where another run is at work; expected a folder of its own. Wait for it, ...
    """
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder}, which is a file", "a new or empty folder", "Choose another --out.")
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder) as alone:
        if not alone:
            mend = "Wait for it, or choose another --out."
            raise ConfigError(f"{folder}, where another run is at work", "a folder of its own", mend)
        yield
