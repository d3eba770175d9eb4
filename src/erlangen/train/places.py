"""Where data lie, as a page may say it: never by a path that only one machine has."""

from pathlib import Path


def place(source: str) -> str:
    """A path relative to the working folder, or its bare name where it lies elsewhere; other texts as they are.

    >>> place(str(Path.cwd() / "data" / "mine.npz")), place("/no/such/place/mine.npz"), place("scikit-learn")
    ('data/mine.npz', 'mine.npz', 'scikit-learn')
    """
    path = Path(source)
    if not path.is_absolute():
        return source
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.name
