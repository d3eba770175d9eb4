"""A run: every model from every seed, trained upright, tested at every element; whole files only, and resumable."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from erlangen.errors import ConfigError, RecipeError
from erlangen.files import clear_drafts
from erlangen.pages import number, percent
from erlangen.task import Task
from erlangen.train.alone import alone_in
from erlangen.train.baselines import parameters
from erlangen.train.check import check as check
from erlangen.train.config import AVERAGED, Config
from erlangen.train.evaluate import accuracy, evaluate
from erlangen.train.examples import Examples
from erlangen.train.fit import Fitted, bound
from erlangen.train.folder import CONFIG, NETWORK, REPORT, RESULT, RESULTS, begin, read_json, write_json
from erlangen.train.folds import fold_of
from erlangen.train.held import is_sequences
from erlangen.train.job import Job, fitted
from erlangen.train.networks import averaged, load_network, save_network, task_of
from erlangen.train.processes import check_world, is_first, meet
from erlangen.train.progress import Tell as Tell
from erlangen.train.results import Outcome, Results, read_results
from erlangen.train.shortcut import mean_shortcut
from erlangen.train.toml import from_dict
from erlangen.train.value_results import ValueOutcome, ValueResults
from erlangen.train.values import spread_of
from erlangen.train.values_at import evaluate_values, references_of


def run(
    config: Config, examples: Examples, folder: Path, *, resume: bool = False, tell: Tell | None = None
) -> Results | ValueResults:
    """For each seed and model: fit on train, stop by validation, test once at every g. Writes all of it to `folder`.

    folder/config.json, results.json and, for each seed and model, seed-0/derived/{best.ckpt, last.ckpt, result.json,
    network.safetensors}. A folder in use is refused unless `resume`, which needs the same configuration, skips what is
    finished and continues what is not. Everything is checked before anything is written. `tell(fraction, text, done)`
    is called as it goes, with `done` where one model is finished. Test labels choose nothing. With data.folds each
    seed has a fold of its own to be tested on. With train.devices or train.nodes it is called in so many processes,
    which share the folder: the first of them writes, tests and tells.
    """
    check_world(config.train)
    task = task_of(config.task)
    check(config, task, fold_of(config, examples, config.train.seeds[0]))
    if not is_first():
        _train_along(config, task, examples, folder, resume)
        return read_results(folder / RESULTS)
    with alone_in(folder):
        return _run(config, task, examples, folder, resume, tell)


def _run(
    config: Config, task: Task, examples: Examples, folder: Path, resume: bool, tell: Tell | None
) -> Results | ValueResults:
    """All that is left to do of a run that was checked, in a folder that is this process's alone."""
    if begin(folder / CONFIG, config.to_dict(), "configuration", resume):
        clear_drafts(folder)
    total, outcomes = len(config.train.seeds) * len(config.train.models), []
    for done, job in enumerate(_jobs(config, task, examples, folder)):

        def told(fraction: float, text: str, done: int = done, job: Job = job) -> None:
            if tell is not None:
                tell((done + fraction) / total, f"seed {job.seed}, {job.model}: {text}", False)

        outcomes.append(_one(job, resume, told))
        if tell is not None:
            tell((done + 1) / total, _line(outcomes[-1]), True)
    results = _results(config, task, examples, outcomes)
    write_json(folder / RESULTS, results.to_dict())
    meet()
    return results


def _train_along(config: Config, task: Task, examples: Examples, folder: Path, resume: bool) -> None:
    """What the other processes do: train with the first whatever that trains, and wait until it has tested all."""
    for job in _jobs(config, task, examples, folder):
        if job.model != AVERAGED and not (resume and (job.folder / RESULT).exists()):
            fitted(job, resume=resume)
    meet()


def _jobs(config: Config, task: Task, examples: Examples, folder: Path) -> Iterator[Job]:
    """In the order in which they are done."""
    for seed in config.train.seeds:
        known = fold_of(config, examples, seed)
        for model in config.train.models:
            yield Job(config, task, known, folder / f"seed-{seed}" / model, seed, model)


def _results(config: Config, task: Task, examples: Examples, outcomes: list[Any]) -> Results | ValueResults:
    """All outcomes together, with what they are of."""
    folds, asked = config.data.folds or 0, examples.quantity
    if asked is not None:
        known = references_of(task, examples)
        return ValueResults(config.name, asked.name, asked.unit, tuple(outcomes), folds, known)
    short = mean_shortcut(task, [fold_of(config, examples, seed) for seed in config.train.seeds])
    return Results(config.name, examples.classes, config.report.pairs, tuple(outcomes), folds, short)


def finished(config: Config, folder: Path) -> Results | ValueResults | None:
    """The results of this very configuration in `folder`, where nothing is left to do: its report is written too."""
    if not all((folder / name).exists() for name in (CONFIG, RESULTS, REPORT)):
        return None
    return read_results(folder / RESULTS) if read_json(folder / CONFIG) == config.to_dict() else None


