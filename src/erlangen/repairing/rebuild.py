"""The same network of symmetric layers: each step as the layer of its kind, with the nearest weights allowed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from erlangen import layers as L
from erlangen.domains import Domain, Lattice, Point
from erlangen.errors import TaskError
from erlangen.layers import Layer
from erlangen.layers._fields import split_fields
from erlangen.repairing.channels import KEEPS, Channels
from erlangen.repairing.matching import Fields
from erlangen.repairing.nearest import set_nearest
from erlangen.repairing.steps import MEND, Step, Steps
from erlangen.repairing.tree import Beside
from erlangen.signal import Space
from erlangen.task import Task

KEPT = 1e-3  # of the weights, up to which nothing was lost, and statistics are left as they are
STEPS = 20  # of conjugate gradients towards what a step answers: more follow what the examples have by chance


@dataclass
class Stream:
    """What goes through the rebuilt network: its space, the bundles of channels in it, and values of examples."""

    space: Space
    bundles: tuple[str, ...]
    values: Tensor
    flat: bool = False  # whether a linear map of it is one of all places together


@dataclass
class Rebuilt:
    """The layers, and what was done: `lost` of each linear step the share ‖W − K‖/‖W‖, `mended` in words."""

    layers: list[Layer] = field(default_factory=list)
    lost: dict[str, float] = field(default_factory=dict)
    mended: list[str] = field(default_factory=list)


class Rebuilder:
    """Walks over the steps with examples in hand: `answers` of linear steps to them, and `sizes` at every step."""

    def __init__(
        self,
        task: Task,
        found: Steps,
        channels: Channels,
        fields: Mapping[str, Fields],
        answers: Mapping[str, Tensor],
        sizes: Mapping[str, tuple[int, ...]],
        pooled: bool = False,
    ):
        self.task, self.found, self.channels, self.fields = task, found, channels, fields
        self.answers, self.sizes, self.pooled = answers, sizes, pooled
        self.lost: dict[str, float] = {}
        self.mended: list[str] = []

    def network(self, parts: "Sequence[Step | Beside]", values: Tensor) -> Rebuilt:
        """All layers, from the examples `[n, c, …]` that go in."""
        start = Stream(self.task.source, self.channels.bundles_at(self.found.start), values)
        made, _ = self._chain(parts, start)
        return Rebuilt(made, self.lost, list(dict.fromkeys(self.mended)))

    # ---- chains and branches ---------------------------------------------------------------------------------------
    def _chain(self, parts: "Sequence[Step | Beside]", signal: Stream) -> tuple[list[Layer], Stream]:
        made: list[Layer] = []
        for part in parts:
            new, signal = (self._beside if isinstance(part, Beside) else self._step)(part, signal)  # type: ignore[arg-type]
            made += new
        return made, signal

    def _beside(self, part: Beside, signal: Stream) -> tuple[list[Layer], Stream]:
        """Two branches as a skip; of more the first as its shortcut."""
        made = [self._branch(branch, signal) for branch in part.branches]
        made.sort(key=lambda branch: bool(branch[0]))  # the signal itself stands first
        if sum(not layers for layers, _ in made) > 1:
            raise TaskError("a signal joined with itself", "with what was made of it", MEND)
        join = "add" if part.join.kind == "add" else "concatenate"
        (layers, here), *others = made
        for inner, there in others:
            if join == "add" and there.bundles != here.bundles:
                raise TaskError(f"{part.join.name}, a sum of channels joined in two ways", "joined in the same", MEND)
            layers = list[Layer]([L.Skip(inner, join, layers or None)])
            bundles = here.bundles if join == "add" else (*here.bundles, *there.bundles)
            here = Stream(layers[0].target, bundles, _through(layers, signal.values))
        return layers, here

    def _branch(self, branch: "tuple[Step | Beside, ...]", signal: Stream) -> tuple[list[Layer], Stream]:
        """The chain of a branch; where it ends by coming back to a finer level, the skip does that, to any size."""
        last = branch[-1] if branch else None
        if not isinstance(last, Step) or last.kind != "up":
            return self._chain(branch, signal)
        if not last["linear"]:
            self._interpolated(last)
        return self._chain(branch[:-1], signal)

    def _interpolated(self, step: Step) -> None:
        self.mended.append(f"interpolation: {step.name} is linear between sites, instead of the nearest")

    # ---- one step --------------------------------------------------------------------------------------------------
    def _step(self, step: Step, signal: Stream) -> tuple[list[Layer], Stream]:
        made = {
            "convolution": self._convolution,
            "dense": self._dense,
            "norm": self._norm,
            "function": lambda step, signal: [L.Pointwise(signal.space, step["name"])],
            "pool": self._pool,
            "whole": self._whole,
            "up": self._up,
        }.get(step.kind, lambda step, signal: [])(step, signal)
        flat = bool(signal.space.domain.axes) and (step.kind == "flatten" or (signal.flat and step.kind in KEEPS))
        space, values = (made[-1].target, _through(made, signal.values)) if made else (signal.space, signal.values)
        bundles = signal.bundles if step.kind in KEEPS else self.channels.bundles_at(step.name)
        return made, Stream(space, bundles, values, flat)

    def _convolution(self, step: Step, signal: Stream) -> list[Layer]:
        weight, stride = step["weight"], step["stride"]
        domain = signal.space.domain
        if not isinstance(domain, Lattice):
            raise TaskError(f"{step.name} on {domain!r}", "convolutions before what is for the whole", MEND)
        if not step["same"]:
            self.mended.append(f"border: {step.name} answers at the border too, where it left it out")
        kept, seen = ("circular", "the other side") if domain.boundary == "periodic" else ("zeros", "zeros")
        if step["border"] not in ("", kept):
            self.mended.append(f"border: {step.name} sees {seen} beyond it, instead of {step['border']}")
        target = self._target(step, domain.coarser() if stride == 2 else domain)
        if stride == 2:
            self.mended.append(f"stride: {step.name} is sampled symmetrically about the centre")
        layer = L.LatticeConv(
            signal.space,
            target,
            kernel_size=tuple(weight.shape[2:]),
            stride=stride,
            dilation=step["dilation"],
            bias=step["bias"] is not None,
        )
        return self._weighed(step, layer, weight, signal)

    def _dense(self, step: Step, signal: Stream) -> list[Layer]:
        weight, bias, target = step["weight"], step["bias"] is not None, self._target(step, Point())
        if not signal.space.domain.axes:
            return self._weighed(step, L.Dense(signal.space, target, bias=bias), weight, signal)
        if not signal.flat:
            raise TaskError(f"{step.name}, a linear map along the last axis", "one of channels, behind a flatten", MEND)
        size = self.sizes[step.takes[0]]
        weight = weight.unflatten(1, (-1, *size))
        if self.pooled:
            self.mended.append(
                f"flatten: {step.name} takes the mean over all places, and its weights the sum over them"
            )
            pool = L.DomainPool(signal.space, "mean")
            mean = Stream(pool.target, signal.bundles, _through([pool], signal.values))
            summed = weight.flatten(2).sum(2)
            return [pool, *self._weighed(step, L.Dense(pool.target, target, bias=bias), summed, mean)]
        here = tuple(signal.values.shape[2:])
        around = [((n - m) // 2, n - m - (n - m) // 2) for n, m in zip(here, size, strict=True)]
        weight = F.pad(weight, [k for pair in reversed(around) for k in pair])  # a border mended leaves more places
        return self._weighed(step, L.LatticeToPoint(signal.space, target, here, bias=bias), weight, signal)

    def _norm(self, step: Step, signal: Stream) -> list[Layer]:
        given = step["module"]
        if not signal.space.rho.is_permutation:
            what = f"{step.name} of {signal.space.rho}, which the group does not permute"
            raise TaskError(what, "a norm of channels that it does", MEND)
        if signal.flat:
            raise TaskError(f"{step.name}, a norm behind a flatten", "one of channels, before it", MEND)
        momentum = 0.1 if given.momentum is None else given.momentum
        layer = L.FieldBatchNorm(signal.space, momentum, given.eps).to(signal.values)
        columns = self._columns(signal.bundles, step.takes[0])[0]
        known = {"weight": given.weight, "bias": given.bias}
        known |= {"running_mean": given.running_mean, "running_var": given.running_var}
        for name, values in known.items():
            if values is None:
                continue
            runs = split_fields(values.detach()[columns][None], layer.kinds)
            for norm, run in zip(layer.norms, runs, strict=True):
                with torch.no_grad():
                    getattr(norm, name).copy_(run[0].flatten(1).mean(1))
        if self._changed:  # what comes in is not what it was
            self._recounted(layer, signal, self.answers[step.name][:, columns])
        return [layer.eval()]

    def _recounted(self, layer: L.FieldBatchNorm, signal: Stream, answers: Tensor) -> None:
        """Statistics counted anew, and scales and shifts by which each field comes out as it did behind the step: with
        the mean and the variance of these `answers`."""
        comes, goes = (L.FieldBatchNorm(signal.space, 1.0).to(signal.values) for _ in range(2))
        comes(signal.values)
        goes(answers)
        with torch.no_grad():
            norms: Any = zip(layer.norms, comes.norms, goes.norms, strict=True)
            for norm, before, after in norms:
                norm.running_mean.copy_(before.running_mean)
                norm.running_var.copy_(before.running_var)
                size = after.running_var.sqrt()
                norm.weight.copy_(torch.where(norm.weight < 0, -size, size))
                norm.bias.copy_(after.running_mean)

    def _whole(self, step: Step, signal: Stream) -> list[Layer]:
        axes = signal.space.domain.axes
        if step["axes"] not in (None, axes):
            raise TaskError(
                f"{step.name} over {step['axes']} of {axes} axes", "a mean or maximum over all places", MEND
            )
        return [L.DomainPool(signal.space, step["method"])]

    def _pool(self, step: Step, signal: Stream) -> list[Layer]:
        if not step["same"]:
            self.mended.append(f"stride: {step.name} takes pairs of sites, symmetrically about the centre")
        return [L.LatticePool(signal.space, step["method"], step["halvings"])]

    def _up(self, step: Step, signal: Stream) -> list[Layer]:
        domain = signal.space.domain
        level = getattr(domain, "level", 0) - step["halvings"]
        finest = self.task.domain
        if not isinstance(finest, Lattice) or level < finest.level:
            raise TaskError(f"{step.name} beyond the size of the input", "what brings back to it", MEND)
        if not step["linear"]:
            self._interpolated(step)
        for _ in range(level - finest.level):
            finest = finest.coarser()
        return [L.LatticeUpsample(signal.space, Space(finest, signal.space.rho))]

    # ---- weights ---------------------------------------------------------------------------------------------------
    @property
    def _changed(self) -> bool:
        return bool(self.mended) or any(lost > KEPT for lost in self.lost.values())

    def _target(self, step: Step, domain: Domain) -> Space:
        (bundle,) = self.channels.bundles_at(step.name)
        return Space(domain, self.fields[bundle].rho)

    def _columns(self, bundles: Sequence[str], node: str) -> tuple[Tensor, Tensor]:
        """Which channels, as the step before left them at `node`, stand in bundles as they are now; the share of its
        channel that each is, nothing at free places."""
        start, first = dict[str, int](), 0
        for bundle in self.channels.bundles_at(node):
            if bundle in start:
                raise TaskError(f"{node}, in which the same channels stand twice", "each once", MEND)
            start[bundle] = first
            first += 1 + max(self.fields[bundle].order)
        columns = [start[bundle] + j for bundle in bundles for j in self.fields[bundle].order]
        there = np.array([i not in self.fields[b].free for b in bundles for i in range(len(self.fields[b].order))])
        often = np.bincount(columns, weights=there, minlength=first)
        return torch.tensor(columns), torch.tensor(there / often[columns])

    def _weighed(self, step: Step, layer: Any, weight: Tensor, signal: Stream) -> list[Layer]:
        """The layer with the nearest weights; where those before have lost something, by what the step answers."""
        layer = layer.to(weight).eval()
        columns, shares = self._columns(signal.bundles, step.takes[0])
        (bundle,) = self.channels.bundles_at(step.name)
        filled = self.fields[bundle].filled
        rows = torch.tensor(self.fields[bundle].order)[filled]
        wanted = weight[rows][:, columns] * shares.to(weight).reshape(-1, *(1,) * (weight.dim() - 2))
        self.lost[step.name] = set_nearest(lambda: layer.weight()[filled], list(layer.kernel.parameters()), wanted)
        if layer.bias is not None:
            bias = layer.bias
            set_nearest(lambda: bias()[filled], list(bias.parameters()), step["bias"][rows])
        if self._changed:
            self._follow(layer, signal.values, self.answers[step.name][:, rows], filled)
        return [layer]

    def _follow(self, layer: Layer, values: Tensor, answers: Tensor, filled: list[int]) -> None:
        """The layer's weights so that at these channels it answers nearly as the step did, where both answer at the
        same places."""
        around = [(n - m) // 2 for n, m in zip(_through([layer], values).shape[2:], answers.shape[2:], strict=True)]
        if any(n < 0 for n in around):
            return
        inside = (slice(None), filled, *(slice(n, n + m) for n, m in zip(around, answers.shape[2:], strict=True)))
        weights = list(layer.parameters())
        set_nearest(lambda: layer(values)[inside], weights, answers, steps=STEPS, onwards=True)


def _through(layers: Sequence[Layer], values: Tensor) -> Tensor:
    with torch.no_grad():
        for layer in layers:
            values = layer.eval()(values)
        return values


def fixed(rho: Any) -> Fields:
    """Channels that are told how to move."""
    return Fields(rho, tuple(range(rho.dim)), 1.0, True)
