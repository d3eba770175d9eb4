"""A run that is killed at any moment, again and again, ends with what an uninterrupted one gives, to the last bit."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors import safe_open

from tests.train.small import files_in, untimed

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")


def test_nothing_is_lost(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "tests.train.killed", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    assert int(told.stdout.split()[-1]) >= 3
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert files_in(cut) == files_in(whole)
    for name in files_in(whole):
        if name.endswith(".safetensors"):
            assert held(cut / name) == held(whole / name), name
        if name.endswith("json"):
            assert read(cut / name) == read(whole / name), name


def held(path: Path) -> dict[str, object]:
    """Metadata and tensors of a file, whose order in it is another in every process."""
    with safe_open(str(path), framework="np") as file:
        return {**file.metadata(), **{key: file.get_tensor(key).tobytes() for key in file.keys()}}  # noqa: SIM118


def read(path: Path) -> object:
    return untimed(json.loads(path.read_text()))
