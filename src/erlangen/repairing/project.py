"""A trained network's nearest symmetric one: the same steps, each with the weights that the symmetry allows."""

from dataclasses import dataclass

from torch import Tensor, nn

from erlangen.auditing.witness import Witness
from erlangen.blueprint import Blueprint
from erlangen.errors import InputError, TaskError
from erlangen.given import whole
from erlangen.repairing.channels import Channels
from erlangen.repairing.inner import enough, inner_fields, linear_answers, sizes_at
from erlangen.repairing.matching import Fields
from erlangen.repairing.rebuild import Rebuilder, fixed
from erlangen.repairing.steps import MEND, steps_of
from erlangen.repairing.tree import tree_of
from erlangen.task import Task


@dataclass(frozen=True)
class Projected:
    """The network, how its inner channels move, what of each weight was not symmetric, and what else was changed.

    >>> import torch, erlangen as er
    >>> plain = torch.nn.Sequential(torch.nn.Conv2d(1, 8, 3, padding=1), torch.nn.ReLU(), torch.nn.Conv2d(8, 2, 1))
    >>> task = er.Task(er.Grid(2), er.C(4), input=1, output=er.Equivariant(2))
    >>> made = er.repairing.projected(plain, task, torch.randn(16, 1, 8, 8))
    >>> sorted(made.lost), made.mended
    (['_0', '_2'], ())
    """

    net: Blueprint
    fields: dict[str, Fields]
    lost: dict[str, float]
    mended: tuple[str, ...]


def projected(model: nn.Module, task: Task, x: Tensor, pooled: bool = False, width: int = 1) -> Projected:
    """The nearest network of the task to an ordinary one, from examples `[n, c, …]` that nobody has to label.

    `pooled` takes the mean over places where the model has a flatten, so that translations change less; else it keeps
    where things are. `width`, a divisor of |G|, is how many fields are made of |G| channels that do not move as fields
    already: |G|/width of them stand in each, and the others of its channels are new.

    >>> import torch, erlangen as er
    >>> plain = torch.nn.Sequential(torch.nn.Conv2d(1, 8, 3, padding=1), torch.nn.ReLU(), torch.nn.Conv2d(8, 2, 1))
    >>> task = er.Task(er.Grid(2), er.C(4), input=1, output=er.Equivariant(2))
    >>> made = er.repairing.projected(plain, task, torch.randn(16, 1, 8, 8))
    >>> type(made.net).__name__, made.net(torch.zeros(1, 1, 8, 8)).shape
    ('Blueprint', torch.Size([1, 2, 8, 8]))
    """
    group = task.symmetry
    if group.order is None:
        kept = task.domain.kept(group)
        mend = f"Repair it to {kept!r}, which the domain keeps." if kept.order else MEND
        raise TaskError(f"a repair to {group!r}", "a finite group, which can permute channels", mend)
    if whole("width", width, TaskError) > group.order or group.order % width:
        raise TaskError(f"width={width} of {group!r}", f"a divisor of its order {group.order}", "At first 1.")
    found = steps_of(model.eval())
    channels, parts = Channels(found), tree_of(found)
    _check(model, task, x)
    known = _ends(task, channels, found.start, found.end)
    x = enough(found, x)
    fields = inner_fields(found, channels, task.source, x, known, width)
    told = linear_answers(found, x), sizes_at(found, x)
    made = Rebuilder(task, found, channels, fields, *told, pooled=pooled).network(parts, x)
    notes = _notes(fields, known, made.lost, made.mended, width == group.order)
    return Projected(Blueprint(made.layers, task, notes).eval(), fields, made.lost, tuple(made.mended))


def _check(model: nn.Module, task: Task, x: Tensor) -> None:
    """Refuse examples that do not fit the task, and a model that answers something else."""
    task.source.check(x)
    if len(x) < 2 or not bool(x.isfinite().all()):
        given = f"{len(x)} examples" if len(x) < 2 else "examples that are not finite"
        raise InputError(given, "two or more, of finite numbers", "Take some that the model was trained on.")
    y = Witness(model)(x[:2])
    task.target.check(y)


def _ends(task: Task, channels: Channels, start: str, end: str) -> dict[str, Fields]:
    """The channels that the task tells how to move: those that come in, and those of the answer."""
    first, last = channels.bundles_at(start), channels.bundles_at(end)
    if len(last) != 1:
        raise TaskError("an answer of concatenated channels", "one linear map that gives it", MEND)
    known = {first[0]: fixed(task.source.rho), last[0]: fixed(task.target.rho)}
    if first == last and task.source.rho != task.target.rho:
        raise TaskError("an answer that is the input plus something", f"{task.source.rho} on both sides", MEND)
    return known


def _notes(
    fields: dict[str, Fields], known: dict[str, Fields], lost: dict[str, float], mended: list[str], alone: bool
) -> list[str]:
    inner = [f for bundle, f in fields.items() if bundle not in known]
    there = sum(f.found for f in inner)
    notes = [f"Repaired from an ordinary network: {len(lost)} linear maps, each the nearest that the symmetry allows."]
    if there:
        notes.append(f"{there} of {len(inner)} bundles of inner channels moved as fields already.")
    apart = [f for f in inner if not f.found]
    if apart:
        agreed = f"their mean correlation was {sum(f.agreement for f in apart) / len(apart):.2f}"
        notes.append(
            f"{len(apart)} of {len(inner)} were put together to regular fields by what they answer to moved "
            f"examples: {'each channel has a field of its own' if alone else agreed}."
        )
    new = sum(len(f.free) for f in apart)
    if new:
        notes.append(
            f"{new} of their {sum(f.rho.dim for f in apart)} channels are new, where none of the model's stands."
        )
    return [*notes, *(f"Mended: {what}." for what in mended)]
