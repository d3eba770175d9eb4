"""What a derived network is compared with: the plain network of as many parameters."""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import torch
from torch import nn

from erlangen.blueprint import derive
from erlangen.blueprint.plan import Choices, make_plan
from erlangen.blueprint.recurrent import is_recurrent
from erlangen.domains import Grid, Mesh, Nest, Points, Product, Sphere
from erlangen.domains.packed import Packed
from erlangen.errors import TaskError
from erlangen.groups import Trivial
from erlangen.task import Equivariant, Task
from erlangen.train.padded import twin_on_packed
from erlangen.train.pictures import OnPicture, choices_on_picture, going_round
from erlangen.train.plain_compound import Most, twin_on_compound
from erlangen.train.plain_meshes import twin_on_meshes
from erlangen.train.plain_points import VECTORS, twin_on_points
from erlangen.train.plain_recurrent import twin_in_time
from erlangen.train.widths import TOLERANCE, match_width
from erlangen.train.widths import parameters as parameters

AS_DERIVED = ("kernel_size", "function", "pool", "global_pool", "normalize", "residual", "dilated", "words")


def plain_task(task: Task) -> Task:
    """The same question with no symmetry but the shared weights of a convolution; on the sphere of its picture.

    >>> from erlangen.domains import Grid
    >>> from erlangen.groups import C
    >>> from erlangen.task import Invariant
    >>> plain_task(Task(Grid(2), C(4), 1, Invariant(10))).symmetry
    Trivial()
    """
    output = task.output
    if isinstance(output, Equivariant):
        output = Equivariant(task.target.channels, pooled=output.pooled)
    return Task(Grid(2) if on_sphere(task) else task.domain, Trivial(), task.source.channels, output)


def on_sphere(task: Task) -> bool:
    """Whether signals are pictures of latitudes × longitudes, or to be drawn as such."""
    return isinstance(task.domain, Sphere)


def plain_twin(
    net: nn.Module,
    task: Task,
    depth: int = 2,
    scales: int | None = None,
    *,
    points: Most = None,
    reads: str = VECTORS,
    **choices: Any,
) -> nn.Module:
    """|params(plain) − params(net)| ≤ 0.05 params(net): an ordinary CNN with the depth, scales, pools, norm of `net`.

    It is made of torch's own Conv, BatchNorm and Linear layers, each filter free and none turned. The width is
    searched; it doubles at each halving as in `net`, and the coarsest scale takes what is then still missing. `depth`,
    `scales` and `choices` are those `net` was derived with; what they leave out is as its task chose it, the size of
    filters above all. TaskError where no width comes near enough.

    On the sphere it is that CNN on the picture of latitudes × longitudes, whose columns go round (`RoundConv2d`);
    signals at vertices are drawn as such a picture first (`OnPicture`). On sets and graphs it is an MLP on padded rows
    in their stored order (`PaddedNet`), of which `points` says how many; for an answer at every point an MLP on each by
    itself (`PointwiseNet`), for which there is no order. On clouds of points it sends messages along the same
    neighbours (`MessageNet`), of which it `reads` "vectors", or "distances" alone; on surfaces it reads where vertices
    are and the maximum over all (`PointNet`). In time, where `net` is recurrent,
    it is torch's nn.LSTM, nn.GRU or nn.RNN with all their biases (`PlainRecurrent`). On products of domains it is
    convolutions along one factor after the other; where a factor is packed, and on sets of signals, convolutions of
    what stands at each point, and of these the plain network on points (`RowsThenPoints`).

    >>> from erlangen.blueprint import derive
    >>> from erlangen.domains import Grid
    >>> from erlangen.groups import C
    >>> from erlangen.task import Invariant
    >>> task = Task(Grid(2), C(4), 1, Invariant(10))
    >>> net = derive(task, width=32)
    >>> abs(parameters(plain_twin(net, task)) / parameters(net) - 1) < 0.05
    True
    """
    return _twin(parameters(net), task, depth, scales, points, reads, choices)


