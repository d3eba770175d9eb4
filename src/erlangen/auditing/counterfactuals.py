"""The smallest set of changes that takes a break away: each alone, then together, then in pairs."""

import math
from dataclasses import replace
from itertools import combinations

import torch
from torch import nn

from erlangen.auditing.changes import Change, changed
from erlangen.auditing.examine import Examiner
from erlangen.auditing.measure import Numbers
from erlangen.auditing.motion import Motion
from erlangen.auditing.verdict import BROKEN_ABOVE, tolerance

DECISIVE = 3.0
RESIDUE = 0.02  # a break is explained when so much of it is left, or rounding

Changes = tuple[Change, ...]


class Counterfactuals:
    """Asks a model, changed, about motions; what each change answers to x is kept, for all motions."""

    def __init__(self, examiner: Examiner, model: nn.Module):
        self.examiner, self.model = examiner, model
        self._made: dict[Changes, Examiner | None] = {}

    def explain(self, motion: Motion, candidates: list[Change]) -> list[tuple[Changes, Numbers, Numbers]]:
        """Decisive sets of changes, each with the numbers before and after; none where none is decisive.

        Single changes that leave nothing of the break, else the smallest set that does much better than the best
        single one, else the single ones that are decisive.
        """
        found = self._explain(motion, candidates)
        copies = [changes for changes in self._made if any(change.of_modules for change in changes)]
        for changes in copies:  # a large model is not to be held many times
            del self._made[changes]
        return found

    def runs(self, changes: Changes) -> bool:
        """Whether the copy with these changes can be made and answers."""
        return self._changed(changes) is not None

    def _explain(self, motion: Motion, candidates: list[Change]) -> list[tuple[Changes, Numbers, Numbers]]:
        before = self.examiner.examine(motion).numbers
        measured = [((change,), self.after(motion, (change,))) for change in candidates]
        alone = [(changes, after) for changes, after in measured if after is not None and decisive(before, after)]
        whole = [(changes, after) for changes, after in alone if self._explained(before, after)]
        if whole:
            return [(changes, before, after) for changes, after in whole]
        best = min((after.error for _, after in alone), default=math.inf)
        several = self._together(motion, before, tuple(candidates)) or self._pair(motion, before, candidates)
        if several is not None and several[1].error * DECISIVE <= best:
            return [(several[0], before, several[1])]
        return [(changes, before, after) for changes, after in alone]

    def after(self, motion: Motion, changes: Changes) -> Numbers | None:
        """The numbers with these changes; None if the copy does not run or its answers vary too little to tell."""
        examiner = self._changed(changes)
        try:
            numbers = None if examiner is None else examiner.examine(motion).numbers
        except Exception:  # a copy that answers x and not g·x is no evidence
            return None
        return None if numbers is None or math.isnan(numbers.error) or numbers.floor > BROKEN_ABOVE else numbers

    def _changed(self, changes: Changes) -> Examiner | None:
        if changes not in self._made:
            e = self.examiner
            try:
                twin = e.witness.twin(changed(self.model, changes, e.domain.axes))
                self._made[changes] = replace(e, witness=twin, y=torch.empty(0))
            except Exception:  # a copy that cannot be made or run is no evidence
                self._made[changes] = None
        return self._made[changes]

    def _together(self, motion: Motion, before: Numbers, changes: Changes) -> tuple[Changes, Numbers] | None:
        """All changes at once, without those that add nothing."""
        after = self.after(motion, changes) if len(changes) > 1 else None
        if after is None or not decisive(before, after):
            return None
        enough = max(RESIDUE * before.error, DECISIVE * after.error)
        for change in changes if len(changes) > 2 else ():
            rest = tuple(c for c in changes if c is not change)
            without = self.after(motion, rest)
            if without is not None and decisive(before, without) and without.error <= enough:
                return self._together(motion, before, rest)
        return changes, after

    def _pair(self, motion: Motion, before: Numbers, candidates: list[Change]) -> tuple[Changes, Numbers] | None:
        """The best of the pairs: what is right for two things may not run, or spoil the rest, with all at once."""
        pairs = combinations(candidates, 2) if len(candidates) > 2 else ()
        measured = [(pair, self.after(motion, pair)) for pair in pairs]
        known = [(pair, after) for pair, after in measured if after is not None and decisive(before, after)]
        return min(known, key=lambda found: found[1].error, default=None)

    def _explained(self, before: Numbers, after: Numbers) -> bool:
        return after.error <= max(RESIDUE * before.error, after.floor, tolerance(self.examiner.dtype))


def decisive(before: Numbers, after: Numbers) -> bool:
    """Whether the error fell by so much that chance and rounding do not explain it."""
    return after.error * DECISIVE <= before.error and after.high < before.low
