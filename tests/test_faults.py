"""Disks that are full, Ctrl-C at any moment, two writers at once: what was there stays, nothing half is left."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.cli import main
from erlangen.data.cache import damaged, made_here
from erlangen.domains.surfaces import operators as kept
from erlangen.files import write_whole
from tests.meshes import potato

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
STEPS = ((Path, "write_bytes"), (Path, "write_text"), (Path, "rename"), (os, "replace"), (Path, "mkdir"))


class Reached(Exception):
    """No step was left to fail."""


@contextmanager
def failing(at: int, error: BaseException) -> Iterator[None]:
    """The step of this number, of those that change what is on the disk, fails, and all after it but clearing up."""
    done = 0

    def counted(step: Callable, name: str) -> Callable:
        def called(*given, **how):
            nonlocal done
            done += 1
            if done == at + 1:
                if name.startswith("write"):
                    step(given[0], given[1][: len(given[1]) // 2])  # as much as there was room for
                raise error
            return step(*given, **how)

        return called

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in STEPS:
            patch.setattr(owner, name, counted(getattr(owner, name), name))
        yield
    if done <= at:
        raise Reached


def everything(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def network(width: int) -> er.Blueprint:
    return er.derive(er.Task(er.Grid(2), er.C(2), input=1, output=er.Invariant(2)), width=width, depth=1, scales=1)


def make(folder: Path, content: str) -> None:
    (folder / "a").write_text(content)
    (folder / "b").write_text(content)


WRITERS: dict[str, Callable[[Path, int], object]] = {
    "page": lambda folder, i: write_whole(folder / "page.html", f"<p>{i}" * 100),
    "network": lambda folder, i: er.save(network(4 + 2 * i), folder / "net.safetensors"),
    "data": lambda folder, i: made_here(folder / "set", lambda scratch: make(scratch, str(i))),
}


@pytest.mark.parametrize("error", [FULL, KeyboardInterrupt()], ids=["full", "interrupted"])
@pytest.mark.parametrize("name", WRITERS)
def test_whatever_step_fails_the_old_stays_and_nothing_half_is_left(
    name: str, error: BaseException, tmp_path: Path
) -> None:
    write = WRITERS[name]
    write(tmp_path, 0)
    if name == "data":
        (tmp_path / "set" / "b").unlink()  # so that it is made again
    before, step = everything(tmp_path), 0
    while True:
        try:
            with failing(step, error):
                write(tmp_path, 1)
        except Reached:
            break
        except type(error):
            assert everything(tmp_path) == before
            assert not [entry for entry in tmp_path.iterdir() if entry.name.startswith(".")]
        step += 1
    assert step >= 2
    assert everything(tmp_path) != before


def test_operators_are_computed_where_nothing_can_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("ERLANGEN_CACHE", str(tmp_path / "file"))  # no folder, whoever asks
    monkeypatch.setattr(kept, "WORTH_KEEPING", 1)
    asked = kept.Asked(2, radius=0.123)
    found = kept.operators(*potato(1), asked)
    assert all(map(np.array_equal, found, kept.computed(*potato(1), asked)))


@pytest.mark.skipif(sys.platform == "win32", reason="files have no limit there")
def test_a_disk_that_is_full_is_said_in_one_line(tmp_path: Path) -> None:
    er.save(network(4), tmp_path / "net.safetensors")
    before = everything(tmp_path)
    script = """
import resource, signal, sys
from erlangen.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (256, 256))
sys.exit(main(sys.argv[1:]))
"""
    task = ("--domain", "Grid(2)", "--input", "1", "--output", "Invariant(2)", "--width", "8", "--scales", "1")
    # -B: Python does not notice that the bytecode that it keeps was cut short
    asked = [sys.executable, "-B", "-c", script, "derive", *task, "--save", str(tmp_path / "net.safetensors")]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith("erlangen: Given")
    assert everything(tmp_path) == before


def test_two_processes_that_make_the_same_leave_it_whole(tmp_path: Path) -> None:
    script = """
import sys, time
from pathlib import Path
from erlangen.data.cache import made_here
def make(folder):
    for name in "abc":
        (folder / name).write_text(name)
    (Path(sys.argv[1]).parent / sys.argv[2]).touch()
    while len(list(Path(sys.argv[1]).parent.glob("ready*"))) < 2:
        time.sleep(0.01)
made_here(Path(sys.argv[1]), make)
"""
    asked = [[sys.executable, "-c", script, str(tmp_path / "set"), f"ready{i}"] for i in range(2)]
    both = [subprocess.Popen(each, stderr=subprocess.PIPE, text=True) for each in asked]
    said = [each.communicate()[1] for each in both]
    assert [each.returncode for each in both] == [0, 0], said
    assert {file.name for file in (tmp_path / "set").iterdir()} == {"a", "b", "c", "SHA256SUMS"}
    recorded = dict(reversed(line.split()) for line in (tmp_path / "set" / "SHA256SUMS").read_text().splitlines())
    assert damaged(tmp_path / "set", recorded) is None
    assert {entry.name for entry in tmp_path.iterdir()} == {"set", "ready0", "ready1"}


def test_a_folder_that_may_not_be_written_to_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), "net.safetensors")

    monkeypatch.setattr(os, "replace", refuse)
    monkeypatch.chdir(tmp_path)
    assert main(["derive", "--domain", "Grid(1)", "--input", "1", "--output", "Invariant(2)", "--save", "net"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert everything(tmp_path) == {}


def test_weights_come_back_after_a_save_that_failed(tmp_path: Path) -> None:
    net = network(4)
    er.save(net, tmp_path / "net")
    with pytest.raises(OSError, match="No space"), failing(1, FULL):
        er.save(network(6), tmp_path / "net")
    again = er.load(tmp_path / "net").state_dict()
    assert all(torch.equal(value, again[name]) for name, value in net.state_dict().items())
