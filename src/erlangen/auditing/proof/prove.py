"""The question: for these motions, is f(g·x) = g·f(x) an identity?"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from erlangen.auditing.motion import Motion
from erlangen.auditing.proof.field import Field, Residues
from erlangen.auditing.proof.locate import locate
from erlangen.auditing.proof.program import Program
from erlangen.auditing.proof.values import Undecided
from erlangen.errors import SymmetryError

ELSEWHERE = "the answer, which has its values in other places,"
TOGETHER = 4  # inputs of every batch: the model is traced for one size, and what a batch lacks is drawn


@dataclass(frozen=True)
class Proof:
    """What became of one motion: `proved` for all inputs of this size, up to a chance of `bound`; `refuted`, `where`
    the inner values first are no longer those of x in another order; or `undecided`, and `why`."""

    verdict: Literal["proved", "refuted", "undecided"]
    bound: float = 0.0
    where: str = ""
    why: str = ""

    def __str__(self) -> str:
        if self.verdict == "proved":
            return f"proved for all inputs of this size; chance of error about {self.bound:.0e}"
        if self.verdict == "refuted":
            return "refuted in exact arithmetic" + (f" from {self.where} on" if self.where else "")
        return f"not decided: {self.why}"


def summary(proofs: Sequence[Proof]) -> Proof | None:
    """What became of several: refuted if one was, and then where; undecided if one was; else proved."""
    order = {"refuted": 0, "undecided": 1, "proved": 2}
    return min(proofs, key=lambda proof: (order[proof.verdict], not proof.where, -proof.bound), default=None)


class Prover:
    """Asks about motions of inputs of one shape; a model is exported once for each shape.

    The model is called through `read`, which picks the audited tensor `[n, …]` out of its answer; `like` has the dtype
    and the device of its inputs. Inputs are drawn from the field, and one is evaluated in two batches that have nothing
    else in common, so that a model that mixes the inputs of a batch is noticed.
    """

    def __init__(self, model: Callable[..., Any], read: Callable[[Any], Tensor], like: Tensor, seed: int = 0):
        self.model, self.read, self.like = model, read, like
        self.field = Field(seed)
        self.field.dtype = like.dtype
        self.copied: Callable[..., Any] | None = None
        self._programs: dict[tuple[int, ...], Program] = {}
        self._apart: set[tuple[int, ...]] = set()  # shapes of inputs of which none was seen to change another
        self._refused: Undecided | None = None

    def prove(self, motions: Sequence[Motion], shape: tuple[int, ...]) -> list[Proof]:
        """One proof for each motion of inputs of this shape, `[channel, …]`; the first that is refuted says where."""
        x = self.field.random((1, *shape))
        moved, found = self._moved(motions, x)
        same = [i for i in moved if moved[i].shape == x.shape]
        others = [i for i in moved if moved[i].shape != x.shape]
        try:
            fx, *answers = self._asked([x, *(moved[i] for i in same)])
            self._refuse_mixing(x, fx)
            answers += self._asked([moved[i] for i in others]) if others else []
        except Undecided as reason:
            return [found.get(i, Proof("undecided", why=_said(reason))) for i in range(len(motions))]
        for i, y in zip([*same, *others], answers, strict=True):
            located = not any(proof.verdict == "refuted" for proof in found.values())
            found[i] = self._one(x, fx, motions[i], moved[i], y, located)
        return [found[i] for i in range(len(motions))]

    def _moved(self, motions: Sequence[Motion], x: Residues) -> tuple[dict[int, Residues], dict[int, Proof]]:
        """g·x for each motion that the field knows; why not for each other."""
        moved, refused = {}, {}
        for i, motion in enumerate(motions):
            try:
                moved[i] = self._whole(motion.move, x)
            except (Undecided, SymmetryError) as reason:
                refused[i] = Proof("undecided", why=_said(reason))
        return moved, refused

    def _one(self, x: Residues, fx: Residues, motion: Motion, gx: Residues, fgx: Residues, located: bool) -> Proof:
        try:
            expected, given = self._whole(motion.answer, fx), self._whole(motion.read, fgx)
        except (Undecided, SymmetryError) as reason:
            return Proof("undecided", why=_said(reason))
        if expected.shape != given.shape:
            return Proof("undecided", why=f"answers of shape {tuple(given.shape)} and {tuple(expected.shape)}")
        if self.field.equal(expected, given):
            degree = max(self.field.degree, expected.degree, 1)
            return Proof("proved", bound=(degree / min(self.field.primes)) ** 2)
        return Proof("refuted", where=self._where(x, gx) if located and gx.shape == x.shape else "")

    def _where(self, x: Residues, gx: Residues) -> str:
        junk = self._drawn(x, TOGETHER - 1)
        program = self._program((TOGETHER, *x.shape[1:]))
        return locate(program, self.field, stacked([x, *junk]), stacked([gx, *junk])) or ELSEWHERE

    # ---- asking the model -----------------------------------------------------------------------------------------
    def _refuse_mixing(self, x: Residues, fx: Residues) -> None:
        """f(x) has to be the same beside other inputs, and in another place; asked once of each shape."""
        if (shape := tuple(x.shape)) in self._apart:
            return
        *_, again = self._asked([*self._drawn(x, TOGETHER - 1), x])
        if not self.field.equal(fx, again):
            raise Undecided("the answer to an input depends on what else is in its batch")
        self._apart.add(shape)

    def _asked(self, given: list[Residues]) -> list[Residues]:
        """f of each, in batches of one size."""
        answers: list[Residues] = []
        for start in range(0, len(given), TOGETHER):
            some = given[start : start + TOGETHER]
            batch = stacked([*some, *self._drawn(some[0], TOGETHER - len(some))])
            y = self._program(tuple(batch.shape)).run(self.field, batch)
            if y.shape[0] != TOGETHER:
                raise Undecided(f"{y.shape[0]} answers to {TOGETHER} inputs")
            answers += [y[i : i + 1] for i in range(len(some))]
        return answers

    def _drawn(self, like: Residues, count: int) -> list[Residues]:
        """Fresh inputs to stand beside others."""
        return [self.field.random(tuple(like.shape)) for _ in range(count)]

    def _program(self, shape: tuple[int, ...]) -> Program:
        if self._refused is not None:  # a model that cannot be exported once is not tried at other sizes
            raise self._refused
        if shape not in self._programs:
            try:
                if self.copied is None:
                    self.copied = _copy(self.model)
                self._programs[shape] = Program(self.copied, self.like.new_zeros(shape), self.read)
            except Undecided as reason:
                self._refused = reason
                raise
        return self._programs[shape]

    def _whole(self, move: Callable[[Tensor], Tensor], given: Residues) -> Residues:
        """A motion of residues, which has to take whole numbers to whole numbers: a permutation, with signs."""
        parts = []
        for i, part in enumerate(given.parts):
            moved = move(part)
            rounded = moved.round()
            if float((moved - rounded).abs().max()) > 1e-3:
                raise Undecided("the motion mixes values, and does not only reorder them or change their signs")
            parts.append(self.field.reduced(rounded, i))
        return Residues((parts[0], parts[1]), given.degree)


def stacked(given: Sequence[Residues]) -> Residues:
    """One batch of several."""
    first, second = (torch.cat([r.parts[i] for r in given]) for i in range(2))
    return Residues((first, second), max(r.degree for r in given))


def _copy(model: Callable[..., Any]) -> Callable[..., Any]:
    """A copy to be traced: what a model keeps of what it is given would else be torch's stand-ins for tensors."""
    if not isinstance(model, nn.Module):
        return model
    try:
        return deepcopy(model)
    except Exception as reason:  # the model is the user's
        raise Undecided(f"the model cannot be copied: {reason}") from reason


def _said(reason: Exception) -> str:
    return str(reason).splitlines()[0]
