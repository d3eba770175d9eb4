"""How the group moves the inner channels of a trained network: asked on examples and on their images."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, fx

from erlangen.repairing.channels import Channels
from erlangen.repairing.matching import Fields, correlation, fields_of
from erlangen.repairing.steps import Steps
from erlangen.signal import Space

ASKED = 64  # examples on which channels are compared
FOLLOWED, MOST = 256, 1 << 26  # those whose answers weights are to follow, and numbers in all of these


class _Recorder(fx.Interpreter):
    """Keeps what some nodes answer."""

    def __init__(self, graph: fx.GraphModule, wanted: set[str]):
        super().__init__(graph)
        self.wanted, self.kept = wanted, dict[str, Tensor]()

    def run_node(self, n: fx.Node) -> Tensor:
        made = super().run_node(n)
        if n.name in self.wanted:
            self.kept[n.name] = made.clone()
        return made


def answers_at(found: Steps, x: Tensor, nodes: set[str]) -> dict[str, Tensor]:
    """What these nodes answer to x, in eval mode."""
    recorder = _Recorder(found.graph.eval(), nodes)
    with torch.no_grad():
        recorder.run(x)
    return recorder.kept


def linear_answers(found: Steps, x: Tensor) -> dict[str, Tensor]:
    """What every linear step and every norm answers to x."""
    kinds = ("convolution", "dense", "norm")
    return answers_at(found, x, {name for name, step in found.steps.items() if step.kind in kinds})


def sizes_at(found: Steps, x: Tensor) -> dict[str, tuple[int, ...]]:
    """How many sites along each axis there are at every step; behind a flatten those before it."""
    shapes = {name: tuple(y.shape[2:]) for name, y in answers_at(found, x[:1], {found.start, *found.steps}).items()}
    sizes = {found.start: shapes[found.start]}
    for name, step in found.steps.items():
        joined = step.kind in ("flatten", "function", "same") and not shapes[name]
        sizes[name] = sizes[step.takes[0]] if joined else shapes[name]
    return sizes


def enough(found: Steps, x: Tensor) -> Tensor:
    """So many of the examples that what linear steps answer to them fits into memory; two at least."""
    one = sum(values.numel() for values in linear_answers(found, x[:1]).values())
    return x[: max(2, min(FOLLOWED, MOST // max(1, one)))]


def inner_fields(
    found: Steps, channels: Channels, source: Space, x: Tensor, known: Mapping[str, Fields], width: int = 1
) -> dict[str, Fields]:
    """Fields of every bundle of channels: those that are known, else what fits h(g·x) on examples best."""
    shown = {bundle: node for bundle, node in _shown(found, channels, x).items() if bundle not in known}
    nodes, x, domain, group = set(shown.values()), x[:ASKED], source.domain, source.group
    still = answers_at(found, x, nodes)
    correlated: dict[str, list[np.ndarray]] = {node: [] for node in nodes}
    for g in group.elements:  # one after the other: what all layers answer may be much
        moved = answers_at(found, source.act(g, x), nodes)
        for node, there in moved.items():
            here = domain.act(g, still[node]) if still[node].dim() > 2 else still[node]
            correlated[node].append(correlation(there, here))
    made = {bundle: fields_of(group, np.stack(correlated[node]), width) for bundle, node in shown.items()}
    return {**made, **known}


def _shown(found: Steps, channels: Channels, x: Tensor) -> dict[str, str]:
    """Of each bundle the last node that has it alone before a function makes some of it constant, of the most axes."""
    made_by = ("convolution", "dense", "norm", "add")
    alone = {name for name, step in found.steps.items() if step.kind in made_by and len(channels.at[name]) == 1}
    axes = {name: values.dim() for name, values in answers_at(found, x[:1], alone).items()}
    made: dict[str, str] = {}
    for name in found.steps:
        if name in alone:
            bundle = channels.bundles_at(name)[0]
            if bundle not in made or axes[name] >= axes[made[bundle]]:
                made[bundle] = name
    return made
