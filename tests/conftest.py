"""What every test shares: seeds, hypothesis profiles, and one thread a worker."""

import os
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, settings

from erlangen.chance import reseed
from tests.effort import ALL
from tests.installed import WHEEL, build, install

if "PYTEST_XDIST_WORKER" in os.environ:  # workers that each start a thread per core slow one another down
    torch.set_num_threads(1)

SLOW_MACHINE = [HealthCheck.too_slow, HealthCheck.data_too_large]
collect_ignore = ["fuzz/coverage_guided.py"]  # a program of its own, which needs atheris
MANY = 100 if ALL else 15
settings.register_profile("dev", deadline=None, suppress_health_check=SLOW_MACHINE, max_examples=MANY)
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(autouse=True)
def seeds() -> None:
    """Each test starts from the same numbers, whatever ran before it."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - libraries that still draw from the global state
    reseed(0)


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist."""
    return build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def user_python(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of someone who has installed the wheel."""
    return install(dist / WHEEL, tmp_path_factory.mktemp("user") / "venv")
