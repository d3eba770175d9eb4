"""Where the runs are: the next free folder, the last one, and the networks in it."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from erlangen.errors import ConfigError

if TYPE_CHECKING:
    from erlangen.train import Config, DataSection
    from erlangen.train.said import AnyResults

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
    from erlangen.train.folder import NETWORK, RESULTS

    results = read_results(folder / RESULTS)
    return [folder / f"seed-{results.of(model)[0].seed}" / model / NETWORK for model in results.models]


def network_in(folder: Path) -> Path:
    """The network that a folder stands for: the one in it, else the derived one of a run's first seed."""
    from erlangen.train.experiment import read_run
    from erlangen.train.folder import CONFIG, NETWORK

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


def columns_of(given: str, channels: int) -> tuple[str, ...]:
    """What the channels of a network's answers are called: the classes of the run it belongs to, or its quantity in its
    unit; numbers elsewhere."""
    from erlangen.train import Results

    results = results_of(given)
    if isinstance(results, Results):
        return results.classes
    if results is None:
        return tuple(map(str, range(channels)))
    name = results.quantity + (f" in {results.unit}" if results.unit else "")
    return (name,) if channels == 1 else tuple(f"{name}, {i}" for i in range(channels))


def results_of(given: str) -> "AnyResults | None":
    """The results of the finished run that a network belongs to; None elsewhere."""
    from erlangen.train import read_results
    from erlangen.train.folder import RESULTS

    folder = _holding(given, RESULTS)
    return None if folder is None else read_results(folder / RESULTS)


def data_of(given: str) -> "DataSection | None":
    """What the run that a network belongs to was told of its data; None elsewhere."""
    config = config_of(given)
    return None if config is None else config.data


def config_of(given: str) -> "Config | None":
    """The configuration of the run that a network belongs to; None elsewhere."""
    from erlangen.train.experiment import read_run
    from erlangen.train.folder import CONFIG

    folder = _holding(given, CONFIG)
    return read_run(folder) if folder is not None else None


def _holding(given: str, name: str) -> Path | None:
    """The folder with a file of this name: that of the run itself, of one of its networks, or of the network in it."""
    path = Path(given).absolute()
    return next((folder for folder in (path, *path.parents[:3]) if (folder / name).exists()), None)


def _numbered(name: str) -> Iterator[Path]:
    return (RUNS / (name if number == 1 else f"{name}-{number}") for number in count(1))
