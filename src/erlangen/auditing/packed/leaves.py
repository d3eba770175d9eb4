"""Where relabelling breaks: the error behind each leaf, and what of it the leaf does by itself.

The model is asked about x and about π·x, and every call is compared. Code between the leaves breaks, too, as a list of
neighbours that is put in a row for a recurrent network: a module around others is named where it breaks by itself and
nothing inside it does.
"""

import math
from dataclasses import replace

import torch
from torch import nn

from erlangen.auditing.leaves import Leaf, Moves
from erlangen.auditing.packed.calls import Call, recorded, tensors, with_tensors
from erlangen.auditing.packed.examine import PackedExaminer
from erlangen.auditing.packed.motion import Relabelled
from erlangen.auditing.packed.storage import Carried, Storage
from erlangen.auditing.verdict import tolerance

BREAKS = 1e-5  # local errors above this are no rounding


def measure_packed(examiner: PackedExaminer, motion: Relabelled) -> tuple[Leaf, ...]:
    """The leaf calls of the model in their order, and the modules around them that break where no leaf does.

    None for a model that is no module, or takes another way on π·x. Two passes over a batch, in float64 where the
    model can, and every module that is given what did not move along once more by itself.
    """
    examiner = examiner.double or examiner
    model = examiner.model
    if not isinstance(model, nn.Module):
        return ()
    some = examiner.samples[: examiner.options.batch_size]
    here, there = (
        recorded(model, lambda samples=samples: examiner.ask(samples, "x")) for samples in (some, motion.move(some))
    )
    if [call.name for call in here] != [call.name for call in there]:
        return ()
    storage = Storage.of(motion, some)
    close = tolerance(examiner.dtype)
    with torch.no_grad():
        found = [_leaf(storage, before, after, close) for before, after in zip(here, there, strict=True)]
    return _with_shares([leaf for i, leaf in enumerate(found) if here[i].leaf or _innermost(i, here, found)])


def _innermost(which: int, calls: list[Call], found: list[Leaf]) -> bool:
    """Whether a call breaks by itself, and none inside it does."""
    within = {which}
    for i in range(which + 1, len(calls)):
        if calls[i].inside in within:
            within.add(i)
    return found[which].local > BREAKS and not any(found[i].local > BREAKS for i in within - {which})


def _with_shares(found: list[Leaf]) -> tuple[Leaf, ...]:
    total = sum(leaf.local**2 for leaf in found if not math.isnan(leaf.local))
    return tuple(replace(leaf, share=leaf.local**2 / total if total > 0 else math.nan) for leaf in found)


def _leaf(storage: Storage, before: Call, after: Call, close: float) -> Leaf:
    kind = type(before.module).__name__
    answers = _fits(storage, before.answer, after.answer)
    known = [carried for carried in answers if carried is not None]
    if not known:
        return Leaf(before.name, kind, "unknown", math.nan, math.nan, math.nan, math.nan)
    error, moves = max(carried.error for carried in known), _moves(before, answers)
    local = _local(storage, before, after, answers, close)
    return Leaf(before.name, kind, moves, error, math.nan, local, math.nan)


def _moves(before: Call, answers: list[Carried | None]) -> Moves:
    """How the first of the answers moves that is no whole number, else the first."""
    known = [(t, carried) for t, carried in zip(tensors(before.answer), answers, strict=False) if carried is not None]
    return next((carried for t, carried in known if t.dtype.is_floating_point), known[0][1]).moves


def _local(storage: Storage, before: Call, after: Call, answers: list[Carried | None], close: float) -> float:
    """The error of m(π·u) against π·v; what was recorded on π·x says it where all of u has moved along.

    Of tensors that move in no way exactly, several ways may be as good: in doubt a leaf is not to blame. Whole numbers
    that are others on π·x, as of points picked, cannot be carried: what is given these has no error of its own.
    """
    given = _fits(storage, before.given, after.given)
    if len(given) != len(tensors(after.given)) or any(carried is None for carried in given):
        return math.nan
    held = tensors(before.given)
    moved = [c.carry(u) for c, u in zip(given, held, strict=True) if c is not None]
    if all(carried is not None and carried.error <= close for carried in given):
        return max(carried.error for carried in answers if carried is not None)
    if any(c is not None and c.error > 0 and not u.dtype.is_floating_point for c, u in zip(given, held, strict=True)):
        return math.nan
    try:
        again = before.again(with_tensors(before.given, iter(moved)), after.support)
    except Exception:  # the module is the user's; what it cannot take when called by itself has no local error
        return math.nan
    known = [carried.error for carried in _fits(storage, before.answer, again) if carried is not None]
    return max(known, default=math.nan)


def _fits(storage: Storage, before: object, after: object) -> list[Carried | None]:
    return [storage.fit(u, again) for u, again in zip(tensors(before), tensors(after), strict=False)]
