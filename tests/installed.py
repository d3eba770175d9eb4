"""The package as users have it: a wheel, in an environment that does not know this folder; all without the network."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import erlangen as er
from tests.house import HOUSE

WHEEL = f"erlangen-{er.__version__}-py3-none-any.whl"
SDIST = f"erlangen-{er.__version__}.tar.gz"


def run(command: list[str], folder: Path, expected: int = 0) -> str:
    """What the command prints, in a folder and an environment that know nothing of this one's `src`."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == expected, done.stdout + done.stderr
    return done.stdout


def build(place: Path, folder: Path = HOUSE) -> Path:
    """`place`, with the wheel and the sdist of a folder in it."""
    run([sys.executable, "-m", "hatchling", "build", "-d", str(place)], folder)
    return place


def install(wheel: Path, place: Path) -> Path:
    """The Python of a new environment: the wheel is in it, and all that it requires is lent to it."""
    run([sys.executable, "-m", "venv", "--without-pip", str(place)], wheel.parent)
    python = place / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--no-index", "--no-deps", "--no-compile", str(wheel)], wheel.parent)
    for lent in Path(sysconfig.get_path("purelib")).iterdir():
        # A .pth file is how an editable install leads to this folder's `src`.
        if lent.suffix != ".pth" and not lent.name.startswith("erlangen"):
            (packages(python) / lent.name).symlink_to(lent)
    return python


def packages(python: Path) -> Path:
    """Where the packages of this Python are."""
    return Path(sysconfig.get_path("purelib", vars={"base": str(python.parent.parent)}))
