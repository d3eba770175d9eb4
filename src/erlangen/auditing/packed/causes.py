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
from erlangen.auditing.packed.examine import TIES, Answered, PackedExaminer
from erlangen.auditing.packed.leaves import BREAKS, measure_packed
from erlangen.auditing.packed.motion import Relabelled
from erlangen.auditing.report import severity
from erlangen.auditing.verdict import BROKEN_ABOVE
from erlangen.auditing.witness import warn

Found = tuple[tuple[Leaf, ...], tuple[Cause, ...]]
BREAKING = ("broken", "approximate", "not resolved")


def located(examiner: PackedExaminer, answered: Answered, warnings: list[str]) -> Found:
    """The leaves at the worst relabelling of what is broken, and the causes that can be named; none where nothing is.

    Where all orders of different points are kept, and that of points alike in pairs is not, these are asked about.
    """
    kept = all(f.verdict in ("exact", "proved") for q, findings in answered if q.law != TIES for f in findings)
    ties = [row for row in answered if row[0].law == TIES] if kept else []
    judged = [row for row in answered if row[0].judged]
    found = [(q, f) for q, findings in ties or judged for f in findings if f.verdict in BREAKING]
    question, finding = max(found, key=lambda pair: severity(pair[1]), default=(None, None))
    if question is None or finding is None or not isinstance(finding.motion, Relabelled):
        return (), ()
    asked = examiner.tied[question.elements] if ties else examiner
    try:
        leaves = measure_packed(asked, finding.motion)
        if ties:
            return leaves, (_ties(finding, answered, leaves),)
        return leaves, _orders(asked, question.law, finding.motion, leaves)
    except Exception as reason:  # an extra: a model that cannot be copied or watched still has its verdict
        warn(warnings, f"Its layers could not be measured: {type(reason).__name__}: {reason}")
        return (), ()


def _ties(finding: Finding, answered: Answered, leaves: tuple[Leaf, ...]) -> Cause:
    """That the same relabellings of points that differ are kept is the counterfactual."""
    where = ", ".join(f"{leaf.name} ({leaf.kind})" for leaf in leaves if leaf.local > BREAKS)
    return Cause(
        name="ties",
        law=TIES,
        element=finding.motion.label,
        what="ties are broken by the order of storage" + f", in {where}" * bool(where),
        instead="points that all differ",
        before=finding.numbers.error,
        after=max(f.numbers.error for q, findings in answered if q.law != TIES for f in findings),
    )


def _orders(examiner: PackedExaminer, law: str, motion: Relabelled, leaves: tuple[Leaf, ...]) -> tuple[Cause, ...]:
    """Leaves that break by themselves, and no more once their rows come sorted by what they hold."""
    guilty = {leaf.name: leaf for leaf in sorted(leaves, key=lambda leaf: -leaf.local) if leaf.local > BREAKS}
    examiner = examiner.double or examiner
    before = examiner.examine(motion).numbers
    found = []
    for leaf in guilty.values():
        tried = (_sorted(examiner, leaf.name, motion, *how) for how in ((0, True), (1, True), (1, False)))
        known = [after for after in tried if after is not None and decisive(before, after)]
        after = next((after for after in known if after.floor <= BROKEN_ABOVE), None)
        if after is not None:
            what = f"order dependence: {leaf.name} ({leaf.kind}) reads its rows in the order in which they are stored"
            instead = "its rows sorted by what they hold"
            found.append(Cause("order dependence", law, motion.label, what, instead, before.error, after.error))
    return tuple(found)


def _sorted(examiner: PackedExaminer, name: str, motion: Relabelled, axis: int, back: bool) -> Numbers | None:
    """The numbers with the rows of one leaf sorted before it, and put `back` behind it; None where there are none.

    Rows are on the first axis, or on the second of what has one place for each sample. Where the last of a sequence is
    read, as of recurrent layers, putting them back would pick another one.
    """
    model: Any = copy.deepcopy(examiner.model)
    orders: list[Tensor | None] = []

    def before(module: nn.Module, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, Any]:
        held = tensors((args, named))
        shape = next((t.shape[: axis + 1] for t in held if t.dim() > 1 + axis and t.dtype.is_floating_point), None)
        orders.append(None if shape is None else _by_value([t for t in held if t.shape[: axis + 1] == shape], axis))
        return with_tensors((args, named), (_in_order(t, orders[-1], axis) for t in held))

    def after(module: nn.Module, args: Any, answer: Any) -> Any:
        order = orders.pop()
        way = torch.argsort(order) if back and order is not None else None
        return with_tensors(answer, (_in_order(t, way, axis) for t in tensors(answer)))

    try:
        module = model.get_submodule("" if name == ROOT else name)
        module.register_forward_pre_hook(before, with_kwargs=True)
        module.register_forward_hook(after)
        return replace(examiner, model=model).examine(motion).numbers
    except Exception:  # a copy that cannot be made or run is no evidence
        return None


def _in_order(values: Tensor, order: Tensor | None, axis: int) -> Tensor:
    """The rows of a tensor in another order; one of other rows as it is. `order` is `[rows]`, or `[samples, rows]`."""
    if order is None or values.shape[: axis + 1] != order.shape:
        return values
    return values[order] if axis == 0 else values[torch.arange(len(order))[:, None], order]


def _by_value(held: list[Tensor], axis: int) -> Tensor:
    """The order of rows by the whole numbers that come along, as those of the segments they are of, then by values."""
    keys = sorted(held, key=lambda t: not t.dtype.is_floating_point)  # the last sorted counts most
    columns = [column for t in keys for column in t.reshape(*t.shape[: axis + 1], -1).unbind(-1)]
    order = torch.arange(held[0].shape[axis]).expand(held[0].shape[: axis + 1])
    for column in columns:
        order = order.gather(axis, torch.argsort(column.gather(axis, order), dim=axis, stable=True))
    return order
