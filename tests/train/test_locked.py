"""One run a folder at a time; what Ctrl-C stops is whole, and goes on."""

import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from erlangen.errors import ConfigError
from erlangen.files import locked
from erlangen.train import Config, run
from erlangen.train.alone import alone_in
from tests.train.small import files_in, small_config, small_data

HOLDING = """
import sys, time
from erlangen.files import locked
with locked(sys.argv[1]) as alone:
    print(alone, flush=True)
    time.sleep(100)
"""
TRAINING = """
import sys
from pathlib import Path
from erlangen.cli.train import run_and_report
from erlangen.cli import train
from erlangen.train import run
from tests.train.small import small_data
from tests.train.test_locked import long_config
train.load_data = lambda config: small_data()
run_and_report(long_config(), Path(sys.argv[1]))
"""


def long_config() -> Config:
    config = small_config()
    return replace(config, train=replace(config.train, models=("derived",), epochs=400, patience=400))


def test_a_lock_goes_with_the_process_that_holds_it(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDING, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None and holder.stdout.readline() == "True\n"
        with locked(tmp_path) as alone:
            assert not alone
        with pytest.raises(ConfigError, match="another run is at work"), alone_in(tmp_path):
            pass
    finally:
        holder.kill()
        holder.communicate()
    with locked(tmp_path) as alone:
        assert alone
    assert files_in(tmp_path) == set()


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent otherwise")
def test_a_second_run_is_refused_and_an_interrupted_one_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    first = subprocess.Popen([sys.executable, "-c", TRAINING, str(folder)], stderr=subprocess.PIPE, text=True)
    try:
        while not (folder / "seed-0/derived/last.ckpt").exists():
            assert first.poll() is None
            time.sleep(0.05)
        with pytest.raises(ConfigError, match="another run is at work"):
            run(long_config(), small_data(), folder, resume=True)
        first.send_signal(signal.SIGINT)
        said = first.communicate()[1]
    finally:
        first.kill()
    assert first.returncode != 0
    assert "To go on: the same command with --resume" in said
    assert not [name for name in files_in(folder) if name.endswith((".part", ".tmp"))]
    assert "seed-0/derived/result.json" not in files_in(folder)

    class Enough(Exception):
        pass

    def enough(fraction: float, text: str, done: bool) -> None:
        raise Enough(text)

    with pytest.raises(Enough, match=r"epoch (?!1 )"):
        run(long_config(), small_data(), folder, resume=True, tell=enough)
