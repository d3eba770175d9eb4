"""Why relabelling breaks: a layer that reads its rows as they are stored, or ties that are broken by their place."""

import copy
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from erlangen.auditing.causes import Cause
from erlangen.auditing.counterfactuals import decisive
from erlangen.auditing.examine import Finding
from erlangen.auditing.leaves import ROOT, Leaf
from erlangen.auditing.measure import Numbers
from erlangen.auditing.packed.calls import tensors, with_tensors
from erlangen.auditing.packed.examine import Answered, PackedExaminer
from erlangen.auditing.packed.leaves import BREAKS, measure_packed
from erlangen.auditing.packed.motion import Relabelled
from erlangen.auditing.plan import Question
from erlangen.auditing.report import severity
from erlangen.auditing.verdict import BROKEN_ABOVE
from erlangen.auditing.witness import warn

Found = tuple[tuple[Leaf, ...], tuple[Cause, ...]]
BREAKING = ("broken", "approximate")


def located(examiner: PackedExaminer, answered: Answered, warnings: list[str]) -> Found:
    """The leaves at the worst relabelling of what is broken, and the causes that can be named; none where nothing is.

    Where all orders of different points are kept, and that of points alike in pairs is not, these are asked about.
    """
    judged = _worst(answered, judged=True)
    ties = None if judged is not None else _worst(answered, judged=False)
    question, finding = judged or ties or (None, None)
    if question is None or finding is None or not isinstance(finding.motion, Relabelled):
        return (), ()
    asked = examiner.paired if ties is not None else examiner
    try:
        leaves = measure_packed(asked, finding.motion)
        if ties is None:
            return leaves, _orders(asked, question.law, finding.motion, leaves)
        return leaves, (_ties(question.law, finding, answered, leaves),)
    except Exception as reason:  # an extra: a model that cannot be copied or watched still has its verdict
        warn(warnings, f"Its layers could not be measured: {type(reason).__name__}: {reason}")
        return (), ()


def _worst(answered: Answered, judged: bool) -> tuple[Question, Finding] | None:
    """The worst break of what is judged, or of points alike in pairs, which come last."""
    rows = [row for row in answered if row[0].judged] if judged else answered[-1:]
    found = [(q, f) for q, findings in rows for f in findings if f.verdict in BREAKING]
    return max(found, key=lambda pair: severity(pair[1]), default=None)


def _ties(law: str, finding: Finding, answered: Answered, leaves: tuple[Leaf, ...]) -> Cause:
    """That the same relabellings of points that differ are kept is the counterfactual."""
    where = ", ".join(f"{leaf.name} ({leaf.kind})" for leaf in leaves if leaf.local > BREAKS)
    return Cause(
        name="ties",
        law=law,
        element=finding.motion.label,
        what="ties are broken by the order of storage" + f", in {where}" * bool(where),
        instead="points that all differ",
        before=finding.numbers.error,
        after=max(f.numbers.error for q, findings in answered[:-1] if q.judged for f in findings),
    )


def _orders(examiner: PackedExaminer, law: str, motion: Relabelled, leaves: tuple[Leaf, ...]) -> tuple[Cause, ...]:
    """Leaves that break by themselves, and no more once their rows come sorted by what they hold."""
    guilty = {leaf.name: leaf for leaf in sorted(leaves, key=lambda leaf: -leaf.local) if leaf.local > BREAKS}
    examiner = examiner.double or examiner
    before = examiner.examine(motion).numbers
    found = []
    for leaf in guilty.values():
        after = _sorted(examiner, leaf.name, motion)
        if after is not None and decisive(before, after) and after.floor <= BROKEN_ABOVE:
            what = f"order dependence: {leaf.name} ({leaf.kind}) reads its rows in the order in which they are stored"
            instead = "its rows sorted by what they hold"
            found.append(Cause("order dependence", law, motion.label, what, instead, before.error, after.error))
    return tuple(found)


def _sorted(examiner: PackedExaminer, name: str, motion: Relabelled) -> Numbers | None:
    """The numbers with the rows of one leaf sorted before it, and put back behind it; None where there are none."""
    model: Any = copy.deepcopy(examiner.model)
    rows: list[Tensor | None] = []

    def before(module: nn.Module, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, Any]:
        held = tensors((args, named))
        along = [t for t in held if t.dim() and t.dtype.is_floating_point]
        count = len(along[0]) if along else 0
        with_rows = [t for t in held if t.dim() and len(t) == count]
        rows.append(_by_value(with_rows) if along else None)
        order = rows[-1]
        if order is None:
            return args, named
        return with_tensors((args, named), iter([t[order] if any(t is u for u in with_rows) else t for t in held]))

    def after(module: nn.Module, args: Any, answer: Any) -> Any:
        order = rows.pop()
        if order is None:
            return answer
        back = torch.argsort(order)
        return with_tensors(answer, iter([t[back] if len(t) == len(back) else t for t in tensors(answer)]))

    try:
        module = model.get_submodule("" if name == ROOT else name)
        module.register_forward_pre_hook(before, with_kwargs=True)
        module.register_forward_hook(after)
        changed = replace(examiner, model=model)
        return changed.examine(motion).numbers
    except Exception:  # a copy that cannot be made or run is no evidence
        return None


def _by_value(rows: list[Tensor]) -> Tensor:
    """The order of rows by the whole numbers that come along, as those of the segments they are of, then by values."""
    order = torch.arange(len(rows[0]))
    keys = sorted(rows, key=lambda t: not t.dtype.is_floating_point)  # the last sorted counts most
    for column in [c for t in keys for c in t.reshape(len(t), -1).unbind(1)]:
        order = order[torch.argsort(column[order], stable=True)]
    return order
