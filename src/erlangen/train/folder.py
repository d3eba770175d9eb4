"""The folder of a run or a sweep: what lies where, JSON that is whole or not there, and what it was begun with."""

import json
from pathlib import Path
from typing import Any

from erlangen.errors import ConfigError, RecipeError
from erlangen.files import write_whole

NETWORK, RESULT, CONFIG, RESULTS = "network.safetensors", "result.json", "config.json", "results.json"
REPORT, EXPLAIN = "report.html", "explain.html"


def begin(known: Path, asked: dict[str, Any], kind: str, resume: bool) -> bool:
    """Make the folder of `known` and write there what is asked for; or, with `resume`, find the same: then True.

    Raises ConfigError where the folder is in use, or was begun with something else.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     known = Path(place) / "mine" / "sweep.json"
    ...     begin(known, {"trials": 3}, "sweep", resume=True), begin(known, {"trials": 3}, "sweep", resume=True)
    (False, True)
    """
    folder = known.parent
    if resume and known.exists():
        if read_json(known) != json.loads(_text(asked)):
            raise ConfigError(f"{folder} of another {kind}", "the one that began it", "Choose another --out.")
        return True
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        mend = "Pass --resume to continue it, or another --out."
        raise ConfigError(f"{folder}, which is in use", "a new or empty folder", mend)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(known, asked)
    return False


def read_json(path: Path) -> dict[str, Any]:
    """What was written there; RecipeError where it cannot be read or is no table."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(data, dict):
            raise ValueError
        return data
    except (OSError, ValueError, RecursionError):
        raise RecipeError(f"{path}, which cannot be read", "a file that erlangen wrote", "Delete it.") from None


def write_json(path: Path, data: dict[str, Any]) -> None:
    """Whole, or not at all."""
    write_whole(path, _text(data))


def _text(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"
