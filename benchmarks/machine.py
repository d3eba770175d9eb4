"""What a benchmark was measured on, in one line, and with which versions."""

import contextlib
import os
import platform
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy
import torch

import erlangen

PEERS = ("escnn", "e3nn", "torch_geometric", "robust_laplacian", "scipy")


def machine() -> str:
    """The processor's model, how many cores, memory, system, architecture and torch's threads."""
    cores = f"{os.cpu_count()} cores"
    threads = f"{torch.get_num_threads()} threads"
    return ", ".join(filter(None, (processor(), cores, memory(), system(), platform.machine(), threads)))


def processor() -> str:
    with contextlib.suppress(OSError):
        found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return found[1].strip()
    return platform.processor()


def memory() -> str:
    """In GB; nothing where the system does not say."""
    with contextlib.suppress(ValueError, OSError, AttributeError):
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB"
    return ""


def system() -> str:
    with contextlib.suppress(OSError):
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    return f"{platform.system()} {platform.release()}"


def versions() -> dict[str, str]:
    """Of Python, torch, numpy and erlangen, and of every peer that was loaded."""
    known = {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "erlangen": erlangen.__version__,
    }
    for package in filter(sys.modules.__contains__, PEERS):
        with contextlib.suppress(PackageNotFoundError):
            known[package] = version(package)
    return known


def commit() -> str | None:
    """The commit that is checked out, with a + where files differ from it; None outside git."""
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        return git("rev-parse", "--short=9", "HEAD").strip() + ("+" if git("status", "--porcelain", "src") else "")
    return None


def git(*arguments: str) -> str:
    command = ["git", "-C", str(Path(__file__).parent), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8").stdout
