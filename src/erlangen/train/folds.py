"""Cross-validation: each seed is tested on a fold of its own, the same folds for every network and every run."""

from typing import TYPE_CHECKING

from erlangen.train.config import Config

if TYPE_CHECKING:
    from erlangen.train.examples import Examples


def fold_of(config: Config, examples: "Examples", seed: int) -> "Examples":
    """The examples as this seed has them: with data.folds, fold seed mod folds is what it is tested on.

    Folds are stratified by class and drawn by data.split_seed alone, of all examples together. DataError for data that
    bring a test part of their own.
    """
    asked = config.data
    if asked.folds is None:
        return examples
    return examples.fold(seed, asked.folds, asked.validation, asked.split_seed)
