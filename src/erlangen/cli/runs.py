"""Where the runs are: the next free folder, the last one, and the networks in it."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

from erlangen.errors import ConfigError

RUNS = Path("runs")


def free(name: str) -> Path:
    """runs/NAME, or the first of runs/NAME-2, runs/NAME-3 … that is not in use: no run is ever written over."""
    return next(folder for folder in _numbered(name) if not folder.exists())


def latest(name: str) -> Path:
    """The last run of this name, to be continued or looked at; runs/NAME if there is none."""
    last = RUNS / name
    for folder in _numbered(name):
        if not folder.exists():
            return last
        last = folder
    return last


def networks(folder: Path) -> list[Path]:
    """The networks of a finished run's first seed, in the order in which they were trained."""
    from erlangen.train import read_results
    from erlangen.train.experiment import NETWORK, RESULTS

    results = read_results(folder / RESULTS)
    return [folder / f"seed-{results.of(model)[0].seed}" / model / NETWORK for model in results.models]


def network_in(folder: Path) -> Path:
    """The network that a folder stands for: the one in it, else the derived one of a run's first seed."""
    from erlangen.train.experiment import CONFIG, NETWORK, read_run

    if (folder / NETWORK).exists():
        return folder / NETWORK
    if not (folder / CONFIG).exists():
        found = sorted(folder.rglob(NETWORK))
        mend = f"For example {found[0]}." if found else "`erlangen train rotated-digits` makes one."
        raise ConfigError(f"{folder}, a folder without a run", "a saved network or the folder of a run", mend)
    asked = read_run(folder).train
    model = "derived" if "derived" in asked.models else asked.models[0]
    path = folder / f"seed-{asked.seeds[0]}" / model / NETWORK
    if not path.exists():
        mend = f"Finish it: the same command with --resume --out {folder}."
        raise ConfigError(f"{folder}, a run whose {model} network is not trained yet", "a finished run", mend)
    return path


def classes_of(given: str) -> tuple[str, ...]:
    """The names of the classes in the finished run that a network belongs to; none elsewhere."""
    from erlangen.train import read_results
    from erlangen.train.experiment import RESULTS

    path = Path(given).absolute()  # NAME, NAME/seed-0/derived or NAME/seed-0/derived/network.safetensors
    results = next((folder / RESULTS for folder in (path, *path.parents[:3]) if (folder / RESULTS).exists()), None)
    return read_results(results).classes if results is not None else ()


def _numbered(name: str) -> Iterator[Path]:
    return (RUNS / (name if number == 1 else f"{name}-{number}") for number in count(1))