def read_run(folder: Path) -> Config:
    """The configuration of a run, from its folder; RecipeError where there is none or it is damaged."""
    try:
        return from_dict(read_json(folder / CONFIG), str(folder / CONFIG))
    except (ConfigError, AttributeError, TypeError, ValueError) as error:
        given = f"{folder / CONFIG}, which is no configuration ({error})"
        raise RecipeError(given, "what a run wrote", "Repeat the run.") from None


def shown_examples(config: Config, examples: Examples) -> tuple[int, ...]:
    """Which test examples are shown: the first of each class, those of the called-out pairs before the others.

    They are chosen by their class alone, not by what any network says of them.
    """
    labels = examples.test.targets
    inputs = examples.test.inputs
    if not isinstance(inputs, Tensor) and _undrawn(inputs, examples.test.dense):
        return ()
    if examples.test.dense:
        return tuple(range(min(config.report.examples, len(examples.test))))
    called = [examples.classes.index(name) for pair in config.report.pairs for name in pair]
    order = dict.fromkeys([*called, *range(len(examples.classes))])
    firsts = [int((labels == label).nonzero()[0]) for label in order if bool((labels == label).any())]
    return tuple(firsts[: config.report.examples])


def _undrawn(inputs: Any, dense: bool) -> bool:
    """Sets and graphs are not drawn, but what stands at their points is where that has axes."""
    packed = not is_sequences(inputs) and getattr(inputs, "face", None) is None
    return packed and (inputs.x.ndim == 2 or dense)


def _one(job: Job, resume: bool, tell: Callable[[float, str], None]) -> Outcome | ValueOutcome:
    """What is known of a job, which is done unless it is done."""
    finished = job.folder / RESULT
    if resume and finished.exists():
        return _read_outcome(finished)
    if job.model == AVERAGED:
        return _averaged(job)
    net, trained = fitted(job, resume=resume, tell=tell)
    known: dict[str, Any] = {
        "model": job.model,
        "seed": job.seed,
        "parameters": parameters(net),
        "seconds": trained.seconds,
        "epochs": len(trained.history),
        "best_epoch": trained.best_epoch,
    }
    with bound(job.config.train.threads):
        outcome = _tested(job, net.cpu(), trained, known)
    save_network(net, job.folder / NETWORK, job.config)
    write_json(finished, {**outcome.to_dict(), "history": list(trained.history)})
    return outcome


def _tested(job: Job, net: nn.Module, trained: Fitted, known: dict[str, Any]) -> Outcome | ValueOutcome:
    """What is known of a trained network, with its answers to the test part at every element."""
    task, examples, moved = job.task, job.examples, job.config.report.moved
    if examples.quantity is None:
        at = evaluate(net, task, examples.test, shown_examples(job.config, examples), moved)
        return Outcome(**known, validation_accuracy=trained.validation_accuracy, at=at)
    middle, _ = spread_of(task, examples.train)
    at = evaluate_values(net, task, examples.test, middle, moved)
    return ValueOutcome(**known, validation_error=trained.validation_error, at=at)


def _averaged(job: Job) -> Outcome:
    """The augmented network of this seed, averaged over the group: f itself is as it was trained."""
    config, task, examples = job.config, job.task, job.examples
    trained = job.folder.parent / "augmented"
    augmented = _read_outcome(trained / RESULT)
    assert isinstance(augmented, Outcome)  # values have no averaged network
    net = averaged(load_network(trained / NETWORK)[0], task)
    with bound(config.train.threads):
        at = evaluate(net, task, examples.test, shown_examples(config, examples), config.report.moved)
        held_out = accuracy(net, task, examples.validation)
    job.folder.mkdir(parents=True, exist_ok=True)
    save_network(net, job.folder / NETWORK, config)
    outcome = replace(augmented, model=AVERAGED, seed=job.seed, validation_accuracy=held_out, at=at)
    write_json(job.folder / RESULT, {**outcome.to_dict(), "history": []})
    return outcome


def _line(outcome: Outcome | ValueOutcome) -> str:
    if isinstance(outcome, Outcome):
        figure = f"{percent(outcome.validation_accuracy)} of the validation examples"
    else:
        figure = f"off by {number(outcome.validation_error)} on the validation examples"
    return (
        f"seed {outcome.seed}, {outcome.model}: {figure} at "
        f"epoch {outcome.best_epoch} of {outcome.epochs}, {outcome.seconds:.0f} s"
    )


def _read_outcome(path: Path) -> Outcome | ValueOutcome:
    data = {key: value for key, value in read_json(path).items() if key != "history"}
    try:
        return ValueOutcome.from_dict(data) if "validation_error" in data else Outcome.from_dict(data)
    except (KeyError, TypeError, AttributeError):
        raise RecipeError(f"{path} with something missing", "a finished result", "Delete it and resume.") from None
