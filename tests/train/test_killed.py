"""A run that is killed at any moment, again and again, ends with what an uninterrupted one gives, to the last bit."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors import safe_open

from tests.train.small import files_in

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
            assert untimed(cut / name) == untimed(whole / name), name


def held(path: Path) -> dict[str, object]:
    """Metadata and tensors of a file, whose order in it is another in every process."""
    with safe_open(str(path), framework="np") as file:
        return {**file.metadata(), **{key: file.get_tensor(key).tobytes() for key in file.keys()}}  # noqa: SIM118


def untimed(path: Path) -> object:
    """What a file says, but for the seconds that it took."""

    def without(data: object) -> object:
        if isinstance(data, dict):
            return {key: without(value) for key, value in data.items() if key != "seconds"}
        return [without(value) for value in data] if isinstance(data, list) else data

    return without(json.loads(path.read_text()))
