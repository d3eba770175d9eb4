"""Many settings tried by their validation loss. Optuna draws them and gives up the hopeless; nothing is tested.

Akiba, Sano, Yanase, Ohta, Koyama 2019, arXiv:1907.10902.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

from erlangen.errors import ConfigError, SymmetryError
from erlangen.files import write_whole
from erlangen.train.check import check
from erlangen.train.config import AVERAGED, Config
from erlangen.train.examples import Examples
from erlangen.train.folder import begin
from erlangen.train.folds import fold_of
from erlangen.train.job import Job, fitted
from erlangen.train.networks import task_of
from erlangen.train.progress import Tell
from erlangen.train.space import Space, laid, plain, suggested
from erlangen.train.swept import BEST, FINISHED, Sweep, Tried, written
from erlangen.train.toml import overlay, to_toml

if TYPE_CHECKING:
    import optuna

LOG, SWEPT = "sweep.log", "sweep.json"
UNTRIED = 5  # so many are drawn at random, and none is given up before
HELD = "validation/loss"


def sweep(
    config: Config,
    examples: Examples,
    space: Space,
    folder: Path,
    *,
    trials: int = 20,
    model: str = "derived",
    resume: bool = False,
    tell: Tell | None = None,
) -> Sweep:
    """min over `space` of the validation loss, the mean over train.seeds: so many trials of one model, each fitted as a
    run would, and given up where it does worse than the median at the same epoch. Nothing is tested.

    folder/sweep.log is Optuna's own journal: `resume` goes on with it, and several commands may at once.
    folder/best.toml is a run of the best settings, for `erlangen train`.
    """
    if model == AVERAGED or trials < 1:
        given = f"a sweep of {trials} trials of {model!r}"
        raise ConfigError(given, "one trial or more of a network that is trained", "For example --model derived.")
    check(config, task_of(config.task), fold_of(config, examples, config.train.seeds[0]))
    asked = {"config": config.to_dict(), "model": model, "space": {key: plain(values) for key, values in space.items()}}
    begin(folder / SWEPT, asked, "sweep", resume)
    with _quiet(), tempfile.TemporaryDirectory(dir=folder, prefix=".trial-") as place:
        study = _study(config.name, folder)
        while (done := _ended(study)) < trials:
            trial = study.ask()
            trial.set_user_attr("epochs", 0)
            _try(study, trial, config, examples, space, model, Path(place))
            if tell is not None:
                tell((done + 1) / trials, _line(study, trial), True)
        found = Sweep(config.name, model, space, tuple(_tried(study)), _best(study, config, model))
    write_whole(folder / BEST, to_toml(found.best))
    return found


def _try(
    study: "optuna.Study",
    trial: "optuna.Trial",
    config: Config,
    examples: Examples,
    space: Space,
    model: str,
    place: Path,
) -> None:
    """One trial, told to the study: its loss, that it was given up, or why it cannot be."""
    import optuna

    from erlangen.train.watch import Watch

    losses = []
    try:
        asked = overlay(config, suggested(trial, space), f"trial {trial.number}")
        task = task_of(asked.task)
        for seed in asked.train.seeds:
            watch = Watch(trial, mean(losses) if losses else None)
            shutil.rmtree(place / "seed", ignore_errors=True)
            job = Job(asked, task, fold_of(asked, examples, seed), place / "seed", seed, model)
            _, trained = fitted(job, callbacks=(watch,))
            losses.append(min(row[HELD] for row in trained.history if row[HELD] == row[HELD]))
        study.tell(trial, mean(losses))
    except optuna.TrialPruned:
        study.tell(trial, state=optuna.trial.TrialState.PRUNED)
    except SymmetryError as error:
        trial.set_user_attr("refused", str(error))
        study.tell(trial, state=optuna.trial.TrialState.FAIL)


def _study(name: str, folder: Path) -> "optuna.Study":
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    return optuna.create_study(
        study_name=name,
        storage=JournalStorage(JournalFileBackend(str(folder / LOG))),
        sampler=optuna.samplers.TPESampler(seed=0, n_startup_trials=UNTRIED),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=UNTRIED),
        direction="minimize",
        load_if_exists=True,
    )


def _ended(study: "optuna.Study") -> int:
    return sum(trial.state.is_finished() for trial in study.get_trials(deepcopy=False))


def _tried(study: "optuna.Study") -> Iterator[Tried]:
    from optuna.trial import TrialState

    words = {TrialState.COMPLETE: FINISHED, TrialState.PRUNED: "given up", TrialState.FAIL: "refused"}
    for trial in study.get_trials(deepcopy=False):
        if trial.state in words:
            losses = [loss for _, loss in sorted(trial.intermediate_values.items())]
            loss = trial.value if trial.value is not None else losses[-1] if losses else None
            ended = trial.user_attrs.get("refused", words[trial.state])
            yield Tried(trial.number, dict(trial.params), loss, trial.user_attrs.get("epochs", 0), ended)


def _best(study: "optuna.Study", config: Config, model: str) -> Config:
    try:
        params = study.best_trial.params
    except ValueError:
        refused = next((t.user_attrs["refused"] for t in study.get_trials() if "refused" in t.user_attrs), "")
        raise ConfigError(f"a sweep of which no trial finished. {refused}", "one that did", "Change --over.") from None
    return replace(overlay(config, laid(params), "the best trial"), name=f"{config.name}-best")


def _line(study: "optuna.Study", trial: "optuna.Trial") -> str:
    frozen = study.get_trials(deepcopy=False)[trial.number]
    tried = ", ".join(f"{key.partition('.')[2]} {written(value)}" for key, value in frozen.params.items())
    told = "given up" if frozen.state.name == "PRUNED" else "refused" if frozen.value is None else f"{frozen.value:.4g}"
    return f"trial {trial.number}, {tried}: {told}"


@contextmanager
def _quiet() -> Iterator[None]:
    """Optuna says of each trial what is said here; its journal is still marked as experimental."""
    import warnings

    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(before)