def _twin(
    wanted: int, task: Task, depth: int, scales: int | None, points: Most, reads: str, choices: dict[str, Any]
) -> nn.Module:
    """The plain network of so many parameters."""
    if isinstance(task.domain, Points):
        return twin_on_points(wanted, task, depth, reads, choices.get("pool", "mean")).train()
    if isinstance(task.domain, Mesh):
        return twin_on_meshes(wanted, task, bool(choices.get("normalize", True))).train()
    if isinstance(task.domain, Packed):
        return twin_on_packed(
            wanted, task, points if isinstance(points, int) else None, bool(choices.get("normalize", True))
        ).train()
    if isinstance(task.domain, Nest | Product) and task.domain.packed:
        kept = {name: value for name, value in choices.items() if name in AS_DERIVED}
        inner, outer = points if isinstance(points, tuple) else (None, points)
        of_points = {name: value for name, value in kept.items() if name == "normalize"}
        return twin_on_compound(
            wanted,
            task,
            lambda count, asked: _twin(count, asked, depth, scales, inner, reads, kept),
            lambda count, asked: _twin(count, asked, depth, None, outer, reads, of_points),
        ).train()
    if isinstance(task.domain, Product):
        return twin_on_products(wanted, task, depth, scales, choices).train()
    if is_recurrent(task, choices):
        return twin_in_time(wanted, task, depth, choices)
    return _ordinary(wanted, task, depth, scales, choices)


def _ordinary(wanted: int, task: Task, depth: int, scales: int | None, choices: dict[str, Any]) -> nn.Module:
    """The plain CNN of so many parameters."""
    plain = plain_task(task)
    made = Choices.of(choices_on_picture(choices), plain) if on_sphere(task) else Choices.of(choices, task)
    kept = {name: getattr(made, name) for name in AS_DERIVED}
    best, found = _widths(wanted, plain, depth, scales, tuple(kept.items()))
    if abs(found - wanted) > TOLERANCE * wanted:
        given = f"a network of {wanted:,} parameters, where the nearest plain one has {found:,}"
        raise TaskError(given, f"one within {TOLERANCE:.0%}", "Derive with a greater width.")
    twin = derive(plain, best, depth, **kept).export().train()
    if not on_sphere(task):
        return twin
    return going_round(twin) if task.domain.axes == 2 else OnPicture(going_round(twin))


def twin_on_products(wanted: int, task: Task, depth: int, scales: int | None, choices: dict[str, Any]) -> nn.Module:
    """Ordinary convolutions along one factor after the other, of as many parameters, under no group but shifts."""
    plain = plain_task(task)
    kept = {name: value for name, value in choices.items() if name not in ("fields", "nonlinearity", "fibre")}

    def count(width: int) -> int:
        with torch.random.fork_rng(devices=[]):
            return parameters(derive(plain, width, depth, scales, **kept))

    width = match_width(count, wanted)
    if abs(count(width) - wanted) > TOLERANCE * wanted:
        given = f"a network of {wanted:,} parameters, where the nearest plain one has {count(width):,}"
        raise TaskError(given, f"one within {TOLERANCE:.0%}", "Derive with a greater width.")
    return derive(plain, width, depth, scales, **kept).export()


@lru_cache(maxsize=64)  # of every seed and model of a run the same
def _widths(
    wanted: int, plain: Task, depth: int, scales: int | None, kept: tuple[tuple[str, Any], ...]
) -> tuple[tuple[int, ...], int]:
    """The widths at the scales whose count comes nearest, and that count."""
    choices = dict(kept)

    @cache
    def count(widths: tuple[int, ...]) -> int:
        with torch.random.fork_rng(devices=[]):  # the search must not change which weights are drawn in the end
            return sum(parameters(layer.export()) for layer in derive(plain, widths, depth, **choices))

    levels = len(make_plan(plain, 1, depth, scales, choices).copies)
    best = min(_candidates(count, levels, wanted), key=lambda widths: abs(count(widths) - wanted))
    return best, count(best)


def _candidates(count: Callable[[tuple[int, ...]], int], scales: int, wanted: int) -> list[tuple[int, ...]]:
    """The best doubling widths, and beside them those whose coarsest scale alone is fitted."""

    def doubling(finest: int, scales: int) -> tuple[int, ...]:
        return tuple(finest * 2**scale for scale in range(scales))

    base = match_width(lambda finest: count(doubling(finest, scales)), wanted)
    found = [doubling(base, scales)]
    for finest in range(max(1, base - 2), base + 3):
        finer = doubling(finest, scales - 1)
        last = match_width(lambda width, finer=finer: count((*finer, width)), wanted)
        found.append((*finer, last))
    return found
