"""A model that answers the same input differently: because it draws at random, or because of its batch."""

from erlangen.auditing.examine import Examiner
from erlangen.auditing.measure import error, rounding_floor
from erlangen.auditing.verdict import tolerance
from erlangen.auditing.witness import warn
from erlangen.errors import InputError


def warn_if_unsteady(examiner: Examiner, warnings: list[str]) -> None:
    """Warn of answers that differ from call to call, or with what else is in the batch: it then mixes batches.

    Half of the inputs are asked about again, with other random numbers: where nothing changes, neither is the case.
    """
    if not _changes(examiner, _again(examiner, 2)):
        return
    whole = _again(examiner, 1)
    if _changes(examiner, whole):
        said = f"The model answers differently from call to call (error {whole:.2g})"
        warn(warnings, f"{said}: what it draws at random was drawn alike in every call, the rest is in every row.")
    else:
        said = f"The answer to an input depends on what else is in its batch (error {_again(examiner, 2):.2g})"
        examiner.mixed = True
        warn(warnings, f"{said}: where the size allows, an input was moved while half of its batch stayed in place.")


def _again(examiner: Examiner, step: int) -> float:
    """The error of every `step`-th input's answer, asked for once more without the others; NaN where it cannot be."""
    some = examiner.x[::step]
    if len(some) < 2:  # one answer has no spread
        some, step = examiner.x, 1
    try:
        return error(examiner.witness(some, again=True), examiner.y[::step])
    except InputError:  # a model of one batch size
        return error(examiner.witness(examiner.x, again=True), examiner.y) if step > 1 else float("nan")


def _changes(examiner: Examiner, again: float) -> bool:
    return again > max(tolerance(examiner.dtype), rounding_floor(examiner.y, examiner.y))
